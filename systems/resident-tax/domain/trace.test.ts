import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner, type EarnerFacts } from './an-earner.ts';
import { assess } from './assess.ts';
import type { AssessmentInput, Dividend, LandTransfer, OtherIncomes } from './assessment-input.ts';
import { aBusiness, noCarriedLosses, revenueOf, withoutSalary, withProfit } from './checked-assessment.ts';
import { recordingTrace, type StepId, stepIds, type TraceStep } from './trace.ts';

const stepsOf = (input: AssessmentInput): readonly TraceStep[] => {
  const rates = ratesForYear(input.fiscalYear);
  const trace = recordingTrace(rates.version);
  assess(input, rates, trace);
  return trace.steps;
};
/** Kinds of reasons that `input` has and `without` has not, in the order of all steps. */
const added = (input: AssessmentInput, without: AssessmentInput): readonly StepId[] => {
  const [ids, before] = [input, without].map((each) => new Set(stepsOf(each).map(({ id }) => id)));
  return stepIds.filter((id) => ids?.has(id) && !before?.has(id));
};
const inputsOf = (input: AssessmentInput, id: StepId) =>
  stepsOf(input)
    .filter((step) => step.id === id)
    .map((step) => [...step.inputs]);

const dividend = (treatment: Dividend['treatment'], levyWithheld = 0): Dividend => ({
  ...revenueOf(1_000),
  kind: 'profit',
  treatment,
  levyWithheld: yen(levyWithheld),
});
const land: LandTransfer = {
  revenue: yen(1_000),
  acquisitionCost: null,
  transferExpenses: yen(0),
  specialDeduction: 'none',
};
const transfer = { revenue: yen(1_000), acquisitionCost: yen(0), transferExpenses: yen(0) };
const stocks = (declared: boolean) => ({ ...revenueOf(1_000), declared, levyWithheld: yen(0) });
const retirementPaid = {
  amount: yen(801_000),
  serviceYears: 1,
  officer: true,
  disabilityRetirement: false,
};

for (const [what, other, ids] of [
  ['なし', {}, []],
  ['事業', { business: aBusiness(1_000) }, ['family-employees', 'business']],
  ['農業', { farm: revenueOf(1_000) }, ['business']],
  ['不動産', { realEstate: { ...revenueOf(1_000), landAcquisitionInterest: yen(0) } }, ['real-estate']],
  ['利子', { interest: yen(1_000) }, []],
  ['配当（総合）', { dividends: [dividend('aggregate')] }, ['dividends']],
  ['配当（申告分離）', { dividends: [dividend('separate')] }, ['listed-dividends', 'separate-base']],
  ['配当（申告不要）', { dividends: [dividend('undeclared')] }, []],
  ['短期譲渡（総合）', { transferShort: transfer }, ['transfer-short', 'transfer-long', 'transfer-loss']],
  ['長期譲渡（総合）', { transferLong: transfer }, ['transfer-short', 'transfer-long', 'transfer-loss']],
  ['一時', { occasional: revenueOf(1_000) }, ['occasional']],
  ['業務の雑', { miscellaneousBusiness: revenueOf(1_000) }, ['miscellaneous-other']],
  ['その他の雑', { miscellaneousOther: revenueOf(1_000) }, ['miscellaneous-other']],
  ['一般株式等', { generalStocks: revenueOf(1_000) }, ['general-stocks', 'separate-base']],
  ['申告した上場株式等', { listedStocks: [stocks(true)] }, ['listed-stocks', 'separate-base']],
  ['申告しない上場株式等', { listedStocks: [stocks(false)] }, []],
  ['先物', { futures: revenueOf(1_000) }, ['futures', 'separate-base']],
  ['山林', { forestry: revenueOf(501_000) }, ['forestry', 'separate-base']],
  ['退職（申告）', { declaredRetirement: retirementPaid }, ['declared-retirement', 'separate-base']],
  [
    '土地建物',
    { land: { longGeneral: land } },
    ['land-gain', 'land-after-offset', 'land-after-deduction', 'separate-base'],
  ],
] as const satisfies readonly (readonly [string, Partial<OtherIncomes>, readonly StepId[]])[]) {
  test(`design §6.5: 所得の理由はその種類があるときだけ残す — ${what}`, () => {
    assert.deepEqual(added(withoutSalary({ other }), withoutSalary({ other: {} })), ids);
  });
}

const taxed = (facts: EarnerFacts = {}): AssessmentInput => withProfit(3_000_000, facts);
const plain = taxed();
const withDeductions = (changed: Partial<AssessmentInput['deductions']>): AssessmentInput => ({
  ...plain,
  deductions: { ...plain.deductions, ...changed },
});
const loan = {
  movedInYear: 2014,
  creditable: yen(500_000),
  incomeTaxBeforeCredit: yen(60_000),
  incomeTaxTaxable: yen(1_000_000),
  specificAcquisition: true,
};
const gift = { kind: 'hometown', amount: yen(12_000), recipient: 'R1', oneStop: true, declared: true } as const;
const pair = <const A extends string>(name: A) => [`ward-${name}`, `metropolis-${name}`] as const;

for (const [what, input, ids] of [
  [
    '給与の特定支出',
    { ...plain, incomes: { ...plain.incomes, specificExpenditure: yen(1) } },
    ['specific-expenditure'],
  ],
  [
    '公的年金',
    taxed({ publicPensions: [1_000_000] }),
    ['pension-revenue', 'other-than-pension', 'pension-income', 'pension-adjustment'],
  ],
  [
    '繰越損失',
    {
      ...plain,
      carriedLosses: {
        ...noCarriedLosses,
        net: [{ incomeYear: 2024, amount: yen(5), kind: 'ordinary', specifiedDisaster: false } as const],
      },
    },
    ['loss-taken'],
  ],
  ['雑損', withDeductions({ casualty: { loss: yen(1), disasterExpenses: yen(0), reimbursed: yen(0) } }), ['casualty']],
  ['医療費', withDeductions({ medical: { kind: 'ordinary', paid: yen(1), reimbursed: yen(0) } }), ['medical']],
  [
    '総合配当の控除',
    taxed({ other: { dividends: [dividend('aggregate')] } }),
    ['dividends', ...pair('dividend-credit')],
  ],
  ['住宅借入金等', taxed({ rest: { housingLoan: loan } }), ['housing-loan-credit', ...pair('housing-loan-credit')]],
  [
    '寄附金',
    taxed({ rest: { donations: [gift] } }),
    [...pair('donation-basic'), ...pair('donation-special'), ...pair('donation-one-stop'), ...pair('donation-credit')],
  ],
  [
    '外国税額',
    taxed({ rest: { foreignTax: { uncredited: yen(1), nationalLimit: yen(100) } } }),
    pair('foreign-tax-credit'),
  ],
  [
    '配当割額',
    taxed({ other: { dividends: [dividend('separate', 50)] } }),
    [
      'listed-dividends',
      'separate-base',
      ...pair('withheld-credit'),
      'withheld-shortfall',
      'withheld-appropriated',
      'payable',
    ],
  ],
  [
    '退職手当等',
    taxed({ rest: { retirements: [retirementPaid] } }),
    ['retirement-income', 'retirement-ward', 'retirement-metropolis'],
  ],
] as const) {
  test(`design §6.5: 控除の理由はそれがあるときだけ残す — ${what}`, () => {
    assert.deepEqual(added(input, plain), ids);
  });
}
test('design §6.5: 定額減税の理由は減税のある人だけに残す', () => {
  const rich = withProfit(19_000_000, { fiscalYear: 2024 });
  assert.deepEqual(added(taxed({ fiscalYear: 2024 }), rich), ['flat-cut', 'metropolis-flat-cut', 'ward-flat-cut']);
  const alone = withProfit(12_000_000, { fiscalYear: 2025 });
  assert.ok(!stepsOf(alone).some(({ id }) => id.endsWith('flat-cut')));
});
test('design §6.5: 0円の控除も含め、どの人にも同じ骨組みの理由を残す', () => {
  const ids = new Set(stepsOf(withoutSalary({})).map(({ id }) => id));
  const always: readonly StepId[] = [
    'salary-revenue',
    'salary-income',
    'income-adjustment',
    'salary',
    'miscellaneous',
    'aggregate',
    'forestry-after-offset',
    'retirement-after-offset',
    'unabsorbed-loss',
    'total-income',
    'total-income-after-losses',
    'dependant-count',
    'full-exemption',
    'per-capita-limit',
    'per-income-limit',
    'per-income-exempt',
    'per-capita-exempt',
    'social-insurance',
    'mutual-aid',
    'life-general',
    'life-care',
    'life-pension',
    'life-insurance',
    'earthquake-insurance',
    'disability',
    'widow',
    'single-parent',
    'working-student',
    'spouse',
    'spouse-special',
    'dependants',
    'specific-relatives',
    'basic',
    'deductions-total',
    'personal-difference',
    'taxable-income',
    'ward-per-capita',
    'metropolis-per-capita',
    'forest-tax',
    'annual-total',
  ];
  assert.deepEqual(
    stepIds.filter((id) => ids.has(id)),
    always,
  );
  assert.deepEqual(added(plain, withoutSalary({ other: {} })), [
    'family-employees',
    'business',
    ...pair('computed'),
    'adjustment-credit-base',
    ...pair('adjustment-credit'),
    'adjustment-measure',
    ...pair('adjustment-measure'),
    ...pair('per-income'),
  ]);
});
test('design §6.5: 所得割のない人には所得割の理由を残さない', () => {
  const exempt = stepsOf(withProfit(450_000)).map(({ id }) => id);
  assert.ok(!exempt.includes('ward-computed') && !exempt.includes('adjustment-measure'));
  assert.ok(exempt.includes('annual-total') && exempt.includes('ward-per-capita'));
});

for (const [what, id, input, inputs] of [
  [
    '特定支出控除',
    'specific-expenditure',
    { ...anEarner(), incomes: { ...anEarner().incomes, specificExpenditure: yen(700_000) } },
    [[2_760_000, 4_000_000, 700_000]],
  ],
  [
    '所得金額調整控除の対象',
    'income-adjustment',
    anEarner({ salaries: [9_000_000], dependants: { underTwentyThree: 1, ordinary: 1 } }),
    [[9_000_000, 1, 7_050_000]],
  ],
  [
    '所得金額調整控除の対象でない',
    'income-adjustment',
    anEarner({ salaries: [9_000_000] }),
    [[9_000_000, 0, 7_050_000]],
  ],
  ['65歳未満の年金', 'pension-income', withoutSalary({ publicPensions: [1_000_000, 500_000] }), [[1_500_000, 0, 0]]],
  [
    '65歳以上の年金',
    'pension-income',
    withoutSalary({ publicPensions: [1_500_000], taxpayer: { bornOn: Temporal.PlainDate.from('1950-01-01') } }),
    [[1_500_000, 0, 1]],
  ],
  [
    '業務とその他の雑所得',
    'miscellaneous-other',
    withoutSalary({ other: { miscellaneousBusiness: revenueOf(9, 8), miscellaneousOther: revenueOf(7, 6) } }),
    [[9, 8, 7, 6, 0]],
  ],
  [
    '業務だけの雑所得と家内労働者等の特例',
    'miscellaneous-other',
    withoutSalary({ other: { miscellaneousBusiness: revenueOf(9, 8), homeWorkerRule: 'miscellaneous' } }),
    [[9, 8, 0, 0, 650_000]],
  ],
  [
    'その他だけの雑所得',
    'miscellaneous-other',
    withoutSalary({ other: { miscellaneousOther: revenueOf(7, 6) } }),
    [[0, 0, 7, 6, 0]],
  ],
  [
    '事業と農業',
    'business',
    withoutSalary({
      other: {
        business: { ...aBusiness(100), blueFamilyWages: yen(3), whiteOthers: 1 },
        farm: revenueOf(7, 6),
        blueReturnDeduction: yen(10),
      },
    }),
    [[100, 0, 3, 0, 48, 7, 6, 10]],
  ],
  ['農業だけ', 'business', withoutSalary({ other: { farm: revenueOf(7, 6) } }), [[0, 0, 0, 0, 0, 7, 6, 0]]],
  ['事業だけ', 'business', withoutSalary({ other: { business: aBusiness(9) } }), [[9, 0, 0, 0, 0, 0, 0, 0]]],
  [
    '事業専従者',
    'family-employees',
    withoutSalary({
      other: { business: { ...aBusiness(9), whiteSpouse: true, whiteOthers: 2 }, homeWorkerRule: 'business' },
    }),
    [[9, 0, 0, 650_000, 1, 2]],
  ],
  [
    '事業専従者がいない',
    'family-employees',
    withoutSalary({ other: { business: aBusiness(9) } }),
    [[9, 0, 0, 0, 0, 0]],
  ],
  [
    '申告する退職所得（役員）',
    'declared-retirement',
    withoutSalary({ other: { declaredRetirement: retirementPaid } }),
    [[801_000, 1, 1, 0]],
  ],
  [
    '申告する退職所得（障害）',
    'declared-retirement',
    withoutSalary({ other: { declaredRetirement: { ...retirementPaid, officer: false, disabilityRetirement: true } } }),
    [[801_000, 1, 0, 1]],
  ],
  [
    '退職手当等',
    'retirement-income',
    taxed({
      rest: { retirements: [retirementPaid, { ...retirementPaid, officer: false, disabilityRetirement: true }] },
    }),
    [
      [801_000, 1, 1, 0],
      [801_000, 1, 0, 1],
    ],
  ],
  [
    '土地建物の取得費が不明',
    'land-gain',
    withoutSalary({ other: { land: { longGeneral: land, shortGeneral: { ...land, acquisitionCost: yen(3) } } } }),
    [
      [1_000, 3, 0],
      [1_000, -1, 0],
    ],
  ],
  [
    '住宅の特定取得',
    'housing-loan-credit',
    taxed({ rest: { housingLoan: loan } }),
    [[500_000, 60_000, 1_000_000, 0, 1]],
  ],
  [
    '住宅の特定取得でない',
    'housing-loan-credit',
    taxed({ rest: { housingLoan: { ...loan, specificAcquisition: false } } }),
    [[500_000, 60_000, 1_000_000, 0, 0]],
  ],
  [
    '申告特例',
    'ward-donation-one-stop',
    taxed({ rest: { donations: [gift] } }),
    [[4_788, 0, 2_570_000, 50_000, 400_000]],
  ],
  [
    '申告した寄附',
    'ward-donation-one-stop',
    taxed({ rest: { donations: [gift], returnFiled: true } }),
    [[4_788, 1, 2_570_000, 50_000, 400_000]],
  ],
  ['扶養の人数', 'dependant-count', taxed({ spouse: { totalIncome: 0 }, dependants: { ordinary: 2 } }), [[1, 2]]],
  ['扶養しない配偶者', 'dependant-count', taxed({ spouse: { totalIncome: 600_000 } }), [[0, 0]]],
  [
    '全て非課税になる事由',
    'full-exemption',
    withProfit(1_350_000, {
      taxpayer: {
        publicAssistance: true,
        disability: 'ordinary',
        bornOn: Temporal.PlainDate.from('2010-01-01'),
        widow: true,
      },
    }),
    [[1, 1, 1, 1, 0, 1_350_000]],
  ],
  [
    'ひとり親',
    'full-exemption',
    withProfit(1_350_001, { taxpayer: { singleParent: true, widow: true } }),
    [[0, 0, 0, 0, 1, 1_350_001]],
  ],
  [
    '限度額を超える未成年者',
    'full-exemption',
    withProfit(1_350_001, { taxpayer: { bornOn: Temporal.PlainDate.from('2010-01-01') } }),
    [[0, 0, 1, 0, 0, 1_350_001]],
  ],
  [
    '所得割の非課税',
    'per-income-exempt',
    withProfit(450_000, { taxpayer: { publicAssistance: true } }),
    [[1, 450_000, 450_000]],
  ],
  [
    '均等割の非課税',
    'per-capita-exempt',
    withProfit(450_000, { taxpayer: { publicAssistance: true } }),
    [[1, 1, 450_000, 450_000]],
  ],
  ['非課税でない', 'per-capita-exempt', taxed(), [[0, 0, 3_000_000, 450_000]]],
  ['均等割', 'ward-per-capita', taxed(), [[1]]],
  ['均等割の非課税', 'metropolis-per-capita', withProfit(450_000), [[0]]],
  ['森林環境税', 'forest-tax', taxed(), [[1, 1]]],
  ['家屋敷だけの森林環境税', 'forest-tax', taxed({ taxpayer: { kind: 'house-or-office-only' } }), [[1, 0]]],
  [
    '定額減税',
    'flat-cut',
    taxed({ fiscalYear: 2024, spouse: { totalIncome: 0 }, dependants: { ordinary: 2, abroad: 1 } }),
    [[1, 1, 3_000_000, 148_000]],
  ],
  [
    '生活扶助と退職手当等',
    'retirement-ward',
    taxed({ taxpayer: { publicAssistance: true }, rest: { retirements: [retirementPaid] } }),
    [[1_000, 1]],
  ],
  ['退職手当等の都民税', 'retirement-metropolis', taxed({ rest: { retirements: [retirementPaid] } }), [[1_000, 0]]],
] as const satisfies readonly (readonly [string, StepId, AssessmentInput, readonly (readonly number[])[]])[]) {
  test(`design §6.5: 理由は金額のまま、条件は0か1で残す — ${what}`, () => {
    assert.deepEqual(inputsOf(input, id), inputs);
  });
}

test('design §6.5: 理由はすべて根拠の条文と税率表の版を名乗る', () => {
  for (const { law, ratesVersion } of stepsOf(anEarner({ rest: { donations: [gift], housingLoan: loan } }))) {
    assert.match(law, /法/);
    assert.equal(ratesVersion, ratesForYear(2026).version);
  }
});
