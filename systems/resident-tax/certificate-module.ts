import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import type { NavEntry } from '@musubi/kernel/pages/app.ts';
import { certificateRead } from './service/certificates/functions.ts';

/** Rights of 証明書: the counter issues, the officers of the protected addresses issue theirs, the stores' system asks. */
export const certificateRights: Omit<RightsTable, 'system' | 'residents'> = {
  staff: {
    'levy-clerk': [['certificate', 'update']],
    'levy-chief': [['certificate', 'read']],
    'tax-viewer': [
      ['person', 'read'],
      ['certificate', 'update'],
    ],
    'protection-officer': [
      ['person', 'read'],
      ['certificate', 'update'],
      ['protected-certificate', 'update'],
    ],
  },
  peers: [
    {
      organisation: 'own',
      system: 'convenience-certificates',
      may: [
        ['certificate-record', 'read'],
        ['certificate-issued-elsewhere', 'update'],
      ],
    },
  ],
  jobs: [['certificate-record', 'update']],
};

export const certificateNav: readonly NavEntry[] = [{ label: '証明書', href: '/certificates', right: certificateRead }];
