import type { Yen } from '@musubi/kernel/yen/yen.ts';
import type { LandGround } from '@musubi/rates/resident-tax/other-income.ts';
import type { DividendKind } from '@musubi/rates/resident-tax/separate-levy.ts';

export type Disability = 'none' | 'ordinary' | 'special';

/** The taxpayer as of the levy date (賦課期日) and, for the personal deductions, 31 December of the income year. */
export interface Taxpayer {
  readonly bornOn: Temporal.PlainDate;
  readonly sex: 'male' | 'female';
  /** 家屋敷課税: per capita levy only. */
  readonly kind: 'resident' | 'house-or-office-only';
  readonly residentOnLevyDate: boolean;
  readonly diedOn: Temporal.PlainDate | null;
  /** Left Japan for a year or more. */
  readonly departedOn: Temporal.PlainDate | null;
  /** 生活扶助 on the levy date. */
  readonly publicAssistance: boolean;
  readonly disability: Disability;
  /** 寡婦 and ひとり親 as claimed; the income limit is tested here, the family facts before. */
  readonly widow: boolean;
  readonly singleParent: boolean;
  readonly workingStudent: boolean;
}

/** A spouse who shares the household's livelihood (生計を一にする). */
export interface Spouse {
  /** 合計所得金額 of the spouse. */
  readonly totalIncome: Yen;
  /** 70 or older on 31 December of the income year. */
  readonly elderly: boolean;
  readonly abroad: boolean;
  /** Family employee of a business (事業専従者): never a dependant. */
  readonly familyEmployee: boolean;
}

/** Heads; every relative stands in exactly one of the first five. */
export interface Dependants {
  /** 16–18 and 23–69 years (一般). */
  readonly ordinary: number;
  /** 19–22 years (特定). */
  readonly specified: number;
  /** 70 and older, not 同居老親等. */
  readonly elderly: number;
  /** 同居老親等 */
  readonly elderlyLivingTogether: number;
  readonly underSixteen: number;
  /** Of all these, how many live abroad. */
  readonly abroad: number;
  /** Of the spouse and all these: 障害者, 特別障害者 (not living together), 同居特別障害者. */
  readonly disabled: number;
  readonly speciallyDisabled: number;
  readonly speciallyDisabledLivingTogether: number;
  /** Of all these, how many are under 23: the children of under 16, the 特定, and those of the 一般 who are 16 to 18. */
  readonly underTwentyThree: number;
  /** A relative under 23 or specially disabled who is another taxpayer's dependant counts for 所得金額調整控除 only. */
  readonly adjustmentOnly: boolean;
}

/** Premiums paid in the income year. */
export interface LifePremiums {
  readonly newGeneral: Yen;
  readonly newCare: Yen;
  readonly newPension: Yen;
  readonly oldGeneral: Yen;
  readonly oldPension: Yen;
}

export interface EarthquakePremiums {
  readonly earthquake: Yen;
  readonly oldLongTerm: Yen;
  /** Contracts that are of both kinds: each counts as the one kind that gives more. At most four. */
  readonly bothKinds: readonly { readonly earthquake: Yen; readonly oldLongTerm: Yen }[];
}

export interface PaidDeductions {
  /** 社会保険料, without 小規模企業共済等掛金. One amount per document. */
  readonly socialInsurance: readonly Yen[];
  readonly mutualAid: readonly Yen[];
  readonly life: LifePremiums;
  readonly earthquake: EarthquakePremiums;
  /** 医療費控除 or セルフメディケーション税制. */
  readonly medical: {
    readonly kind: 'ordinary' | 'self-medication';
    readonly paid: Yen;
    readonly reimbursed: Yen;
  } | null;
  /** 雑損控除 */
  readonly casualty: { readonly loss: Yen; readonly disasterExpenses: Yen; readonly reimbursed: Yen } | null;
}

export interface HousingLoan {
  readonly movedInYear: number;
  /** 控除可能額 in the income tax. */
  readonly creditable: Yen;
  /** 所得税額 before that credit; 0: no credit. */
  readonly incomeTaxBeforeCredit: Yen;
  /** 課税総所得金額等 of the income tax. */
  readonly incomeTaxTaxable: Yen;
  readonly specificAcquisition: boolean;
}

export interface Donation {
  readonly kind: 'hometown' | 'both-sides' | 'ward' | 'metropolis' | 'national-only';
  readonly amount: Yen;
  /** Code or name of who received it. */
  readonly recipient: string;
  /** 申告特例 was applied for (hometown only). */
  readonly oneStop: boolean;
  /** Stands in the return, where one was filed. */
  readonly declared: boolean;
}

export interface RevenueAndCosts {
  readonly revenue: Yen;
  readonly costs: Yen;
}

/** 総合譲渡 */
export interface Transfer {
  readonly revenue: Yen;
  readonly acquisitionCost: Yen;
  readonly transferExpenses: Yen;
}

/** 土地建物等の譲渡 of one rate class. */
export interface LandTransfer {
  readonly revenue: Yen;
  /** null: unknown (概算取得費). */
  readonly acquisitionCost: Yen | null;
  readonly transferExpenses: Yen;
  readonly specialDeduction: LandGround | 'none';
}

export const landClasses = ['shortGeneral', 'shortReduced', 'longGeneral', 'longSpecified', 'longReduced'] as const;
export type LandClass = (typeof landClasses)[number];

export interface Dividend extends RevenueAndCosts {
  readonly kind: DividendKind | 'noCredit';
  /** 総合, 申告分離, 申告不要; `costs` is 負債利子. */
  readonly treatment: 'aggregate' | 'separate' | 'undeclared';
  /** 配当割 withheld. */
  readonly levyWithheld: Yen;
}

export interface ListedStocks extends RevenueAndCosts {
  readonly declared: boolean;
  /** 株式等譲渡所得割 withheld. */
  readonly levyWithheld: Yen;
}

/** 退職手当等. `serviceYears`: whole years, a part counting as one. */
export interface RetirementPayment {
  readonly amount: Yen;
  readonly serviceYears: number;
  readonly officer: boolean;
  readonly disabilityRetirement: boolean;
}

/** Incomes that a person with salary and pension alone does not have; amounts of the income year. */
export interface OtherIncomes {
  readonly business:
    | (RevenueAndCosts & {
        /** 青色事業専従者給与 */
        readonly blueFamilyWages: Yen;
        /** 白色事業専従者 */
        readonly whiteSpouse: boolean;
        readonly whiteOthers: number;
      })
    | null;
  readonly farm: RevenueAndCosts | null;
  readonly realEstate: (RevenueAndCosts & { readonly landAcquisitionInterest: Yen }) | null;
  /** 青色申告特別控除額 at most. */
  readonly blueReturnDeduction: Yen;
  readonly homeWorkerRule: 'none' | 'business' | 'miscellaneous';
  readonly interest: Yen;
  readonly dividends: readonly Dividend[];
  readonly occasional: RevenueAndCosts | null;
  /** 業務に係る雑所得, その他の雑所得 */
  readonly miscellaneousBusiness: RevenueAndCosts | null;
  readonly miscellaneousOther: RevenueAndCosts | null;
  readonly transferShort: Transfer | null;
  readonly transferLong: Transfer | null;
  readonly land: Readonly<Partial<Record<LandClass, LandTransfer | undefined>>>;
  readonly generalStocks: RevenueAndCosts | null;
  readonly listedStocks: readonly ListedStocks[];
  readonly futures: RevenueAndCosts | null;
  readonly forestry: RevenueAndCosts | null;
  /** 退職所得 that no payer taxed at source. */
  readonly declaredRetirement: RetirementPayment | null;
}

/** Income by class (地方税法 第32条, 第313条). */
export interface Incomes {
  /** 給与等の収入金額, one per payer and already without what another report includes. */
  readonly salaries: readonly Yen[];
  /** 特定支出の額の合計額 */
  readonly specificExpenditure: Yen;
  /** 公的年金等の収入金額, one per payer. */
  readonly publicPensions: readonly Yen[];
  readonly other: OtherIncomes | null;
}

export interface CarriedLoss {
  readonly incomeYear: number;
  readonly amount: Yen;
}
/** 繰越損失 */
export interface CarriedLosses {
  readonly net: readonly (CarriedLoss & {
    readonly kind: 'ordinary' | 'forestry';
    readonly specifiedDisaster: boolean;
  })[];
  readonly casualty: readonly (CarriedLoss & { readonly specifiedDisaster: boolean })[];
  readonly home: readonly CarriedLoss[];
  readonly listedStock: readonly CarriedLoss[];
  readonly futures: readonly CarriedLoss[];
}

/** 公的年金からの特別徴収 as of 1 April. */
export interface PensionCollection {
  readonly receivesOldAgePension: boolean;
  readonly annualBenefit: Yen;
  readonly careInsuranceWithheld: boolean;
  /** 年金所得に係る税額 of the year before, before 定額減税; null: the first year of this collection. */
  readonly previousYearTax: Yen | null;
}

/** All facts of one taxpayer and one 年度. Amounts are of the income year, the calendar year before. */
export interface AssessmentInput {
  readonly fiscalYear: number;
  readonly taxpayer: Taxpayer;
  readonly incomes: Incomes;
  readonly carriedLosses: CarriedLosses | null;
  readonly spouse: Spouse | null;
  readonly dependants: Dependants;
  /** 合計所得金額 of each relative of 19–22 years above the dependants' limit (特定親族). */
  readonly specificRelatives: readonly Yen[];
  readonly deductions: PaidDeductions;
  /** A 確定申告 or 住民税申告 was filed: 申告特例 is void. */
  readonly returnFiled: boolean;
  readonly donations: readonly Donation[];
  readonly housingLoan: HousingLoan | null;
  /** 外国税額 that the income tax could not credit, and 国税の控除限度額. */
  readonly foreignTax: { readonly uncredited: Yen; readonly nationalLimit: Yen } | null;
  /** 所得税の基礎控除額 where a document states it; null: by the table from the total income. */
  readonly incomeTaxBasicDeduction: Yen | null;
  /** The employer collects from June (特別徴収). */
  readonly specialCollection: boolean;
  /** 給与所得以外の所得に係る税額 by 普通徴収, as the person asked. */
  readonly otherIncomeByOrdinary: boolean;
  readonly pensionCollection: PensionCollection | null;
  /** 分離課税に係る所得割 of payments in the year of the levy date, each taxed alone. */
  readonly retirements: readonly RetirementPayment[];
}
