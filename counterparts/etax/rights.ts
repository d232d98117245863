import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* Function: denied-dependant (扶養控除関係情報の受領). Nobody signs in: it is the far end of a line. */
export const rights: RightsTable = {
  system: 'etax',
  staff: {},
  peers: [{ organisation: 'any', system: 'resident-tax', may: [['denied-dependant', 'update']] }],
  jobs: [],
};
