import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface ChargeLine {
  readonly chargeId: string;
  readonly taxYear: number;
  readonly fiscalYear: number;
  readonly bookYear: number;
  readonly method: string;
  readonly instalment: number;
  readonly noticeNumber: string;
  readonly dueOn: string;
  readonly legalDueOn: string;
  readonly taxYen: number;
  readonly openTaxYen: number;
  readonly feeYen: number;
  readonly interestYen: number;
  readonly preliminary: boolean;
  readonly settledOn: string | null;
  readonly collectorName: string | null;
}
export async function personOfCharge(tx: Tx, chargeId: string): Promise<string | undefined> {
  const [row] = await tx<{ personNumber: string }>`
    select person_number as "personNumber" from collections.charge where charge_id = ${chargeId}`;
  return row?.personNumber;
}
/** All charges of a person, the newest year first. */
export async function chargesOfPerson(tx: Tx, personNumber: string): Promise<readonly ChargeLine[]> {
  return tx<ChargeLine>`
    select c.charge_id as "chargeId", c.tax_year as "taxYear", c.fiscal_year as "fiscalYear", s.book_year as "bookYear", c.method,
           c.instalment, c.notice_number as "noticeNumber", s.due_on::text as "dueOn", c.legal_due_on::text as "legalDueOn", s.tax_yen as "taxYen",
           (ward_open + metropolitan_open + forest_open)::bigint as "openTaxYen", fee_open as "feeYen", interest_open as "interestYen",
           preliminary > 0 as preliminary, settled_on::text as "settledOn", s.collector_name as "collectorName"
      from collections.charge c join collections.charge_state s using (charge_id)
     where c.person_number = ${personNumber}
     order by c.fiscal_year desc, s.due_on, c.instalment`;
}
export interface ReceiptLine {
  readonly receiptNo: number;
  readonly chargeId: string;
  readonly channel: string;
  readonly businessOn: string;
  readonly row: number;
  readonly stage: string;
  readonly outcome: string;
  readonly reason: string;
  readonly amountYen: number;
  readonly paidOn: string;
}
export async function receiptsOfCharges(tx: Tx, chargeIds: readonly string[]): Promise<readonly ReceiptLine[]> {
  return tx<ReceiptLine>`
    select r.receipt_no as "receiptNo", r.charge_id as "chargeId", f.channel, f.business_on::text as "businessOn", r.row_no as row,
           r.stage, r.outcome, r.reason, r.amount_yen as "amountYen", r.paid_on::text as "paidOn"
      from collections.payment_record r join collections.payment_file f using (file_id)
     where r.charge_id = any (${chargeIds}::uuid[]) order by r.paid_on desc, r.receipt_no desc`;
}

export interface PersonLine {
  readonly personNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly openYen: number;
  /** One of the person's charges: pages lead to an account by it, so that no person's number stands in an address. */
  readonly chargeId: string;
}
/** By number, notice number or beginning of the reading. */
export async function searchPersons(
  tx: Tx,
  query: { personNumber: string | null; noticeNumber: string | null; kana: string | null },
): Promise<readonly PersonLine[]> {
  const kana = query.kana === null ? null : `${query.kana.replaceAll(/[%_\\]/g, '')}%`;
  return tx<PersonLine>`
    select p.person_number as "personNumber", p.name, p.name_kana as "nameKana",
           coalesce((select sum(ward_open + metropolitan_open + forest_open + fee_open + interest_open)::bigint
                       from collections.charge c join collections.charge_state s using (charge_id)
                      where c.person_number = p.person_number), 0) as "openYen",
           (select c.charge_id from collections.charge c where c.person_number = p.person_number
             order by c.fiscal_year desc, c.charge_id limit 1) as "chargeId"
      from (select distinct on (person_number) * from collections.payer
             where (${query.personNumber}::text is not null and person_number = ${query.personNumber}::text)
                or (${kana}::text is not null and name_kana like ${kana}::text)
                or (${query.noticeNumber}::text is not null and person_number in
                     (select person_number from collections.charge where notice_number = ${query.noticeNumber}::text))
             order by person_number, version desc) as p
     order by p.name_kana, p.person_number limit 50`;
}

export interface DayLine {
  readonly channel: string;
  readonly files: number;
  readonly records: number;
  readonly totalYen: number;
  readonly postedYen: number;
  readonly suspenseYen: number;
  readonly rejectedYen: number;
  readonly notedYen: number;
}
export async function dayOfFiles(tx: Tx, day: string): Promise<readonly DayLine[]> {
  return tx<DayLine>`
    select channel, count(*) as files, sum(records)::bigint as records, sum(total_yen)::bigint as "totalYen",
           sum(posted_yen)::bigint as "postedYen", sum(suspense_yen)::bigint as "suspenseYen",
           sum(rejected_yen)::bigint as "rejectedYen", sum(noted_yen)::bigint as "notedYen"
      from collections.payment_file where taken_on = ${day}::date group by channel order by channel`;
}
export interface StatisticsLine {
  /** 現年課税分, or 滞納繰越分: of a charge of an earlier year. */
  readonly part: 'current' | 'carried';
  readonly tax: 'ward' | 'metropolitan' | 'forest' | 'interest' | 'fee';
  readonly chargedYen: number;
  readonly collectedYen: number;
  readonly writtenOffYen: number;
  readonly carriedYen: number;
  readonly openYen: number;
}
/** 調定額, 収入済額, 不納欠損額, 繰越額 and 収入未済額 of a book year, tax by tax. */
export async function yearStatistics(tx: Tx, bookYear: number): Promise<readonly StatisticsLine[]> {
  return tx<StatisticsLine>`
    with lines as (
      select case when c.fiscal_year = p.book_year then 'current' else 'carried' end as part, e.kind, t.tax, t.yen
        from collections.posting p join collections.entry e using (entry_no) join collections.charge c using (charge_id)
             cross join lateral (values ('ward', p.ward_yen), ('metropolitan', p.metropolitan_yen), ('forest', p.forest_yen),
               ('interest', p.interest_yen), ('fee', p.fee_yen)) as t (tax, yen)
       where p.ledger = 'receivable' and p.book_year = ${bookYear})
    select part, tax,
           coalesce(sum(yen) filter (where kind in ('charge', 'charge-change', 'fee', 'interest') or (kind = 'carry-over' and yen > 0)), 0)::bigint
             as "chargedYen",
           coalesce(-sum(yen) filter (where kind in ('receipt', 'match', 'correction', 'appropriation')), 0)::bigint as "collectedYen",
           coalesce(-sum(yen) filter (where kind = 'write-off'), 0)::bigint as "writtenOffYen",
           coalesce(-sum(yen) filter (where kind = 'carry-over' and yen < 0), 0)::bigint as "carriedYen",
           sum(yen)::bigint as "openYen"
      from lines group by part, tax having bool_or(yen <> 0)
     order by part desc, array_position(array['ward', 'metropolitan', 'forest', 'fee', 'interest'], tax)`;
}
export interface YearLine {
  readonly bookYear: number;
  readonly chargedYen: number;
  readonly collectedYen: number;
  readonly writtenOffYen: number;
  readonly openYen: number;
}
/** 調定額, 収入済額, 不納欠損額, 収入未済額 by book year: what the settlement of accounts asks for. */
export async function yearFigures(tx: Tx): Promise<readonly YearLine[]> {
  return tx<YearLine>`
    select book_year as "bookYear",
           coalesce(sum(amount_yen) filter (where ledger = 'receivable' and kind in ('charge', 'charge-change', 'fee', 'interest')
                      or (ledger = 'receivable' and kind = 'carry-over' and amount_yen > 0)), 0)::bigint as "chargedYen",
           coalesce(-sum(amount_yen) filter (where ledger = 'receivable' and kind in ('receipt', 'match', 'correction', 'appropriation')), 0)::bigint
             as "collectedYen",
           coalesce(sum(amount_yen) filter (where ledger = 'written-off'), 0)::bigint as "writtenOffYen",
           coalesce(sum(amount_yen) filter (where ledger = 'receivable'), 0)::bigint as "openYen"
      from collections.posting join collections.entry using (entry_no)
     where ledger in ('receivable', 'written-off') group by book_year order by book_year desc`;
}
