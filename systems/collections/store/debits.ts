import type { Tx } from '@musubi/kernel/db/sql.ts';
import { copyRows } from './copy.ts';

export interface DebitOrderRow {
  readonly slipNo: number;
  readonly caseKey: string;
  readonly chargeId: string;
  readonly personNumber: string;
  readonly amountYen: number;
  readonly debitOn: string;
  readonly outcome: string | null;
}
/** Waits for its turn: of two batches at once one orders a charge's debit. */
export async function lockDebits(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('collections debits', 0))`;
}
export async function ordersOfBatch(tx: Tx, batchId: string): Promise<readonly DebitOrderRow[]> {
  return tx<DebitOrderRow>`
    select d.slip_no as "slipNo", s.case_key as "caseKey", d.charge_id as "chargeId", c.person_number as "personNumber",
           d.amount_yen as "amountYen", d.debit_on::text as "debitOn", o.outcome
      from collections.debit_order d join collections.slip s using (slip_no) join collections.charge c on c.charge_id = d.charge_id
           left join collections.debit_outcome o using (slip_no)
     where d.batch_id = ${batchId} order by d.slip_no`;
}
export async function ordersByKey(tx: Tx, caseKeys: readonly string[]): Promise<readonly DebitOrderRow[]> {
  return tx<DebitOrderRow>`
    select d.slip_no as "slipNo", s.case_key as "caseKey", d.charge_id as "chargeId", c.person_number as "personNumber",
           d.amount_yen as "amountYen", d.debit_on::text as "debitOn", o.outcome
      from collections.slip s join collections.debit_order d using (slip_no) join collections.charge c on c.charge_id = d.charge_id
           left join collections.debit_outcome o using (slip_no)
     where s.case_key = any (${caseKeys}::text[]) order by d.slip_no`;
}
/** Open charges due on the day of these persons that have no debit under way and are not held. */
export async function chargesToDebit(
  tx: Tx,
  query: { dueOn: string; persons: readonly string[]; today: string },
): Promise<readonly { chargeId: string; personNumber: string; fiscalYear: number; openYen: number; issue: number }[]> {
  return tx<{ chargeId: string; personNumber: string; fiscalYear: number; openYen: number; issue: number }>`
    select s.charge_id as "chargeId", s.person_number as "personNumber", c.fiscal_year as "fiscalYear",
           (ward_open + metropolitan_open + forest_open)::bigint as "openYen",
           (select count(*) from collections.slip l where l.charge_id = s.charge_id and l.kind = 'debit')::integer as issue
      from collections.charge_state s join collections.charge c using (charge_id)
     where s.due_on = ${query.dueOn}::date and s.method = 'ordinary' and s.person_number = any (${query.persons}::text[])
       and ward_open + metropolitan_open + forest_open > 0 and preliminary = 0
       and not exists (select from collections.debit_order d left join collections.debit_outcome o using (slip_no)
                        where d.charge_id = s.charge_id and o.slip_no is null)
       and not exists (select from collections.hold h left join collections.hold_end x using (hold_id)
                        where h.charge_id = s.charge_id and x.hold_id is null and (h.until_on is null or h.until_on >= ${query.today}::date))
     order by s.charge_id for update of s`;
}
export async function insertOrders(
  tx: Tx,
  batchId: string,
  orders: readonly { slipNo: number; chargeId: string; amountYen: number; debitOn: string }[],
): Promise<void> {
  await copyRows(
    tx,
    'copy collections.debit_order (slip_no, batch_id, charge_id, amount_yen, debit_on, event_id) from stdin',
    orders,
    (o) => [o.slipNo, batchId, o.chargeId, o.amountYen, o.debitOn, tx.eventId],
  );
}
export async function insertDebitOutcomes(
  tx: Tx,
  fileId: string,
  outcomes: readonly { slipNo: number; outcome: string }[],
): Promise<void> {
  await copyRows(
    tx,
    'copy collections.debit_outcome (slip_no, outcome, file_id, event_id) from stdin',
    outcomes,
    (o) => [o.slipNo, o.outcome, fileId, tx.eventId],
  );
}

/** A bank's result as a clerk works on it. */
export interface DebitResultLine {
  readonly fileId: string;
  readonly sender: string;
  readonly businessOn: string;
  readonly records: number;
  readonly failed: number;
  /** Slips that were made for its failed debits. */
  readonly slips: number;
}
export async function debitResultFiles(tx: Tx, limit: number): Promise<readonly DebitResultLine[]> {
  return tx<DebitResultLine>`
    select f.file_id as "fileId", f.sender, f.business_on::text as "businessOn", f.records,
           (select count(*) from collections.debit_outcome o where o.file_id = f.file_id and o.outcome <> 'paid') as failed,
           (select count(*) from collections.debit_outcome o join collections.debit_order d using (slip_no)
                   join collections.slip s on s.charge_id = d.charge_id and s.reason = 'debit-failed:' || f.file_id
             where o.file_id = f.file_id) as slips
      from collections.payment_file f where f.channel = 'direct-debit' order by f.business_on desc, f.sender limit ${limit}`;
}
export interface FailedDebit {
  readonly slipNo: number;
  readonly chargeId: string;
  readonly personNumber: string;
  readonly outcome: string;
  readonly debitOn: string;
  /** A further debit of the charge is under way: its payer gets no slip meanwhile. */
  readonly debitOpen: boolean;
}
/** What a bank's result says was not debited, in the order of the requests. */
export async function failedOfFile(tx: Tx, fileId: string): Promise<readonly FailedDebit[]> {
  return tx<FailedDebit>`
    select d.slip_no as "slipNo", d.charge_id as "chargeId", c.person_number as "personNumber", o.outcome, d.debit_on::text as "debitOn",
           exists (select from collections.debit_order x left join collections.debit_outcome y using (slip_no)
                    where x.charge_id = d.charge_id and y.slip_no is null) as "debitOpen"
      from collections.debit_outcome o join collections.debit_order d using (slip_no) join collections.charge c on c.charge_id = d.charge_id
     where o.file_id = ${fileId} and o.outcome <> 'paid' order by d.slip_no`;
}
