import { createLogAnalysis } from '@musubi/kernel/log-analysis/analysis.ts';
import { logAnalysisLoop } from '@musubi/kernel/log-analysis/loop.ts';
import { mountLogAnalysis } from '@musubi/kernel/log-analysis/pages.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from './deps.ts';

/**
 * Analysis of this server's own log: who in the organisation asked other bodies about whom, for which case. Questions come in
 * from business systems over the platform, so the person acting is whom they name; what clerks see here of copies counts too.
 */
export const logAnalysis = createLogAnalysis({
  system: 'intermediate-server',
  uses: {
    'inquiry.send': { kind: 'search', carried: true },
    'inquiry-order.take': { kind: 'output', carried: true },
    'provision.show-held': 'output',
    'copies.show-file': 'output',
    'copies.show-person': 'search',
    'copies.show-comparison': 'output',
  },
});

/** Pages of the log's analyst and officer, and the loop that looks through what is new. */
export function startLogAnalysis(host: Pick<Host, 'notifications' | 'alarms' | 'onError'>, pages: PageApp, deps: Deps) {
  mountLogAnalysis(pages, deps, logAnalysis);
  return { loop: logAnalysisLoop(host, deps, logAnalysis) };
}
