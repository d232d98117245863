import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { AssessmentResult } from './assessment-result.ts';
import { isDependantSpouse, relativeCount } from './exemption.ts';

/**
 * 定額減税 by heads, before it meets the levy; 0 in a year without one or beyond the income limit. Yen.
 * @law 地方税法 附則第5条の8, 第5条の12
 */
export function flatCutByHeads(input: AssessmentInput, totalIncome: number, rates: RatesForYear): number {
  const rule = rates.flatCut;
  if (rule === null || totalIncome > rule.ownIncomeLimit) return 0;
  const spouseHere = isDependantSpouse(input, rates) && input.spouse?.abroad === false ? 1 : 0;
  const spouseWithin = totalIncome <= rule.spouseOwnIncomeLimit;
  const relatives = relativeCount(input) - input.dependants.abroad;
  const heads =
    rule.heads === 'household' ? 1 + (spouseWithin ? spouseHere : 0) + relatives : spouseWithin ? 0 : spouseHere;
  return heads * rule.perHead;
}

/** 定額減税控除不足額: what the levy had no room for; 0 for who owes no 所得割 at all. Yen. */
export function flatCutShortfall(input: AssessmentInput, result: AssessmentResult, rates: RatesForYear): number {
  const { ward, metropolis } = result.levy;
  const taken = ward.flatCut + metropolis.flatCut;
  return taken === 0 ? 0 : flatCutByHeads(input, result.incomes.totalIncome, rates) - taken;
}
