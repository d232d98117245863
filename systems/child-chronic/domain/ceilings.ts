import { type DatedTable, rowOn } from '@musubi/rates/dated.ts';

/** 階層区分: Ⅰ 生活保護 to Ⅵ 上位所得. */
export type Tier = '1' | '2' | '3' | '4' | '5' | '6';
export type Condition = 'general' | 'severe' | 'ventilator' | 'haemophilia';

export interface CeilingRates {
  /** Yearly income of 保護者 (yen) up to which a household without municipal tax is 低所得1. */
  readonly lowIncomeUpTo: number;
  /** 市町村民税所得割額 (yen) from which 一般所得2 and 上位所得 begin. */
  readonly general2From: number;
  readonly highFrom: number;
  /** 自己負担上限月額 (yen) by tier: 一般, 重症, 人工呼吸器等装着者. */
  readonly monthly: Readonly<Record<Tier, readonly [general: number, severe: number, ventilator: number]>>;
}

const monthly = {
  '1': [0, 0, 0],
  '2': [1_250, 1_250, 500],
  '3': [2_500, 2_500, 500],
  '4': [5_000, 2_500, 500],
  '5': [10_000, 5_000, 500],
  '6': [15_000, 10_000, 500],
} as const satisfies CeilingRates['monthly'];

/**
 * 自己負担上限月額 and its thresholds, by day of application.
 * @law 児童福祉法施行令 第22条
 */
export const ceilingRates: DatedTable<CeilingRates> = {
  id: 'child-chronic.ceilings',
  supportedUntil: '2027-03-31',
  rows: [
    {
      effectiveFrom: '2018-01-01',
      published: '2014-11-12',
      law: '児童福祉法施行令 第22条',
      source: 'rules/medical-subsidy §2 (石川県立中央病院 案内で確認)',
      standing: 'read',
      value: { lowIncomeUpTo: 800_000, general2From: 71_000, highFrom: 251_000, monthly },
    },
    {
      effectiveFrom: '2025-07-01',
      published: '2025',
      law: '児童福祉法施行令 第22条',
      source: 'rules/medical-subsidy §2 (*): 老齢基礎年金に合わせた改定。施行日と額は条文で確認が要る',
      standing: 'recalled',
      value: { lowIncomeUpTo: 809_000, general2From: 71_000, highFrom: 251_000, monthly },
    },
  ],
};

/** What the tier is decided from. */
export interface TierBasis {
  readonly publicAssistance: boolean;
  /** 課税区分 as the municipality answered; absent where the income cannot be confirmed. */
  readonly taxed: 'taxed' | 'exempt' | undefined;
  /** 市町村民税所得割額 before credits other than 調整控除, whole yen. */
  readonly perIncomeYen: number | undefined;
  /** 合計所得金額, whole yen: stands for the income of 保護者 in the test between 低所得1 and 2. */
  readonly totalIncomeYen: number | undefined;
}

export interface TierResult {
  readonly tier: Tier;
  readonly ceilingYen: number;
  /** Sentence for the officer and the notice. */
  readonly reason: string;
  readonly ratesVersion: string;
}

/**
 * 階層区分 and 自己負担上限月額. An income that cannot be confirmed counts as 上位所得.
 * @law 児童福祉法施行令 第22条第1項
 */
export function decideTier(basis: TierBasis, condition: Condition, appliedOn: Temporal.PlainDate): TierResult {
  const row = rowOn(ceilingRates, appliedOn.toString());
  const rates = row.value;
  const [tier, reason] = tierOf(basis, rates);
  const [general, severe, ventilator] = rates.monthly[tier];
  const ceilingYen = { general, severe, ventilator, haemophilia: 0 }[condition];
  return { tier, ceilingYen, reason, ratesVersion: `${ceilingRates.id}@${row.effectiveFrom}` };
}

const yen = (amount: number): string => `${amount.toLocaleString('ja-JP')}円`;

function tierOf(basis: TierBasis, rates: CeilingRates): readonly [Tier, string] {
  if (basis.publicAssistance) return ['1', '生活保護世帯（中国残留邦人等支援を含む）'];
  if (basis.taxed === 'exempt') {
    // Without an amount nothing shows that the income is low enough: the higher of the two.
    const low = basis.totalIncomeYen !== undefined && basis.totalIncomeYen <= rates.lowIncomeUpTo;
    const limit = yen(rates.lowIncomeUpTo);
    return low
      ? ['2', `市町村民税非課税、収入が${limit}以下`]
      : ['3', `市町村民税非課税、収入が${limit}を超える（または不明）`];
  }
  if (basis.taxed === undefined || basis.perIncomeYen === undefined) return ['6', '所得が確認できない'];
  const levy = `所得割額 ${yen(basis.perIncomeYen)}`;
  if (basis.perIncomeYen < rates.general2From)
    return ['4', `${levy}（${yen(rates.general2From)}未満、均等割のみを含む）`];
  if (basis.perIncomeYen < rates.highFrom)
    return ['5', `${levy}（${yen(rates.general2From)}以上${yen(rates.highFrom)}未満）`];
  return ['6', `${levy}（${yen(rates.highFrom)}以上）`];
}

export const tierNames: Readonly<Record<Tier, string>> = {
  '1': 'Ⅰ 生活保護',
  '2': 'Ⅱ 低所得1',
  '3': 'Ⅲ 低所得2',
  '4': 'Ⅳ 一般所得1',
  '5': 'Ⅴ 一般所得2',
  '6': 'Ⅵ 上位所得',
};
