import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Who may do what at the national server. It has no staff screens: other systems speak to it, by certificate. */
export const rights: RightsTable = {
  system: 'national-juki',
  staff: {},
  peers: [
    {
      organisation: 'any',
      system: 'prefectural-juki',
      may: [
        ['notice', 'update'],
        ['assignment', 'update'],
        ['linkage', 'update'],
        ['inquiry', 'read'],
      ],
    },
    { organisation: 'town', system: 'conductor', may: [['load', 'update']] },
    {
      organisation: 'any',
      system: 'municipal-juki',
      may: [
        ['linkage', 'update'],
        ['inquiry', 'read'],
      ],
    },
    { organisation: 'own', system: 'jpki', may: [['linkage', 'update']] },
  ],
  jobs: [['succession', 'update']],
};
