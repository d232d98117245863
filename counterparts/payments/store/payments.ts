import type { Tx } from '@musubi/kernel/db/sql.ts';

/** One body's till of a channel: taking money and closing a day wait for each other. */
export async function lockTill(tx: Tx, till: { bodyCode: string; channel: string }): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`payments till ${till.bodyCode} ${till.channel}`}, 0))`;
}

export interface PaymentRow {
  readonly paymentId: string;
  readonly bodyCode: string;
  readonly channel: string;
  readonly key: string;
  readonly second: string;
  readonly amountYen: number;
  readonly paidOn: string;
  readonly confirmOn: string;
}
export async function findPayment(
  tx: Tx,
  paymentId: string,
): Promise<(PaymentRow & { readonly requestHash: Uint8Array; readonly cancelledOn: string | null }) | undefined> {
  const [row] = await tx<PaymentRow & { requestHash: Uint8Array; cancelledOn: string | null }>`
    select p.payment_id as "paymentId", p.request_hash as "requestHash", p.body_code as "bodyCode", p.channel, p.key, p.second,
           p.amount_yen as "amountYen", p.paid_on::text as "paidOn", p.confirm_on::text as "confirmOn",
           c.cancelled_on::text as "cancelledOn"
      from payments.payment p left join payments.cancellation c using (payment_id) where p.payment_id = ${paymentId}`;
  return row;
}
export async function insertPayment(tx: Tx, p: PaymentRow & { readonly requestHash: Uint8Array }): Promise<void> {
  await tx`
    insert into payments.payment (payment_id, request_hash, body_code, channel, key, second, amount_yen, paid_on, confirm_on, event_id)
    values (${p.paymentId}, ${p.requestHash}, ${p.bodyCode}, ${p.channel}, ${p.key}, ${p.second}, ${p.amountYen}, ${p.paidOn}::date,
      ${p.confirmOn}::date, ${tx.eventId})`;
}
export async function insertCancellation(tx: Tx, paymentId: string, on: string): Promise<void> {
  await tx`
    insert into payments.cancellation (payment_id, cancelled_on, event_id) values (${paymentId}, ${on}::date, ${tx.eventId})`;
}

/** What a till did from `since` to `until`: taken, confirmed, given back; in the order in which it happened. */
export interface TillEvent extends PaymentRow {
  readonly what: 'preliminary' | 'final' | 'cancellation';
}
export async function eventsOfTill(
  tx: Tx,
  q: { bodyCode: string; channel: string; since: string; until: string; staged: boolean },
): Promise<readonly TillEvent[]> {
  return tx<TillEvent>`
    select e.what, e.payment_id as "paymentId", e.body_code as "bodyCode", e.channel, e.key, e.second, e.amount_yen as "amountYen",
           e.paid_on::text as "paidOn", e.confirm_on::text as "confirmOn"
      from (select 'preliminary' as what, p.* from payments.payment p
             where ${q.staged}::boolean and p.paid_on between ${q.since}::date and ${q.until}::date
            union all
            select 'cancellation', p.* from payments.payment p join payments.cancellation c using (payment_id)
             where c.cancelled_on between ${q.since}::date and ${q.until}::date
            union all
            select 'final', p.* from payments.payment p
             where p.confirm_on between ${q.since}::date and ${q.until}::date
               and not exists (select from payments.cancellation c where c.payment_id = p.payment_id)) as e
     where e.body_code = ${q.bodyCode} and e.channel = ${q.channel}
     order by e.paid_on, e.payment_id, case e.what when 'preliminary' then 1 when 'cancellation' then 2 else 3 end`;
}
