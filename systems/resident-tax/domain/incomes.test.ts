import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner, type EarnerFacts } from './an-earner.ts';
import type { OtherIncomes } from './assessment-input.ts';
import type { IncomeAmounts } from './assessment-result.ts';
import { aBusiness, checkedAssessment, revenueOf, withoutSalary } from './checked-assessment.ts';
import { pensionAdjustmentOf, pensionIncomeOf } from './incomes.ts';

const rates = ratesForYear(2026);
const incomes = (facts: EarnerFacts): IncomeAmounts => checkedAssessment(withoutSalary(facts)).incomes;
const day = Temporal.PlainDate.from;
const aged = { bornOn: day('1950-05-05') };

for (const [revenue, expenditure, income] of [
  [4_000_000, 0, 2_760_000],
  [4_000_000, 619_999, 2_760_000], // deduction 1,240,000, half 620,000
  [4_000_000, 620_000, 2_760_000],
  [4_000_000, 620_001, 2_759_999],
  [4_000_000, 700_000, 2_680_000],
  [7_654_321, 932_716, 5_788_888], // deduction 1,865,433, half 932,716.5
  [7_654_321, 932_717, 5_788_887], // 5,788,887.5
  [700_000, 375_000, 0], // 50,000 − (375,000 − 325,000)
  [700_000, 374_999, 1],
  [700_000, 900_000, 0],
] as const) {
  test(`所得税法第57条の2 特定支出控除: 収入${revenue}円・特定支出${expenditure}円 → ${income}円`, () => {
    const input = anEarner({ salaries: [revenue] });
    const result = checkedAssessment({
      ...input,
      incomes: { ...input.incomes, specificExpenditure: yen(expenditure) },
    });
    assert.deepEqual([result.incomes.salaryBeforeAdjustment, result.incomes.salary], [income, income]);
  });
}

for (const [revenue, adjustment] of [
  [8_500_000, 0],
  [8_500_001, 1],
  [8_500_010, 1],
  [8_500_011, 2],
  [8_970_000, 47_000],
  [9_999_999, 150_000], // 149,999.9
  [10_000_000, 150_000],
  [10_000_001, 150_000],
  [20_000_000, 150_000],
] as const) {
  test(`租税特別措置法第41条の3の11第1項 所得金額調整控除: 収入${revenue}円 → ${adjustment}円`, () => {
    const result = incomes({ salaries: [revenue], dependants: { underSixteen: 1, underTwentyThree: 1 } });
    assert.equal(result.incomeAdjustmentChild, adjustment);
    assert.equal(result.salary, revenue - 1_950_000 - adjustment);
  });
}

for (const [what, facts, entitled] of [
  ['誰もいない', {}, false],
  ['本人が特別障害者', { taxpayer: { disability: 'special' } }, true],
  ['本人が障害者', { taxpayer: { disability: 'ordinary' } }, false],
  ['23歳未満の扶養親族', { dependants: { ordinary: 1, underTwentyThree: 1 } }, true],
  ['23歳以上の扶養親族', { dependants: { ordinary: 1 } }, false],
  ['別居の特別障害者の扶養親族', { dependants: { ordinary: 1, speciallyDisabled: 1 } }, true],
  ['同居の特別障害者の扶養親族', { dependants: { ordinary: 1, speciallyDisabledLivingTogether: 1 } }, true],
  ['障害者の扶養親族', { dependants: { ordinary: 1, disabled: 1 } }, false],
  ['他の人の扶養親族である23歳未満の子', { dependants: { adjustmentOnly: true } }, true],
] as const satisfies readonly (readonly [string, EarnerFacts, boolean])[]) {
  test(`租税特別措置法第41条の3の11第1項: ${what} → ${entitled ? '控除する' : '控除しない'}`, () => {
    assert.equal(incomes({ salaries: [9_000_000], ...facts }).incomeAdjustmentChild, entitled ? 50_000 : 0);
  });
}

test('租税特別措置法第41条の3の11第1項: 給与所得を超えて控除しない', () => {
  const input = anEarner({ salaries: [10_000_000], dependants: { underSixteen: 1, underTwentyThree: 1 } });
  // 8,050,000 − (9,000,000 − 975,000) = 25,000
  const of = (expenditure: number) =>
    checkedAssessment({ ...input, incomes: { ...input.incomes, specificExpenditure: yen(expenditure) } }).incomes;
  assert.deepEqual(
    [of(9_000_000).salaryBeforeAdjustment, of(9_000_000).incomeAdjustmentChild, of(9_000_000).salary],
    [25_000, 25_000, 0],
  );
});

for (const [revenue, from65, under65] of [
  [0, 0, 0],
  [600_000, 0, 0],
  [600_001, 0, 1],
  [1_100_000, 0, 500_000],
  [1_100_001, 1, 500_001],
  [1_300_000, 200_000, 700_000],
  [1_300_001, 200_001, 700_000], // 700,000.75
  [1_300_004, 200_004, 700_003],
  [3_300_000, 2_200_000, 2_200_000],
  [3_300_001, 2_200_000, 2_200_000], // 2,200,000.75
  [4_100_000, 2_800_000, 2_800_000],
  [4_100_001, 2_800_000, 2_800_000], // 2,800,000.85
  [7_700_000, 5_860_000, 5_860_000],
  [7_700_001, 5_860_000, 5_860_000], // 5,860,000.95
  [10_000_000, 8_045_000, 8_045_000],
  [10_000_001, 8_045_001, 8_045_001],
] as const) {
  test(`所得税法第35条第4項 公的年金等: 収入${revenue}円 → 65歳以上${from65}円・65歳未満${under65}円`, () => {
    assert.equal(pensionIncomeOf(revenue, 0, true, rates), from65);
    assert.equal(pensionIncomeOf(revenue, 0, false, rates), under65);
  });
}

for (const [other, income] of [
  [10_000_000, 900_000],
  [10_000_001, 1_000_000],
  [20_000_000, 1_000_000],
  [20_000_001, 1_100_000],
] as const) {
  test(`租税特別措置法第41条の15の3 公的年金等以外の合計所得${other}円: 収入200万円・65歳以上 → ${income}円`, () => {
    assert.equal(pensionIncomeOf(2_000_000, other, true, rates), income);
    const result = incomes({ publicPensions: [2_000_000], taxpayer: aged, other: { business: aBusiness(other) } });
    assert.deepEqual([result.otherThanPensionIncome, result.publicPension], [other, income]);
    assert.equal(result.totalIncome, other + income);
  });
}

for (const [fiscalYear, born, income] of [
  [2026, '1961-01-01', 900_000],
  [2026, '1961-01-02', 1_225_000], // 2,000,000 − 500,000 − 275,000
  [2024, '1959-01-01', 900_000],
  [2024, '1959-01-02', 1_225_000],
] as const) {
  test(`年齢計算ニ関スル法律 公的年金等: ${fiscalYear}年度 ${born}生まれの収入200万円 → ${income}円`, () => {
    const result = incomes({ fiscalYear, publicPensions: [1_200_000, 800_000], taxpayer: { bornOn: day(born) } });
    assert.deepEqual([result.publicPensionRevenue, result.publicPension], [2_000_000, income]);
    assert.deepEqual([result.otherThanPensionIncome, result.totalIncome], [0, income]);
  });
}

for (const [salary, pension, adjustment] of [
  [0, 500_000, 0],
  [500_000, 0, 0],
  [1, 1, 0],
  [50_000, 50_000, 0],
  [50_000, 50_001, 1],
  [100_000, 99_999, 99_999],
  [100_000, 100_000, 100_000],
  [100_001, 100_001, 100_000],
  [1, 200_000, 1],
  [200_000, 1, 1],
] as const) {
  test(`租税特別措置法第41条の3の11第2項: 給与所得${salary}円・年金所得${pension}円 → ${adjustment}円`, () => {
    assert.equal(pensionAdjustmentOf(salary, pension), adjustment);
  });
}

test('租税特別措置法第41条の3の11: 子どもの控除が先、給与と年金の控除が後。年金以外の所得は後の控除の前', () => {
  // 12,000,000 − 1,950,000 = 10,050,000 − 150,000 = 9,900,000: the pension's deduction stays whole
  const facts: EarnerFacts = { salaries: [12_000_000], publicPensions: [2_000_000], taxpayer: aged };
  const result = incomes({ ...facts, dependants: { underSixteen: 1, underTwentyThree: 1 } });
  assert.deepEqual(
    [result.otherThanPensionIncome, result.publicPension, result.incomeAdjustmentPension, result.salary],
    [9_900_000, 900_000, 100_000, 9_800_000],
  );
  assert.equal(result.totalIncome, 10_700_000);
  const alone = incomes(facts);
  assert.deepEqual(
    [alone.otherThanPensionIncome, alone.publicPension, alone.salary],
    [10_050_000, 1_000_000, 9_950_000],
  );
});

const land = (name: string) => ({
  land: {
    [name]: {
      revenue: yen(10_000_001),
      acquisitionCost: yen(0),
      transferExpenses: yen(0),
      specialDeduction: 'own-home',
    },
  },
});
const separately = { kind: 'profit', treatment: 'separate', levyWithheld: yen(0) } as const;
/** Every class of other income, 10,000,001 yen of 合計所得金額 each. */
const classes: readonly (readonly [string, Partial<OtherIncomes>])[] = [
  ['事業', { business: aBusiness(10_000_001) }],
  ['不動産', { realEstate: { ...revenueOf(10_000_001), landAcquisitionInterest: yen(0) } }],
  ['利子', { interest: yen(10_000_001) }],
  ['配当（総合）', { dividends: [{ ...separately, ...revenueOf(10_000_001), treatment: 'aggregate' }] }],
  ['雑', { miscellaneousOther: revenueOf(10_000_001) }],
  [
    '短期譲渡（総合）',
    { transferShort: { ...revenueOf(10_500_001), acquisitionCost: yen(0), transferExpenses: yen(0) } },
  ],
  [
    '長期譲渡（総合）',
    { transferLong: { ...revenueOf(20_500_002), acquisitionCost: yen(0), transferExpenses: yen(0) } },
  ],
  ['一時', { occasional: revenueOf(20_500_002) }],
  ['山林', { forestry: revenueOf(10_500_001) }],
  [
    '退職（申告）',
    { declaredRetirement: { amount: yen(10_800_001), serviceYears: 1, officer: true, disabilityRetirement: false } },
  ],
  ['短期譲渡（一般）', land('shortGeneral')],
  ['短期譲渡（軽減）', land('shortReduced')],
  ['長期譲渡（一般）', land('longGeneral')],
  ['長期譲渡（特定）', land('longSpecified')],
  ['長期譲渡（軽課）', land('longReduced')],
  ['上場株式等の配当等', { dividends: [{ ...separately, ...revenueOf(10_000_001) }] }],
  ['一般株式等', { generalStocks: revenueOf(10_000_001) }],
  ['上場株式等', { listedStocks: [{ ...revenueOf(10_000_001), declared: true, levyWithheld: yen(0) }] }],
  ['先物', { futures: revenueOf(10_000_001) }],
];
for (const [name, other] of classes) {
  test(`地方税法第292条第1項第13号・所得税法第35条第4項: ${name}は合計所得金額に入り、年金の控除額を下げる`, () => {
    const result = incomes({ publicPensions: [2_000_000], taxpayer: aged, other });
    assert.equal(result.otherThanPensionIncome, 10_000_001);
    assert.deepEqual([result.publicPension, result.totalIncome], [1_000_000, 11_000_001]);
    assert.equal(incomes({ other }).totalIncome, 10_000_001);
    assert.equal(incomes({ other, salaries: [4_000_000] }).totalIncome, 12_760_001);
  });
}

test('所得税法第35条: 年金のない人の年金に関する額はすべて0円', () => {
  const result = incomes({ salaries: [4_000_000], other: { business: aBusiness(100_000) } });
  assert.deepEqual(
    [result.publicPensionRevenue, result.otherThanPensionIncome, result.publicPension, result.incomeAdjustmentPension],
    [0, 0, 0, 0],
  );
});

test('所得税法第35条第2項: 業務・その他の雑所得の損失は年金の雑所得から引き、残りはなくなる', () => {
  const of = (loss: number) =>
    incomes({
      publicPensions: [2_000_000],
      taxpayer: aged,
      other: { miscellaneousOther: revenueOf(0, loss), business: aBusiness(100_000) },
    });
  assert.deepEqual([of(300_000).miscellaneous, of(300_000).totalIncome], [600_000, 700_000]);
  assert.deepEqual([of(900_001).miscellaneous, of(900_001).totalIncome], [0, 100_000]);
  assert.equal(of(300_000).otherThanPensionIncome, 100_000, '雑所得の損失は他の所得から引かない');
});

test('所得税法第69条: 事業の損失は給与から引き、年金の控除額を決める所得もその後で計る', () => {
  const result = incomes({
    salaries: [12_500_000], // 10,550,000
    publicPensions: [2_000_000],
    taxpayer: aged,
    other: { business: aBusiness(-550_000) },
  });
  assert.equal(result.otherThanPensionIncome, 10_000_000);
  // 10,550,000 − 100,000 + 900,000 − 550,000
  assert.deepEqual([result.publicPension, result.aggregate, result.unabsorbedLoss], [900_000, 10_800_000, 0]);
  const lost = incomes({ salaries: [1_000_000], other: { business: aBusiness(-550_000) } });
  assert.deepEqual([lost.aggregate, lost.totalIncome, lost.unabsorbedLoss], [0, 0, 200_000]);
});
