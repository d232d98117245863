import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner } from './an-earner.ts';
import type { RetirementPayment } from './assessment-input.ts';
import { checkedAssessment } from './checked-assessment.ts';
import { retirementIncomeOf, retirementLevyOf } from './retirement.ts';

const rates = ratesForYear(2026);
const payment = (amount: number, serviceYears: number, more: Partial<RetirementPayment> = {}): RetirementPayment => ({
  amount: yen(amount),
  serviceYears,
  officer: false,
  disabilityRetirement: false,
  ...more,
});

for (const [years, disabled, deduction] of [
  [1, false, 800_000], // 400,000, at least 800,000
  [2, false, 800_000],
  [3, false, 1_200_000],
  [19, false, 7_600_000],
  [20, false, 8_000_000],
  [21, false, 8_700_000], // 8,000,000 + 700,000
  [34, false, 17_800_000],
  [1, true, 1_800_000],
  [20, true, 9_000_000],
  [21, true, 9_700_000],
] as const) {
  test(`所得税法第30条第3項 退職所得控除: 勤続${years}年${disabled ? '・障害退職' : ''} → ${deduction}円`, () => {
    const given = payment(deduction, years, { disabilityRetirement: disabled });
    assert.deepEqual(retirementIncomeOf(given, rates), { deduction, income: 0 });
    // One yen more: half of it, cut; two yen more: one yen.
    assert.equal(retirementIncomeOf({ ...given, amount: yen(deduction + 1) }, rates).income, 0);
    assert.equal(retirementIncomeOf({ ...given, amount: yen(deduction + 2) }, rates).income, 1);
    assert.equal(retirementIncomeOf({ ...given, amount: yen(deduction - 1) }, rates).income, 0);
  });
}

for (const [what, given, income] of [
  ['一般・勤続6年は超過額によらず2分の1', payment(2_400_000 + 5_000_000, 6), 2_500_000],
  ['特定役員・勤続5年は2分の1にしない', payment(2_000_000 + 1_000_000, 5, { officer: true }), 1_000_000],
  ['役員・勤続6年は2分の1', payment(2_400_000 + 1_000_000, 6, { officer: true }), 500_000],
  ['短期退職・超過額300万円ちょうどは2分の1', payment(2_000_000 + 3_000_000, 5), 1_500_000],
  ['短期退職・300万円を超える部分は全額', payment(2_000_000 + 3_000_001, 5), 1_500_001],
  ['短期退職・超過額400万円は150万円と100万円', payment(2_000_000 + 4_000_000, 5), 2_500_000],
  ['短期退職・超過額200万円は2分の1', payment(2_000_000 + 2_000_000, 5), 1_000_000],
] as const) {
  test(`所得税法第30条第2項・第4項: ${what} → ${income}円`, () => {
    assert.equal(retirementIncomeOf(given, rates).income, income);
  });
}

for (const [what, given, income, ward, metropolis] of [
  ['新宮市の計算例 24,000,000円・勤続34年', payment(24_000_000, 34), 3_100_000, 186_000, 124_000],
  ['課税所得は1,000円未満を切り捨てる', payment(800_000 + 2 * 17_999, 1), 17_000, 1_000, 600], // 1,020, 680
  ['税額は100円未満を切り捨てる', payment(800_000 + 2 * 1_000, 1), 1_000, 0, 0], // 60, 40
  ['課税所得1,000円未満は0円', payment(800_000 + 1_999, 1), 0, 0, 0], // 999.5
] as const) {
  test(`地方税法第50条の3・第328条の3: ${what} → 区${ward}円・都${metropolis}円`, () => {
    const levy = retirementLevyOf(given, false, rates, null);
    assert.deepEqual([levy.income, levy.ward, levy.metropolis], [income, ward, metropolis]);
  });
}

test('地方税法第295条第1項第1号: 生活扶助を受ける人の退職所得には課税しない', () => {
  const levy = retirementLevyOf(payment(24_000_000, 34), true, rates, null);
  assert.deepEqual([levy.income, levy.ward, levy.metropolis], [3_100_000, 0, 0]);
});

test('地方税法第50条の2・第328条: 支払ごとに課税し、その年の他の税額には含めない', () => {
  const retirements = [
    payment(24_000_000, 34),
    payment(3_000_000, 5, { officer: true }),
    payment(3_000_000, 5),
    payment(9_020_000, 20, { disabilityRetirement: true }),
  ];
  const result = checkedAssessment(anEarner({ rest: { retirements } }));
  assert.deepEqual(
    result.retirements.map(({ serviceYears, deduction, income, ward, metropolis }) => [
      serviceYears,
      deduction,
      income,
      ward,
      metropolis,
    ]),
    [
      [34, 17_800_000, 3_100_000, 186_000, 124_000],
      [5, 2_000_000, 1_000_000, 60_000, 40_000],
      [5, 2_000_000, 500_000, 30_000, 20_000],
      [20, 9_000_000, 10_000, 600, 400],
    ],
  );
  assert.equal(result.annualTotal, checkedAssessment(anEarner()).annualTotal);
  const assisted = checkedAssessment(anEarner({ taxpayer: { publicAssistance: true }, rest: { retirements } }));
  assert.deepEqual(
    assisted.retirements.map(({ ward, metropolis }) => ward + metropolis),
    [0, 0, 0, 0],
  );
});
