import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Who may do what at the prefecture's server. Business users search and read; nobody but the chain changes a record. */
export const rights: RightsTable = {
  system: 'prefectural-juki',
  staff: {
    'juki-operator': [['search', 'read']],
    'juki-manager': [
      ['search', 'read'],
      ['journal', 'read'],
    ],
  },
  peers: [
    {
      organisation: 'any',
      system: 'municipal-juki',
      may: [
        ['notice', 'update'],
        ['assignment', 'update'],
      ],
    },
    { organisation: 'any', system: 'national-juki', may: [['return', 'update']] },
    { organisation: 'own', system: 'common-platform', may: [['linkage', 'update']] },
    { organisation: 'own', system: 'fuhyo-link', may: [['emigrant-number', 'update']] },
  ],
  jobs: [['number-link', 'update']],
};
