import { fiveDigits, type LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { readCsv, writeCsvRecords } from '@musubi/kernel/records/csv.ts';
import type { Fault, Outcome, ReadSummary } from '@musubi/kernel/records/faults.ts';
import type { WriteNote, WriteRefusal } from '@musubi/kernel/records/layout.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import { layoutFromReiwa7, layoutUntilReiwa6, type WageReportRecord } from './layout.ts';
import { incomeYearOf, present, type ReportedPerson, reportedBirth, reportedPerson } from './reported-person.ts';
import { warningsOf } from './rules.ts';

/** One person's 給与支払報告書: the columns as filed, and what has to be put together from several of them. */
export interface SalaryPaymentReport {
  /** Record number in its file, from 1. */
  readonly row: number;
  readonly columns: WageReportRecord;
  /** Calendar year of the pay: 令和7年分 is 2025. */
  readonly incomeYear: number;
  /** Undefined where the columns name no real day (W09): such a report waits for a clerk. */
  readonly bornOn: Temporal.PlainDate | undefined;
  readonly joinedOn: Temporal.PlainDate | undefined;
  readonly leftOn: Temporal.PlainDate | undefined;
  readonly spousePerson: ReportedPerson | undefined;
  /** 控除対象扶養親族, those of 5人目以降 last (number only). */
  readonly dependants: readonly ReportedPerson[];
  readonly youngDependants: readonly ReportedPerson[];
}

/**
 * Reads a file of 315 records (144 or 147 columns), each handed to `each`. Rules W02 to W10 and C01 of the format are
 * named in the faults; W11 needs the reports received before, W12 the summary (`countFault`).
 *
 * @param options.municipality who receives: a record for another body is rejected (W07)
 * @source 総務省告示 (光ディスク等への記録の技術基準), 国税庁「法定調書の光ディスク等による提出の標準規格」
 */
export function readSalaryPaymentReports(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: { municipality: LocalGovernmentCode; each: (outcome: Outcome<SalaryPaymentReport>) => void | Promise<void> },
): Promise<ReadSummary> {
  return readCsv(source, {
    layouts: [layoutFromReiwa7, layoutUntilReiwa6],
    each: options.each,
    finish(columns, row, columnCount) {
      const report = assemble(columns, row);
      // Column numbers past 143 differ between the two versions; rules only name columns before them.
      const faults = [...rejections(report, options.municipality), ...warningsOf(report)];
      const expected = report.incomeYear >= 2025 ? 147 : 144;
      if (columnCount !== expected)
        faults.push(fault(row, 'W02', 'wrong-column-count', '項目の数が年分の様式と一致しません'));
      return { value: report, faults };
    },
  });
}

/** Lines as bytes. A character outside JIS levels 1 and 2 is reduced with a note or refused, never dropped. */
export function writeSalaryPaymentReports(
  records: Iterable<WageReportRecord>,
): Result<{ bytes: Uint8Array; notes: readonly WriteNote[] }, WriteRefusal & { readonly row: number }> {
  return writeCsvRecords(
    (record) => (incomeYearOf(record.incomeYearInEra) >= 2025 ? layoutFromReiwa7 : layoutUntilReiwa6),
    records,
  );
}

/** 総括表: what the sender says that the file holds. */
export interface ReportSummary {
  readonly designationNumber: string | undefined;
  readonly municipality: LocalGovernmentCode;
  /** 報告人員: 特別徴収, 普通徴収 (退職), 普通徴収 (その他). */
  readonly specialCollection: number;
  readonly ordinaryCollectionLeft: number;
  readonly ordinaryCollectionOther: number;
  readonly total: number;
}

/** W12: 報告人員 equals the records that are no cancellation, rejected ones too, and its parts add up. */
export function countFault(
  summary: ReportSummary,
  file: { records: number; cancellations: number },
): 'total-differs-from-parts' | 'total-differs-from-file' | undefined {
  const { specialCollection, ordinaryCollectionLeft, ordinaryCollectionOther, total } = summary;
  if (specialCollection + ordinaryCollectionLeft + ordinaryCollectionOther !== total) return 'total-differs-from-parts';
  return total === file.records - file.cancellations ? undefined : 'total-differs-from-file';
}

function assemble(c: WageReportRecord, row: number): SalaryPaymentReport {
  const changedOn = reiwaOrHeiseiDate(c.employmentChangeYear, c.employmentChangeMonth, c.employmentChangeDay);
  return {
    row,
    columns: c,
    incomeYear: incomeYearOf(c.incomeYearInEra),
    bornOn: reportedBirth(c),
    joinedOn: c.employmentChange === 'joined' ? changedOn : undefined,
    leftOn: c.employmentChange === 'left' ? changedOn : undefined,
    spousePerson: reportedPerson(c.spousePersonName, c.spousePersonKana, c.spousePersonResidence, c.spousePersonNumber),
    dependants: present([
      reportedPerson(c.dependant1Name, c.dependant1Kana, c.dependant1Residence, c.dependant1Number),
      reportedPerson(c.dependant2Name, c.dependant2Kana, c.dependant2Residence, c.dependant2Number),
      reportedPerson(c.dependant3Name, c.dependant3Kana, c.dependant3Residence, c.dependant3Number),
      reportedPerson(c.dependant4Name, c.dependant4Kana, c.dependant4Residence, c.dependant4Number),
      ...(c.furtherDependants ?? []).map((p) => reportedPerson(undefined, undefined, undefined, p.number)),
    ]),
    youngDependants: present([
      reportedPerson(c.young1Name, c.young1Kana, c.young1Residence, c.young1Number),
      reportedPerson(c.young2Name, c.young2Kana, c.young2Residence, c.young2Number),
      reportedPerson(c.young3Name, c.young3Kana, c.young3Residence, c.young3Number),
      reportedPerson(c.young4Name, c.young4Kana, c.young4Residence, c.young4Number),
      ...(c.furtherYoung ?? []).map((p) => reportedPerson(undefined, undefined, undefined, p.number)),
    ]),
  };
}

/** Dates of the pay year carry no era: a year of 28 to 31 is 平成. */
function reiwaOrHeiseiDate(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
): Temporal.PlainDate | undefined {
  if (year === undefined || month === undefined || day === undefined) return undefined;
  // 令和元年 may be written 31 or 01, so the day is taken as it stands and not held to its era.
  try {
    const date = { year: incomeYearOf(year), month: Number(month), day: Number(day) };
    return Temporal.PlainDate.from(date, { overflow: 'reject' });
  } catch {
    return undefined;
  }
}

function rejections(report: SalaryPaymentReport, municipality: LocalGovernmentCode): Fault[] {
  const faults: Fault[] = [];
  const { row, columns } = report;
  if (fiveDigits(columns.municipality) !== fiveDigits(municipality)) {
    faults.push(
      fault(row, 'W07', 'other-municipality', '提出先がこの市区町村ではありません', 139, '提出先市町村コード'),
    );
  }
  const family = [report.spousePerson, ...report.dependants, ...report.youngDependants];
  const numbers = [columns.individualNumber, ...family.map((member) => member?.individualNumber)].filter(
    (n) => n !== undefined,
  );
  if (numbers.some((number, at) => numbers.slice(at + 1).some((other) => other.equals(number)))) {
    faults.push(fault(row, 'W06', 'same-number-twice', '同じ個人番号が二人に書かれています'));
  }
  return faults;
}

function fault(row: number, rule: string, word: string, message: string, column?: number, field?: string): Fault {
  return { row, rule, word, message, severity: 'reject', ...(column && field ? { column, field } : {}) };
}
