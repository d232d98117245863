import { roundDownTo, sum, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { Collection, IncomeAmounts, Instalment, PensionParts } from './assessment-result.ts';
import { dayAgainst, remaining } from './ratio.ts';

/**
 * Splits a year's levy over its due dates (期割). Each part is cut to `unit`; what is cut off is added to the first.
 *
 * @param total yen, not negative (確定金額)
 * @param count number of due dates, 1 to 12
 * @returns yen per due date, first to last; they add up to `total`
 * @law 地方税法 第20条の4の2第6項 (普通徴収: 1,000円), 第321条の5第1項 (特別徴収: 100円)
 */
export function splitIntoInstalments(total: Yen, count: number, unit: 1_000 | 100 = 1_000): readonly Yen[] {
  if (total < 0 || !Number.isInteger(count) || count < 1 || count > 12)
    throw new RangeError('a levy that is not negative, over 1 to 12 due dates');
  const part = roundDownTo(unit, Math.trunc(total / count));
  return firstAndOthers(yen(total - part * (count - 1)), part, count);
}

function firstAndOthers(first: Yen, other: Yen, count: number): readonly Yen[] {
  const parts = new Array<Yen>(count);
  parts[0] = first;
  for (let i = 1; i < count; i++) parts[i] = other;
  return parts;
}

/** What the instalments are made of. */
export interface Payable {
  readonly payable: Yen;
  /** `payable` as it would be without 定額減税. */
  readonly beforeFlatCut: Yen;
  /** 定額減税 took something. */
  readonly flatCut: boolean;
  /** 均等割 and 森林環境税 of the municipality: a tax up to this is collected at once. */
  readonly perCapitaAmount: number;
}

/** The cut of 令和6年度 is taken from the parts in their order. */
function takeFrom(parts: readonly Yen[], cut: number): readonly Yen[] {
  if (cut === 0) return parts;
  let left = cut;
  return parts.map((part) => {
    const taken = Math.min(left, part);
    left -= taken;
    return yen(part - taken);
  });
}

const zero = yen(0);
/** All of it in the first of `count` parts. */
const atOnce = (amount: Yen, count: number): readonly Yen[] => firstAndOthers(amount, zero, count);

/** @law 地方税法 第320条, 附則第5条の9 (令和6年度: the cut is taken from the first due date, then the next) */
export function ordinaryInstalments(of: Payable, juneFree: boolean): readonly Yen[] {
  if (juneFree && of.flatCut) return takeFrom(splitIntoInstalments(of.beforeFlatCut, 4), of.beforeFlatCut - of.payable);
  return of.payable <= of.perCapitaAmount ? atOnce(of.payable, 4) : splitIntoInstalments(of.payable, 4);
}

/** June to May. @law 地方税法 第321条の5, 附則第5条の10 (令和6年度: nothing in June, eleven parts from July) */
export function specialInstalments(of: Payable, juneFree: boolean): readonly Yen[] {
  const fromJune = !(juneFree && of.flatCut);
  const count = fromJune ? 12 : 11;
  const parts =
    of.payable <= of.perCapitaAmount ? atOnce(of.payable, count) : splitIntoInstalments(of.payable, count, 100);
  return fromJune ? parts : [zero, ...parts];
}

/**
 * 年金特別徴収. In the first year half of the tax by 普通徴収 at the first two due dates, half from October; later half of the year
 * before from April (仮徴収) and the rest from October.
 *
 * @law 地方税法 第321条の7の2, 第321条の7の8, 附則第5条の11
 */
export function pensionParts(of: Payable, previousYearTax: Yen | null, juneFree: boolean): PensionParts {
  const whole = juneFree && of.flatCut ? of.beforeFlatCut : of.payable;
  const first = previousYearTax === null;
  const provisional = first ? atOnce(zero, 3) : provisionalParts(previousYearTax);
  const begun = sum(provisional);
  const main = splitIntoInstalments(first ? halfOf(whole) : remaining(whole, begun), 3, 100);
  const ordinary = first ? splitIntoInstalments(yen(whole - halfOf(whole)), 2) : atOnce(zero, 2);
  const parts = takeFrom(ordinary.concat(main), whole - of.payable);
  return {
    provisional: provisional as PensionParts['provisional'],
    main: parts.slice(2) as readonly Yen[] as PensionParts['main'],
    ordinary: parts.slice(0, 2) as readonly Yen[] as PensionParts['ordinary'],
    excess: remaining(begun, of.payable),
  };
}
const halfOf = (amount: Yen): Yen => roundDownTo(100, Math.trunc(amount / 2));

/** 仮徴収 of the next year from this year's tax: half of it over April, June and August. @law 地方税法 第321条の7の8 */
export const provisionalParts = (yearTax: Yen): readonly Yen[] => splitIntoInstalments(halfOf(yearTax), 3, 100);

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

/** Least yearly pension that tax may be collected from, and the age on 1 April. @law 地方税法 第321条の7の2第1項, 同法施行令 第48条の9の13 */
const pensionCollectionFrom = { benefit: 180_000, age: 65 };

/** @law 地方税法 第319条, 第319条の2, 第321条の3, 第321条の7の2 */
function methodOf(input: AssessmentInput, incomes: IncomeAmounts, payable: Yen): Collection['method'] {
  if (payable === 0) return 'none';
  const { taxpayer, fiscalYear, pensionCollection: pension } = input;
  if (taxpayer.kind === 'house-or-office-only') return 'ordinary';
  if (isGone(taxpayer.diedOn, fiscalYear) || isGone(taxpayer.departedOn, fiscalYear)) return 'ordinary';
  if (
    pension?.receivesOldAgePension &&
    pension.careInsuranceWithheld &&
    pension.annualBenefit >= pensionCollectionFrom.benefit &&
    incomes.publicPension > 0 &&
    dayAgainst(taxpayer.bornOn, (fiscalYear - pensionCollectionFrom.age) * 10_000 + 402) <= 0
  ) {
    const only =
      incomes.salaryRevenue === 0 &&
      incomes.totalIncome === incomes.miscellaneous &&
      incomes.miscellaneous === incomes.publicPension;
    if (!only) return 'mixed';
    return payable <= pension.annualBenefit ? 'pension' : 'ordinary';
  }
  if (!input.specialCollection || incomes.salaryRevenue === 0) return 'ordinary';
  return input.otherIncomeByOrdinary && incomes.totalIncome > incomes.salary ? 'mixed' : 'special';
}

/** Died or left by 31 May, before the first month of 特別徴収. */
const isGone = (day: Temporal.PlainDate | null, fiscalYear: number): boolean =>
  day !== null && dayAgainst(day, fiscalYear * 10_000 + 531) <= 0;

/** How and in which parts the year's tax is collected. */
export function collectionOf(
  input: AssessmentInput,
  incomes: IncomeAmounts,
  amounts: Payable,
  rates: RatesForYear,
): Collection {
  const method = methodOf(input, incomes, amounts.payable);
  const juneFree = rates.flatCut?.juneFree ?? false;
  if (method === 'none' || method === 'mixed') return { method, instalments: noInstalments, pension: null };
  if (method === 'pension') {
    const { previousYearTax = null } = input.pensionCollection ?? {};
    return { method, instalments: noInstalments, pension: pensionParts(amounts, previousYearTax, juneFree) };
  }
  const parts = method === 'special' ? specialInstalments(amounts, juneFree) : ordinaryInstalments(amounts, juneFree);
  return { method, instalments: dated(parts, datesOf(rates.fiscalYear)[method]), pension: null };
}

const noInstalments: readonly Instalment[] = [];

function dated(parts: readonly Yen[], dates: readonly Temporal.PlainDate[]): readonly Instalment[] {
  const instalments = new Array<Instalment>(parts.length);
  for (let i = 0; i < parts.length; i++)
    instalments[i] = { dueOn: dates[i] as Temporal.PlainDate, amount: parts[i] as Yen };
  return instalments;
}
