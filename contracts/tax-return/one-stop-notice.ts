import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { type CsvLayout, readCsv, writeCsvRecords } from '@musubi/kernel/records/csv.ts';
import type { Fault, Outcome, ReadSummary } from '@musubi/kernel/records/faults.ts';
import {
  anyText,
  code,
  constant,
  count,
  exactDigits,
  flag,
  halfWidth,
  westernDate,
  yenAmount,
} from '@musubi/kernel/records/kinds.ts';
import { optional, type RecordOf, required, type WriteRefusal } from '@musubi/kernel/records/layout.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { individualNumber12, municipality6 } from './kinds.ts';

/** 通知区分. */
export const noticeKinds = { '1': 'new', '2': 'correction', '3': 'cancellation' } as const;

/** 申告特例通知書 ST01: one donor and one body given to, a line. The real layout is not public; this one is ours. */
const fields = [
  required('formKind', '種別', constant('ST01')),
  required('version', '版', constant('1')),
  required('noticeKind', '通知区分', code(noticeKinds)),
  required('noticeNumber', '通知番号', halfWidth(20)),
  optional('replaces', '訂正元通知番号', halfWidth(20)),
  required('donationYear', '寄附年', exactDigits(4)),
  required('givenTo', '寄附先団体コード', municipality6),
  required('municipality', '送付先市区町村コード', municipality6),
  required('kana', '氏名カナ', anyText(60)),
  required('name', '氏名', anyText(60)),
  required('bornOn', '生年月日', westernDate),
  optional('postalCode', '郵便番号', exactDigits(7)),
  required('address', '住所', anyText(120)),
  optional('individualNumber', '個人番号', individualNumber12),
  optional('phone', '電話番号', halfWidth(15)),
  required('amountYen', '寄附金額合計', yenAmount(12)),
  required('donations', '寄附件数', count(4)),
  required('appliedOn', '受付年月日', westernDate),
  required('changed', '変更届有無', flag),
] as const;
export type OneStopRecord = RecordOf<typeof fields>;

export const oneStopLayout: CsvLayout<typeof fields> = {
  name: '申告特例通知書 ST01',
  policy: { charset: 'utf-8', repertoire: 'any', lookalikes: 'refuse', variants: 'refuse', outside: 'refuse' },
  recordEnd: '\r\n',
  quoted: false,
  fields,
  rules: { 'bad-byte': 'C01', 'wrong-check-digit': 'K04', 'wrong-length': 'K04', 'wrong-body-code': 'K06' },
};

export interface OneStopNotice {
  readonly row: number;
  readonly record: OneStopRecord;
  readonly donationYear: number;
}

/**
 * Reads notices. Wrong body, nothing given, or a correction that names no original: K06.
 * @law 地方税法 附則第7条第5項
 */
export function readOneStopNotices(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: { municipality: LocalGovernmentCode; each: (outcome: Outcome<OneStopNotice>) => void | Promise<void> },
): Promise<ReadSummary> {
  return readCsv(source, {
    layouts: [oneStopLayout],
    each: options.each,
    finish(record, row) {
      const faults: Fault[] = [];
      const reject = (word: string, message: string, column: number): void =>
        void faults.push({ row, rule: 'K06', word, message, column, severity: 'reject' });
      if (record.municipality !== options.municipality)
        reject('other-municipality', '送付先がこの市区町村ではありません', 8);
      if (record.noticeKind !== 'new' && record.replaces === undefined)
        reject('original-not-named', '訂正元の通知番号がありません', 5);
      if (record.noticeKind !== 'cancellation' && record.amountYen === 0)
        reject('nothing-given', '寄附金額が0円です', 16);
      return { value: { row, record, donationYear: Number(record.donationYear) }, faults };
    },
  });
}

/**
 * Reads applications as a channel of the body given to hands them over, in the same layout: for that body and year, each with the number that
 * its notice will carry.
 * @law 地方税法 附則第7条第2項
 */
export function readDonationApplications(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: {
    givenTo: LocalGovernmentCode;
    donationYear: number;
    each: (outcome: Outcome<OneStopRecord>) => void | Promise<void>;
  },
): Promise<ReadSummary> {
  return readCsv(source, {
    layouts: [oneStopLayout],
    each: options.each,
    finish(record, row) {
      const faults: Fault[] = [];
      const reject = (word: string, message: string, column: number): void =>
        void faults.push({ row, rule: 'K06', word, message, column, severity: 'reject' });
      if (record.noticeKind !== 'new') reject('not-an-application', '申請ではありません', 3);
      if (record.donationYear !== `${options.donationYear}`) reject('other-year', '寄附年が違います', 6);
      if (record.givenTo !== options.givenTo) reject('other-municipality', '寄附先がこの市区町村ではありません', 7);
      if (record.municipality === options.givenTo) reject('own-resident', '送付先が寄附先と同じです', 8);
      if (record.individualNumber === undefined) reject('number-missing', '個人番号がありません', 14);
      if (record.amountYen === 0) reject('nothing-given', '寄附金額が0円です', 16);
      return { value: record, faults };
    },
  });
}

/** Lines as bytes, for senders. */
export function writeOneStopNotices(
  records: Iterable<OneStopRecord>,
): Result<Uint8Array, WriteRefusal & { readonly row: number }> {
  const written = writeCsvRecords(oneStopLayout, records);
  return written.ok ? ok(written.value.bytes) : written;
}
