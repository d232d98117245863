import type { RightsTable } from '@musubi/kernel/access/rights.ts';

export const rights: RightsTable = {
  system: 'ward-sections',
  staff: {
    'allowance-clerk': [
      ['subject', 'update'],
      ['question', 'update'],
    ],
    'allowance-viewer': [['subject', 'read']],
  },
  peers: [],
  jobs: [],
};
