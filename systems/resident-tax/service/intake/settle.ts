import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type Place, type Placed, placeAmong, type Standing } from '../../domain/placing.ts';
import { addSteps, addSupersessions, type NewStep } from '../../store/intake-matching.ts';
import { lockPlacing, type NewReport, type Report, standingReports } from '../../store/intake-reports.ts';

type Identified = Pick<NewReport | Report, keyof Placed | 'incomeYear'>;

/**
 * Places many identified documents among those that count, one after the other: a correction may follow its original in the same
 * file. Two round trips a year; who places documents of a year waits for the others who do.
 *
 * @returns the place of each, by document
 */
export async function placeMany(
  tx: Tx,
  identified: readonly { readonly report: Identified; readonly personId: string }[],
): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  const years = Map.groupBy(identified, ({ report }) => report.incomeYear);
  for (const [year, its] of [...years].sort(([a], [b]) => a - b)) {
    await lockPlacing(tx, year);
    const persons = [...new Set(its.map(({ personId }) => personId))];
    const found = await standingReports(tx, year, persons);
    const standing = new Map<string, Standing[]>();
    for (const one of found) standing.set(one.personId, [...(standing.get(one.personId) ?? []), one]);
    for (const { report, personId } of its) {
      const now = standing.get(personId) ?? [];
      const place = placeAmong(report, now);
      places.set(report.reportId, place);
      if (place.question !== undefined) continue;
      const stays = now.filter((other) => other.reportId !== place.replaces);
      const counts = report.submissionKind !== 'cancellation' && place.replacedBy === undefined;
      standing.set(personId, counts ? [...stays, report] : stays);
    }
  }
  return places;
}

export interface Superseded {
  readonly reportId: string;
  readonly byReportId: string;
  readonly personId: string;
  readonly decidedBy: string;
}

/** Which document ends by the place that another one took; undefined where none does. */
export function endedBy(reportId: string, place: Place): Pick<Superseded, 'reportId' | 'byReportId'> | undefined {
  if (place.replaces !== undefined) return { reportId: place.replaces, byReportId: reportId };
  return place.replacedBy === undefined ? undefined : { reportId, byReportId: place.replacedBy };
}

/** The replaced documents stand as superseded from now on, and in no levy (INC-23). */
export async function supersede(tx: Tx, ended: readonly Superseded[], at: Temporal.Instant): Promise<void> {
  if (ended.length === 0) return;
  await addSupersessions(tx, ended);
  const steps = ended.map(({ reportId, decidedBy, personId }) => {
    const step: NewStep = { reportId, step: 'superseded', decidedBy, personId, reasonCode: 'replaced-by-later-report' };
    return { ...step, state: 'superseded' as const, round: 1 };
  });
  await addSteps(tx, steps, at);
}
