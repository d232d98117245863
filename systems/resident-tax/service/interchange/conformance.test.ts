import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assessmentCase } from '@musubi/contracts/assessment-interchange/case.ts';
import fc from 'fast-check';
import { z } from 'zod';
import { anyCase } from './a-case.ts';
import { assessLine } from './assess-lines.ts';

const disabled = { disability: 'ordinary' };
const incomes = { salaryRevenue: 600_000, pensionRevenue: 100_000, otherIncome: 20_000 };
const transfer = { revenue: 3_000_000, acquisitionCost: 1_000_000, transferExpenses: 100_000 };
const land = { ...transfer, specialDeduction: 'farmland' };
const retirement = {
  amount: 9_000_000,
  serviceYears: 20,
  serviceFrom: '2006-04-01',
  serviceTo: '2026-03-31',
  officer: false,
  disabilityRetirement: true,
};
const payer = { payerId: 'p1', revenue: 5_000_000, socialInsurance: 700_000, withheldIncomeTax: 100_000 };

/** Every member of the format at once: no person of this world, a line that a reader must take whole. */
const whole = {
  caseId: 'whole',
  fiscalYear: 2026,
  municipality: {
    designatedCity: false,
    wardIncomeRatePercent: '6.025',
    metropolisIncomeRatePercent: '4',
    wardPerCapita: 3_000,
    metropolisPerCapita: 1_000,
    forestEnvironmentTax: 1_000,
    areaGrade: 2,
  },
  person: {
    birthDate: '1955-04-02',
    sex: 'female',
    taxpayerKind: 'resident',
    residentOnLevyDate: true,
    deathDate: null,
    departureDate: '2026-09-01',
    publicAssistance: false,
    ...disabled,
    maritalStatus: 'married',
    deFactoSpouse: false,
    workingStudent: false,
  },
  spouse: {
    birthDate: '1956-01-01',
    incomes,
    ...disabled,
    livingTogether: true,
    abroad: false,
    familyEmployee: false,
    deathDate: null,
  },
  relatives: [
    {
      relation: 'child',
      birthDate: '2004-01-01',
      incomes,
      ...disabled,
      livingTogether: true,
      abroad: true,
      studyingAbroad: true,
      remittance: 400_000,
      familyEmployee: false,
      claimedByOther: false,
      deathDate: null,
    },
  ],
  incomes: {
    salaries: [payer],
    specificExpenditure: 900_000,
    publicPensions: [{ ...payer, payerId: 'n' }],
    business: {
      revenue: 4_000_000,
      expenses: 1_000_000,
      blueFamilyWages: 100_000,
      whiteFamilyEmployees: { spouse: false, others: 1 },
    },
    farm: { revenue: 300_000, expenses: 400_000 },
    realEstate: { revenue: 1_000_000, expenses: 1_500_000, landAcquisitionInterest: 100_000 },
    blueReturnDeduction: 100_000,
    homeWorkerRule: 'none',
    interest: { revenue: 10_000 },
    dividends: [
      { kind: 'profit', revenue: 200_000, debtInterest: 1_000, treatment: 'aggregate', levyWithheld: 10_000 },
    ],
    occasional: { revenue: 900_000, expenses: 100_000 },
    miscellaneousBusiness: { revenue: 100_000, expenses: 50_000 },
    miscellaneousOther: { revenue: 100_000, expenses: 50_000 },
    aggregateTransfers: { short: transfer, long: transfer },
    separateLand: { shortGeneral: land, shortReduced: land, longGeneral: land, longSpecified: land, longReduced: land },
    generalStocks: { revenue: 1_000_000, costs: 400_000 },
    listedStocks: [{ revenue: 1_000_000, costs: 400_000, treatment: 'declared', levyWithheld: 30_000 }],
    futures: { revenue: 500_000, costs: 100_000 },
    forestry: { revenue: 2_000_000, expenses: 500_000 },
    declaredRetirement: retirement,
  },
  carriedLosses: {
    netLosses: [{ incomeYear: 2024, amount: 1_000, kind: 'forestry', specifiedDisaster: true }],
    casualtyLosses: [{ incomeYear: 2023, amount: 1_000, specifiedDisaster: false }],
    homeLosses: [{ incomeYear: 2024, amount: 1_000 }],
    listedStockLosses: [{ incomeYear: 2024, amount: 1_000 }],
    futuresLosses: [{ incomeYear: 2024, amount: 1_000 }],
  },
  deductions: {
    socialInsuranceOther: 1_000,
    smallEnterpriseMutualAid: 2_000,
    lifeInsurance: { newGeneral: 10_000, newCare: 10_000, newPension: 10_000, oldGeneral: 10_000, oldPension: 10_000 },
    earthquakeInsurance: {
      earthquake: 10_000,
      oldLongTerm: 5_000,
      bothKinds: [{ earthquake: 3_000, oldLongTerm: 4_000 }],
    },
    medical: { kind: 'ordinary', paid: 900_000, reimbursed: 100_000 },
    casualty: { loss: 500_000, disasterExpenses: 100_000, reimbursed: 50_000 },
  },
  returnFiled: true,
  donations: [{ kind: 'hometown', amount: 50_000, recipient: 'r1', oneStop: true, declared: true }],
  housingLoan: {
    movedInOn: '2020-05-01',
    creditable: 200_000,
    incomeTaxBeforeCredit: 90_000,
    incomeTaxTaxable: 2_000_000,
    specificAcquisition: false,
  },
  foreignTax: { uncredited: 10_000, nationalLimit: 20_000 },
  incomeTax: { basicDeduction: 480_000 },
  retirements: [retirement],
  collection: {
    specialCollectorPayerId: 'p1',
    otherIncomeByOrdinary: true,
    pension: {
      receivesOldAgePension: true,
      annualBenefit: 900_000,
      careInsuranceWithheld: true,
      previousYearTax: 60_000,
    },
  },
} as const;

type Path = readonly (string | number)[];

/** Every member down to its leaves. */
function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  const own = at.length === 0 ? [] : [at];
  if (Array.isArray(value)) return [...own, ...value.flatMap((one, i) => pathsOf(one, [...at, i]).slice(1))];
  if (typeof value !== 'object' || value === null) return own;
  return [...own, ...Object.entries(value).flatMap(([name, one]) => pathsOf(one, [...at, name]))];
}

function withAt(path: Path, value: unknown): unknown {
  const copy = structuredClone(whole) as unknown;
  let place = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
  const last = path.at(-1) as string;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy;
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

/** Names of all members that the reader knows, from its own schema. */
function known(of: Shape, at = ''): readonly string[] {
  return [
    ...Object.entries(of.properties ?? {}).flatMap(([name, shape]) => [
      `${at}${name}`,
      ...known(shape, `${at}${name}.`),
    ]),
    ...(of.items === undefined ? [] : known(of.items, at)),
    ...(of.anyOf ?? []).flatMap((one) => known(one, at)),
  ];
}
const nameOf = (path: Path): string => path.filter((step) => typeof step === 'string').join('.');

test('assessment-interchange §3: every member of the format is in the whole case, and the whole case is taken', () => {
  const members = new Set(known(z.toJSONSchema(assessmentCase, { io: 'input' }) as Shape));
  assert.deepEqual([...new Set(pathsOf(whole).map(nameOf))].toSorted(), [...members].toSorted());
  assert.equal(members.size, 224);
  for (const fiscalYear of [2024, 2025, 2026, 2027])
    assert.ok(assessLine(JSON.stringify({ ...whole, fiscalYear })).ok, `${fiscalYear}`);
});

test('assessment-interchange §1: each member of another type is refused by its name; left out it has its default or is asked for', () => {
  const asked = new Set<string>();
  for (const path of pathsOf(whole)) {
    const wrong = assessLine(JSON.stringify(withAt(path, { unknown: true })));
    assert.ok(!wrong.ok, nameOf(path));
    const name = path.join('.');
    assert.ok(
      wrong.error.some(({ member }) => member === name || member.startsWith(`${name}.`)),
      name,
    );
    const without = assessLine(JSON.stringify(withAt(path, undefined)));
    if (!without.ok) asked.add(nameOf(path));
  }
  for (const name of ['caseId', 'fiscalYear', 'person', 'person.birthDate', 'person.sex', 'incomes.salaries.revenue'])
    assert.ok(asked.has(name), name);
  for (const name of ['municipality', 'spouse', 'incomes', 'deductions', 'donations.declared', 'collection.pension'])
    assert.ok(!asked.has(name), name);
});

const side = [
  'computed',
  ...[
    'adjustmentCredit',
    'adjustmentMeasure',
    'dividendCredit',
    'housingLoanCredit',
    'donationCredit',
    'foreignTaxCredit',
    'flatCut',
    'withheldLevyCredit',
  ].flatMap((step) => [step, `after${step[0]?.toUpperCase()}${step.slice(1)}`]),
  'donationBasic',
  'donationSpecial',
  'donationOneStop',
  'perIncome',
];
/** §4, each object with its members. */
const output: Readonly<Record<string, readonly string[]>> = {
  '': 'caseId fiscalYear status incomes carriedLosses totalIncomeAfterLosses deductions personalDeductionDifference dependantCount exemption bases donationSpecialRate housingLoanLimit levy withheldLevy annual collection retirements warnings'.split(
    ' ',
  ),
  incomes:
    'salaryRevenue salaryBeforeAdjustment incomeAdjustmentChild incomeAdjustmentPension salary familyEmployeeDeduction blueReturnDeduction business realEstate interest dividends publicPensionRevenue otherThanPensionIncome publicPension miscellaneous transferShort transferLong transferLoss occasional forestry declaredRetirement shortGeneral shortReduced longGeneral longSpecified longReduced landSpecialDeduction generalStocks listedStocks listedDividends listedStockLossOffset futures aggregate unabsorbedLoss totalIncome'.split(
      ' ',
    ),
  carriedLosses: ['netLoss', 'casualtyLoss', 'homeLoss', 'listedStockLoss', 'futuresLoss'],
  deductions:
    'casualty medical socialInsurance smallEnterpriseMutualAid lifeInsurance earthquakeInsurance disability widow singleParent workingStudent spouse spouseSpecial dependants specificRelatives basic total'.split(
      ' ',
    ),
  exemption: 'notTaxableReason full perCapitaLimit perIncomeLimit perCapitaExempt perIncomeExempt'.split(' '),
  bases:
    'aggregate shortGeneral shortReduced longGeneral longSpecified longReduced listedDividends generalStocks listedStocks futures forestry retirement'.split(
      ' ',
    ),
  levy: ['ward', 'metropolis'],
  'levy.ward': side,
  'levy.metropolis': side,
  withheldLevy: ['withheld', 'shortfall', 'appropriated', 'refund'],
  annual:
    'wardPerIncome metropolisPerIncome wardPerCapita metropolisPerCapita forestEnvironmentTax total payable'.split(' '),
  collection: ['method', 'ordinary', 'wageSpecial', 'pension'],
  'collection.pension': ['provisional', 'main', 'ordinary', 'excess'],
};

test('assessment-interchange §4: every member of the result is there in each of 400 cases and none besides; figures are whole numbers', () => {
  const at = (of: unknown, name: string): unknown =>
    name === '' ? of : name.split('.').reduce((found, step) => (found as Record<string, unknown>)[step], of);
  fc.assert(
    fc.property(anyCase, (given) => {
      const line = assessLine(JSON.stringify(given));
      assert.ok(line.ok);
      const result = JSON.parse(line.value) as unknown;
      for (const [name, members] of Object.entries(output))
        assert.deepEqual(Object.keys(at(result, name) as object).toSorted(), [...members].toSorted(), name);
      for (const path of pathsOf(result)) {
        const value = path.reduce<unknown>((found, step) => (found as Record<string | number, unknown>)[step], result);
        if (typeof value === 'number') assert.ok(Number.isSafeInteger(value), path.join('.'));
      }
    }),
    { numRuns: 400, seed: 20_261_121 },
  );
});

test('INC-14 翌年度の仮徴収額は、定額減税の前の年金分年税額を基にする: 60,000円なら10,000円ずつ', () => {
  const of = (previousYearTax: number) => {
    const done = assessLine(
      JSON.stringify({
        caseId: 'pension',
        fiscalYear: 2025,
        person: { birthDate: '1955-04-02', sex: 'male' },
        incomes: { publicPensions: [{ payerId: 'n', revenue: 2_600_000, socialInsurance: 100_000 }] },
        collection: {
          pension: {
            receivesOldAgePension: true,
            annualBenefit: 2_600_000,
            careInsuranceWithheld: true,
            previousYearTax,
          },
        },
      }),
    );
    assert.ok(done.ok);
    return (JSON.parse(done.value) as { collection: { method: string; pension: { provisional: number[] } } })
      .collection;
  };
  assert.equal(of(60_000).method, 'pensionSpecial');
  assert.deepEqual(of(60_000).pension.provisional, [10_000, 10_000, 10_000]);
  // What the tax after the cut of 10,000 yen would have given.
  assert.deepEqual(of(50_000).pension.provisional, [8_400, 8_300, 8_300]);
});
