/** What the register said of a person from a day on; one row for each change. */
export interface DatedState {
  readonly version: number;
  readonly changedOn: Temporal.PlainDate;
  readonly becameResidentOn: Temporal.PlainDate;
  readonly removedOn: Temporal.PlainDate | null;
}

/** 賦課期日 of a fiscal year: 1 January of the year in which it begins. @law 地方税法 第318条 */
export const levyDateOf = (fiscalYear: number): Temporal.PlainDate =>
  Temporal.PlainDate.from({ year: fiscalYear, month: 1, day: 1 });

/**
 * Whether the person lived here on a day. Every stay that the register ever stated counts, as long as no later row states the
 * same stay otherwise (a removal that became known, a correction of the day of moving in).
 *
 * @param states all rows of one person, in any order
 */
export function wasResidentOn(states: readonly DatedState[], day: Temporal.PlainDate): boolean {
  const latestOfStay = new Map<string, DatedState>();
  for (const state of states.toSorted(byDay)) latestOfStay.set(state.becameResidentOn.toString(), state);
  return [...latestOfStay.values()].some(
    ({ becameResidentOn, removedOn }) =>
      Temporal.PlainDate.compare(becameResidentOn, day) <= 0 &&
      (removedOn === null || Temporal.PlainDate.compare(removedOn, day) > 0),
  );
}

/**
 * The row that held on a day: the last change not after it. A register that was loaded after the day knows nothing older, so
 * its first row stands for the time before.
 */
export function stateOn<S extends DatedState>(states: readonly S[], day: Temporal.PlainDate): S | undefined {
  const sorted = states.toSorted(byDay);
  return sorted.findLast(({ changedOn }) => Temporal.PlainDate.compare(changedOn, day) <= 0) ?? sorted[0];
}

const byDay = (a: DatedState, b: DatedState): number =>
  Temporal.PlainDate.compare(a.changedOn, b.changedOn) || a.version - b.version;
