import type { DatedTable } from '../dated.ts';
import type { Band, BandTable } from './shapes.ts';

const fixed = (from: number, income: number): Band => ({ from, unit: 1, ratio: [0, 1], plus: income });
const less = (from: number, deduction: number): Band => ({ from, unit: 1, ratio: [1, 1], plus: -deduction });
/** A × n with A = ⌊revenue ÷ 4,000⌋ × 1,000: written as a share of the revenue cut to 4,000 yen. */
const stepped = (from: number, tenths: number, plus: number): Band => ({
  from,
  unit: 4_000,
  ratio: [tenths, 10],
  plus,
});

const upper: readonly Band[] = [
  stepped(3_600_000, 8, -440_000),
  { from: 6_600_000, unit: 1, ratio: [9, 10], plus: -1_100_000 },
  less(8_500_000, 1_950_000),
];

/**
 * 給与所得: income from salary revenue (給与等の収入金額), in yen.
 * @law 所得税法 第28条, 別表第五; 地方税法 第32条第2項, 第313条第2項
 */
export const salaryIncome: DatedTable<BandTable> = {
  id: 'salary-income',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '所得税法 第28条第3項・第4項, 別表第五（令和2年分〜令和6年分）',
      source: '大田区 住民税の手引き（令和6・7年度）',
      standing: 'read',
      value: {
        rounding: 'down',
        bands: [
          fixed(0, 0),
          less(551_000, 550_000),
          fixed(1_619_000, 1_069_000),
          fixed(1_620_000, 1_070_000),
          fixed(1_622_000, 1_072_000),
          fixed(1_624_000, 1_074_000),
          stepped(1_628_000, 6, 100_000),
          stepped(1_800_000, 7, -80_000),
          ...upper,
        ],
      },
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2025-03-31',
      law: '所得税法 第28条第3項・第4項, 別表第五（令和7年分）',
      source: '総務省・大阪市・区市町村の令和8年度の案内',
      standing: 'read',
      value: {
        rounding: 'down',
        bands: [fixed(0, 0), less(651_000, 650_000), stepped(1_900_000, 7, -80_000), ...upper],
      },
    },
    {
      effectiveFrom: '2027-01-01',
      published: '2026-03-31',
      law: '所得税法 第28条, 別表第五; 租税特別措置法（最低保障74万円の特例, 令和8・9年分）',
      source: '国税庁 源泉所得税の改正のあらまし（令和8年4月）; 2,192,000円〜2,199,999円の段は両端の公表値から',
      standing: 'inferred',
      value: {
        rounding: 'down',
        bands: [
          fixed(0, 0),
          less(741_000, 740_000),
          fixed(2_191_000, 1_451_000),
          fixed(2_192_000, 1_452_000),
          fixed(2_196_000, 1_456_000),
          stepped(2_200_000, 7, -80_000),
          ...upper,
        ],
      },
    },
  ],
};

export interface IncomeAdjustment {
  /** Revenue above this gives the adjustment. */
  readonly over: number;
  readonly ceiling: number;
  readonly ratio: readonly [number, number];
}

/**
 * 所得金額調整控除（子ども・特別障害者等）: ⌈(min(revenue, ceiling) − over) × ratio⌉.
 * @law 租税特別措置法 第41条の3の11第1項
 */
export const incomeAdjustment: DatedTable<IncomeAdjustment> = {
  id: 'income-adjustment',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '租税特別措置法 第41条の3の11第1項',
      source: '国税庁 年末調整のしかた',
      standing: 'read',
      value: { over: 8_500_000, ceiling: 10_000_000, ratio: [10, 100] },
    },
  ],
};

/**
 * 所得要件: the highest 合計所得金額 of a spouse or relative who counts as dependant (同一生計配偶者・扶養親族), in yen.
 * @law 地方税法 第292条第1項第7号・第9号
 */
export const dependantIncomeLimit: DatedTable<number> = {
  id: 'dependant-income-limit',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2018-03-31',
      law: '地方税法 第292条第1項第7号・第9号',
      source: '区市町村の令和6・7年度の案内',
      standing: 'read',
      value: 480_000,
    },
    {
      effectiveFrom: '2026-01-01',
      published: '2025-03-31',
      law: '地方税法 第292条第1項第7号・第9号（令和7年改正）',
      source: '区市町村の令和8年度の案内',
      standing: 'read',
      value: 580_000,
    },
    {
      effectiveFrom: '2027-01-01',
      published: '2026-03-31',
      law: '地方税法 第292条第1項第7号・第9号（令和8年法律第2号）',
      source: '総務省 地方税法等の一部を改正する法律の概要（令和8年度）',
      standing: 'read',
      value: 620_000,
    },
  ],
};
