import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Who files and who receives are told by their certificates; the municipality behind a receiver stands in the settings. */
export const rights: RightsTable = {
  system: 'eltax',
  staff: {},
  peers: [
    {
      organisation: 'any',
      system: 'payer',
      may: [
        ['submission', 'update'],
        ['received-notice', 'update'],
      ],
    },
    {
      organisation: 'any',
      system: 'resident-tax',
      may: [
        ['delivery', 'update'],
        ['transfer', 'update'],
        ['special-notice', 'update'],
      ],
    },
    { organisation: 'any', system: 'other-municipality', may: [['transfer', 'update']] },
  ],
  jobs: [
    ['examination', 'update'],
    ['retention', 'update'],
  ],
};
