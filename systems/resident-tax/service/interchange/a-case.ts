import fc from 'fast-check';

/* Arbitrary cases of the format: every class of income, loss, deduction and credit, in the amounts that people have. */

const money = (max: number) => fc.oneof(fc.integer({ min: 0, max }), fc.constantFrom(0, max));
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const day = (from: string, to: string) =>
  fc.integer({ min: Date.parse(from) / 86_400_000, max: Date.parse(to) / 86_400_000 }).map((n) =>
    Temporal.Instant.fromEpochMilliseconds(n * 86_400_000)
      .toZonedDateTimeISO('UTC')
      .toPlainDate()
      .toString(),
  );

const expenses = (max: number) => fc.record({ revenue: money(max), expenses: money(max) });
const costs = (max: number) => fc.record({ revenue: money(max), costs: money(max) });
const transfer = fc.record({
  revenue: money(9_000_000),
  acquisitionCost: money(9_000_000),
  transferExpenses: money(300_000),
});
const land = fc.record({
  revenue: money(90_000_000),
  acquisitionCost: fc.option(money(90_000_000)),
  transferExpenses: money(2_000_000),
  specialDeduction: fc.constantFrom(
    'none',
    'expropriation',
    'ownHome',
    'landReadjustment',
    'housingSite',
    'acquired2009Or2010',
    'farmland',
    'underusedLand',
  ),
});
const memberIncomes = fc.record({
  salaryRevenue: money(2_500_000),
  pensionRevenue: rarely(money(2_500_000)),
  otherIncome: rarely(money(1_000_000)),
});
const disability = fc.constantFrom('none', 'none', 'none', 'ordinary', 'special');
const relative = fc.record(
  {
    relation: fc.constantFrom('child', 'child', 'parent', 'grandparent', 'sibling', 'other'),
    birthDate: day('1930-01-01', '2026-12-31'),
    incomes: memberIncomes,
    disability,
    livingTogether: fc.boolean(),
    abroad: rarely(fc.boolean()),
    studyingAbroad: rarely(fc.boolean()),
    remittance: rarely(money(500_000)),
    familyEmployee: rarely(fc.boolean()),
    claimedByOther: rarely(fc.boolean()),
    deathDate: rarely(day('2022-06-01', '2026-12-31')),
  },
  { requiredKeys: ['relation', 'birthDate'] },
);
const loss = (years: number) =>
  fc.record({ incomeYear: fc.integer({ min: 2026 - years, max: 2026 }), amount: money(4_000_000) });
const retirement = fc.record({
  amount: money(40_000_000),
  serviceYears: fc.integer({ min: 1, max: 45 }),
  officer: fc.boolean(),
  disabilityRetirement: rarely(fc.boolean()),
});
const payer = (max: number) =>
  fc.record({ payerId: fc.constantFrom('p1', 'p2'), revenue: money(max), socialInsurance: money(700_000) });

/** A case as a value that JSON.stringify makes a valid line of; keys that are absent have their defaults. */
export const anyCase = fc
  .record({
    fiscalYear: fc.constantFrom(2024, 2025, 2026, 2027),
    municipality: rarely(
      fc.record({
        designatedCity: fc.boolean(),
        wardIncomeRatePercent: fc.constantFrom('6', '8', '7.7'),
        metropolisIncomeRatePercent: fc.constantFrom('4', '2', '2.025'),
        metropolisPerCapita: fc.constantFrom(1_000, 1_300, 1_500),
        areaGrade: fc.constantFrom(1, 2, 3),
      }),
    ),
    person: fc.record({
      birthDate: day('1935-01-01', '2010-12-31'),
      sex: fc.constantFrom('male', 'female'),
      taxpayerKind: rarely(fc.constantFrom('resident', 'houseOrOfficeOnly')),
      residentOnLevyDate: rarely(fc.boolean()),
      deathDate: rarely(day('2023-11-01', '2027-12-31')),
      departureDate: rarely(day('2023-11-01', '2027-12-31')),
      publicAssistance: rarely(fc.boolean()),
      disability,
      maritalStatus: fc.constantFrom('neverMarried', 'married', 'divorced', 'bereaved', 'spouseMissing'),
      deFactoSpouse: rarely(fc.boolean()),
      workingStudent: rarely(fc.boolean()),
    }),
    spouse: some(
      fc.record({
        birthDate: day('1935-01-01', '2005-12-31'),
        incomes: memberIncomes,
        disability,
        livingTogether: fc.boolean(),
        abroad: rarely(fc.boolean()),
        familyEmployee: rarely(fc.boolean()),
      }),
    ),
    relatives: fc.array(relative, { maxLength: 4 }),
    incomes: fc.record({
      salaries: fc.array(payer(15_000_000), { maxLength: 2 }),
      specificExpenditure: rarely(money(3_000_000)),
      publicPensions: fc.oneof(fc.constant([]), fc.array(payer(5_000_000), { maxLength: 2 })),
      business: rarely(
        fc.record({
          revenue: money(20_000_000),
          expenses: money(20_000_000),
          blueFamilyWages: rarely(money(3_000_000)),
          whiteFamilyEmployees: rarely(fc.record({ spouse: fc.boolean(), others: fc.integer({ min: 0, max: 2 }) })),
        }),
      ),
      farm: rarely(expenses(3_000_000)),
      realEstate: rarely(
        fc.record({ revenue: money(9_000_000), expenses: money(9_000_000), landAcquisitionInterest: money(900_000) }),
      ),
      blueReturnDeduction: rarely(fc.constantFrom(0, 100_000, 550_000, 650_000)),
      homeWorkerRule: rarely(fc.constantFrom('business', 'miscellaneous')),
      interest: rarely(fc.record({ revenue: money(500_000) })),
      dividends: fc.array(
        fc.record({
          kind: fc.constantFrom('profit', 'securitiesTrust', 'foreignCurrencyTrust', 'noCredit'),
          revenue: money(12_000_000),
          debtInterest: rarely(money(500_000)),
          treatment: fc.constantFrom('aggregate', 'separate', 'undeclared'),
          levyWithheld: rarely(money(600_000)),
        }),
        { maxLength: 2 },
      ),
      occasional: rarely(expenses(5_000_000)),
      miscellaneousBusiness: rarely(expenses(3_000_000)),
      miscellaneousOther: rarely(expenses(3_000_000)),
      aggregateTransfers: rarely(fc.record({ short: some(transfer), long: some(transfer) })),
      separateLand: rarely(
        fc.record({
          shortGeneral: some(land),
          shortReduced: some(land),
          longGeneral: some(land),
          longSpecified: some(land),
          longReduced: some(land),
        }),
      ),
      generalStocks: rarely(costs(9_000_000)),
      listedStocks: fc.array(
        fc.record({
          revenue: money(9_000_000),
          costs: money(9_000_000),
          treatment: fc.constantFrom('declared', 'undeclared'),
          levyWithheld: rarely(money(400_000)),
        }),
        { maxLength: 2 },
      ),
      futures: rarely(costs(3_000_000)),
      forestry: rarely(expenses(6_000_000)),
      declaredRetirement: rarely(retirement),
    }),
    carriedLosses: rarely(
      fc.record({
        netLosses: fc.array(
          fc.record({
            incomeYear: fc.integer({ min: 2017, max: 2025 }),
            amount: money(4_000_000),
            kind: fc.constantFrom('ordinary', 'forestry'),
            specifiedDisaster: fc.boolean(),
          }),
          { maxLength: 3 },
        ),
        casualtyLosses: fc.array(
          fc.record({
            incomeYear: fc.integer({ min: 2018, max: 2025 }),
            amount: money(4_000_000),
            specifiedDisaster: fc.boolean(),
          }),
          { maxLength: 2 },
        ),
        homeLosses: fc.array(loss(6), { maxLength: 1 }),
        listedStockLosses: fc.array(loss(6), { maxLength: 2 }),
        futuresLosses: fc.array(loss(6), { maxLength: 1 }),
      }),
    ),
    deductions: fc.record({
      socialInsuranceOther: rarely(money(600_000)),
      smallEnterpriseMutualAid: rarely(money(840_000)),
      lifeInsurance: fc.record({
        newGeneral: money(90_000),
        newCare: rarely(money(90_000)),
        newPension: rarely(money(90_000)),
        oldGeneral: rarely(money(90_000)),
        oldPension: rarely(money(90_000)),
      }),
      earthquakeInsurance: rarely(
        fc.record({
          earthquake: money(60_000),
          oldLongTerm: money(20_000),
          bothKinds: fc.array(fc.record({ earthquake: money(40_000), oldLongTerm: money(20_000) }), { maxLength: 4 }),
        }),
      ),
      medical: rarely(
        fc.record({
          kind: fc.constantFrom('ordinary', 'selfMedication'),
          paid: money(3_000_000),
          reimbursed: money(500_000),
        }),
      ),
      casualty: rarely(
        fc.record({ loss: money(5_000_000), disasterExpenses: money(900_000), reimbursed: money(2_000_000) }),
      ),
    }),
    returnFiled: fc.boolean(),
    donations: fc.array(
      fc
        .record({
          kind: fc.constantFrom(
            'hometown',
            'hometown',
            'communityChestOrRedCross',
            'ordinanceWard',
            'ordinanceMetropolis',
            'nationalOnly',
          ),
          amount: money(400_000),
          recipient: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
          declared: fc.boolean(),
        })
        .chain((gift) => fc.boolean().map((oneStop) => ({ ...gift, oneStop: gift.kind === 'hometown' && oneStop }))),
      { maxLength: 7 },
    ),
    housingLoan: rarely(
      fc.record({
        movedInOn: day('2007-01-01', '2026-12-31'),
        creditable: money(400_000),
        incomeTaxBeforeCredit: money(400_000),
        incomeTaxTaxable: money(6_000_000),
        specificAcquisition: fc.boolean(),
      }),
    ),
    foreignTax: rarely(fc.record({ uncredited: money(90_000), nationalLimit: money(300_000) })),
    retirements: fc.array(retirement, { maxLength: 1 }),
    collection: fc.record({
      specialCollectorPayerId: fc.constantFrom(null, 'p1'),
      otherIncomeByOrdinary: fc.boolean(),
      pension: fc.option(
        fc.record({
          receivesOldAgePension: fc.constantFrom(true, true, false),
          annualBenefit: money(3_000_000),
          careInsuranceWithheld: fc.constantFrom(true, true, false),
          previousYearTax: fc.option(money(200_000)),
        }),
      ),
    }),
  })
  .map((given) => ({ caseId: 'any', ...given }));
