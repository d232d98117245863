import assert from 'node:assert/strict';
import { roundDownTo, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { Collection, Instalment } from './assessment-result.ts';

/**
 * Splits a year's levy over its due dates (期割). Each part is cut to `unit`; what is cut off is added to the first.
 *
 * @param total yen, not negative (確定金額)
 * @param count number of due dates, 1 to 12
 * @returns yen per due date, first to last; they add up to `total`
 * @law 地方税法 第20条の4の2第6項 (普通徴収: 1,000円), 第321条の5第1項 (特別徴収: 100円)
 */
export function splitIntoInstalments(total: Yen, count: number, unit: 1_000 | 100 = 1_000): readonly Yen[] {
  assert(total >= 0);
  assert(Number.isInteger(count) && count >= 1 && count <= 12);
  const part = roundDownTo(unit, Math.trunc(total / count));
  return [yen(total - part * (count - 1)), ...Array.from({ length: count - 1 }, () => part)];
}

/** What the instalments are made of. `flatCut` is what 定額減税 took from the year's tax, 100-yen cuts included. */
export interface Payable {
  readonly payable: Yen;
  readonly beforeFlatCut: Yen;
  /** 均等割 and 森林環境税 of the municipality: a tax up to this is collected at once. */
  readonly perCapitaAmount: number;
}

/** @law 地方税法 第320条, 附則第5条の9 (令和6年度: the cut is taken from the first due date, then the next) */
export function ordinaryInstalments(
  { payable, beforeFlatCut, perCapitaAmount }: Payable,
  juneFree: boolean,
): readonly Yen[] {
  if (juneFree && beforeFlatCut > payable) {
    let cut = beforeFlatCut - payable;
    return splitIntoInstalments(beforeFlatCut, 4).map((part) => {
      const taken = Math.min(cut, part);
      cut -= taken;
      return yen(part - taken);
    });
  }
  return payable <= perCapitaAmount ? [payable, yen(0), yen(0), yen(0)] : splitIntoInstalments(payable, 4);
}

/** June to May. @law 地方税法 第321条の5, 附則第5条の10 (令和6年度: nothing in June, eleven parts from July) */
export function specialInstalments(
  { payable, beforeFlatCut, perCapitaAmount }: Payable,
  juneFree: boolean,
): readonly Yen[] {
  const atOnce = payable <= perCapitaAmount;
  if (juneFree && beforeFlatCut > payable) {
    const rest = atOnce
      ? [payable, ...Array.from({ length: 10 }, () => yen(0))]
      : splitIntoInstalments(payable, 11, 100);
    return [yen(0), ...rest];
  }
  return atOnce ? [payable, ...Array.from({ length: 11 }, () => yen(0))] : splitIntoInstalments(payable, 12, 100);
}

/** A Saturday or Sunday moves to Monday; none of these dates nor the days after them is a public holiday. @law 地方税法 第20条の5第2項 */
function onWorkday(date: Temporal.PlainDate): Temporal.PlainDate {
  return date.dayOfWeek <= 5 ? date : date.add({ days: 8 - date.dayOfWeek });
}

/** 30 June, 31 August, 31 October, 31 January of the fiscal year. @law 地方税法 第320条; 特別区税条例 */
export function ordinaryDueDates(fiscalYear: number): readonly Temporal.PlainDate[] {
  const ends = [`${fiscalYear}-06-30`, `${fiscalYear}-08-31`, `${fiscalYear}-10-31`, `${fiscalYear + 1}-01-31`];
  return ends.map((end) => onWorkday(Temporal.PlainDate.from(end)));
}

/**
 * 特別徴収: the months June to May, each named by its first day. The employer pays in by the 10th of the month after;
 * that day depends on public holidays and is set where the payment is due.
 */
export function specialMonths(fiscalYear: number): readonly Temporal.PlainDate[] {
  const june = Temporal.PlainDate.from(`${fiscalYear}-06-01`);
  return Array.from({ length: 12 }, (_, i) => june.add({ months: i }));
}

/** The dates of a year do not change from person to person; a mass run makes them once. */
const datesByYear = new Map<
  number,
  { readonly ordinary: readonly Temporal.PlainDate[]; readonly special: readonly Temporal.PlainDate[] }
>();
function datesOf(fiscalYear: number) {
  const known = datesByYear.get(fiscalYear);
  if (known !== undefined) return known;
  const made = { ordinary: ordinaryDueDates(fiscalYear), special: specialMonths(fiscalYear) };
  datesByYear.set(fiscalYear, made);
  return made;
}

/** How and in which parts the year's tax is collected. @law 地方税法 第319条, 第319条の2, 第321条の3 */
export function collectionOf(input: AssessmentInput, amounts: Payable, rates: RatesForYear): Collection {
  if (amounts.payable === 0) return { method: 'none', instalments: [] };
  const { taxpayer } = input;
  const noticeDay = `${rates.fiscalYear}-05-31`;
  const gone = [taxpayer.diedOn, taxpayer.departedOn].some((day) => day !== null && day.toString() <= noticeDay);
  const special = input.specialCollection && !gone && taxpayer.kind === 'resident' && input.incomes.salaries.length > 0;
  const juneFree = rates.flatCut?.juneFree ?? false;
  const parts = special ? specialInstalments(amounts, juneFree) : ordinaryInstalments(amounts, juneFree);
  const dates = datesOf(rates.fiscalYear)[special ? 'special' : 'ordinary'];
  const instalments = parts.map((amount, i): Instalment => ({ dueOn: dates[i] as Temporal.PlainDate, amount }));
  return { method: special ? 'special' : 'ordinary', instalments };
}
