import { JsonDocument } from '@musubi/kernel/audit/tied-rows.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { landGrounds } from '@musubi/rates/resident-tax/other-income.ts';
import { z } from 'zod';
import type { AssessmentInput } from '../domain/assessment-input.ts';

/*
 * The facts of an assessment as JSON: what a decision stores and the reasons are regenerated from. Strict both ways: an
 * unknown member or a missing one is a defect, never a default.
 */

const amount = z
  .int()
  .min(0)
  .transform((n) => yen(n));
const count = z.int().min(0).max(99);
const day = z.iso.date().transform((text) => Temporal.PlainDate.from(text));
const revenueAndCosts = z.strictObject({ revenue: amount, costs: amount });
const transfer = z.strictObject({ revenue: amount, acquisitionCost: amount, transferExpenses: amount }).nullable();
const landTransfer = z
  .strictObject({
    revenue: amount,
    acquisitionCost: amount.nullable(),
    transferExpenses: amount,
    specialDeduction: z.enum(['none', ...landGrounds]),
  })
  .optional();
const retirement = z.strictObject({
  amount,
  serviceYears: z.int().min(1),
  officer: z.boolean(),
  disabilityRetirement: z.boolean(),
});
const carried = { incomeYear: z.int(), amount };

const otherIncomes = z.strictObject({
  business: revenueAndCosts
    .extend({ blueFamilyWages: amount, whiteSpouse: z.boolean(), whiteOthers: count })
    .nullable(),
  farm: revenueAndCosts.nullable(),
  realEstate: revenueAndCosts.extend({ landAcquisitionInterest: amount }).nullable(),
  blueReturnDeduction: amount,
  homeWorkerRule: z.enum(['none', 'business', 'miscellaneous']),
  interest: amount,
  dividends: z.array(
    revenueAndCosts.extend({
      kind: z.enum(['profit', 'securitiesTrust', 'foreignCurrencyTrust', 'noCredit']),
      treatment: z.enum(['aggregate', 'separate', 'undeclared']),
      levyWithheld: amount,
    }),
  ),
  occasional: revenueAndCosts.nullable(),
  miscellaneousBusiness: revenueAndCosts.nullable(),
  miscellaneousOther: revenueAndCosts.nullable(),
  transferShort: transfer,
  transferLong: transfer,
  land: z.strictObject({
    shortGeneral: landTransfer,
    shortReduced: landTransfer,
    longGeneral: landTransfer,
    longSpecified: landTransfer,
    longReduced: landTransfer,
  }),
  generalStocks: revenueAndCosts.nullable(),
  listedStocks: z.array(revenueAndCosts.extend({ declared: z.boolean(), levyWithheld: amount })),
  futures: revenueAndCosts.nullable(),
  forestry: revenueAndCosts.nullable(),
  declaredRetirement: retirement.nullable(),
});

export const assessmentInputJson = z.strictObject({
  fiscalYear: z.int().min(2000).max(2100),
  taxpayer: z.strictObject({
    bornOn: day,
    sex: z.enum(['male', 'female']),
    kind: z.enum(['resident', 'house-or-office-only']),
    residentOnLevyDate: z.boolean(),
    diedOn: day.nullable(),
    departedOn: day.nullable(),
    publicAssistance: z.boolean(),
    disability: z.enum(['none', 'ordinary', 'special']),
    widow: z.boolean(),
    singleParent: z.boolean(),
    workingStudent: z.boolean(),
  }),
  incomes: z.strictObject({
    salaries: z.array(amount),
    specificExpenditure: amount,
    publicPensions: z.array(amount),
    other: otherIncomes.nullable(),
  }),
  carriedLosses: z
    .strictObject({
      net: z.array(
        z.strictObject({ ...carried, kind: z.enum(['ordinary', 'forestry']), specifiedDisaster: z.boolean() }),
      ),
      casualty: z.array(z.strictObject({ ...carried, specifiedDisaster: z.boolean() })),
      home: z.array(z.strictObject(carried)),
      listedStock: z.array(z.strictObject(carried)),
      futures: z.array(z.strictObject(carried)),
    })
    .nullable(),
  spouse: z
    .strictObject({ totalIncome: amount, elderly: z.boolean(), abroad: z.boolean(), familyEmployee: z.boolean() })
    .nullable(),
  dependants: z.strictObject({
    ordinary: count,
    specified: count,
    elderly: count,
    elderlyLivingTogether: count,
    underSixteen: count,
    abroad: count,
    disabled: count,
    speciallyDisabled: count,
    speciallyDisabledLivingTogether: count,
    underTwentyThree: count,
    adjustmentOnly: z.boolean(),
  }),
  specificRelatives: z.array(amount),
  deductions: z.strictObject({
    socialInsurance: z.array(amount),
    mutualAid: z.array(amount),
    life: z.strictObject({
      newGeneral: amount,
      newCare: amount,
      newPension: amount,
      oldGeneral: amount,
      oldPension: amount,
    }),
    earthquake: z.strictObject({
      earthquake: amount,
      oldLongTerm: amount,
      bothKinds: z.array(z.strictObject({ earthquake: amount, oldLongTerm: amount })).max(4),
    }),
    medical: z
      .strictObject({ kind: z.enum(['ordinary', 'self-medication']), paid: amount, reimbursed: amount })
      .nullable(),
    casualty: z.strictObject({ loss: amount, disasterExpenses: amount, reimbursed: amount }).nullable(),
  }),
  returnFiled: z.boolean(),
  donations: z.array(
    z.strictObject({
      kind: z.enum(['hometown', 'both-sides', 'ward', 'metropolis', 'national-only']),
      amount,
      recipient: z.string(),
      oneStop: z.boolean(),
      declared: z.boolean(),
    }),
  ),
  housingLoan: z
    .strictObject({
      movedInYear: z.int(),
      creditable: amount,
      incomeTaxBeforeCredit: amount,
      incomeTaxTaxable: amount,
      specificAcquisition: z.boolean(),
    })
    .nullable(),
  foreignTax: z.strictObject({ uncredited: amount, nationalLimit: amount }).nullable(),
  incomeTaxBasicDeduction: amount.nullable(),
  specialCollection: z.boolean(),
  otherIncomeByOrdinary: z.boolean(),
  pensionCollection: z
    .strictObject({
      receivesOldAgePension: z.boolean(),
      annualBenefit: amount,
      careInsuranceWithheld: z.boolean(),
      previousYearTax: amount.nullable(),
    })
    .nullable(),
  retirements: z.array(retirement),
});

/** The facts as the database keeps them; dates as ISO text. */
export const inputToJson = (input: AssessmentInput): JsonDocument => new JsonDocument(input);

/** The facts from stored JSON. Throws where they are not whole: such a row was not written by this system. */
export const inputFromJson = (stored: unknown): AssessmentInput => assessmentInputJson.parse(stored);
