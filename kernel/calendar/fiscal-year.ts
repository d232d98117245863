import type { Brand } from '../ids/brand.ts';
import { toEraDate, yearText } from './eras.ts';

/** 会計年度, named by the year of its April: 2026 is 令和8年度. */
export type FiscalYear = Brand<number, 'FiscalYear'>;

/** @law 地方自治法 第208条第1項 */
export const fiscalYearOf = (date: Temporal.PlainDate): FiscalYear =>
  (date.month >= 4 ? date.year : date.year - 1) as FiscalYear;

/** Throws RangeError for what is no year of this era of law (1947 to 2200). */
export function fiscalYear(year: number): FiscalYear {
  if (!Number.isInteger(year) || year < 1947 || year > 2200) throw new RangeError('no such fiscal year');
  return year as FiscalYear;
}
export const firstDayOf = (year: FiscalYear): Temporal.PlainDate => Temporal.PlainDate.from({ year, month: 4, day: 1 });
export const lastDayOf = (year: FiscalYear): Temporal.PlainDate =>
  Temporal.PlainDate.from({ year: year + 1, month: 3, day: 31 });
/** 令和8年度. Named by its first day, so the year that began on 1 April 2019 is 平成31年度. */
export function formatFiscalYear(year: FiscalYear): string {
  const first = toEraDate(firstDayOf(year));
  return `${first.era}${yearText(first.year)}年度`;
}
/** 令和7年分, the calendar year of an income, named by its last day as the tax forms do. */
export function formatIncomeYear(year: number): string {
  const last = toEraDate(Temporal.PlainDate.from({ year, month: 12, day: 31 }));
  return `${last.era}${yearText(last.year)}年分`;
}
