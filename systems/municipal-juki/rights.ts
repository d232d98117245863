import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Who may do what at the municipality's server: it takes from its own register and platform only, and sends upwards. */
export const rights: RightsTable = {
  system: 'municipal-juki',
  staff: {
    'juki-operator': [
      ['returned', 'update'],
      ['journal', 'read'],
      ['investigation', 'update'],
      ['reconciliation', 'update'],
      ['queue', 'update'],
    ],
    'resident-supervisor': [
      ['returned', 'read'],
      ['queue', 'read'],
      ['reconciliation', 'read'],
      ['reconciliation-approval', 'update'],
    ],
  },
  peers: [
    {
      organisation: 'own',
      system: 'resident-register',
      may: [
        ['notice', 'update'],
        ['assignment', 'update'],
      ],
    },
    {
      organisation: 'any',
      system: 'prefectural-juki',
      may: [
        ['return', 'update'],
        ['investigation-request', 'update'],
      ],
    },
    {
      organisation: 'any',
      system: 'fuhyo-link',
      may: [
        ['return', 'update'],
        ['investigation-request', 'update'],
      ],
    },
    { organisation: 'own', system: 'common-platform', may: [['linkage', 'update']] },
    // 個人住民税の賦課 (住民基本台帳法 別表第二): the one affair here that may ask the network about anybody in the country.
    { organisation: 'own', system: 'resident-tax', may: [['office-inquiry', 'read']] },
  ],
  jobs: [['reconciliation', 'update']],
};
