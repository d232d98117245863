import type { InterchangeResult, InterchangeSide } from '@musubi/contracts/assessment-interchange/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type {
  AssessmentResult,
  Collection,
  FullExemption,
  LevySide,
  NotTaxableReason,
  PensionParts,
  Warning,
} from '../../domain/assessment-result.ts';

const statuses: Record<AssessmentResult['status'], InterchangeResult['status']> = {
  'not-taxable': 'notTaxable',
  exempt: 'exempt',
  'per-capita-only': 'perCapitaOnly',
  taxed: 'taxed',
};
const reasons: Record<NotTaxableReason, InterchangeResult['exemption']['notTaxableReason']> = {
  'not-resident': 'notResidentOnLevyDate',
  'died-before-levy-date': 'diedBeforeLevyDate',
  'departed-by-levy-date': 'leftJapanByLevyDate',
};
const exemptions: Record<FullExemption, InterchangeResult['exemption']['full'][number]> = {
  'public-assistance': 'publicAssistance',
  disabled: 'disabled',
  minor: 'minor',
  widow: 'widow',
  'single-parent': 'singleParent',
};
const warnings: Record<Warning, InterchangeResult['warnings'][number]> = {
  'carried-loss-out-of-term': 'carriedLossOutOfTerm',
  'gift-not-declared': 'giftNotDeclared',
  'mixed-collection': 'mixedCollection',
  'one-stop-over-five-recipients': 'oneStopOverFiveRecipients',
  'one-stop-void-by-return': 'oneStopVoidByReturn',
};
const methods: Record<Collection['method'], InterchangeResult['collection']['method']> = {
  none: 'none',
  ordinary: 'ordinary',
  special: 'wageSpecial',
  pension: 'pensionSpecial',
  mixed: 'mixed',
};
const zero = yen(0);
const noPension: PensionParts = {
  provisional: [zero, zero, zero],
  main: [zero, zero, zero],
  ordinary: [zero, zero],
  excess: zero,
};

/** An assessment as a line of the format. */
export function resultLine(caseId: string, fiscalYear: number, result: AssessmentResult): InterchangeResult {
  const { mutualAid, ...deductions } = result.deductions;
  const { notTaxable, full, perCapitaLimit, perIncomeLimit, perCapitaExempt, perIncomeExempt } = result.exemption;
  const { method, instalments, pension } = result.collection;
  return {
    caseId,
    fiscalYear,
    status: statuses[result.status],
    incomes: result.incomes,
    carriedLosses: result.carriedLosses,
    totalIncomeAfterLosses: result.totalIncomeAfterLosses,
    deductions: { ...deductions, smallEnterpriseMutualAid: mutualAid },
    personalDeductionDifference: result.personalDifference,
    dependantCount: result.exemption.dependantCount,
    exemption: {
      notTaxableReason: notTaxable === null ? '' : reasons[notTaxable],
      full: full.map((reason) => exemptions[reason]),
      perCapitaLimit,
      perIncomeLimit,
      perCapitaExempt,
      perIncomeExempt,
    },
    bases: result.bases,
    donationSpecialRate: percentText(result.donationSpecialRate),
    housingLoanLimit: result.housingLoanLimit,
    levy: { ward: sideOf(result.levy.ward), metropolis: sideOf(result.levy.metropolis) },
    withheldLevy: result.withheldLevy,
    annual: {
      wardPerIncome: result.levy.ward.perIncome,
      metropolisPerIncome: result.levy.metropolis.perIncome,
      wardPerCapita: result.perCapita.ward,
      metropolisPerCapita: result.perCapita.metropolis,
      forestEnvironmentTax: result.forestTax,
      total: result.annualTotal,
      payable: result.payable,
    },
    collection: {
      method: methods[method],
      ordinary:
        method === 'ordinary' ? instalments.map(({ dueOn, amount }) => ({ dueOn: dueOn.toString(), amount })) : [],
      wageSpecial:
        method === 'special'
          ? instalments.map(({ dueOn, amount }) => ({ month: dueOn.toPlainYearMonth().toString(), amount }))
          : [],
      pension: pension ?? noPension,
    },
    retirements: result.retirements,
    warnings: result.warnings.map((warning) => warnings[warning]).sort(),
  };
}

function sideOf(side: LevySide): InterchangeSide {
  const { withheldLevyCredit, flatCut, foreignTaxCredit, ...rest } = side;
  const afterAdjustmentCredit = side.computed - side.adjustmentCredit;
  const afterAdjustmentMeasure = afterAdjustmentCredit - side.adjustmentMeasure;
  const afterDividendCredit = afterAdjustmentMeasure - side.dividendCredit;
  const afterHousingLoanCredit = afterDividendCredit - side.housingLoanCredit;
  const afterDonationCredit = afterHousingLoanCredit - side.donationCredit;
  const afterForeignTaxCredit = afterDonationCredit - foreignTaxCredit;
  const afterFlatCut = afterForeignTaxCredit - flatCut;
  return {
    ...rest,
    afterAdjustmentCredit,
    afterAdjustmentMeasure,
    afterDividendCredit,
    afterHousingLoanCredit,
    afterDonationCredit,
    foreignTaxCredit,
    afterForeignTaxCredit,
    flatCut,
    afterFlatCut,
    withheldLevyCredit,
    afterWithheldLevyCredit: afterFlatCut - withheldLevyCredit,
  };
}

/** A share as percent in plain decimals, without trailing zeros. The denominators are powers of ten. */
function percentText(share: AssessmentResult['donationSpecialRate']): string {
  if (share === null) return '';
  const thousandths = (share[0] * 100_000) / share[1];
  const text = (thousandths / 1_000).toFixed(3);
  return text.replace(/\.?0+$/, '');
}
