import type { Tx } from '@musubi/kernel/db/sql.ts';

export type Kind = 'signature' | 'user-authentication';
export const kinds: readonly Kind[] = ['signature', 'user-authentication'];

/** Waits for its turn: two cards for one person at once would leave both standing. */
export async function lockCode(tx: Tx, residentRecordCode: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('jpki.card ' || ${residentRecordCode}, 0))`;
}

/** The holder of a code; entered at the first card. Call after `lockCode`. */
export async function holderOf(
  tx: Tx,
  residentRecordCode: string,
  newId: string,
): Promise<{ readonly holderId: string; readonly isNew: boolean }> {
  const inserted = await tx`
    insert into jpki.holder (holder_id, resident_record_code, event_id) values (${newId}, ${residentRecordCode}, ${tx.eventId})
    on conflict (resident_record_code) do nothing returning 1`;
  const [row] = await tx<{ holderId: string }>`
    select holder_id as "holderId" from jpki.holder where resident_record_code = ${residentRecordCode}`;
  return { holderId: row!.holderId, isNew: inserted.length === 1 };
}

export interface CertificateRow {
  readonly serial: string;
  readonly kind: Kind;
  readonly cardNumber: string;
  readonly holderId: string;
  readonly fingerprint: string;
  readonly validFrom: Temporal.Instant;
  readonly validUntil: Temporal.Instant;
}

export async function insertCertificate(tx: Tx, row: CertificateRow): Promise<void> {
  await tx`
    insert into jpki.card_certificate
      (serial, kind, card_number, holder_id, fingerprint, valid_from, valid_until, event_id)
    values (${row.serial}, ${row.kind}, ${row.cardNumber}, ${row.holderId}, ${row.fingerprint}, ${row.validFrom},
      ${row.validUntil}, ${tx.eventId})`;
}

/** Ends certificates of a holder or of a card that still stand; gives how many. */
export async function revokeStanding(
  tx: Tx,
  which: { readonly holderId: string } | { readonly cardNumber: string },
  reason: string,
  at: Temporal.Instant,
): Promise<number> {
  const holderId = 'holderId' in which ? which.holderId : null;
  const cardNumber = 'cardNumber' in which ? which.cardNumber : null;
  const rows = await tx`
    insert into jpki.revocation (serial, reason, revoked_at, event_id)
    select serial, ${reason}, ${at}::timestamptz, ${tx.eventId}::uuid from jpki.card_certificate
     where (holder_id = ${holderId}::uuid or card_number = ${cardNumber}::uuid)
    on conflict (serial) do nothing returning 1`;
  return rows.length;
}

export async function findCard(tx: Tx, cardNumber: string): Promise<{ readonly holderId: string } | undefined> {
  const [row] = await tx<{ holderId: string }>`
    select holder_id as "holderId" from jpki.card_certificate where card_number = ${cardNumber} limit 1`;
  return row;
}

export interface StandingCertificate {
  readonly serial: string;
  readonly holderId: string;
  readonly residentRecordCode: string;
  readonly revoked: boolean;
  readonly validNow: boolean;
}

export async function findByFingerprint(
  tx: Tx,
  fingerprint: string,
  at: Temporal.Instant,
): Promise<StandingCertificate | undefined> {
  const [row] = await tx<StandingCertificate>`
    select c.serial, c.holder_id as "holderId", h.resident_record_code as "residentRecordCode",
           exists (select 1 from jpki.revocation r where r.serial = c.serial) as revoked,
           ${at} between c.valid_from and c.valid_until as "validNow"
      from jpki.card_certificate c join jpki.holder h using (holder_id)
     where c.fingerprint = ${fingerprint} and c.kind = 'user-authentication'`;
  return row;
}

export async function stateOf(tx: Tx, kind: Kind, serial: string): Promise<'good' | 'revoked' | 'unknown'> {
  const [row] = await tx<{ revoked: boolean }>`
    select exists (select 1 from jpki.revocation r where r.serial = c.serial) as revoked
      from jpki.card_certificate c where c.serial = ${serial} and c.kind = ${kind}`;
  if (row === undefined) return 'unknown';
  return row.revoked ? 'revoked' : 'good';
}
