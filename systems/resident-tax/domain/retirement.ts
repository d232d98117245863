import { roundDownTo, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { RetirementPayment } from './assessment-input.ts';
import type { RetirementLevy } from './assessment-result.ts';
import { cutAt, remaining } from './ratio.ts';
import type { Trace } from './trace.ts';

/** 退職所得 in whole yen, and the deduction it rests on. @law 所得税法 第30条 */
export function retirementIncomeOf(
  { amount, serviceYears: years, officer, disabilityRetirement }: RetirementPayment,
  { retirement: rule }: RatesForYear,
): { readonly deduction: Yen; readonly income: Yen } {
  const byYears =
    years <= rule.years
      ? Math.max(rule.least, rule.perYear * years)
      : rule.perYear * rule.years + rule.perFurtherYear * (years - rule.years);
  const deduction = yen(byYears + (disabilityRetirement ? rule.disability : 0));
  const over = remaining(amount, deduction);
  const short = years <= rule.shortYears;
  if (short && officer) return { deduction, income: over };
  const halved = short ? Math.min(over, rule.shortHalfUpTo) : over;
  return { deduction, income: yen(cutAt(halved, [1, 2]) + over - halved) };
}

/**
 * 分離課税に係る所得割 of one payment, as the payer withholds it: no other deduction, no other income.
 *
 * @law 地方税法 第50条の2〜第50条の4, 第328条〜第328条の3, 第20条の4の2第1項・第3項
 */
export function retirementLevyOf(
  payment: RetirementPayment,
  publicAssistance: boolean,
  rates: RatesForYear,
  trace: Trace | null,
): RetirementLevy {
  const { deduction, income: exact } = retirementIncomeOf(payment, rates);
  const income = roundDownTo(1_000, exact);
  const levy = (rate: readonly [number, number]): Yen =>
    publicAssistance ? yen(0) : roundDownTo(100, cutAt(income, rate));
  const ward = levy(rates.levy.wardPerIncome);
  const metropolis = levy(rates.levy.metropolisPerIncome);
  const facts = [payment.amount, payment.serviceYears, payment.officer ? 1 : 0, payment.disabilityRetirement ? 1 : 0];
  trace?.step('retirement-income', '地方税法 第50条の3, 第328条の2', income, facts);
  trace?.step('retirement-ward', '地方税法 第328条の3', ward, [income, publicAssistance ? 1 : 0]);
  trace?.step('retirement-metropolis', '地方税法 第50条の4', metropolis, [income, publicAssistance ? 1 : 0]);
  return { serviceYears: payment.serviceYears, deduction, income, ward, metropolis };
}
