import { json, type Tx } from '../db/sql.ts';
import type { AlertCode, Queue, Runs } from './state.ts';

/** Arrivals of a stream that its times are taken from. */
const newest = 10_000;

/** Every outgoing stream with what waits and what failed; with `from` also what arrived since, among the newest 10,000. */
export async function readQueues(tx: Tx, now: Temporal.Instant, from: Temporal.Instant | null): Promise<Queue[]> {
  return tx<Queue>`
    select s.receiver, s.family, s.tries, s.held_because as "heldBecause", coalesce(w.waiting, 0) as waiting,
           w.oldest as "oldestSeconds", coalesce(a.arrived, 0) as arrived, coalesce(f.failed, 0) as failed,
           a.p50 as "p50Seconds", a.p99 as "p99Seconds"
      from streams.outbound s
           left join lateral (select count(*) as waiting, extract(epoch from ${now}::timestamptz - min(o.entered_at))::float8 as oldest
                                from streams.outgoing o
                               where o.receiver = s.receiver and o.family = s.family
                                 and (o.state = 'waiting' or o.state in ('numbered', 'parking'))) w on true
           left join lateral (select count(*) as arrived,
                     percentile_cont(0.5) within group (order by extract(epoch from o.settled_at - o.entered_at))::float8 as p50,
                     percentile_cont(0.99) within group (order by extract(epoch from o.settled_at - o.entered_at))::float8 as p99
                                from (select n.entered_at, n.settled_at, n.state from streams.outgoing n
                                       where n.receiver = s.receiver and n.family = s.family and n.number is not null
                                         and ${from}::timestamptz is not null
                                       order by n.number desc limit ${newest}) o
                               where o.state = 'applied' and o.settled_at >= ${from}::timestamptz) a on true
           left join lateral (select count(*) as failed from streams.outgoing o
                               where o.receiver = s.receiver and o.family = s.family and o.state in ('refused', 'parked')
                                 and not exists (select 1 from streams.resolution r where r.message_id = o.message_id)) f on true
     order by s.receiver, s.family`;
}

/** Batch runs by name: what ended since `from`, what runs, what failed since `failedFrom` and stands so. */
export async function readRuns(
  tx: Tx,
  since: {
    readonly from: Temporal.Instant;
    readonly failedFrom: Temporal.Instant;
    readonly silentFrom: Temporal.Instant;
  },
): Promise<Runs[]> {
  const { from, failedFrom, silentFrom } = since;
  return tx<Runs>`
    select r.name, count(*) filter (where r.state in ('queued', 'running')) as running,
           count(*) filter (where r.state = 'done') as done, count(*) filter (where r.state in ('failed', 'blocked')) as failed,
           count(*) filter (where r.state = 'running' and coalesce(l.until, r.started_at) < ${silentFrom}::timestamptz) as stalled,
           coalesce(sum(s.rejected), 0) as rejected
      from jobs.run r
           left join jobs.lease l on l.run_id = r.run_id
           left join lateral (select sum(rejected_count) as rejected from jobs.step where run_id = r.run_id) s on true
     where r.state in ('queued', 'running') or (r.state = 'done' and r.ended_at >= ${from}::timestamptz)
        or (r.state in ('failed', 'blocked') and r.ended_at >= ${failedFrom}::timestamptz)
     group by r.name order by r.name`;
}

export interface AlertRow {
  readonly alertId: string;
  readonly code: AlertCode;
  readonly about: string;
  readonly detail: Readonly<Record<string, number>>;
  readonly openedAt: string;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
  readonly note: string | null;
  readonly escalatedTo: string | null;
  readonly escalatedAt: string | null;
  readonly closedAt: string | null;
}

/** Open ones first, the escalated before the others; then the newest. */
export async function alerts(tx: Tx, query: { open?: boolean; alertId?: string; limit: number }): Promise<AlertRow[]> {
  const { open = false, alertId = null, limit } = query;
  return tx<AlertRow>`
    select a.alert_id as "alertId", a.code, a.about, a.detail, to_json(a.opened_at)#>>'{}' as "openedAt",
           k.step_by as "acknowledgedBy", to_json(k.step_at)#>>'{}' as "acknowledgedAt", k.note,
           e.step_by as "escalatedTo", to_json(e.step_at)#>>'{}' as "escalatedAt", to_json(c.step_at)#>>'{}' as "closedAt"
      from operations.alert a
           left join operations.alert_step k on k.alert_id = a.alert_id and k.step = 'acknowledged'
           left join operations.alert_step e on e.alert_id = a.alert_id and e.step = 'escalated'
           left join operations.alert_step c on c.alert_id = a.alert_id and c.step = 'closed'
     where (not ${open} or c.alert_id is null) and (${alertId}::uuid is null or a.alert_id = ${alertId}::uuid)
     order by (c.alert_id is null) desc, (e.alert_id is not null and k.alert_id is null) desc, a.opened_at desc
     limit ${limit}`;
}

/** One alarm at a time: two watchers must not open the same alert twice. */
export async function lockAlerts(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('operations alerts', 0))`;
}

export async function insertAlert(
  tx: Tx,
  row: {
    alertId: string;
    code: AlertCode;
    about: string;
    detail: Readonly<Record<string, number>>;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`insert into operations.alert (alert_id, code, about, detail, opened_at, event_id)
    values (${row.alertId}, ${row.code}, ${row.about}, ${json(row.detail)}, ${row.at}, ${tx.eventId})`;
}

/** False where the step was made before. */
export async function insertStep(
  tx: Tx,
  row: {
    alertId: string;
    step: 'acknowledged' | 'escalated' | 'closed';
    by: string;
    note: string | null;
    at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into operations.alert_step (alert_id, step, step_by, note, step_at, event_id)
    values (${row.alertId}, ${row.step}, ${row.by}, ${row.note}, ${row.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}
