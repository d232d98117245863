import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import type { NavEntry } from '@musubi/kernel/pages/app.ts';
import { pensionRead } from './service/pension-collection/functions.ts';

/** 年金特別徴収: the files go by themselves; clerks link whom the insurer named and see what is not confirmed. */
export const pensionRights: Omit<RightsTable, 'system' | 'residents'> = {
  peers: [],
  staff: {
    'levy-clerk': [['pension-collection', 'update']],
    'levy-chief': [['pension-collection', 'read']],
    'tax-viewer': [['pension-collection', 'read']],
  },
  jobs: [['pension-collection', 'update']],
};

export const pensionNav: readonly NavEntry[] = [
  { label: '年金特別徴収', href: '/pension-collection', right: pensionRead },
];
