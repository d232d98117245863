import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Kind } from './cards.ts';

/** Lists of one kind are numbered without gaps; makers take turns. */
export async function nextListNumber(tx: Tx, kind: Kind): Promise<number> {
  await tx`select pg_advisory_xact_lock(hashtextextended('jpki.list ' || ${kind}, 0))`;
  const [row] = await tx<{ next: number }>`
    select coalesce(max(list_number), 0) + 1 as next from jpki.revocation_list where kind = ${kind}`;
  return row!.next;
}

const instant = (text: string): Temporal.Instant =>
  Temporal.Instant.from(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));

/** Revoked and not yet expired: what a list names. */
export async function revokedNow(
  tx: Tx,
  kind: Kind,
  at: Temporal.Instant,
): Promise<{ serial: string; at: Temporal.Instant }[]> {
  const rows = await tx<{ serial: string; revokedAt: string }>`
    select r.serial, r.revoked_at as "revokedAt" from jpki.revocation r join jpki.card_certificate c using (serial)
     where c.kind = ${kind} and c.valid_until >= ${at} order by r.revoked_at, r.serial`;
  return rows.map((row) => ({ serial: row.serial, at: instant(row.revokedAt) }));
}

export async function insertList(
  tx: Tx,
  list: { kind: Kind; number: number; der: Uint8Array; thisUpdate: Temporal.Instant; nextUpdate: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into jpki.revocation_list (kind, list_number, der, this_update, next_update, event_id)
    values (${list.kind}, ${list.number}, ${list.der}, ${list.thisUpdate}, ${list.nextUpdate}, ${tx.eventId})`;
}

export async function newestList(tx: Tx, kind: Kind): Promise<{ number: number; der: Buffer } | undefined> {
  const [row] = await tx<{ number: number; der: Buffer }>`
    select list_number as number, der from jpki.revocation_list where kind = ${kind} order by list_number desc limit 1`;
  return row;
}
