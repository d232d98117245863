import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { EarnerFacts } from './an-earner.ts';
import type { PensionCollection } from './assessment-input.ts';
import { aBusiness, checkedAssessment, revenueOf, withoutSalary } from './checked-assessment.ts';
import {
  ordinaryDueDates,
  ordinaryInstalments,
  type Payable,
  pensionParts,
  specialInstalments,
  specialMonths,
  splitIntoInstalments,
} from './collection.ts';

const due = (payable: number, beforeFlatCut = payable): Payable => ({
  payable: yen(payable),
  beforeFlatCut: yen(beforeFlatCut),
  flatCut: beforeFlatCut !== payable,
  perCapitaAmount: 5_000,
});
const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);
const same = (count: number, amount: number): readonly number[] => zeros(count).map(() => amount);

test('地方税法第20条の4の2第6項: 1,000円未満と割り切れない額は初めの納期に', () => {
  assert.deepEqual(splitIntoInstalments(yen(175_500), 4), [46_500, 43_000, 43_000, 43_000]);
  assert.deepEqual(splitIntoInstalments(yen(3_999), 4), [3_999, 0, 0, 0]);
  assert.deepEqual(splitIntoInstalments(yen(4_000), 4), same(4, 1_000));
  assert.deepEqual(splitIntoInstalments(yen(100_000), 12, 100), [8_700, ...same(11, 8_300)]);
  assert.deepEqual(splitIntoInstalments(yen(7_777), 1), [7_777]);
  assert.deepEqual(splitIntoInstalments(yen(0), 12, 100), zeros(12));
});
for (const [total, count] of [
  [-1, 4],
  [100, 0],
  [100, 13],
  [100, 1.5],
] as const) {
  test(`期割: ${total}円を${count}回に分けるのは誤り`, () => {
    assert.throws(() => splitIntoInstalments(yen(total), count), RangeError);
  });
}

for (const [payable, parts] of [
  [4_900, [4_900, 0, 0, 0]],
  [5_000, [5_000, 0, 0, 0]],
  [5_100, [2_100, 1_000, 1_000, 1_000]],
] as const) {
  test(`地方税法第320条 普通徴収: 年税額${payable}円（均等割相当額5,000円）`, () => {
    assert.deepEqual(ordinaryInstalments(due(payable), false), parts);
    assert.deepEqual(ordinaryInstalments(due(payable), true), parts, '定額減税のない人は令和6年度も同じ');
  });
}

for (const [what, payable, before, parts] of [
  ['第1期で足りる', 90_000, 100_000, [15_000, 25_000, 25_000, 25_000]],
  ['1円でも第1期から', 99_999, 100_000, [24_999, 25_000, 25_000, 25_000]],
  ['第1期がちょうどなくなる', 75_000, 100_000, [0, 25_000, 25_000, 25_000]],
  ['第2期に及ぶ', 70_000, 100_000, [0, 20_000, 25_000, 25_000]],
  ['第4期に及ぶ', 5_000, 100_000, [0, 0, 0, 5_000]],
  ['減税前が均等割相当額以下でも4回', 3_000, 5_000, [0, 1_000, 1_000, 1_000]],
] as const) {
  test(`地方税法附則第5条の9 令和6年度の普通徴収: 定額減税は納期の順に引く — ${what}`, () => {
    assert.deepEqual(ordinaryInstalments(due(payable, before), true), parts);
  });
}

test('地方税法附則第5条の12: 令和7年度の普通徴収は減税後の額を4回に分ける', () => {
  assert.deepEqual(ordinaryInstalments(due(90_000, 100_000), false), [24_000, 22_000, 22_000, 22_000]);
});

for (const [payable, parts] of [
  [5_000, [5_000, ...zeros(11)]],
  [5_100, [700, ...same(11, 400)]],
  [175_500, [14_900, ...same(11, 14_600)]],
] as const) {
  test(`地方税法第321条の5第1項 給与特別徴収: 年税額${payable}円`, () => {
    assert.deepEqual(specialInstalments(due(payable), false), parts);
    assert.deepEqual(specialInstalments(due(payable), true), parts, '定額減税のない人は令和6年度も6月から');
    assert.deepEqual(specialInstalments(due(payable, payable + 10_000), false), parts, '令和7年度は6月から');
  });
}

for (const [payable, parts] of [
  [5_000, [0, 5_000, ...zeros(10)]],
  [5_100, [0, 1_100, ...same(10, 400)]],
  [12_000, [0, 2_000, ...same(10, 1_000)]],
] as const) {
  test(`地方税法附則第5条の10 令和6年度の給与特別徴収: 減税後${payable}円は6月0円、7月から11回`, () => {
    assert.deepEqual(specialInstalments(due(payable, payable + 10_000), true), parts);
  });
}

const pension = (payable: number, previous: number | null, before = payable, juneFree = false) => {
  const parts = pensionParts(due(payable, before), previous === null ? null : yen(previous), juneFree);
  return [parts.provisional, parts.main, parts.ordinary, parts.excess];
};
for (const [what, payable, previous, provisional, main, ordinary, excess] of [
  ['開始年度', 60_000, null, [0, 0, 0], [10_000, 10_000, 10_000], [15_000, 15_000], 0],
  // 30,650 → 30,600 from October, 30,700 by 普通徴収
  ['開始年度の端数', 61_300, null, [0, 0, 0], [10_200, 10_200, 10_200], [15_700, 15_000], 0],
  // 30,700 ÷ 3 = 10,233
  ['開始年度の10月の端数', 61_400, null, [0, 0, 0], [10_300, 10_200, 10_200], [15_700, 15_000], 0],
  ['富加町の計算例 2年目', 36_000, 60_000, [10_000, 10_000, 10_000], [2_000, 2_000, 2_000], [0, 0], 0],
  ['富加町の計算例 3年目', 60_000, 36_000, [6_000, 6_000, 6_000], [14_000, 14_000, 14_000], [0, 0], 0],
  ['富加町の計算例 4年目', 60_000, 60_000, [10_000, 10_000, 10_000], [10_000, 10_000, 10_000], [0, 0], 0],
  // 36,500 ÷ 2 = 18,250 → 18,200; ÷ 3 = 6,066; 60,000 − 18,200 = 41,800 ÷ 3 = 13,933
  ['仮徴収と本徴収の端数は4月と10月', 60_000, 36_500, [6_200, 6_000, 6_000], [14_000, 13_900, 13_900], [0, 0], 0],
  ['仮徴収がちょうど年税額', 30_000, 60_000, [10_000, 10_000, 10_000], [0, 0, 0], [0, 0], 0],
  ['仮徴収が年税額を超える', 20_000, 60_000, [10_000, 10_000, 10_000], [0, 0, 0], [0, 0], 10_000],
  ['前年度の税額が0円', 30_000, 0, [0, 0, 0], [10_000, 10_000, 10_000], [0, 0], 0],
] as const) {
  test(`地方税法第321条の7の2・第321条の7の8 年金特別徴収: ${what}`, () => {
    assert.deepEqual(pension(payable, previous), [provisional, main, ordinary, excess]);
  });
}

test('地方税法附則第5条の11 令和6年度: 開始年度の定額減税は第1期、第2期、10月の順に引く', () => {
  assert.deepEqual(pension(40_000, null, 60_000, true), [[0, 0, 0], [10_000, 10_000, 10_000], [0, 10_000], 0]);
  assert.deepEqual(pension(25_000, null, 60_000, true), [[0, 0, 0], [5_000, 10_000, 10_000], [0, 0], 0]);
});
test('地方税法附則第5条の11 令和6年度: 継続する年度の定額減税は10月、12月、2月の順に引く', () => {
  assert.deepEqual(pension(40_000, 60_000, 60_000, true), [same(3, 10_000), [0, 0, 10_000], [0, 0], 0]);
  assert.deepEqual(pension(28_000, 60_000, 60_000, true), [same(3, 10_000), [0, 0, 0], [0, 0], 2_000]);
});
test('地方税法附則第5条の12: 令和7年度の年金特別徴収は減税後の額を分ける', () => {
  assert.deepEqual(pension(60_000, null, 70_000, false), [[0, 0, 0], same(3, 10_000), [15_000, 15_000], 0]);
});

for (const [fiscalYear, dates] of [
  [2024, ['2024-07-01', '2024-09-02', '2024-10-31', '2025-01-31']], // Sunday, Saturday
  [2025, ['2025-06-30', '2025-09-01', '2025-10-31', '2026-02-02']], // Sunday, Saturday
  [2026, ['2026-06-30', '2026-08-31', '2026-11-02', '2027-02-01']], // Saturday, Sunday
  [2027, ['2027-06-30', '2027-08-31', '2027-11-01', '2028-01-31']], // Sunday
] as const) {
  test(`地方税法第320条・第20条の5第2項: ${fiscalYear}年度の納期限、土曜日と日曜日は月曜日`, () => {
    assert.deepEqual(ordinaryDueDates(fiscalYear).map(String), dates);
  });
}

test('地方税法第321条の5第1項: 特別徴収の月は6月から翌年5月まで', () => {
  const months = specialMonths(2026).map(String);
  assert.equal(months.length, 12);
  assert.deepEqual(
    [months[0], months[1], months[6], months[7], months[11]],
    ['2026-06-01', '2026-07-01', '2026-12-01', '2027-01-01', '2027-05-01'],
  );
});

const collection = (facts: EarnerFacts) => checkedAssessment(withoutSalary(facts)).collection;
const day = Temporal.PlainDate.from;
const asked = { rest: { specialCollection: true } };

for (const [what, facts, method] of [
  ['給与があり勤務先が徴収する', { salaries: [4_000_000], ...asked }, 'special'],
  ['給与があっても勤務先が徴収しない', { salaries: [4_000_000] }, 'ordinary'],
  ['給与がない', { other: { business: aBusiness(3_000_000) }, ...asked }, 'ordinary'],
  ['税額0円', { salaries: [1_000_000], ...asked }, 'none'],
  ['家屋敷だけ', { salaries: [4_000_000], taxpayer: { kind: 'house-or-office-only' }, ...asked }, 'ordinary'],
  ['5月31日に死亡', { salaries: [4_000_000], taxpayer: { diedOn: day('2026-05-31') }, ...asked }, 'ordinary'],
  ['6月1日に死亡', { salaries: [4_000_000], taxpayer: { diedOn: day('2026-06-01') }, ...asked }, 'special'],
  ['5月31日に出国', { salaries: [4_000_000], taxpayer: { departedOn: day('2026-05-31') }, ...asked }, 'ordinary'],
  ['6月1日に出国', { salaries: [4_000_000], taxpayer: { departedOn: day('2026-06-01') }, ...asked }, 'special'],
  [
    '給与と事業、全て給与から',
    { salaries: [4_000_000], other: { business: aBusiness(1_000_000) }, ...asked },
    'special',
  ],
  [
    '給与と事業、事業分は普通徴収を希望',
    {
      salaries: [4_000_000],
      other: { business: aBusiness(1_000_000) },
      rest: { specialCollection: true, otherIncomeByOrdinary: true },
    },
    'mixed',
  ],
  [
    '給与だけで普通徴収を希望',
    { salaries: [4_000_000], rest: { specialCollection: true, otherIncomeByOrdinary: true } },
    'special',
  ],
] as const satisfies readonly (readonly [string, EarnerFacts, string])[]) {
  test(`地方税法第319条〜第321条の3 徴収の方法: ${what} → ${method}`, () => {
    const { method: found, instalments, pension: parts } = collection(facts);
    assert.equal(found, method);
    assert.equal(parts, null);
    assert.equal(instalments.length, { ordinary: 4, special: 12, none: 0, mixed: 0 }[method]);
  });
}

const paid: PensionCollection = {
  receivesOldAgePension: true,
  annualBenefit: yen(2_400_000),
  careInsuranceWithheld: true,
  previousYearTax: null,
};
const pensioner = (facts: EarnerFacts, changed: Partial<PensionCollection> = {}) =>
  collection({
    publicPensions: [2_400_000],
    ...facts,
    taxpayer: { bornOn: day('1950-05-05'), ...facts.taxpayer },
    rest: { pensionCollection: { ...paid, ...changed }, ...facts.rest },
  });

test('地方税法第321条の7の2 年金特別徴収: 年金だけの人の開始年度', () => {
  const { method, instalments, pension: parts } = pensioner({});
  // 2,400,000 − 1,100,000 − 430,000 = 870,000: 52,200 − 1,500 and 34,800 − 1,000, 5,000: 89,500
  assert.deepEqual([method, instalments], ['pension', []]);
  // half 44,750 → 44,700 ÷ 3 = 14,900; 44,800 ÷ 2 → 22,000
  assert.deepEqual(parts, { provisional: [0, 0, 0], main: same(3, 14_900), ordinary: [22_800, 22_000], excess: 0 });
});
test('地方税法第321条の7の8 年金特別徴収: 前年度の税額があれば仮徴収', () => {
  const { pension: parts } = pensioner({}, { previousYearTax: yen(60_000) });
  // 89,500 − 30,000 = 59,500 ÷ 3 = 19,833
  assert.deepEqual(parts, {
    provisional: same(3, 10_000),
    main: [19_900, 19_800, 19_800],
    ordinary: [0, 0],
    excess: 0,
  });
});

for (const [what, facts, changed, method] of [
  ['4月1日に65歳', { taxpayer: { bornOn: day('1961-04-02') } }, {}, 'pension'],
  ['4月1日に64歳', { taxpayer: { bornOn: day('1961-04-03') } }, {}, 'ordinary'],
  ['老齢年金を受けない', {}, { receivesOldAgePension: false }, 'ordinary'],
  ['介護保険料が年金から徴収されない', {}, { careInsuranceWithheld: false }, 'ordinary'],
  ['年金年額18万円', {}, { annualBenefit: yen(180_000) }, 'pension'],
  ['年金年額18万円未満', {}, { annualBenefit: yen(179_999) }, 'ordinary'],
  ['税額が年金年額を超える', { publicPensions: [5_000_000] }, { annualBenefit: yen(200_000) }, 'ordinary'],
  ['給与もある', { salaries: [3_000_000], rest: { specialCollection: true } }, {}, 'mixed'],
  ['給与所得が0円の給与がある', { salaries: [1] }, {}, 'mixed'],
  ['事業もある', { other: { business: aBusiness(1_000_000) } }, {}, 'mixed'],
  ['他の雑所得もある', { other: { miscellaneousOther: revenueOf(1) } }, {}, 'mixed'],
  ['年金所得がない', { publicPensions: [1_100_000], other: { business: aBusiness(3_000_000) } }, {}, 'ordinary'],
  ['年金所得が1円', { publicPensions: [1_100_001], other: { business: aBusiness(3_000_000) } }, {}, 'mixed'],
  ['5月31日までに死亡', { taxpayer: { diedOn: day('2026-05-31') } }, {}, 'ordinary'],
] as const satisfies readonly (readonly [string, EarnerFacts, Partial<PensionCollection>, string])[]) {
  test(`地方税法第321条の7の2第1項 年金特別徴収: ${what} → ${method}`, () => {
    assert.equal(pensioner(facts, changed).method, method);
  });
}

test('地方税法第321条の7の2第1項: 税額が年金年額と同じなら年金特別徴収', () => {
  assert.equal(pensioner({}, { annualBenefit: yen(180_000) }).method, 'pension');
  // 年金 3,500,000 − 1,150,000 = 2,350,000 − 430,000 = 1,920,000: 192,000 − 2,500 + 5,000 = 194,500
  const facts: EarnerFacts = { publicPensions: [3_500_000] };
  assert.equal(pensioner(facts, { annualBenefit: yen(194_500) }).method, 'pension');
  assert.equal(pensioner(facts, { annualBenefit: yen(194_499) }).method, 'ordinary');
});

test('INC-13: 定額減税の年度もその翌年度も、各期の合計は年税額', () => {
  for (const [fiscalYear, facts] of [
    [2024, { salaries: [4_000_000] }],
    [2024, { salaries: [4_000_000], ...asked }],
    [2025, { salaries: [13_000_000], spouse: { totalIncome: 0 } }],
    [2025, { salaries: [13_000_000], spouse: { totalIncome: 0 }, ...asked }],
  ] as const) {
    const result = checkedAssessment(withoutSalary({ fiscalYear, ...facts }));
    assert.ok(result.levy.ward.flatCut > 0);
    const { instalments, method } = result.collection;
    assert.equal(
      instalments.reduce((total, { amount }) => total + amount, 0),
      result.annualTotal,
    );
    const [first, second] = instalments;
    assert.equal(
      String(first?.dueOn),
      method === 'special' ? `${fiscalYear}-06-01` : fiscalYear === 2024 ? '2024-07-01' : '2025-06-30',
    );
    assert.equal((first?.amount ?? 0) < (second?.amount ?? 0), fiscalYear === 2024);
  }
});
