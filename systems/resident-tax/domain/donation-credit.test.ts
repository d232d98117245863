import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner, type EarnerFacts } from './an-earner.ts';
import type { Donation, LandClass, OtherIncomes } from './assessment-input.ts';
import type { AssessmentResult, LevySide } from './assessment-result.ts';
import {
  aBusiness,
  checkedAssessment,
  noCarriedLosses,
  revenueOf,
  withoutSalary,
  withProfit,
} from './checked-assessment.ts';
import { donationWarnings } from './donation-credit.ts';

const sides = ({ levy }: AssessmentResult, name: keyof LevySide) => [levy.ward[name], levy.metropolis[name]];
const gift = (amount: number, changed: Partial<Donation> = {}): Donation => ({
  kind: 'hometown',
  amount: yen(amount),
  recipient: 'R1',
  oneStop: false,
  declared: true,
  ...changed,
});
/** Gifts in a return; the 基礎控除 of the income tax is 480,000, so that nothing is added to the differences. */
const returned = (...donations: readonly Donation[]): NonNullable<EarnerFacts['rest']> => ({
  donations,
  returnFiled: true,
  incomeTaxBasicDeduction: yen(480_000),
});
/** A single person of that 課税総所得金額; 人的控除差 50,000. */
const taxed = (taxable: number, rest: EarnerFacts['rest'], facts: EarnerFacts = {}) =>
  checkedAssessment(withProfit(taxable + 430_000, { ...facts, rest: rest ?? {} }));

for (const [amount, ward, metropolis] of [
  [1_999, 0, 0],
  [2_000, 0, 0],
  [2_001, 1, 1], // 0.06, 0.04
  [2_050, 3, 2],
  [52_000, 3_000, 2_000],
] as const) {
  test(`地方税法第37条の2第1項・第314条の7第1項 基本控除: ${amount}円 → 区${ward}円・都${metropolis}円`, () => {
    const of = (kind: Donation['kind']) => sides(taxed(3_000_000, returned(gift(amount, { kind }))), 'donationBasic');
    assert.deepEqual(of('hometown'), [ward, metropolis]);
    assert.deepEqual(of('both-sides'), [ward, metropolis]);
    assert.deepEqual(of('ward'), [ward, 0]);
    assert.deepEqual(of('metropolis'), [0, metropolis]);
    assert.deepEqual(of('national-only'), [0, 0]);
  });
}
test('地方税法第314条の7第1項 基本控除: 寄附金は区と都それぞれで合計してから2,000円を引く', () => {
  const kinds = ['hometown', 'both-sides', 'ward', 'metropolis', 'national-only'] as const;
  const gifts = kinds.map((kind, i) => gift(1_000 * 2 ** i, { kind }));
  // 1,000 + 2,000 + 4,000 − 2,000 = 5,000; 1,000 + 2,000 + 8,000 − 2,000 = 9,000
  assert.deepEqual(sides(taxed(3_000_000, returned(...gifts)), 'donationBasic'), [300, 360]);
});
test('地方税法第314条の7第1項 基本控除: 総所得金額等の30%まで（繰越損失の後、1円未満切捨て）', () => {
  const of = (amount: number, profit: number, loss = 0) =>
    sides(
      checkedAssessment({
        ...withProfit(profit, { rest: returned(gift(amount, { kind: 'both-sides' })) }),
        carriedLosses: {
          ...noCarriedLosses,
          net: [{ incomeYear: 2024, amount: yen(loss), kind: 'ordinary', specifiedDisaster: false }],
        },
      }),
      'donationBasic',
    );
  assert.deepEqual(of(299_950, 1_000_000), [17_877, 11_918]); // 297,950
  assert.deepEqual(of(300_000, 1_000_000), [17_880, 11_920]);
  assert.deepEqual(of(300_050, 1_000_000), [17_880, 11_920]);
  assert.deepEqual(of(400_000, 1_000_169), [17_883, 11_922]); // 300,050.7 → 298,050
  assert.deepEqual(of(400_000, 1_200_000, 200_000), [17_880, 11_920]);
});

/** 12,000 yen given: 10,000 at the share, 3/5 and 2/5, each raised; then 申告特例 of the raised amounts. */
for (const [from, to, rate, special, oneStop] of [
  [0, 1_950_000, 84_895, [5_094, 3_396], [307, 205]], // 306.3, 204.2
  [1_951_000, 3_300_000, 79_790, [4_788, 3_192], [613, 409]], // 612.7, 408.5
  [3_301_000, 6_950_000, 69_580, [4_175, 2_784], [1_226, 818]], // 1,225.3, 817.03
  [6_951_000, 9_000_000, 66_517, [3_992, 2_661], [1_410, 940]], // 1,409.3, 939.4
  [9_001_000, 18_000_000, 56_307, [3_379, 2_253], [2_022, 1_349]], // 2,021.9, 1,348.1
  [18_001_000, 40_000_000, 49_160, [2_950, 1_967], [1_766, 1_178]], // 1,765.2, 1,177.01
  [40_001_000, 50_000_000, 44_055, [2_644, 1_763], [1_583, 1_055]], // 1,582.1, 1,054.9
] as const) {
  test(`地方税法第314条の7第11項・附則第7条の2 特例控除: 調整後の課税総所得${from}〜${to}円は${rate / 1_000}%`, () => {
    // 基礎控除 and 人的控除差 alike: 調整後 is 480,000 less than the profit up to 24,000,000 of 合計所得金額, 50,000 above 25,000,000.
    const profitOf = (income: number) => income + (income > 24_000_000 ? 50_000 : 480_000);
    for (const income of [from, to]) {
      const filed = checkedAssessment(withProfit(profitOf(income), { rest: returned(gift(12_000)) }));
      assert.deepEqual(filed.donationSpecialRate, [rate, 100_000]);
      assert.deepEqual(sides(filed, 'donationOneStop'), [0, 0]);
      if (income === 0) continue; // the cap of a fifth comes first
      assert.deepEqual(sides(filed, 'donationSpecial'), special);
      const unfiled = { ...returned(gift(12_000, { oneStop: true })), returnFiled: false };
      const simple = checkedAssessment(withProfit(profitOf(income), { rest: unfiled }));
      assert.deepEqual(sides(simple, 'donationSpecial'), special);
      assert.deepEqual(sides(simple, 'donationOneStop'), oneStop);
      // 10,000 × 6 %, 4 %
      assert.deepEqual(sides(simple, 'donationCredit'), [600 + special[0] + oneStop[0], 400 + special[1] + oneStop[1]]);
    }
  });
}

test('地方税法第314条の7第11項第2号: 課税総所得が人的控除差に満たなければ90%、申告特例はない', () => {
  const rest = { ...returned(gift(2_100, { oneStop: true })), returnFiled: false };
  const result = taxed(49_000, rest);
  assert.deepEqual(result.donationSpecialRate, [90, 100]);
  assert.deepEqual(sides(result, 'donationSpecial'), [54, 36]); // 100 × 90 %
  assert.deepEqual(sides(result, 'donationOneStop'), [0, 0]);
  assert.deepEqual(taxed(50_000, rest).donationSpecialRate, [84_895, 100_000]);
});

for (const [fiscalYear, stated, boundary] of [
  [2025, null, 2_000_000], // 50,000 of difference
  [2026, null, 2_400_000], // 合計所得金額 2,830,000: 880,000 − 480,000 more
  [2027, null, 2_560_000], // 1,040,000 − 480,000
  [2026, 580_000, 2_100_000],
  [2026, 480_000, 2_000_000],
  [2026, 300_000, 2_000_000],
] as const) {
  test(`地方税法第314条の7第11項第1号: ${fiscalYear}年度（所得税の基礎控除${stated ?? '表による'}）は課税${boundary}円まで84.895%`, () => {
    const of = (taxable: number) =>
      taxed(
        taxable,
        { ...returned(gift(12_000)), incomeTaxBasicDeduction: stated === null ? null : yen(stated) },
        { fiscalYear },
      ).donationSpecialRate;
    assert.deepEqual(
      [of(boundary), of(boundary + 1_000)],
      [
        [84_895, 100_000],
        [79_790, 100_000],
      ],
    );
  });
}
test('地方税法第314条の7第11項第1号: 令和7年度は人的控除差だけを引く', () => {
  const rate = (taxable: number) => taxed(taxable, returned(gift(12_000)), { fiscalYear: 2025 }).donationSpecialRate;
  assert.deepEqual(
    [rate(49_000), rate(50_000)],
    [
      [90, 100],
      [84_895, 100_000],
    ],
  );
});
test('地方税法第314条の7第11項第1号: 人的控除差は本人のすべての差を引く', () => {
  // 配偶者 50,000 + 特定 180,000 + 基礎 50,000: 2,230,000 − 280,000 = 1,950,000; 330,000 + 450,000 of deductions
  const family: EarnerFacts = { spouse: { totalIncome: 0 }, dependants: { specified: 1 } };
  const of = (taxable: number) => taxed(taxable + 780_000, returned(gift(12_000)), family).donationSpecialRate?.[0];
  assert.deepEqual([of(2_230_000), of(2_231_000)], [84_895, 79_790]);
});

test('地方税法第314条の7第11項: 特例控除は調整控除・調整措置の後の所得割の2割まで、区と都それぞれ1円未満切上げ', () => {
  const shortLand: Partial<OtherIncomes> = {
    land: {
      shortGeneral: {
        revenue: yen(1_000),
        acquisitionCost: yen(0),
        transferExpenses: yen(0),
        specialDeduction: 'none',
      },
    },
  };
  const result = taxed(1_730_000, returned(gift(100_000)), { other: shortLand });
  // 103,800 + 54 − 1,500 = 102,354: 20,470.8; 69,200 + 36 − 1,000 = 68,236: 13,647.2
  assert.deepEqual(sides(result, 'donationSpecial'), [20_471, 13_648]);
  // 調整措置 has left 600 and 400 of 451,000.
  const measured = checkedAssessment(withProfit(451_000, { rest: returned(gift(100_000)) }));
  assert.deepEqual(sides(measured, 'donationSpecial'), [120, 80]);
});
test('地方税法第314条の7第11項: 2割は住宅借入金等の控除の前の所得割で計る', () => {
  const result = taxed(4_000_000, {
    ...returned(gift(200_000)),
    housingLoan: {
      movedInYear: 2014,
      creditable: yen(500_000),
      incomeTaxBeforeCredit: yen(60_000),
      incomeTaxTaxable: yen(2_000_000),
      specificAcquisition: false,
    },
  });
  assert.deepEqual(sides(result, 'housingLoanCredit'), [58_500, 39_000]);
  assert.deepEqual(sides(result, 'donationSpecial'), [47_700, 31_800]); // 238,500 ÷ 5, 159,000 ÷ 5
});

for (const [amount, rate, special] of [
  [2_000, null, [0, 0]],
  [2_001, 84_895, [1, 1]], // 0.509, 0.340
  [2_100, 84_895, [51, 34]], // 50.9, 33.96
] as const) {
  test(`地方税法第314条の7第11項 特例控除: 都道府県・区市町村への${amount}円`, () => {
    const result = taxed(1_000_000, returned(gift(amount), gift(50_000, { kind: 'both-sides' })));
    assert.equal(result.donationSpecialRate?.[0] ?? null, rate);
    assert.deepEqual(sides(result, 'donationSpecial'), special);
  });
}

test('地方税法第314条の7: 控除は残った所得割まで', () => {
  // 3,000 − 1,500, 2,000 − 1,000; 基本 8,520 and 5,680 of 144,000 − 2,000
  const result = taxed(50_000, returned(gift(400_000)));
  assert.deepEqual(sides(result, 'donationBasic'), [8_520, 5_680]);
  assert.deepEqual(sides(result, 'donationSpecial'), [300, 200]);
  assert.deepEqual(sides(result, 'donationCredit'), [1_500, 1_000]);
});

const landOf = (name: LandClass, gain: number): Partial<OtherIncomes> => ({
  land: {
    [name]: { revenue: yen(gain), acquisitionCost: yen(0), transferExpenses: yen(0), specialDeduction: 'none' },
  },
});
const forestry = (base: number) => ({ forestry: revenueOf(base + 500_000) });
const retirement = (base: number) => ({
  declaredRetirement: { amount: yen(base + 800_000), serviceYears: 1, officer: true, disabilityRetirement: false },
});
const separate = { kind: 'profit', treatment: 'separate', levyWithheld: yen(0) } as const;
/** Nobody here has a 課税総所得金額: the 基礎控除 is taken from the first of the incomes in the order of the bases. */
for (const [what, other, rate] of [
  ['山林は5分の1で表を引く: 1,950,000円', forestry(430_000 + 9_750_000), [84_895, 100_000]],
  ['山林は5分の1で表を引く: 1,950,200円', forestry(430_000 + 9_751_000), [79_790, 100_000]],
  ['退職は表を引く: 1,950,000円', retirement(430_000 + 1_950_000), [84_895, 100_000]],
  ['退職は表を引く: 1,951,000円', retirement(430_000 + 1_951_000), [79_790, 100_000]],
  ['短期譲渡（一般）は59.37%', landOf('shortGeneral', 9_000_000), [59_370, 100_000]],
  ['短期譲渡（軽減）は59.37%', landOf('shortReduced', 9_000_000), [59_370, 100_000]],
  ['長期譲渡（一般）は74.685%', landOf('longGeneral', 9_000_000), [74_685, 100_000]],
  ['長期譲渡（特定）は74.685%', landOf('longSpecified', 9_000_000), [74_685, 100_000]],
  ['長期譲渡（軽課）は74.685%', landOf('longReduced', 9_000_000), [74_685, 100_000]],
  ['上場配当等は74.685%', { dividends: [{ ...separate, ...revenueOf(9_000_000) }] }, [74_685, 100_000]],
  ['一般株式等は74.685%', { generalStocks: revenueOf(9_000_000) }, [74_685, 100_000]],
  [
    '上場株式等は74.685%',
    { listedStocks: [{ ...revenueOf(9_000_000), declared: true, levyWithheld: yen(0) }] },
    [74_685, 100_000],
  ],
  ['先物は74.685%', { futures: revenueOf(9_000_000) }, [74_685, 100_000]],
  ['短期と先物では低い59.37%', { ...landOf('shortGeneral', 9_000_000), futures: revenueOf(1_000) }, [59_370, 100_000]],
  ['先物と山林では低い74.685%', { futures: revenueOf(9_000_000), ...forestry(1_000_000) }, [74_685, 100_000]],
  ['先物と退職では低い66.517%', { futures: revenueOf(9_000_000), ...retirement(8_000_000) }, [66_517, 100_000]],
  ['退職と山林では低い79.79%', { ...forestry(1_430_000), ...retirement(3_000_000) }, [79_790, 100_000]],
  ['山林と退職では低い69.58%', { ...forestry(20_430_000), ...retirement(1_000_000) }, [69_580, 100_000]],
] as const) {
  test(`地方税法第314条の7第11項第2号・第3号・附則第5条の6: ${what}`, () => {
    const rest = { ...returned(gift(12_000, { oneStop: true })), returnFiled: false };
    const result = checkedAssessment(withoutSalary({ other, rest }));
    assert.equal(result.bases.aggregate, 0);
    assert.deepEqual(result.donationSpecialRate, rate);
    assert.deepEqual(sides(result, 'donationOneStop'), [0, 0]);
  });
}
test('附則第5条の6: 課税総所得が人的控除差に満たない人も他の課税標準の割合による', () => {
  const facts: EarnerFacts = { other: { futures: revenueOf(5_000_000) } };
  assert.deepEqual(taxed(49_000, returned(gift(12_000)), facts).donationSpecialRate, [74_685, 100_000]);
  assert.deepEqual(taxed(50_000, returned(gift(12_000)), facts).donationSpecialRate, [84_895, 100_000]);
  assert.deepEqual(
    taxed(49_000, returned(gift(12_000)), { other: { business: aBusiness(479_000) } }).donationSpecialRate,
    [90, 100],
  );
});

const oneStopGifts = (...recipients: readonly string[]) =>
  recipients.map((recipient) => gift(12_000, { recipient, oneStop: true }));
for (const [what, donations, returnFiled, counted, warnings] of [
  ['寄附がない', [], false, 0, []],
  ['申告特例の1団体', oneStopGifts('A'), false, 1, []],
  ['申告特例の5団体', oneStopGifts('A', 'B', 'C', 'D', 'E'), false, 5, []],
  ['5団体に6回', oneStopGifts('A', 'B', 'C', 'D', 'E', 'E'), false, 6, []],
  ['6団体', oneStopGifts('A', 'B', 'C', 'D', 'E', 'F'), false, 0, ['one-stop-over-five-recipients']],
  ['申告も特例もない', [gift(12_000)], false, 0, ['gift-not-declared']],
  ['特例と特例でない寄附', [...oneStopGifts('A'), gift(12_000)], false, 1, ['gift-not-declared']],
  [
    '6団体と特例でない寄附',
    [...oneStopGifts('A', 'B', 'C', 'D', 'E', 'F'), gift(12_000)],
    false,
    0,
    ['gift-not-declared', 'one-stop-over-five-recipients'],
  ],
  ['申告した寄附', [gift(12_000)], true, 1, []],
  ['申告に書かない寄附', [gift(12_000, { declared: false }), gift(12_000)], true, 1, []],
  ['申告すれば特例は無効だが書いた寄附は数える', oneStopGifts('A', 'B'), true, 2, ['one-stop-void-by-return']],
  ['申告すれば6団体でも数える', oneStopGifts('A', 'B', 'C', 'D', 'E', 'F'), true, 6, ['one-stop-void-by-return']],
  [
    '申告に書かない特例の寄附',
    [gift(12_000, { oneStop: true, declared: false })],
    true,
    0,
    ['one-stop-void-by-return'],
  ],
] as const) {
  test(`地方税法附則第7条の2: ${what} → ${counted}件を控除し、${warnings.join('・') || '知らせることはない'}`, () => {
    const facts = { salaries: [8_000_000], rest: { donations, returnFiled } };
    assert.deepEqual(donationWarnings(anEarner(facts), ratesForYear(2026)), warnings);
    const result = checkedAssessment(anEarner(facts));
    assert.deepEqual(result.warnings, warnings);
    const basic = counted === 0 ? 0 : counted * 12_000 - 2_000;
    assert.deepEqual(sides(result, 'donationBasic'), [(basic * 6) / 100, (basic * 4) / 100]);
    assert.equal(result.levy.ward.donationOneStop > 0, !returnFiled && counted > 0);
  });
}
