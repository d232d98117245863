/**
 * Where a calculation leaves its reasons: `trace?.step(…)` after each figure is known. A mass run passes null, so that not even
 * the inputs are gathered. Nothing is formatted here.
 */
export interface Trace {
  step(id: StepId, law: string, result: number, inputs: readonly number[]): void;
}

/** One recorded reason. Amounts in yen, conditions 0 or 1, counts as they are; the meaning of each input stands in explanations.ts. */
export interface TraceStep {
  readonly id: StepId;
  readonly law: string;
  readonly ratesVersion: string;
  readonly inputs: readonly number[];
  readonly result: number;
}

/** Keeps every step in the order of the calculation. */
export function recordingTrace(ratesVersion: string): Trace & { readonly steps: readonly TraceStep[] } {
  const steps: TraceStep[] = [];
  return {
    steps,
    step(id, law, result, inputs) {
      steps.push({ id, law, ratesVersion, inputs, result });
    },
  };
}

export const stepIds = [
  'salary-revenue',
  'salary-income',
  'specific-expenditure',
  'income-adjustment',
  'family-employees',
  'real-estate',
  'business',
  'dividends',
  'transfer-short',
  'transfer-long',
  'transfer-loss',
  'occasional',
  'miscellaneous-other',
  'general-stocks',
  'listed-stocks',
  'listed-dividends',
  'futures',
  'forestry',
  'declared-retirement',
  'land-gain',
  'land-after-offset',
  'land-after-deduction',
  'pension-revenue',
  'other-than-pension',
  'pension-income',
  'pension-adjustment',
  'salary',
  'miscellaneous',
  'aggregate',
  'forestry-after-offset',
  'retirement-after-offset',
  'unabsorbed-loss',
  'total-income',
  'loss-taken',
  'total-income-after-losses',
  'dependant-count',
  'full-exemption',
  'per-capita-limit',
  'per-income-limit',
  'per-income-exempt',
  'per-capita-exempt',
  'casualty',
  'medical',
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
  'separate-base',
  'ward-computed',
  'metropolis-computed',
  'adjustment-credit-base',
  'ward-adjustment-credit',
  'metropolis-adjustment-credit',
  'adjustment-measure',
  'ward-adjustment-measure',
  'metropolis-adjustment-measure',
  'ward-dividend-credit',
  'metropolis-dividend-credit',
  'housing-loan-credit',
  'ward-housing-loan-credit',
  'metropolis-housing-loan-credit',
  'ward-donation-basic',
  'metropolis-donation-basic',
  'ward-donation-special',
  'metropolis-donation-special',
  'ward-donation-one-stop',
  'metropolis-donation-one-stop',
  'ward-donation-credit',
  'metropolis-donation-credit',
  'ward-foreign-tax-credit',
  'metropolis-foreign-tax-credit',
  'flat-cut',
  'metropolis-flat-cut',
  'ward-flat-cut',
  'ward-withheld-credit',
  'metropolis-withheld-credit',
  'ward-per-income',
  'metropolis-per-income',
  'ward-per-capita',
  'metropolis-per-capita',
  'forest-tax',
  'annual-total',
  'withheld-shortfall',
  'withheld-appropriated',
  'payable',
  'retirement-income',
  'retirement-ward',
  'retirement-metropolis',
] as const;
export type StepId = (typeof stepIds)[number];
