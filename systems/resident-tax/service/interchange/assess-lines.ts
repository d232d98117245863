import { assessmentCase } from '@musubi/contracts/assessment-interchange/case.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type RatesForYear, ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { assess } from '../../domain/assess.ts';
import { inputOfCase, ratesOfCase } from './case-input.ts';
import { resultLine } from './result-line.ts';

/** What is wrong with a line: members and rules, never a value. */
export interface LineFault {
  readonly member: string;
  readonly fault: string;
}

const ofWards = new Map<number, RatesForYear>();
function ratesFor(fiscalYear: number): RatesForYear {
  const known = ofWards.get(fiscalYear) ?? ratesForYear(fiscalYear);
  ofWards.set(fiscalYear, known);
  return known;
}

/**
 * One line of the format assessment-interchange to its result line, both without line end.
 *
 * @source format assessment-interchange (conventions C1–C20)
 */
export function assessLine(line: string): Result<string, readonly LineFault[]> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return err([{ member: '', fault: 'is no JSON object' }]);
  }
  const parsed = assessmentCase.safeParse(json);
  if (!parsed.success)
    return err(
      parsed.error.issues.map((issue) => ({
        member: issue.path.map(String).join('.'),
        fault:
          issue.code === 'unrecognized_keys'
            ? `has members that the format does not know: ${issue.keys.join(', ')}`
            : issue.message,
      })),
    );
  const given = parsed.data;
  const rates = given.municipality === undefined ? ratesFor(given.fiscalYear) : ratesOfCase(given);
  const result = assess(inputOfCase(given, rates), rates, null);
  return ok(JSON.stringify(resultLine(given.caseId, given.fiscalYear, result)));
}
