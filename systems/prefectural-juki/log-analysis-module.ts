import { reportUseFigure } from '@musubi/contracts/governance/use-figures.ts';
import { createLogAnalysis } from '@musubi/kernel/log-analysis/analysis.ts';
import { logAnalysisLoop as loopOf, type TellFigure } from '@musubi/kernel/log-analysis/loop.ts';
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
    'prefectural-juki.read-person-whole': 'read',
    'prefectural-juki.take-output': 'output',
    'prefectural-juki.write-bulk-medium': 'output',
  },
});

export const addLogAnalysisPages = (pages: PageApp, deps: Deps): void => mountLogAnalysis(pages, deps, logAnalysis);

/** What people of contractors did here, told to the organisation's governance over mutual TLS. */
export const tellGovernance =
  (host: Pick<Host, 'peers'>, governance: string): TellFigure =>
  async (figure) =>
    (await host.peers.call(reportUseFigure, governance, {}, { system: 'prefectural-juki', ...figure })).ok;

export const logAnalysisLoop = (
  host: Pick<Host, 'notifications' | 'alarms' | 'onError' | 'peers'>,
  deps: Deps,
  governance: string | undefined,
): ((signal: AbortSignal) => Promise<void>) =>
  loopOf(host, deps, logAnalysis, governance === undefined ? undefined : tellGovernance(host, governance));
