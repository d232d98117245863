import { fiveDigits, type LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { readCsv, writeCsvRecords } from '@musubi/kernel/records/csv.ts';
import type { Fault, Outcome, ReadSummary } from '@musubi/kernel/records/faults.ts';
import type { WriteNote, WriteRefusal } from '@musubi/kernel/records/layout.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import { sum, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import {
  incomeYearOf,
  present,
  type ReportedPerson,
  reportedBirth,
  reportedPerson,
} from '../wage-report/reported-person.ts';
import { type PensionReportRecord, pensionReportLayout } from './layout.ts';

/** One person's 公的年金等支払報告書 of one insurer. */
export interface PensionPaymentReport {
  /** Record number in its file, from 1. */
  readonly row: number;
  readonly columns: PensionReportRecord;
  /** Calendar year of the pension: 令和7年分 is 2025. */
  readonly incomeYear: number;
  /** Undefined where the columns name no real day (W09). */
  readonly bornOn: Temporal.PlainDate | undefined;
  /** 支払金額 of all kinds of withholding together: 地方税法 第317条の6第4項 asks for the whole. */
  readonly paid: Yen;
  readonly spousePerson: ReportedPerson | undefined;
  readonly dependants: readonly ReportedPerson[];
  readonly youngDependants: readonly ReportedPerson[];
}

/**
 * Reads a file of 331 records, each handed to `each`. Faults carry the rules W02 to W09 and C01 of the salary reports (P08).
 *
 * @param options.municipality who receives: a record for another body is rejected (W07)
 * @law 地方税法 第317条の6第4項
 */
export function readPensionPaymentReports(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: {
    municipality: LocalGovernmentCode;
    each: (outcome: Outcome<PensionPaymentReport>) => void | Promise<void>;
  },
): Promise<ReadSummary> {
  return readCsv(source, {
    layouts: [pensionReportLayout],
    each: options.each,
    finish(columns, row) {
      const report = assemble(columns, row);
      return { value: report, faults: [...rejections(report, options.municipality), ...warningsOf(report)] };
    },
  });
}

/** Lines as bytes. A character outside JIS levels 1 and 2 is reduced with a note or refused, never dropped. */
export function writePensionPaymentReports(
  records: Iterable<PensionReportRecord>,
): Result<{ bytes: Uint8Array; notes: readonly WriteNote[] }, WriteRefusal & { readonly row: number }> {
  return writeCsvRecords(pensionReportLayout, records);
}

function assemble(c: PensionReportRecord, row: number): PensionPaymentReport {
  return {
    row,
    columns: c,
    incomeYear: incomeYearOf(c.incomeYearInEra),
    bornOn: reportedBirth(c),
    paid: sum([c.paid1Yen, c.paid2Yen, c.paid3Yen, c.paid7Yen].map((part) => part ?? yen(0))),
    spousePerson: reportedPerson(c.spousePersonName, c.spousePersonKana, c.spousePersonResidence, c.spousePersonNumber),
    dependants: present([
      reportedPerson(c.dependant1Name, c.dependant1Kana, c.dependant1Residence, c.dependant1Number),
      reportedPerson(c.dependant2Name, c.dependant2Kana, c.dependant2Residence, c.dependant2Number),
    ]),
    youngDependants: present([
      reportedPerson(c.young1Name, c.young1Kana, c.young1Residence, undefined),
      reportedPerson(c.young2Name, c.young2Kana, c.young2Residence, undefined),
    ]),
  };
}

function rejections({ row, columns, ...report }: PensionPaymentReport, municipality: LocalGovernmentCode): Fault[] {
  const faults: Fault[] = [];
  if (fiveDigits(columns.municipality) !== fiveDigits(municipality)) {
    const place = { column: 73, field: '提出先市町村コード' };
    faults.push(fault(row, 'W07', 'other-municipality', '提出先がこの市区町村ではありません', 'reject', place));
  }
  const family = [report.spousePerson, ...report.dependants];
  const numbers = [columns.individualNumber, ...family.map((member) => member?.individualNumber)].filter(
    (n) => n !== undefined,
  );
  if (numbers.some((number, at) => numbers.slice(at + 1).some((other) => other.equals(number))))
    faults.push(fault(row, 'W06', 'same-number-twice', '同じ個人番号が二人に書かれています', 'reject'));
  return faults;
}

const notMore = [
  // part, whole, column of the part
  ['unpaid1Yen', 'paid1Yen', 20],
  ['unpaid2Yen', 'paid2Yen', 24],
  ['unpaid3Yen', 'paid3Yen', 28],
  ['unpaid7Yen', 'paid7Yen', 32],
  ['speciallyDisabledLivingTogether', 'speciallyDisabled', 46],
] as const;

function warningsOf({ row, columns, bornOn, incomeYear }: PensionPaymentReport): Fault[] {
  const found = notMore
    .filter(([part, whole]) => (columns[part] ?? 0) > (columns[whole] ?? 0))
    .map(([, , column]) => fault(row, 'W08', 'part-exceeds-whole', '内訳が合計を超えています', 'warning', { column }));
  if (columns.bornEra !== 'other' && bornOn === undefined)
    found.push(fault(row, 'W09', 'no-such-date', '生年月日が存在しない日付です', 'warning', { column: 16 }));
  else if (bornOn !== undefined && bornOn.year > incomeYear)
    found.push(fault(row, 'W09', 'born-after-year-end', '生年月日が年分より後です', 'warning', { column: 16 }));
  return found;
}

const fault = (
  row: number,
  rule: string,
  word: string,
  message: string,
  severity: Fault['severity'],
  place: { readonly column?: number; readonly field?: string } = {},
): Fault => ({ row, rule, word, message, severity, ...place });
