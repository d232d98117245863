import assert from 'node:assert/strict';
import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import { type RatesForYear, ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner, type EarnerFacts, noOtherIncomes } from './an-earner.ts';
import { assess } from './assess.ts';
import type { AssessmentInput, CarriedLosses, OtherIncomes } from './assessment-input.ts';
import type { AssessmentResult } from './assessment-result.ts';
import { recordingTrace } from './trace.ts';
import { replay } from './trace-replay.ts';

/**
 * The assessment of `input`, held to its own reasons: replayed alone they give every figure again, and a run without reasons
 * gives the same result. For tests and examples.
 */
export function checkedAssessment(
  input: AssessmentInput,
  rates: RatesForYear = ratesForYear(input.fiscalYear),
): AssessmentResult {
  const trace = recordingTrace(rates.version);
  const result = assess(input, rates, trace);
  const { faults, figures } = replay(trace.steps, rates);
  assert.deepEqual(faults, []);
  assert.equal(figures.get('annual-total'), result.annualTotal);
  assert.deepEqual(assess(input, rates, null), result);
  return result;
}

/** An earner without salary, unless `facts` say otherwise. */
export const withoutSalary = (facts: EarnerFacts): AssessmentInput => anEarner({ salaries: [], ...facts });

/** An earner whose only income is a business of that profit: 合計所得金額 is exactly this. Yen. */
export const withProfit = (profit: number, facts: EarnerFacts = {}): AssessmentInput =>
  withoutSalary({ ...facts, other: { business: aBusiness(profit), ...facts.other } });

export const revenueOf = (revenue: number, costs = 0): { readonly revenue: Yen; readonly costs: Yen } => ({
  revenue: yen(revenue),
  costs: yen(costs),
});

/** A business of that profit; below zero, of that loss. */
export const aBusiness = (profit: number): NonNullable<OtherIncomes['business']> => ({
  ...revenueOf(Math.max(0, profit), Math.max(0, -profit)),
  blueFamilyWages: yen(0),
  whiteSpouse: false,
  whiteOthers: 0,
});

export const someIncomes = (incomes: Partial<OtherIncomes>): OtherIncomes => ({ ...noOtherIncomes, ...incomes });

export const noCarriedLosses: CarriedLosses = { net: [], casualty: [], home: [], listedStock: [], futures: [] };
