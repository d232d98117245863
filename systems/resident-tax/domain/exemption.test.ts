import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner, type EarnerFacts } from './an-earner.ts';
import { checkedAssessment, noCarriedLosses, revenueOf, withProfit } from './checked-assessment.ts';
import { exemptionOf, isDependantSpouse, relativeCount } from './exemption.ts';

const rates = ratesForYear(2026);
const exemption = (facts: EarnerFacts, totalIncome: number, afterLosses = totalIncome) =>
  exemptionOf(anEarner(facts), yen(totalIncome), yen(afterLosses), rates, null);
const day = Temporal.PlainDate.from;

for (const [fiscalYear, limit] of [
  [2024, 480_000],
  [2025, 480_000],
  [2026, 580_000],
  [2027, 620_000],
] as const) {
  test(`地方税法第292条第1項第7号 同一生計配偶者: ${fiscalYear}年度は合計所得${limit}円まで`, () => {
    const of = (totalIncome: number, familyEmployee = false) =>
      isDependantSpouse(anEarner({ spouse: { totalIncome, familyEmployee } }), ratesForYear(fiscalYear));
    assert.deepEqual([of(limit), of(limit + 1), of(0)], [true, false, true]);
    assert.deepEqual([of(limit, true), of(limit + 1, true)], [false, false], '事業専従者は含まない');
    assert.equal(isDependantSpouse(anEarner(), ratesForYear(fiscalYear)), false);
  });
}

test('地方税法第295条第3項: 扶養親族の数は16歳未満を含む全ての区分の合計', () => {
  const dependants = { ordinary: 1, specified: 2, elderly: 4, elderlyLivingTogether: 8, underSixteen: 16, abroad: 31 };
  assert.equal(relativeCount(anEarner({ dependants })), 31);
  assert.equal(relativeCount(anEarner()), 0);
  assert.equal(exemption({ dependants, spouse: { totalIncome: 0 } }, 0).dependantCount, 32);
  assert.equal(exemption({ spouse: { totalIncome: 580_001 }, specificRelatives: [900_000] }, 0).dependantCount, 0);
});

for (const [heads, perCapita, perIncome] of [
  [0, 450_000, 450_000],
  [1, 1_010_000, 1_120_000], // 350,000 × 2 + 100,000 + 210,000; + 320,000
  [2, 1_360_000, 1_470_000],
  [3, 1_710_000, 1_820_000],
  [5, 2_410_000, 2_520_000],
] as const) {
  test(`地方税法第295条第3項・附則第3条の3: ${heads}人なら均等割は${perCapita}円、所得割は${perIncome}円まで非課税`, () => {
    const facts: EarnerFacts =
      heads === 0 ? {} : { spouse: { totalIncome: 0 }, dependants: { underSixteen: heads - 1 } };
    const of = (income: number) => exemption(facts, income);
    assert.deepEqual([of(0).perCapitaLimit, of(0).perIncomeLimit], [perCapita, perIncome]);
    assert.equal(of(perCapita).perCapitaExempt, true);
    assert.equal(of(perCapita + 1).perCapitaExempt, false);
    assert.equal(of(perIncome).perIncomeExempt, true);
    assert.equal(of(perIncome + 1).perIncomeExempt, false);
    assert.deepEqual(of(perIncome).full, []);
  });
}

test('地方税法第295条第3項: 均等割は繰越損失を引く前の合計所得、所得割は引いた後の総所得金額等で判定する', () => {
  const carried = exemption({}, 450_001, 450_000);
  assert.deepEqual([carried.perCapitaExempt, carried.perIncomeExempt], [false, true]);
  const none = exemption({}, 450_001, 450_001);
  assert.deepEqual([none.perCapitaExempt, none.perIncomeExempt], [false, false]);
});

for (const [what, taxpayer, ground] of [
  ['障害者', { disability: 'ordinary' }, 'disabled'],
  ['特別障害者', { disability: 'special' }, 'disabled'],
  ['未成年者', { bornOn: day('2008-01-03') }, 'minor'],
  ['寡婦', { widow: true }, 'widow'],
  ['ひとり親', { singleParent: true }, 'single-parent'],
  ['寡婦と称するひとり親', { singleParent: true, widow: true }, 'single-parent'],
] as const) {
  test(`地方税法第295条第1項第2号: ${what}は合計所得1,350,000円まで均等割も所得割も非課税`, () => {
    const within = exemption({ taxpayer }, 1_350_000);
    assert.deepEqual([within.full, within.perCapitaExempt, within.perIncomeExempt], [[ground], true, true]);
    const over = exemption({ taxpayer }, 1_350_001);
    assert.deepEqual([over.full, over.perCapitaExempt, over.perIncomeExempt], [[], false, false]);
    // By losses of earlier years the total income does not fall.
    assert.deepEqual(exemption({ taxpayer }, 1_350_001, 1_000_000).full, []);
  });
}

test('地方税法第295条第1項第2号: どれにも当たらなければ1,350,000円以下でも課税する', () => {
  assert.deepEqual(exemption({ taxpayer: { bornOn: day('2008-01-02') } }, 1_000_000).full, []);
});

test('地方税法第295条第1項: 生活扶助は所得によらない。事由は定めた順に並ぶ', () => {
  const taxpayer = {
    publicAssistance: true,
    disability: 'ordinary',
    bornOn: day('2010-05-05'),
    widow: true,
  } as const;
  assert.deepEqual(exemption({ taxpayer }, 1_350_000).full, ['public-assistance', 'disabled', 'minor', 'widow']);
  const rich = exemption({ taxpayer }, 9_000_000);
  assert.deepEqual([rich.full, rich.perCapitaExempt, rich.perIncomeExempt], [['public-assistance'], true, true]);
});

for (const [what, taxpayer, reason] of [
  ['12月31日に死亡', { diedOn: day('2025-12-31') }, 'died-before-levy-date'],
  ['1月1日に死亡', { diedOn: day('2026-01-01') }, null],
  ['1月1日に出国', { departedOn: day('2026-01-01') }, 'departed-by-levy-date'],
  ['1月2日に出国', { departedOn: day('2026-01-02') }, null],
  ['出国した後の年内に死亡', { departedOn: day('2026-01-01'), diedOn: day('2026-03-01') }, 'departed-by-levy-date'],
  ['1月1日に住所がない', { residentOnLevyDate: false }, 'not-resident'],
  ['住所がなく家屋敷がある', { residentOnLevyDate: false, kind: 'house-or-office-only' }, null],
  [
    '家屋敷だけの人が前日までに死亡',
    { kind: 'house-or-office-only', diedOn: day('2025-12-31') },
    'died-before-levy-date',
  ],
  ['変わりなし', {}, null],
] as const) {
  test(`地方税法第39条・第318条 賦課期日: ${what} → ${reason ?? '課税対象'}`, () => {
    const result = checkedAssessment(anEarner({ taxpayer }));
    assert.equal(result.exemption.notTaxable, reason);
    assert.equal(result.status === 'not-taxable', reason !== null);
    assert.equal(result.annualTotal === 0, reason !== null);
  });
}

test('森林環境税法第3条・第4条: 家屋敷だけの人は均等割4,000円のみ、非課税の人は0円', () => {
  const house = checkedAssessment(anEarner({ taxpayer: { kind: 'house-or-office-only', residentOnLevyDate: false } }));
  assert.deepEqual([house.perCapita.ward, house.perCapita.metropolis, house.forestTax], [3_000, 1_000, 0]);
  assert.deepEqual([house.annualTotal, house.status], [4_000, 'per-capita-only']);
  assert.equal(house.levy.ward.computed, 0);
  const resident = checkedAssessment(withProfit(450_001));
  assert.deepEqual([resident.perCapita.ward, resident.perCapita.metropolis, resident.forestTax], [3_000, 1_000, 1_000]);
  const exempt = checkedAssessment(withProfit(450_000));
  assert.deepEqual([exempt.annualTotal, exempt.status], [0, 'exempt']);
});

test('附則第3条の3: 繰越損失で所得割だけが非課税になる人は均等割と森林環境税を納める', () => {
  const loss = { incomeYear: 2024, amount: yen(1_000), kind: 'ordinary', specifiedDisaster: false } as const;
  const result = checkedAssessment({
    ...withProfit(451_000),
    carriedLosses: { ...noCarriedLosses, net: [loss] },
  });
  assert.deepEqual(
    [result.totalIncomeAfterLosses, result.annualTotal, result.status],
    [450_000, 5_000, 'per-capita-only'],
  );
});

test('地方税法第314条の9: 課税されない人の配当割額等は扱わず、所得割のない人の分は均等割等に充て、残りを還付する', () => {
  const dividends = [
    { ...revenueOf(100_000), kind: 'profit', treatment: 'separate', levyWithheld: yen(8_000) },
  ] as const;
  const of = (facts: EarnerFacts) => checkedAssessment(anEarner({ salaries: [], other: { dividends }, ...facts }));
  const exempt = of({});
  assert.deepEqual(exempt.withheldLevy, { withheld: 8_000, shortfall: 8_000, appropriated: 0, refund: 8_000 });
  const perCapitaOnly = of({ taxpayer: { kind: 'house-or-office-only' } });
  assert.deepEqual(perCapitaOnly.withheldLevy, { withheld: 0, shortfall: 0, appropriated: 0, refund: 0 });
  const gone = of({ taxpayer: { diedOn: day('2025-12-31') } });
  assert.equal(gone.withheldLevy.withheld, 0);
  // 400,000 + 100,000 is over 450,000, but the deductions (430,000 + 100,000) leave no base.
  const other = { dividends, business: withProfit(400_000).incomes.other?.business ?? null };
  const some = of({ other, socialInsurance: 100_000 });
  assert.deepEqual([some.levy.ward.perIncome, some.levy.metropolis.perIncome], [0, 0]);
  assert.deepEqual(some.withheldLevy, { withheld: 8_000, shortfall: 8_000, appropriated: 5_000, refund: 3_000 });
  assert.deepEqual([some.annualTotal, some.payable, some.collection.method], [5_000, 0, 'none']);
});
