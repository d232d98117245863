import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Enrolment is open to whoever holds a token, the repository to everyone; revoking takes two people. */
export const rights: RightsTable = {
  system: 'government-pki',
  staff: {
    'pki-operator': [
      ['certificate', 'read'],
      ['revocation-request', 'update'],
      ['operations', 'read'],
      ['alert', 'update'],
    ],
    // The second person of a revocation; alerts that nobody took up come here.
    'pki-officer': [
      ['certificate', 'read'],
      ['revocation-approval', 'update'],
      ['operations', 'read'],
      ['alert', 'update'],
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
  ],
  jobs: [
    ['enrolment', 'update'],
    ['revocation-list', 'update'],
  ],
};
