import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { InsideAsker } from './inquiries.ts';

type Value = string | number | boolean | null;

export interface Order {
  readonly orderId: string;
  readonly asker: InsideAsker;
  readonly procedure: string;
  readonly informationCode: string;
  readonly items: string[];
  readonly condition: { readonly taxYear?: number | undefined; readonly asOf?: string | undefined };
  readonly provider: string;
  readonly persons: number;
  readonly notBefore: string;
}

/** False where the order is there already; `digest` then tells whether it is the same. */
export async function insertOrder(tx: Tx, o: Order, digest: Buffer, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.inquiry_order
      (order_id, asking_system, asker, procedure, information_code, items, condition, provider, persons, not_before, digest,
       ordered_at, event_id)
    values (${o.orderId}, ${o.asker.system}, ${json(o.asker)}, ${o.procedure}, ${o.informationCode}, ${o.items}, ${json(o.condition)},
       ${o.provider}, ${o.persons}, ${o.notBefore}::date, ${digest}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export interface OrderStanding extends Order {
  readonly digest: Buffer;
  readonly rows: number;
  readonly done: number;
}

export async function findOrder(tx: Tx, orderId: string): Promise<OrderStanding | undefined> {
  const [row] = await tx<OrderStanding>`
    select order_id as "orderId", asker, procedure, information_code as "informationCode", items, condition, provider, persons,
           not_before::text as "notBefore", digest,
           (select count(*) from intermediate_server.inquiry_order_row as r where r.order_id = o.order_id) as rows,
           (select count(*) from intermediate_server.inquiry_order_outcome as d where d.order_id = o.order_id) as done
      from intermediate_server.inquiry_order as o where order_id = ${orderId}`;
  return row;
}

/** Gives the persons that stand in these rows afterwards, and how many were new. */
export async function insertOrderRows(
  tx: Tx,
  orderId: string,
  rows: readonly { readonly row: number; readonly person: string; readonly requestId: string }[],
): Promise<{ readonly isNew: number; readonly standing: readonly string[] }> {
  const inserted = await tx`
    insert into intermediate_server.inquiry_order_row (order_id, row, org_person_number, request_id, event_id)
    select ${orderId}::uuid, u.row, u.person, u.request, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.row)}::integer[], ${rows.map((r) => r.person)}::text[], ${rows.map((r) => r.requestId)}::uuid[])
           as u(row, person, request)
    on conflict (order_id, row) do nothing returning 1`;
  const standing = await tx<{ person: string }>`
    select org_person_number as person from intermediate_server.inquiry_order_row
     where order_id = ${orderId} and row = any (${rows.map((r) => r.row)}::integer[]) order by row`;
  return { isNew: inserted.length, standing: standing.map(({ person }) => person) };
}

/** Orders whose day has come, whose persons are all there, and that are not done; the oldest first. */
export async function dueOrders(tx: Tx, on: Temporal.PlainDate): Promise<string[]> {
  const rows = await tx<{ orderId: string }>`
    select order_id as "orderId" from intermediate_server.inquiry_order as o
     where not_before <= ${on}::date
       and (select count(*) from intermediate_server.inquiry_order_row as r where r.order_id = o.order_id) = o.persons
       and exists (select from intermediate_server.inquiry_order_row as r where r.order_id = o.order_id and not exists (
             select from intermediate_server.inquiry_order_outcome as d where d.order_id = r.order_id and d.row = r.row))
     order by ordered_at limit 20`;
  return rows.map(({ orderId }) => orderId);
}

export interface OpenRow {
  readonly row: number;
  readonly person: string;
  readonly requestId: string;
}

export async function openRows(tx: Tx, orderId: string, limit: number): Promise<OpenRow[]> {
  return tx<OpenRow>`
    select row, org_person_number as person,
           coalesce((select a.request_id from intermediate_server.inquiry_order_again as a
                      where a.order_id = r.order_id and a.row = r.row order by a.noted_at desc, a.request_id desc limit 1), request_id) as "requestId"
      from intermediate_server.inquiry_order_row as r
     where order_id = ${orderId} and not exists (
       select from intermediate_server.inquiry_order_outcome as d where d.order_id = r.order_id and d.row = r.row)
     order by row limit ${limit}`;
}

export interface Outcome {
  readonly row: number;
  readonly requestId: string;
  readonly inquiryNumber: string | null;
  readonly refusal: string | null;
}

/** Kept once; gives how many were new. The inquiry is found by its request where only the refusal is known. */
export async function insertOutcomes(
  tx: Tx,
  order: Pick<Order, 'orderId' | 'asker'>,
  outcomes: readonly Outcome[],
  at: Temporal.Instant,
): Promise<number> {
  const rows = await tx`
    insert into intermediate_server.inquiry_order_outcome (order_id, row, inquiry_number, refusal, noted_at, event_id)
    select ${order.orderId}::uuid, u.row, coalesce(u.number, i.inquiry_number), u.refusal, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${outcomes.map((o) => o.row)}::integer[], ${outcomes.map((o) => o.inquiryNumber)}::uuid[],
                  ${outcomes.map((o) => o.refusal)}::text[], ${outcomes.map((o) => o.requestId)}::uuid[]) as u(row, number, refusal, request)
      left join intermediate_server.inquiry as i on i.asking_system = ${order.asker.system} and i.request_id = u.request
    on conflict do nothing returning 1`;
  return rows.length;
}

/** Rows that are asked anew, each under a request id of its own. */
export async function insertAgain(
  tx: Tx,
  orderId: string,
  rows: readonly { readonly row: number; readonly requestId: string; readonly refusal: string }[],
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into intermediate_server.inquiry_order_again (order_id, row, request_id, refusal, noted_at, event_id)
    select ${orderId}::uuid, u.row, u.request, u.refusal, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.row)}::integer[], ${rows.map((r) => r.requestId)}::uuid[], ${rows.map((r) => r.refusal)}::text[])
           as u(row, request, refusal)`;
}

/** The word with which the inquiry of a request ended for good; undefined while it may still be answered. */
export async function endedAs(tx: Tx, askingSystem: string, requestId: string): Promise<string | undefined> {
  const [row] = await tx<{ refusal: string }>`
    select r.refusal from intermediate_server.inquiry as i join intermediate_server.inquiry_refused as r using (inquiry_number)
     where i.asking_system = ${askingSystem} and i.request_id = ${requestId}`;
  return row?.refusal;
}

export interface OrderResult {
  readonly row: number;
  readonly orgPersonNumber: string;
  readonly inquiryNumber: string | null;
  readonly result: string | null;
  readonly refusal: string | null;
  readonly validFrom: string | null;
  readonly items: Readonly<Record<string, Value>>;
}

/** As they stand now: what another body's clerk decided meanwhile is there. */
export async function resultsOf(tx: Tx, orderId: string, after: number, limit: number): Promise<OrderResult[]> {
  return tx<OrderResult>`
    select d.row, r.org_person_number as "orgPersonNumber", d.inquiry_number as "inquiryNumber",
           coalesce(x.result, case when h.inquiry_number is not null and f.refusal is null then '60' end) as result,
           case when x.result is null then coalesce(f.refusal, d.refusal) end as refusal,
           x.valid_from::text as "validFrom", coalesce(x.items, '{}'::jsonb) as items
      from intermediate_server.inquiry_order_outcome as d
      join intermediate_server.inquiry_order_row as r using (order_id, row)
      left join intermediate_server.inquiry_result as x on x.inquiry_number = d.inquiry_number
      left join intermediate_server.inquiry_refused as f on f.inquiry_number = d.inquiry_number
      left join intermediate_server.inquiry_held as h on h.inquiry_number = d.inquiry_number
     where d.order_id = ${orderId} and d.row > ${after} order by d.row limit ${limit}`;
}

export interface OrderLine {
  readonly orderId: string;
  readonly system: string;
  readonly procedure: string;
  readonly informationCode: string;
  readonly provider: string;
  readonly persons: number;
  readonly done: number;
  readonly refused: number;
  readonly notBefore: string;
  readonly orderedAt: string;
  readonly total: number;
}

/** For the clerk: counts only. */
export async function listOrders(tx: Tx, limit: number, offset: number): Promise<OrderLine[]> {
  return tx<OrderLine>`
    select order_id as "orderId", asking_system as system, procedure, information_code as "informationCode", provider, persons,
           not_before::text as "notBefore", ordered_at as "orderedAt", count(*) over () as total,
           (select count(*) from intermediate_server.inquiry_order_outcome as d where d.order_id = o.order_id) as done,
           (select count(*) from intermediate_server.inquiry_order_outcome as d
             where d.order_id = o.order_id and d.refusal is not null) as refused
      from intermediate_server.inquiry_order as o order by ordered_at desc limit ${limit} offset ${offset}`;
}
