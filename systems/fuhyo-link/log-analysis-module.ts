import { reportUseFigure } from '@musubi/contracts/governance/use-figures.ts';
import { createLogAnalysis } from '@musubi/kernel/log-analysis/analysis.ts';
import { logAnalysisLoop as loopOf, type TellFigure } from '@musubi/kernel/log-analysis/loop.ts';
import { mountLogAnalysis } from '@musubi/kernel/log-analysis/pages.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from './deps.ts';

/** Analysis of this server's own log (FPS-X8): which of its acts use persons' data, and how. */
export const logAnalysis = createLogAnalysis({
  system: 'fuhyo-link',
  uses: {
    'fuhyo-link.search': 'search',
    'fuhyo-link.search-removed': 'search',
    'fuhyo-link.read-supplement': 'read',
    'fuhyo-link.read-supplement-whole': 'read',
  },
});

export const addLogAnalysisPages = (pages: PageApp, deps: Deps): void => mountLogAnalysis(pages, deps, logAnalysis);

/** What people of contractors did here, told to the organisation's governance over mutual TLS. */
export const tellGovernance =
  (host: Pick<Host, 'peers'>, governance: string): TellFigure =>
  async (figure) =>
    (await host.peers.call(reportUseFigure, governance, {}, { system: 'fuhyo-link', ...figure })).ok;

export const logAnalysisLoop = (
  host: Pick<Host, 'notifications' | 'alarms' | 'onError' | 'peers'>,
  deps: Deps,
  governance: string | undefined,
): ((signal: AbortSignal) => Promise<void>) =>
  loopOf(host, deps, logAnalysis, governance === undefined ? undefined : tellGovernance(host, governance));
