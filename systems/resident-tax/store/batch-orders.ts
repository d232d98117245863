import type { Tx } from '@musubi/kernel/db/sql.ts';

export type OrderKind = 'assessment' | 'reassessment' | 'notices' | 'special-notices';

/** Wakes the loop that carries orders out. */
export const orderChannel = 'resident_tax_order';

export interface BatchOrder {
  readonly orderId: string;
  readonly kind: OrderKind;
  readonly fiscalYear: number;
  readonly orderedBy: string;
  readonly orderedAt: string;
  /** The run that carries it out, once it has begun. */
  readonly runId: string | null;
  readonly state: 'queued' | 'running' | 'stopped' | 'failed' | 'blocked' | 'done';
  readonly why: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** One order of a kind and year at a time. */
export async function lockOrders(tx: Tx, kind: OrderKind, fiscalYear: number): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax order ${kind} ${fiscalYear}`}, 0))`;
}

export async function insertOrder(
  tx: Tx,
  order: Pick<BatchOrder, 'orderId' | 'kind' | 'fiscalYear' | 'orderedBy'> & { readonly orderedAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into resident_tax.batch_order (order_id, kind, fiscal_year, ordered_by, ordered_at, event_id)
    values (${order.orderId}, ${order.kind}, ${order.fiscalYear}, ${order.orderedBy}, ${order.orderedAt}, ${tx.eventId})`;
  await tx`select pg_notify(${orderChannel}, '')`;
}

export async function insertResumption(
  tx: Tx,
  resumption: { readonly orderId: string; readonly resumedBy: string; readonly resumedAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into resident_tax.batch_order_resumed (order_id, resumed_at, resumed_by, event_id)
    values (${resumption.orderId}, ${resumption.resumedAt}, ${resumption.resumedBy}, ${tx.eventId})`;
  await tx`select pg_notify(${orderChannel}, '')`;
}

/** The latest first; of one order or of a kind. */
export async function listOrders(
  tx: Tx,
  where: {
    readonly orderId?: string;
    readonly kind?: OrderKind;
    readonly fiscalYear?: number;
    readonly limit?: number;
  },
): Promise<BatchOrder[]> {
  return tx<BatchOrder>`
    select o.order_id as "orderId", o.kind, o.fiscal_year as "fiscalYear", o.ordered_by as "orderedBy",
           o.ordered_at::text as "orderedAt", r.run_id as "runId", coalesce(r.state, 'queued') as state, r.why,
           r.started_at::text as "startedAt", r.ended_at::text as "endedAt"
      from resident_tax.batch_order o
      left join jobs.run r on r.params ->> 'orderId' = o.order_id::text
     where (${where.orderId ?? null}::uuid is null or o.order_id = ${where.orderId ?? null})
       and (${where.kind ?? null}::text is null or o.kind = ${where.kind ?? null})
       and (${where.fiscalYear ?? null}::int is null or o.fiscal_year = ${where.fiscalYear ?? null})
     order by o.ordered_at desc, o.order_id desc limit ${where.limit ?? 50}`;
}

/** What the loop has to work on: not begun, left by a dead worker, or taken up again by somebody. The oldest first. */
export async function ordersToWork(tx: Tx): Promise<Pick<BatchOrder, 'orderId' | 'kind' | 'fiscalYear'>[]> {
  return tx<Pick<BatchOrder, 'orderId' | 'kind' | 'fiscalYear'>>`
    select o.order_id as "orderId", o.kind, o.fiscal_year as "fiscalYear"
      from resident_tax.batch_order o
      left join jobs.run r on r.params ->> 'orderId' = o.order_id::text
     where r.run_id is null or r.state in ('queued', 'running')
        or (r.state in ('stopped', 'failed', 'blocked') and exists (
             select 1 from resident_tax.batch_order_resumed m where m.order_id = o.order_id and m.resumed_at >= r.ended_at))
     order by o.ordered_at, o.order_id`;
}

/** The next items of an order after `after`, in its fixed order. */
export async function itemsAfter(
  tx: Tx,
  orderId: string,
  after: number,
  limit: number,
): Promise<{ readonly ord: number; readonly itemId: string }[]> {
  return tx<{ ord: number; itemId: string }>`
    select ord, item_id as "itemId" from resident_tax.batch_order_item
     where order_id = ${orderId} and ord > ${after} order by ord limit ${limit}`;
}
