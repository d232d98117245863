import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { PlannedLine, PlannedMonth } from '../domain/manners.ts';

type PayerMonth = { readonly municipality: string; readonly designationNumber: string; readonly month: string };

export async function plannedMonths(
  tx: Tx,
  of: { readonly municipality: string; readonly designationNumber: string },
): Promise<ReadonlySet<string>> {
  const rows = await tx<{ month: string }>`
    select month from payers.month where municipality = ${of.municipality} and designation_number = ${of.designationNumber}`;
  return new Set(rows.map((row) => row.month));
}
export async function insertMonth(
  tx: Tx,
  of: PayerMonth & { readonly persons: number },
  { chargedYen, manner, payments }: PlannedMonth,
  newId: () => string,
): Promise<void> {
  const { municipality, designationNumber, month } = of;
  await tx`
    insert into payers.month (municipality, designation_number, month, persons, charged_yen, manner, event_id)
    values (${municipality}, ${designationNumber}, ${month}, ${of.persons}, ${chargedYen}, ${manner}, ${tx.eventId})`;
  for (const { attempt, amountYen, payOn, lines } of payments)
    await tx`
      insert into payers.payment (payment_id, municipality, designation_number, month, attempt, amount_yen, pay_on, lines, event_id)
      values (${newId()}, ${municipality}, ${designationNumber}, ${month}, ${attempt}, ${amountYen}, ${payOn}::date,
        ${lines === undefined ? null : json(lines)}, ${tx.eventId})`;
}

export interface DuePayment extends PayerMonth {
  readonly paymentId: string;
  readonly amountYen: number;
  readonly lines: readonly PlannedLine[] | null;
}
/** What is to be paid by a day and was not, the oldest first. */
export async function duePayments(tx: Tx, by: string, limit: number): Promise<readonly DuePayment[]> {
  return tx<DuePayment>`
    select p.payment_id as "paymentId", p.municipality, p.designation_number as "designationNumber", p.month, p.amount_yen as "amountYen", p.lines
      from payers.payment p
     where p.pay_on <= ${by}::date and not exists (select from payers.paid d where d.payment_id = p.payment_id)
     order by p.pay_on, p.payment_id limit ${limit}`;
}
export async function insertPaid(
  tx: Tx,
  rows: readonly { readonly paymentId: string; readonly word: string | null }[],
  on: string,
): Promise<void> {
  await tx`
    insert into payers.paid (payment_id, taken, word, paid_on, event_id)
    select id, word is null, word, ${on}::date, ${tx.eventId}
      from unnest(${rows.map((r) => r.paymentId)}::uuid[], ${rows.map((r) => r.word)}::text[]) as u (id, word)
    on conflict (payment_id) do nothing`;
}
export interface MonthState {
  readonly designationNumber: string;
  readonly month: string;
  readonly persons: number;
  readonly chargedYen: number;
  readonly plannedYen: number;
  readonly paidYen: number;
  readonly manner: string;
}
export async function monthStates(tx: Tx, municipality: string): Promise<readonly MonthState[]> {
  return tx<MonthState>`
    select m.designation_number as "designationNumber", m.month, m.persons, m.charged_yen as "chargedYen", m.manner,
           coalesce(sum(p.amount_yen), 0)::bigint as "plannedYen",
           coalesce(sum(p.amount_yen) filter (where d.taken), 0)::bigint as "paidYen"
      from payers.month m left join payers.payment p using (municipality, designation_number, month)
           left join payers.paid d using (payment_id)
     where m.municipality = ${municipality} group by m.municipality, m.designation_number, m.month
     order by m.month, m.designation_number`;
}
