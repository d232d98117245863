import type { DatedTable } from '../dated.ts';
import type { Band, BandTable, Ratio, UpTo } from './shapes.ts';

export interface PensionIncome {
  /** 公的年金等控除額 by revenue, of persons of 65 and over, and of younger ones; a fraction of a yen counts as one. */
  readonly from65: BandTable;
  readonly under65: BandTable;
  /** What a 公的年金等以外の合計所得金額 takes off that deduction. */
  readonly tiers: readonly UpTo<number>[];
}

const flat = (from: number, plus: number): Band => ({ from, unit: 1, ratio: [0, 1], plus });
const share = (from: number, percent: number, plus: number): Band => ({ from, unit: 1, ratio: [percent, 100], plus });
const upperPension: readonly Band[] = [
  share(3_300_001, 25, 275_000),
  share(4_100_001, 15, 685_000),
  share(7_700_001, 5, 1_455_000),
  flat(10_000_001, 1_955_000),
];

/** 公的年金等に係る雑所得. @law 所得税法 第35条第4項; 租税特別措置法 第41条の15の3 */
export const pensionIncome: DatedTable<PensionIncome> = {
  id: 'pension-income',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '所得税法 第35条第4項; 租税特別措置法 第41条の15の3',
      source: '貝塚市の案内（令和6〜9年度同じ）',
      standing: 'read',
      value: {
        from65: { rounding: 'up', bands: [flat(0, 1_100_000), ...upperPension] },
        under65: { rounding: 'up', bands: [flat(0, 600_000), share(1_300_001, 25, 275_000), ...upperPension] },
        tiers: [
          { upTo: 10_000_000, value: 0 },
          { upTo: 20_000_000, value: 100_000 },
          { upTo: Number.POSITIVE_INFINITY, value: 200_000 },
        ],
      },
    },
  ],
};

/** Grounds of 特別控除 for land and buildings, in the order in which they are used. */
export const landGrounds = [
  'expropriation',
  'own-home',
  'land-readjustment',
  'housing-site',
  'acquired-2009-or-2010',
  'farmland',
  'underused-land',
] as const;
export type LandGround = (typeof landGrounds)[number];

export interface OtherIncomeRules {
  /** 一時・総合譲渡・山林 */
  readonly occasionalDeduction: number;
  readonly transferDeduction: number;
  readonly forestryDeduction: number;
  /** 家内労働者等の必要経費の特例, before the salary revenue is taken off. */
  readonly homeWorkerFloor: number;
  /** 白色事業専従者 */
  readonly whiteSpouse: number;
  readonly whiteOther: number;
  /** 概算取得費 */
  readonly unknownCost: Ratio;
  readonly landDeduction: Readonly<Record<LandGround, number>>;
  readonly landDeductionTotal: number;
  /** Years that a loss may be carried, ordinarily and after a 特定非常災害. */
  readonly carryYears: number;
  readonly carryYearsDisaster: number;
  /** 居住用財産の譲渡損失: only up to this 合計所得金額. */
  readonly homeLossIncomeLimit: number;
}

const otherRules = (homeWorkerFloor: number): OtherIncomeRules => ({
  occasionalDeduction: 500_000,
  transferDeduction: 500_000,
  forestryDeduction: 500_000,
  homeWorkerFloor,
  whiteSpouse: 860_000,
  whiteOther: 500_000,
  unknownCost: [5, 100],
  landDeduction: {
    expropriation: 50_000_000,
    'own-home': 30_000_000,
    'land-readjustment': 20_000_000,
    'housing-site': 15_000_000,
    'acquired-2009-or-2010': 10_000_000,
    farmland: 8_000_000,
    'underused-land': 1_000_000,
  },
  landDeductionTotal: 50_000_000,
  carryYears: 3,
  carryYearsDisaster: 5,
  homeLossIncomeLimit: 30_000_000,
});

/** @law 所得税法 第32条〜第35条, 第57条, 第70条, 第71条; 租税特別措置法 第27条, 第31条の4, 第33条の4〜第36条, 第41条の5 */
export const otherIncomeRules: DatedTable<OtherIncomeRules> = {
  id: 'other-income-rules',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '所得税法 第33条, 第34条, 第57条; 租税特別措置法 第27条, 第36条',
      source: '上里町の案内（特別控除）; ほかは一般的知識による',
      standing: 'recalled',
      value: otherRules(550_000),
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2025-03-31',
      law: '租税特別措置法 第27条（令和7年改正）',
      source: '区市町村の令和8年度の案内; ほかは一般的知識による',
      standing: 'recalled',
      value: otherRules(650_000),
    },
    {
      effectiveFrom: '2027-01-01',
      published: '2026-03-31',
      law: '租税特別措置法 第27条（令和8年改正）',
      source: '給与所得控除の最低額（69万円と特例5万円）から',
      standing: 'inferred',
      value: otherRules(740_000),
    },
  ],
};

export interface CareDeductions {
  readonly medical: { readonly incomeShare: Ratio; readonly floor: number; readonly most: number };
  readonly selfMedication: { readonly floor: number; readonly most: number };
  readonly casualty: { readonly incomeShare: Ratio; readonly disasterFloor: number };
}

/** 医療費控除・雑損控除. @law 地方税法 第314条の2第1項第1号・第2号, 附則第4条の5 */
export const careDeductions: DatedTable<CareDeductions> = {
  id: 'care-deductions',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2021-03-31',
      law: '地方税法 第314条の2第1項第1号・第2号, 附則第4条の5',
      source: '尼崎市の計算例（医療費）; 雑損とセルフメディケーションは一般的知識による',
      standing: 'recalled',
      value: {
        medical: { incomeShare: [5, 100], floor: 100_000, most: 2_000_000 },
        selfMedication: { floor: 12_000, most: 88_000 },
        casualty: { incomeShare: [10, 100], disasterFloor: 50_000 },
      },
    },
  ],
};

export interface RetirementIncome {
  readonly perYear: number;
  readonly least: number;
  /** Years up to which `perYear` counts; above them `perFurtherYear`. */
  readonly years: number;
  readonly perFurtherYear: number;
  readonly disability: number;
  /** Service up to this many years is short (特定役員退職手当等, 短期退職手当等). */
  readonly shortYears: number;
  /** 短期退職手当等: what exceeds this above the deduction is not halved. */
  readonly shortHalfUpTo: number;
}

/** 退職所得. @law 所得税法 第30条; 地方税法 第50条の2〜第50条の4, 第328条〜第328条の3 */
export const retirementIncome: DatedTable<RetirementIncome> = {
  id: 'retirement-income',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2021-03-31',
      law: '所得税法 第30条; 地方税法 第50条の3, 第328条の2',
      source: '新宮市の計算例',
      standing: 'read',
      value: {
        perYear: 400_000,
        least: 800_000,
        years: 20,
        perFurtherYear: 700_000,
        disability: 1_000_000,
        shortYears: 5,
        shortHalfUpTo: 3_000_000,
      },
    },
  ],
};
