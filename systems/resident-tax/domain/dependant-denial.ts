import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { AssessmentInput, Dependants } from './assessment-input.ts';

/** A relative for whom no deduction is given, as the document counted the relative. */
export interface DeniedRelative {
  readonly head: 'spouse' | 'ordinary' | 'specified' | 'elderly' | 'elderly-living-together' | 'under-sixteen';
  readonly disability: 'none' | 'ordinary' | 'special' | 'special-living-together';
  /** Counted among those under 23; a payer's report counts nobody of the 一般 there. */
  readonly under23: boolean;
  readonly abroad: boolean;
}

const fieldOfHead = {
  ordinary: 'ordinary',
  specified: 'specified',
  elderly: 'elderly',
  'elderly-living-together': 'elderlyLivingTogether',
  'under-sixteen': 'underSixteen',
} as const satisfies Record<Exclude<DeniedRelative['head'], 'spouse'>, keyof Dependants>;
const fieldOfDisability = {
  ordinary: 'disabled',
  special: 'speciallyDisabled',
  'special-living-together': 'speciallyDisabledLivingTogether',
} as const satisfies Record<Exclude<DeniedRelative['disability'], 'none'>, keyof Dependants>;

/**
 * The facts without the denied relatives. Nothing is taken from a document that does not have it: then what was denied and what the
 * document says are about different families, and a clerk looks.
 *
 * @law 地方税法 第314条の2第1項第10号〜第11号, 第292条第1項第7号〜第9号
 */
export function withoutDenied(
  input: AssessmentInput,
  denied: readonly DeniedRelative[],
): Result<AssessmentInput, 'denied-relative-not-counted'> {
  const heads: { -readonly [K in keyof Dependants]: Dependants[K] } = { ...input.dependants };
  let spouse = input.spouse;
  let missing = false;
  const take = (field: Exclude<keyof Dependants, 'adjustmentOnly'>): void => {
    if (heads[field] === 0) missing = true;
    else heads[field] -= 1;
  };
  for (const one of denied) {
    if (one.head !== 'spouse') {
      take(fieldOfHead[one.head]);
      if (one.under23) take('underTwentyThree');
      if (one.abroad) take('abroad');
    } else if (spouse === null) missing = true;
    else spouse = null;
    if (one.disability !== 'none') take(fieldOfDisability[one.disability]);
  }
  return missing ? err('denied-relative-not-counted') : ok({ ...input, spouse, dependants: heads });
}

/**
 * Whether the document counts the relative among those under 23: children under 16, the 特定, and of the 一般 those whom a return names with
 * their birth date (16 to 18).
 */
export function countsUnder23(
  head: DeniedRelative['head'],
  document: { readonly isReturn: boolean; readonly incomeYear: number; readonly relativeBornOn: string | null },
): boolean {
  if (head === 'specified' || head === 'under-sixteen') return true;
  if (head !== 'ordinary' || !document.isReturn || document.relativeBornOn === null) return false;
  // Born on 1 January: a year older on 31 December (年齢計算ニ関スル法律).
  const youngest = Temporal.PlainDate.from({ year: document.incomeYear - 22, month: 1, day: 1 });
  return Temporal.PlainDate.compare(Temporal.PlainDate.from(document.relativeBornOn), youngest) > 0;
}
