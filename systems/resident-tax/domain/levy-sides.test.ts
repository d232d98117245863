import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { checkedAssessment, withProfit } from './checked-assessment.ts';
import { both, less, none, type Sides, within } from './levy-sides.ts';

const sides = (ward: number, metropolis: number): Sides => ({ ward: yen(ward), metropolis: yen(metropolis) });

test('地方税法第37条・第314条の6: 控除は区と都それぞれの残額まで', () => {
  assert.deepEqual(within(sides(5, 9), sides(7, 7)), sides(5, 7));
  assert.deepEqual(within(sides(7, 7), sides(7, 7)), sides(7, 7));
  assert.deepEqual(within(sides(8, 1), sides(7, 7)), sides(7, 1));
});

test('地方税法第37条・第314条の6: 残額は区と都それぞれ0円まで', () => {
  assert.deepEqual(less(sides(7, 7), sides(5, 9)), sides(2, 0));
  assert.deepEqual(less(sides(7, 7), none), sides(7, 7));
  assert.deepEqual([none, both(none), both(sides(5, 9))], [sides(0, 0), 0, 14]);
});

/** The rise of the 基礎控除 over 480,000 shows in the limit of the housing loan: 5 % of it where nothing else is taxable. */
const riseOf = (fiscalYear: number, profit: number, stated: number | null = null): number =>
  checkedAssessment(
    withProfit(profit, {
      fiscalYear,
      rest: {
        incomeTaxBasicDeduction: stated === null ? null : yen(stated),
        housingLoan: {
          movedInYear: 2020,
          creditable: yen(500_000),
          incomeTaxBeforeCredit: yen(1),
          incomeTaxTaxable: yen(0),
          specificAcquisition: false,
        },
      },
    }),
  ).housingLoanLimit * 20;

for (const [fiscalYear, profit, deduction] of [
  [2026, 1_320_000, 950_000],
  [2026, 1_320_001, 880_000],
  [2026, 3_360_000, 880_000],
  [2026, 3_360_001, 680_000],
  [2026, 4_890_000, 680_000],
  [2026, 4_890_001, 630_000],
  [2026, 6_550_000, 630_000],
  [2026, 6_550_001, 580_000],
  [2026, 23_500_000, 580_000],
  [2026, 23_500_001, 480_000],
  [2026, 24_000_001, 480_000], // 320,000 is no rise
  [2027, 1_320_001, 1_040_000],
  [2027, 4_890_000, 1_040_000],
  [2027, 4_890_001, 670_000],
  [2027, 6_550_000, 670_000],
  [2027, 6_550_001, 620_000],
  [2027, 23_500_000, 620_000],
  [2027, 23_500_001, 480_000],
] as const) {
  test(`所得税法第86条・租税特別措置法第41条の16の2: ${fiscalYear}年度 合計所得${profit}円の所得税の基礎控除は${deduction}円`, () => {
    assert.equal(riseOf(fiscalYear, profit), deduction - 480_000);
  });
}

test('所得税法第86条: 書類に記された所得税の基礎控除があればそれによる', () => {
  assert.equal(riseOf(2026, 1_320_000, 580_000), 100_000);
  assert.equal(riseOf(2026, 1_320_000, 480_000), 0);
  assert.equal(riseOf(2026, 1_320_000, 0), 0);
});

test('地方税法附則第5条の4の2: 令和7年度までは基礎控除の増加分を加えない', () => {
  assert.equal(riseOf(2025, 1_320_000, 950_000), 0);
});
