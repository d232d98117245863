import type { NavEntry, PageApp } from '@musubi/kernel/pages/app.ts';
import type { InquiryDeps } from '../service/inquiry.ts';
import { addInquiryPages, inquiryRight } from './inquiry.ts';
import { addTaskPages, taskRight } from './inquiry-tasks.ts';
import { addUsePages, ownUseRight, useApprovalRight } from './inquiry-uses.ts';
import { addStatisticsPages, provisionRight, statisticsRight } from './statistics.ts';

export const provideNav: readonly NavEntry[] = [
  { label: '照会', href: '/inquiry', right: inquiryRight },
  { label: '使用簿', href: '/uses', right: ownUseRight },
  { label: '使用の承認', href: '/use-approvals', right: useApprovalRight },
  { label: '事務の登録簿', href: '/tasks', right: taskRight },
  { label: '提供の記録', href: '/provisions', right: provisionRight },
  { label: '統計資料', href: '/statistics', right: statisticsRight },
];

/** Inquiries and their ledger, register of tasks, records of provision, statistics. */
export function addProvidePages(app: PageApp, deps: InquiryDeps): void {
  addInquiryPages(app, deps);
  addUsePages(app, deps);
  addTaskPages(app, deps);
  addStatisticsPages(app, deps);
}
