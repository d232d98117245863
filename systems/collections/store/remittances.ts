import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface RemittanceLine {
  readonly noticeNumber: string;
  readonly yen: number;
  readonly difference: string | null;
}
export interface RemittanceList {
  readonly listId: string;
  readonly designationNumber: string;
  readonly month: string;
  readonly totalYen: number;
  readonly sha256: string;
}
export async function lockRemittances(tx: Tx, designationNumber: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`collections remittances ${designationNumber}`}, 0))`;
}
export async function findRemittance(tx: Tx, listId: string): Promise<RemittanceList | undefined> {
  const [row] = await tx<RemittanceList>`
    select list_id as "listId", designation_number as "designationNumber", month, total_yen as "totalYen", encode(sha256, 'hex') as sha256
      from collections.remittance_list where list_id = ${listId}`;
  return row;
}
export async function insertRemittance(
  tx: Tx,
  l: RemittanceList & { readonly by: string; readonly on: string },
  lines: readonly RemittanceLine[],
): Promise<void> {
  await tx`
    insert into collections.remittance_list (list_id, designation_number, month, total_yen, sha256, told_by, told_on, event_id)
    values (${l.listId}, ${l.designationNumber}, ${l.month}, ${l.totalYen}, ${Buffer.from(l.sha256, 'hex')}, ${l.by}, ${l.on}::date,
      ${tx.eventId})`;
  await tx`
    insert into collections.remittance_line (list_id, notice_number, amount_yen, difference, event_id)
    select ${l.listId}, notice, yen, difference, ${tx.eventId}
      from unnest(${lines.map((x) => x.noticeNumber)}::text[], ${lines.map((x) => x.yen)}::bigint[],
             ${lines.map((x) => x.difference)}::text[]) as u (notice, yen, difference)`;
}
/** Whether charges of this employer are known at all. */
export async function isEmployer(tx: Tx, designationNumber: string): Promise<boolean> {
  const rows = await tx`
    select from collections.charge_revision where designation_number = ${designationNumber}
    union all select from collections.charge where designation_number = ${designationNumber} limit 1`;
  return rows.length > 0;
}
/** Lists that no payment has used, the newest first, with their lines. */
export async function openRemittances(
  tx: Tx,
  keys: readonly { readonly designationNumber: string; readonly month: string }[],
): Promise<readonly (RemittanceList & RemittanceLine)[]> {
  if (keys.length === 0) return [];
  return tx<RemittanceList & RemittanceLine>`
    select l.list_id as "listId", l.designation_number as "designationNumber", l.month, l.total_yen as "totalYen",
           encode(l.sha256, 'hex') as sha256, x.notice_number as "noticeNumber", x.amount_yen as yen, x.difference
      from (select distinct * from unnest(${keys.map((k) => k.designationNumber)}::text[], ${keys.map((k) => k.month)}::text[])
              as u (number, month)) as k
           join collections.remittance_list l on l.designation_number = k.number and l.month = k.month
           join collections.remittance_line x using (list_id)
     where not exists (select from collections.remittance_use u where u.list_id = l.list_id)
     order by l.told_on desc, l.list_id desc, x.notice_number`;
}
export async function useRemittances(
  tx: Tx,
  uses: readonly { readonly listId: string; readonly receiptNo: number }[],
): Promise<void> {
  if (uses.length === 0) return;
  await tx`
    insert into collections.remittance_use (list_id, receipt_no, event_id)
    select list, receipt, ${tx.eventId}
      from unnest(${uses.map((u) => u.listId)}::uuid[], ${uses.map((u) => u.receiptNo)}::bigint[]) as u (list, receipt)`;
}

export interface MonthLine {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly noticeNumber: string;
  readonly taxYen: number;
  readonly openYen: number;
  /** Another pays over now: only what this one kept back before belongs here. */
  readonly moved: boolean;
}
/** Charges of a month that an employer pays over, or paid over once. */
export async function monthOfEmployer(
  tx: Tx,
  of: { readonly designationNumber: string; readonly fiscalYear: number; readonly instalment: number },
): Promise<readonly MonthLine[]> {
  return tx<MonthLine>`
    select c.charge_id as "chargeId", c.person_number as "personNumber", c.notice_number as "noticeNumber", s.tax_yen as "taxYen",
           (ward_open + metropolitan_open + forest_open + fee_open + interest_open)::bigint as "openYen",
           s.designation_number is distinct from ${of.designationNumber} as moved
      from collections.charge c join collections.charge_state s using (charge_id)
     where c.method = 'special' and c.fiscal_year = ${of.fiscalYear} and c.instalment = ${of.instalment}
       and (s.designation_number = ${of.designationNumber}
            or exists (select from collections.charge_revision r
                        where r.charge_id = c.charge_id and r.designation_number = ${of.designationNumber}))
     order by moved, c.notice_number`;
}
