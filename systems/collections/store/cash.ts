import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface CashReceipt {
  readonly cashId: string;
  readonly cashNo: number;
  readonly chargeId: string;
  readonly personNumber: string;
  readonly slipNo: number;
  readonly caseKey: string;
  readonly confirmation: string;
  readonly amountYen: number;
  readonly takenOn: string;
  readonly takenBy: string;
  readonly voidReason: string | null;
}
/** Waits for its turn at the till: a day is closed with all of its receipts, or one more comes before. */
export async function lockTill(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('collections till', 0))`;
}
export async function cashReceipts(tx: Tx, query: { cashId?: string; day?: string }): Promise<readonly CashReceipt[]> {
  const { cashId = null, day = null } = query;
  return tx<CashReceipt>`
    select r.cash_id as "cashId", r.cash_no as "cashNo", r.charge_id as "chargeId", r.person_number as "personNumber", r.slip_no as "slipNo",
           s.case_key as "caseKey", s.confirmation, r.amount_yen as "amountYen", r.taken_on::text as "takenOn", r.taken_by as "takenBy",
           v.reason as "voidReason"
      from collections.cash_receipt r join collections.slip s using (slip_no) left join collections.cash_void v using (cash_id)
     where r.cash_id = ${cashId}::uuid or r.taken_on = ${day}::date order by r.cash_no`;
}
export async function nextCashNo(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`select nextval('collections.cash_no') as n`;
  return Number(row!.n);
}
export async function insertCash(
  tx: Tx,
  r: Pick<
    CashReceipt,
    'cashId' | 'cashNo' | 'chargeId' | 'personNumber' | 'slipNo' | 'amountYen' | 'takenOn' | 'takenBy'
  >,
): Promise<void> {
  await tx`
    insert into collections.cash_receipt (cash_id, cash_no, charge_id, slip_no, person_number, amount_yen, taken_on, taken_by, event_id)
    values (${r.cashId}, ${r.cashNo}, ${r.chargeId}, ${r.slipNo}, ${r.personNumber}, ${r.amountYen}, ${r.takenOn}::date, ${r.takenBy},
      ${tx.eventId})`;
}
export async function insertVoid(tx: Tx, v: { cashId: string; reason: string; by: string }): Promise<boolean> {
  const rows = await tx`
    insert into collections.cash_void (cash_id, reason, voided_by, event_id) values (${v.cashId}, ${v.reason}, ${v.by}, ${tx.eventId})
    on conflict (cash_id) do nothing returning cash_id`;
  return rows.length === 1;
}
export interface CashClosing {
  readonly day: string;
  readonly fileId: string;
  readonly receipts: number;
  readonly countedYen: number;
  readonly closedBy: string;
}
export async function cashClosing(tx: Tx, day: string): Promise<CashClosing | undefined> {
  const [row] = await tx<CashClosing>`
    select day::text as day, file_id as "fileId", receipts, counted_yen as "countedYen", closed_by as "closedBy"
      from collections.cash_closing where day = ${day}::date`;
  return row;
}
export async function insertClosing(tx: Tx, c: CashClosing): Promise<void> {
  await tx`
    insert into collections.cash_closing (day, file_id, receipts, counted_yen, closed_by, event_id)
    values (${c.day}::date, ${c.fileId}, ${c.receipts}, ${c.countedYen}, ${c.closedBy}, ${tx.eventId})`;
}
/** Days before today with receipts and without a closing. */
export async function openDays(tx: Tx, before: string): Promise<readonly string[]> {
  const rows = await tx<{ day: string }>`
    select distinct r.taken_on::text as day from collections.cash_receipt r
     where r.taken_on < ${before}::date and not exists (select from collections.cash_closing c where c.day = r.taken_on)
       and not exists (select from collections.cash_void v where v.cash_id = r.cash_id)
     order by day`;
  return rows.map((row) => row.day);
}
