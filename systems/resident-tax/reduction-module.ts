import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import type { NavEntry, PageApp } from '@musubi/kernel/pages/app.ts';
import { objectionRead, reductionRead } from './service/reductions/functions.ts';
import { objectionPages } from './web/objections.ts';
import { type ReductionPageDeps, reductionPages } from './web/reductions.ts';

/** 減免 and 審査請求: who takes an application never decides it, and who took an objection never enters its ruling. */
export const reductionRights: Omit<RightsTable, 'system' | 'residents'> = {
  peers: [],
  staff: {
    'levy-clerk': [
      ['reduction', 'update'],
      ['objection', 'update'],
    ],
    'levy-chief': [
      ['reduction', 'read'],
      ['reduction-approval', 'update'],
      ['objection', 'read'],
      ['objection-ruling', 'update'],
    ],
    'tax-viewer': [
      ['reduction', 'read'],
      ['objection', 'read'],
    ],
  },
  jobs: [],
};

export const reductionNav: readonly NavEntry[] = [
  { label: '減免', href: '/reductions', right: reductionRead },
  { label: '審査請求', href: '/objections', right: objectionRead },
];

export function registerReductionPages(app: PageApp, deps: ReductionPageDeps): void {
  reductionPages(app, deps);
  objectionPages(app, deps);
}
