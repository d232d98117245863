import type { Tx } from '../db/sql.ts';
import type { FinalOutcome } from './envelope.ts';

export interface StreamKey {
  readonly receiver: string;
  readonly family: string;
}

export interface OutboundRow {
  readonly class: 'single' | 'bulk';
  readonly nextNumber: number;
  readonly leaseHolder: string | null;
  readonly leaseUntil: string | null;
  readonly notBefore: string | null;
  readonly tries: number;
  readonly isolate: number;
}

export interface NumberedRow {
  readonly messageId: string;
  readonly number: number;
  readonly payloadRef: string;
  readonly digest: Buffer;
  readonly state: 'numbered' | 'parking';
  readonly tries: number;
}

/** Waits for its turn on the stream. "No key update": an act that enqueues meanwhile is not held up. */
export async function lockOutbound(tx: Tx, { receiver, family }: StreamKey): Promise<OutboundRow | undefined> {
  const rows = await tx<OutboundRow>`
    select class, next_number as "nextNumber", lease_holder as "leaseHolder", lease_until as "leaseUntil",
           not_before as "notBefore", tries, isolate
      from streams.outbound where receiver = ${receiver} and family = ${family}
       for no key update`;
  return rows[0];
}

export async function takeLease(tx: Tx, key: StreamKey, holder: string, until: Temporal.Instant): Promise<void> {
  await tx`update streams.outbound set lease_holder = ${holder}, lease_until = ${until}
    where receiver = ${key.receiver} and family = ${key.family}`;
}

export async function releaseLease(tx: Tx, key: StreamKey, holder: string): Promise<void> {
  await tx`update streams.outbound set lease_holder = null, lease_until = null
    where receiver = ${key.receiver} and family = ${key.family} and lease_holder = ${holder}`;
}

/**
 * Gives the next gap-free numbers to committed messages that have none, in the order in which they entered. Call after
 * `lockOutbound`: what commits late with an earlier `entered` simply comes with the next call, so none is missed.
 */
export async function numberWaiting(tx: Tx, key: StreamKey, nextNumber: number, limit: number): Promise<number> {
  const rows = await tx`
    with waiting as (
      select message_id, row_number() over (order by entered) - 1 as k
        from (select message_id, entered from streams.outgoing
               where receiver = ${key.receiver} and family = ${key.family} and state = 'waiting'
               order by entered limit ${limit}) w)
    update streams.outgoing o set number = ${nextNumber}::bigint + waiting.k, state = 'numbered'
      from waiting where o.message_id = waiting.message_id
    returning 1`;
  if (rows.length > 0) {
    await tx`update streams.outbound set next_number = next_number + ${rows.length}
      where receiver = ${key.receiver} and family = ${key.family}`;
  }
  return rows.length;
}

export async function countOpen(tx: Tx, key: StreamKey): Promise<number> {
  const rows = await tx<{ n: number }>`select count(*)::int as n from streams.outgoing
    where receiver = ${key.receiver} and family = ${key.family} and state in ('numbered', 'parking')`;
  return rows[0]!.n;
}

export async function openMessages(tx: Tx, key: StreamKey, limit: number): Promise<NumberedRow[]> {
  return tx<NumberedRow>`
    select message_id as "messageId", number, payload_ref as "payloadRef", digest, state, tries
      from streams.outgoing
     where receiver = ${key.receiver} and family = ${key.family} and state in ('numbered', 'parking')
     order by number limit ${limit}`;
}

/** Final outcomes; a number that is settled already stays as it is, so that an answer may come twice. */
export async function settle(
  tx: Tx,
  key: StreamKey,
  outcomes: readonly FinalOutcome[],
  at: Temporal.Instant,
): Promise<number> {
  if (outcomes.length === 0) return 0;
  const rows = await tx`
    update streams.outgoing o set state = s.outcome, word = s.word, settled_at = ${at}
      from unnest(${outcomes.map((o) => o.number)}::bigint[], ${outcomes.map((o) => o.outcome)}::text[],
                  ${outcomes.map((o) => o.word ?? null)}::text[]) as s (number, outcome, word)
     where o.receiver = ${key.receiver} and o.family = ${key.family} and o.number = s.number
       and o.state in ('numbered', 'parking')
    returning 1`;
  return rows.length;
}

export async function countTry(tx: Tx, messageId: string): Promise<number> {
  const rows = await tx<{ tries: number }>`update streams.outgoing set tries = tries + 1
    where message_id = ${messageId} returning tries`;
  return rows[0]!.tries;
}

export async function setParking(tx: Tx, messageId: string, parking: boolean): Promise<void> {
  await tx`update streams.outgoing set state = ${parking ? 'parking' : 'numbered'}, tries = 0
    where message_id = ${messageId} and state in ('numbered', 'parking')`;
}

/**
 * The receiver was set back (restored from a backup) and awaits `from`: what was settled from there on is sent again.
 * A number that was parked stays parked.
 */
export async function reopen(tx: Tx, key: StreamKey, from: number, below: number): Promise<number> {
  const rows = await tx`
    update streams.outgoing
       set state = case when state = 'parked' then 'parking' else 'numbered' end, settled_at = null, word = null
     where receiver = ${key.receiver} and family = ${key.family} and number >= ${from} and number < ${below}
       and state in ('applied', 'refused', 'parked')
    returning 1`;
  return rows.length;
}

/** Back-off for this stream alone; `tries` counts failures in a row. */
export async function holdStream(
  tx: Tx,
  key: StreamKey,
  hold: {
    readonly notBefore: Temporal.Instant;
    readonly because: string;
    readonly tries: number;
    readonly isolate?: number;
  },
): Promise<void> {
  await tx`update streams.outbound set not_before = ${hold.notBefore}, held_because = ${hold.because},
      tries = ${hold.tries}, isolate = coalesce(${hold.isolate ?? null}, isolate)
    where receiver = ${key.receiver} and family = ${key.family}`;
}

export async function clearHold(tx: Tx, key: StreamKey, settled: number): Promise<void> {
  await tx`update streams.outbound set not_before = null, held_because = null, tries = 0,
      isolate = greatest(isolate - ${settled}, 0)
    where receiver = ${key.receiver} and family = ${key.family}`;
}
