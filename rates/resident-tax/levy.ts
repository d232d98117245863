import type { DatedTable } from '../dated.ts';
import type { ByOwnIncome, Ratio, UpTo } from './shapes.ts';

export interface LevyRates {
  readonly wardPerIncome: Ratio;
  readonly metropolisPerIncome: Ratio;
  readonly wardPerCapita: number;
  readonly metropolisPerCapita: number;
  readonly forestTax: number;
}

/** 所得割の率・均等割・森林環境税 of a special ward (特別区民税・都民税), without 超過課税. */
export const levyRates: DatedTable<LevyRates> = {
  id: 'levy-rates',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2019-03-29',
      law: '地方税法 第35条, 第38条, 第310条, 第314条の3; 森林環境税及び森林環境譲与税に関する法律 第5条',
      source: '特別区の案内',
      standing: 'read',
      value: {
        wardPerIncome: [6, 100],
        metropolisPerIncome: [4, 100],
        wardPerCapita: 3_000,
        metropolisPerCapita: 1_000,
        forestTax: 1_000,
      },
    },
  ],
};

export interface ExemptionRules {
  /** 障害者・未成年者・寡婦・ひとり親: exempt up to this 合計所得金額. */
  readonly personalIncomeLimit: number;
  /** Age in years under which a person counts as 未成年者. */
  readonly minorUnder: number;
  readonly single: number;
  readonly perHead: number;
  readonly addition: number;
  /** 均等割: its own limits by 級地 (`single`, `perHead` and `addition` above are those of the 所得割, alike everywhere). */
  readonly perCapita: { readonly single: number; readonly perHead: number; readonly addition: number };
  /** 均等割: further addition where there is a dependant. */
  readonly perCapitaExtra: number;
  /** 所得割: the same. */
  readonly perIncomeExtra: number;
}

/** 非課税の範囲 (1級地). @law 地方税法 第24条の5, 第295条, 附則第3条の3 */
export const exemptionRules: DatedTable<ExemptionRules> = {
  id: 'exemption-rules',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2020-03-31',
      law: '地方税法 第295条第1項・第3項, 同法施行令 第47条の3, 同法施行規則 第9条の21, 同法 附則第3条の3',
      source: '総務省・区市町村の案内（令和6〜9年度同じ）',
      standing: 'read',
      value: {
        personalIncomeLimit: 1_350_000,
        minorUnder: 18,
        single: 450_000,
        perHead: 350_000,
        addition: 100_000,
        perCapita: { single: 450_000, perHead: 350_000, addition: 100_000 },
        perCapitaExtra: 210_000,
        perIncomeExtra: 320_000,
      },
    },
  ],
};

export interface SpouseSpecialDifference {
  /** The spouse's 合計所得金額 is below this. */
  readonly below: number;
  readonly value: ByOwnIncome;
}

export interface AdjustmentCredit {
  readonly ownIncomeLimit: number;
  readonly threshold: number;
  readonly minimum: number;
  readonly ward: Ratio;
  readonly metropolis: Ratio;
  /** 人的控除額の差, yen per head. */
  readonly difference: {
    readonly basic: number;
    readonly disability: number;
    readonly specialDisability: number;
    readonly specialDisabilityLivingTogether: number;
    readonly widow: number;
    readonly singleMother: number;
    readonly singleFather: number;
    readonly workingStudent: number;
    readonly spouse: ByOwnIncome;
    readonly elderlySpouse: ByOwnIncome;
    /** Ascending by `below`; none from 令和8年度, whose 配偶者特別控除 begins above these incomes. */
    readonly spouseSpecial: readonly SpouseSpecialDifference[];
    readonly dependant: number;
    readonly specifiedDependant: number;
    readonly elderlyDependant: number;
    readonly elderlyDependantLivingTogether: number;
  };
}

const adjustment = (spouseSpecial: readonly SpouseSpecialDifference[]): AdjustmentCredit => ({
  ownIncomeLimit: 25_000_000,
  threshold: 2_000_000,
  minimum: 50_000,
  ward: [3, 100],
  metropolis: [2, 100],
  difference: {
    basic: 50_000,
    disability: 10_000,
    specialDisability: 100_000,
    specialDisabilityLivingTogether: 220_000,
    widow: 10_000,
    singleMother: 50_000,
    singleFather: 10_000,
    workingStudent: 10_000,
    spouse: [50_000, 40_000, 20_000],
    elderlySpouse: [100_000, 60_000, 30_000],
    spouseSpecial,
    dependant: 50_000,
    specifiedDependant: 180_000,
    elderlyDependant: 100_000,
    elderlyDependantLivingTogether: 130_000,
  },
});

/** 調整控除. @law 地方税法 第37条, 第314条の6; 同法施行令 第48条の7の2 */
export const adjustmentCredit: DatedTable<AdjustmentCredit> = {
  id: 'adjustment-credit',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '地方税法 第314条の6; 同法施行令 第48条の7の2',
      source: '岐阜市・新潟市の計算例; 配偶者特別控除の差は一般的知識による',
      standing: 'recalled',
      value: adjustment([
        { below: 500_000, value: [50_000, 40_000, 20_000] },
        { below: 550_000, value: [30_000, 20_000, 10_000] },
      ]),
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2025-03-31',
      law: '地方税法 第314条の6; 同法施行令 第48条の7の2（令和7年改正）',
      source: '新潟市・あきる野市の計算例（令和8年度）',
      standing: 'read',
      value: adjustment([]),
    },
  ],
};

export interface HousingLoanCredit {
  readonly ordinary: { readonly ratio: Ratio; readonly cap: number };
  /** 特定取得・特別特定取得 */
  readonly specific: { readonly ratio: Ratio; readonly cap: number };
  readonly ward: Ratio;
  readonly metropolis: Ratio;
  readonly firstYear: number;
  /** Years of moving in for which the rise of the income-tax 基礎控除 over `base` is added back; null: none. */
  readonly addBack: { readonly fromYear: number; readonly untilYear: number; readonly base: number } | null;
}

const housing = (addBack: HousingLoanCredit['addBack']): HousingLoanCredit => ({
  ordinary: { ratio: [5, 100], cap: 97_500 },
  specific: { ratio: [7, 100], cap: 136_500 },
  ward: [3, 5],
  metropolis: [2, 5],
  firstYear: 2009,
  addBack,
});

/** 住宅借入金等特別税額控除. @law 地方税法 附則第5条の4の2 */
export const housingLoanCredit: DatedTable<HousingLoanCredit> = {
  id: 'housing-loan-credit',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2022-03-31',
      law: '地方税法 附則第5条の4の2',
      source: '区市町村の案内',
      standing: 'read',
      value: housing(null),
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2025-03-31',
      law: '地方税法 附則第5条の4の2（令和7年改正）',
      source: '総務省 地方税法等の一部を改正する法律の概要',
      standing: 'read',
      value: housing({ fromYear: 2016, untilYear: 2025, base: 480_000 }),
    },
  ],
};

export interface DonationCredit {
  readonly incomeShare: Ratio;
  readonly floor: number;
  readonly ward: Ratio;
  readonly metropolis: Ratio;
  readonly wardShare: Ratio;
  readonly metropolisShare: Ratio;
  readonly levyCap: Ratio;
  /** Share by 課税総所得金額 less the differences; `oneStop` is the further share of 申告特例控除. */
  readonly special: readonly UpTo<{ readonly share: Ratio; readonly oneStop: Ratio }>[];
  /** Where the amount is negative, or there is no 課税総所得金額. */
  readonly without: Ratio;
  readonly oneStopRecipients: number;
  /** 所得税の基礎控除 above this counts among the differences; null: not in this year. */
  readonly basicOver: number | null;
}

const donation = (basicOver: number | null): DonationCredit => ({
  incomeShare: [30, 100],
  floor: 2_000,
  ward: [6, 100],
  metropolis: [4, 100],
  wardShare: [3, 5],
  metropolisShare: [2, 5],
  levyCap: [20, 100],
  special: [
    { upTo: 1_950_000, value: { share: [84_895, 100_000], oneStop: [5_105, 84_895] } },
    { upTo: 3_300_000, value: { share: [79_790, 100_000], oneStop: [10_210, 79_790] } },
    { upTo: 6_950_000, value: { share: [69_580, 100_000], oneStop: [20_420, 69_580] } },
    { upTo: 9_000_000, value: { share: [66_517, 100_000], oneStop: [23_483, 66_517] } },
    { upTo: 18_000_000, value: { share: [56_307, 100_000], oneStop: [33_693, 56_307] } },
    // 申告特例の割合の表は900万円超が最後の段。
    { upTo: 40_000_000, value: { share: [49_160, 100_000], oneStop: [33_693, 56_307] } },
    { upTo: Number.POSITIVE_INFINITY, value: { share: [44_055, 100_000], oneStop: [33_693, 56_307] } },
  ],
  without: [90, 100],
  oneStopRecipients: 5,
  basicOver,
});

/** 寄附金税額控除・申告特例控除. @law 地方税法 第37条の2, 第314条の7, 附則第7条の2 */
export const donationCredit: DatedTable<DonationCredit> = {
  id: 'donation-credit',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2015-03-31',
      law: '地方税法 第314条の7, 附則第7条の2',
      source: '区市町村の計算例; 申告特例控除の割合は一般的知識による',
      standing: 'recalled',
      value: donation(null),
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2025-03-31',
      law: '地方税法 第314条の7第11項第1号（令和7年改正）, 附則第7条の2',
      source: '総務省 地方税法等の一部を改正する法律の概要; 申告特例控除の割合は一般的知識による',
      standing: 'recalled',
      value: donation(480_000),
    },
  ],
};

/** 所得税の基礎控除 of the income year, by 合計所得金額; null where no rule of the year needs it. */
export const incomeTaxBasicDeduction: DatedTable<readonly UpTo<number>[] | null> = {
  id: 'income-tax-basic-deduction',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '（令和7年度まで用いる規定なし）',
      source: '地方税法 第314条の7',
      standing: 'read',
      value: null,
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2025-03-31',
      law: '所得税法 第86条, 租税特別措置法 第41条の16の2（令和7年分）',
      source: '公開されている計算例2件',
      standing: 'read',
      value: [
        { upTo: 1_320_000, value: 950_000 },
        { upTo: 3_360_000, value: 880_000 },
        { upTo: 4_890_000, value: 680_000 },
        { upTo: 6_550_000, value: 630_000 },
        { upTo: 23_500_000, value: 580_000 },
        { upTo: 24_000_000, value: 480_000 },
        { upTo: 24_500_000, value: 320_000 },
        { upTo: 25_000_000, value: 160_000 },
        { upTo: Number.POSITIVE_INFINITY, value: 0 },
      ],
    },
    {
      effectiveFrom: '2027-01-01',
      published: '2026-03-31',
      law: '所得税法 第86条, 租税特別措置法 第41条の16の2（令和8年分）',
      source: '公開されている計算例1件',
      standing: 'read',
      value: [
        { upTo: 4_890_000, value: 1_040_000 },
        { upTo: 6_550_000, value: 670_000 },
        { upTo: 23_500_000, value: 620_000 },
        { upTo: 24_000_000, value: 480_000 },
        { upTo: 24_500_000, value: 320_000 },
        { upTo: 25_000_000, value: 160_000 },
        { upTo: Number.POSITIVE_INFINITY, value: 0 },
      ],
    },
  ],
};

export interface FlatCut {
  readonly perHead: number;
  readonly ownIncomeLimit: number;
  /** 'household': taxpayer, spouse and dependants; 'spouse-over-limit': the one spouse who was left out a year before. */
  readonly heads: 'household' | 'spouse-over-limit';
  readonly spouseOwnIncomeLimit: number;
  /** First month of the year's special collection; June is free in 令和6年度. */
  readonly juneFree: boolean;
}

/** 定額減税（特別税額控除）; null: none in the year. @law 地方税法 附則第5条の8〜第5条の13 */
export const flatCut: DatedTable<FlatCut | null> = {
  id: 'flat-cut',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2024-03-30',
      law: '地方税法 附則第5条の8',
      source: '広島市・相模原市の計算例（令和6年度）',
      standing: 'recalled',
      value: {
        perHead: 10_000,
        ownIncomeLimit: 18_050_000,
        heads: 'household',
        spouseOwnIncomeLimit: 10_000_000,
        juneFree: true,
      },
    },
    {
      effectiveFrom: '2025-01-01',
      published: '2024-03-30',
      law: '地方税法 附則第5条の12',
      source: '区市町村の案内（令和7年度）',
      standing: 'recalled',
      value: {
        perHead: 10_000,
        ownIncomeLimit: 18_050_000,
        heads: 'spouse-over-limit',
        spouseOwnIncomeLimit: 10_000_000,
        juneFree: false,
      },
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2024-03-30',
      law: '（令和8年度から制度なし）',
      source: '区市町村の案内',
      standing: 'read',
      value: null,
    },
  ],
};
