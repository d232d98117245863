import { json, type Tx } from '../db/sql.ts';
import type { AlertCode, Queue } from './state.ts';

/** Every outgoing stream with what waits, and what arrived or failed since `from`. */
export async function readQueues(tx: Tx, from: Temporal.Instant, now: Temporal.Instant): Promise<Queue[]> {
  return tx<Queue>`
    select s.receiver, s.family, s.tries, s.held_because as "heldBecause", coalesce(w.waiting, 0) as waiting,
           w.oldest as "oldestSeconds", coalesce(a.arrived, 0) as arrived, coalesce(f.failed, 0) as failed,
           a.p50 as "p50Seconds", a.p99 as "p99Seconds"
      from streams.outbound s
           left join lateral (select count(*) as waiting, extract(epoch from ${now}::timestamptz - min(o.entered_at))::float8 as oldest
                                from streams.outgoing o
                               where o.receiver = s.receiver and o.family = s.family
                                 and o.state in ('waiting', 'numbered', 'parking')) w on true
           left join lateral (select count(*) as arrived,
                     percentile_cont(0.5) within group (order by extract(epoch from o.settled_at - o.entered_at))::float8 as p50,
                     percentile_cont(0.99) within group (order by extract(epoch from o.settled_at - o.entered_at))::float8 as p99
                                from streams.outgoing o
                               where o.receiver = s.receiver and o.family = s.family and o.state = 'applied'
                                 and o.settled_at >= ${from}::timestamptz) a on true
           left join lateral (select count(*) as failed from streams.outgoing o
                               where o.receiver = s.receiver and o.family = s.family and o.state in ('refused', 'parked')
                                 and not exists (select 1 from streams.resolution r where r.message_id = o.message_id)) f on true
     order by s.receiver, s.family`;
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
