import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import type { NavEntry, PageApp } from '@musubi/kernel/pages/app.ts';
import { type LoopDeps, loopsOf } from './jobs/assessment-loops.ts';
import { approvalRead, assessmentRead, lodgingRead, noticeRead } from './service/assessment/functions.ts';
import { approvalPages } from './web/assessment-approvals.ts';
import { runPages } from './web/assessment-runs.ts';
import { assessmentPages } from './web/assessments.ts';
import { comparisonPages } from './web/comparisons.ts';
import { lodgingPages } from './web/lodging.ts';
import { noticePages } from './web/notices.ts';
import { specialNoticePages } from './web/special-notices.ts';
import { statisticsPages } from './web/statistics.ts';

/** Everything that assessment, notices and copies need; `main.ts` puts it together from the host's and this module's parts. */
export type AssessmentDeps = LoopDeps;

/** Rights of this half of the system: staff by role, and the instance's own work. `main.ts` joins them to the table. */
export const assessmentRights: Omit<RightsTable, 'system' | 'residents'> = {
  peers: [],
  staff: {
    'levy-clerk': [
      ['assessment', 'update'],
      ['assessment-approval', 'read'],
      ['assessment-batch', 'update'],
      ['notice', 'update'],
      ['lodging', 'update'],
    ],
    // Decides what others drafted; drafts nothing.
    'levy-chief': [
      ['assessment', 'read'],
      ['assessment-approval', 'update'],
      ['notice', 'read'],
      ['notice-release', 'update'],
      ['lodging', 'read'],
    ],
    'tax-viewer': [
      ['assessment', 'read'],
      ['notice', 'read'],
    ],
  },
  jobs: [
    ['assessment-batch', 'update'],
    ['lodging', 'update'],
    ['charge', 'update'],
    ['notice-delivery', 'update'],
  ],
};

export const assessmentNav: readonly NavEntry[] = [
  { label: '賦課計算', href: '/assessment-runs', right: assessmentRead },
  { label: '賦課一覧', href: '/assessments', right: assessmentRead },
  { label: '承認待ち', href: '/assessment-approvals', right: approvalRead },
  { label: '比較・試算', href: '/comparisons', right: assessmentRead },
  { label: '課税状況調', href: '/statistics', right: assessmentRead },
  { label: '納税通知書', href: '/notices', right: noticeRead },
  { label: '特別徴収税額通知', href: '/special-notices', right: noticeRead },
  { label: '副本の登録', href: '/lodged-copies', right: lodgingRead },
];

export function registerAssessmentPages(app: PageApp, deps: AssessmentDeps): void {
  runPages(app, deps);
  assessmentPages(app, deps);
  approvalPages(app, deps);
  noticePages(app, deps);
  specialNoticePages(app, deps);
  lodgingPages(app, deps);
  comparisonPages(app, deps);
  statisticsPages(app, deps);
}

export const assessmentLoops = (deps: AssessmentDeps): readonly ((signal: AbortSignal) => Promise<void>)[] =>
  loopsOf(deps);
