import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { Exemption, FullExemption, NotTaxableReason } from './assessment-result.ts';
import { dayAgainst } from './ratio.ts';
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
  totalIncome: Yen,
  totalIncomeAfterLosses: Yen,
  rates: RatesForYear,
  trace: Trace | null,
): Exemption {
  const { exemption } = rates;
  const spouse = isDependantSpouse(input, rates) ? 1 : 0;
  const relatives = relativeCount(input);
  const count = spouse + relatives;
  trace?.step('dependant-count', '地方税法 第295条第3項', count, [spouse, relatives]);

  const full = fullExemptions(input, totalIncome, rates, trace);
  const perCapitaLimit = limitOf(count, exemption.perCapita, exemption.perCapitaExtra);
  const perIncomeLimit = limitOf(count, exemption, exemption.perIncomeExtra);
  const isFull = full.length > 0;
  const perIncomeExempt = isFull || totalIncomeAfterLosses <= perIncomeLimit;
  const perCapitaExempt = isFull || (perIncomeExempt && totalIncome <= perCapitaLimit);
  if (trace !== null) {
    trace.step('per-capita-limit', '地方税法 第295条第3項, 同法施行令 第47条の3', perCapitaLimit, [count]);
    trace.step('per-income-limit', '地方税法 附則第3条の3', perIncomeLimit, [count]);
    trace.step('per-income-exempt', '地方税法 附則第3条の3第1項・第4項', perIncomeExempt ? 1 : 0, [
      isFull ? 1 : 0,
      totalIncomeAfterLosses,
      perIncomeLimit,
    ]);
    trace.step('per-capita-exempt', '地方税法 第24条の5第3項, 第295条第3項', perCapitaExempt ? 1 : 0, [
      isFull ? 1 : 0,
      perIncomeExempt ? 1 : 0,
      totalIncome,
      perCapitaLimit,
    ]);
  }
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

function limitOf(
  count: number,
  rule: { readonly single: number; readonly perHead: number; readonly addition: number },
  extra: number,
): Yen {
  return yen(count === 0 ? rule.single : rule.perHead * (count + 1) + rule.addition + extra);
}

/** The situation of 1 January decides for the whole year. @law 地方税法 第39条, 第318条 */
function notTaxableReason({ taxpayer }: AssessmentInput, rates: RatesForYear): NotTaxableReason | null {
  const { diedOn, departedOn } = taxpayer;
  if (taxpayer.kind === 'resident' && !taxpayer.residentOnLevyDate) return 'not-resident';
  if (diedOn === null && departedOn === null) return null;
  if (diedOn !== null && dayAgainst(diedOn, rates.levyDay) < 0) return 'died-before-levy-date';
  if (departedOn !== null && dayAgainst(departedOn, rates.levyDay) <= 0) return 'departed-by-levy-date';
  return null;
}

const none: readonly FullExemption[] = [];

/** Grounds by the person's situation; but for 生活扶助 only up to the income limit. Widow and single parent within their own limits. */
function fullExemptions(
  { taxpayer }: AssessmentInput,
  totalIncome: Yen,
  rates: RatesForYear,
  trace: Trace | null,
): readonly FullExemption[] {
  const within = totalIncome <= rates.exemption.personalIncomeLimit;
  // Reading a date costs more than all else here; above the limit a mass run has no need of it.
  const minor = (within || trace !== null) && dayAgainst(taxpayer.bornOn, rates.minorBornFromDay) >= 0;
  const widow = taxpayer.widow && !taxpayer.singleParent;
  const disabled = taxpayer.disability !== 'none';
  const any = taxpayer.publicAssistance || (within && (disabled || minor || widow || taxpayer.singleParent));
  trace?.step('full-exemption', '地方税法 第295条第1項', any ? 1 : 0, [
    taxpayer.publicAssistance ? 1 : 0,
    disabled ? 1 : 0,
    minor ? 1 : 0,
    widow ? 1 : 0,
    taxpayer.singleParent ? 1 : 0,
    totalIncome,
  ]);
  if (!any) return none;
  const grounds: FullExemption[] = [];
  if (taxpayer.publicAssistance) grounds.push('public-assistance');
  if (!within) return grounds;
  if (disabled) grounds.push('disabled');
  if (minor) grounds.push('minor');
  if (widow) grounds.push('widow');
  if (taxpayer.singleParent) grounds.push('single-parent');
  return grounds;
}
