import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';

/** One figure of the year's rates as a draft of a law or an ordinance would have it: whole yen, or a ratio. */
export interface DraftChange {
  /** Members from the outside in: `personal.dependant.ordinary`, `basicDeduction.0.value`, `levy.wardPerIncome`. */
  readonly figure: string;
  readonly value: number | readonly [numerator: number, denominator: number];
}

/** What names the year and stands in every decision: no draft changes it. */
const fixed = new Set(['version', 'fiscalYear', 'levyDate', 'minorBornFrom', 'minorBornFromDay', 'levyDay']);

export interface DraftFault {
  readonly figure: string;
  readonly word: 'no-such-figure' | 'not-an-amount' | 'not-a-ratio';
}

/**
 * The year's rates with the figures of a draft in place of those in force. A figure that the rates do not know, or one of another
 * kind, is refused with its name: nothing is guessed.
 *
 * @param name of the draft; it enters the version, so that no levy under it is taken for one in force
 */
export function draftRates(
  rates: RatesForYear,
  name: string,
  changes: readonly DraftChange[],
): Result<RatesForYear, readonly DraftFault[]> {
  const faults: DraftFault[] = [];
  let drafted: unknown = rates;
  for (const { figure, value } of changes) {
    const path = figure.split('.');
    const fault = fixed.has(path[0] ?? '') ? 'no-such-figure' : faultOf(at(rates, path), value);
    if (fault === undefined) drafted = replaced(drafted, path, value);
    else faults.push({ figure, word: fault });
  }
  if (faults.length > 0) return err(faults);
  return ok({ ...(drafted as RatesForYear), version: `${rates.version}+draft:${name}` });
}

function at(of: unknown, path: readonly string[]): unknown {
  let found: unknown = of;
  for (const member of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, member)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[member];
  }
  return found;
}

const isRatio = (of: unknown): boolean =>
  Array.isArray(of) && of.length === 2 && of.every((part) => Number.isSafeInteger(part)) && of[1] > 0;

function faultOf(known: unknown, value: DraftChange['value']): DraftFault['word'] | undefined {
  if (typeof known === 'number')
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? undefined : 'not-an-amount';
  if (isRatio(known)) return isRatio(value) ? undefined : 'not-a-ratio';
  return 'no-such-figure';
}

function replaced(of: unknown, [member = '', ...rest]: readonly string[], value: unknown): unknown {
  const next = rest.length === 0 ? value : replaced((of as Readonly<Record<string, unknown>>)[member], rest, value);
  if (Array.isArray(of)) return of.map((one, i) => (`${i}` === member ? next : one));
  return { ...(of as object), [member]: next };
}
