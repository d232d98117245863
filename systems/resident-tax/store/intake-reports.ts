import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Fault } from '@musubi/kernel/records/faults.ts';

export interface NewReport {
  readonly reportId: string;
  readonly intakeId: string;
  readonly rowNumber: number;
  readonly incomeYear: number;
  readonly submissionKind: 'new' | 'added' | 'correction' | 'cancellation';
  readonly payerName: string;
  readonly payerNumber: string | null;
  readonly payerNumberRef: string | null;
  readonly recipientNumber: string | null;
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
  readonly numberRef: string | null;
}

export async function addReports(tx: Tx, reports: readonly NewReport[]): Promise<void> {
  await tx`
    insert into resident_tax.salary_report
      (report_id, intake_id, row_number, income_year, submission_kind, payer_name, payer_number, payer_number_ref, recipient_number,
       name, kana, born_on, address, number_ref, paid_yen, columns, name_key, address_key, event_id)
    select "reportId", "intakeId", "rowNumber", "incomeYear", "submissionKind", "payerName", "payerNumber", "payerNumberRef",
           "recipientNumber", name, kana, "bornOn", address, "numberRef", "paidYen", columns, "nameKey", "addressKey", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(reports.map(({ relatives: _relatives, ...report }) => report))}::jsonb)
        as r("reportId" uuid, "intakeId" uuid, "rowNumber" int, "incomeYear" int, "submissionKind" text, "payerName" text,
             "payerNumber" text, "payerNumberRef" uuid, "recipientNumber" text, name text, kana text, "bornOn" date, address text,
             "numberRef" uuid, "paidYen" bigint, columns jsonb, "nameKey" text, "addressKey" text)`;
  const relatives = reports.flatMap((r) => r.relatives.map((relative) => ({ ...relative, reportId: r.reportId })));
  await tx`
    insert into resident_tax.salary_report_relative (report_id, relative_no, kind, name, kana, residence, number_ref, event_id)
    select "reportId", "relativeNo", kind, name, kana, residence, "numberRef", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(relatives)}::jsonb)
        as r("reportId" uuid, "relativeNo" int, kind text, name text, kana text, residence text, "numberRef" uuid)`;
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
    select count(*)::int as n from resident_tax.salary_report where intake_id = ${intakeId}`;
  return row?.n ?? 0;
}

/** A report as a clerk sees it; numbers of persons are not among its columns. */
export interface Report {
  readonly reportId: string;
  readonly intakeId: string;
  readonly receptionNumber: string;
  readonly rowNumber: number;
  readonly incomeYear: number;
  readonly submissionKind: NewReport['submissionKind'];
  readonly payerName: string;
  readonly payerNumber: string | null;
  readonly payerNumberRef: string | null;
  readonly recipientNumber: string | null;
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
    select r.report_id as "reportId", r.intake_id as "intakeId", i.reception_no as "receptionNumber", r.row_number as "rowNumber",
           r.income_year as "incomeYear", r.submission_kind as "submissionKind", r.payer_name as "payerName",
           r.payer_number as "payerNumber", r.payer_number_ref as "payerNumberRef", r.recipient_number as "recipientNumber",
           r.name, r.kana, r.born_on::text as "bornOn", r.address, r.number_ref as "numberRef", r.paid_yen as "paidYen", r.columns,
           r.name_key as "nameKey", r.address_key as "addressKey"
      from resident_tax.salary_report r join resident_tax.intake i using (intake_id) where r.report_id = ${reportId}`;
  return row;
}

export interface PersonReport {
  readonly reportId: string;
  readonly receptionNumber: string;
  readonly incomeYear: number;
  readonly submissionKind: NewReport['submissionKind'];
  readonly payerName: string;
  readonly paidYen: number;
  readonly state: string;
}

/** Reports that are or were this person's, newest year first. */
export async function reportsOfPerson(tx: Tx, personId: string): Promise<PersonReport[]> {
  return tx<PersonReport>`
    select r.report_id as "reportId", i.reception_no as "receptionNumber", r.income_year as "incomeYear",
           r.submission_kind as "submissionKind", r.payer_name as "payerName", r.paid_yen as "paidYen", s.state
      from resident_tax.report_state s join resident_tax.salary_report r using (report_id) join resident_tax.intake i using (intake_id)
     where s.person_id = ${personId} order by r.income_year desc, r.report_id`;
}

/**
 * Other reports of one person, year and payer that count: linked, no cancellation, not replaced. In the order of the intake.
 */
export async function samePayerReports(tx: Tx, report: Report | NewReport, personId: string): Promise<string[]> {
  const rows = await tx<{ reportId: string }>`
    select r.report_id as "reportId"
      from resident_tax.report_state s join resident_tax.salary_report r using (report_id)
     where s.person_id = ${personId} and s.state = 'linked' and r.income_year = ${report.incomeYear}
       and r.report_id <> ${report.reportId} and r.submission_kind <> 'cancellation'
       and (r.payer_number = ${report.payerNumber} or (r.payer_number is null and ${report.payerNumber}::text is null and r.payer_name = ${report.payerName}))
     order by r.report_id`;
  return rows.map((r) => r.reportId);
}
