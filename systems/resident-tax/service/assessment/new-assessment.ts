import type { ActDeps } from '@musubi/kernel/db/act.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput } from '../../domain/assessment-input.ts';
import type { AssessmentResult } from '../../domain/assessment-result.ts';
import { pensionDates } from '../../domain/charges.ts';
import { mixedDates, mixedPartsOf } from '../../domain/mixed-collection.ts';
import { inputToJson } from '../../store/assessment-input-json.ts';
import type { NewAssessment, Newest } from '../../store/assessments.ts';
import { type Draft, rulesVersion } from './draft.ts';

/** Same facts, same rates, same rules: nothing new to write. */
export const isUnchanged = (draft: Draft, newest: Newest | undefined): boolean =>
  newest !== undefined &&
  draft.inputDigest.equals(newest.inputDigest) &&
  draft.result.ratesVersion === newest.ratesVersion &&
  newest.rulesVersion === rulesVersion;

export function newAssessment(
  deps: Pick<ActDeps, 'newId' | 'machineClock'>,
  order: { readonly orderId: string | null; readonly fiscalYear: number; readonly draftedBy: string },
  { personId, reportIds, input, inputDigest, result }: Draft,
  newest: Newest | undefined,
): NewAssessment {
  return {
    assessmentId: deps.newId(),
    personId,
    fiscalYear: order.fiscalYear,
    version: (newest?.version ?? 0) + 1,
    previousId: newest?.assessmentId ?? null,
    orderId: order.orderId,
    reportIds,
    input: inputToJson(input),
    inputDigest,
    ratesVersion: result.ratesVersion,
    rulesVersion,
    status: result.status,
    collection: result.collection.method,
    totalIncomeYen: result.incomes.totalIncome,
    taxableYen: result.bases.aggregate,
    wardPerIncomeYen: result.levy.ward.perIncome,
    metropolisPerIncomeYen: result.levy.metropolis.perIncome,
    wardPerCapitaYen: result.perCapita.ward,
    metropolisPerCapitaYen: result.perCapita.metropolis,
    forestTaxYen: result.forestTax,
    annualYen: result.annualTotal,
    draftedBy: order.draftedBy,
    draftedAt: deps.machineClock.now(),
    instalments: instalmentsOf(order.fiscalYear, input, result),
  };
}

function instalmentsOf(
  fiscalYear: number,
  input: AssessmentInput,
  result: AssessmentResult,
): NewAssessment['instalments'] {
  const { collection } = result;
  if (collection.pension !== null) return pensionInstalments(fiscalYear, result);
  if (collection.method !== 'mixed')
    return collection.instalments.map(({ dueOn, amount }) => ({ dueOn, amountYen: amount }));
  const { special, ordinary } = mixedPartsOf(input, result, ratesForYear(fiscalYear));
  const amounts = [...special, ...ordinary];
  return mixedDates(fiscalYear).map((dueOn, i) => ({ dueOn, amountYen: amounts[i] ?? 0 }));
}

/** The eight parts as they fall due; where 仮徴収 is more than the year's tax, the latest of it is not owed any more. */
function pensionInstalments(fiscalYear: number, { collection, annualTotal }: AssessmentResult) {
  if (collection.pension === null) throw new Error('no pension');
  const { ordinary, provisional, main } = collection.pension;
  let left: number = annualTotal;
  return pensionDates(fiscalYear).map(({ dueOn }, i) => {
    const amountYen = Math.min(left, [...ordinary, ...provisional, ...main][i] ?? 0);
    left -= amountYen;
    return { dueOn, amountYen };
  });
}
