import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { LandGround } from '@musubi/rates/resident-tax/other-income.ts';
import { type LandClass, type LandTransfer, landClasses } from './assessment-input.ts';
import { checkedAssessment, withoutSalary } from './checked-assessment.ts';
import { landOf } from './land.ts';

const rates = ratesForYear(2026);
const sale = (
  revenue: number,
  cost: number | null,
  expenses = 0,
  specialDeduction: LandGround | 'none' = 'none',
): LandTransfer => ({
  revenue: yen(revenue),
  acquisitionCost: cost === null ? null : yen(cost),
  transferExpenses: yen(expenses),
  specialDeduction,
});
/** A sale with that gain, below zero that loss. */
const gain = (amount: number, ground: LandGround | 'none' = 'none'): LandTransfer =>
  sale(Math.max(0, amount), Math.max(0, -amount), 0, ground);
type Land = Partial<Record<LandClass, LandTransfer>>;
const gainsOf = (land: Land) => {
  const { gains } = landOf(land, rates, null);
  return landClasses.map((name) => gains[name]);
};
const afterOf = (land: Land) => {
  const { afterDeduction, specialDeduction } = landOf(land, rates, null);
  return [...landClasses.map((name) => afterDeduction[name]), specialDeduction];
};

for (const [what, of, expected] of [
  ['収入から取得費と譲渡費用を引く', sale(10_000_000, 3_000_000, 500_000), 6_500_000],
  ['取得費が0円と分かっていれば引かない', sale(10_000_000, 0), 10_000_000],
  ['取得費が不明なら収入の5%（1円未満切捨て）', sale(10_000_019, null, 19), 9_500_000], // 500,000.95
  ['損失だけでは0円', sale(1_000_000, 1_000_001), 0],
  ['差引0円', sale(1_000_000, 900_000, 100_000), 0],
] as const) {
  test(`租税特別措置法第31条・第31条の4・第32条: ${what}`, () => {
    for (const [i, name] of landClasses.entries())
      assert.deepEqual(
        gainsOf({ [name]: of }),
        landClasses.map((_, j) => (i === j ? expected : 0)),
      );
  });
}

/** [name, raw gains by class, gains after offset]: 短期一般, 短期軽減, 長期一般, 長期特定, 長期軽課. */
const offsets: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['損失がなければそのまま', [1, 20, 300, 4_000, 50_000], [1, 20, 300, 4_000, 50_000]],
  ['短期の損失は短期から先に引く', [-15, 20, 300, 4_000, 50_000], [0, 5, 300, 4_000, 50_000]],
  ['短期軽減の損失は短期一般から', [20, -15, 300, 4_000, 50_000], [5, 0, 300, 4_000, 50_000]],
  ['短期で引ききれない損失は長期一般から', [-120, 20, 300, 4_000, 50_000], [0, 0, 200, 4_000, 50_000]],
  ['次に長期特定から', [-1_320, 20, 300, 4_000, 50_000], [0, 0, 0, 3_000, 50_000]],
  ['次に長期軽課から', [-14_320, 20, 300, 4_000, 50_000], [0, 0, 0, 0, 40_000]],
  ['残った損失はなくなる', [-99_999, 20, 300, 4_000, 50_000], [0, 0, 0, 0, 0]],
  ['長期の損失は長期から先に引く', [1, 20, -300, 4_000, 50_000], [1, 20, 0, 3_700, 50_000]],
  ['長期特定の損失は長期一般から', [1, 20, 300, -100, 50_000], [1, 20, 200, 0, 50_000]],
  ['長期軽課の損失は長期一般、長期特定の順', [1, 20, 300, 4_000, -1_300], [1, 20, 0, 3_000, 0]],
  ['長期で引ききれない損失は短期一般から', [15, 20, 300, -310, -2], [3, 20, 0, 0, 0]],
  ['次に短期軽減から', [15, 20, 300, -325, -2], [0, 8, 0, 0, 0]],
  ['損失の合計を引く', [-10, -20, 100, 0, 0], [0, 0, 70, 0, 0]],
  ['短期も長期も損失なら0円', [-10, -20, -30, -40, -50], [0, 0, 0, 0, 0]],
  ['短期と長期の両方に損失と利益があれば、それぞれの中で引く', [-10, 30, -40, 100, 0], [0, 20, 0, 60, 0]],
];
for (const [name, raw, expected] of offsets) {
  test(`租税特別措置法第31条第1項・第32条第1項 土地建物の内部通算: ${name}`, () => {
    const land = Object.fromEntries(landClasses.map((each, i) => [each, gain(raw[i] ?? 0)]));
    assert.deepEqual(gainsOf(land), expected);
  });
}

for (const [ground, most] of [
  ['expropriation', 50_000_000],
  ['own-home', 30_000_000],
  ['land-readjustment', 20_000_000],
  ['housing-site', 15_000_000],
  ['acquired-2009-or-2010', 10_000_000],
  ['farmland', 8_000_000],
  ['underused-land', 1_000_000],
] as const) {
  test(`租税特別措置法第33条の4〜第35条の3 特別控除: ${ground} は${most}円まで`, () => {
    assert.deepEqual(afterOf({ longGeneral: gain(most + 1, ground) }), [0, 0, 1, 0, 0, most]);
    assert.deepEqual(afterOf({ longGeneral: gain(most - 1, ground) }), [0, 0, 0, 0, 0, most - 1]);
    // Of two sales on one ground the limit is one, in the order of the classes.
    assert.deepEqual(afterOf({ shortGeneral: gain(most - 7, ground), longReduced: gain(most, ground) }), [
      0,
      0,
      0,
      0,
      most - 7,
      most,
    ]);
  });
}

test('租税特別措置法第36条: 特別控除は合わせて5,000万円まで、収用が先で居住用が後', () => {
  assert.deepEqual(
    afterOf({ shortGeneral: gain(40_000_000, 'own-home'), longGeneral: gain(35_000_000, 'expropriation') }),
    [
      25_000_000, // 40,000,000 − (50,000,000 − 35,000,000)
      0,
      0,
      0,
      0,
      50_000_000,
    ],
  );
});

test('租税特別措置法第36条: 使わなかった控除枠は次の事由に残る', () => {
  assert.deepEqual(
    afterOf({
      shortGeneral: gain(60_000_000),
      shortReduced: gain(9_000_000, 'farmland'),
      longGeneral: gain(12_000_000, 'land-readjustment'),
      longSpecified: gain(40_000_000, 'own-home'),
      longReduced: gain(5_000_000, 'underused-land'),
    }),
    // own-home 30,000,000, land-readjustment 12,000,000, farmland 8,000,000: nothing left for the last
    [60_000_000, 1_000_000, 0, 10_000_000, 5_000_000, 50_000_000],
  );
});

test('租税特別措置法第36条: 特別控除は通算後の利益から引き、利益を超えない', () => {
  const land: Land = { shortGeneral: gain(-4_000_000), longReduced: gain(10_000_000, 'own-home') };
  assert.deepEqual(gainsOf(land), [0, 0, 0, 0, 6_000_000]);
  assert.deepEqual(afterOf(land), [0, 0, 0, 0, 0, 6_000_000]);
});

test('地方税法第292条第1項第13号: 合計所得金額は特別控除前、課税標準は特別控除後。理由からも同じ額になる', () => {
  const result = checkedAssessment(
    withoutSalary({
      other: {
        land: {
          shortReduced: gain(-1_000_000),
          longGeneral: sale(40_000_000, null, 1_000_000, 'farmland'), // 40,000,000 − 2,000,000 − 1,000,000
          longSpecified: gain(7_000_000),
          longReduced: sale(50_000_000, 9_000_000, 500_000, 'own-home'), // 40,500,000
        },
      },
    }),
  );
  assert.deepEqual(
    [result.incomes.longGeneral, result.incomes.longReduced, result.incomes.totalIncome],
    [36_000_000, 40_500_000, 83_500_000],
  );
  assert.equal(result.incomes.landSpecialDeduction, 38_000_000);
  // 合計所得金額 over 25,000,000: no 基礎控除.
  assert.deepEqual([result.bases.longGeneral, result.bases.longReduced], [28_000_000, 10_500_000]);
  // 28,000,000 × 3 % + 17,500,000 × 2.4 %; 28,000,000 × 2 % + 17,500,000 × 1.6 %
  assert.deepEqual([result.levy.ward.computed, result.levy.metropolis.computed], [1_260_000, 840_000]);
});

test('地方税法附則第34条: 土地建物がなければ0円', () => {
  assert.deepEqual(afterOf({}), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(gainsOf({}), [0, 0, 0, 0, 0]);
});
