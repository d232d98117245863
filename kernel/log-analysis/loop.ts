import type { ActDeps } from '../db/act.ts';
import { runLoop } from '../db/listen.ts';
import type { Host } from '../serve/host.ts';
import { analyseLog, analysisActor, type LogAnalysis } from './analysis.ts';
import type { ContractorFigure } from './store.ts';

/** How often the log is looked through; a case need not be found within the second. */
const everyMs = 60_000;

/** Tells the organisation's governance; false where it could not be reached, to be tried again. */
export type TellFigure = (figure: ContractorFigure & { readonly month: string }) => Promise<boolean>;

/** Looks through the log as it grows, and once a civil day tells what people of contractors did here. */
export function logAnalysisLoop(
  host: Pick<Host, 'notifications' | 'alarms' | 'onError'>,
  deps: ActDeps,
  analysis: LogAnalysis,
  tell?: TellFigure,
): (signal: AbortSignal) => Promise<void> {
  const done = { on: '' };
  const told = { on: '' };
  return (signal) =>
    runLoop({
      notifications: host.notifications,
      channel: 'log_analysis',
      signal,
      idleMs: everyMs,
      onError: (error) => host.onError(error, 'log-analysis'),
      async step() {
        const { cases, overdue } = await analyseLog(analysis, deps, done);
        if (cases > 0) host.alarms.raise('log.unusual-use', { cases });
        if (overdue > 0) host.alarms.raise('log.review-overdue', { reviews: overdue });
        if (tell) await tellFigures(analysis, deps, told, tell);
        return 'idle';
      },
    });
}

/** The month before and this one: the last figures of a month are told on the day after its end. */
export async function tellFigures(
  analysis: LogAnalysis,
  deps: ActDeps,
  told: { on: string },
  tell: TellFigure,
): Promise<void> {
  const today = deps.civilClock.today();
  if (told.on === today.toString()) return;
  for (const month of [today.toPlainYearMonth().subtract({ months: 1 }), today.toPlainYearMonth()]) {
    const figures = await analysis.contractorFigures(deps, analysisActor, { month: month.toString() });
    if (!figures.ok) throw new Error(figures.error);
    // Tried again with the next look; who takes them counts the latest of a month.
    if (!(await tell({ month: month.toString(), ...figures.value }))) return;
  }
  told.on = today.toString();
}
