import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { type CsvLayout, readCsv, writeCsvRecords } from '@musubi/kernel/records/csv.ts';
import type { Fault, Outcome, ReadSummary } from '@musubi/kernel/records/faults.ts';
import {
  anyText,
  code,
  constant,
  count,
  digits,
  exactDigits,
  halfWidth,
  westernDate,
} from '@musubi/kernel/records/kinds.ts';
import { type RecordOf, required, type WriteRefusal } from '@musubi/kernel/records/layout.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { municipality6 } from './kinds.ts';
import { type ReturnItems, readFlatItems } from './return-items.ts';
import { type ReturnRelative, relativesOf } from './tax-return.ts';

/** 処理区分: what the operators did with the sheet. */
export const keyingResults = { '1': 'keyed', '2': 'unreadable' } as const;
/** YYYYMMDDhhmmss on the contractor's clock. */
const keyedAt = exactDigits(14);

/**
 * 住民税申告書 on paper, keyed by a contractor: a sheet a line, keyed twice by two operators who do not see each other's work. Both
 * entries are flattened items of the tax return's elements. The layout (WR01) is ours.
 */
const fields = [
  required('formKind', '様式', constant('WR01')),
  required('batchNumber', '発注番号', digits(16)),
  required('sheetNumber', '帳票番号', count(6)),
  required('incomeYear', '年分', exactDigits(4)),
  required('filedOn', '受付年月日', westernDate),
  required('municipality', '市区町村コード', municipality6),
  required('processing', '処理区分', code(keyingResults)),
  required('keyedFrom', '作業開始日時', keyedAt),
  required('keyedUntil', '作業終了日時', keyedAt),
  required('operatorA', '入力者1', halfWidth(20)),
  required('operatorB', '入力者2', halfWidth(20)),
  required('entryA', '入力1', anyText(20_000)),
  required('entryB', '入力2', anyText(20_000)),
] as const;
export type WardReturnRecord = RecordOf<typeof fields>;

export const wardReturnLayout: CsvLayout<typeof fields> = {
  name: '住民税申告書 入力データ WR01',
  policy: { charset: 'utf-8', repertoire: 'any', lookalikes: 'refuse', variants: 'refuse', outside: 'refuse' },
  recordEnd: '\r\n',
  quoted: true,
  fields,
  rules: { 'bad-byte': 'C01', 'wrong-column-count': 'D03', 'wrong-body-code': 'D03' },
};

export interface WardReturn {
  readonly row: number;
  readonly sheet: Pick<WardReturnRecord, 'batchNumber' | 'sheetNumber' | 'filedOn'>;
  readonly incomeYear: number;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: Temporal.PlainDate;
  readonly address: string;
  readonly individualNumber: IndividualNumber | undefined;
  readonly items: ReadonlyMap<string, string>;
  readonly relatives: readonly ReturnRelative[];
}

const identity = ['ABA00140', 'ABA00130', 'ABA00200', 'ABA00120'] as const;

/**
 * Reads a batch. A sheet whose two entries are of one operator (D01), differ (D02, each element that differs), cannot be read (D03) or
 * was not keyed at all (D04) is rejected; nothing is chosen between two entries. What the receiver corrected from the paper stands in
 * place of both.
 *
 * @param options.corrections by sheet: element → value
 * @law 地方税法 第317条の2 (住民税申告)
 */
export function readWardReturns(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: {
    municipality: LocalGovernmentCode;
    each: (outcome: Outcome<WardReturn>) => void | Promise<void>;
    corrections?: SheetCorrections | undefined;
  },
): Promise<ReadSummary> {
  return readCsv(source, {
    layouts: [wardReturnLayout],
    each: options.each,
    finish(record, row) {
      const faults: Fault[] = [];
      const reject = (rule: string, word: string, message: string, field?: string): void =>
        void faults.push({ row, rule, word, message, severity: 'reject', ...(field === undefined ? {} : { field }) });
      if (record.municipality !== options.municipality)
        reject('D03', 'other-municipality', '提出先がこの市区町村ではありません');
      if (record.operatorA === record.operatorB) reject('D01', 'one-operator', '二回の入力が同じ入力者によるものです');
      if (record.processing === 'unreadable') reject('D04', 'unreadable-sheet', '判読できない帳票です');
      if (record.keyedFrom > record.keyedUntil) reject('D03', 'work-times', '作業の開始と終了が逆です');
      const corrected = options.corrections?.get(record.sheetNumber);
      const [a, b] = [record.entryA, record.entryB].map((entry) =>
        withCorrections(readFlatItems(entry), corrected),
      ) as [ReadItems, ReadItems];
      for (const entry of [a, b])
        if (!entry.ok) reject('D03', entry.error.word, '入力の内容を読み取れません', entry.error.element);
      if (!a.ok || !b.ok) return { value: undefined, faults };
      for (const key of differing(a.value, b.value)) reject('D02', 'entries-differ', '二回の入力が一致しません', key);
      for (const code of identity)
        if (!a.value.items.has(code)) reject('D03', 'missing', '本人を示す項目がありません', code);
      const value = faults.length > 0 ? undefined : wardReturnOf(record, row, a.value);
      return { value, faults };
    },
  });
}

type ReadItems = ReturnType<typeof readFlatItems>;
/** 帳票番号 → element → value. */
export type SheetCorrections = ReadonlyMap<number, ReadonlyMap<string, string>>;

function withCorrections(read: ReadItems, corrected: ReadonlyMap<string, string> | undefined): ReadItems {
  if (!read.ok || corrected === undefined) return read;
  return ok({ ...read.value, numbers: read.value.numbers, items: new Map([...read.value.items, ...corrected]) });
}

function differing(a: ReturnItems, b: ReturnItems): string[] {
  const items = [...new Set([...a.items.keys(), ...b.items.keys()])].filter((k) => a.items.get(k) !== b.items.get(k));
  const numbers = [...new Set([...a.numbers.keys(), ...b.numbers.keys()])].filter((k) => {
    const [one, other] = [a.numbers.get(k), b.numbers.get(k)];
    return one === undefined || other === undefined || !one.equals(other);
  });
  return [...items, ...numbers].sort();
}

function wardReturnOf(record: WardReturnRecord, row: number, read: ReturnItems): WardReturn {
  const [name, kana, bornOn, address] = identity.map((code) => read.items.get(code)!) as [
    string,
    string,
    string,
    string,
  ];
  return {
    row,
    sheet: { batchNumber: record.batchNumber, sheetNumber: record.sheetNumber, filedOn: record.filedOn },
    incomeYear: Number(record.incomeYear),
    name,
    kana,
    bornOn: Temporal.PlainDate.from(bornOn),
    address,
    individualNumber: read.numbers.get('ABA00125'),
    items: read.items,
    relatives: relativesOf(read),
  };
}

/** Lines as bytes, for those who key. */
export function writeWardReturns(
  records: Iterable<WardReturnRecord>,
): Result<Uint8Array, WriteRefusal & { readonly row: number }> {
  const written = writeCsvRecords(wardReturnLayout, records);
  return written.ok ? ok(written.value.bytes) : written;
}
