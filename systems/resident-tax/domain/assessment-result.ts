import type { Yen } from '@musubi/kernel/yen/yen.ts';

export type Side = 'ward' | 'metropolis';

/** One side of the 所得割: what was computed, what each credit took (never more than was left), what stays. */
export interface LevySide {
  readonly computed: Yen;
  readonly adjustmentCredit: Yen;
  readonly adjustmentMeasure: Yen;
  readonly housingLoanCredit: Yen;
  readonly donationBasic: Yen;
  readonly donationSpecial: Yen;
  readonly donationOneStop: Yen;
  readonly donationCredit: Yen;
  readonly flatCut: Yen;
  /** After all credits, cut to 100 yen (確定金額). */
  readonly perIncome: Yen;
}

export interface DeductionAmounts {
  readonly socialInsurance: Yen;
  readonly mutualAid: Yen;
  readonly lifeInsurance: Yen;
  readonly earthquakeInsurance: Yen;
  readonly disability: Yen;
  readonly widow: Yen;
  readonly singleParent: Yen;
  readonly workingStudent: Yen;
  readonly spouse: Yen;
  readonly spouseSpecial: Yen;
  readonly dependants: Yen;
  readonly specificRelatives: Yen;
  readonly basic: Yen;
  readonly total: Yen;
}

export type NotTaxableReason = 'not-resident' | 'died-before-levy-date' | 'departed-by-levy-date';
export type FullExemption = 'public-assistance' | 'disabled' | 'minor' | 'widow' | 'single-parent';

export interface Exemption {
  readonly notTaxable: NotTaxableReason | null;
  readonly full: readonly FullExemption[];
  readonly dependantCount: number;
  readonly perCapitaLimit: Yen;
  readonly perIncomeLimit: Yen;
  readonly perCapitaExempt: boolean;
  readonly perIncomeExempt: boolean;
}

export type Warning = 'one-stop-void-by-return' | 'one-stop-over-five-recipients' | 'gift-not-declared';

export interface Instalment {
  readonly dueOn: Temporal.PlainDate;
  readonly amount: Yen;
}

export interface Collection {
  readonly method: 'none' | 'ordinary' | 'special';
  /** 普通徴収: 4 due dates; 特別徴収: 12 months, each due on the 10th of the month after. Empty where nothing is payable. */
  readonly instalments: readonly Instalment[];
}

export interface AssessmentResult {
  readonly ratesVersion: string;
  readonly status: 'not-taxable' | 'exempt' | 'per-capita-only' | 'taxed';
  readonly incomes: {
    readonly salaryRevenue: Yen;
    readonly salaryBeforeAdjustment: Yen;
    readonly incomeAdjustment: Yen;
    readonly salary: Yen;
    /** 合計所得金額 */
    readonly totalIncome: Yen;
    /** 総所得金額等 */
    readonly totalIncomeAfterLosses: Yen;
  };
  readonly deductions: DeductionAmounts;
  /** 人的控除額の差の合計 */
  readonly personalDifference: Yen;
  readonly exemption: Exemption;
  /** 課税標準額 by base, each cut to 1,000 yen. */
  readonly bases: { readonly aggregate: Yen };
  readonly levy: { readonly ward: LevySide; readonly metropolis: LevySide };
  readonly perCapita: { readonly ward: Yen; readonly metropolis: Yen };
  readonly forestTax: Yen;
  readonly annualTotal: Yen;
  readonly collection: Collection;
  readonly warnings: readonly Warning[];
}
