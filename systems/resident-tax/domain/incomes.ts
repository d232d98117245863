import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { upTo } from '@musubi/rates/resident-tax/shapes.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { IncomeAmounts } from './assessment-result.ts';
import { type Offset, type Offsettable, offsetLosses } from './loss-offset.ts';
import { noOtherAmounts, type OtherAmounts, otherAmountsOf } from './other-incomes.ts';
import { byBand, cutAt, dayAgainst, lesser, raisedAt, remaining, totalOf } from './ratio.ts';
import type { Trace } from './trace.ts';

const zero = yen(0);

/** The incomes of a person, with what the later steps need of how they came about. */
export interface Settled {
  readonly amounts: IncomeAmounts;
  readonly other: OtherAmounts;
}

/**
 * Incomes by class up to 合計所得金額: salaries and pensions of all payers are added before their tables are read; the pension's
 * table needs the other incomes first.
 *
 * @law 地方税法 第32条第2項, 第313条第2項, 第292条第1項第13号; 所得税法 第28条, 第35条, 第69条; 租税特別措置法 第41条の3の11
 */
export function incomesOf(input: AssessmentInput, rates: RatesForYear, trace: Trace | null): Settled {
  const { salaries, specificExpenditure, publicPensions } = input.incomes;
  const salaryRevenue = totalOf(salaries);
  trace?.step('salary-revenue', '所得税法 第28条第1項', salaryRevenue, salaries);
  const beforeAdjustment = salaryIncomeOf(salaryRevenue, specificExpenditure, rates, trace);

  const entitled = salaryRevenue > rates.incomeAdjustment.over && entitledToAdjustment(input);
  const forChild = entitled ? lesser(childAdjustmentOf(salaryRevenue, rates), beforeAdjustment) : yen(0);
  trace?.step('income-adjustment', '租税特別措置法 第41条の3の11第1項', forChild, [
    salaryRevenue,
    entitled ? 1 : 0,
    beforeAdjustment,
  ]);

  const other =
    input.incomes.other === null ? noOtherAmounts : otherAmountsOf(input.incomes.other, salaryRevenue, rates, trace);
  const pension =
    publicPensions.length === 0 ? noPension : pensionOf(input, yen(beforeAdjustment - forChild), other, rates, trace);
  const salary = yen(beforeAdjustment - forChild - pension.adjustment);
  const miscellaneous = remaining(pension.income + other.miscellaneous, 0);

  if (trace !== null) {
    trace.step('salary', '租税特別措置法 第41条の3の11', salary, [beforeAdjustment, forChild, pension.adjustment]);
    trace.step('miscellaneous', '所得税法 第35条第2項', miscellaneous, [pension.income, other.miscellaneous]);
  }
  const simple = other === noOtherAmounts;
  const offset = simple
    ? withoutOthers(salary, miscellaneous)
    : offsetLosses(offsettable(other, salary, miscellaneous));
  if (trace !== null) {
    const inputs = inputsOf(offsettable(other, salary, miscellaneous));
    const law = '所得税法 第69条, 第22条; 所得税法施行令 第198条';
    trace.step('aggregate', law, offset.aggregate, inputs);
    trace.step('forestry-after-offset', law, offset.forestry, inputs);
    trace.step('retirement-after-offset', law, offset.retirement, inputs);
    trace.step('unabsorbed-loss', law, offset.unabsorbed, inputs);
  }
  const totalIncome = simple ? offset.aggregate : allOf(offset, other);
  trace?.step('total-income', '地方税法 第292条第1項第13号', totalIncome, [
    offset.aggregate,
    offset.forestry,
    offset.retirement,
    ...separateOf(other),
  ]);
  const { gains } = other.land;
  return {
    other,
    amounts: {
      salaryRevenue,
      salaryBeforeAdjustment: beforeAdjustment,
      incomeAdjustmentChild: forChild,
      incomeAdjustmentPension: pension.adjustment,
      salary,
      familyEmployeeDeduction: other.familyEmployeeDeduction,
      blueReturnDeduction: other.blueReturnDeduction,
      business: other.business,
      realEstate: other.realEstate,
      interest: other.interest,
      dividends: other.dividends,
      publicPensionRevenue: pension.revenue,
      otherThanPensionIncome: pension.otherIncome,
      publicPension: pension.income,
      miscellaneous,
      transferShort: other.transferShort,
      transferLong: other.transferLong,
      transferLoss: other.transferLoss,
      occasional: other.occasional,
      forestry: offset.forestry,
      declaredRetirement: offset.retirement,
      shortGeneral: gains.shortGeneral,
      shortReduced: gains.shortReduced,
      longGeneral: gains.longGeneral,
      longSpecified: gains.longSpecified,
      longReduced: gains.longReduced,
      landSpecialDeduction: other.land.specialDeduction,
      generalStocks: other.generalStocks,
      listedStocks: other.listedStocks,
      listedDividends: other.listedDividends,
      listedStockLossOffset: other.listedStockLossOffset,
      futures: other.futures,
      aggregate: offset.aggregate,
      unabsorbedLoss: offset.unabsorbed,
      totalIncome,
    },
  };
}

/** Table income; of 特定支出 what exceeds half of the deduction in the table is taken off as well. @law 所得税法 第28条, 第57条の2, 別表第五 */
function salaryIncomeOf(revenue: Yen, specificExpenditure: Yen, rates: RatesForYear, trace: Trace | null): Yen {
  const byTable = byBand(rates.salaryIncome, revenue);
  trace?.step('salary-income', '所得税法 第28条第3項・第4項, 別表第五', byTable, [revenue]);
  if (specificExpenditure === 0) return byTable;
  const twiceOver = 2 * specificExpenditure - (revenue - byTable);
  const income = twiceOver <= 0 ? byTable : remaining(2 * byTable, twiceOver);
  const result = twiceOver <= 0 ? byTable : cutAt(income, [1, 2]);
  trace?.step('specific-expenditure', '所得税法 第57条の2', result, [byTable, revenue, specificExpenditure]);
  return result;
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

const childAdjustmentOf = (revenue: Yen, { incomeAdjustment: { over, ceiling, ratio } }: RatesForYear): Yen =>
  raisedAt(Math.min(revenue, ceiling) - over, ratio);

interface Pension {
  readonly revenue: Yen;
  readonly otherIncome: Yen;
  readonly income: Yen;
  readonly adjustment: Yen;
}
const noPension: Pension = { revenue: yen(0), otherIncome: yen(0), income: yen(0), adjustment: yen(0) };

/** @law 所得税法 第35条第4項; 租税特別措置法 第41条の15の3, 第41条の3の11第2項 */
function pensionOf(
  { taxpayer, incomes, fiscalYear }: AssessmentInput,
  salary: Yen,
  other: OtherAmounts,
  rates: RatesForYear,
  trace: Trace | null,
): Pension {
  const revenue = totalOf(incomes.publicPensions);
  trace?.step('pension-revenue', '所得税法 第35条第3項', revenue, incomes.publicPensions);
  const otherIncome = otherThanPensionOf(salary, other, trace);
  const from65 = isAged(taxpayer.bornOn, 65, fiscalYear);
  const income = pensionIncomeOf(revenue, otherIncome, from65, rates);
  trace?.step('pension-income', '所得税法 第35条第4項; 租税特別措置法 第41条の15の3', income, [
    revenue,
    otherIncome,
    from65 ? 1 : 0,
  ]);
  const adjustment = pensionAdjustmentOf(salary, income);
  trace?.step('pension-adjustment', '租税特別措置法 第41条の3の11第2項', adjustment, [salary, income]);
  return { revenue, otherIncome, income, adjustment };
}

/** 公的年金等に係る雑所得以外の合計所得金額 @law 所得税法 第35条第4項第1号イ */
function otherThanPensionOf(salary: Yen, other: OtherAmounts, trace: Trace | null): Yen {
  if (other === noOtherAmounts && trace === null) return salary;
  const parts = offsettable(other, salary, remaining(other.miscellaneous, 0));
  const income = allOf(offsetLosses(parts), other);
  trace?.step('other-than-pension', '所得税法 第35条第4項第1号イ', income, [...inputsOf(parts), ...separateOf(other)]);
  return income;
}

/** Of that age on 31 December before the levy date: an age is reached at the end of the day before the birthday. */
const isAged = (bornOn: Temporal.PlainDate, age: number, fiscalYear: number): boolean =>
  dayAgainst(bornOn, (fiscalYear - age) * 10_000 + 101) <= 0;

/** 公的年金等に係る雑所得, for the taxpayer and for relatives alike. Yen. */
export function pensionIncomeOf(revenue: number, otherIncome: number, from65: boolean, rates: RatesForYear): Yen {
  const deduction = byBand(from65 ? rates.pension.from65 : rates.pension.under65, revenue);
  return remaining(revenue, deduction - upTo(rates.pension.tiers, otherIncome));
}

/** 所得金額調整控除 of who has both salary and pension. @law 租税特別措置法 第41条の3の11第2項 */
export const pensionAdjustmentOf = (salary: number, pension: number): Yen =>
  salary > 0 && pension > 0 ? remaining(Math.min(salary, 100_000) + Math.min(pension, 100_000), 100_000) : yen(0);

const offsettable = (other: OtherAmounts, salary: Yen, miscellaneous: Yen): Offsettable => ({
  interest: other.interest,
  dividends: other.dividends,
  realEstate: other.realEstate,
  business: other.business,
  salary,
  miscellaneous,
  transferShort: other.transferShort,
  transferLong: other.transferLong,
  transferLoss: other.transferLoss,
  occasional: other.occasional,
  forestry: other.forestry,
  retirement: other.retirement,
});
/** Salary and pension alone: nothing can be a loss. */
const withoutOthers = (salary: Yen, miscellaneous: Yen): Offset => ({
  aggregate: yen(salary + miscellaneous),
  forestry: zero,
  retirement: zero,
  unabsorbed: zero,
});
const inputsOf = (of: Offsettable): readonly number[] => [
  of.interest,
  of.dividends,
  of.realEstate,
  of.business,
  of.salary,
  of.miscellaneous,
  of.transferShort,
  of.transferLong,
  of.transferLoss,
  of.occasional,
  of.forestry,
  of.retirement,
];
const separateOf = (other: OtherAmounts): readonly number[] => [
  ...Object.values(other.land.gains),
  other.listedDividends,
  other.generalStocks,
  other.listedStocks,
  other.futures,
];
function allOf(offset: Offset, other: OtherAmounts): Yen {
  const aggregate = offset.aggregate + offset.forestry + offset.retirement;
  if (other === noOtherAmounts) return yen(aggregate);
  const { gains } = other.land;
  const land = gains.shortGeneral + gains.shortReduced + gains.longGeneral + gains.longSpecified + gains.longReduced;
  return yen(aggregate + land + other.listedDividends + other.generalStocks + other.listedStocks + other.futures);
}
