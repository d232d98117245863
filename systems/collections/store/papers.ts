import type { Tx } from '@musubi/kernel/db/sql.ts';
import { receiverOf, successionsOf } from './arrears.ts';
import type { Particulars } from './charges.ts';
import type { Slip } from './slips.ts';

/** What papers say of a charge. */
export interface ChargeOfPaper {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly taxYear: number;
  readonly fiscalYear: number;
  readonly method: string;
  readonly instalment: number;
  readonly noticeNumber: string;
  readonly dueOn: string;
  readonly taxYen: number;
  readonly openTaxYen: number;
  readonly feeYen: number;
  readonly interestYen: number;
  readonly preliminary: boolean;
  readonly settledOn: string | null;
}
export async function chargesOfPaper(
  tx: Tx,
  query: { chargeIds?: readonly string[]; personNumber?: string },
): Promise<readonly ChargeOfPaper[]> {
  const { chargeIds = null, personNumber = null } = query;
  return tx<ChargeOfPaper>`
    select c.charge_id as "chargeId", c.person_number as "personNumber", c.tax_year as "taxYear", c.fiscal_year as "fiscalYear", c.method,
           c.instalment, c.notice_number as "noticeNumber", s.due_on::text as "dueOn", s.tax_yen as "taxYen",
           (ward_open + metropolitan_open + forest_open)::bigint as "openTaxYen", fee_open as "feeYen", interest_open as "interestYen",
           preliminary > 0 as preliminary, settled_on::text as "settledOn"
      from collections.charge c join collections.charge_state s using (charge_id)
     where (${chargeIds}::uuid[] is null or c.charge_id = any (${chargeIds}::uuid[]))
       and (${personNumber}::text is null or c.person_number = ${personNumber}::text)
     order by c.fiscal_year, s.due_on, c.instalment`;
}
/** To whom the papers of these persons go; of a dead payer to who receives for the heirs. */
export async function payersOf(tx: Tx, persons: readonly string[]): Promise<ReadonlyMap<string, Particulars>> {
  const rows = await tx<Particulars>`
    select distinct on (person_number) person_number as "personNumber", name, name_kana as "nameKana", postal_code as "postalCode", address
      from collections.payer where person_number = any (${persons}::text[]) order by person_number, version desc`;
  const successions = await successionsOf(tx, persons);
  return new Map(rows.map((row) => [row.personNumber, receiverOf(row, successions.get(row.personNumber))]));
}
/** The slips that were made for letters: one, or one an heir. `reasonOfLetter` says which. */
export async function slipsOfLetters(
  tx: Tx,
  letterIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Slip[]>> {
  const rows = await tx<Slip & { letterId: string }>`
    select l.letter_id as "letterId", s.slip_no as "slipNo", s.kind, s.charge_id as "chargeId", s.issue, s.case_key as "caseKey",
           s.confirmation, s.convenience_reference as "convenienceReference", s.amount_yen as "amountYen",
           s.payable_until::text as "payableUntil", s.issued_on::text as "issuedOn", s.reason
      from collections.reminder_letter l
           join collections.slip s on s.charge_id = l.charge_id and split_part(s.reason, '/', 1) = 'reminder:' || l.letter_id
     where l.letter_id = any (${letterIds}::uuid[]) order by s.slip_no`;
  return new Map(
    [...Map.groupBy(rows, (row) => row.letterId)].map(([id, slips]) => [
      id,
      slips.map(({ letterId: _letter, ...slip }) => slip),
    ]),
  );
}
/** Why a slip was made for a letter; `heirNo` counts from 1 where each heir has one. */
export const reasonOfLetter = (letterId: string, heirNo?: number): string =>
  `reminder:${letterId}${heirNo === undefined ? '' : `/${heirNo}`}`;
export interface AppropriationLine {
  readonly chargeId: string;
  readonly taxYen: number;
  readonly feeYen: number;
  readonly interestYen: number;
}
/** What a refund's decision put on arrears. */
export async function appropriationsOf(tx: Tx, overpaymentNo: number): Promise<readonly AppropriationLine[]> {
  return tx<AppropriationLine>`
    select p.charge_id as "chargeId", -(p.ward_yen + p.metropolitan_yen + p.forest_yen)::bigint as "taxYen", -p.fee_yen as "feeYen",
           -p.interest_yen as "interestYen"
      from collections.posting o join collections.entry e using (entry_no) join collections.posting p using (entry_no)
     where o.overpayment_no = ${overpaymentNo} and e.kind = 'appropriation' and p.ledger = 'receivable' order by p.entry_no, p.line`;
}
export interface NoticeOfRefund {
  readonly chargeId: string;
  readonly segments: readonly {
    readonly from: string;
    readonly to: string;
    readonly days: number;
    readonly baseYen: number;
    readonly rate: number;
    readonly yen: number;
  }[];
}
export async function refundDetails(tx: Tx, refundId: string): Promise<NoticeOfRefund | undefined> {
  const [row] = await tx<NoticeOfRefund>`
    select o.charge_id as "chargeId", r.interest as segments
      from collections.refund r join collections.overpayment o using (overpayment_no) where r.refund_id = ${refundId}`;
  return row;
}
export interface StoppedHold {
  readonly holdId: string;
  readonly chargeId: string;
  readonly ground: string;
  readonly fromOn: string;
  readonly endedOn: string | null;
  readonly endReason: string | null;
}
/** 執行停止 of a charge by its id; undefined where there is none, or it is another kind of hold. */
export async function stoppedHold(
  tx: Tx,
  of: { readonly chargeId: string; readonly holdId: string },
): Promise<StoppedHold | undefined> {
  const [row] = await tx<StoppedHold>`
    select h.hold_id as "holdId", h.charge_id as "chargeId", h.ground, h.from_on::text as "fromOn", x.ended_on::text as "endedOn",
           x.reason as "endReason"
      from collections.hold h left join collections.hold_end x using (hold_id)
     where h.hold_id = ${of.holdId} and h.charge_id = ${of.chargeId} and h.kind = 'execution-stopped'`;
  return row;
}
/** Which papers were made of each of these, by what they are about. */
export async function papersAbout(tx: Tx, about: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx<{ about: string; kind: string }>`
    select distinct about, kind from collections.paper where about = any (${about}::text[])`;
  return new Map([...Map.groupBy(rows, (row) => row.about)].map(([key, made]) => [key, made.map((row) => row.kind)]));
}
export async function insertPaper(
  tx: Tx,
  p: {
    paperId: string;
    kind: string;
    about: string;
    personNumber: string | null;
    sha256: Uint8Array;
    pages: number;
    on: string;
    by: string;
  },
): Promise<void> {
  await tx`
    insert into collections.paper (paper_id, kind, about, person_number, sha256, pages, made_on, made_by, event_id)
    values (${p.paperId}, ${p.kind}, ${p.about}, ${p.personNumber}, ${p.sha256}, ${p.pages}, ${p.on}::date, ${p.by}, ${tx.eventId})`;
}
