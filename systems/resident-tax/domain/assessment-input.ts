import type { Yen } from '@musubi/kernel/yen/yen.ts';

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

export interface PaidDeductions {
  /** 社会保険料, without 小規模企業共済等掛金. One amount per document. */
  readonly socialInsurance: readonly Yen[];
  readonly mutualAid: readonly Yen[];
  readonly life: LifePremiums;
  readonly earthquake: { readonly earthquake: Yen; readonly oldLongTerm: Yen };
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
}

/** Income by class. Issue by issue the other classes of 地方税法 第32条 join as further keys; salary is the first. */
export interface Incomes {
  /** 給与等の収入金額, one per payer and already without what another report includes. */
  readonly salaries: readonly Yen[];
}

/** All facts of one taxpayer and one 年度. Amounts are of the income year, the calendar year before. */
export interface AssessmentInput {
  readonly fiscalYear: number;
  readonly taxpayer: Taxpayer;
  readonly incomes: Incomes;
  readonly spouse: Spouse | null;
  readonly dependants: Dependants;
  /** 合計所得金額 of each relative of 19–22 years above the dependants' limit (特定親族). */
  readonly specificRelatives: readonly Yen[];
  readonly deductions: PaidDeductions;
  /** A 確定申告 or 住民税申告 was filed: 申告特例 is void. */
  readonly returnFiled: boolean;
  readonly donations: readonly Donation[];
  readonly housingLoan: HousingLoan | null;
  /** 所得税の基礎控除額 where a document states it; null: by the table from the total income. */
  readonly incomeTaxBasicDeduction: Yen | null;
  /** The employer collects from June (特別徴収). */
  readonly specialCollection: boolean;
}
