import { copyTied } from '@musubi/kernel/audit/copy-tied.ts';
import { type JsonDocument, momentInJson, type Tie } from '@musubi/kernel/audit/tied-rows.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';

export type AssessmentState = 'drafted' | 'awaiting-approval' | 'decided' | 'superseded';

/** An assessment as it stands in the facts; amounts in whole yen. */
export interface StoredAssessment {
  readonly assessmentId: string;
  readonly personId: string;
  readonly fiscalYear: number;
  readonly version: number;
  readonly previousId: string | null;
  readonly reportIds: readonly string[];
  readonly input: unknown;
  readonly inputDigest: Buffer;
  readonly ratesVersion: string;
  readonly rulesVersion: string;
  readonly status: 'not-taxable' | 'exempt' | 'per-capita-only' | 'taxed';
  readonly collection: 'none' | 'ordinary' | 'special' | 'pension' | 'mixed';
  readonly totalIncomeYen: number;
  readonly taxableYen: number;
  readonly wardPerIncomeYen: number;
  readonly metropolisPerIncomeYen: number;
  readonly wardPerCapitaYen: number;
  readonly metropolisPerCapitaYen: number;
  readonly forestTaxYen: number;
  readonly annualYen: number;
  readonly draftedBy: string;
  readonly draftedAt: string;
  readonly state: AssessmentState;
  readonly submissionId: string | null;
  readonly decidedBy: string | null;
  readonly decidedOn: string | null;
}

/** What is written of a new one. `instalments` add up to `annualYen`. */
export interface NewAssessment
  extends Omit<
    StoredAssessment,
    'state' | 'submissionId' | 'decidedBy' | 'decidedOn' | 'inputDigest' | 'draftedAt' | 'input'
  > {
  readonly input: JsonDocument;
  readonly inputDigest: Buffer;
  readonly draftedAt: Temporal.Instant;
  readonly orderId: string | null;
  readonly instalments: readonly { readonly dueOn: Temporal.PlainDate; readonly amountYen: number }[];
}

/** The newest assessment of each person and year, whatever its state. */
export interface Newest {
  readonly personId: string;
  readonly assessmentId: string;
  readonly version: number;
  readonly inputDigest: Buffer;
  readonly ratesVersion: string;
  readonly rulesVersion: string;
}

/** One writer at a time per person; the unique key holds it too. Lock in a statement of its own, then read. */
export async function newestOf(tx: Tx, fiscalYear: number, personIds: readonly string[]): Promise<Map<string, Newest>> {
  await tx`
    select pg_advisory_xact_lock(hashtextextended('assessment ' || ${fiscalYear}::int || ' ' || id, 0))
      from (select unnest(${personIds}::text[]) as id order by 1) p`;
  const rows = await tx<Newest>`
    select distinct on (person_id) person_id as "personId", assessment_id as "assessmentId", version,
           input_digest as "inputDigest", rates_version as "ratesVersion", rules_version as "rulesVersion"
      from resident_tax.assessment
     where fiscal_year = ${fiscalYear} and person_id = any (${personIds}::uuid[])
     order by person_id, version desc`;
  return new Map(rows.map((row) => [row.personId, row]));
}

/** One copy, whatever the number. @returns what ties the rows to the event, each by name: its `batches` */
export async function insertAssessments(
  tx: Tx,
  rows: Iterable<NewAssessment>,
): Promise<{ readonly 'resident_tax.assessment': Tie }> {
  const copied = Iterator.from(rows).map((row) => ({
    assessment_id: row.assessmentId,
    person_id: row.personId,
    fiscal_year: row.fiscalYear,
    version: row.version,
    previous_id: row.previousId,
    order_id: row.orderId,
    report_ids: row.reportIds,
    input: row.input,
    input_digest: `\\x${row.inputDigest.toString('hex')}`,
    rates_version: row.ratesVersion,
    rules_version: row.rulesVersion,
    status: row.status,
    collection: row.collection,
    total_income_yen: row.totalIncomeYen,
    taxable_yen: row.taxableYen,
    ward_per_income_yen: row.wardPerIncomeYen,
    metropolis_per_income_yen: row.metropolisPerIncomeYen,
    ward_per_capita_yen: row.wardPerCapitaYen,
    metropolis_per_capita_yen: row.metropolisPerCapitaYen,
    forest_tax_yen: row.forestTaxYen,
    annual_yen: row.annualYen,
    drafted_by: row.draftedBy,
    drafted_at: momentInJson(row.draftedAt),
    instalment_due_on: row.instalments.map((part) => part.dueOn.toString()),
    instalment_yen: row.instalments.map((part) => part.amountYen),
  }));
  return {
    'resident_tax.assessment': await copyTied(tx, 'resident_tax.assessment', ['assessment_id'], copied, {
      named: true,
    }),
  };
}

export async function getAssessments(tx: Tx, assessmentIds: readonly string[]): Promise<StoredAssessment[]> {
  return tx<StoredAssessment>`
    select a.assessment_id as "assessmentId", a.person_id as "personId", a.fiscal_year as "fiscalYear", a.version,
           a.previous_id as "previousId", a.report_ids::text[] as "reportIds", a.input, a.input_digest as "inputDigest",
           a.rates_version as "ratesVersion", a.rules_version as "rulesVersion", a.status, a.collection,
           a.total_income_yen as "totalIncomeYen", a.taxable_yen as "taxableYen", a.ward_per_income_yen as "wardPerIncomeYen",
           a.metropolis_per_income_yen as "metropolisPerIncomeYen", a.ward_per_capita_yen as "wardPerCapitaYen",
           a.metropolis_per_capita_yen as "metropolisPerCapitaYen", a.forest_tax_yen as "forestTaxYen",
           a.annual_yen as "annualYen", a.drafted_by as "draftedBy", a.drafted_at::text as "draftedAt",
           d.decided_by as "decidedBy", d.decided_on::text as "decidedOn", coalesce(d.submission_id, open.submission_id) as "submissionId",
           case when d.assessment_id is not null then 'decided' when newer.assessment_id is not null then 'superseded'
                when open.submission_id is not null then 'awaiting-approval' else 'drafted' end as state
      from resident_tax.assessment a
      left join resident_tax.assessment_decision d using (assessment_id)
      left join resident_tax.assessment newer on newer.previous_id = a.assessment_id
      left join lateral (
        select i.submission_id from resident_tax.submission_item i
         where i.assessment_id = a.assessment_id
           and not exists (select 1 from resident_tax.submission_end e where e.submission_id = i.submission_id)
         limit 1) open on true
     where a.assessment_id = any (${assessmentIds}::uuid[])
     order by a.assessment_id`;
}

export interface StoredInstalment {
  readonly partNo: number;
  readonly dueOn: string;
  readonly amountYen: number;
}
export async function getInstalments(tx: Tx, assessmentId: string): Promise<StoredInstalment[]> {
  return tx<StoredInstalment>`
    select part_no as "partNo", due_on::text as "dueOn", amount_yen as "amountYen"
      from resident_tax.instalment where assessment_id = ${assessmentId} order by part_no`;
}

/** All assessments of the person's year, the first first. */
export async function idsOfYear(tx: Tx, personId: string, fiscalYear: number): Promise<string[]> {
  const rows = await tx<{ id: string }>`
    select assessment_id as id from resident_tax.assessment
     where person_id = ${personId} and fiscal_year = ${fiscalYear} order by version`;
  return rows.map((row) => row.id);
}

/** A levy as the person's record lists it. */
export type PersonsLevy = Pick<
  ListedAssessment,
  'assessmentId' | 'fiscalYear' | 'version' | 'state' | 'status' | 'collection' | 'annualYen'
>;

/** Every levy of a person, the newest year and version first. */
export const leviesOfPerson = (tx: Tx, personId: string): Promise<PersonsLevy[]> => tx<PersonsLevy>`
  select a.assessment_id as "assessmentId", a.fiscal_year as "fiscalYear", a.version, a.status, a.collection,
         a.annual_yen as "annualYen",
         case when d.assessment_id is not null then 'decided' when exists (
                select 1 from resident_tax.submission_item i where i.assessment_id = a.assessment_id
                  and not exists (select 1 from resident_tax.submission_end e where e.submission_id = i.submission_id))
              then 'awaiting-approval' else 'drafted' end as state
    from resident_tax.assessment a left join resident_tax.assessment_decision d using (assessment_id)
   where a.person_id = ${personId} order by a.fiscal_year desc, a.version desc`;

export interface ListedAssessment {
  readonly assessmentId: string;
  readonly personId: string;
  readonly addresseeNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly fiscalYear: number;
  readonly version: number;
  readonly state: AssessmentState;
  readonly status: StoredAssessment['status'];
  readonly collection: StoredAssessment['collection'];
  readonly totalIncomeYen: number;
  readonly annualYen: number;
  readonly documentId: string | null;
  readonly total: number;
}

/** The newest assessment of each person of the year, filtered, ordered and cut on the server. `total` is on every row. */
export async function listAssessments(
  tx: Tx,
  query: {
    readonly fiscalYear: number;
    readonly state: string | null;
    readonly status: string | null;
    readonly collection: string | null;
    readonly sort: string;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<ListedAssessment[]> {
  return tx<ListedAssessment>`
    with newest as (
      select a.*, case when d.assessment_id is not null then 'decided' when exists (
               select 1 from resident_tax.submission_item i where i.assessment_id = a.assessment_id
                 and not exists (select 1 from resident_tax.submission_end e where e.submission_id = i.submission_id))
             then 'awaiting-approval' else 'drafted' end as state
        from resident_tax.assessment a left join resident_tax.assessment_decision d using (assessment_id)
       where a.fiscal_year = ${query.fiscalYear}
         and not exists (select 1 from resident_tax.assessment n where n.previous_id = a.assessment_id))
    select a.assessment_id as "assessmentId", a.person_id as "personId", p.addressee_number as "addresseeNumber", s.name,
           s.name_kana as "nameKana", a.fiscal_year as "fiscalYear", a.version, a.state, a.status, a.collection,
           a.total_income_yen as "totalIncomeYen", a.annual_yen as "annualYen", doc.document_id as "documentId",
           count(*) over ()::int as total
      from newest a
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      left join resident_tax.document doc on doc.assessment_id = a.assessment_id and doc.reduction_id is null
     where (${query.state}::text is null or a.state = ${query.state}) and (${query.status}::text is null or a.status = ${query.status})
       and (${query.collection}::text is null or a.collection = ${query.collection})
     order by case when ${query.sort}::text = 'annual.asc' then a.annual_yen end asc,
              case when ${query.sort}::text = 'annual.desc' then a.annual_yen end desc,
              case when ${query.sort}::text = 'income.asc' then a.total_income_yen end asc,
              case when ${query.sort}::text = 'income.desc' then a.total_income_yen end desc,
              case when ${query.sort}::text = 'name.desc' then s.name_kana end desc,
              s.name_kana, a.assessment_id
     limit ${query.limit} offset ${query.offset}`;
}

export interface StoredSettlement {
  readonly personId: string;
  readonly seenReportIds: readonly string[];
  readonly leftOutIds: readonly string[];
  readonly spouseIncomeYen: number | null;
  readonly questions: readonly string[];
}
export async function settlementsOf(
  tx: Tx,
  fiscalYear: number,
  personIds: readonly string[],
): Promise<Map<string, StoredSettlement>> {
  const rows = await tx<StoredSettlement>`
    select distinct on (person_id) person_id as "personId", seen_report_ids::text[] as "seenReportIds",
           left_out_ids::text[] as "leftOutIds", spouse_income_yen as "spouseIncomeYen", questions
      from resident_tax.report_settlement
     where fiscal_year = ${fiscalYear} and person_id = any (${personIds}::uuid[])
     order by person_id, settled_at desc, settlement_id desc`;
  return new Map(rows.map((row) => [row.personId, row]));
}
