import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* Functions: collection (依頼・中止・結果), recipient (受給者), withholding (支払と徴収). Nobody signs in: it is a line to the municipalities. */
export const rights: RightsTable = {
  system: 'pension',
  staff: {},
  peers: [
    { organisation: 'any', system: 'resident-tax', may: [['collection', 'update']] },
    // In a town the conductor says who gets a pension.
    { organisation: 'town', system: 'conductor', may: [['recipient', 'update']] },
  ],
  jobs: [['withholding', 'update']],
};
