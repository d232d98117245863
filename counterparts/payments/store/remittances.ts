import { json, type Tx } from '@musubi/kernel/db/sql.ts';

/** For whom a payment is, as the employer said. */
export interface Told {
  readonly paymentId: string;
  readonly bodyCode: string;
  readonly designationNumber: string;
  readonly month: string;
  readonly lines: readonly {
    readonly noticeNumber: string;
    readonly amount: number;
    readonly difference: 'left' | 'on-leave' | 'amount-changed' | 'not-our-employee' | 'other' | null;
  }[];
}
export async function insertRemittance(tx: Tx, t: Told): Promise<void> {
  await tx`
    insert into payments.remittance (payment_id, body_code, designation_number, month, lines, event_id)
    values (${t.paymentId}, ${t.bodyCode}, ${t.designationNumber}, ${t.month}, ${json(t.lines)}, ${tx.eventId})`;
}
/** Lists that no body has answered, the oldest first. */
export async function untold(tx: Tx, limit: number): Promise<readonly Told[]> {
  return tx<Told>`
    select r.payment_id as "paymentId", r.body_code as "bodyCode", r.designation_number as "designationNumber", r.month, r.lines
      from payments.remittance r join payments.payment p using (payment_id)
     where not exists (select from payments.remittance_told t where t.payment_id = r.payment_id)
     order by p.paid_on, r.payment_id limit ${limit}`;
}
export async function insertTold(
  tx: Tx,
  t: { paymentId: string; outcome: 'taken' | 'repeated' | 'refused'; on: string },
): Promise<void> {
  await tx`
    insert into payments.remittance_told (payment_id, outcome, told_on, event_id)
    values (${t.paymentId}, ${t.outcome}, ${t.on}::date, ${tx.eventId}) on conflict (payment_id) do nothing`;
}
