import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import type { NavEntry, PageApp } from '@musubi/kernel/pages/app.ts';
import { type PrintDeps, printRead } from './service/printing/functions.ts';
import { printJobPages } from './web/print-jobs.ts';
import { returnedMailPages } from './web/returned-mail.ts';

/** 印刷委託, 返戻 and 公示送達: who prepares what leaves never lets it leave. */
export const printingRights: Omit<RightsTable, 'system' | 'residents'> = {
  peers: [],
  staff: {
    'levy-clerk': [['print-job', 'update']],
    'levy-chief': [
      ['print-job', 'read'],
      ['print-approval', 'update'],
    ],
    'tax-viewer': [['print-job', 'read']],
  },
  jobs: [],
};

export const printingNav: readonly NavEntry[] = [
  { label: '印刷委託', href: '/print-jobs', right: printRead },
  { label: '返戻・公示送達', href: '/returned-mail', right: printRead },
];

export function registerPrintingPages(app: PageApp, deps: PrintDeps): void {
  printJobPages(app, deps);
  returnedMailPages(app, deps);
}
