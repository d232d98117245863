import { reportUseFigure } from '@musubi/contracts/governance/use-figures.ts';
import { runLoop } from '@musubi/kernel/db/listen.ts';
import { analyseLog, analysisActor, createLogAnalysis } from '@musubi/kernel/log-analysis/analysis.ts';
import { mountLogAnalysis } from '@musubi/kernel/log-analysis/pages.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from './deps.ts';

/** Analysis of this server's own log (JPS-X6): which of its acts use persons' data, and how. */
export const logAnalysis = createLogAnalysis({
  system: 'prefectural-juki',
  uses: {
    'prefectural-juki.search': 'search',
    'prefectural-juki.search-with-removed': 'search',
    'prefectural-juki.read-person': 'read',
    'prefectural-juki.take-output': 'output',
    'prefectural-juki.write-bulk-medium': 'output',
  },
});

/** How often the log is looked through; a case need not be found within the second. */
const everyMs = 60_000;

export const addLogAnalysisPages = (pages: PageApp, deps: Deps): void => mountLogAnalysis(pages, deps, logAnalysis);

/** Looks through the log, and once a civil day tells the organisation's governance what people of contractors did here. */
export function logAnalysisLoop(
  host: Pick<Host, 'notifications' | 'alarms' | 'onError' | 'peers'>,
  deps: Deps,
  governance: string | undefined,
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
        const { cases, overdue } = await analyseLog(logAnalysis, deps, done);
        if (cases > 0) host.alarms.raise('log.unusual-use', { cases });
        if (overdue > 0) host.alarms.raise('log.review-overdue', { reviews: overdue });
        if (governance !== undefined) await tellFigures(host, deps, governance, told);
        return 'idle';
      },
    });
}

/** The month before and this one: the last figures of a month are told on the day after its end. */
export async function tellFigures(
  host: Pick<Host, 'peers'>,
  deps: Deps,
  governance: string,
  told: { on: string },
): Promise<void> {
  const today = deps.civilClock.today();
  if (told.on === today.toString()) return;
  for (const month of [today.toPlainYearMonth().subtract({ months: 1 }), today.toPlainYearMonth()]) {
    const figures = await logAnalysis.contractorFigures(deps, analysisActor, { month: month.toString() });
    if (!figures.ok) throw new Error(figures.error);
    const taken = await host.peers.call(
      reportUseFigure,
      governance,
      {},
      {
        system: 'prefectural-juki',
        month: month.toString(),
        ...figures.value,
      },
    );
    // Tried again with the next look; governance counts the latest of a month.
    if (!taken.ok) return;
  }
  told.on = today.toString();
}
