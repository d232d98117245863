import type { RightsTable } from '@musubi/kernel/access/rights.ts';

export const rights: RightsTable = {
  system: 'information-providing-network',
  staff: {
    'network-operator': [
      ['statistics', 'read'],
      ['record', 'read'],
      ['list', 'update'],
      ['maintenance', 'update'],
      ['body-key', 'update'],
      ['comparison', 'read'],
      ['operations', 'read'],
      ['alert', 'update'],
    ],
    // The second person of a version of the list.
    'list-approver': [
      ['list', 'read'],
      ['list-approval', 'update'],
    ],
    'audit-reader': [
      ['statistics', 'read'],
      ['record', 'read'],
      ['list', 'read'],
      ['comparison', 'read'],
      ['operations', 'read'],
      ['alert', 'update'],
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
