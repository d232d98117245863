import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* Functions: till (入金), file (収納データ). Nobody signs in: tills and terminals speak to it. */
export const rights: RightsTable = {
  system: 'payments',
  staff: {},
  peers: [
    // Insurers and employers pay over what they kept back.
    { organisation: 'own', system: 'pension', may: [['till', 'update']] },
    { organisation: 'own', system: 'payers', may: [['till', 'update']] },
    // In a town the conductor stands for everybody who goes to a till.
    {
      organisation: 'town',
      system: 'conductor',
      may: [
        ['till', 'update'],
        ['file', 'read'],
      ],
    },
  ],
  jobs: [['file', 'update']],
};
