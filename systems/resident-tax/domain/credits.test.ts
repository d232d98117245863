import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { EarnerFacts } from './an-earner.ts';
import type { Dividend, HousingLoan, LandClass, OtherIncomes } from './assessment-input.ts';
import type { AssessmentResult, LevySide } from './assessment-result.ts';
import {
  aBusiness,
  checkedAssessment,
  noCarriedLosses,
  revenueOf,
  withoutSalary,
  withProfit,
} from './checked-assessment.ts';
import { flatCutShortfall } from './flat-cut.ts';

/** Ward and metropolis of one line of the 所得割. */
const sides = ({ levy }: AssessmentResult, name: keyof LevySide) => [levy.ward[name], levy.metropolis[name]];
/** A taxpayer whose 課税総所得金額 is `taxable`, after the 基礎控除 of 430,000 (and `deductions` of the facts). */
const taxed = (taxable: number, facts: EarnerFacts = {}, deductions = 0) =>
  checkedAssessment(withProfit(taxable + 430_000 + deductions, facts));

const land = (name: LandClass, gain: number): Partial<OtherIncomes> => ({
  land: {
    [name]: {
      revenue: yen(gain),
      acquisitionCost: yen(0),
      transferExpenses: yen(0),
      specialDeduction: 'none',
    },
  },
});
const separateDividend = (revenue: number, levyWithheld = 0): Dividend => ({
  ...revenueOf(revenue),
  kind: 'profit',
  treatment: 'separate',
  levyWithheld: yen(levyWithheld),
});

for (const [what, other, ward, metropolis] of [
  ['総所得 6%・4%', { business: aBusiness(10_430_000) }, 600_000, 400_000],
  ['山林 6%・4%', { forestry: revenueOf(10_930_000) }, 600_000, 400_000],
  [
    '退職 6%・4%',
    { declaredRetirement: { amount: yen(11_230_000), serviceYears: 1, officer: true, disabilityRetirement: false } },
    600_000,
    400_000,
  ],
  ['短期一般 5.4%・3.6%', land('shortGeneral', 10_430_000), 540_000, 360_000],
  ['短期軽減 3%・2%', land('shortReduced', 10_430_000), 300_000, 200_000],
  ['長期一般 3%・2%', land('longGeneral', 10_430_000), 300_000, 200_000],
  ['長期特定 2,000万円まで 2.4%・1.6%', land('longSpecified', 20_430_000), 480_000, 320_000],
  ['長期特定 2,000万円を超える部分 3%・2%', land('longSpecified', 20_431_000), 480_030, 320_020],
  ['長期軽課 6,000万円まで 2.4%・1.6%', land('longReduced', 60_000_000), 1_440_000, 960_000], // no 基礎控除
  ['長期軽課 6,000万円を超える部分 3%・2%', land('longReduced', 60_001_000), 1_440_030, 960_020],
  ['上場株式等の配当等 3%・2%', { dividends: [separateDividend(10_430_000)] }, 300_000, 200_000],
  ['一般株式等 3%・2%', { generalStocks: revenueOf(10_430_000) }, 300_000, 200_000],
  [
    '上場株式等 3%・2%',
    { listedStocks: [{ ...revenueOf(10_430_000), declared: true, levyWithheld: yen(0) }] },
    300_000,
    200_000,
  ],
  ['先物 3%・2%', { futures: revenueOf(10_430_000) }, 300_000, 200_000],
  [
    // 1,000 after the 基礎控除 at 6 %, 20,001,000 as above, 24,000 at 3 %
    '税率ごとに合計する',
    { business: aBusiness(431_000), ...land('longSpecified', 20_001_000), futures: revenueOf(24_000) },
    60 + 480_030 + 720,
    40 + 320_020 + 480,
  ],
] as const satisfies readonly (readonly [string, Partial<OtherIncomes>, number, number])[]) {
  test(`地方税法第35条・第314条の3・附則第33条の2〜第35条の4 算出所得割: ${what}`, () => {
    assert.deepEqual(sides(checkedAssessment(withoutSalary({ other })), 'computed'), [ward, metropolis]);
  });
}

/** Two dependants: 人的控除差 150,000, deductions 660,000 more. */
const couple: EarnerFacts = { spouse: { totalIncome: 0 }, dependants: { ordinary: 1 } };
for (const [what, taxable, facts, deductions, credit] of [
  ['課税30,000円は課税額まで', 30_000, {}, 0, [900, 600]],
  ['課税50,000円は人的控除差まで', 50_000, {}, 0, [1_500, 1_000]],
  ['課税200万円まで人的控除差の全額', 2_000_000, couple, 660_000, [4_500, 3_000]],
  ['200万円を超えた分だけ減る', 2_001_000, couple, 660_000, [4_470, 2_980]],
  ['50,000円を少し超える', 2_099_000, couple, 660_000, [1_530, 1_020]],
  ['50,000円ちょうど', 2_100_000, couple, 660_000, [1_500, 1_000]],
  ['50,000円を下回らない', 2_101_000, couple, 660_000, [1_500, 1_000]],
  ['200万円を大きく超えても50,000円', 8_000_000, {}, 0, [1_500, 1_000]],
] as const) {
  test(`地方税法第37条・第314条の6 調整控除: ${what}`, () => {
    assert.deepEqual(sides(taxed(taxable, facts, deductions), 'adjustmentCredit'), credit);
  });
}
test('地方税法第314条の6 調整控除: 合計所得2,500万円を超える人にはない', () => {
  assert.deepEqual(sides(checkedAssessment(withProfit(25_000_000)), 'adjustmentCredit'), [1_500, 1_000]);
  assert.deepEqual(sides(checkedAssessment(withProfit(25_000_001)), 'adjustmentCredit'), [0, 0]);
});
for (const [what, other, credit] of [
  ['山林', { forestry: revenueOf(1_550_000) }, [3_000, 2_000]], // 1,000,000 + 1,050,000: 150,000 − 50,000
  [
    '退職',
    { declaredRetirement: { amount: yen(1_850_000), serviceYears: 1, officer: true, disabilityRetirement: false } },
    [3_000, 2_000],
  ],
  ['土地の譲渡（含めない）', land('longGeneral', 1_050_000), [4_500, 3_000]],
] as const satisfies readonly (readonly [string, Partial<OtherIncomes>, readonly number[]])[]) {
  test(`地方税法第314条の6 調整控除: 合計課税所得金額と${what}`, () => {
    assert.deepEqual(sides(taxed(1_000_000, { ...couple, other }, 660_000), 'adjustmentCredit'), credit);
  });
}
test('岐阜市の計算例(4): 調整控除に長期譲渡を含めない', () => {
  const result = taxed(1_930_000, { dependants: { ordinary: 1 }, other: land('longGeneral', 12_000_000) }, 330_000);
  assert.deepEqual(sides(result, 'computed'), [475_800, 317_200]);
  assert.deepEqual(sides(result, 'perIncome'), [472_800, 315_200]);
});

for (const [what, profit, measure, perIncome] of [
  // 21,000: 1,260 − 630, 840 − 420: 1,050
  ['所得割を引いて45万円ちょうど', 451_050, [0, 0], [600, 400]],
  ['1円下回れば区と都を1円ずつ切り上げて減らす', 451_049, [1, 1], [600, 400]], // 0.6, 0.4
  ['50円下回る', 451_000, [30, 20], [600, 400]],
  ['限度額を1円超える人は所得割が0円になる', 450_001, [600, 400], [0, 0]], // 599.4, 399.6
] as const) {
  test(`地方税法附則第3条の3第2項・第5項 調整措置: ${what}`, () => {
    const result = checkedAssessment(withProfit(profit));
    assert.deepEqual(sides(result, 'adjustmentMeasure'), measure);
    assert.deepEqual(sides(result, 'perIncome'), perIncome);
  });
}
test('地方税法附則第3条の3第2項・第5項 調整措置: 夫婦で総所得1,130,000円なら22,000円を6対4に分ける', () => {
  const result = checkedAssessment(withProfit(1_130_000, { spouse: { totalIncome: 0 } }));
  assert.deepEqual(sides(result, 'adjustmentMeasure'), [13_200, 8_800]);
  assert.deepEqual(sides(result, 'perIncome'), [6_000, 4_000]);
});
test('地方税法附則第3条の3 調整措置: 繰越損失を引いた総所得金額等で計る', () => {
  const loss = { incomeYear: 2024, amount: yen(548_951), kind: 'ordinary', specifiedDisaster: false } as const;
  const result = checkedAssessment({
    ...withProfit(1_000_000),
    carriedLosses: { ...noCarriedLosses, net: [loss] },
  });
  assert.equal(result.totalIncomeAfterLosses, 451_049);
  assert.deepEqual(sides(result, 'adjustmentMeasure'), [1, 1]);
});

const dividend = (kind: Dividend['kind'], revenue: number): Dividend => ({
  ...revenueOf(revenue),
  kind,
  treatment: 'aggregate',
  levyWithheld: yen(0),
});
const threeKinds = [
  dividend('profit', 300_000),
  dividend('securitiesTrust', 200_000),
  dividend('foreignCurrencyTrust', 100_000),
];
for (const [over, credit] of [
  [-1_000, [6_800, 5_100]], // 4,800 + 1,600 + 400; 3,600 + 1,200 + 300
  [0, [6_800, 5_100]],
  [1_000, [6_798, 5_099]], // 396 + 2; 297 + 1.5
  [100_000, [6_600, 4_950]], // 200; 150
  [250_000, [6_000, 4_500]], // 400 + 600; 300 + 450
  [300_000, [5_800, 4_350]],
  [450_000, [4_600, 3_450]], // 2,400 + 1,200; 1,800 + 900
  [600_000, [3_400, 2_550]],
  [900_000, [3_400, 2_550]],
] as const) {
  test(`地方税法附則第5条・所得税法第92条 配当控除: 課税標準の合計が1,000万円を${over}円超える → ${credit.join('・')}円`, () => {
    const aggregate = { business: aBusiness(9_830_000 + over), dividends: threeKinds };
    assert.deepEqual(sides(checkedAssessment(withoutSalary({ other: aggregate })), 'dividendCredit'), credit);
    // 分離 bases count in the 10,000,000 as well.
    const separate = {
      business: aBusiness(1_830_000),
      ...land('longGeneral', 8_000_000 + over),
      dividends: threeKinds,
    };
    assert.deepEqual(sides(checkedAssessment(withoutSalary({ other: separate })), 'dividendCredit'), credit);
  });
}
for (const [what, dividends, credit] of [
  ['利益の配当 1.6%・1.2%', [dividend('profit', 100_000)], [1_600, 1_200]],
  ['証券投資信託 0.8%・0.6%', [dividend('securitiesTrust', 100_000)], [800, 600]],
  ['外貨建等 0.4%・0.3%', [dividend('foreignCurrencyTrust', 100_000)], [400, 300]],
  ['1円未満は切上げ', [dividend('foreignCurrencyTrust', 101)], [1, 1]], // 0.404, 0.303
  ['控除のない配当', [dividend('noCredit', 100_000)], [0, 0]],
  ['申告分離', [separateDividend(100_000)], [0, 0]],
] as const) {
  test(`地方税法附則第5条 配当控除: ${what}`, () => {
    assert.deepEqual(sides(taxed(3_000_000, { other: { dividends } }), 'dividendCredit'), credit);
  });
}
test('地方税法附則第5条 配当控除: 課税標準の合計がちょうど1,000万円なら低い率を使わない', () => {
  const dividends = [dividend('foreignCurrencyTrust', 667)];
  const of = (taxable: number) => taxed(taxable, { other: { dividends } }, -667);
  // 2.668, 2.001; with 667 above the limit 1.334, 1.0005
  assert.deepEqual(sides(of(10_000_000), 'dividendCredit'), [3, 3]);
  assert.deepEqual(sides(of(10_001_000), 'dividendCredit'), [2, 2]);
});
test('地方税法附則第5条 配当控除: 調整控除の後の所得割まで', () => {
  const result = checkedAssessment(withoutSalary({ other: { dividends: [dividend('profit', 480_000)] } }));
  assert.deepEqual(sides(result, 'dividendCredit'), [1_500, 1_000]); // 7,680, 5,760 against 3,000 − 1,500, 2,000 − 1,000
  assert.deepEqual(sides(result, 'perIncome'), [0, 0]);
});
test('岐阜市の計算例(3)の配当控除: 200,000円の1.6%・1.2%', () => {
  const result = taxed(1_489_000, { other: { dividends: [dividend('profit', 200_000)] } }, -200_000);
  assert.equal(result.bases.aggregate, 1_489_000);
  assert.deepEqual(sides(result, 'computed'), [89_340, 59_560]);
  assert.deepEqual(sides(result, 'dividendCredit'), [3_200, 2_400]);
});

const loan = (changed: Partial<Record<keyof HousingLoan, number | boolean>> = {}): HousingLoan =>
  ({
    movedInYear: 2014,
    creditable: 500_000,
    incomeTaxBeforeCredit: 60_000,
    incomeTaxTaxable: 1_000_000,
    specificAcquisition: false,
    ...changed,
  }) as HousingLoan;
for (const [what, changed, limit, credit] of [
  ['5%', {}, 50_000, [30_000, 20_000]],
  ['5%の1円未満は切捨て', { incomeTaxTaxable: 1_000_019 }, 50_000, [30_000, 20_000]],
  ['97,500円ちょうど', { incomeTaxTaxable: 1_950_000 }, 97_500, [58_500, 39_000]],
  ['97,500円まで', { incomeTaxTaxable: 1_950_020 }, 97_500, [58_500, 39_000]],
  ['97,500円に1円足りない', { incomeTaxTaxable: 1_949_980 }, 97_499, [58_500, 39_000]], // 58,499.4, 38,999.6
  ['特定取得は7%', { specificAcquisition: true }, 70_000, [42_000, 28_000]],
  ['特定取得は136,500円まで', { specificAcquisition: true, incomeTaxTaxable: 1_950_020 }, 136_500, [81_900, 54_600]],
  ['所得税から引ききれない額まで', { creditable: 60_100 }, 50_000, [60, 40]],
  ['1円を3対2に分けて切上げ', { creditable: 60_001 }, 50_000, [1, 1]],
  ['所得税から全て引けた', { creditable: 60_000 }, 0, [0, 0]],
  ['可能額が所得税に満たない', { creditable: 59_999 }, 0, [0, 0]],
  ['所得税がない', { incomeTaxBeforeCredit: 0 }, 0, [0, 0]],
  ['所得税が1円', { incomeTaxBeforeCredit: 1 }, 50_000, [30_000, 20_000]],
  ['平成20年入居', { movedInYear: 2008 }, 0, [0, 0]],
  ['平成21年入居', { movedInYear: 2009 }, 50_000, [30_000, 20_000]],
  ['平成27年入居は基礎控除の増加分を加えない', { movedInYear: 2015 }, 50_000, [30_000, 20_000]],
  ['平成27年入居には1円も加えない', { movedInYear: 2015, incomeTaxTaxable: 1_000_019 }, 50_000, [30_000, 20_000]],
  // 合計所得金額 3,430,000: 680,000 − 480,000
  ['平成28年入居は加える', { movedInYear: 2016 }, 60_000, [36_000, 24_000]],
  ['令和7年入居は加える', { movedInYear: 2025 }, 60_000, [36_000, 24_000]],
  ['令和8年入居は加えない', { movedInYear: 2026 }, 50_000, [30_000, 20_000]],
] as const) {
  test(`地方税法附則第5条の4の2 住宅借入金等: ${what}`, () => {
    const result = taxed(3_000_000, { rest: { housingLoan: loan(changed) } });
    assert.equal(result.housingLoanLimit, limit);
    assert.deepEqual(sides(result, 'housingLoanCredit'), credit);
  });
}
test('地方税法附則第5条の4の2 住宅借入金等: 所得税の基礎控除が48万円以下なら加えない', () => {
  const housingLoan = loan({ movedInYear: 2020, incomeTaxTaxable: 1_000_019 });
  for (const stated of [480_000, 0]) {
    const result = taxed(3_000_000, { rest: { housingLoan, incomeTaxBasicDeduction: yen(stated) } });
    assert.equal(result.housingLoanLimit, 50_000); // 50,000.95
  }
  const more = taxed(3_000_000, { rest: { housingLoan, incomeTaxBasicDeduction: yen(480_001) } });
  assert.equal(more.housingLoanLimit, 50_001);
});
test('地方税法附則第5条の4の2 住宅借入金等: 残った所得割まで', () => {
  const result = taxed(100_000, { rest: { housingLoan: loan() } });
  assert.deepEqual(sides(result, 'housingLoanCredit'), [4_500, 3_000]); // 6,000 − 1,500, 4,000 − 1,000
});

for (const [what, uncredited, nationalLimit, ward, metropolis] of [
  ['都の12%が先、残りは区', 100_000, 500_000, 40_000, 60_000],
  ['都だけで足りる', 50_000, 500_000, 0, 50_000],
  ['都の限度ちょうど', 60_000, 500_000, 0, 60_000],
  ['区の18%まで', 200_000, 500_000, 90_000, 60_000],
  ['限度額の1円未満は切捨て', 200_000, 500_008, 90_001, 60_000], // 90,001.44, 60,000.96
  ['引ききれない額がない', 0, 500_000, 0, 0],
] as const) {
  test(`地方税法第37条の3・第314条の8 外国税額控除: ${what}`, () => {
    const foreignTax = { uncredited: yen(uncredited), nationalLimit: yen(nationalLimit) };
    const result = taxed(3_000_000, { rest: { foreignTax } });
    assert.deepEqual(sides(result, 'foreignTaxCredit'), [ward, metropolis]);
  });
}
test('地方税法第314条の8 外国税額控除: 残った所得割まで', () => {
  const foreignTax = { uncredited: yen(200_000), nationalLimit: yen(500_000) };
  assert.deepEqual(sides(taxed(100_000, { rest: { foreignTax } }), 'foreignTaxCredit'), [4_500, 3_000]);
});

for (const [what, fiscalYear, profit, facts, total] of [
  ['本人', 2024, 5_000_000, {}, 10_000],
  ['配偶者', 2024, 5_000_000, { spouse: { totalIncome: 480_000 } }, 20_000],
  ['配偶者の所得が要件を超える', 2024, 5_000_000, { spouse: { totalIncome: 480_001 } }, 10_000],
  ['国外の配偶者', 2024, 5_000_000, { spouse: { totalIncome: 0, abroad: true } }, 10_000],
  ['専従者の配偶者', 2024, 5_000_000, { spouse: { totalIncome: 0, familyEmployee: true } }, 10_000],
  ['本人の所得1,000万円までの配偶者', 2024, 10_000_000, { spouse: { totalIncome: 0 } }, 20_000],
  ['本人の所得1,000万円を超える配偶者', 2024, 10_000_001, { spouse: { totalIncome: 0 } }, 10_000],
  [
    '扶養親族（16歳未満を含む）',
    2024,
    9_000_000,
    { dependants: { ordinary: 1, specified: 1, elderly: 1, elderlyLivingTogether: 1, underSixteen: 1 } },
    60_000,
  ],
  ['国外の扶養親族を除く', 2024, 5_000_000, { dependants: { ordinary: 3, abroad: 1 } }, 30_000],
  ['合計所得1,805万円', 2024, 18_050_000, {}, 10_000],
  ['合計所得1,805万円超', 2024, 18_050_001, {}, 0],
  ['令和7年度は本人だけではない', 2025, 10_000_001, {}, 0],
  ['令和7年度の同一生計配偶者', 2025, 10_000_001, { spouse: { totalIncome: 480_000 } }, 10_000],
  ['令和7年度の所得が要件を超える配偶者', 2025, 10_000_001, { spouse: { totalIncome: 480_001 } }, 0],
  ['令和7年度の国外の配偶者', 2025, 10_000_001, { spouse: { totalIncome: 0, abroad: true } }, 0],
  ['令和7年度で本人の所得1,000万円まで', 2025, 10_000_000, { spouse: { totalIncome: 0 } }, 0],
  ['令和7年度で本人の所得1,805万円', 2025, 18_050_000, { spouse: { totalIncome: 0 } }, 10_000],
  ['令和7年度で本人の所得1,805万円超', 2025, 18_050_001, { spouse: { totalIncome: 0 } }, 0],
  ['令和7年度の扶養親族', 2025, 10_000_001, { dependants: { underSixteen: 2 } }, 0],
  ['令和8年度は制度がない', 2026, 5_000_000, { spouse: { totalIncome: 0 } }, 0],
] as const satisfies readonly (readonly [string, number, number, EarnerFacts, number])[]) {
  test(`地方税法附則第5条の8・第5条の12 定額減税: ${what} → ${total}円（区6・都4）`, () => {
    const result = checkedAssessment(withProfit(profit, { fiscalYear, ...facts }));
    assert.deepEqual(sides(result, 'flatCut'), [(total * 6) / 10, (total * 4) / 10]);
  });
}
test('AC-42 定額減税と森林環境税: 区60,000円・都40,000円から10,000円が引かれ不足はなく、所得割6,000円では4,000円が不足し、森林環境税は別に残る', () => {
  const taxedIn2024 = (taxable: number, facts: EarnerFacts = {}) => {
    const input = withProfit(taxable + 430_000, { fiscalYear: 2024, ...facts });
    const result = checkedAssessment(input);
    return { result, shortfall: flatCutShortfall(input, result, ratesForYear(2024)) };
  };
  // 61,500 + 41,000 less the 調整控除 of 2,500
  const whole = taxedIn2024(1_025_000);
  const cut = sides(whole.result, 'flatCut');
  const after = sides(whole.result, 'perIncome');
  assert.deepEqual([cut, after, whole.shortfall], [[6_000, 4_000], [54_000, 36_000], 0]);
  assert.equal(cut[0]! + cut[1]!, 10_000);
  assert.deepEqual([cut[0]! + after[0]!, cut[1]! + after[1]!], [60_000, 40_000]);
  // 5,100 + 3,400 less 2,500: 6,000 in all
  const small = taxedIn2024(85_000);
  assert.deepEqual(
    [sides(small.result, 'flatCut'), sides(small.result, 'perIncome'), small.shortfall],
    [[3_600, 2_400], [0, 0], 4_000],
  );
  // 森林環境税 is neither cut nor added to either side; who owes no 所得割 has no shortfall, and a year without a cut none either.
  for (const { result } of [whole, small]) {
    assert.deepEqual([result.forestTax, result.perCapita.ward, result.perCapita.metropolis], [1_000, 3_000, 1_000]);
    assert.equal(result.annualTotal, sides(result, 'perIncome')[0]! + sides(result, 'perIncome')[1]! + 5_000);
  }
  assert.equal(taxedIn2024(0).shortfall, 0);
  assert.equal(taxedIn2024(85_000, { fiscalYear: 2026 }).shortfall, 0);
});
test('地方税法附則第5条の8 定額減税: 残った所得割まで', () => {
  const result = checkedAssessment(withProfit(480_000, { fiscalYear: 2024 }));
  assert.deepEqual(sides(result, 'flatCut'), [1_500, 1_000]);
  assert.deepEqual([result.annualTotal, result.status], [5_000, 'per-capita-only']);
  // Without the cut 2,500 + 5,000: 4,500, 1,000, 1,000, 1,000; the cut of 2,500 from the first
  assert.deepEqual(
    result.collection.instalments.map(({ amount }) => amount),
    [2_000, 1_000, 1_000, 1_000],
  );
});
test('地方税法附則第5条の8 定額減税: 減税がなければ納める額がちょうど千円ずつに分かれる', () => {
  const result = checkedAssessment(withProfit(5_005_000, { fiscalYear: 2024 }));
  // Without the cut 273,000 + 182,000 + 5,000 = 460,000: 115,000 four times; the cut of 10,000 from the first
  assert.deepEqual(
    result.collection.instalments.map(({ amount }) => amount),
    [105_000, 115_000, 115_000, 115_000],
  );
});
test('地方税法附則第5条の8・第314条の9: 定額減税がなければ配当割額が引く額も含めて納期に分け、減税の差を引く', () => {
  const other = { dividends: [separateDividend(20_000, 1_000)] };
  const result = checkedAssessment(withProfit(480_000, { fiscalYear: 2024, other }));
  assert.deepEqual(sides(result, 'flatCut'), [2_100, 1_400]); // 3,600 − 1,500, 2,400 − 1,000
  assert.deepEqual(result.withheldLevy, { withheld: 1_000, shortfall: 1_000, appropriated: 1_000, refund: 0 });
  // Without the cut 1,500 + 1,000 + 5,000 = 7,500: 4,500, 1,000 …; less 7,500 − 4,000
  assert.deepEqual(
    result.collection.instalments.map(({ amount }) => amount),
    [1_000, 1_000, 1_000, 1_000],
  );
});
test('地方税法附則第5条の8: 定額減税も配当割額の控除も100円未満を切り捨てる前に引く', () => {
  const other = { dividends: [separateDividend(1_000_000, 50_001)] };
  const result = checkedAssessment(withProfit(5_010_000, { fiscalYear: 2024, other }));
  // 4,580,000 and 1,000,000: 274,800 + 30,000 − 1,500 = 303,300; 183,200 + 20,000 − 1,000 = 202,200
  assert.deepEqual(sides(result, 'flatCut'), [6_000, 4_000]);
  assert.deepEqual(sides(result, 'withheldLevyCredit'), [30_001, 20_000]); // 30,000.6; the rest
  assert.deepEqual(sides(result, 'perIncome'), [267_200, 178_200]); // 267,299
  // Without the cut 273,200 + 182,200 + 5,000 = 460,400: 115,400 and 115,000; less the cut from the first
  assert.deepEqual(
    result.collection.instalments.map(({ amount }) => amount),
    [105_400, 115_000, 115_000, 115_000],
  );
});

for (const [withheld, ward, metropolis] of [
  [1, 1, 0],
  [5, 3, 2],
  [1_001, 601, 400],
  [50_000, 30_000, 20_000],
] as const) {
  test(`地方税法第37条の4・第314条の9: 配当割額等${withheld}円は区${ward}円・都${metropolis}円`, () => {
    const result = taxed(3_000_000, { other: { dividends: [separateDividend(0, withheld)] } });
    assert.deepEqual(sides(result, 'withheldLevyCredit'), [ward, metropolis]);
    assert.deepEqual(result.withheldLevy, { withheld, shortfall: 0, appropriated: 0, refund: 0 });
  });
}
test('地方税法第314条の9第2項・第3項: 引ききれない配当割額等は均等割等に充て、残りを還付する', () => {
  const of = (withheld: number) => taxed(50_000, { other: { dividends: [separateDividend(0, withheld)] } });
  // 所得割 1,500 and 1,000
  assert.deepEqual(sides(of(2_500), 'withheldLevyCredit'), [1_500, 1_000]);
  assert.deepEqual(of(2_500).withheldLevy, { withheld: 2_500, shortfall: 0, appropriated: 0, refund: 0 });
  assert.deepEqual(of(2_501).withheldLevy, { withheld: 2_501, shortfall: 1, appropriated: 1, refund: 0 });
  assert.deepEqual([of(2_501).annualTotal, of(2_501).payable], [5_000, 4_999]);
  assert.deepEqual(of(7_500).withheldLevy, { withheld: 7_500, shortfall: 5_000, appropriated: 5_000, refund: 0 });
  assert.deepEqual(of(7_501).withheldLevy, { withheld: 7_501, shortfall: 5_001, appropriated: 5_000, refund: 1 });
  assert.deepEqual([of(7_501).payable, of(7_501).collection.method], [0, 'none']);
});

test('地方税法第314条の6〜第314条の9: 控除は調整、配当、住宅、寄附金、外国税額、配当割額の順に、残額から引く', () => {
  const gift = { kind: 'both-sides', amount: yen(52_000), recipient: 'R1', oneStop: false, declared: true } as const;
  const result = taxed(
    1_000_000,
    {
      other: { dividends: [dividend('profit', 200_000), separateDividend(0, 100_000)] },
      rest: {
        returnFiled: true,
        donations: [gift],
        housingLoan: loan({ incomeTaxTaxable: 600_000 }),
        foreignTax: { uncredited: yen(20_000), nationalLimit: yen(100_000) },
      },
    },
    -200_000,
  );
  const lines = ['computed', 'adjustmentCredit', 'dividendCredit', 'housingLoanCredit'] as const;
  assert.deepEqual(
    [...lines, 'donationCredit', 'foreignTaxCredit', 'withheldLevyCredit', 'perIncome'].map((name) =>
      sides(result, name as keyof LevySide),
    ),
    [
      [60_000, 40_000],
      [1_500, 1_000],
      [3_200, 2_400],
      [18_000, 12_000],
      [3_000, 2_000],
      [8_000, 12_000], // 12 % of 100,000 for the metropolis, the rest of 20,000 for the ward
      [26_300, 10_600], // 60,000 and 40,000 against what is left
      [0, 0],
    ],
  );
  assert.equal(result.withheldLevy.shortfall, 63_100);
});

test('地方税法第20条の4の2第3項: 所得割は区と都それぞれ100円未満を切り捨てる', () => {
  const result = taxed(1_001_000); // 60,060 − 1,500 = 58,560; 40,040 − 1,000 = 39,040
  assert.deepEqual(sides(result, 'perIncome'), [58_500, 39_000]);
  assert.equal(result.annualTotal, 102_500);
});

test('地方税法第295条: 課税されない人、家屋敷だけの人、所得割が非課税の人の所得割はすべて0円', () => {
  const facts: EarnerFacts = { rest: { housingLoan: loan() } };
  for (const result of [
    taxed(3_000_000, { ...facts, taxpayer: { residentOnLevyDate: false } }),
    taxed(3_000_000, { ...facts, taxpayer: { kind: 'house-or-office-only' } }),
    taxed(3_000_000, { ...facts, taxpayer: { publicAssistance: true } }),
    taxed(20_000, facts), // 450,000
  ]) {
    for (const name of Object.keys(result.levy.ward) as (keyof LevySide)[])
      assert.deepEqual(sides(result, name), [0, 0]);
    assert.deepEqual([result.housingLoanLimit, result.donationSpecialRate], [0, null]);
  }
  assert.ok(taxed(21_000, facts).levy.ward.computed > 0);
});
