import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { Dependants } from './assessment-input.ts';
import { type Family, householdOf, type Member, noDependants, type Relative } from './household.ts';

// 令和8年度: the family as of 31 December 2025.
const day = Temporal.PlainDate.from;
const member: Member = {
  bornOn: day('1982-06-01'),
  diedOn: null,
  salaryRevenue: yen(0),
  pensionRevenue: yen(0),
  otherIncome: yen(0),
  disability: 'none',
  livingTogether: true,
  abroad: false,
  familyEmployee: false,
};
const relative = (born: string, more: Partial<Relative> = {}): Relative => ({
  ...member,
  bornOn: day(born),
  relation: 'child',
  studyingAbroad: false,
  remittance: yen(0),
  claimedByOther: false,
  ...more,
});
const alone: Family = {
  sex: 'female',
  maritalStatus: 'neverMarried',
  deFactoSpouse: false,
  spouse: null,
  relatives: [],
};
const householdIn = (fiscalYear: number, family: Partial<Family>) =>
  householdOf({ ...alone, ...family }, ratesForYear(fiscalYear));
const household = (family: Partial<Family>) => householdIn(2026, family);
const headsOf = (...relatives: readonly Relative[]) => household({ relatives }).dependants;
const heads = (changed: Partial<Dependants>): Dependants => ({ ...noDependants, ...changed });

test('地方税法第292条: 家族のない人には何も認めない', () => {
  assert.deepEqual(household({}), {
    spouse: null,
    dependants: noDependants,
    specificRelatives: [],
    singleParent: false,
    widow: false,
  });
});

for (const [born, expected] of [
  ['2025-12-31', { underSixteen: 1, underTwentyThree: 1 }],
  ['2010-01-02', { underSixteen: 1, underTwentyThree: 1 }],
  ['2010-01-01', { ordinary: 1, underTwentyThree: 1 }], // 16 at the end of 31 December
  ['2007-01-02', { ordinary: 1, underTwentyThree: 1 }],
  ['2007-01-01', { specified: 1, underTwentyThree: 1 }], // 19
  ['2003-01-02', { specified: 1, underTwentyThree: 1 }],
  ['2003-01-01', { ordinary: 1 }], // 23
  ['1956-01-02', { ordinary: 1 }],
  ['1956-01-01', { elderly: 1 }], // 70
  ['2026-01-01', {}], // not yet born
] as const) {
  test(`地方税法第314条の2第1項第11号・年齢計算ニ関スル法律: ${born}生まれの扶養親族（令和8年度）`, () => {
    assert.deepEqual(headsOf(relative(born)), heads(expected));
  });
}

for (const [born, died, expected] of [
  ['1940-01-01', '2024-12-31', {}],
  ['1940-01-01', '2025-01-01', { elderly: 1 }],
  ['2009-07-01', '2025-06-30', { ordinary: 1, underTwentyThree: 1 }], // 16 at the end of the day of death
  ['2009-07-02', '2025-06-30', { underSixteen: 1, underTwentyThree: 1 }],
  ['2010-01-01', '2025-12-31', { ordinary: 1, underTwentyThree: 1 }],
  ['2009-07-02', '2026-03-01', { ordinary: 1, underTwentyThree: 1 }], // alive on 31 December: judged then
] as const) {
  test(`地方税法第314条の2第11項: ${born}生まれ・${died}死亡の親族は死亡の日で判定する`, () => {
    assert.deepEqual(headsOf(relative(born, { diedOn: day(died) })), heads(expected));
  });
}

for (const [what, more, expected] of [
  ['同居の親は同居老親等', { relation: 'parent' }, { elderlyLivingTogether: 1 }],
  ['同居の祖父母は同居老親等', { relation: 'grandparent' }, { elderlyLivingTogether: 1 }],
  ['別居の親は老人扶養親族', { relation: 'parent', livingTogether: false }, { elderly: 1 }],
  ['同居の兄弟姉妹は老人扶養親族', { relation: 'sibling' }, { elderly: 1 }],
  ['同居の他の親族は老人扶養親族', { relation: 'other' }, { elderly: 1 }],
] as const) {
  test(`地方税法第314条の2第4項: 70歳以上の${what}`, () => {
    assert.deepEqual(headsOf(relative('1950-01-01', more)), heads(expected));
  });
}
test('地方税法第314条の2第4項: 70歳未満の同居の親は一般の扶養親族', () => {
  assert.deepEqual(headsOf(relative('1956-01-02', { relation: 'parent' })), heads({ ordinary: 1 }));
});

/** Revenues that give exactly the limit of the year, and one yen over. */
for (const [fiscalYear, income, what] of [
  [2025, { salaryRevenue: 1_030_000 }, '給与'], // 48万 + 55万
  [2026, { salaryRevenue: 1_230_000 }, '給与'], // 58万 + 65万
  [2027, { salaryRevenue: 1_360_000 }, '給与'], // 62万 + 74万
  [2026, { pensionRevenue: 1_180_000 }, '年金（65歳未満）'], // 58万 + 60万
  [2026, { otherIncome: 580_000 }, '事業など'],
  [2026, { salaryRevenue: 950_000, otherIncome: 280_000 }, '給与と事業'], // 30万 + 28万
] as const) {
  test(`地方税法第292条第1項第9号 扶養親族の所得要件: ${fiscalYear}年度 ${what}`, () => {
    const incomes = Object.fromEntries(Object.entries(income).map(([key, amount]) => [key, yen(amount)]));
    const of = (more: Partial<Relative>) =>
      householdIn(fiscalYear, { relatives: [relative('1990-01-01', { ...incomes, ...more })] }).dependants;
    assert.deepEqual(of({}), heads({ ordinary: 1 }));
    assert.deepEqual(of({ otherIncome: yen((incomes.otherIncome ?? 0) + 1) }), noDependants);
  });
}

for (const [born, revenue] of [
  ['1961-01-01', 1_680_000], // 65 on 31 December: 58万 + 110万
  ['1961-01-02', 1_180_000], // 64: 58万 + 60万
] as const) {
  test(`所得税法第35条第4項: ${born}生まれの親族の年金は${revenue}円まで`, () => {
    const of = (amount: number) => headsOf(relative(born, { relation: 'parent', pensionRevenue: yen(amount) }));
    assert.deepEqual(of(revenue), heads({ ordinary: 1 }));
    assert.deepEqual(of(revenue + 1), noDependants);
  });
}

test('租税特別措置法第41条の3の11第2項: 給与と年金がある親族は10万円を控除して判定する', () => {
  // 給与 1,130,000 − 650,000 = 480,000; 年金 1,300,000 − 1,100,000 = 200,000; − 100,000
  const of = (salaryRevenue: number) =>
    headsOf(
      relative('1950-01-01', { salaryRevenue: yen(salaryRevenue), pensionRevenue: yen(1_300_000), relation: 'other' }),
    );
  assert.deepEqual(of(1_130_000), heads({ elderly: 1 }));
  assert.deepEqual(of(1_130_001), noDependants);
});

for (const [what, incomes, totalIncome] of [
  ['他の所得1,000万円まで', { otherIncome: 10_000_000 }, 10_900_000], // 2,000,000 − 1,100,000
  ['他の所得1,000万円超', { otherIncome: 10_000_001 }, 11_000_001], // 2,000,000 − 1,000,000
  // 給与 8,500,000 − 1,950,000 = 6,550,000; 年金 900,000, 1,000,000; − 100,000
  ['給与所得を含めて1,000万円まで', { salaryRevenue: 8_500_000, otherIncome: 3_450_000 }, 10_800_000],
  ['給与所得を含めて1,000万円超', { salaryRevenue: 8_500_000, otherIncome: 3_450_001 }, 10_900_001],
] as const) {
  test(`所得税法第35条第4項: 配偶者の年金200万円、${what} → 合計所得${totalIncome}円`, () => {
    const given = Object.fromEntries(Object.entries(incomes).map(([key, amount]) => [key, yen(amount)]));
    const spouse: Member = { ...member, bornOn: day('1950-01-01'), pensionRevenue: yen(2_000_000), ...given };
    assert.equal(household({ maritalStatus: 'married', spouse }).spouse?.totalIncome, totalIncome);
  });
}

test('地方税法第314条の2第1項第10号: 配偶者の年齢・国外・専従者をそのまま伝え、12月31日に70歳なら老人', () => {
  const of = (more: Partial<Member>) => household({ maritalStatus: 'married', spouse: { ...member, ...more } }).spouse;
  assert.deepEqual(of({}), { totalIncome: 0, elderly: false, abroad: false, familyEmployee: false });
  assert.equal(of({ bornOn: day('1956-01-01') })?.elderly, true);
  assert.equal(of({ bornOn: day('1956-01-02') })?.elderly, false);
  assert.equal(of({ abroad: true })?.abroad, true);
  assert.equal(of({ familyEmployee: true })?.familyEmployee, true);
  assert.equal(of({ diedOn: day('2024-12-31') }), null);
  assert.equal(of({ diedOn: day('2025-01-01') })?.elderly, false);
  // 70 at the end of the day of death, 30 June; a day younger: not
  assert.equal(of({ bornOn: day('1955-07-01'), diedOn: day('2025-06-30') })?.elderly, true);
  assert.equal(of({ bornOn: day('1955-07-02'), diedOn: day('2025-06-30') })?.elderly, false);
});

for (const [what, disability, livingTogether, expected] of [
  ['障害者', 'ordinary', true, { disabled: 1 }],
  ['別居の障害者', 'ordinary', false, { disabled: 1 }],
  ['同居の特別障害者', 'special', true, { speciallyDisabledLivingTogether: 1 }],
  ['別居の特別障害者', 'special', false, { speciallyDisabled: 1 }],
] as const) {
  test(`地方税法第314条の2第1項第6号・第3項: ${what}の配偶者と年少の子を数える`, () => {
    const spouse: Member = { ...member, disability, livingTogether };
    const married = (more: Partial<Member>) =>
      household({ maritalStatus: 'married', spouse: { ...spouse, ...more } }).dependants;
    assert.deepEqual(married({}), heads(expected));
    assert.deepEqual(married({ otherIncome: yen(580_000) }), heads(expected));
    assert.deepEqual(married({ otherIncome: yen(580_001) }), noDependants, '所得要件を超える配偶者');
    assert.deepEqual(married({ familyEmployee: true }), noDependants, '事業専従者');
    const child = relative('2015-05-05', { disability, livingTogether });
    assert.deepEqual(headsOf(child), heads({ ...expected, underSixteen: 1, underTwentyThree: 1 }));
    assert.deepEqual(headsOf({ ...child, otherIncome: yen(580_001) }), noDependants);
  });
}

for (const [born, more, counted] of [
  ['1996-01-02', {}, { ordinary: 1, abroad: 1 }], // 29
  ['1996-01-01', {}, {}], // 30
  ['1956-01-02', {}, {}], // 69
  ['1956-01-01', {}, { elderly: 1, abroad: 1 }], // 70
  ['1985-01-01', { studyingAbroad: true }, { ordinary: 1, abroad: 1 }],
  ['1985-01-01', { disability: 'ordinary' }, { ordinary: 1, abroad: 1, disabled: 1 }],
  ['1985-01-01', { remittance: yen(380_000) }, { ordinary: 1, abroad: 1 }],
  ['1985-01-01', { remittance: yen(379_999) }, {}],
  ['1985-01-01', { abroad: false }, { ordinary: 1 }],
  ['2015-01-01', {}, { underSixteen: 1, underTwentyThree: 1, abroad: 1 }],
] as const) {
  test(`地方税法第314条の2第1項第11号 国外居住親族: ${born}生まれ ${JSON.stringify(more)}`, () => {
    assert.deepEqual(headsOf(relative(born, { abroad: true, livingTogether: false, ...more })), heads(counted));
  });
}

for (const [born, counted] of [
  ['2007-01-02', false], // 18
  ['2007-01-01', true], // 19
  ['2003-01-02', true], // 22
  ['2003-01-01', false], // 23
] as const) {
  test(`地方税法第314条の2第1項第12号 特定親族: ${born}生まれ・所得要件を超える親族 → ${counted ? '該当' : '非該当'}`, () => {
    const of = (more: Partial<Relative>) =>
      household({ relatives: [relative(born, { otherIncome: yen(580_001), ...more })] });
    assert.deepEqual(of({}).specificRelatives, counted ? [580_001] : []);
    assert.deepEqual(of({}).dependants, noDependants);
    assert.deepEqual(of({ otherIncome: yen(580_000) }).specificRelatives, []);
    assert.deepEqual(of({ familyEmployee: true }).specificRelatives, []);
    assert.deepEqual(of({ claimedByOther: true }).specificRelatives, []);
  });
}

for (const [what, born, more, counts] of [
  ['22歳', '2003-01-02', {}, true],
  ['23歳', '2003-01-01', {}, false],
  ['23歳以上の特別障害者', '1990-01-01', { disability: 'special' }, true],
  ['23歳以上の障害者', '1990-01-01', { disability: 'ordinary' }, false],
  ['所得要件を超える22歳', '2003-01-02', { otherIncome: yen(580_001) }, false],
  ['所得要件ちょうどの22歳', '2003-01-02', { otherIncome: yen(580_000) }, true],
  ['事業専従者の22歳', '2003-01-02', { familyEmployee: true }, false],
] as const) {
  test(`租税特別措置法第41条の3の11第1項: 他の人の扶養親族である${what}は所得金額調整控除に${counts ? '数える' : '数えない'}`, () => {
    const result = household({ relatives: [relative(born, { claimedByOther: true, ...more })] });
    assert.deepEqual(result.dependants, heads({ adjustmentOnly: counts }));
    assert.equal(result.singleParent, false, '他の人の扶養親族である子ではひとり親にならない');
  });
}

test('地方税法第292条第1項第9号: 事業専従者は扶養親族でない', () => {
  assert.deepEqual(headsOf(relative('1990-01-01', { familyEmployee: true })), noDependants);
});

test('地方税法第292条: 一人を数えない後の親族も数える', () => {
  assert.deepEqual(
    headsOf(
      relative('1940-01-01', { diedOn: day('2024-12-31') }),
      relative('2001-01-01', { claimedByOther: true }),
      relative('1990-01-01', { familyEmployee: true }),
      relative('1990-01-01', { otherIncome: yen(580_001) }),
      relative('1985-01-01', { abroad: true }),
      relative('2015-01-01'),
      relative('2014-01-01'),
      relative('2006-01-01'),
    ),
    heads({ underSixteen: 2, specified: 1, underTwentyThree: 3 }),
  );
});

const child = relative('2015-05-05');
const parent = relative('1950-01-01', { relation: 'parent' });
for (const [what, family, singleParent, widow] of [
  ['未婚で子がある', { maritalStatus: 'neverMarried', relatives: [child] }, true, false],
  ['離婚して子がある', { maritalStatus: 'divorced', relatives: [child] }, true, false],
  ['死別して子がある', { maritalStatus: 'bereaved', relatives: [child] }, true, false],
  ['男性で子がある', { sex: 'male', maritalStatus: 'divorced', relatives: [child] }, true, false],
  ['婚姻中', { maritalStatus: 'married', relatives: [child] }, false, false],
  ['事実婚の相手がある', { maritalStatus: 'divorced', deFactoSpouse: true, relatives: [child] }, false, false],
  ['未婚で子がない', { maritalStatus: 'neverMarried' }, false, false],
  ['未婚で親を扶養する', { maritalStatus: 'neverMarried', relatives: [parent] }, false, false],
  ['子の所得が要件を超える', { relatives: [relative('2000-01-01', { otherIncome: yen(580_001) })] }, false, false],
  ['子の所得が要件ちょうど', { relatives: [relative('2000-01-01', { otherIncome: yen(580_000) })] }, true, false],
  ['離婚して親を扶養する', { maritalStatus: 'divorced', relatives: [parent] }, false, true],
  ['離婚して扶養親族がない', { maritalStatus: 'divorced' }, false, false],
  [
    '離婚し、親の所得が要件を超える',
    { maritalStatus: 'divorced', relatives: [{ ...parent, otherIncome: yen(580_001) }] },
    false,
    false,
  ],
  [
    '離婚し、扶養控除のない国外の兄弟を扶養する',
    { maritalStatus: 'divorced', relatives: [relative('1985-01-01', { relation: 'sibling', abroad: true })] },
    false,
    true,
  ],
  ['死別', { maritalStatus: 'bereaved' }, false, true],
  ['配偶者の生死不明', { maritalStatus: 'spouseMissing' }, false, true],
  ['死別して事実婚の相手がある', { maritalStatus: 'bereaved', deFactoSpouse: true }, false, false],
  ['男性の死別', { sex: 'male', maritalStatus: 'bereaved' }, false, false],
  ['男性が離婚して親を扶養する', { sex: 'male', maritalStatus: 'divorced', relatives: [parent] }, false, false],
] as const satisfies readonly (readonly [string, Partial<Family>, boolean, boolean])[]) {
  test(`地方税法第292条第1項第11号・第12号 寡婦・ひとり親: ${what}`, () => {
    const result = household(family);
    assert.deepEqual([result.singleParent, result.widow], [singleParent, widow]);
  });
}
