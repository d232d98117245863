import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { upTo } from '@musubi/rates/resident-tax/shapes.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { Bases, Exemption } from './assessment-result.ts';
import type { Deducted } from './deductions.ts';
import type { Settled } from './incomes.ts';
import { lesser, remaining } from './ratio.ts';

export interface Sides {
  readonly ward: Yen;
  readonly metropolis: Yen;
}
const zero = yen(0);
export const none: Sides = { ward: zero, metropolis: zero };
export const both = (sides: Sides): Yen => yen(sides.ward + sides.metropolis);
/** A credit never takes more than what is left of its side. */
export const within = (credit: Sides, left: Sides): Sides => ({
  ward: lesser(credit.ward, left.ward),
  metropolis: lesser(credit.metropolis, left.metropolis),
});
export const less = (left: Sides, credit: Sides): Sides =>
  credit === none
    ? left
    : { ward: remaining(left.ward, credit.ward), metropolis: remaining(left.metropolis, credit.metropolis) };

/** What the 所得割 is computed from. */
export interface Subject {
  readonly input: AssessmentInput;
  readonly settled: Settled;
  /** 総所得金額等 */
  readonly totalIncomeAfterLosses: Yen;
  readonly deducted: Deducted;
  readonly exemption: Exemption;
  readonly bases: Bases;
  /** Nothing is taxed apart: the common case. */
  readonly onlyAggregate: boolean;
}

/** 所得税の基礎控除 as a document states it, else by the table of the year. */
export function incomeTaxBasicOf({ input, settled }: Subject, rates: RatesForYear): number {
  if (input.incomeTaxBasicDeduction !== null) return input.incomeTaxBasicDeduction;
  return rates.incomeTaxBasicDeduction === null ? 0 : upTo(rates.incomeTaxBasicDeduction, settled.amounts.totalIncome);
}
