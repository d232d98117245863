import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/*
 * 公的年金からの特別徴収: what an insurer and a municipality tell each other. The layouts that the insurers use through eLTAX are given to
 * the bodies only; these are our own, with what the law says of each notice. UTF-8, CR LF after every record:
 *
 *   H,NT,1,kind,municipality (6),insurer,fiscal year,number,made on (YYYYMMDD)
 *   D,…
 *   T,records,persons,total yen
 *
 * A person is named by the insurer's own key (基礎年金番号 and 年金コード) and by the ward's 通知書番号; no Individual Number goes in them.
 *
 * @law 地方税法 第321条の7の2から第321条の7の10まで
 */

/** 対象者情報 (insurer → ward), 特別徴収依頼 and 中止依頼 (ward → insurer), 徴収結果 (insurer → ward). */
export const fileKinds = ['subjects', 'orders', 'stops', 'results'] as const;
export type PensionFileKind = (typeof fileKinds)[number];

export interface PensionKey {
  /** 基礎年金番号, 10 digits. */
  readonly pensionNumber: string;
  /** 年金コード, 4 digits. */
  readonly pensionCode: string;
}

/** 対象者: who is 65, gets 180,000 yen or more a year, and pays the care insurance from the pension. */
export interface PensionSubject extends PensionKey {
  readonly kana: string;
  readonly name: string;
  readonly bornOn: string;
  readonly sex: 'male' | 'female';
  readonly address: string;
  /** Of one year, yen. */
  readonly annualYen: number;
  readonly careWithheld: boolean;
}
/** 依頼: what is to be kept back from the pension paid in `month`. The same person and month again takes the place of what stood. */
export interface PensionOrder extends PensionKey {
  readonly noticeNumber: string;
  /** `2026-10`; an even month. */
  readonly month: string;
  readonly amountYen: number;
}
export const stopReasons = ['death', 'moved-out', 'levy-changed', 'care-stopped', 'other'] as const;
/** 中止依頼: nothing more is kept back from the pension of `fromMonth` on. */
export interface PensionStop extends PensionKey {
  readonly noticeNumber: string;
  readonly fromMonth: string;
  readonly reason: (typeof stopReasons)[number];
}
export const shortReasons = ['', 'stopped', 'pension-short', 'pension-ended'] as const;
/** 結果: what was kept back from the pension of the month, beside what was asked. */
export interface PensionResult extends PensionKey {
  readonly noticeNumber: string;
  readonly month: string;
  readonly orderedYen: number;
  readonly withheldYen: number;
  readonly reason: (typeof shortReasons)[number];
}
export interface PensionRows {
  readonly subjects: PensionSubject;
  readonly orders: PensionOrder;
  readonly stops: PensionStop;
  readonly results: PensionResult;
}

export interface PensionFileHead<K extends PensionFileKind = PensionFileKind> {
  readonly kind: K;
  readonly municipality: string;
  /** The insurer, as both know it: `nenkin`. */
  readonly insurer: string;
  readonly fiscalYear: number;
  /** Of this kind, municipality and year, from 1. */
  readonly number: number;
  readonly madeOn: string;
}
export interface PensionFile<K extends PensionFileKind = PensionFileKind> extends PensionFileHead<K> {
  readonly rows: readonly PensionRows[K][];
}

/** File name on the line; another name is refused, as the insurers' receiving system does (INC-25). */
export const pensionFileName = ({ kind, municipality, fiscalYear, number }: PensionFileHead): string =>
  `NT_${municipality}_${fiscalYear}_${kind}_${`${number}`.padStart(3, '0')}.csv`;

type Column<R> = readonly [name: keyof R & string, pattern: RegExp, kind?: 'yen' | 'date' | 'flag' | 'sex'];
type Columns = { readonly [K in PensionFileKind]: readonly Column<PensionRows[K]>[] };

const digits = (n: number): RegExp => new RegExp(`^[0-9]{${n}}$`);
const text = (max: number): RegExp => new RegExp(`^[^\\p{Cc},"]{1,${max}}$`, 'u');
const month = /^[0-9]{4}-(0[2468]|1[02])$/;
const yenText = /^(0|[1-9][0-9]{0,9})$/;
const day = /^[0-9]{8}$/;
const key = [
  ['pensionNumber', digits(10)],
  ['pensionCode', digits(4)],
] as const;
const columns: Columns = {
  subjects: [
    ...key,
    ['kana', text(60)],
    ['name', text(60)],
    ['bornOn', day, 'date'],
    ['sex', /^[12]$/, 'sex'],
    ['address', text(120)],
    ['annualYen', yenText, 'yen'],
    ['careWithheld', /^[01]$/, 'flag'],
  ],
  orders: [...key, ['noticeNumber', digits(10)], ['month', month], ['amountYen', yenText, 'yen']],
  stops: [
    ...key,
    ['noticeNumber', digits(10)],
    ['fromMonth', month],
    ['reason', new RegExp(`^(${stopReasons.join('|')})$`)],
  ],
  results: [
    ...key,
    ['noticeNumber', digits(10)],
    ['month', month],
    ['orderedYen', yenText, 'yen'],
    ['withheldYen', yenText, 'yen'],
    ['reason', new RegExp(`^(${shortReasons.join('|')})$`)],
  ],
};
/** Whose sum stands in the trailer. */
const summed = { subjects: 'annualYen', orders: 'amountYen', stops: undefined, results: 'withheldYen' } as const;

export interface PensionTotals {
  readonly records: number;
  readonly persons: number;
  readonly totalYen: number;
}

export function pensionTotals<K extends PensionFileKind>(kind: K, rows: readonly PensionRows[K][]): PensionTotals {
  const name = summed[kind];
  const yenOf = (row: PensionRows[K]): number =>
    name === undefined ? 0 : (row as unknown as Record<string, number>)[name]!;
  return {
    records: rows.length,
    persons: new Set(rows.map((row) => `${row.pensionNumber} ${row.pensionCode}`)).size,
    totalYen: rows.reduce((sum, row) => sum + yenOf(row), 0),
  };
}

const written = (value: unknown, kind: Column<unknown>[2]): string => {
  if (kind === 'date') return `${value}`.replaceAll('-', '');
  if (kind === 'flag') return value === true ? '1' : '0';
  if (kind === 'sex') return value === 'male' ? '1' : '2';
  return `${value}`;
};
const readValue = (field: string, kind: Column<unknown>[2]): unknown => {
  if (kind === 'yen') return Number(field);
  if (kind === 'date') return isoDate(field);
  if (kind === 'flag') return field === '1';
  return kind === 'sex' ? (field === '1' ? 'male' : 'female') : field;
};

/** Throws for a row that a reader would refuse: nothing is sent that cannot be read. */
export function writePensionFile<K extends PensionFileKind>(file: PensionFile<K>): Buffer {
  const { kind, municipality, insurer, fiscalYear, number, madeOn, rows } = file;
  const { records, persons, totalYen } = pensionTotals(kind, rows);
  const lines = rows.map((row) =>
    [
      'D',
      ...columns[kind].map(([name, pattern, as]) => {
        const field = written(row[name as keyof PensionRows[K]], as as Column<unknown>[2]);
        if (!pattern.test(field)) throw new RangeError(`a pension file with an unreadable ${name}`);
        return field;
      }),
    ].join(','),
  );
  const head = ['H', 'NT', '1', kind, municipality, insurer, fiscalYear, number, madeOn.replaceAll('-', '')].join(',');
  const content = Buffer.from([head, ...lines, `T,${records},${persons},${totalYen}`, ''].join('\r\n'), 'utf8');
  if (!readPensionFile(content, kind).ok) throw new RangeError('a pension file that its own reader refuses');
  return content;
}

/** Why a whole file is refused: rule and record (from 1), never a value. */
export interface PensionFault {
  readonly rule:
    | 'not-text'
    | 'cut-short'
    | 'wrong-head'
    | 'other-kind'
    | 'unreadable-record'
    | 'person-month-twice'
    | 'totals-differ';
  readonly row: number;
}

/** Reads a file whole or refuses it. */
export function readPensionFile<K extends PensionFileKind>(
  content: Uint8Array,
  kind: K,
): Result<PensionFile<K>, PensionFault> {
  const fault = (rule: PensionFault['rule'], row: number) => err({ rule, row } as PensionFault);
  let all: string;
  try {
    all = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return fault('not-text', 1);
  }
  const lines = all.split('\r\n');
  if (lines.pop() !== '' || lines.length < 2) return fault('cut-short', lines.length + 1);
  const [head = '', ...body] = lines;
  const trailer = /^T,([0-9]{1,7}),([0-9]{1,7}),([0-9]{1,14})$/.exec(body.pop() ?? '');
  if (trailer === null) return fault('cut-short', lines.length);
  const match = /^H,NT,1,([a-z]+),([0-9]{6}),([a-z][a-z0-9-]{0,30}),([0-9]{4}),([1-9][0-9]{0,2}),([0-9]{8})$/.exec(
    head,
  );
  const madeOn = match === null ? undefined : isoDate(match[6]!);
  if (match === null || madeOn === undefined) return fault('wrong-head', 1);
  if (match[1] !== kind) return fault('other-kind', 1);
  const rows: PensionRows[K][] = [];
  const seen = new Set<string>();
  for (const [i, line] of body.entries()) {
    const [mark, ...fields] = line.split(',');
    const row: Record<string, unknown> = {};
    const layout = columns[kind];
    if (mark !== 'D' || fields.length !== layout.length) return fault('unreadable-record', i + 2);
    for (const [at, [name, pattern, as]] of layout.entries()) {
      const value = pattern.test(fields[at]!) ? readValue(fields[at]!, as as Column<unknown>[2]) : undefined;
      if (value === undefined) return fault('unreadable-record', i + 2);
      row[name] = value;
    }
    const identity = [row.pensionNumber, row.pensionCode, row.month].join(' ');
    if (seen.has(identity)) return fault('person-month-twice', i + 2);
    seen.add(identity);
    rows.push(row as unknown as PensionRows[K]);
  }
  const totals = pensionTotals(kind, rows);
  const stated = trailer.slice(1).map(Number);
  if (stated[0] !== totals.records || stated[1] !== totals.persons || stated[2] !== totals.totalYen)
    return fault('totals-differ', lines.length);
  const [, , municipality, insurer, year, number] = match;
  return ok({
    kind,
    municipality: municipality!,
    insurer: insurer!,
    fiscalYear: Number(year),
    number: Number(number),
    madeOn,
    rows,
  });
}

function isoDate(compact: string): string | undefined {
  const text = compact.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString();
  } catch {
    return undefined;
  }
}
