import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Charge, ChargeKey } from '../domain/charges.ts';

export interface ToCharge {
  readonly assessmentId: string;
  readonly personId: string;
  readonly fiscalYear: number;
  readonly version: number;
  readonly collection: 'none' | 'ordinary' | 'special' | 'pension' | 'mixed';
  /** Less what was remitted. */
  readonly wardYen: number;
  readonly metropolisYen: number;
  readonly forestYen: number;
  /** 期割 of the decision; read as float8[], exact for yen, as the driver hands an array of bigint over as texts. */
  readonly instalments: readonly number[];
  readonly reportIds: readonly string[];
}

/** A levy in force with what was remitted taken off, charged or not. */
export async function levyToCharge(tx: Tx, assessmentId: string): Promise<ToCharge | undefined> {
  const [row] = await tx<ToCharge>`
    select a.assessment_id as "assessmentId", a.person_id as "personId", a.fiscal_year as "fiscalYear", a.version, a.collection,
           greatest(0, a.ward_per_income_yen + a.ward_per_capita_yen - m.ward) as "wardYen",
           greatest(0, a.metropolis_per_income_yen + a.metropolis_per_capita_yen - m.metropolis) as "metropolisYen",
           greatest(0, a.forest_tax_yen - m.forest) as "forestYen",
           array(select i.amount_yen::float8 from resident_tax.instalment i
                  where i.assessment_id = a.assessment_id order by i.part_no) as instalments,
           a.report_ids::text[] as "reportIds"
      from resident_tax.assessment a cross join lateral resident_tax.remitted_yen(a.person_id, a.fiscal_year) m
     where a.assessment_id = ${assessmentId}`;
  return row;
}

/** One charger at a time, so that each levy is charged upon the one before it. */
export async function lockCharges(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('resident-tax charges', 0))`;
}

/** Levies in force that were not charged, the oldest decisions first. One that a later decision replaced is never charged. */
export async function toCharge(
  tx: Tx,
  { limit, only }: { readonly limit: number; readonly only: readonly string[] | null },
): Promise<ToCharge[]> {
  return tx<ToCharge>`
    select a.assessment_id as "assessmentId", a.person_id as "personId", a.fiscal_year as "fiscalYear", a.version,
           case when a.collection = 'pension' and exists (select 1 from resident_tax.pension_stop s
                                                           where s.person_id = a.person_id and s.fiscal_year = a.fiscal_year)
                then 'ordinary' else a.collection end as collection,
           greatest(0, a.ward_per_income_yen + a.ward_per_capita_yen - m.ward) as "wardYen",
           greatest(0, a.metropolis_per_income_yen + a.metropolis_per_capita_yen - m.metropolis) as "metropolisYen",
           greatest(0, a.forest_tax_yen - m.forest) as "forestYen",
           array(select i.amount_yen::float8 from resident_tax.instalment i
                  where i.assessment_id = a.assessment_id order by i.part_no) as instalments,
           a.report_ids::text[] as "reportIds"
      from resident_tax.assessment_decision d join resident_tax.assessment a using (assessment_id)
      cross join lateral resident_tax.remitted_yen(a.person_id, a.fiscal_year) m
     where (${only}::uuid[] is null or a.assessment_id = any (${only}::uuid[]))
       and not exists (select 1 from resident_tax.charging c where c.assessment_id = a.assessment_id)
       and not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                        where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)
     order by d.decided_at, a.assessment_id limit ${limit}`;
}

/** A charge with its newest revision. */
export interface StandingCharge extends Charge {
  readonly chargeId: string;
  readonly personId: string;
  readonly fiscalYear: number;
  readonly revision: number;
  readonly designationNumber: string | null;
}

interface ChargeRow extends ChargeKey {
  readonly chargeId: string;
  readonly personId: string;
  readonly fiscalYear: number;
  readonly revision: number;
  readonly designationNumber: string | null;
  readonly dueOn: string;
  readonly legalDueOn: string;
  readonly ward: number;
  readonly metropolis: number;
  readonly forest: number;
}

export async function standingCharges(tx: Tx, personIds: readonly string[]): Promise<StandingCharge[]> {
  const rows = await tx<ChargeRow>`
    select c.charge_id as "chargeId", c.person_id as "personId", c.fiscal_year as "fiscalYear", c.method, c.instalment, r.revision,
           r.designation_number as "designationNumber", r.due_on::text as "dueOn", r.legal_due_on::text as "legalDueOn",
           r.ward_yen as ward, r.metropolis_yen as metropolis, r.forest_yen as forest
      from resident_tax.charge c
      join lateral (select * from resident_tax.charge_revision x
                     where x.charge_id = c.charge_id order by x.revision desc limit 1) r on true
     where c.person_id = any (${personIds}::uuid[])`;
  return rows.map(({ ward, metropolis, forest, dueOn, legalDueOn, ...row }) => ({
    ...row,
    dueOn: Temporal.PlainDate.from(dueOn),
    legalDueOn: Temporal.PlainDate.from(legalDueOn),
    items: { ward, metropolis, forest },
  }));
}

/** The next `count` values of a sequence, as numbers. */
export async function nextSerials(
  tx: Tx,
  sequence: 'notice_serial' | 'slip_serial' | 'collector_serial',
  count: number,
): Promise<number[]> {
  if (count === 0) return [];
  const rows = await tx<{ n: number }>`
    select nextval(${`resident_tax.${sequence}`}::regclass) as n from generate_series(1, ${count}::int)`;
  return rows.map((row) => Number(row.n));
}

export interface NoticeNumber {
  readonly personId: string;
  readonly fiscalYear: number;
  readonly noticeNumber: string;
}

export async function noticeNumbersOf(tx: Tx, personIds: readonly string[]): Promise<NoticeNumber[]> {
  return tx<NoticeNumber>`
    select person_id as "personId", fiscal_year as "fiscalYear", notice_number as "noticeNumber"
      from resident_tax.notice_number where person_id = any (${personIds}::uuid[])`;
}

export async function insertNoticeNumbers(tx: Tx, rows: readonly NoticeNumber[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into resident_tax.notice_number (person_id, fiscal_year, notice_number, event_id)
    select r."personId", r."fiscalYear", r."noticeNumber", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as r("personId" uuid, "fiscalYear" int, "noticeNumber" text)`;
}

export interface Collector {
  readonly designationNumber: string;
  readonly payerKey: string;
  readonly name: string;
}

export async function collectorsOf(tx: Tx, payerKeys: readonly string[]): Promise<Map<string, Collector>> {
  const rows = await tx<Collector>`
    select designation_number as "designationNumber", payer_key as "payerKey", name
      from resident_tax.special_collector where payer_key = any (${payerKeys}::text[])`;
  return new Map(rows.map((row) => [row.payerKey, row]));
}

/** @returns whether it was entered: the number or the payer may be known already. */
export async function insertCollector(tx: Tx, collector: Collector): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.special_collector (designation_number, payer_key, name, event_id)
    values (${collector.designationNumber}, ${collector.payerKey}, ${collector.name}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** Who filed a report, for the collector of a levy. */
export interface FiledReport {
  readonly reportId: string;
  readonly payerName: string;
  readonly payerNumber: string | null;
  readonly paidYen: number;
  readonly recipientNumber: string | null;
  readonly columns: Readonly<Record<string, unknown>>;
}

export async function filedReports(tx: Tx, reportIds: readonly string[]): Promise<Map<string, FiledReport>> {
  const rows = await tx<FiledReport>`
    select report_id as "reportId", payer_name as "payerName", payer_number as "payerNumber", paid_yen as "paidYen",
           recipient_number as "recipientNumber", columns
      from resident_tax.report where kind = 'salary-payment-report' and report_id = any (${reportIds}::uuid[])`;
  return new Map(rows.map((row) => [row.reportId, row]));
}

export interface NewSlip {
  readonly caseKey: string;
  readonly confirmationNumber: string;
  readonly convenienceReference: string;
  readonly payableUntil: string;
}

export interface NewRevision {
  readonly chargeId: string;
  readonly revision: number;
  readonly personId: string;
  readonly fiscalYear: number;
  readonly method: ChargeKey['method'];
  readonly instalment: number;
  readonly assessmentId: string;
  readonly reason: 'levy' | 'change' | 'method-change' | 'cancellation';
  readonly dueOn: string;
  readonly legalDueOn: string;
  readonly wardYen: number;
  readonly metropolisYen: number;
  readonly forestYen: number;
  readonly amountYen: number;
  readonly designationNumber: string | null;
  readonly slip: NewSlip | null;
}

/** Three statements, whatever the number: charges that are new, revisions, slips. */
export async function insertRevisions(tx: Tx, rows: readonly NewRevision[], at: Temporal.Instant): Promise<void> {
  if (rows.length === 0) return;
  const first = rows.filter((row) => row.revision === 1);
  await tx`
    insert into resident_tax.charge (charge_id, person_id, fiscal_year, method, instalment, event_id)
    select r."chargeId", r."personId", r."fiscalYear", r.method, r.instalment, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(first)}::jsonb)
        as r("chargeId" uuid, "personId" uuid, "fiscalYear" int, method text, instalment int)`;
  await tx`
    insert into resident_tax.charge_revision (charge_id, revision, assessment_id, reason, due_on, legal_due_on, ward_yen,
      metropolis_yen, forest_yen, amount_yen, designation_number, recorded_at, event_id)
    select r."chargeId", r.revision, r."assessmentId", r.reason, r."dueOn", r."legalDueOn", r."wardYen", r."metropolisYen",
           r."forestYen", r."amountYen", r."designationNumber", ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb)
        as r("chargeId" uuid, revision int, "assessmentId" uuid, reason text, "dueOn" date, "legalDueOn" date, "wardYen" bigint,
             "metropolisYen" bigint, "forestYen" bigint, "amountYen" bigint, "designationNumber" text)`;
  const slips = rows.flatMap((row) => (row.slip === null ? [] : [{ ...row, ...row.slip }]));
  await tx`
    insert into resident_tax.payment_slip (case_key, charge_id, revision, amount_yen, confirmation_number,
      convenience_reference, payable_until, event_id)
    select r."caseKey", r."chargeId", r.revision, r."amountYen", r."confirmationNumber", r."convenienceReference",
           r."payableUntil", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(slips)}::jsonb)
        as r("caseKey" text, "chargeId" uuid, revision int, "amountYen" bigint, "confirmationNumber" text,
             "convenienceReference" text, "payableUntil" date)`;
}

export async function insertChargings(tx: Tx, assessmentIds: readonly string[], at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_tax.charging (assessment_id, charged_at, event_id)
    select id, ${at}::timestamptz, ${tx.eventId}::uuid from unnest(${assessmentIds}::uuid[]) as id`;
}

/** The levy in force of the person's year, where it was charged. */
export async function chargedLevy(tx: Tx, personId: string, fiscalYear: number): Promise<string | undefined> {
  const [row] = await tx<{ id: string }>`
    select a.assessment_id as id from resident_tax.assessment a join resident_tax.charging using (assessment_id)
     where a.person_id = ${personId} and a.fiscal_year = ${fiscalYear}
       and not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                        where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)`;
  return row?.id;
}

/** A revision as collections and a notice read it. */
export interface ChargedRevision extends Omit<NewRevision, 'slip'> {
  readonly noticeNumber: string;
  readonly collectorName: string | null;
  /** Where an employer is written to, as its newest report of the person says; only where the revision is handed over. */
  readonly collectorAddress?: string | null;
  readonly decidedOn: string;
  readonly caseKey: string | null;
  readonly confirmationNumber: string | null;
  readonly convenienceReference: string | null;
  readonly payableUntil: string | null;
}

/**
 * Revisions that collections was not told of, in the order in which they were made; of each charge the earliest alone, as the receiver
 * judges a message against what it knew before.
 */
export async function toHandOver(tx: Tx, limit: number): Promise<ChargedRevision[]> {
  return tx<ChargedRevision>`
    select r.charge_id as "chargeId", r.revision, c.person_id as "personId", c.fiscal_year as "fiscalYear", c.method, c.instalment,
           r.assessment_id as "assessmentId", r.reason, r.due_on::text as "dueOn", r.legal_due_on::text as "legalDueOn",
           r.ward_yen as "wardYen", r.metropolis_yen as "metropolisYen", r.forest_yen as "forestYen", r.amount_yen as "amountYen",
           r.designation_number as "designationNumber", n.notice_number as "noticeNumber", sc.name as "collectorName",
           w.address as "collectorAddress", d.decided_on::text as "decidedOn", s.case_key as "caseKey", s.confirmation_number as "confirmationNumber",
           s.convenience_reference as "convenienceReference", s.payable_until::text as "payableUntil"
      from resident_tax.charge_revision r
      join resident_tax.charge c using (charge_id)
      join resident_tax.notice_number n on n.person_id = c.person_id and n.fiscal_year = c.fiscal_year
      join resident_tax.assessment_decision d using (assessment_id)
      left join resident_tax.special_collector sc on sc.designation_number = r.designation_number
      left join resident_tax.payment_slip s on s.charge_id = r.charge_id and s.revision = r.revision
      left join lateral (
        select x.columns ->> 'payerAddress' as address
          from resident_tax.report_state t join resident_tax.report x using (report_id)
         where c.method = 'special' and t.person_id = c.person_id and t.state = 'linked' and x.kind = 'salary-payment-report'
           and sc.payer_key = coalesce(x.payer_number, 'name:' || x.payer_name)
         order by x.income_year desc, x.report_id desc limit 1) w on true
     where not exists (select 1 from resident_tax.charge_handover h
                        where h.charge_id = r.charge_id and h.revision = r.revision)
       and (r.revision = 1 or exists (select 1 from resident_tax.charge_handover h
                                       where h.charge_id = r.charge_id and h.revision = r.revision - 1))
     order by r.recorded_at, r.charge_id, r.revision limit ${limit}`;
}

/** All of the person's year as it stands now, by due date. Nothing where the levy in force was not charged yet. */
export async function chargesOfLevy(tx: Tx, assessmentId: string): Promise<ChargedRevision[]> {
  return tx<ChargedRevision>`
    select c.charge_id as "chargeId", r.revision, c.person_id as "personId", c.fiscal_year as "fiscalYear", c.method, c.instalment,
           r.assessment_id as "assessmentId", r.reason, r.due_on::text as "dueOn", r.legal_due_on::text as "legalDueOn",
           r.ward_yen as "wardYen", r.metropolis_yen as "metropolisYen", r.forest_yen as "forestYen", r.amount_yen as "amountYen",
           r.designation_number as "designationNumber", n.notice_number as "noticeNumber", sc.name as "collectorName",
           d.decided_on::text as "decidedOn", s.case_key as "caseKey", s.confirmation_number as "confirmationNumber",
           s.convenience_reference as "convenienceReference", s.payable_until::text as "payableUntil"
      from resident_tax.charging g
      join resident_tax.assessment a using (assessment_id)
      join resident_tax.charge c on c.person_id = a.person_id and c.fiscal_year = a.fiscal_year
      join lateral (select * from resident_tax.charge_revision x
                     where x.charge_id = c.charge_id order by x.revision desc limit 1) r on true
      join resident_tax.notice_number n on n.person_id = c.person_id and n.fiscal_year = c.fiscal_year
      join resident_tax.assessment_decision d on d.assessment_id = r.assessment_id
      left join resident_tax.special_collector sc on sc.designation_number = r.designation_number
      left join resident_tax.payment_slip s on s.charge_id = r.charge_id and s.revision = r.revision
     where g.assessment_id = ${assessmentId}
     order by r.due_on, c.method, c.instalment`;
}

export async function insertHandovers(
  tx: Tx,
  messageId: string,
  revisions: readonly { readonly chargeId: string; readonly revision: number }[],
): Promise<void> {
  await tx`
    insert into resident_tax.charge_handover (charge_id, revision, message_id, event_id)
    select r.charge_id, r.revision, ${messageId}::uuid, ${tx.eventId}::uuid
      from unnest(${revisions.map((r) => r.chargeId)}::uuid[], ${revisions.map((r) => r.revision)}::int[]) as r(charge_id, revision)`;
}
