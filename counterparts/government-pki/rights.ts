import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Enrolment is open to whoever holds a token, the repository to everyone; revoking is the operator's alone. */
export const rights: RightsTable = {
  system: 'government-pki',
  staff: {
    'pki-operator': [
      ['enrolment', 'update'],
      ['revocation', 'update'],
      ['repository', 'read'],
    ],
  },
  peers: [
    {
      organisation: '-',
      system: '-',
      may: [
        ['enrolment', 'update'],
        ['repository', 'read'],
        ['renewal', 'update'],
      ],
    },
    { organisation: 'own', system: 'government-pki', may: [['revocation', 'update']] },
  ],
  jobs: [
    ['enrolment', 'update'],
    ['revocation', 'update'],
  ],
};
