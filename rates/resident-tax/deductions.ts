import type { DatedTable } from '../dated.ts';
import type { Band, BandTable, ByOwnIncome, UpTo } from './shapes.ts';

export interface PersonalDeductions {
  readonly disability: { readonly ordinary: number; readonly special: number; readonly specialLivingTogether: number };
  readonly widow: { readonly amount: number; readonly incomeLimit: number };
  readonly singleParent: { readonly amount: number; readonly incomeLimit: number };
  readonly workingStudent: { readonly amount: number; readonly incomeLimit: number; readonly otherIncomeLimit: number };
  readonly dependant: {
    readonly ordinary: number;
    readonly specified: number;
    readonly elderly: number;
    readonly elderlyLivingTogether: number;
  };
}

const personal = (workingStudentLimit: number): PersonalDeductions => ({
  disability: { ordinary: 260_000, special: 300_000, specialLivingTogether: 530_000 },
  widow: { amount: 260_000, incomeLimit: 5_000_000 },
  singleParent: { amount: 300_000, incomeLimit: 5_000_000 },
  workingStudent: { amount: 260_000, incomeLimit: workingStudentLimit, otherIncomeLimit: 100_000 },
  dependant: { ordinary: 330_000, specified: 450_000, elderly: 380_000, elderlyLivingTogether: 450_000 },
});

/**
 * 障害者・寡婦・ひとり親・勤労学生・扶養控除, yen. Only the limit of the 勤労学生控除 changed in these years.
 * @law 地方税法 第34条第1項第6号〜第9号・第11号, 第314条の2第1項第6号〜第9号・第11号
 */
export const personalDeductions: DatedTable<PersonalDeductions> = {
  id: 'personal-deductions',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2020-03-31',
      law: '地方税法 第314条の2第1項第6号〜第9号・第11号',
      source: '横浜市・区市町村の案内',
      standing: 'read',
      value: personal(750_000),
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2025-03-31',
      law: '地方税法 第314条の2第1項第9号（令和7年改正）',
      source: '区市町村の令和8年度の案内',
      standing: 'read',
      value: personal(850_000),
    },
    {
      effectiveFrom: '2027-01-01',
      published: '2026-03-31',
      law: '地方税法 第314条の2第1項第9号（令和8年法律第2号）',
      source: '総務省 地方税法等の一部を改正する法律の概要（令和8年度）',
      standing: 'read',
      value: personal(890_000),
    },
  ],
};

/** 基礎控除 by the taxpayer's own 合計所得金額. @law 地方税法 第34条第2項, 第314条の2第2項 */
export const basicDeduction: DatedTable<readonly UpTo<number>[]> = {
  id: 'basic-deduction',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '地方税法 第314条の2第2項',
      source: '区市町村の案内（令和8・9年度も変更なし）',
      standing: 'read',
      value: [
        { upTo: 24_000_000, value: 430_000 },
        { upTo: 24_500_000, value: 290_000 },
        { upTo: 25_000_000, value: 150_000 },
        { upTo: Number.POSITIVE_INFINITY, value: 0 },
      ],
    },
  ],
};

export interface SpouseDeductions {
  /** Upper bounds of the three columns: 9,000,000 / 9,500,000 / 10,000,000; above: no deduction. */
  readonly ownIncomeColumns: ByOwnIncome;
  readonly spouse: ByOwnIncome;
  readonly elderlySpouse: ByOwnIncome;
  /** 配偶者特別控除 by the spouse's 合計所得金額, above the limit of the 同一生計配偶者. */
  readonly special: readonly UpTo<ByOwnIncome>[];
}

/** @law 地方税法 第34条第1項第10号・第10号の2, 第314条の2第1項第10号・第10号の2 */
export const spouseDeductions: DatedTable<SpouseDeductions> = {
  id: 'spouse-deductions',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '地方税法 第314条の2第1項第10号・第10号の2',
      source: '区市町村の案内',
      standing: 'read',
      value: {
        ownIncomeColumns: [9_000_000, 9_500_000, 10_000_000],
        spouse: [330_000, 220_000, 110_000],
        elderlySpouse: [380_000, 260_000, 130_000],
        special: [
          { upTo: 1_000_000, value: [330_000, 220_000, 110_000] },
          { upTo: 1_050_000, value: [310_000, 210_000, 110_000] },
          { upTo: 1_100_000, value: [260_000, 180_000, 90_000] },
          { upTo: 1_150_000, value: [210_000, 140_000, 70_000] },
          { upTo: 1_200_000, value: [160_000, 110_000, 60_000] },
          { upTo: 1_250_000, value: [110_000, 80_000, 40_000] },
          { upTo: 1_300_000, value: [60_000, 40_000, 20_000] },
          { upTo: 1_330_000, value: [30_000, 20_000, 10_000] },
          { upTo: Number.POSITIVE_INFINITY, value: [0, 0, 0] },
        ],
      },
    },
  ],
};

/** 特定親族特別控除 by the relative's 合計所得金額, above the dependants' limit; none before 令和8年度. */
export const specificRelativeDeduction: DatedTable<readonly UpTo<number>[]> = {
  id: 'specific-relative-deduction',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '（令和7年度まで制度なし）',
      source: '区市町村の案内',
      standing: 'read',
      value: [{ upTo: Number.POSITIVE_INFINITY, value: 0 }],
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2025-03-31',
      law: '地方税法 第34条第1項第12号, 第314条の2第1項第12号',
      source: '平群町の案内（令和8年度）',
      standing: 'read',
      value: [
        { upTo: 950_000, value: 450_000 },
        { upTo: 1_000_000, value: 410_000 },
        { upTo: 1_050_000, value: 310_000 },
        { upTo: 1_100_000, value: 210_000 },
        { upTo: 1_150_000, value: 110_000 },
        { upTo: 1_200_000, value: 60_000 },
        { upTo: 1_230_000, value: 30_000 },
        { upTo: Number.POSITIVE_INFINITY, value: 0 },
      ],
    },
  ],
};

export interface InsuranceDeductions {
  readonly newLife: BandTable;
  readonly oldLife: BandTable;
  /** Ceiling of old and new contracts taken together in one category. */
  readonly lifeBothCap: number;
  readonly lifeTotalCap: number;
  readonly earthquake: BandTable;
  readonly oldLongTerm: BandTable;
  readonly earthquakeTotalCap: number;
  /** 旧長期損害保険料 in the income tax: needed to take apart the one amount that the salary report states. */
  readonly incomeTaxOldLongTerm: BandTable;
}

const band = (from: number, ratio: readonly [number, number], plus: number): Band => ({ from, unit: 1, ratio, plus });

/** 生命保険料控除・地震保険料控除; every formula is rounded up to whole yen. @law 地方税法 第34条第1項第5号・第5号の3, 第314条の2第1項第5号・第5号の3 */
export const insuranceDeductions: DatedTable<InsuranceDeductions> = {
  id: 'insurance-deductions',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2010-03-31',
      law: '地方税法 第314条の2第1項第5号・第5号の3',
      source: '横浜市の案内',
      standing: 'read',
      value: {
        newLife: {
          rounding: 'up',
          bands: [
            band(0, [1, 1], 0),
            band(12_001, [1, 2], 6_000),
            band(32_001, [1, 4], 14_000),
            band(56_001, [0, 1], 28_000),
          ],
        },
        oldLife: {
          rounding: 'up',
          bands: [
            band(0, [1, 1], 0),
            band(15_001, [1, 2], 7_500),
            band(40_001, [1, 4], 17_500),
            band(70_001, [0, 1], 35_000),
          ],
        },
        lifeBothCap: 28_000,
        lifeTotalCap: 70_000,
        earthquake: { rounding: 'up', bands: [band(0, [1, 2], 0), band(50_001, [0, 1], 25_000)] },
        oldLongTerm: {
          rounding: 'up',
          bands: [band(0, [1, 1], 0), band(5_001, [1, 2], 2_500), band(15_001, [0, 1], 10_000)],
        },
        earthquakeTotalCap: 25_000,
        incomeTaxOldLongTerm: {
          rounding: 'up',
          bands: [band(0, [1, 1], 0), band(10_001, [1, 2], 5_000), band(20_001, [0, 1], 15_000)],
        },
      },
    },
  ],
};
