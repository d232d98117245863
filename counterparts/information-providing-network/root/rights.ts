import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** The register alone may have codes made, the network alone may have them turned; no page, no staff. */
export const rights: RightsTable = {
  system: 'linkage-root',
  staff: {},
  peers: [
    { organisation: 'jlis', system: 'national-juki', may: [['derivation', 'update']] },
    {
      organisation: 'ins',
      system: 'information-providing-network',
      may: [
        ['turning', 'update'],
        ['key', 'update'],
      ],
    },
    { organisation: 'any', system: 'intermediate-server', may: [['resealing', 'update']] },
  ],
  jobs: [],
};
