import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Succession {
  readonly requestId: string;
  readonly kind: 'code-changed' | 'merged' | 'undone';
  readonly endedCheck: Buffer;
  readonly successor: Buffer | null;
  readonly requestCheck: Buffer;
  readonly countsFrom: string;
  readonly at: Temporal.Instant;
}

/** Keeps a succession once; gives the digest of the request that stands under its id. */
export async function insertSuccession(
  tx: Tx,
  s: Succession,
): Promise<{ readonly isNew: boolean; readonly requestCheck: Buffer }> {
  const inserted = await tx`
    insert into linkage_root.succession (request_id, kind, ended_check, successor, request_check, counts_from, recorded_at, event_id)
    values (${s.requestId}, ${s.kind}, ${s.endedCheck}, ${s.successor}, ${s.requestCheck}, ${s.countsFrom}::date, ${s.at}, ${tx.eventId})
    on conflict (request_id) do nothing returning 1`;
  if (inserted.length === 1) return { isNew: true, requestCheck: s.requestCheck };
  const [standing] = await tx<{ requestCheck: Buffer }>`
    select request_check as "requestCheck" from linkage_root.succession where request_id = ${s.requestId}`;
  return { isNew: false, requestCheck: standing!.requestCheck };
}

/** The newest word on an ended root: its sealed successor, null where a merge was undone, undefined where there is none. */
export async function newestOf(tx: Tx, endedCheck: Buffer): Promise<Buffer | null | undefined> {
  const [row] = await tx<{ successor: Buffer | null }>`
    select successor from linkage_root.succession where ended_check = ${endedCheck} order by succession_no desc limit 1`;
  return row?.successor;
}

/** Successions come one after the other: two at once could make a circle. */
export const lockSuccessions = (tx: Tx): Promise<unknown> => tx`select pg_advisory_xact_lock(6962, 21)`;
