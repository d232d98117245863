import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Business systems come through their own organisation's platform; provisions, codes and orders through the network alone. */
export const rights: RightsTable = {
  system: 'intermediate-server',
  staff: {
    'ims-operator': [
      ['record', 'read'],
      ['held-provision', 'update'],
      ['copy', 'update'],
      ['linkage-case', 'update'],
      ['statistics', 'read'],
      ['operations', 'read'],
      ['alert', 'update'],
    ],
    // 情報政策課: analyses the log; the officer signs the month and decides on what of the log is taken away.
    'log-analyst': [
      ['log-analysis', 'update'],
      ['log', 'read'],
    ],
    'log-officer': [
      ['log-analysis', 'read'],
      ['log-review', 'update'],
      ['log', 'read'],
      ['log-export', 'update'],
    ],
    // The second person of a repair of copies.
    'copy-approver': [
      ['copy', 'read'],
      ['copy-repair', 'update'],
      ['statistics', 'read'],
    ],
    'audit-reader': [
      ['record', 'read'],
      ['statistics', 'read'],
      ['operations', 'read'],
      ['alert', 'update'],
    ],
  },
  peers: [
    {
      organisation: 'own',
      system: 'common-platform',
      may: [
        ['ask', 'update'],
        ['lodge', 'update'],
        ['linkage', 'update'],
        ['provision-history', 'read'],
        ['person-notice', 'update'],
      ],
    },
    {
      organisation: 'ins',
      system: 'information-providing-network',
      may: [
        ['provision', 'update'],
        ['person-request', 'read'],
        ['record-comparison', 'read'],
      ],
    },
    { organisation: 'ins', system: 'linkage-root', may: [['linkage-delivery', 'update']] },
  ],
  jobs: [
    ['list', 'update'],
    ['ask', 'update'],
    ['copy-file', 'update'],
    ['linkage-upkeep', 'update'],
    ['copy', 'update'],
    ['retention', 'update'],
    ['log-analysis', 'update'],
  ],
};
