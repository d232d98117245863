import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { CandidateFacts } from '../domain/matching.ts';

/** Waits for its turn on a receipt: of two clerks one finds the money gone. */
export async function lockReceipt(tx: Tx, receiptNo: number): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`collections receipt ${receiptNo}`}, 0))`;
}

export interface Waiting {
  readonly receiptNo: number;
  readonly channel: string;
  readonly businessOn: string;
  readonly row: number;
  readonly kind: string;
  readonly reference: string;
  readonly reason: string;
  readonly paidOn: string;
  readonly place: string;
  /** Yen that stand in suspense now. */
  readonly yen: number;
}
/** Money that nobody's charge has, the oldest first. */
export async function waiting(
  tx: Tx,
  query: { receiptNo?: number; offset?: number; limit?: number } = {},
): Promise<readonly Waiting[]> {
  const { receiptNo = null, offset = 0, limit = 500 } = query;
  return tx<Waiting>`
    select r.receipt_no as "receiptNo", f.channel, f.business_on::text as "businessOn", r.row_no as row, r.kind, r.reference, r.reason,
           r.paid_on::text as "paidOn", r.place, -p.yen as yen
      from (select receipt_no, sum(plain_yen)::bigint as yen from collections.posting
             where ledger = 'suspense' and receipt_no is not null and (${receiptNo}::bigint is null or receipt_no = ${receiptNo}::bigint)
             group by receipt_no having sum(plain_yen) < 0) as p
           join collections.payment_record r using (receipt_no) join collections.payment_file f using (file_id)
     order by r.paid_on, r.receipt_no offset ${offset} limit ${limit}`;
}
export interface WaitingSum {
  readonly receipts: number;
  readonly yen: number;
}
export async function waitingSum(tx: Tx): Promise<WaitingSum> {
  const [row] = await tx<WaitingSum>`
    select count(*) as receipts, coalesce(sum(-yen), 0)::bigint as yen
      from (select sum(plain_yen)::bigint as yen from collections.posting where ledger = 'suspense' and receipt_no is not null
             group by receipt_no having sum(plain_yen) < 0) as s`;
  return row ?? { receipts: 0, yen: 0 };
}
/** Amounts that stand in suspense: a charge of such an amount may have been paid. */
export async function waitingAmounts(tx: Tx): Promise<readonly number[]> {
  const rows = await tx<{ yen: number }>`
    select distinct r.amount_yen as yen
      from (select receipt_no from collections.posting where ledger = 'suspense' and receipt_no is not null
             group by receipt_no having sum(plain_yen) < 0) as s join collections.payment_record r using (receipt_no)`;
  return rows.map((row) => row.yen);
}

/** 指定番号 of employers and 通知書番号 of pensions whose money stands in suspense, whatever it is for. */
export async function waitingCollectors(tx: Tx): Promise<readonly string[]> {
  const rows = await tx<{ number: string }>`
    select distinct split_part(r.reference, ' ', 1) as number
      from (select receipt_no from collections.posting where ledger = 'suspense' and receipt_no is not null
             group by receipt_no having sum(plain_yen) < 0) as s join collections.payment_record r using (receipt_no)
     where r.kind in ('collector', 'withheld')`;
  return rows.map((row) => row.number);
}

/** Charges that money of this amount or with these digits may be for. */
export async function candidateFacts(
  tx: Tx,
  query: { yen: number; digits: string },
): Promise<readonly CandidateFacts[]> {
  return tx<CandidateFacts>`
    select distinct on (s.charge_id) s.charge_id as "chargeId", s.person_number as "personNumber",
           (ward_open + metropolitan_open + forest_open + fee_open + interest_open)::bigint as "openYen",
           l.amount_yen as "slipYen", c.notice_number as "noticeNumber", l.case_key as "caseKey", s.due_on::text as "dueOn"
      from collections.charge_state s join collections.charge c using (charge_id)
           left join collections.slip l on l.charge_id = s.charge_id and l.kind = 'slip'
     where ward_open + metropolitan_open + forest_open + fee_open + interest_open = ${query.yen}
        or (l.amount_yen = ${query.yen} and ward_open + metropolitan_open + forest_open > 0)
        or (${query.digits} <> '' and position(c.notice_number in ${query.digits}) > 0)
        or (length(${query.digits}) >= 20 and left(l.case_key, 16) = left(${query.digits}, 16))
     order by s.charge_id, l.issue desc limit 200`;
}

export interface ReceiptEntry {
  readonly entryNo: number;
  readonly reversed: boolean;
  readonly ledger: string;
  readonly bookYear: number;
  readonly chargeId: string | null;
  readonly overpaymentNo: number | null;
  readonly ward: number;
  readonly metropolitan: number;
  readonly forest: number;
  readonly fee: number;
  readonly interest: number;
  readonly plain: number;
}
/** Lines of all entries of a receipt, in order. */
export async function linesOfReceipt(tx: Tx, receiptNo: number): Promise<readonly ReceiptEntry[]> {
  return tx<ReceiptEntry>`
    select e.entry_no as "entryNo", exists (select from collections.entry x where x.reverses = e.entry_no) or e.reverses is not null as reversed,
           p.ledger, p.book_year as "bookYear", p.charge_id as "chargeId", p.overpayment_no as "overpaymentNo", p.ward_yen as ward,
           p.metropolitan_yen as metropolitan, p.forest_yen as forest, p.fee_yen as fee, p.interest_yen as interest, p.plain_yen as plain
      from collections.entry e join collections.posting p using (entry_no)
     where e.receipt_no = ${receiptNo} order by e.entry_no, p.line`;
}
