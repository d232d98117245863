import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sum, yen } from '@musubi/kernel/yen/yen.ts';
import { type LocalRates, ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner, type EarnerFacts } from './an-earner.ts';
import { assess as assessInput } from './assess.ts';
import type { AssessmentResult } from './assessment-result.ts';

const assess = (facts: EarnerFacts, local?: LocalRates): AssessmentResult =>
  assessInput(anEarner(facts), ratesForYear(facts.fiscalYear ?? 2026, local), null);
const amounts = (result: AssessmentResult): readonly number[] =>
  result.collection.instalments.map((part) => part.amount);

const base = ratesForYear(2026);
const designated = (
  name: string,
  change: { metropolisPerCapita?: number; rates?: readonly [[number, number], [number, number]] } = {},
): LocalRates => ({
  name,
  rates: {
    levy: {
      ...base.levy,
      wardPerIncome: change.rates?.[0] ?? [8, 100],
      metropolisPerIncome: change.rates?.[1] ?? [2, 100],
      metropolisPerCapita: change.metropolisPerCapita ?? 1_000,
    },
  },
});
/** 指定都市: 調整控除 4 % and 1 %. */
const designatedFor = (year: number, local: LocalRates): LocalRates => ({
  ...local,
  rates: {
    ...local.rates,
    adjustmentCredit: { ...ratesForYear(year).adjustmentCredit, ward: [4, 100], metropolis: [1, 100] },
  },
});

test('所得割と期割: 給与4,000,000円・社会保険料600,000円（令和8年度）', () => {
  const facts = { salaries: [4_000_000], socialInsurance: 600_000 };
  const result = assess(facts);
  assert.equal(result.incomes.salary, 2_760_000);
  assert.equal(result.deductions.total, 1_030_000);
  assert.equal(result.bases.aggregate, 1_730_000);
  assert.deepEqual([result.levy.ward.computed, result.levy.metropolis.computed], [103_800, 69_200]);
  assert.deepEqual([result.levy.ward.perIncome, result.levy.metropolis.perIncome], [102_300, 68_200]);
  assert.equal(result.annualTotal, 175_500);
  assert.deepEqual(amounts(result), [46_500, 43_000, 43_000, 43_000]);
  const special = assess({ ...facts, rest: { specialCollection: true } });
  assert.deepEqual(amounts(special), [14_900, ...Array.from({ length: 11 }, () => 14_600)]);
});

test('新潟市の計算例（令和8年度・給与所得者(1)、指定都市）', () => {
  const facts: EarnerFacts = {
    salaries: [5_000_000],
    socialInsurance: 500_000,
    spouse: { totalIncome: 0 },
    dependants: { ordinary: 1, underSixteen: 1 },
  };
  const result = assess(facts, designatedFor(2026, designated('niigata')));
  assert.equal(result.bases.aggregate, 1_970_000);
  assert.deepEqual([result.levy.ward.computed, result.levy.metropolis.computed], [157_600, 39_400]);
  assert.deepEqual([result.levy.ward.adjustmentCredit, result.levy.metropolis.adjustmentCredit], [6_000, 1_500]);
  assert.deepEqual([result.levy.ward.perIncome, result.levy.metropolis.perIncome], [151_600, 37_900]);
  assert.equal(result.annualTotal, 194_500);
  assert.deepEqual(amounts(result), [50_500, 48_000, 48_000, 48_000]);
  const special = assess({ ...facts, rest: { specialCollection: true } }, designatedFor(2026, designated('niigata')));
  assert.deepEqual(amounts(special), [16_300, ...Array.from({ length: 11 }, () => 16_200)]);
});

test('あきる野市 設例1（令和8年度の制度）: 特定親族特別控除を含む', () => {
  const result = assess({
    salaries: [7_000_000],
    socialInsurance: 700_000,
    life: { newGeneral: 100_000, newCare: 32_000 },
    earthquake: 40_000,
    spouse: { totalIncome: 580_000 },
    dependants: { specified: 1, ordinary: 1, underTwentyThree: 2 },
    specificRelatives: [1_100_000, 950_000],
  });
  assert.equal(result.incomes.salary, 5_200_000);
  assert.equal(result.deductions.total, 2_970_000);
  assert.equal(result.deductions.specificRelatives, 660_000);
  assert.equal(result.bases.aggregate, 2_230_000);
  assert.equal(result.personalDifference, 330_000);
  assert.deepEqual([result.levy.ward.perIncome, result.levy.metropolis.perIncome], [130_800, 87_200]);
  assert.equal(result.annualTotal, 223_000);
});

test('広島市の計算例（令和6年度）: 定額減税と所得金額調整控除', () => {
  const result = assess(
    {
      fiscalYear: 2024,
      salaries: [9_000_000],
      socialInsurance: 900_000,
      life: { oldGeneral: 70_000 },
      earthquake: 20_000,
      spouse: { totalIncome: 0 },
      dependants: { ordinary: 1, specified: 1, underTwentyThree: 2 },
    },
    designatedFor(2024, designated('hiroshima', { metropolisPerCapita: 1_500 })),
  );
  assert.equal(result.incomes.salary, 7_000_000);
  assert.equal(result.bases.aggregate, 4_515_000);
  assert.deepEqual([result.levy.ward.flatCut, result.levy.metropolis.flatCut], [32_000, 8_000]);
  assert.equal(result.annualTotal, 414_500);
});

test('相模原市の計算例（令和6年度）: 県2.025%、定額減税の県分は1円未満切上げ', () => {
  const result = assess(
    {
      fiscalYear: 2024,
      salaries: [5_000_000],
      socialInsurance: 500_000,
      life: { oldGeneral: 120_000, newPension: 70_000, newCare: 60_000 },
      spouse: { totalIncome: 0 },
      dependants: { ordinary: 1, underSixteen: 1 },
    },
    designatedFor(
      2024,
      designated('sagamihara', {
        metropolisPerCapita: 1_300,
        rates: [
          [8, 100],
          [2_025, 100_000],
        ],
      }),
    ),
  );
  assert.equal(result.bases.aggregate, 1_900_000);
  assert.deepEqual([result.levy.ward.computed, result.levy.metropolis.computed], [152_000, 38_475]);
  assert.deepEqual([result.levy.ward.flatCut, result.levy.metropolis.flatCut], [31_916, 8_084]);
  assert.deepEqual([result.levy.ward.perIncome, result.levy.metropolis.perIncome], [114_000, 28_800]);
  assert.equal(result.annualTotal, 148_100);
});

test('調整措置: 給与1,870,000円・配偶者（令和9年度）で所得割は10,000円になる（附則3条の3第2項・第5項）', () => {
  const result = assess({ fiscalYear: 2027, salaries: [1_870_000], spouse: { totalIncome: 0 } });
  assert.equal(result.incomes.totalIncome, 1_130_000);
  assert.equal(result.levy.ward.adjustmentMeasure + result.levy.metropolis.adjustmentMeasure, 22_000);
  assert.equal(result.levy.ward.perIncome + result.levy.metropolis.perIncome, 10_000 - (10_000 % 100));
});

test('ひとり親（母）・給与2,800,000円（令和7年度）の年税額は75,000円', () => {
  const result = assess({
    fiscalYear: 2025,
    salaries: [2_800_000],
    socialInsurance: 400_000,
    taxpayer: { singleParent: true },
    dependants: { underSixteen: 1, underTwentyThree: 1 },
  });
  assert.equal(result.incomes.salary, 1_880_000);
  assert.equal(result.bases.aggregate, 750_000);
  assert.equal(result.annualTotal, 75_000);
});

test('ふるさと納税50,000円（令和8年度）: 特例控除は所得割の2割まで', () => {
  const gift = { kind: 'hometown', amount: yen(50_000), recipient: '131105', oneStop: false, declared: true } as const;
  const result = assess({
    salaries: [4_000_000],
    socialInsurance: 600_000,
    rest: { donations: [gift], returnFiled: true },
  });
  assert.deepEqual([result.levy.ward.donationBasic, result.levy.metropolis.donationBasic], [2_880, 1_920]);
  assert.deepEqual([result.levy.ward.donationSpecial, result.levy.metropolis.donationSpecial], [20_460, 13_640]);
  assert.deepEqual([result.levy.ward.perIncome, result.levy.metropolis.perIncome], [78_900, 52_600]);
});

test('申告特例: 5団体までは控除し、6団体では控除せず知らせる。申告があれば無効になる', () => {
  const gifts = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      kind: 'hometown' as const,
      amount: yen(10_000),
      recipient: `R${i}`,
      oneStop: true,
      declared: true,
    }));
  const five = assess({ salaries: [8_000_000], rest: { donations: gifts(5) } });
  assert.ok(five.levy.ward.donationOneStop > 0);
  assert.deepEqual(five.warnings, []);
  const six = assess({ salaries: [8_000_000], rest: { donations: gifts(6) } });
  assert.equal(six.levy.ward.donationCredit, 0);
  assert.deepEqual(six.warnings, ['one-stop-over-five-recipients']);
  const filed = assess({ salaries: [8_000_000], rest: { donations: gifts(5), returnFiled: true } });
  assert.equal(filed.levy.ward.donationOneStop, 0);
  assert.deepEqual(filed.warnings, ['one-stop-void-by-return']);
});

test('住宅借入金等特別税額控除: 可能額150,000円・所得税60,000円・課税1,500,000円・令和5年入居（令和7年度）は75,000円', () => {
  const result = assess({
    fiscalYear: 2025,
    rest: {
      housingLoan: {
        movedInYear: 2023,
        creditable: yen(150_000),
        incomeTaxBeforeCredit: yen(60_000),
        incomeTaxTaxable: yen(1_500_000),
        specificAcquisition: false,
      },
    },
  });
  assert.deepEqual([result.levy.ward.housingLoanCredit, result.levy.metropolis.housingLoanCredit], [45_000, 30_000]);
});

const salaryRows = [
  [2025, 550_999, 0],
  [2025, 551_000, 1_000],
  [2025, 1_618_999, 1_068_999],
  [2025, 1_619_000, 1_069_000],
  [2025, 1_627_999, 1_074_000],
  [2025, 1_628_000, 1_076_800],
  [2025, 1_799_999, 1_177_600],
  [2025, 1_800_000, 1_180_000],
  [2026, 650_999, 0],
  [2026, 651_000, 1_000],
  [2026, 1_500_000, 850_000],
  [2026, 1_899_999, 1_249_999],
  [2026, 1_900_000, 1_250_000],
  [2026, 3_599_999, 2_437_200],
  [2026, 3_600_000, 2_440_000],
  [2026, 6_599_999, 4_836_800],
  [2026, 6_600_000, 4_840_000],
  [2026, 7_654_321, 5_788_888],
  [2026, 8_499_999, 6_549_999],
  [2026, 8_500_000, 6_550_000],
  [2027, 740_999, 0],
  [2027, 741_000, 1_000],
  [2027, 1_500_000, 760_000],
  [2027, 2_190_999, 1_450_999],
  [2027, 2_191_000, 1_451_000],
  [2027, 2_199_999, 1_456_000],
  [2027, 2_200_000, 1_460_000],
] as const;
for (const [fiscalYear, revenue, income] of salaryRows) {
  test(`給与所得: ${fiscalYear}年度 収入${revenue}円 → ${income}円（所得税法別表第五）`, () => {
    assert.equal(assess({ fiscalYear, salaries: [revenue] }).incomes.salary, income);
  });
}

test('給与の支払者が2人でも収入を合計してから給与所得を求める', () => {
  assert.equal(
    assess({ salaries: [3_000_000, 1_000_000] }).incomes.salary,
    assess({ salaries: [4_000_000] }).incomes.salary,
  );
});

test('所得金額調整控除: 収入8,970,000円・23歳未満の扶養親族で47,000円', () => {
  assert.equal(
    assess({ salaries: [8_970_000], dependants: { underSixteen: 1, underTwentyThree: 1 } }).incomes
      .incomeAdjustmentChild,
    47_000,
  );
  assert.equal(
    assess({ salaries: [8_500_000], dependants: { underSixteen: 1, underTwentyThree: 1 } }).incomes
      .incomeAdjustmentChild,
    0,
  );
  assert.equal(assess({ salaries: [8_500_001], taxpayer: { disability: 'special' } }).incomes.incomeAdjustmentChild, 1);
  assert.equal(assess({ salaries: [8_970_000] }).incomes.incomeAdjustmentChild, 0);
});

/** [年度, 人数, 均等割が非課税となる給与収入の上限, 所得割の同じ上限] 総務省・大阪市の目安 */
const limits = [
  [2025, 0, 1_000_000, 1_000_000],
  [2025, 1, 1_560_000, undefined],
  [2025, 2, 2_059_999, undefined],
  [2026, 0, 1_100_000, 1_100_000],
  [2026, 1, 1_660_000, 1_770_000],
  [2026, 2, 2_059_999, 2_215_999],
  [2026, 3, 2_559_999, 2_715_999],
  [2027, 0, 1_190_000, 1_190_000],
  [2027, 1, 1_750_000, 1_860_000],
  [2027, 2, 2_100_000, 2_215_999],
  [2027, 3, 2_559_999, 2_715_999],
] as const;
for (const [fiscalYear, heads, perCapita, perIncome] of limits) {
  test(`非課税限度額: ${fiscalYear}年度 扶養${heads}人 均等割は収入${perCapita}円まで（法295条3項、附則3条の3）`, () => {
    const at = (revenue: number) =>
      assess({ fiscalYear, salaries: [revenue], dependants: { underSixteen: heads } }).exemption;
    assert.equal(at(perCapita).perCapitaExempt, true);
    assert.equal(at(perCapita + 1).perCapitaExempt, false);
    if (perIncome !== undefined) {
      assert.equal(at(perIncome).perIncomeExempt, true);
      assert.equal(at(perIncome + 1).perIncomeExempt, false);
    }
  });
}

for (const [fiscalYear, limit] of [
  [2025, 2_043_999],
  [2026, 2_043_999],
  [2027, 2_090_000],
] as const) {
  test(`障害者は合計所得1,350,000円まで非課税: ${fiscalYear}年度 給与収入${limit}円まで（法295条1項2号）`, () => {
    const at = (revenue: number) => assess({ fiscalYear, salaries: [revenue], taxpayer: { disability: 'ordinary' } });
    assert.deepEqual(at(limit).exemption.full, ['disabled']);
    assert.equal(at(limit).status, 'exempt');
    assert.deepEqual(at(limit + 1).exemption.full, []);
  });
}

test('未成年者: 令和8年度は2008年1月3日以後に生まれた人（年齢計算ニ関スル法律）', () => {
  const born = (day: string) => assess({ salaries: [1_500_000], taxpayer: { bornOn: Temporal.PlainDate.from(day) } });
  assert.deepEqual(born('2008-01-03').exemption.full, ['minor']);
  assert.deepEqual(born('2008-01-02').exemption.full, []);
});

test('1月1日の状況: 生活扶助は非課税、前日までの死亡・当日までの出国・非居住は課税しない（法39条・318条）', () => {
  const day = Temporal.PlainDate.from;
  assert.equal(assess({ taxpayer: { publicAssistance: true } }).status, 'exempt');
  assert.equal(assess({ taxpayer: { diedOn: day('2025-12-31') } }).status, 'not-taxable');
  assert.equal(assess({ taxpayer: { diedOn: day('2026-01-01') } }).status, 'taxed');
  assert.equal(assess({ taxpayer: { departedOn: day('2026-01-01') } }).status, 'not-taxable');
  assert.equal(assess({ taxpayer: { departedOn: day('2026-01-02') } }).status, 'taxed');
  assert.equal(assess({ taxpayer: { residentOnLevyDate: false } }).exemption.notTaxable, 'not-resident');
  assert.equal(assess({ taxpayer: { kind: 'house-or-office-only', residentOnLevyDate: false } }).annualTotal, 4_000);
});

for (const [income, amount] of [
  [580_000, 330_000],
  [580_001, 330_000],
  [1_000_000, 330_000],
  [1_000_001, 310_000],
  [1_330_000, 30_000],
  [1_330_001, 0],
] as const) {
  test(`配偶者・配偶者特別控除（令和8年度）: 配偶者の合計所得${income}円 → ${amount}円`, () => {
    const { deductions } = assess({ salaries: [6_000_000], spouse: { totalIncome: income } });
    assert.equal(deductions.spouse + deductions.spouseSpecial, amount);
    assert.equal(deductions.spouse > 0, income <= 580_000);
  });
}

const premiums = [
  [{ newGeneral: 12_000 }, 12_000],
  [{ newGeneral: 12_001 }, 12_001],
  [{ newGeneral: 32_000 }, 22_000],
  [{ newGeneral: 56_000 }, 28_000],
  [{ newGeneral: 90_000 }, 28_000],
  [{ oldGeneral: 15_000 }, 15_000],
  [{ oldGeneral: 40_000 }, 27_500],
  [{ oldGeneral: 70_000 }, 35_000],
  [{ newGeneral: 30_000, oldGeneral: 30_000 }, 28_000],
  [{ newGeneral: 1_000, oldGeneral: 70_000 }, 35_000],
  [{ newGeneral: 90_000, newCare: 90_000, newPension: 90_000 }, 70_000],
] as const;
for (const [life, amount] of premiums) {
  test(`生命保険料控除: ${JSON.stringify(life)} → ${amount}円（法314条の2第1項5号）`, () => {
    assert.equal(assess({ life }).deductions.lifeInsurance, amount);
  });
}

test('INC-15 定額減税の都分は1円未満切上げ: 区33,200円・都22,600円・減税20,000円のとき都8,101円、区11,899円', () => {
  // 33,200 ÷ 6 % と 22,600 ÷ 4 % は一致しないため、税率を変えて同じ所得割を作る
  const local: LocalRates = {
    name: 'inc-15',
    rates: {
      levy: { ...base.levy, wardPerIncome: [332, 10_000], metropolisPerIncome: [226, 10_000] },
      adjustmentCredit: { ...ratesForYear(2024).adjustmentCredit, ward: [0, 1], metropolis: [0, 1] },
    },
  };
  const result = assess(
    { fiscalYear: 2024, salaries: [2_830_000], socialInsurance: 469_000, dependants: { underSixteen: 1 } },
    local,
  );
  assert.equal(result.bases.aggregate, 1_000_000);
  assert.deepEqual([result.levy.ward.flatCut, result.levy.metropolis.flatCut], [11_899, 8_101]);
  assert.equal(result.levy.ward.perIncome + result.levy.metropolis.perIncome, 35_700);
});

test('令和6年度の特別徴収: 6月は0円、7月から11回、合計は年税額', () => {
  const result = assess({
    fiscalYear: 2024,
    salaries: [4_000_000],
    socialInsurance: 600_000,
    rest: { specialCollection: true },
  });
  const parts = result.collection.instalments.map((part) => part.amount);
  assert.equal(parts[0], 0);
  assert.equal(parts.length, 12);
  assert.equal(sum(parts), result.annualTotal);
});

test('均等割相当額以下の税額は1回で徴収する', () => {
  const facts: EarnerFacts = { salaries: [1_110_000], dependants: {}, socialInsurance: 100_000 };
  const result = assess(facts);
  assert.equal(result.status, 'per-capita-only');
  assert.deepEqual(amounts(result), [5_000, 0, 0, 0]);
  assert.equal(amounts(assess({ ...facts, rest: { specialCollection: true } }))[0], 5_000);
});

test('5月31日までに死亡した人は普通徴収に変わる', () => {
  const died = (day: string) =>
    assess({ taxpayer: { diedOn: Temporal.PlainDate.from(day) }, rest: { specialCollection: true } }).collection.method;
  assert.equal(died('2026-05-31'), 'ordinary');
  assert.equal(died('2026-06-01'), 'special');
});

test('年度の異なる税率を渡すのは誤り', () => {
  assert.throws(() => assessInput(anEarner({ fiscalYear: 2025 }), ratesForYear(2026), null));
  assert.throws(() => ratesForYear(2028));
});
