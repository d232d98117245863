import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { Dividend, ListedStocks, OtherIncomes, Transfer } from './assessment-input.ts';
import { aBusiness, checkedAssessment, revenueOf, someIncomes, withoutSalary } from './checked-assessment.ts';
import { noOtherAmounts, type OtherAmounts, otherAmountsOf } from './other-incomes.ts';

/** The amounts of these incomes beside a salary; the whole assessment is held to its reasons as well. */
function amounts(incomes: Partial<OtherIncomes>, salary = 0, fiscalYear = 2026): OtherAmounts {
  checkedAssessment(withoutSalary({ fiscalYear, salaries: salary === 0 ? [] : [salary], other: incomes }));
  return otherAmountsOf(someIncomes(incomes), yen(salary), ratesForYear(fiscalYear), null);
}

test('所得税法第23条〜第35条: 収入のない人はすべて0円', () => {
  assert.deepEqual(amounts({}), noOtherAmounts);
});

test('所得税法第23条・第27条: 利子は収入のまま、事業は収入から必要経費を引き、損失も残す', () => {
  assert.equal(amounts({ interest: yen(12_345) }).interest, 12_345);
  assert.equal(amounts({ business: aBusiness(3_000_000) }).business, 3_000_000);
  assert.equal(amounts({ business: { ...aBusiness(0), ...revenueOf(100, 500) } }).business, -400);
  assert.equal(amounts({ farm: revenueOf(500, 200) }).business, 300);
  assert.equal(amounts({ farm: revenueOf(100, 500), business: aBusiness(1_000) }).business, 600);
});

for (const [what, fiscalYear, revenue, costs, salary, profit] of [
  ['令和8年度は65万円', 2026, 1_000_000, 100_000, 0, 350_000],
  ['令和7年度は55万円', 2025, 1_000_000, 100_000, 0, 450_000],
  ['令和9年度は74万円', 2027, 1_000_000, 100_000, 0, 260_000],
  ['給与収入だけ下がる', 2026, 1_000_000, 100_000, 200_000, 550_000],
  ['給与収入が65万円あれば実際の経費', 2026, 1_000_000, 100_000, 650_000, 900_000],
  ['給与収入が65万円を超えても実際の経費', 2026, 1_000_000, 100_000, 900_000, 900_000],
  ['実際の経費が多ければそのまま', 2026, 1_000_000, 700_000, 0, 300_000],
  ['収入を超えて引かない', 2026, 400_000, 100_000, 0, 0],
  ['損失はそのまま', 2026, 400_000, 700_000, 0, -300_000],
] as const) {
  test(`租税特別措置法第27条 家内労働者等の特例: ${what}`, () => {
    const business = { ...aBusiness(0), ...revenueOf(revenue, costs) };
    const miscellaneousBusiness = revenueOf(revenue, costs);
    const ofBusiness = amounts({ business, miscellaneousBusiness, homeWorkerRule: 'business' }, salary, fiscalYear);
    assert.deepEqual([ofBusiness.business, ofBusiness.miscellaneous], [profit, revenue - costs]);
    const ofOther = amounts({ business, miscellaneousBusiness, homeWorkerRule: 'miscellaneous' }, salary, fiscalYear);
    assert.deepEqual([ofOther.business, ofOther.miscellaneous], [revenue - costs, profit]);
    const none = amounts({ business, miscellaneousBusiness }, salary, fiscalYear);
    assert.deepEqual([none.business, none.miscellaneous], [revenue - costs, revenue - costs]);
  });
}

for (const [what, profit, spouse, others, deduction] of [
  ['配偶者は86万円まで', 3_000_000, true, 0, 860_000],
  ['配偶者も所得の2分の1まで', 1_000_000, true, 0, 500_000],
  ['2分の1の1円未満は切捨て', 1_000_001, true, 0, 500_000],
  ['配偶者は所得の2分の1がちょうど86万円', 1_720_000, true, 0, 860_000],
  ['他の親族は50万円まで', 2_000_000, false, 1, 500_000],
  ['他の親族2人、所得の3分の1ずつ', 900_000, false, 2, 600_000],
  ['配偶者と他の親族2人', 4_000_000, true, 2, 1_860_000],
  ['配偶者と他の親族1人、所得の3分の1ずつ', 2_100_000, true, 1, 1_200_000], // 700,000 + 500,000
  ['専従者がいない', 3_000_000, false, 0, 0],
  ['損失があれば引かない', -3_000_000, true, 1, 0],
] as const) {
  test(`地方税法第313条第4項 事業専従者: ${what} → ${deduction}円`, () => {
    const business = { ...aBusiness(profit), whiteSpouse: spouse, whiteOthers: others };
    const result = amounts({ business, farm: revenueOf(50) });
    assert.deepEqual([result.familyEmployeeDeduction, result.business], [deduction, profit - deduction + 50]);
  });
}
test('地方税法第313条第3項: 青色事業専従者給与は全額引き、専従者控除はその後の所得で計る', () => {
  const business = { ...aBusiness(3_000_000), blueFamilyWages: yen(1_900_000), whiteSpouse: true };
  const result = amounts({ business });
  assert.deepEqual([result.familyEmployeeDeduction, result.business], [550_000, 550_000]);
});

for (const [what, rents, profit, most, expected] of [
  ['不動産から先に引く', revenueOf(900_000), 1_000_000, 650_000, [250_000, 1_000_000, 650_000]],
  ['不動産で足りなければ事業から', revenueOf(400_000), 1_000_000, 650_000, [0, 750_000, 650_000]],
  ['不動産がなければ事業から', null, 1_000_000, 650_000, [0, 350_000, 650_000]],
  ['所得を超えて引かない', revenueOf(100_000), 200_000, 650_000, [0, 0, 300_000]],
  ['不動産の損失を増やさない', revenueOf(0, 400_000), 1_000_000, 650_000, [-400_000, 350_000, 650_000]],
  ['事業の損失を増やさない', revenueOf(900_000), -100_000, 1_000_000, [0, -100_000, 900_000]],
  ['青色申告でない', revenueOf(900_000), 1_000_000, 0, [900_000, 1_000_000, 0]],
] as const) {
  test(`租税特別措置法第25条の2 青色申告特別控除: ${what}`, () => {
    const result = amounts({
      realEstate: rents === null ? null : { ...rents, landAcquisitionInterest: yen(0) },
      business: aBusiness(profit),
      blueReturnDeduction: yen(most),
    });
    assert.deepEqual([result.realEstate, result.business, result.blueReturnDeduction], expected);
  });
}

for (const [what, revenue, costs, interest, expected] of [
  ['損失のうち土地の利子の分は除く', 1_000_000, 1_500_000, 200_000, -300_000],
  ['損失が土地の利子以下なら0円', 1_000_000, 1_500_000, 500_000, 0],
  ['損失を超える土地の利子は所得にしない', 1_000_000, 1_500_000, 600_000, 0],
  ['利益があれば土地の利子も経費のまま', 1_500_000, 1_000_000, 200_000, 500_000],
] as const) {
  test(`租税特別措置法第41条の4 不動産所得: ${what}`, () => {
    const realEstate = { ...revenueOf(revenue, costs), landAcquisitionInterest: yen(interest) };
    assert.equal(amounts({ realEstate }).realEstate, expected);
  });
}

const dividend = (
  kind: Dividend['kind'],
  revenue: number,
  costs = 0,
  treatment: Dividend['treatment'] = 'aggregate',
  levyWithheld = 0,
): Dividend => ({ ...revenueOf(revenue, costs), kind, treatment, levyWithheld: yen(levyWithheld) });

/** [name, dividends, 配当所得, of it profit, securities trust, foreign-currency trust] */
const dividendCases: readonly (readonly [string, readonly Dividend[], number, number, number, number])[] = [
  ['負債利子を引く', [dividend('profit', 1_000, 200)], 800, 800, 0, 0],
  ['負債利子が超えれば0円', [dividend('profit', 200, 1_000)], 0, 0, 0, 0],
  [
    '種類ごとに合計する',
    [
      dividend('profit', 100),
      dividend('profit', 50),
      dividend('securitiesTrust', 7),
      dividend('foreignCurrencyTrust', 3),
    ],
    160,
    150,
    7,
    3,
  ],
  ['控除のない配当は所得だけに入る', [dividend('profit', 100), dividend('noCredit', 900)], 1_000, 100, 0, 0],
  [
    '申告分離と申告不要は総合に入らない',
    [dividend('profit', 100), dividend('profit', 20, 0, 'separate'), dividend('profit', 3, 0, 'undeclared')],
    100,
    100,
    0,
    0,
  ],
  // 100 + 50 + 30 − 70 = 110
  [
    '種類を超える負債利子は外貨建等から先に引く',
    [
      dividend('profit', 100),
      dividend('securitiesTrust', 50),
      dividend('foreignCurrencyTrust', 30),
      dividend('noCredit', 0, 20),
    ],
    160,
    100,
    50,
    10,
  ],
  [
    '次に証券投資信託から引く',
    [
      dividend('profit', 100),
      dividend('securitiesTrust', 50),
      dividend('foreignCurrencyTrust', 30),
      dividend('noCredit', 0, 70),
    ],
    110,
    100,
    10,
    0,
  ],
  [
    '最後に利益の配当から引く',
    [
      dividend('profit', 100),
      dividend('securitiesTrust', 50),
      dividend('foreignCurrencyTrust', 30),
      dividend('noCredit', 0, 120),
    ],
    60,
    60,
    0,
    0,
  ],
  ['一つの種類の損は他の種類から引く', [dividend('profit', 100, 150), dividend('securitiesTrust', 80)], 30, 0, 30, 0],
];
for (const [name, dividends, total, profit, securitiesTrust, foreignCurrencyTrust] of dividendCases) {
  test(`所得税法第24条・第92条 配当所得: ${name}`, () => {
    const result = amounts({ dividends });
    assert.equal(result.dividends, total);
    assert.deepEqual(result.creditable, { profit, securitiesTrust, foreignCurrencyTrust });
  });
}

for (const [what, of, expected] of [
  ['50万円以下は0円', revenueOf(700_000, 200_000), 0],
  ['50万円を超える部分', revenueOf(700_001, 200_000), 1],
  ['支出が多くても損失にしない', revenueOf(100, 200), 0],
] as const) {
  test(`所得税法第34条 一時所得: ${what}`, () => {
    assert.equal(amounts({ occasional: of }).occasional, expected);
  });
}

test('所得税法第35条第2項第2号: 業務とその他の雑所得は合わせ、損失も残す', () => {
  const of = (business: number, other: number) => {
    const result = amounts({
      miscellaneousBusiness: revenueOf(Math.max(0, business), Math.max(0, -business)),
      miscellaneousOther: revenueOf(Math.max(0, other), Math.max(0, -other)),
    });
    return [result.miscellaneous, result.miscellaneousWork];
  };
  assert.deepEqual(of(300, 40), [340, 300]);
  assert.deepEqual(of(300, -400), [-100, 300]);
  assert.deepEqual(of(-300, 40), [-260, -300]);
  assert.equal(amounts({ miscellaneousOther: revenueOf(500, 100) }).miscellaneous, 400);
  assert.equal(amounts({ miscellaneousBusiness: revenueOf(500, 100) }).miscellaneous, 400);
});

const transfer = (gain: number): Transfer => ({
  revenue: yen(Math.max(0, gain) + 30),
  acquisitionCost: yen(Math.max(0, -gain) + 20),
  transferExpenses: yen(10),
});
/** [short, long, then short and long after 特別控除, loss]; null: no such transfer. */
for (const [short, long, expected] of [
  [500_000, null, [0, 0, 0]],
  [500_001, null, [1, 0, 0]],
  [null, 500_000, [0, 0, 0]],
  [null, 500_001, [0, 1, 0]],
  [800_000, 700_000, [300_000, 700_000, 0]], // all 500,000 from the short
  [200_000, 700_000, [0, 400_000, 0]], // 200,000, then 300,000
  [500_000, 700_000, [0, 700_000, 0]],
  [-100_000, 700_000, [0, 100_000, 0]], // 600,000 − 500,000
  [900_000, -100_000, [300_000, 0, 0]],
  [-700_000, 100_000, [0, 0, 600_000]],
  [100_000, -700_000, [0, 0, 600_000]],
  [-100_000, -200_000, [0, 0, 300_000]],
  [-100_000, 100_000, [0, 0, 0]],
  [100_000, -100_000, [0, 0, 0]],
  [-1, null, [0, 0, 1]],
  [null, -1, [0, 0, 1]],
  [0, 0, [0, 0, 0]],
] as const) {
  test(`所得税法第33条第3項〜第5項 総合譲渡: 短期${short ?? 'なし'}・長期${long ?? 'なし'} → ${expected}`, () => {
    const result = amounts({
      transferShort: short === null ? null : transfer(short),
      transferLong: long === null ? null : transfer(long),
    });
    assert.deepEqual([result.transferShort, result.transferLong, result.transferLoss], expected);
  });
}

const stocks = (gain: number, declared = true, levyWithheld = 0): ListedStocks => ({
  ...revenueOf(Math.max(0, gain) + 5, Math.max(0, -gain) + 5),
  declared,
  levyWithheld: yen(levyWithheld),
});
for (const [what, gains, dividends, expected] of [
  ['口座ごとの利益を合計する', [300, 40], 0, [340, 0, 0]],
  ['口座の損失は他の口座から引く', [300, -40], 0, [260, 0, 0]],
  ['損失だけなら0円', [-300], 0, [0, 0, 0]],
  ['損失は申告分離の配当から引く', [-300], 1_000, [0, 700, 300]],
  ['配当を超えて引かない', [-300], 200, [0, 0, 200]],
  ['利益があれば配当はそのまま', [300], 200, [300, 200, 0]],
  ['配当だけ', [], 200, [0, 200, 0]],
] as const) {
  test(`租税特別措置法第37条の11・第37条の12の2 上場株式等: ${what}`, () => {
    const result = amounts({
      listedStocks: [...gains.map((gain) => stocks(gain)), stocks(9_999, false)],
      dividends: dividends === 0 ? [] : [dividend('profit', dividends + 7, 7, 'separate'), dividend('profit', 0)],
    });
    assert.deepEqual([result.listedStocks, result.listedDividends, result.listedStockLossOffset], expected);
  });
}
test('租税特別措置法第8条の4: 負債利子が配当を超えれば0円で、株式の損失も引けない', () => {
  const result = amounts({ dividends: [dividend('profit', 5, 9, 'separate')], listedStocks: [stocks(-3)] });
  assert.deepEqual([result.listedDividends, result.listedStockLossOffset], [0, 0]);
});

test('地方税法第314条の9: 申告した配当と株式の分だけ、配当割額等を合計する', () => {
  const result = amounts({
    dividends: [
      dividend('profit', 100, 0, 'aggregate', 1),
      dividend('profit', 100, 0, 'separate', 20),
      dividend('profit', 100, 0, 'undeclared', 300),
    ],
    listedStocks: [stocks(100, true, 4_000), stocks(100, false, 50_000)],
  });
  assert.equal(result.levyWithheld, 4_021);
});

for (const [what, given, name, expected] of [
  ['租税特別措置法第37条の10 一般株式等、取得費なし', { generalStocks: revenueOf(300) }, 'generalStocks', 300],
  ['租税特別措置法第41条の14 先物、経費なし', { futures: revenueOf(300) }, 'futures', 300],
  ['所得税法第32条 山林、経費なし', { forestry: revenueOf(500_300) }, 'forestry', 300],
  ['所得税法第32条 山林の1円は0円', { forestry: revenueOf(1) }, 'forestry', 0],
  ['租税特別措置法第37条の10 一般株式等の利益', { generalStocks: revenueOf(300, 100) }, 'generalStocks', 200],
  ['租税特別措置法第37条の10 一般株式等の損失は0円', { generalStocks: revenueOf(100, 300) }, 'generalStocks', 0],
  ['租税特別措置法第41条の14 先物の利益', { futures: revenueOf(300, 100) }, 'futures', 200],
  ['租税特別措置法第41条の14 先物の損失は0円', { futures: revenueOf(100, 300) }, 'futures', 0],
  ['所得税法第32条 山林は50万円を引く', { forestry: revenueOf(700_001, 200_000) }, 'forestry', 1],
  ['所得税法第32条 山林の50万円以下は0円', { forestry: revenueOf(700_000, 200_000) }, 'forestry', 0],
  ['所得税法第32条 山林の損失は残す', { forestry: revenueOf(100, 300) }, 'forestry', -200],
  [
    '所得税法第30条 申告する退職所得',
    {
      declaredRetirement: {
        amount: yen(3_000_000),
        serviceYears: 5,
        officer: true,
        disabilityRetirement: false,
      },
    },
    'retirement',
    1_000_000,
  ],
  [
    '所得税法第30条 申告する障害退職',
    {
      declaredRetirement: {
        amount: yen(3_000_000),
        serviceYears: 1,
        officer: false,
        disabilityRetirement: true,
      },
    },
    'retirement',
    600_000, // (3,000,000 − 1,800,000) ÷ 2
  ],
] as const) {
  test(what, () => {
    assert.equal(amounts(given)[name], expected);
  });
}
