import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { AssessmentResult, Exemption, FullExemption, NotTaxableReason } from './assessment-result.ts';
import type { Trace } from './trace.ts';

/** 同一生計配偶者: a spouse up to the income limit who is not a family employee. @law 地方税法 第292条第1項第7号 */
export const isDependantSpouse = ({ spouse }: AssessmentInput, rates: RatesForYear): boolean =>
  spouse !== null && !spouse.familyEmployee && spouse.totalIncome <= rates.dependantIncomeLimit;

/** Number of 扶養親族, those under 16 included. */
export const relativeCount = ({ dependants: d }: AssessmentInput): number =>
  d.ordinary + d.specified + d.elderly + d.elderlyLivingTogether + d.underSixteen;

/**
 * Who is not taxed at all, who pays no per capita levy, who no per income levy: before any deduction.
 *
 * @law 地方税法 第24条の5, 第295条, 第318条, 附則第3条の3; 森林環境税及び森林環境譲与税に関する法律 第4条
 */
export function exemptionOf(
  input: AssessmentInput,
  incomes: AssessmentResult['incomes'],
  rates: RatesForYear,
  trace: Trace,
): Exemption {
  const { version, exemption } = rates;
  const spouse = isDependantSpouse(input, rates) ? 1 : 0;
  const relatives = relativeCount(input);
  const count = spouse + relatives;
  trace.step('dependant-count', version, '地方税法 第295条第3項', count, [spouse, relatives]);

  const claims = fullExemptionClaims(input, rates);
  const full = fullExemptions(claims, incomes.totalIncome, rates);
  const flags = fullExemptionOrder.map((reason) => (claims[reason] ? 1 : 0));
  trace.step('full-exemption', version, '地方税法 第295条第1項', full.length > 0 ? 1 : 0, [
    ...flags,
    incomes.totalIncome,
  ]);

  const perCapitaLimit = limitOf(count, exemption.perCapitaExtra, rates);
  const perIncomeLimit = limitOf(count, exemption.perIncomeExtra, rates);
  trace.step('per-capita-limit', version, '地方税法 第295条第3項, 同法施行令 第47条の3', perCapitaLimit, [count]);
  trace.step('per-income-limit', version, '地方税法 附則第3条の3', perIncomeLimit, [count]);

  const isFull = full.length > 0;
  const perIncomeExempt = isFull || incomes.totalIncomeAfterLosses <= perIncomeLimit;
  trace.step('per-income-exempt', version, '地方税法 附則第3条の3第1項・第4項', perIncomeExempt ? 1 : 0, [
    isFull ? 1 : 0,
    incomes.totalIncomeAfterLosses,
    perIncomeLimit,
  ]);
  const perCapitaExempt = isFull || (perIncomeExempt && incomes.totalIncome <= perCapitaLimit);
  trace.step('per-capita-exempt', version, '地方税法 第24条の5第3項, 第295条第3項', perCapitaExempt ? 1 : 0, [
    isFull ? 1 : 0,
    perIncomeExempt ? 1 : 0,
    incomes.totalIncome,
    perCapitaLimit,
  ]);
  return {
    notTaxable: notTaxableReason(input, rates),
    full,
    dependantCount: count,
    perCapitaLimit,
    perIncomeLimit,
    perCapitaExempt,
    perIncomeExempt,
  };
}

function limitOf(count: number, extra: number, { exemption: rule }: RatesForYear): Yen {
  return yen(count === 0 ? rule.single : rule.perHead * (count + 1) + rule.addition + extra);
}

/** The situation of 1 January decides for the whole year. @law 地方税法 第39条, 第318条 */
function notTaxableReason({ taxpayer }: AssessmentInput, rates: RatesForYear): NotTaxableReason | null {
  if (taxpayer.kind === 'resident' && !taxpayer.residentOnLevyDate) return 'not-resident';
  if (taxpayer.diedOn !== null && taxpayer.diedOn.toString() < rates.levyDate) return 'died-before-levy-date';
  if (taxpayer.departedOn !== null && taxpayer.departedOn.toString() <= rates.levyDate) return 'departed-by-levy-date';
  return null;
}

const fullExemptionOrder = ['public-assistance', 'disabled', 'minor', 'widow', 'single-parent'] as const;

/** Which grounds the person's situation gives, whatever the income (for widow and single parent: within their own limits). */
function fullExemptionClaims({ taxpayer }: AssessmentInput, rates: RatesForYear): Record<FullExemption, boolean> {
  return {
    'public-assistance': taxpayer.publicAssistance,
    disabled: taxpayer.disability !== 'none',
    minor: taxpayer.bornOn.toString() >= rates.minorBornFrom,
    widow: taxpayer.widow && !taxpayer.singleParent,
    'single-parent': taxpayer.singleParent,
  };
}

function fullExemptions(
  claims: Record<FullExemption, boolean>,
  totalIncome: Yen,
  rates: RatesForYear,
): readonly FullExemption[] {
  const within = totalIncome <= rates.exemption.personalIncomeLimit;
  return fullExemptionOrder.filter((reason) => claims[reason] && (within || reason === 'public-assistance'));
}
