import { atRateRoundedUp, sum, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { AssessmentResult } from './assessment-result.ts';
import { byBand, lesser } from './ratio.ts';
import type { Trace } from './trace.ts';

/**
 * Salary income: the revenues of all payers are added before the table is read, then 所得金額調整控除 is taken.
 *
 * @law 地方税法 第32条第2項, 第313条第2項; 所得税法 第28条; 租税特別措置法 第41条の3の11
 */
export function incomesOf(input: AssessmentInput, rates: RatesForYear, trace: Trace): AssessmentResult['incomes'] {
  const { version } = rates;
  const salaryRevenue = sum(input.incomes.salaries);
  trace.step('salary-revenue', version, '所得税法 第28条第1項', salaryRevenue, input.incomes.salaries);

  const beforeAdjustment = byBand(rates.salaryIncome, salaryRevenue);
  trace.step('salary-income', version, '所得税法 第28条第3項・第4項, 別表第五', beforeAdjustment, [salaryRevenue]);

  const entitled = entitledToAdjustment(input);
  const adjustment = entitled ? incomeAdjustmentOf(salaryRevenue, rates) : yen(0);
  trace.step('income-adjustment', version, '租税特別措置法 第41条の3の11第1項', adjustment, [
    salaryRevenue,
    entitled ? 1 : 0,
  ]);

  const salary = yen(beforeAdjustment - adjustment);
  trace.step('total-income', version, '地方税法 第292条第1項第13号', salary, [beforeAdjustment, adjustment]);
  return {
    salaryRevenue,
    salaryBeforeAdjustment: beforeAdjustment,
    incomeAdjustment: adjustment,
    salary,
    totalIncome: salary,
    totalIncomeAfterLosses: salary,
  };
}

/** A dependant under 23, or a specially disabled person among taxpayer, spouse and dependants. */
function entitledToAdjustment({ taxpayer, dependants }: AssessmentInput): boolean {
  return (
    taxpayer.disability === 'special' ||
    dependants.adjustmentOnly ||
    dependants.underTwentyThree > 0 ||
    dependants.speciallyDisabled + dependants.speciallyDisabledLivingTogether > 0
  );
}

function incomeAdjustmentOf(revenue: Yen, { incomeAdjustment: { over, ceiling, ratio } }: RatesForYear): Yen {
  if (revenue <= over) return yen(0);
  return atRateRoundedUp(yen(lesser(revenue, ceiling) - over), ratio);
}
