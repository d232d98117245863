import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Who may do what in the ward's register. */
export const rights: RightsTable = {
  system: 'resident-register',
  staff: {
    'resident-clerk': [
      ['resident', 'update'],
      ['returned', 'update'],
      ['certificate', 'update'],
      ['approval', 'read'],
      ['fuhyo', 'update'],
    ],
    'resident-supervisor': [
      ['resident', 'update'],
      ['returned', 'update'],
      ['certificate', 'update'],
      ['approval', 'update'],
      ['protection', 'read'],
      ['fuhyo', 'update'],
    ],
    // 支援措置担当: alone sees and handles what is withheld; who lifts is another person (approval).
    'protection-officer': [
      ['resident', 'update'],
      ['certificate', 'update'],
      ['protection', 'update'],
    ],
  },
  peers: [
    {
      organisation: 'own',
      system: 'municipal-juki',
      may: [
        ['return', 'update'],
        ['reconciliation', 'update'],
        ['fuhyo-reconciliation', 'update'],
      ],
    },
    { organisation: 'town', system: 'conductor', may: [['load', 'update']] },
  ],
  jobs: [['resident', 'update']],
};
