import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import type { NavEntry } from '@musubi/kernel/pages/app.ts';
import { dependantRead } from './service/dependants/functions.ts';

/** 扶養関係, 扶養否認 and what the tax agency is told of it: who proposes a denial or makes a file never decides it. */
export const dependantRights: Omit<RightsTable, 'system' | 'residents'> = {
  peers: [],
  staff: {
    'levy-clerk': [['dependant', 'update']],
    'levy-chief': [
      ['dependant', 'read'],
      ['dependant-approval', 'update'],
    ],
    'tax-viewer': [['dependant', 'read']],
  },
  jobs: [['denial-notice', 'update']],
};

export const dependantNav: readonly NavEntry[] = [{ label: '扶養否認', href: '/denials', right: dependantRead }];
