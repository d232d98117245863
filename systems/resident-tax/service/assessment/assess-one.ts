import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { assess } from '../../domain/assess.ts';
import type { AssessmentInput } from '../../domain/assessment-input.ts';
import type { AssessmentResult } from '../../domain/assessment-result.ts';
import { type ExplainedStep, explain } from '../../domain/explanations.ts';
import { recordingTrace, type TraceStep } from '../../domain/trace.ts';
import { inputFromJson } from '../../store/assessment-input-json.ts';

export interface Explained {
  readonly input: AssessmentInput;
  readonly result: AssessmentResult;
  readonly steps: readonly TraceStep[];
  readonly explained: readonly ExplainedStep[];
}

/**
 * One levy from its facts as JSON, with every reason: pure, the same bytes for the same facts and rates. What a decision shows,
 * a notice prints and the command line answers all come from here.
 *
 * @throws where the facts are not whole or there are no rates for the year
 */
export function assessOne(inputJson: unknown): Explained {
  const input = inputFromJson(inputJson);
  const rates = ratesForYear(input.fiscalYear);
  const trace = recordingTrace(rates.version);
  const result = assess(input, rates, trace);
  return { input, result, steps: trace.steps, explained: trace.steps.map(explain) };
}
