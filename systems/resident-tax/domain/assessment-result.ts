import type { Yen } from '@musubi/kernel/yen/yen.ts';

export type Side = 'ward' | 'metropolis';

/** One side of the 所得割: what was computed, what each credit took (never more than was left), what stays. */
export interface LevySide {
  readonly computed: Yen;
  readonly adjustmentCredit: Yen;
  readonly adjustmentMeasure: Yen;
  readonly dividendCredit: Yen;
  readonly housingLoanCredit: Yen;
  readonly donationBasic: Yen;
  readonly donationSpecial: Yen;
  readonly donationOneStop: Yen;
  readonly donationCredit: Yen;
  readonly foreignTaxCredit: Yen;
  readonly flatCut: Yen;
  /** 配当割額・株式等譲渡所得割額の控除 */
  readonly withheldLevyCredit: Yen;
  /** After all credits, cut to 100 yen (確定金額). */
  readonly perIncome: Yen;
}

/** Incomes in the order of calculation, before 損益通算 unless said otherwise. */
export interface IncomeAmounts {
  readonly salaryRevenue: Yen;
  /** After 特定支出控除. */
  readonly salaryBeforeAdjustment: Yen;
  /** 所得金額調整控除: children and disability; salary beside a pension. */
  readonly incomeAdjustmentChild: Yen;
  readonly incomeAdjustmentPension: Yen;
  readonly salary: Yen;
  /** 白色事業専従者控除, 青色申告特別控除 as applied. */
  readonly familyEmployeeDeduction: Yen;
  readonly blueReturnDeduction: Yen;
  /** May be negative: 事業 (営業等, 農業), 不動産. */
  readonly business: Yen;
  readonly realEstate: Yen;
  readonly interest: Yen;
  /** 総合 */
  readonly dividends: Yen;
  readonly publicPensionRevenue: Yen;
  /** 公的年金等以外の合計所得金額; 0 without pensions. */
  readonly otherThanPensionIncome: Yen;
  readonly publicPension: Yen;
  /** 雑所得, the pension in it. */
  readonly miscellaneous: Yen;
  /** After 特別控除, before the half. */
  readonly transferShort: Yen;
  readonly transferLong: Yen;
  readonly transferLoss: Yen;
  readonly occasional: Yen;
  /** After 損益通算. */
  readonly forestry: Yen;
  readonly declaredRetirement: Yen;
  /** After offsets among land, before 特別控除. */
  readonly shortGeneral: Yen;
  readonly shortReduced: Yen;
  readonly longGeneral: Yen;
  readonly longSpecified: Yen;
  readonly longReduced: Yen;
  readonly landSpecialDeduction: Yen;
  readonly generalStocks: Yen;
  readonly listedStocks: Yen;
  /** After the loss of listed stocks taken from it. */
  readonly listedDividends: Yen;
  readonly listedStockLossOffset: Yen;
  readonly futures: Yen;
  /** 総所得金額 after 損益通算 and halves, before carried losses. */
  readonly aggregate: Yen;
  /** Losses of the year that 損益通算 could not place. */
  readonly unabsorbedLoss: Yen;
  /** 合計所得金額 */
  readonly totalIncome: Yen;
}

/** What was used of each kind of 繰越損失. */
export interface CarriedLossAmounts {
  readonly netLoss: Yen;
  readonly casualtyLoss: Yen;
  readonly homeLoss: Yen;
  readonly listedStockLoss: Yen;
  readonly futuresLoss: Yen;
}

export const baseNames = [
  'aggregate',
  'shortGeneral',
  'shortReduced',
  'longGeneral',
  'longSpecified',
  'longReduced',
  'listedDividends',
  'generalStocks',
  'listedStocks',
  'futures',
  'forestry',
  'retirement',
] as const;
export type BaseName = (typeof baseNames)[number];
export type Bases = Readonly<Record<BaseName, Yen>>;

export interface DeductionAmounts {
  readonly casualty: Yen;
  readonly medical: Yen;
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

export type Warning =
  | 'carried-loss-out-of-term'
  | 'gift-not-declared'
  | 'mixed-collection'
  | 'one-stop-over-five-recipients'
  | 'one-stop-void-by-return';

export interface Instalment {
  /** 特別徴収: first day of the month of collection. */
  readonly dueOn: Temporal.PlainDate;
  readonly amount: Yen;
}

/** 公的年金からの特別徴収: parts of April, June, August; of October, December, February; of the first two due dates. */
export interface PensionParts {
  readonly provisional: readonly [Yen, Yen, Yen];
  readonly main: readonly [Yen, Yen, Yen];
  readonly ordinary: readonly [Yen, Yen];
  /** 仮徴収 beyond the year's tax, to be appropriated or refunded. */
  readonly excess: Yen;
}

export interface Collection {
  /** `mixed`: several methods beside each other; the parts are set by the collection itself. */
  readonly method: 'none' | 'ordinary' | 'special' | 'pension' | 'mixed';
  /** 普通徴収: 4 due dates; 特別徴収: 12 months, each due on the 10th of the month after. Empty otherwise. */
  readonly instalments: readonly Instalment[];
  readonly pension: PensionParts | null;
}

/** 配当割額・株式等譲渡所得割額: what the 所得割 did not take is set against the year's tax, the rest is refunded. */
export interface WithheldLevy {
  readonly withheld: Yen;
  readonly shortfall: Yen;
  readonly appropriated: Yen;
  readonly refund: Yen;
}

/** 退職所得の分離課税 of one payment. */
export interface RetirementLevy {
  readonly serviceYears: number;
  readonly deduction: Yen;
  /** Cut to 1,000 yen. */
  readonly income: Yen;
  readonly ward: Yen;
  readonly metropolis: Yen;
}

export interface AssessmentResult {
  readonly ratesVersion: string;
  readonly status: 'not-taxable' | 'exempt' | 'per-capita-only' | 'taxed';
  readonly incomes: IncomeAmounts;
  readonly carriedLosses: CarriedLossAmounts;
  /** 総所得金額等 */
  readonly totalIncomeAfterLosses: Yen;
  readonly deductions: DeductionAmounts;
  /** 人的控除額の差の合計 */
  readonly personalDifference: Yen;
  readonly exemption: Exemption;
  /** 課税標準額 by base, each cut to 1,000 yen. */
  readonly bases: Bases;
  readonly levy: { readonly ward: LevySide; readonly metropolis: LevySide };
  /** 特例控除の割合 as used; null where no such credit arises. */
  readonly donationSpecialRate: readonly [numerator: number, denominator: number] | null;
  /** 住宅借入金等特別税額控除の限度額; 0 where no credit arises. */
  readonly housingLoanLimit: Yen;
  readonly withheldLevy: WithheldLevy;
  readonly perCapita: { readonly ward: Yen; readonly metropolis: Yen };
  readonly forestTax: Yen;
  readonly annualTotal: Yen;
  /** `annualTotal` less what was appropriated. */
  readonly payable: Yen;
  readonly collection: Collection;
  readonly retirements: readonly RetirementLevy[];
  readonly warnings: readonly Warning[];
}
