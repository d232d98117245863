import type { RightsTable } from '@musubi/kernel/access/rights.ts';

export const rights: RightsTable = {
  system: 'information-providing-network',
  staff: {
    'network-operator': [
      ['statistics', 'read'],
      ['record', 'read'],
      ['list', 'read'],
      ['maintenance', 'update'],
      ['body-key', 'update'],
      ['comparison', 'read'],
    ],
    'audit-reader': [
      ['statistics', 'read'],
      ['record', 'read'],
      ['list', 'read'],
      ['comparison', 'read'],
    ],
  },
  peers: [
    {
      organisation: 'any',
      system: 'intermediate-server',
      may: [
        ['linkage', 'update'],
        ['inquiry', 'update'],
        ['list', 'read'],
        ['maintenance', 'read'],
      ],
    },
    {
      organisation: 'portal',
      system: 'mynaportal',
      may: [
        ['linkage', 'update'],
        ['person-request', 'update'],
      ],
    },
  ],
  jobs: [
    ['list', 'update'],
    ['comparison', 'update'],
  ],
};
