import { err, ok, type Result } from '../result/result.ts';

/** Japanese eras by first day. Dates before 明治6年 (1873) are refused: the calendar was another one. */
const eras = [
  { name: '明治', letter: 'M', first: '1868-01-25' },
  { name: '大正', letter: 'T', first: '1912-07-30' },
  { name: '昭和', letter: 'S', first: '1926-12-25' },
  { name: '平成', letter: 'H', first: '1989-01-08' },
  { name: '令和', letter: 'R', first: '2019-05-01' },
] as const;
const starts = eras.map((era) => ({ ...era, on: Temporal.PlainDate.from(era.first) }));
const oldest = Temporal.PlainDate.from('1873-01-01');

export type Era = (typeof eras)[number]['name'];
export interface EraDate {
  readonly era: Era;
  /** 1 is 元年. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/**
 * One digit for an era, as file formats write it. `statutory` is the order of 法定調書 and 給与支払報告書 (昭和1 大正2 明治3
 * 平成4 令和5), `chronological` that of most other formats.
 */
export const eraDigits = {
  statutory: { 昭和: '1', 大正: '2', 明治: '3', 平成: '4', 令和: '5' },
  chronological: { 明治: '1', 大正: '2', 昭和: '3', 平成: '4', 令和: '5' },
} as const satisfies Record<string, Record<Era, string>>;
export type EraDigitTable = keyof typeof eraDigits;

export function eraOfDigit(digit: string, table: EraDigitTable): Era | undefined {
  return eras.find((era) => eraDigits[table][era.name] === digit)?.name;
}

/** Throws RangeError before 1873. */
export function toEraDate(date: Temporal.PlainDate): EraDate {
  if (Temporal.PlainDate.compare(date, oldest) < 0) throw new RangeError('no era dates before 1873');
  const era = starts.findLast(({ on }) => Temporal.PlainDate.compare(date, on) >= 0)!;
  return { era: era.name, year: date.year - era.on.year + 1, month: date.month, day: date.day };
}

/** The other way; a day that does not exist, and one that the era does not hold (昭和64年2月), are told apart. */
export function fromEraDate(date: EraDate): Result<Temporal.PlainDate, 'no-such-date' | 'not-in-that-era'> {
  if (date.year < 1) return err('no-such-date');
  const era = eras.find((e) => e.name === date.era)!;
  let found: Temporal.PlainDate;
  try {
    const year = Number(era.first.slice(0, 4)) + date.year - 1;
    found = Temporal.PlainDate.from({ year, month: date.month, day: date.day }, { overflow: 'reject' });
  } catch {
    return err('no-such-date');
  }
  if (Temporal.PlainDate.compare(found, oldest) < 0) return err('not-in-that-era');
  return toEraDate(found).era === date.era ? ok(found) : err('not-in-that-era');
}

/** 令和8年6月1日; the first year is 元年. */
export function formatEra(date: Temporal.PlainDate): string {
  const { era, year, month, day } = toEraDate(date);
  return `${era}${yearText(year)}年${month}月${day}日`;
}

/** R08.06.01, for tables and slips. */
export function formatEraShort(date: Temporal.PlainDate): string {
  const { era, year, month, day } = toEraDate(date);
  return `${eras.find((e) => e.name === era)!.letter}${[year, month, day].map(two).join('.')}`;
}

/** Reads 令和8年6月1日, 令和元年5月1日, R08.06.01 and R8/6/1; full-width digits and letters too. */
export function parseEra(
  text: string,
): Result<Temporal.PlainDate, 'not-an-era-date' | 'no-such-date' | 'not-in-that-era'> {
  const plain = text.normalize('NFKC').replaceAll(/\s/g, '');
  const long = /^(明治|大正|昭和|平成|令和)(元|\d{1,2})年(\d{1,2})月(\d{1,2})日$/.exec(plain);
  const short = /^([MTSHR])(\d{1,2})[./](\d{1,2})[./](\d{1,2})$/.exec(plain);
  const parts = long ?? short;
  if (parts === null) return err('not-an-era-date');
  const era = eras.find((e) => e.name === parts[1] || e.letter === parts[1])!.name;
  const year = parts[2] === '元' ? 1 : Number(parts[2]);
  return fromEraDate({ era, year, month: Number(parts[3]), day: Number(parts[4]) });
}

export const yearText = (year: number): string => (year === 1 ? '元' : String(year));
const two = (n: number): string => String(n).padStart(2, '0');
