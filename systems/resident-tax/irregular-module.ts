import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import { irregularNav } from '@musubi/kernel/irregular/pages.ts';

/** 通常以外の処理: whoever did it, the head of the section (or their deputy) confirms the record. */
export const irregularRights: Omit<RightsTable, 'system' | 'residents'> = {
  staff: {
    'levy-clerk': [['irregular', 'read']],
    'levy-chief': [
      ['irregular', 'read'],
      ['irregular-approval', 'update'],
    ],
  },
  peers: [],
  jobs: [['irregular', 'update']],
};
export const taxIrregularNav = irregularNav('resident-tax');
