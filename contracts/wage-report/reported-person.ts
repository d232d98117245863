import { type Era, fromEraDate } from '@musubi/kernel/calendar/eras.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import type { dependantKinds } from './code-tables.ts';

/* What reports of salaries and of pensions say about people in the same columns. */

/** A family member that a report names; a spouse and those under 16 are `resident` or not, without a reason. */
export interface ReportedPerson {
  readonly name: string | undefined;
  readonly kana: string | undefined;
  readonly residence: (typeof dependantKinds)[keyof typeof dependantKinds] | 'non-resident' | undefined;
  readonly individualNumber: IndividualNumber | undefined;
}

/** Undefined where the columns name nobody. */
export const reportedPerson = (
  name: string | undefined,
  kana: string | undefined,
  residence: ReportedPerson['residence'],
  individualNumber: IndividualNumber | undefined,
): ReportedPerson | undefined =>
  name === undefined && individualNumber === undefined ? undefined : { name, kana, residence, individualNumber };

export const present = <T>(items: readonly (T | undefined)[]): T[] => items.filter((item) => item !== undefined);

/** 生年月日 of four columns; undefined where they name no real day (W09). */
export function reportedBirth(c: {
  readonly bornEra: Era | 'other';
  readonly bornYear: string;
  readonly bornMonth: string;
  readonly bornDay: string;
}): Temporal.PlainDate | undefined {
  if (c.bornEra === 'other') return undefined;
  const born = fromEraDate({
    era: c.bornEra,
    year: Number(c.bornYear),
    month: Number(c.bornMonth),
    day: Number(c.bornDay),
  });
  return born.ok ? born.value : undefined;
}

/**
 * 年分 in two digits names no era: 28 to 31 are 平成, the others 令和. The layout began with 平成28年分, so this holds
 * until 令和28年.
 */
export const incomeYearOf = (twoDigits: string): number =>
  Number(twoDigits) >= 28 ? 1988 + Number(twoDigits) : 2018 + Number(twoDigits);
