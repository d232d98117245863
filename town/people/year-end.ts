import { atRate, atRateRoundedUp, roundDownTo, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { type BandTable, bandOf, upTo } from '@musubi/rates/resident-tax/shapes.ts';
import { ageOn } from './household.ts';
import type { Employment, Household, Person } from './person.ts';

/** What an employer's year-end adjustment (年末調整) writes on the report; amounts in yen. */
export interface YearEnd {
  readonly paidYen: number;
  readonly incomeYen: number;
  readonly incomeAdjustmentYen: number;
  readonly deductionsYen: number;
  readonly withheldYen: number;
  readonly socialInsuranceYen: number;
  readonly lifeDeductionYen: number;
  readonly earthquakeDeductionYen: number;
  readonly basicDeductionYen: number;
  readonly spouse: { readonly person: Person; readonly incomeYen: number; readonly deductionYen: number } | null;
  readonly dependants: readonly Dependant[];
  readonly young: readonly Person[];
}
export interface Dependant {
  readonly person: Person;
  readonly kind: 'ordinary' | 'specified' | 'elderly-together';
}

/** Pay of calendar year `year`: less the year's months before the joining. */
export function payOf({ annualPayYen, joinedOn }: Employment, year: number): number {
  if (joinedOn.year > year) return 0;
  const months = joinedOn.year === year ? 13 - joinedOn.month : 12;
  return roundDownTo(1_000, yen(Math.trunc((annualPayYen * months) / 12)));
}

/** 給与所得 of one pay. @law 所得税法 第28条, 別表第五 */
export function salaryIncomeOf(pay: number, table: BandTable): number {
  const { unit, ratio, plus } = bandOf(table, pay);
  return atRate(roundDownTo(unit, yen(pay)), ratio) + plus;
}

/**
 * The year-end adjustment of one employee in a household. Only one of a couple claims: the one with the higher pay. Whoever
 * has an income above 9,000,000 claims no spouse here, which the law allows; 特定親族特別控除 is claimed by nobody.
 *
 * @law 所得税法 第190条; 第74条 to 第86条 (deductions), 第83条の2 (配偶者特別控除)
 */
export function yearEndOf(
  person: Person,
  employment: Employment,
  household: Household,
  year: number,
  rates: RatesForYear,
): YearEnd {
  const paidYen = payOf(employment, year);
  const lastDay = Temporal.PlainDate.from({ year, month: 12, day: 31 });
  const payIn = (other: Person): number => (other.employment === null ? 0 : payOf(other.employment, year));
  const incomeIn = (other: Person): number => salaryIncomeOf(payIn(other), rates.salaryIncome);
  const couple = household.members.filter((m) => ['世帯主', '夫', '妻'].includes(m.relationship));
  const isCouple = couple.includes(person);
  const claims = isCouple && couple.every((m) => m === person || payIn(m) < paidYen);

  const others = claims ? household.members.filter((m) => !couple.includes(m)) : [];
  const poor = others.filter((m) => incomeIn(m) <= rates.dependantIncomeLimit);
  const agesOf = (m: Person): number => ageOn(m.birthDate, lastDay);
  const young = poor.filter((m) => agesOf(m) < 16 && Temporal.PlainDate.compare(m.birthDate, lastDay) <= 0);
  const dependants = poor
    .filter((m) => agesOf(m) >= 16)
    .map((m): Dependant => ({ person: m, kind: kindAt(agesOf(m)) }));

  const underTwentyThree = others.some((m) => agesOf(m) < 23 && incomeIn(m) <= rates.dependantIncomeLimit);
  const { over, ceiling, ratio } = rates.incomeAdjustment;
  const incomeAdjustmentYen =
    underTwentyThree && paidYen > over ? atRateRoundedUp(yen(Math.min(paidYen, ceiling) - over), ratio) : 0;
  const incomeYen = salaryIncomeOf(paidYen, rates.salaryIncome) - incomeAdjustmentYen;

  const partner = claims && incomeYen <= 9_000_000 ? couple.find((m) => m !== person) : undefined;
  const spouse = partner === undefined ? null : spouseOf(partner, incomeIn(partner), agesOf(partner), rates);
  const socialInsuranceYen = paidYen < 1_060_000 ? 0 : Math.trunc((paidYen * 147) / 1_000);
  const lifeDeductionYen = Math.min(
    120_000,
    lifePart(employment.newLifePremiumYen) +
      lifePart(employment.medicalCarePremiumYen) +
      lifePart(employment.newPrivatePensionPremiumYen),
  );
  const earthquakeDeductionYen = Math.min(50_000, employment.earthquakePremiumYen);
  const basicDeductionYen =
    rates.incomeTaxBasicDeduction === null ? 480_000 : upTo(rates.incomeTaxBasicDeduction, incomeYen);
  const deductionsYen =
    socialInsuranceYen +
    lifeDeductionYen +
    earthquakeDeductionYen +
    basicDeductionYen +
    (spouse?.deductionYen ?? 0) +
    dependants.reduce((total, { kind }) => total + dependantDeduction[kind], 0);
  return {
    paidYen,
    incomeYen,
    incomeAdjustmentYen,
    deductionsYen,
    withheldYen: incomeTaxOn(Math.max(0, incomeYen - deductionsYen)),
    socialInsuranceYen,
    lifeDeductionYen,
    earthquakeDeductionYen,
    basicDeductionYen,
    spouse,
    dependants,
    young,
  };
}

const kindAt = (age: number): Dependant['kind'] =>
  age >= 70 ? 'elderly-together' : age >= 19 && age < 23 ? 'specified' : 'ordinary';

/** @law 所得税法 第84条, 租税特別措置法 第41条の16 */
const dependantDeduction = { ordinary: 380_000, specified: 630_000, 'elderly-together': 580_000 } as const;

/** @law 所得税法 第83条の2第1項: by the spouse's income, for a claimant of up to 9,000,000 */
const specialSpouse = [
  [950_000, 380_000],
  [1_000_000, 360_000],
  [1_050_000, 310_000],
  [1_100_000, 260_000],
  [1_150_000, 210_000],
  [1_200_000, 160_000],
  [1_250_000, 110_000],
  [1_300_000, 60_000],
  [1_330_000, 30_000],
] as const;

function spouseOf(person: Person, incomeYen: number, age: number, rates: RatesForYear): YearEnd['spouse'] {
  if (incomeYen <= rates.dependantIncomeLimit)
    return { person, incomeYen, deductionYen: age >= 70 ? 480_000 : 380_000 };
  const step = specialSpouse.find(([limit]) => incomeYen <= limit);
  return step === undefined ? null : { person, incomeYen, deductionYen: step[1] };
}

/** @law 所得税法 第76条第1項 (contracts from 2012 on) */
function lifePart(premium: number): number {
  if (premium <= 20_000) return premium;
  if (premium <= 40_000) return Math.ceil(premium / 2) + 10_000;
  return premium <= 80_000 ? Math.ceil(premium / 4) + 20_000 : 40_000;
}

/** 速算表 and 復興特別所得税; `taxable` is cut to 1,000 yen, the tax to 100. @law 所得税法 第89条; 復興財源確保法 第13条 */
function incomeTaxOn(income: number): number {
  const taxable = roundDownTo(1_000, yen(income));
  const steps = [
    [1_950_000, 5, 0],
    [3_300_000, 10, 97_500],
    [6_950_000, 20, 427_500],
    [9_000_000, 23, 636_000],
    [18_000_000, 33, 1_536_000],
    [40_000_000, 40, 2_796_000],
    [Number.POSITIVE_INFINITY, 45, 4_796_000],
  ] as const;
  const [, percent, less] = steps.find(([limit]) => taxable <= limit)!;
  const tax = atRate(taxable, [percent, 100]) - less;
  return roundDownTo(100, atRate(yen(tax), [1_021, 1_000]));
}
