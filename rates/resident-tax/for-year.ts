import assert from 'node:assert/strict';
import { type DatedTable, rowOn, valueOn } from '../dated.ts';
import {
  basicDeduction,
  type InsuranceDeductions,
  insuranceDeductions,
  type PersonalDeductions,
  personalDeductions,
  type SpouseDeductions,
  specificRelativeDeduction,
  spouseDeductions,
} from './deductions.ts';
import {
  type AdjustmentCredit,
  adjustmentCredit,
  type DonationCredit,
  donationCredit,
  type ExemptionRules,
  exemptionRules,
  type FlatCut,
  flatCut,
  type HousingLoanCredit,
  housingLoanCredit,
  incomeTaxBasicDeduction,
  type LevyRates,
  levyRates,
} from './levy.ts';
import {
  type CareDeductions,
  careDeductions,
  type OtherIncomeRules,
  otherIncomeRules,
  type PensionIncome,
  pensionIncome,
  type RetirementIncome,
  retirementIncome,
} from './other-income.ts';
import { dependantIncomeLimit, type IncomeAdjustment, incomeAdjustment, salaryIncome } from './salary-income.ts';
import { type SeparateLevy, separateLevy } from './separate-levy.ts';
import type { BandTable, UpTo } from './shapes.ts';

/** Every dated table of the inhabitant tax, for checks and for the page that lists the rates. */
export const residentTaxTables: readonly DatedTable<unknown>[] = [
  salaryIncome,
  incomeAdjustment,
  dependantIncomeLimit,
  personalDeductions,
  basicDeduction,
  spouseDeductions,
  specificRelativeDeduction,
  insuranceDeductions,
  levyRates,
  exemptionRules,
  adjustmentCredit,
  housingLoanCredit,
  donationCredit,
  incomeTaxBasicDeduction,
  flatCut,
  pensionIncome,
  otherIncomeRules,
  careDeductions,
  retirementIncome,
  separateLevy,
];

export const supportedFiscalYears = [2024, 2025, 2026, 2027] as const;

/** All rates of one 年度 (by its 賦課期日, 1 January), amounts in whole yen. */
export interface RatesForYear {
  /** Names the set: a decision stores it, and the same name always means the same values. */
  readonly version: string;
  /** 年度, named by the year of its April. */
  readonly fiscalYear: number;
  /** 賦課期日, ISO date. */
  readonly levyDate: string;
  /** Born on or after this ISO date: under 18 on the levy date (an age is reached at the end of the day before the birthday). */
  readonly minorBornFrom: string;
  /** The same and the levy date as yyyymmdd, which a mass run compares with. */
  readonly minorBornFromDay: number;
  readonly levyDay: number;
  readonly salaryIncome: BandTable;
  readonly incomeAdjustment: IncomeAdjustment;
  readonly dependantIncomeLimit: number;
  readonly personal: PersonalDeductions;
  readonly basicDeduction: readonly UpTo<number>[];
  readonly spouse: SpouseDeductions;
  readonly specificRelative: readonly UpTo<number>[];
  readonly insurance: InsuranceDeductions;
  readonly levy: LevyRates;
  readonly exemption: ExemptionRules;
  readonly adjustmentCredit: AdjustmentCredit;
  readonly housingLoan: HousingLoanCredit;
  readonly donation: DonationCredit;
  readonly incomeTaxBasicDeduction: readonly UpTo<number>[] | null;
  readonly flatCut: FlatCut | null;
  readonly pension: PensionIncome;
  readonly other: OtherIncomeRules;
  readonly care: CareDeductions;
  readonly retirement: RetirementIncome;
  readonly separate: SeparateLevy;
}

/** What a municipality other than a special ward sets differently (指定都市, 超過課税), under a name that enters the version. */
export interface LocalRates {
  readonly name: string;
  readonly rates: Partial<
    Pick<RatesForYear, 'levy' | 'exemption' | 'adjustmentCredit' | 'housingLoan' | 'donation' | 'separate'>
  >;
}

/** The rates of 年度 `fiscalYear`: of a special ward, or with `local` of another municipality. Throws for a year without rates. */
export function ratesForYear(fiscalYear: number, local?: LocalRates): RatesForYear {
  assert(
    supportedFiscalYears.some((year) => year === fiscalYear),
    `no resident-tax rates for fiscal year ${fiscalYear}`,
  );
  const levyDate = `${fiscalYear}-01-01`;
  const exemption = valueOn(exemptionRules, levyDate);
  return {
    version: `resident-tax/${fiscalYear}/1${local === undefined ? '' : `+${local.name}`}`,
    fiscalYear,
    levyDate,
    minorBornFrom: `${fiscalYear - exemption.minorUnder}-01-03`,
    minorBornFromDay: (fiscalYear - exemption.minorUnder) * 10_000 + 103,
    levyDay: fiscalYear * 10_000 + 101,
    salaryIncome: valueOn(salaryIncome, levyDate),
    incomeAdjustment: valueOn(incomeAdjustment, levyDate),
    dependantIncomeLimit: valueOn(dependantIncomeLimit, levyDate),
    personal: valueOn(personalDeductions, levyDate),
    basicDeduction: valueOn(basicDeduction, levyDate),
    spouse: valueOn(spouseDeductions, levyDate),
    specificRelative: valueOn(specificRelativeDeduction, levyDate),
    insurance: valueOn(insuranceDeductions, levyDate),
    levy: valueOn(levyRates, levyDate),
    exemption,
    adjustmentCredit: valueOn(adjustmentCredit, levyDate),
    housingLoan: valueOn(housingLoanCredit, levyDate),
    donation: valueOn(donationCredit, levyDate),
    incomeTaxBasicDeduction: valueOn(incomeTaxBasicDeduction, levyDate),
    flatCut: valueOn(flatCut, levyDate),
    pension: valueOn(pensionIncome, levyDate),
    other: valueOn(otherIncomeRules, levyDate),
    care: valueOn(careDeductions, levyDate),
    retirement: valueOn(retirementIncome, levyDate),
    separate: valueOn(separateLevy, levyDate).ordinary,
    ...local?.rates,
  };
}

/** Rows of the year that were not read in a source, for the note to whoever relies on them. */
export const unconfirmedRows = (fiscalYear: number): readonly { readonly table: string; readonly source: string }[] =>
  residentTaxTables.flatMap((table) => {
    const row = rowOn(table, `${fiscalYear}-01-01`);
    return row.standing === 'read' ? [] : [{ table: table.id, source: row.source }];
  });
