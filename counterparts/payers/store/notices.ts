import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Employee } from '../domain/manners.ts';

/** A payer at a municipality, in a year. */
export interface PayerYear {
  readonly municipality: string;
  readonly designationNumber: string;
  readonly fiscalYear: number;
}
/** One notice, and one plan, of a payer at a time. */
export async function lockPayer(tx: Tx, of: Pick<PayerYear, 'municipality' | 'designationNumber'>): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`payers ${of.municipality} ${of.designationNumber}`}, 0))`;
}
export async function noticesOf(
  tx: Tx,
  { municipality, designationNumber, fiscalYear }: PayerYear,
): Promise<readonly { readonly sequenceNo: number; readonly sha256: string }[]> {
  return tx<{ sequenceNo: number; sha256: string }>`
    select sequence_no as "sequenceNo", encode(sha256, 'hex') as sha256 from payers.notice
     where municipality = ${municipality} and designation_number = ${designationNumber} and fiscal_year = ${fiscalYear}
     order by sequence_no`;
}
export async function insertNotice(
  tx: Tx,
  n: PayerYear & {
    noticeId: string;
    sequence: number;
    totalYen: number;
    sha256: Uint8Array;
    takenOn: string;
    lines: readonly Pick<Employee, 'addresseeNumber' | 'noticeNumber' | 'months'>[];
  },
): Promise<void> {
  await tx`
    insert into payers.notice (notice_id, municipality, designation_number, fiscal_year, sequence_no, persons, total_yen, sha256, taken_on,
      event_id)
    values (${n.noticeId}, ${n.municipality}, ${n.designationNumber}, ${n.fiscalYear}, ${n.sequence}, ${n.lines.length}, ${n.totalYen},
      ${n.sha256}, ${n.takenOn}::date, ${tx.eventId})`;
  await tx`
    insert into payers.notice_line (notice_id, addressee_number, notice_number, months_yen, event_id)
    select ${n.noticeId}::uuid, l."addresseeNumber", l."noticeNumber", array(select jsonb_array_elements_text(l.months)::bigint), ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(n.lines)}::jsonb) as l("addresseeNumber" text, "noticeNumber" text, months jsonb)`;
}
/** Whom a payer keeps tax back from, as the newest notice of each says; notices of days after `until` are not known yet. */
export async function employeesOf(tx: Tx, of: PayerYear, until?: string): Promise<readonly Employee[]> {
  return tx<Employee>`
    select distinct on (l.addressee_number) l.addressee_number as "addresseeNumber", l.notice_number as "noticeNumber",
           to_jsonb(l.months_yen) as months, to_jsonb(first_value(l.months_yen) over told) as "firstMonths"
      from payers.notice n join payers.notice_line l using (notice_id)
     where n.municipality = ${of.municipality} and n.designation_number = ${of.designationNumber} and n.fiscal_year = ${of.fiscalYear}
       and n.taken_on <= coalesce(${until ?? null}::date, 'infinity')
    window told as (partition by l.addressee_number order by n.sequence_no)
     order by l.addressee_number, n.sequence_no desc`;
}
export async function payerYears(tx: Tx): Promise<readonly PayerYear[]> {
  return tx<PayerYear>`
    select distinct municipality, designation_number as "designationNumber", fiscal_year as "fiscalYear" from payers.notice order by 1, 2, 3`;
}
