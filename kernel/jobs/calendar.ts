import type { ActDeps } from '../db/act.ts';
import { withTransaction } from '../db/database.ts';
import { type Notifications, runLoop } from '../db/listen.ts';
import type { BatchDefinition, Params } from './definition.ts';
import { type BatchEnd, runBatch } from './run-batch.ts';

export type Rule =
  /** Every civil date. */
  | { readonly kind: 'daily' }
  /** The nth open day of each month, from 1. */
  | { readonly kind: 'open-day'; readonly nth: number };

export type IsOpenDay = (date: Temporal.PlainDate) => boolean;

/** Dates in (`after`, `today`] on which the rule falls, in order; without `after` only today can be due. */
export function dueDates(
  rule: Rule,
  after: Temporal.PlainDate | undefined,
  today: Temporal.PlainDate,
  isOpenDay: IsOpenDay,
) {
  const due: Temporal.PlainDate[] = [];
  for (
    let day = after?.add({ days: 1 }) ?? today;
    Temporal.PlainDate.compare(day, today) <= 0;
    day = day.add({ days: 1 })
  ) {
    if (rule.kind === 'daily' || isNthOpenDay(day, rule.nth, isOpenDay)) due.push(day);
  }
  return due;
}

function isNthOpenDay(date: Temporal.PlainDate, nth: number, isOpenDay: IsOpenDay): boolean {
  if (!isOpenDay(date)) return false;
  let count = 0;
  for (let day = 1; day <= date.day; day++) if (isOpenDay(date.with({ day }))) count += 1;
  return count === nth;
}

export interface CalendarJob<D extends ActDeps, P extends Params> {
  readonly name: string;
  readonly rule: Rule;
  readonly batch: BatchDefinition<D, P>;
  /** The civil date must be among the parameters: it makes one date's run another than the next one's. */
  params(civilOn: Temporal.PlainDate): P;
}

/**
 * Runs what is due up to the civil date: when the date jumped over several, each in order, and a date whose run did not
 * end well holds the later ones back. Safe to repeat, and for two schedulers at once.
 */
export async function runDue<D extends ActDeps, P extends Params>(
  deps: D,
  job: CalendarJob<D, P>,
  isOpenDay: IsOpenDay,
  options: { readonly signal?: AbortSignal; readonly onError?: (error: unknown) => void } = {},
): Promise<{ civilOn: Temporal.PlainDate; end: BatchEnd }[]> {
  const ran: { civilOn: Temporal.PlainDate; end: BatchEnd }[] = [];
  for (const civilOn of dueDates(job.rule, await lastDue(deps, job.name), deps.civilClock.today(), isOpenDay)) {
    const end = await runBatch(deps, { kind: 'job', name: job.name }, job.batch, job.params(civilOn), options);
    if (!end.ok) break;
    ran.push({ civilOn, end: end.value });
    if (end.value.state !== 'done') break;
    await withTransaction(
      deps.db,
      deps.newId(),
      (tx) => tx`insert into jobs.due (job, civil_on, run_id, noted_at)
        values (${job.name}, ${civilOn}, ${end.value.runId}, ${deps.machineClock.now()}) on conflict do nothing`,
    );
  }
  return ran;
}

async function lastDue(deps: ActDeps, job: string): Promise<Temporal.PlainDate | undefined> {
  const [row] = await withTransaction(
    deps.db,
    deps.newId(),
    (tx) => tx<{ last: string | null }>`select max(civil_on)::text as last from jobs.due where job = ${job}`,
    { readOnly: true },
  );
  return row?.last ? Temporal.PlainDate.from(row.last) : undefined;
}

/** What the conductor of the town notifies when it moves the civil date; otherwise the fallback sees midnight. */
export const civilDateChannel = 'civil_date';

/** Keeps one instance's calendar: looks at NOTIFY and every five seconds whether the date moved. */
export async function runCalendar<D extends ActDeps>(
  deps: D,
  jobs: readonly CalendarJob<D, Params>[],
  options: {
    readonly notifications: Notifications;
    readonly signal: AbortSignal;
    readonly isOpenDay: IsOpenDay;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  await runLoop({
    ...options,
    channel: civilDateChannel,
    step: async () => {
      for (const job of jobs) if (!options.signal.aborted) await runDue(deps, job, options.isOpenDay, options);
      return 'idle';
    },
  });
}
