import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { assess } from './assess.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { AssessmentResult } from './assessment-result.ts';
import { ordinaryDueDates, ordinaryInstalments, specialInstalments, specialMonths } from './collection.ts';

/** A levy of which the employer collects one part and the person pays the other by slip. */
export interface MixedParts {
  /** June to May. */
  readonly special: readonly Yen[];
  /** The four due dates. */
  readonly ordinary: readonly Yen[];
}

/**
 * 併徴: who asked in the return to pay the tax on other incomes himself. The employer collects the 均等割, the 森林環境税 and the 所得割 that
 * the wages alone would bear with all deductions; what the other incomes add to the 所得割 is paid by slip. Each side of the 所得割 (ward,
 * metropolis) is divided for itself, so the parts add up to the levy exactly. Where other incomes lower the tax below that of the wages
 * alone, nothing is left for slips.
 *
 * @param result of the same `input` and `rates`, its collection `mixed`
 * @throws RangeError where nobody pays wages: such a levy has no such parts
 * @law 地方税法 第321条の3第1項・第2項ただし書, 附則第5条の9, 第5条の10 (令和6年度)
 */
export function mixedPartsOf(input: AssessmentInput, result: AssessmentResult, rates: RatesForYear): MixedParts {
  if (!input.specialCollection || result.incomes.salaryRevenue === 0)
    throw new RangeError('a levy without wages under special collection');
  const alone = assess(withWagesAlone(input), rates, null);
  const sides = ['ward', 'metropolis'] as const;
  const ofWages = sides.reduce(
    (sum, side) => sum + Math.min(result.levy[side].perIncome, alone.levy[side].perIncome),
    0,
  );
  const perIncome = result.levy.ward.perIncome + result.levy.metropolis.perIncome;
  const ordinary = yen(perIncome - ofWages);
  const special = yen(result.payable - ordinary);
  const [cut, cutOfWages] = [cutOf(result), Math.min(cutOf(result), cutOf(alone))];
  const juneFree = rates.flatCut?.juneFree ?? false;
  return {
    special: specialInstalments(
      {
        payable: special,
        beforeFlatCut: yen(special + cutOfWages),
        flatCut: cutOfWages > 0,
        perCapitaAmount: rates.levy.wardPerCapita + rates.levy.metropolisPerCapita + rates.levy.forestTax,
      },
      juneFree,
    ),
    ordinary: ordinaryInstalments(
      {
        payable: ordinary,
        beforeFlatCut: yen(ordinary + cut - cutOfWages),
        flatCut: cut > cutOfWages,
        perCapitaAmount: 0,
      },
      juneFree,
    ),
  };
}

const cutOf = ({ levy }: AssessmentResult): number => levy.ward.flatCut + levy.metropolis.flatCut;

const withWagesAlone = (input: AssessmentInput): AssessmentInput => ({
  ...input,
  incomes: { ...input.incomes, publicPensions: [], other: null },
  carriedLosses: null,
  otherIncomeByOrdinary: false,
  pensionCollection: null,
});

/** The days of the parts: the months June to May, then the four due dates. */
export const mixedDates = (fiscalYear: number): readonly Temporal.PlainDate[] => [
  ...specialMonths(fiscalYear),
  ...ordinaryDueDates(fiscalYear),
];
