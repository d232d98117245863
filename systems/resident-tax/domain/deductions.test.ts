import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner, type EarnerFacts } from './an-earner.ts';
import { assess } from './assess.ts';
import type { AssessmentInput, PaidDeductions, Taxpayer } from './assessment-input.ts';
import { aBusiness, checkedAssessment, revenueOf, withProfit } from './checked-assessment.ts';
import { recordingTrace } from './trace.ts';

const deductions = (income: number, facts: EarnerFacts = {}) => checkedAssessment(withProfit(income, facts)).deductions;
const paying = (paid: Partial<PaidDeductions>, income = 3_000_000): AssessmentInput => {
  const input = withProfit(income);
  return { ...input, deductions: { ...input.deductions, ...paid } };
};
const paidDeductions = (paid: Partial<PaidDeductions>, income?: number) =>
  checkedAssessment(paying(paid, income)).deductions;

for (const [what, income, loss, disasterExpenses, reimbursed, amount] of [
  ['総所得金額等の10%ちょうど', 3_000_000, 300_000, 0, 0, 0],
  ['総所得金額等の10%を超える', 3_000_000, 300_001, 0, 0, 1],
  ['10%の1円未満は切捨て', 3_000_019, 400_000, 0, 0, 99_999], // 300,001.9
  ['補填された額を除く', 3_000_000, 1_000_000, 0, 200_000, 500_000],
  ['補填が損失を超える', 3_000_000, 1_000_000, 0, 1_200_000, 0],
  ['災害関連支出50,000円ちょうど', 3_000_000, 0, 50_000, 0, 0],
  ['災害関連支出50,001円', 3_000_000, 0, 50_001, 0, 1],
  ['災害関連支出の方が多い', 3_000_000, 100_000, 200_000, 0, 150_000], // 300,000 − 300,000; 200,000 − 50,000
  ['災害関連支出も損失に含めた10%超の方が多い', 1_000_000, 400_000, 200_000, 0, 500_000],
  ['災害関連支出は補填後の損失まで', 3_000_000, 0, 500_000, 350_000, 100_000],
] as const) {
  test(`地方税法第314条の2第1項第1号 雑損控除: ${what} → ${amount}円`, () => {
    const casualty = { loss: yen(loss), disasterExpenses: yen(disasterExpenses), reimbursed: yen(reimbursed) };
    assert.equal(paidDeductions({ casualty }, income).casualty, amount);
  });
}

for (const [what, kind, income, paid, reimbursed, amount] of [
  ['10万円ちょうど', 'ordinary', 3_000_000, 100_000, 0, 0],
  ['10万円を超える', 'ordinary', 3_000_000, 100_001, 0, 1],
  ['総所得金額等200万円なら10万円', 'ordinary', 2_000_000, 100_001, 0, 1],
  ['総所得金額等200万円未満はその5%（1円未満切捨て）', 'ordinary', 1_999_999, 100_001, 0, 2], // 99,999.95
  ['総所得金額等100万円なら5万円', 'ordinary', 1_000_000, 80_000, 0, 30_000],
  ['補填された額を除く', 'ordinary', 3_000_000, 400_000, 150_000, 150_000],
  ['補填が支払を超える', 'ordinary', 3_000_000, 150_000, 400_000, 0],
  ['200万円まで', 'ordinary', 3_000_000, 2_100_000, 0, 2_000_000],
  ['200万円を超えない', 'ordinary', 3_000_000, 2_100_001, 0, 2_000_000],
  ['200万円に1円足りない', 'ordinary', 3_000_000, 2_099_999, 0, 1_999_999],
  ['セルフメディケーション12,000円ちょうど', 'self-medication', 100_000, 12_000, 0, 0],
  ['セルフメディケーション12,001円（所得によらない）', 'self-medication', 100_000, 12_001, 0, 1],
  ['セルフメディケーションは88,000円まで', 'self-medication', 3_000_000, 100_000, 0, 88_000],
  ['セルフメディケーションは88,000円を超えない', 'self-medication', 3_000_000, 100_001, 0, 88_000],
  ['セルフメディケーションの補填', 'self-medication', 3_000_000, 60_000, 10_000, 38_000],
] as const) {
  test(`地方税法第314条の2第1項第2号・附則第4条の5 医療費控除: ${what} → ${amount}円`, () => {
    const medical = { kind, paid: yen(paid), reimbursed: yen(reimbursed) };
    assert.equal(paidDeductions({ medical }, income).medical, amount);
  });
}

test('地方税法第314条の2第1項第3号・第4号: 社会保険料と小規模企業共済等掛金は全額', () => {
  const result = paidDeductions({ socialInsurance: [yen(123_456), yen(7)], mutualAid: [yen(276_000), yen(5)] });
  assert.deepEqual([result.socialInsurance, result.mutualAid], [123_463, 276_005]);
});

for (const [premium, byNew, byOld] of [
  [0, 0, 0],
  [1, 1, 1],
  [12_000, 12_000, 12_000],
  [12_001, 12_001, 12_001], // 6,000.5 + 6,000
  [12_002, 12_001, 12_002],
  [15_000, 13_500, 15_000],
  [15_001, 13_501, 15_001], // 7,500.5 + 6,000; 7,500.5 + 7,500
  [31_999, 22_000, 23_500], // 15,999.5 + 6,000; + 7,500
  [32_000, 22_000, 23_500],
  [32_001, 22_001, 23_501], // 8,000.25 + 14,000; 16,000.5 + 7,500
  [40_000, 24_000, 27_500],
  [40_001, 24_001, 27_501], // 10,000.25 + 14,000; + 17,500
  [55_999, 28_000, 31_500], // 13,999.75 + 14,000; + 17,500
  [56_000, 28_000, 31_500],
  [56_001, 28_000, 31_501],
  [69_999, 28_000, 35_000], // 17,499.75 + 17,500
  [70_000, 28_000, 35_000],
  [70_001, 28_000, 35_000],
] as const) {
  test(`地方税法第314条の2第1項第5号 生命保険料: ${premium}円 → 新契約${byNew}円・旧契約${byOld}円`, () => {
    const of = (life: NonNullable<EarnerFacts['life']>) => deductions(3_000_000, { life }).lifeInsurance;
    assert.deepEqual(
      [of({ newGeneral: premium }), of({ newCare: premium }), of({ newPension: premium })],
      [byNew, byNew, byNew],
    );
    assert.deepEqual([of({ oldGeneral: premium }), of({ oldPension: premium })], [byOld, byOld]);
  });
}

for (const [what, life, amount] of [
  ['新旧の合計', { newGeneral: 12_000, oldGeneral: 12_000 }, 24_000],
  ['新旧の合計は28,000円まで', { newGeneral: 16_000, oldGeneral: 20_000 }, 28_000], // 14,000 + 17,500
  ['旧契約だけの方が多い', { newGeneral: 10_000, oldGeneral: 60_000 }, 32_500],
  ['年金も新旧の合計は28,000円まで', { newPension: 30_000, oldPension: 30_000 }, 28_000],
  ['区分が違えば新旧を合わせない', { newGeneral: 56_000, oldPension: 70_000 }, 63_000],
  ['三つの区分で7万円まで', { newGeneral: 56_000, newCare: 56_000, newPension: 56_000 }, 70_000],
  ['合計ちょうど7万円', { oldGeneral: 70_000, oldPension: 70_000 }, 70_000],
  ['合計7万円に1円足りない', { oldGeneral: 70_000, oldPension: 69_996, newCare: 0 }, 69_999], // 17,499 + 17,500
] as const) {
  test(`地方税法第314条の2第1項第5号 生命保険料: ${what} → ${amount}円`, () => {
    assert.equal(deductions(3_000_000, { life }).lifeInsurance, amount);
  });
}

type BothKinds = readonly (readonly [earthquake: number, oldLongTerm: number])[];
for (const [what, earthquake, oldLongTerm, bothKinds, amount] of [
  ['なし', 0, 0, [], 0],
  ['2分の1、1円未満切上げ', 1, 0, [], 1],
  ['49,999円', 49_999, 0, [], 25_000],
  ['49,997円', 49_997, 0, [], 24_999],
  ['50,001円', 50_001, 0, [], 25_000],
  ['旧長期5,000円', 0, 5_000, [], 5_000],
  ['旧長期5,001円', 0, 5_001, [], 5_001], // 2,500.5 + 2,500
  ['旧長期15,000円', 0, 15_000, [], 10_000],
  ['旧長期15,001円', 0, 15_001, [], 10_000],
  ['合計ちょうど25,000円', 30_000, 15_000, [], 25_000],
  ['合計は25,000円まで', 32_000, 15_000, [], 25_000],
  ['合計25,000円未満', 29_998, 15_000, [], 24_999],
  ['両方に当たる契約は地震の方が多い', 0, 0, [[20_000, 4_000]], 10_000],
  ['両方に当たる契約は旧長期の方が多い', 0, 0, [[4_000, 4_000]], 4_000],
  ['他の旧長期で枠を使っていれば地震として', 0, 15_000, [[4_000, 4_000]], 12_000],
  ['他の地震で枠を使っていれば旧長期として', 30_000, 0, [[20_000, 4_000]], 25_000],
  [
    '二つの契約は別々に選ぶ（前を地震、後を旧長期）',
    0,
    0,
    [
      [10_000, 5_000],
      [4_000, 5_000],
    ],
    10_000,
  ],
  [
    '二つの契約は別々に選ぶ（前を旧長期、後を地震）',
    0,
    0,
    [
      [4_000, 5_000],
      [10_000, 5_000],
    ],
    10_000,
  ],
  [
    '三つの契約',
    0,
    0,
    [
      [2_000, 3_000],
      [30_000, 1_000],
      [2_000, 2_000],
    ],
    20_000,
  ],
] as const satisfies readonly (readonly [string, number, number, BothKinds, number])[]) {
  test(`地方税法第314条の2第1項第5号の3 地震保険料: ${what} → ${amount}円`, () => {
    const given = {
      earthquake: yen(earthquake),
      oldLongTerm: yen(oldLongTerm),
      bothKinds: bothKinds.map(([quake, old]) => ({ earthquake: yen(quake), oldLongTerm: yen(old) })),
    };
    assert.equal(paidDeductions({ earthquake: given }).earthquakeInsurance, amount);
  });
}

/** [facts, deduction, difference to the income tax beside 50,000 of 基礎控除] */
for (const [what, facts, amount, difference] of [
  ['誰もいない', {}, 0, 0],
  ['本人が障害者', { taxpayer: { disability: 'ordinary' } }, 260_000, 10_000],
  ['本人が特別障害者', { taxpayer: { disability: 'special' } }, 300_000, 100_000],
  ['家族2人が障害者', { dependants: { disabled: 2 } }, 520_000, 20_000],
  ['家族2人が特別障害者', { dependants: { speciallyDisabled: 2 } }, 600_000, 200_000],
  ['家族2人が同居特別障害者', { dependants: { speciallyDisabledLivingTogether: 2 } }, 1_060_000, 440_000],
  [
    '本人と家族が障害者',
    { taxpayer: { disability: 'ordinary' }, dependants: { disabled: 1, speciallyDisabledLivingTogether: 1 } },
    1_050_000,
    240_000,
  ],
  [
    '本人と家族が特別障害者',
    { taxpayer: { disability: 'special' }, dependants: { disabled: 1, speciallyDisabled: 1 } },
    860_000,
    210_000,
  ],
] as const) {
  test(`地方税法第314条の2第1項第6号・第3項 障害者控除: ${what} → ${amount}円、人的控除差${difference}円`, () => {
    const result = checkedAssessment(withProfit(3_000_000, facts));
    assert.equal(result.deductions.disability, amount);
    assert.equal(result.personalDifference, 50_000 + difference);
  });
}

for (const [what, taxpayer, name, amount, difference] of [
  ['寡婦', { widow: true }, 'widow', 260_000, 10_000],
  ['ひとり親（母）', { singleParent: true, sex: 'female' }, 'singleParent', 300_000, 50_000],
  ['ひとり親（父）', { singleParent: true, sex: 'male' }, 'singleParent', 300_000, 10_000],
] as const) {
  test(`地方税法第314条の2第1項第8号・第8号の2 ${what}: 合計所得500万円まで${amount}円、人的控除差${difference}円`, () => {
    const within = checkedAssessment(withProfit(5_000_000, { taxpayer }));
    assert.deepEqual([within.deductions[name], within.personalDifference], [amount, 50_000 + difference]);
    const over = checkedAssessment(withProfit(5_000_001, { taxpayer }));
    assert.deepEqual([over.deductions[name], over.personalDifference], [0, 50_000]);
    assert.equal(deductions(5_000_000)[name], 0);
  });
}
test('地方税法第292条第1項第11号: ひとり親は寡婦控除を受けない', () => {
  const result = checkedAssessment(withProfit(5_000_000, { taxpayer: { widow: true, singleParent: true } }));
  assert.deepEqual([result.deductions.widow, result.deductions.singleParent], [0, 300_000]);
  assert.equal(result.personalDifference, 100_000);
});

const student: Partial<Taxpayer> = { workingStudent: true };
for (const [fiscalYear, revenue] of [
  [2024, 1_300_000], // 750,000 + 550,000
  [2025, 1_300_000],
  [2026, 1_500_000], // 850,000 + 650,000
  [2027, 1_630_000], // 890,000 + 740,000
] as const) {
  test(`地方税法第314条の2第1項第9号 勤労学生: ${fiscalYear}年度は給与収入${revenue}円まで`, () => {
    const of = (salary: number) => checkedAssessment(anEarner({ fiscalYear, salaries: [salary], taxpayer: student }));
    assert.deepEqual([of(revenue).deductions.workingStudent, of(revenue).personalDifference], [260_000, 60_000]);
    assert.deepEqual([of(revenue + 1).deductions.workingStudent, of(revenue + 1).personalDifference], [0, 50_000]);
    const other = checkedAssessment(anEarner({ fiscalYear, salaries: [revenue] }));
    assert.equal(other.deductions.workingStudent, 0, '学生でない');
  });
}
/** Salary of 300,000 of income, and other incomes; total 850,000 at most. */
for (const [what, other, isStudent] of [
  ['利子10万円', { interest: yen(100_000) }, true],
  ['利子10万円超', { interest: yen(100_001) }, false],
  ['事業は勤労の所得', { business: aBusiness(550_000) }, true],
  ['業務の雑所得は勤労の所得', { miscellaneousBusiness: revenueOf(550_000) }, true],
  ['その他の雑所得10万円超', { miscellaneousOther: revenueOf(100_001) }, false],
  [
    '退職所得は勤労の所得',
    { declaredRetirement: { amount: yen(1_300_000), serviceYears: 1, officer: true, disabilityRetirement: false } },
    true,
  ],
  ['事業の損失は勤労の所得を減らさない', { business: aBusiness(-50_000), interest: yen(150_000) }, true],
  ['事業の損失は他の所得を減らす', { business: aBusiness(-50_000), interest: yen(150_001) }, false],
  [
    '業務の損失は勤労の所得を減らさない',
    { miscellaneousBusiness: revenueOf(0, 50_000), miscellaneousOther: revenueOf(150_000) },
    true,
  ],
  [
    '業務の損失を引いてもその他の雑所得が10万円を超える',
    { miscellaneousBusiness: revenueOf(0, 50_000), miscellaneousOther: revenueOf(150_001) },
    false,
  ],
  ['事業と利子', { business: aBusiness(1), interest: yen(100_000) }, true],
] as const) {
  test(`地方税法第292条第1項第12号 勤労学生: ${what} → ${isStudent ? '該当' : '非該当'}`, () => {
    const result = checkedAssessment(anEarner({ salaries: [950_000], taxpayer: student, other }));
    assert.equal(result.deductions.workingStudent, isStudent ? 260_000 : 0);
    assert.equal(result.personalDifference, isStudent ? 60_000 : 50_000);
  });
}

for (const [own, column] of [
  [9_000_000, 0],
  [9_000_001, 1],
  [9_500_000, 1],
  [9_500_001, 2],
  [10_000_000, 2],
  [10_000_001, 3],
] as const) {
  test(`地方税法第314条の2第1項第10号 配偶者控除: 本人の合計所得${own}円`, () => {
    const of = (totalIncome: number, more: { elderly?: boolean; familyEmployee?: boolean; abroad?: boolean } = {}) => {
      const { deductions: found, personalDifference } = checkedAssessment(
        withProfit(own, { spouse: { totalIncome, ...more } }),
      );
      return [found.spouse, found.spouseSpecial, personalDifference - 50_000];
    };
    const young = [330_000, 220_000, 110_000, 0][column];
    const elderly = [380_000, 260_000, 130_000, 0][column];
    assert.deepEqual(of(580_000), [young, 0, [50_000, 40_000, 20_000, 0][column]]);
    assert.deepEqual(of(0, { abroad: true }), of(0));
    assert.deepEqual(of(580_000, { elderly: true }), [elderly, 0, [100_000, 60_000, 30_000, 0][column]]);
    assert.deepEqual(of(580_001), [0, young, 0]);
    assert.deepEqual(of(580_001, { elderly: true }), [0, young, 0], '配偶者特別控除に老人の加算はない');
    assert.deepEqual(of(580_000, { familyEmployee: true }), [0, 0, 0]);
    assert.deepEqual(of(580_001, { familyEmployee: true }), [0, 0, 0]);
  });
}

for (const [from, to, amounts] of [
  [580_001, 1_000_000, [330_000, 220_000, 110_000]],
  [1_000_001, 1_050_000, [310_000, 210_000, 110_000]],
  [1_050_001, 1_100_000, [260_000, 180_000, 90_000]],
  [1_100_001, 1_150_000, [210_000, 140_000, 70_000]],
  [1_150_001, 1_200_000, [160_000, 110_000, 60_000]],
  [1_200_001, 1_250_000, [110_000, 80_000, 40_000]],
  [1_250_001, 1_300_000, [60_000, 40_000, 20_000]],
  [1_300_001, 1_330_000, [30_000, 20_000, 10_000]],
  [1_330_001, 9_999_999, [0, 0, 0]],
] as const) {
  test(`地方税法第314条の2第1項第10号の2 配偶者特別控除: 配偶者の合計所得${from}〜${to}円は${amounts.join('・')}円`, () => {
    for (const [i, own] of [9_000_000, 9_500_000, 10_000_000].entries()) {
      const of = (totalIncome: number) => deductions(own, { spouse: { totalIncome } }).spouseSpecial;
      assert.deepEqual([of(from), of(to)], [amounts[i], amounts[i]]);
    }
  });
}

for (const [income, special, difference] of [
  [480_000, 0, [50_000, 40_000, 20_000]],
  [480_001, 1, [50_000, 40_000, 20_000]],
  [499_999, 1, [50_000, 40_000, 20_000]],
  [500_000, 1, [30_000, 20_000, 10_000]],
  [549_999, 1, [30_000, 20_000, 10_000]],
  [550_000, 1, [0, 0, 0]],
] as const) {
  test(`地方税法第314条の6 人的控除差: 令和7年度 配偶者の合計所得${income}円`, () => {
    for (const [i, own] of [9_000_000, 9_500_000, 10_000_000].entries()) {
      const result = checkedAssessment(withProfit(own, { fiscalYear: 2025, spouse: { totalIncome: income } }));
      assert.equal(result.personalDifference, 50_000 + (difference[i] ?? 0));
      assert.equal(result.deductions.spouseSpecial > 0, special === 1);
    }
    const later = checkedAssessment(withProfit(9_000_000, { spouse: { totalIncome: 600_000 } }));
    assert.equal(later.personalDifference, 50_000, '令和8年度から配偶者特別控除の差はない');
  });
}

for (const [what, dependants, amount, difference] of [
  ['一般', { ordinary: 1 }, 330_000, 50_000],
  ['特定', { specified: 1 }, 450_000, 180_000],
  ['老人', { elderly: 1 }, 380_000, 100_000],
  ['同居老親等', { elderlyLivingTogether: 1 }, 450_000, 130_000],
  ['16歳未満', { underSixteen: 1 }, 0, 0],
  ['各2人', { ordinary: 2, specified: 2, elderly: 2, elderlyLivingTogether: 2, underSixteen: 2 }, 3_220_000, 920_000],
] as const) {
  test(`地方税法第314条の2第1項第11号・第4項 扶養控除: ${what} → ${amount}円、人的控除差${difference}円`, () => {
    const result = checkedAssessment(withProfit(9_000_000, { dependants }));
    assert.deepEqual([result.deductions.dependants, result.personalDifference], [amount, 50_000 + difference]);
  });
}

for (const [income, amount] of [
  [580_001, 450_000],
  [950_000, 450_000],
  [950_001, 410_000],
  [1_000_000, 410_000],
  [1_000_001, 310_000],
  [1_050_000, 310_000],
  [1_050_001, 210_000],
  [1_100_000, 210_000],
  [1_100_001, 110_000],
  [1_150_000, 110_000],
  [1_150_001, 60_000],
  [1_200_000, 60_000],
  [1_200_001, 30_000],
  [1_230_000, 30_000],
  [1_230_001, 0],
] as const) {
  test(`地方税法第314条の2第1項第12号 特定親族特別控除: 親族の合計所得${income}円 → ${amount}円`, () => {
    const result = checkedAssessment(withProfit(3_000_000, { specificRelatives: [income, 600_000] }));
    assert.equal(result.deductions.specificRelatives, amount + 450_000);
    assert.equal(result.personalDifference, 50_000, '人的控除差に数えない');
    assert.equal(deductions(3_000_000, { fiscalYear: 2025, specificRelatives: [income] }).specificRelatives, 0);
  });
}

for (const [income, amount] of [
  [0, 430_000],
  [24_000_000, 430_000],
  [24_000_001, 290_000],
  [24_500_000, 290_000],
  [24_500_001, 150_000],
  [25_000_000, 150_000],
  [25_000_001, 0],
] as const) {
  test(`地方税法第314条の2第2項 基礎控除: 合計所得${income}円 → ${amount}円`, () => {
    const result = checkedAssessment(withProfit(income));
    assert.deepEqual([result.deductions.basic, result.deductions.total], [amount, amount]);
    assert.equal(result.personalDifference, 50_000);
  });
}

/** Every deduction at once; 700,000 of income. */
const everything: AssessmentInput = (() => {
  const input = withProfit(700_000, {
    taxpayer: { disability: 'ordinary', widow: true, workingStudent: true },
    spouse: { totalIncome: 580_000 },
    dependants: { ordinary: 1, elderlyLivingTogether: 1, disabled: 1 },
    specificRelatives: [1_230_000],
    life: { newGeneral: 1_000, newCare: 200, oldPension: 30 },
  });
  return {
    ...input,
    deductions: {
      ...input.deductions,
      socialInsurance: [yen(4)],
      mutualAid: [yen(50)],
      earthquake: { earthquake: yen(1_200), oldLongTerm: yen(0), bothKinds: [] },
      medical: { kind: 'ordinary', paid: yen(42_000), reimbursed: yen(0) },
      casualty: { loss: yen(150_000), disasterExpenses: yen(0), reimbursed: yen(0) },
    },
  };
})();

test('地方税法第314条の2: 所得控除の合計はすべての控除の和で、所得を超えてもそのまま', () => {
  const result = checkedAssessment(everything).deductions;
  assert.deepEqual(result, {
    casualty: 80_000, // 150,000 − 70,000
    medical: 7_000, // 42,000 − 35,000
    socialInsurance: 4,
    mutualAid: 50,
    lifeInsurance: 1_230,
    earthquakeInsurance: 600,
    disability: 520_000,
    widow: 260_000,
    singleParent: 0,
    workingStudent: 260_000,
    spouse: 330_000,
    spouseSpecial: 0,
    dependants: 780_000,
    specificRelatives: 30_000,
    basic: 430_000,
    total: 2_698_884,
  });
  const parent = checkedAssessment({
    ...everything,
    taxpayer: { ...everything.taxpayer, singleParent: true },
    spouse: everything.spouse === null ? null : { ...everything.spouse, totalIncome: yen(580_001) },
  }).deductions;
  assert.equal(parent.total, 2_738_884); // 300,000 instead of 260,000; 配偶者特別控除 330,000
});

test('design §6.5: 人についての控除は、条件を0か1で、人数と金額とともに理由に残す', () => {
  const reasonsOf = (input: AssessmentInput) => {
    const trace = recordingTrace('test');
    assess(input, ratesForYear(2026), trace);
    return new Map(trace.steps.map(({ id, inputs }) => [id, inputs]));
  };
  const reasons = reasonsOf(everything);
  assert.deepEqual(reasons.get('disability'), [2, 0, 0]);
  assert.deepEqual(reasons.get('widow'), [1, 700_000]);
  assert.deepEqual(reasons.get('single-parent'), [0, 700_000]);
  assert.deepEqual(reasons.get('working-student'), [1, 700_000, 0]);
  assert.deepEqual(reasons.get('spouse'), [1, 580_000, 0, 0, 700_000]);
  assert.deepEqual(reasons.get('dependants'), [1, 0, 0, 1]);
  assert.deepEqual(reasons.get('medical'), [42_000, 0, 700_000, 0]);
  // disabled ordinary, special, together; widow, parent, student; the spouse's five; heads
  const ofSpouse = [1, 580_000, 0, 0, 700_000];
  assert.deepEqual(reasons.get('personal-difference'), [2, 0, 0, 1, 0, 1, ...ofSpouse, 1, 0, 0, 1]);
  const other = reasonsOf(
    withProfit(700_000, {
      taxpayer: { disability: 'special', widow: true, singleParent: true, sex: 'male' },
      spouse: { totalIncome: 600_000, elderly: true, familyEmployee: true },
      dependants: { speciallyDisabled: 1, speciallyDisabledLivingTogether: 1, specified: 1, elderly: 1 },
    }),
  );
  assert.deepEqual(other.get('disability'), [0, 2, 1]);
  assert.deepEqual(other.get('widow'), [0, 700_000]);
  assert.deepEqual(other.get('single-parent'), [1, 700_000]);
  assert.deepEqual(other.get('working-student'), [0, 700_000, 0]);
  assert.deepEqual(other.get('spouse-special'), [1, 600_000, 1, 1, 700_000]);
  assert.deepEqual(other.get('personal-difference'), [0, 2, 1, 0, 2, 0, 1, 600_000, 1, 1, 700_000, 0, 1, 1, 0]);
  const mother = reasonsOf(withProfit(700_000, { taxpayer: { singleParent: true } }));
  assert.deepEqual(mother.get('personal-difference'), [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 700_000, 0, 0, 0, 0]);
  const selfMedication = { kind: 'self-medication', paid: yen(50_000), reimbursed: yen(1) } as const;
  assert.deepEqual(reasonsOf(paying({ medical: selfMedication })).get('medical'), [50_000, 1, 3_000_000, 1]);
});
