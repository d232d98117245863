import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** The officer works the case, the approver decides what the officer proposed, the viewer reads. */
export const rights: RightsTable = {
  system: 'child-chronic',
  staff: {
    'case-officer': [
      ['case', 'update'],
      ['inquiry', 'update'],
      ['tier', 'update'],
    ],
    approver: [
      ['case', 'read'],
      ['tier-approval', 'update'],
    ],
    viewer: [['case', 'read']],
  },
  peers: [
    {
      organisation: 'own',
      system: 'common-platform',
      may: [
        ['identity-correction', 'update'],
        ['transfer-answer', 'read'],
      ],
    },
  ],
  jobs: [],
};
