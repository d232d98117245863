/** Where a calculation leaves its reasons. `step` is called after each figure is known; nothing is formatted here. */
export interface Trace {
  step(id: StepId, ratesVersion: string, law: string, result: number, inputs: readonly number[]): void;
}

/** One recorded reason. Amounts in yen, conditions 0 or 1, counts as they are; the meaning of each input stands in explanations.ts. */
export interface TraceStep {
  readonly id: StepId;
  readonly law: string;
  readonly ratesVersion: string;
  readonly inputs: readonly number[];
  readonly result: number;
}

/** For mass runs: keeps nothing. */
export const silentTrace: Trace = { step() {} };

/** Keeps every step in the order of the calculation. */
export function recordingTrace(): Trace & { readonly steps: readonly TraceStep[] } {
  const steps: TraceStep[] = [];
  return {
    steps,
    step(id, ratesVersion, law, result, inputs) {
      steps.push({ id, law, ratesVersion, inputs, result });
    },
  };
}

export const stepIds = [
  'salary-revenue',
  'salary-income',
  'income-adjustment',
  'total-income',
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
  'ward-computed',
  'metropolis-computed',
  'adjustment-credit-base',
  'ward-adjustment-credit',
  'metropolis-adjustment-credit',
  'adjustment-measure',
  'ward-adjustment-measure',
  'metropolis-adjustment-measure',
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
  'flat-cut',
  'metropolis-flat-cut',
  'ward-flat-cut',
  'ward-per-income',
  'metropolis-per-income',
  'ward-per-capita',
  'metropolis-per-capita',
  'forest-tax',
  'annual-total',
] as const;
export type StepId = (typeof stepIds)[number];
