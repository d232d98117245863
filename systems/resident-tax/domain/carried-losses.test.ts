import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { assess } from './assess.ts';
import type { AssessmentInput, CarriedLosses, LandTransfer } from './assessment-input.ts';
import { type BaseName, baseNames } from './assessment-result.ts';
import { carryLosses } from './carried-losses.ts';
import {
  aBusiness,
  checkedAssessment,
  noCarriedLosses,
  revenueOf,
  withoutSalary,
  withProfit,
} from './checked-assessment.ts';
import { incomesOf } from './incomes.ts';
import { recordingTrace } from './trace.ts';

// 令和8年度: incomes of 2025, losses of 2022 to 2024 (of a 特定非常災害 from 2020).
const rates = ratesForYear(2026);
const gain = (amount: number): LandTransfer => ({
  revenue: yen(amount),
  acquisitionCost: yen(0),
  transferExpenses: yen(0),
  specialDeduction: 'none',
});
/** Every base has an income of its own size: twice the one before. */
const everyIncome = withoutSalary({
  other: {
    business: aBusiness(10),
    land: {
      shortGeneral: gain(20),
      shortReduced: gain(40),
      longGeneral: gain(80),
      longSpecified: gain(160),
      longReduced: gain(320),
    },
    dividends: [{ ...revenueOf(640), kind: 'profit', treatment: 'separate', levyWithheld: yen(0) }],
    generalStocks: revenueOf(1_280),
    listedStocks: [{ ...revenueOf(2_560), declared: true, levyWithheld: yen(0) }],
    futures: revenueOf(5_120),
    forestry: revenueOf(510_240),
    declaredRetirement: { amount: yen(820_480), serviceYears: 1, officer: true, disabilityRetirement: false },
  },
});
const before: Readonly<Record<BaseName, number>> = {
  aggregate: 10,
  shortGeneral: 20,
  shortReduced: 40,
  longGeneral: 80,
  longSpecified: 160,
  longReduced: 320,
  listedDividends: 640,
  generalStocks: 1_280,
  listedStocks: 2_560,
  futures: 5_120,
  forestry: 10_240,
  retirement: 20_480,
};
const all = 40_950;

type Losses = Partial<CarriedLosses>;
function carried(losses: Losses, incomes: AssessmentInput = everyIncome) {
  const input = { ...incomes, carriedLosses: { ...noCarriedLosses, ...losses } };
  const result = checkedAssessment(input);
  const after = carryLosses(input, incomesOf(input, rates, null), rates, null);
  assert.deepEqual(result.carriedLosses, after.used);
  assert.equal(result.totalIncomeAfterLosses, after.totalIncome);
  assert.equal(result.warnings.includes('carried-loss-out-of-term'), after.outOfTerm);
  return after;
}
const loss = (incomeYear: number, amount: number) => ({ incomeYear, amount: yen(amount) });
const net = (incomeYear: number, amount: number, kind: 'ordinary' | 'forestry' = 'ordinary', disaster = false) => ({
  ...loss(incomeYear, amount),
  kind,
  specifiedDisaster: disaster,
});
const casualty = (incomeYear: number, amount: number, disaster = false) => ({
  ...loss(incomeYear, amount),
  specifiedDisaster: disaster,
});

test('地方税法第313条第8項・第9項: 繰越損失がなければそのまま', () => {
  const after = carryLosses(everyIncome, incomesOf(everyIncome, rates, null), rates, null);
  assert.deepEqual([after.bases, after.totalIncome, after.outOfTerm], [before, all, false]);
  const none = carried({});
  assert.deepEqual([none.bases, none.totalIncome, none.outOfTerm], [before, all, false]);
  assert.deepEqual(none.used, { netLoss: 0, casualtyLoss: 0, homeLoss: 0, listedStockLoss: 0, futuresLoss: 0 });
});

/** [name, losses, the kind used, how much, the bases that change] */
const cases: readonly (readonly [string, Losses, string, number, Partial<Record<BaseName, number>>])[] = [
  [
    '附則第35条の2の6 上場株式等: 株式から先に',
    { listedStock: [loss(2024, 2_000)] },
    'listedStockLoss',
    2_000,
    { listedStocks: 560 },
  ],
  [
    '附則第35条の2の6 上場株式等: 次に申告分離の配当から',
    { listedStock: [loss(2024, 3_000)] },
    'listedStockLoss',
    3_000,
    { listedStocks: 0, listedDividends: 200 },
  ],
  [
    '附則第35条の2の6 上場株式等: 他の所得からは引かない',
    { listedStock: [loss(2024, 9_000)] },
    'listedStockLoss',
    3_200,
    { listedStocks: 0, listedDividends: 0 },
  ],
  ['附則第35条の4の2 先物: 先物から', { futures: [loss(2024, 5_000)] }, 'futuresLoss', 5_000, { futures: 120 }],
  [
    '附則第35条の4の2 先物: 他の所得からは引かない',
    { futures: [loss(2024, 9_000)] },
    'futuresLoss',
    5_120,
    { futures: 0 },
  ],
  ['第313条第8項 純損失: 総所得から先に', { net: [net(2024, 7)] }, 'netLoss', 7, { aggregate: 3 }],
  [
    '第313条第8項 純損失: 次に山林から',
    { net: [net(2024, 10_010)] },
    'netLoss',
    10_010,
    { aggregate: 0, forestry: 240 },
  ],
  [
    '第313条第8項 純損失: 次に退職から',
    { net: [net(2024, 10_350)] },
    'netLoss',
    10_350,
    { aggregate: 0, forestry: 0, retirement: 20_380 },
  ],
  [
    '第313条第8項 純損失: 分離課税の所得からは引かない',
    { net: [net(2024, 99_999)] },
    'netLoss',
    30_730,
    { aggregate: 0, forestry: 0, retirement: 0 },
  ],
  [
    '第313条第8項 山林の純損失: 山林から先に',
    { net: [net(2024, 240, 'forestry')] },
    'netLoss',
    240,
    { forestry: 10_000 },
  ],
  [
    '第313条第8項 山林の純損失: 次に総所得、退職から',
    { net: [net(2024, 10_245, 'forestry')] },
    'netLoss',
    10_245,
    { forestry: 0, aggregate: 5 },
  ],
  [
    '第313条第8項 山林の純損失: 総所得の次に退職から',
    { net: [net(2024, 10_730, 'forestry')] },
    'netLoss',
    10_730,
    { forestry: 0, aggregate: 0, retirement: 20_000 },
  ],
  ['附則第4条 居住用財産: 長期一般から先に', { home: [loss(2024, 30)] }, 'homeLoss', 30, { longGeneral: 50 }],
  [
    '附則第4条 居住用財産: 長期、短期、総所得、山林、退職の順に',
    { home: [loss(2024, 80 + 160 + 320 + 20 + 40 + 10 + 10_240 + 480)] },
    'homeLoss',
    11_350,
    {
      longGeneral: 0,
      longSpecified: 0,
      longReduced: 0,
      shortGeneral: 0,
      shortReduced: 0,
      aggregate: 0,
      forestry: 0,
      retirement: 20_000,
    },
  ],
  [
    '附則第4条 居住用財産: 短期は長期の後',
    { home: [loss(2024, 80 + 160 + 320 + 25)] },
    'homeLoss',
    585,
    { longGeneral: 0, longSpecified: 0, longReduced: 0, shortGeneral: 0, shortReduced: 35 },
  ],
  [
    '附則第4条 居住用財産: 株式・配当・先物からは引かない',
    { home: [loss(2024, 99_999)] },
    'homeLoss',
    31_350,
    {
      longGeneral: 0,
      longSpecified: 0,
      longReduced: 0,
      shortGeneral: 0,
      shortReduced: 0,
      aggregate: 0,
      forestry: 0,
      retirement: 0,
    },
  ],
];
for (const [name, losses, kind, used, changed] of cases) {
  test(`繰越控除 ${name}`, () => {
    const after = carried(losses);
    assert.deepEqual(after.used, {
      netLoss: 0,
      casualtyLoss: 0,
      homeLoss: 0,
      listedStockLoss: 0,
      futuresLoss: 0,
      [kind]: used,
    });
    assert.deepEqual(after.bases, { ...before, ...changed });
    assert.equal(after.totalIncome, all - used);
  });
}

test('地方税法第313条第9項 雑損失: 課税標準の順にすべての所得から引く', () => {
  let sum = 0;
  for (const [i, name] of baseNames.entries()) {
    const after = carried({ casualty: [casualty(2024, sum + 3)] });
    assert.deepEqual(
      after.bases,
      Object.fromEntries(baseNames.map((each, j) => [each, j < i ? 0 : j === i ? before[each] - 3 : before[each]])),
      name,
    );
    sum += before[name];
  }
  assert.equal(carried({ casualty: [casualty(2024, 99_999)] }).used.casualtyLoss, all);
});

for (const [year, ordinary, disaster] of [
  [2019, false, false],
  [2020, false, true],
  [2021, false, true],
  [2022, true, true],
  [2024, true, true],
  [2025, false, false],
] as const) {
  test(`地方税法第313条第8項・第9項 繰越しの期間: ${year}年の損失は3年${ordinary ? '内' : '外'}、特定非常災害の5年${disaster ? '内' : '外'}`, () => {
    const of = (losses: Losses) => {
      const after = carried(losses);
      return [Object.values(after.used).reduce((total, amount) => total + amount, 0), after.outOfTerm];
    };
    const expected = ordinary ? [5, false] : [0, true];
    assert.deepEqual(of({ net: [net(year, 5)] }), expected);
    assert.deepEqual(of({ net: [net(year, 5, 'ordinary', true)] }), disaster ? [5, false] : [0, true]);
    assert.deepEqual(of({ casualty: [casualty(year, 5)] }), expected);
    assert.deepEqual(of({ casualty: [casualty(year, 5, true)] }), disaster ? [5, false] : [0, true]);
    assert.deepEqual(of({ home: [loss(year, 5)] }), expected);
    assert.deepEqual(of({ listedStock: [loss(year, 5)] }), expected);
    assert.deepEqual(of({ futures: [loss(year, 5)] }), expected);
  });
}
test('地方税法第313条: 期間内の損失は期間外の損失と並んでいても引く', () => {
  const after = carried({ net: [net(2021, 5), net(2022, 3), net(2024, 1)] });
  assert.deepEqual([after.used.netLoss, after.outOfTerm], [4, true]);
});

const only = (aggregate: number): AssessmentInput => withProfit(aggregate);
test('地方税法第313条第8項・第9項: 古い年の損失が先、同じ年は純損失が先', () => {
  const same = carried({ net: [net(2023, 6)], casualty: [casualty(2023, 6)] }, only(10));
  assert.deepEqual([same.used.netLoss, same.used.casualtyLoss], [6, 4]);
  const older = carried({ net: [net(2024, 6)], casualty: [casualty(2022, 6)] }, only(10));
  assert.deepEqual([older.used.netLoss, older.used.casualtyLoss], [4, 6]);
  const disaster = carried({ net: [net(2022, 6)], casualty: [casualty(2020, 6, true)] }, only(10));
  assert.deepEqual([disaster.used.netLoss, disaster.used.casualtyLoss], [4, 6]);
});
test('所得税法施行令第201条: 書類の順がどうであれ、最も古い年の損失から引く', () => {
  const trace = recordingTrace(rates.version);
  const net = [2024, 2022, 2023].map((incomeYear) => ({
    kind: 'ordinary' as const,
    incomeYear,
    amount: yen(100),
    specifiedDisaster: false,
  }));
  assess({ ...withProfit(1_000), carriedLosses: { ...noCarriedLosses, net } }, rates, trace);
  const years = trace.steps.filter(({ id }) => id === 'loss-taken').map(({ inputs }) => inputs[1]);
  assert.deepEqual(years, [2022, 2023, 2024]);
});

test('附則第4条: 居住用財産の損失は純損失・雑損失の後', () => {
  const after = carried({ home: [loss(2022, 6)], net: [net(2024, 6)], casualty: [casualty(2024, 2)] }, only(10));
  assert.deepEqual([after.used.netLoss, after.used.casualtyLoss, after.used.homeLoss], [6, 2, 2]);
  assert.deepEqual([after.bases.aggregate, after.totalIncome], [0, 0]);
});
test('附則第35条の2の6・第35条の4の2: 株式と先物の損失は雑損失より先', () => {
  const after = carried({
    listedStock: [loss(2024, 2_560)],
    futures: [loss(2024, 5_120)],
    casualty: [casualty(2022, 99_999)],
  });
  assert.deepEqual(
    [after.used.listedStockLoss, after.used.futuresLoss, after.used.casualtyLoss],
    [2_560, 5_120, all - 7_680],
  );
});
test('附則第4条第9項: 居住用財産の損失は合計所得3,000万円以下の年だけ引く', () => {
  const of = (profit: number) => carried({ home: [loss(2024, 1_000_000)] }, only(profit)).used.homeLoss;
  assert.deepEqual([of(30_000_000), of(30_000_001)], [1_000_000, 0]);
});
test('地方税法第313条第9項: 土地建物からは特別控除の後の額だけ引く', () => {
  const after = carried(
    { casualty: [casualty(2024, 3_000_000)] },
    withoutSalary({
      other: { land: { longGeneral: { ...gain(10_000_000), specialDeduction: 'farmland' } } },
    }),
  );
  assert.deepEqual([after.used.casualtyLoss, after.bases.longGeneral, after.totalIncome], [2_000_000, 0, 8_000_000]);
});
test('地方税法第313条第8項: 引いた残りの総所得金額等で所得割の非課税と控除を判定する', () => {
  const input = { ...only(1_000_000), carriedLosses: { ...noCarriedLosses, net: [net(2024, 200_000)] } };
  const result = checkedAssessment(input);
  assert.deepEqual([result.incomes.totalIncome, result.totalIncomeAfterLosses], [1_000_000, 800_000]);
  assert.equal(result.bases.aggregate, 370_000);
});
