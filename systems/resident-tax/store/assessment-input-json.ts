import { yen } from '@musubi/kernel/yen/yen.ts';
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
  incomes: z.strictObject({ salaries: z.array(amount) }),
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
    earthquake: z.strictObject({ earthquake: amount, oldLongTerm: amount }),
  }),
  returnFiled: z.boolean(),
  donations: z.array(
    z.strictObject({
      kind: z.enum(['hometown', 'both-sides', 'ward', 'metropolis', 'national-only']),
      amount,
      recipient: z.string(),
      oneStop: z.boolean(),
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
  incomeTaxBasicDeduction: amount.nullable(),
  specialCollection: z.boolean(),
});

/** Plain JSON of the facts; dates as ISO text. */
export const inputToJson = (input: AssessmentInput): Record<string, unknown> =>
  JSON.parse(JSON.stringify(input)) as Record<string, unknown>;

/** The facts from stored JSON. Throws where they are not whole: such a row was not written by this system. */
export const inputFromJson = (stored: unknown): AssessmentInput => assessmentInputJson.parse(stored);
