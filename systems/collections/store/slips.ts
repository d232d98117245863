import type { Tx } from '@musubi/kernel/db/sql.ts';
import { copyRows } from './copy.ts';

export interface Slip {
  readonly slipNo: number;
  readonly kind: 'slip' | 'debit';
  readonly chargeId: string;
  readonly issue: number;
  readonly caseKey: string;
  readonly confirmation: string;
  readonly convenienceReference: string | null;
  readonly amountYen: number;
  readonly payableUntil: string;
  readonly issuedOn: string;
  readonly reason: string;
}
export async function insertSlips(tx: Tx, slips: readonly Slip[]): Promise<void> {
  await copyRows(
    tx,
    `copy collections.slip (slip_no, kind, charge_id, issue, case_key, confirmation, convenience_reference, amount_yen, payable_until,
       issued_on, reason, event_id) from stdin`,
    slips,
    (s) => [
      s.slipNo,
      s.kind,
      s.chargeId,
      s.issue,
      s.caseKey,
      s.confirmation,
      s.convenienceReference,
      s.amountYen,
      s.payableUntil,
      s.issuedOn,
      s.reason,
      tx.eventId,
    ],
  );
}

export interface FoundSlip {
  readonly slipNo: number;
  readonly chargeId: string;
  /** Case key or convenience reference, whichever was asked for. */
  readonly key: string;
  readonly confirmation: string;
  readonly amountYen: number;
}
export async function slipsByCaseKey(tx: Tx, keys: readonly string[]): Promise<readonly FoundSlip[]> {
  if (keys.length === 0) return [];
  return tx<FoundSlip>`
    select slip_no as "slipNo", charge_id as "chargeId", case_key as key, confirmation, amount_yen as "amountYen"
      from collections.slip where case_key = any (${keys}::text[])`;
}
export async function slipsByConvenienceReference(tx: Tx, keys: readonly string[]): Promise<readonly FoundSlip[]> {
  if (keys.length === 0) return [];
  return tx<FoundSlip>`
    select slip_no as "slipNo", charge_id as "chargeId", convenience_reference as key, confirmation, amount_yen as "amountYen"
      from collections.slip where convenience_reference = any (${keys}::text[])`;
}

export interface NoticeKey {
  readonly noticeNumber: string;
  readonly fiscalYear: number;
  readonly instalment: number;
  readonly printedYen: number;
}
export interface FoundNotice extends NoticeKey {
  readonly chargeId: string;
  /** The slip of that amount, the newest; null where no slip has it. */
  readonly slipNo: number | null;
}
/** Charges of 普通徴収 by what stands on the slip. More than one row for a key means that it is not certain. */
export async function chargesByNotice(tx: Tx, keys: readonly NoticeKey[]): Promise<readonly FoundNotice[]> {
  if (keys.length === 0) return [];
  return tx<FoundNotice>`
    select k.notice as "noticeNumber", k.year as "fiscalYear", k.instalment, k.yen as "printedYen", c.charge_id as "chargeId",
           (select s.slip_no from collections.slip s
             where s.charge_id = c.charge_id and s.kind = 'slip' and s.amount_yen = k.yen
             order by s.issue desc limit 1) as "slipNo"
      from unnest(${keys.map((k) => k.noticeNumber)}::text[], ${keys.map((k) => k.fiscalYear)}::integer[],
             ${keys.map((k) => k.instalment)}::integer[], ${keys.map((k) => k.printedYen)}::bigint[]) as k (notice, year, instalment, yen)
           join collections.charge c
             on c.notice_number = k.notice and c.fiscal_year = k.year and c.instalment = k.instalment and c.method = 'ordinary'`;
}

export interface CollectorKey {
  readonly designationNumber: string;
  readonly fiscalYear: number;
  readonly instalment: number;
}
export async function chargesByCollector(
  tx: Tx,
  keys: readonly CollectorKey[],
): Promise<readonly (CollectorKey & { readonly chargeId: string; readonly noticeNumber: string })[]> {
  if (keys.length === 0) return [];
  return tx<CollectorKey & { chargeId: string; noticeNumber: string }>`
    select k.number as "designationNumber", k.year as "fiscalYear", k.instalment, c.charge_id as "chargeId",
           c.notice_number as "noticeNumber"
      from (select distinct * from unnest(${keys.map((k) => k.designationNumber)}::text[], ${keys.map((k) => k.fiscalYear)}::integer[],
             ${keys.map((k) => k.instalment)}::integer[]) as u (number, year, instalment)) as k
           join collections.charge_state s on s.designation_number = k.number
           join collections.charge c
             on c.charge_id = s.charge_id and c.fiscal_year = k.year and c.instalment = k.instalment and c.method = 'special'
     order by c.charge_id`;
}
export async function chargesWithheld(
  tx: Tx,
  keys: readonly { noticeNumber: string; fiscalYear: number; instalment: number }[],
): Promise<readonly { noticeNumber: string; fiscalYear: number; instalment: number; chargeId: string }[]> {
  if (keys.length === 0) return [];
  return tx<{ noticeNumber: string; fiscalYear: number; instalment: number; chargeId: string }>`
    select distinct k.notice as "noticeNumber", k.year as "fiscalYear", k.instalment, c.charge_id as "chargeId"
      from unnest(${keys.map((k) => k.noticeNumber)}::text[], ${keys.map((k) => k.fiscalYear)}::integer[],
             ${keys.map((k) => k.instalment)}::integer[]) as k (notice, year, instalment)
           join collections.charge c
             on c.notice_number = k.notice and c.fiscal_year = k.year and c.instalment = k.instalment and c.method = 'pension'`;
}

/** Of these slips, which were paid: read after the locks, so that a payment just committed counts. */
export async function paidSlips(tx: Tx, slipNos: readonly number[]): Promise<ReadonlySet<number>> {
  if (slipNos.length === 0) return new Set();
  const rows = await tx<{ slipNo: number }>`
    select distinct slip_no as "slipNo" from collections.payment_record
     where slip_no = any (${slipNos}::bigint[]) and outcome = 'posted'`;
  return new Set(rows.map((row) => row.slipNo));
}

export async function slipsOfCharges(tx: Tx, chargeIds: readonly string[]): Promise<readonly Slip[]> {
  return tx<Slip>`
    select slip_no as "slipNo", kind, charge_id as "chargeId", issue, case_key as "caseKey", confirmation,
           convenience_reference as "convenienceReference", amount_yen as "amountYen", payable_until::text as "payableUntil",
           issued_on::text as "issuedOn", reason
      from collections.slip where charge_id = any (${chargeIds}::uuid[]) order by charge_id, kind, issue`;
}
