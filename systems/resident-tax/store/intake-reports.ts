import { copyTied } from '@musubi/kernel/audit/copy-tied.ts';
import { JsonDocument, type Tie } from '@musubi/kernel/audit/tied-rows.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Fault } from '@musubi/kernel/records/faults.ts';
import type { Standing } from '../domain/placing.ts';
import type { Procedure } from './intake-files.ts';

/** A return is one whichever way it came. */
export type DocumentKind = Exclude<Procedure, 'portal-return' | 'forwarded-documents'>;

export interface NewReport {
  readonly reportId: string;
  readonly kind: DocumentKind;
  readonly intakeId: string;
  readonly rowNumber: number;
  readonly incomeYear: number;
  readonly submissionKind: 'new' | 'added' | 'correction' | 'cancellation';
  readonly payerName: string;
  readonly payerNumber: string | null;
  readonly payerNumberRef: string | null;
  readonly recipientNumber: string | null;
  /** The sender's own number of the document, and of the one that it replaces. */
  readonly referenceNo: string | null;
  readonly replacesNo: string | null;
  readonly filedOn: string | null;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: string | null;
  readonly address: string;
  readonly numberRef: string | null;
  readonly paidYen: number;
  readonly columns: Readonly<Record<string, unknown>>;
  readonly nameKey: string;
  readonly addressKey: string;
  readonly relatives: readonly NewRelative[];
}

export interface NewRelative {
  readonly relativeNo: number;
  readonly kind: 'spouse' | 'dependant' | 'young';
  readonly name: string | null;
  readonly kana: string | null;
  readonly residence: string | null;
  readonly bornOn: string | null;
  readonly numberRef: string | null;
  /** Holder of that number in the register, where there is exactly one. */
  readonly personId: string | null;
}

/** @returns what ties the reports to the event: its `batches`. Relatives are tied row by row. */
export async function addReports(tx: Tx, reports: readonly NewReport[]): Promise<Tie> {
  const copied = await copyTied(
    tx,
    'resident_tax.report',
    ['report_id'],
    reports.values().map((r) => ({
      report_id: r.reportId,
      kind: r.kind,
      intake_id: r.intakeId,
      row_number: r.rowNumber,
      income_year: r.incomeYear,
      submission_kind: r.submissionKind,
      payer_name: r.payerName,
      payer_number: r.payerNumber,
      payer_number_ref: r.payerNumberRef,
      recipient_number: r.recipientNumber,
      reference_no: r.referenceNo,
      replaces_no: r.replacesNo,
      filed_on: r.filedOn,
      name: r.name,
      kana: r.kana,
      born_on: r.bornOn,
      address: r.address,
      number_ref: r.numberRef,
      paid_yen: r.paidYen,
      columns: new JsonDocument(r.columns),
      name_key: r.nameKey,
      address_key: r.addressKey,
    })),
  );
  const relatives = reports.flatMap((r) => r.relatives.map((relative) => ({ ...relative, reportId: r.reportId })));
  if (relatives.length === 0) return copied;
  await tx`
    insert into resident_tax.report_relative (report_id, relative_no, kind, name, kana, residence, born_on, number_ref, person_id, event_id)
    select "reportId", "relativeNo", kind, name, kana, residence, "bornOn", "numberRef", "personId", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(relatives)}::jsonb)
        as r("reportId" uuid, "relativeNo" int, kind text, name text, kana text, residence text, "bornOn" date,
             "numberRef" uuid, "personId" uuid)`;
  return copied;
}

/** Faults and warnings of records, without their messages: those are the program's. */
export async function addFaults(
  tx: Tx,
  intakeId: string,
  faults: readonly { readonly row: number; readonly faults: readonly Fault[] }[],
): Promise<void> {
  const rows = faults.flatMap(({ row, faults: of }) =>
    of.map((fault, i) => ({
      rowNumber: row,
      faultNo: i + 1,
      severity: fault.severity,
      rule: fault.rule,
      word: fault.word,
      columnNumber: fault.column ?? null,
      field: fault.field ?? null,
    })),
  );
  if (rows.length === 0) return;
  await tx`
    insert into resident_tax.intake_fault (intake_id, row_number, fault_no, severity, rule, word, column_number, field, event_id)
    select ${intakeId}::uuid, "rowNumber", "faultNo", severity, rule, word, "columnNumber", field, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb)
        as f("rowNumber" int, "faultNo" int, severity text, rule text, word text, "columnNumber" int, field text)`;
}

export async function countReports(tx: Tx, intakeId: string): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.report where intake_id = ${intakeId}`;
  return row?.n ?? 0;
}

/** A report as a clerk sees it; numbers of persons are not among its columns. */
export interface Report {
  readonly reportId: string;
  readonly kind: DocumentKind;
  readonly intakeId: string;
  readonly receptionNumber: string;
  readonly rowNumber: number;
  readonly incomeYear: number;
  readonly submissionKind: NewReport['submissionKind'];
  readonly payerName: string;
  readonly payerNumber: string | null;
  readonly payerNumberRef: string | null;
  readonly recipientNumber: string | null;
  readonly referenceNo: string | null;
  readonly replacesNo: string | null;
  readonly filedOn: string | null;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: string | null;
  readonly address: string;
  readonly numberRef: string | null;
  readonly paidYen: number;
  readonly columns: Readonly<Record<string, unknown>>;
  readonly nameKey: string;
  readonly addressKey: string;
}

export async function findReport(tx: Tx, reportId: string): Promise<Report | undefined> {
  const [row] = await tx<Report>`
    select r.report_id as "reportId", r.kind, r.intake_id as "intakeId", i.reception_no as "receptionNumber", r.row_number as "rowNumber",
           r.income_year as "incomeYear", r.submission_kind as "submissionKind", r.payer_name as "payerName",
           r.payer_number as "payerNumber", r.payer_number_ref as "payerNumberRef", r.recipient_number as "recipientNumber",
           r.reference_no as "referenceNo", r.replaces_no as "replacesNo", r.filed_on::text as "filedOn", r.name, r.kana, r.born_on::text as "bornOn", r.address, r.number_ref as "numberRef", r.paid_yen as "paidYen", r.columns,
           r.name_key as "nameKey", r.address_key as "addressKey"
      from resident_tax.report r join resident_tax.intake i using (intake_id) where r.report_id = ${reportId}`;
  return row;
}

export interface PersonReport {
  readonly reportId: string;
  readonly kind: DocumentKind;
  readonly receptionNumber: string;
  readonly incomeYear: number;
  readonly submissionKind: NewReport['submissionKind'];
  readonly payerName: string;
  readonly paidYen: number;
  readonly state: string;
  /** The document that took its place. */
  readonly replacedBy: string | null;
  readonly changedAt: Temporal.Instant;
}

/** Documents that are or were this person's, newest year first. */
export async function reportsOfPerson(tx: Tx, personId: string): Promise<PersonReport[]> {
  const rows = await tx<Omit<PersonReport, 'changedAt'> & { changedAt: string }>`
    select r.report_id as "reportId", r.kind, i.reception_no as "receptionNumber", r.income_year as "incomeYear",
           r.submission_kind as "submissionKind", r.payer_name as "payerName", r.paid_yen as "paidYen", s.state,
           x.by_report_id as "replacedBy", to_json(s.changed_at)#>>'{}' as "changedAt"
      from resident_tax.report_state s join resident_tax.report r using (report_id) join resident_tax.intake i using (intake_id)
      left join resident_tax.report_supersession x using (report_id)
     where s.person_id = ${personId} order by r.income_year desc, r.kind, r.report_id`;
  return rows.map((row) => ({ ...row, changedAt: Temporal.Instant.from(row.changedAt) }));
}

/** Makes those who place documents of one income year among others wait for each other: what stands then stays until commit. */
export async function lockPlacing(tx: Tx, incomeYear: number): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`place documents ${incomeYear}`}, 0))`;
}

/** Documents of these persons and the year that count: linked, no cancellation, not replaced. In the order of the intake. */
export async function standingReports(
  tx: Tx,
  incomeYear: number,
  personIds: readonly string[],
): Promise<(Standing & { readonly personId: string })[]> {
  return tx<Standing & { personId: string }>`
    select r.report_id as "reportId", s.person_id as "personId", r.kind, r.payer_number as "payerNumber", r.payer_name as "payerName",
           r.reference_no as "referenceNo", r.filed_on::text as "filedOn"
      from resident_tax.report_state s join resident_tax.report r using (report_id)
     where s.person_id = any (${personIds}::uuid[]) and s.state = 'linked' and r.income_year = ${incomeYear}
       and r.submission_kind <> 'cancellation'
     order by r.report_id`;
}
