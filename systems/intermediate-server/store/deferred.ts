import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { InsideAsker } from './inquiries.ts';

export interface DeferredAsk {
  readonly requestId: string;
  readonly asker: InsideAsker;
  readonly orgPersonNumber: string;
  readonly procedure: string;
  readonly informationCode: string;
  readonly items: string[];
  readonly condition: { readonly taxYear?: number | undefined; readonly asOf?: string | undefined };
  readonly provider: string;
}

export type DeferredState = 'waiting' | 'answered' | 'held' | 'refused';
export interface Deferred {
  readonly receptionNumber: number;
  readonly digest: Buffer;
  readonly expectedAt: string;
  readonly state: DeferredState;
}

/** False where the request was taken before. */
export async function insertDeferred(
  tx: Tx,
  a: DeferredAsk,
  digest: Buffer,
  at: Temporal.Instant,
  expectedAt: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    with taken as (
    insert into intermediate_server.deferred_inquiry
      (asking_system, request_id, request_digest, asker, org_person_number, procedure, information_code, items, condition, provider,
       deferred_at, expected_at, event_id)
    values (${a.asker.system}, ${a.requestId}, ${digest}, ${json(a.asker)}, ${a.orgPersonNumber}, ${a.procedure}, ${a.informationCode},
       ${a.items}, ${json(a.condition)}, ${a.provider}, ${at}, ${expectedAt}, ${tx.eventId})
       on conflict do nothing returning reception_no, provider, deferred_at)
    insert into intermediate_server.deferred_waiting (reception_no, provider, deferred_at)
    select reception_no, provider, deferred_at from taken returning 1`;
  return rows.length === 1;
}

export async function findDeferred(tx: Tx, system: string, requestId: string): Promise<Deferred | undefined> {
  const [row] = await tx<Deferred>`
    select d.reception_no as "receptionNumber", d.request_digest as digest, to_json(d.expected_at)#>>'{}' as "expectedAt",
           coalesce(e.outcome, 'waiting') as state
      from intermediate_server.deferred_inquiry as d left join intermediate_server.deferred_end as e using (reception_no)
     where d.asking_system = ${system} and d.request_id = ${requestId}`;
  return row;
}

/** The oldest first; those of a provider that just did not answer come after the others. */
export async function waitingDeferred(
  tx: Tx,
  limit: number,
  silent: readonly string[],
): Promise<(DeferredAsk & { readonly receptionNumber: number })[]> {
  return tx<DeferredAsk & { readonly receptionNumber: number }>`
    select reception_no as "receptionNumber", d.request_id as "requestId", d.asker, d.org_person_number as "orgPersonNumber", d.procedure,
           d.information_code as "informationCode", d.items, d.condition, d.provider
      from intermediate_server.deferred_waiting as w join intermediate_server.deferred_inquiry as d using (reception_no)
     where w.provider <> all (${[...silent]}::text[])
     order by reception_no limit ${limit}`;
}

export interface DeferredEnd {
  readonly receptionNumber: number;
  readonly outcome: Exclude<DeferredState, 'waiting'>;
  readonly refusal: string | null;
}

export async function insertDeferredEnds(tx: Tx, ends: readonly DeferredEnd[], at: Temporal.Instant): Promise<number> {
  await tx`delete from intermediate_server.deferred_waiting where reception_no = any (${ends.map((e) => e.receptionNumber)}::bigint[])`;
  const rows = await tx`
    insert into intermediate_server.deferred_end (reception_no, outcome, refusal, ended_at, event_id)
    select u.no, u.outcome, u.refusal, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${ends.map((e) => e.receptionNumber)}::bigint[], ${ends.map((e) => e.outcome)}::text[],
                  ${ends.map((e) => e.refusal)}::text[]) as u(no, outcome, refusal)
    on conflict do nothing returning 1`;
  return rows.length;
}

export interface DeferredCounts {
  readonly taken: number;
  readonly answered: number;
  readonly held: number;
  readonly refused: number;
  readonly waiting: number;
  /** When the oldest that waits was taken; null where none does. */
  readonly oldestAt: string | null;
}

/** How many wait now. */
export async function countWaiting(tx: Tx): Promise<number> {
  const [row] = await tx<{
    waiting: number;
  }>`select count(*)::int as waiting from intermediate_server.deferred_waiting`;
  return row!.waiting;
}

export async function deferredCounts(tx: Tx): Promise<DeferredCounts> {
  const [row] = await tx<DeferredCounts>`
    select count(*)::int as taken, (count(*) filter (where e.outcome = 'answered'))::int as answered,
           (count(*) filter (where e.outcome = 'held'))::int as held, (count(*) filter (where e.outcome = 'refused'))::int as refused,
           (select count(*)::int from intermediate_server.deferred_waiting) as waiting,
           (select to_json(min(w.deferred_at))#>>'{}' from intermediate_server.deferred_waiting as w) as "oldestAt"
      from intermediate_server.deferred_inquiry as d left join intermediate_server.deferred_end as e using (reception_no)`;
  return row!;
}
