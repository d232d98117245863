import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Functions are named after what they protect. Who decides a held record never approves it alone (kernel/access/approvals). */
export const rights: RightsTable = {
  system: 'common-platform',
  staff: {
    'person-clerk': [
      ['person', 'read'],
      ['held-record', 'update'],
      ['linkage', 'update'],
      ['counts', 'read'],
    ],
    approver: [
      ['person', 'read'],
      ['held-record', 'read'],
      ['held-approval', 'update'],
      ['counts', 'read'],
    ],
    viewer: [['counts', 'read']],
    'protected-address': [['protected-address', 'read']],
  },
  peers: [
    { organisation: 'own', system: 'resident-register', may: [['resident-change', 'update']] },
    {
      organisation: 'own',
      system: 'resident-tax',
      may: [
        ['ask', 'update'],
        ['lodge', 'update'],
        ['person', 'update'],
      ],
    },
    {
      organisation: 'own',
      system: 'child-chronic',
      may: [
        ['ask', 'update'],
        ['lodge', 'update'],
        ['person', 'update'],
      ],
    },
  ],
  jobs: [
    ['linkage', 'update'],
    ['withdrawal', 'update'],
    ['task-binding', 'update'],
    ['counts', 'read'],
  ],
};
