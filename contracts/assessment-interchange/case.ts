import { z } from 'zod';

/*
 * 賦課計算の入出力 (format assessment-interchange): one taxpayer of one fiscal year a line. What is left out has the default
 * given here; what is not named here is refused.
 */

const yen = z.int().min(0);
const none = yen.default(0);
const date = z.iso.date();
const no = z.boolean().default(false);
const yes = z.boolean().default(true);
const disability = z.enum(['none', 'ordinary', 'special']).default('none');
const percent = z.string().regex(/^[0-9]+(\.[0-9]+)?$/);

const revenueAndExpenses = z.strictObject({ revenue: yen, expenses: none });
const revenueAndCosts = z.strictObject({ revenue: yen, costs: none });
const transfer = z.strictObject({ revenue: yen, acquisitionCost: none, transferExpenses: none });
const landTransfer = z.strictObject({
  revenue: yen,
  acquisitionCost: yen.nullable(),
  transferExpenses: none,
  specialDeduction: z
    .enum([
      'none',
      'expropriation',
      'ownHome',
      'landReadjustment',
      'housingSite',
      'acquired2009Or2010',
      'farmland',
      'underusedLand',
    ])
    .default('none'),
});
const retirementPayment = z
  .strictObject({
    amount: yen,
    serviceYears: z.int().min(1).optional(),
    serviceFrom: date.optional(),
    serviceTo: date.optional(),
    officer: no,
    disabilityRetirement: no,
  })
  .refine(
    (payment) =>
      payment.serviceYears !== undefined ||
      (payment.serviceFrom !== undefined &&
        payment.serviceTo !== undefined &&
        payment.serviceFrom <= payment.serviceTo),
    'serviceYears, or serviceFrom not after serviceTo',
  );
const memberIncomes = z.strictObject({ salaryRevenue: none, pensionRevenue: none, otherIncome: none }).prefault({});
const payer = z.strictObject({ payerId: z.string(), revenue: yen, socialInsurance: none, withheldIncomeTax: none });
const carried = { incomeYear: z.int(), amount: yen };

export const assessmentCase = z.strictObject({
  caseId: z.string().min(1),
  fiscalYear: z.literal([2024, 2025, 2026, 2027]),
  municipality: z
    .strictObject({
      designatedCity: no,
      wardIncomeRatePercent: percent.default('6'),
      metropolisIncomeRatePercent: percent.default('4'),
      wardPerCapita: yen.default(3_000),
      metropolisPerCapita: yen.default(1_000),
      forestEnvironmentTax: yen.default(1_000),
      areaGrade: z.literal([1, 2, 3]).default(1),
    })
    .optional(),
  person: z.strictObject({
    birthDate: date,
    sex: z.enum(['male', 'female']),
    taxpayerKind: z.enum(['resident', 'houseOrOfficeOnly']).default('resident'),
    residentOnLevyDate: yes,
    deathDate: date.nullable().default(null),
    departureDate: date.nullable().default(null),
    publicAssistance: no,
    disability,
    maritalStatus: z.enum(['neverMarried', 'married', 'divorced', 'bereaved', 'spouseMissing']).default('neverMarried'),
    deFactoSpouse: no,
    workingStudent: no,
  }),
  spouse: z
    .strictObject({
      birthDate: date,
      incomes: memberIncomes,
      disability,
      livingTogether: yes,
      abroad: no,
      familyEmployee: no,
      deathDate: date.nullable().default(null),
    })
    .nullable()
    .default(null),
  relatives: z
    .array(
      z.strictObject({
        relation: z.enum(['child', 'parent', 'grandparent', 'grandchild', 'sibling', 'other']),
        birthDate: date,
        incomes: memberIncomes,
        disability,
        livingTogether: yes,
        abroad: no,
        studyingAbroad: no,
        remittance: none,
        familyEmployee: no,
        claimedByOther: no,
        deathDate: date.nullable().default(null),
      }),
    )
    .default([]),
  incomes: z
    .strictObject({
      salaries: z.array(payer).default([]),
      specificExpenditure: none,
      publicPensions: z.array(payer).default([]),
      business: z
        .strictObject({
          revenue: yen,
          expenses: none,
          blueFamilyWages: none,
          whiteFamilyEmployees: z.strictObject({ spouse: no, others: z.int().min(0).default(0) }).prefault({}),
        })
        .optional(),
      farm: revenueAndExpenses.optional(),
      realEstate: z.strictObject({ revenue: yen, expenses: none, landAcquisitionInterest: none }).optional(),
      blueReturnDeduction: z.literal([0, 100_000, 550_000, 650_000]).default(0),
      homeWorkerRule: z.enum(['none', 'business', 'miscellaneous']).default('none'),
      interest: z.strictObject({ revenue: yen }).optional(),
      dividends: z
        .array(
          z.strictObject({
            kind: z.enum(['profit', 'securitiesTrust', 'foreignCurrencyTrust', 'noCredit']),
            revenue: yen,
            debtInterest: none,
            treatment: z.enum(['aggregate', 'separate', 'undeclared']),
            levyWithheld: none,
          }),
        )
        .default([]),
      occasional: revenueAndExpenses.optional(),
      miscellaneousBusiness: revenueAndExpenses.optional(),
      miscellaneousOther: revenueAndExpenses.optional(),
      aggregateTransfers: z.strictObject({ short: transfer.optional(), long: transfer.optional() }).optional(),
      separateLand: z
        .strictObject({
          shortGeneral: landTransfer.optional(),
          shortReduced: landTransfer.optional(),
          longGeneral: landTransfer.optional(),
          longSpecified: landTransfer.optional(),
          longReduced: landTransfer.optional(),
        })
        .optional(),
      generalStocks: revenueAndCosts.optional(),
      listedStocks: z
        .array(
          z.strictObject({
            revenue: yen,
            costs: none,
            treatment: z.enum(['declared', 'undeclared']),
            levyWithheld: none,
          }),
        )
        .default([]),
      futures: revenueAndCosts.optional(),
      forestry: revenueAndExpenses.optional(),
      declaredRetirement: retirementPayment.nullable().default(null),
    })
    .prefault({}),
  carriedLosses: z
    .strictObject({
      netLosses: z
        .array(
          z.strictObject({
            ...carried,
            kind: z.enum(['ordinary', 'forestry']).default('ordinary'),
            specifiedDisaster: no,
          }),
        )
        .default([]),
      casualtyLosses: z.array(z.strictObject({ ...carried, specifiedDisaster: no })).default([]),
      homeLosses: z.array(z.strictObject(carried)).default([]),
      listedStockLosses: z.array(z.strictObject(carried)).default([]),
      futuresLosses: z.array(z.strictObject(carried)).default([]),
    })
    .optional(),
  deductions: z
    .strictObject({
      socialInsuranceOther: none,
      smallEnterpriseMutualAid: none,
      lifeInsurance: z
        .strictObject({ newGeneral: none, newCare: none, newPension: none, oldGeneral: none, oldPension: none })
        .prefault({}),
      earthquakeInsurance: z
        .strictObject({
          earthquake: none,
          oldLongTerm: none,
          bothKinds: z
            .array(z.strictObject({ earthquake: yen, oldLongTerm: yen }))
            .max(4)
            .default([]),
        })
        .prefault({}),
      medical: z.strictObject({ kind: z.enum(['ordinary', 'selfMedication']), paid: yen, reimbursed: none }).optional(),
      casualty: z.strictObject({ loss: yen, disasterExpenses: none, reimbursed: none }).optional(),
    })
    .prefault({}),
  returnFiled: no,
  donations: z
    .array(
      z.strictObject({
        kind: z.enum([
          'hometown',
          'communityChestOrRedCross',
          'ordinanceBoth',
          'ordinanceWard',
          'ordinanceMetropolis',
          'nationalOnly',
        ]),
        amount: yen,
        recipient: z.string(),
        oneStop: no,
        declared: yes,
      }),
    )
    .default([]),
  housingLoan: z
    .strictObject({
      movedInOn: date,
      creditable: yen,
      incomeTaxBeforeCredit: yen,
      incomeTaxTaxable: yen,
      specificAcquisition: no,
    })
    .nullable()
    .default(null),
  foreignTax: z.strictObject({ uncredited: yen, nationalLimit: yen }).nullable().default(null),
  incomeTax: z.strictObject({ basicDeduction: yen.nullable().default(null) }).prefault({}),
  retirements: z.array(retirementPayment).default([]),
  collection: z
    .strictObject({
      specialCollectorPayerId: z.string().nullable().default(null),
      otherIncomeByOrdinary: no,
      pension: z
        .strictObject({
          receivesOldAgePension: no,
          annualBenefit: none,
          careInsuranceWithheld: no,
          previousYearTax: yen.nullable().default(null),
        })
        .nullable()
        .default(null),
    })
    .prefault({}),
});
export type AssessmentCase = z.output<typeof assessmentCase>;
