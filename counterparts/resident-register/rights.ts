import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Who may do what in the ward's register. */
export const rights: RightsTable = {
  system: 'resident-register',
  staff: {
    'resident-clerk': [
      ['resident', 'update'],
      ['returned', 'read'],
    ],
    'resident-supervisor': [
      ['resident', 'update'],
      ['returned', 'update'],
    ],
  },
  peers: [
    { organisation: 'own', system: 'municipal-juki', may: [['return', 'update']] },
    { organisation: 'town', system: 'conductor', may: [['load', 'update']] },
  ],
  jobs: [['resident', 'update']],
};
