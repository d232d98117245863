import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* Functions: denied-dependant (扶養控除関係情報の受領), return-image (申告書イメージの送付), return-image-issue (その受入れ). Nobody signs in: it is the far end of a line. */
export const rights: RightsTable = {
  system: 'etax',
  staff: {},
  peers: [
    { organisation: 'any', system: 'resident-tax', may: [['denied-dependant', 'update']] },
    { organisation: 'any', system: 'tax-documents', may: [['return-image', 'update']] },
    { organisation: 'any', system: 'payer', may: [['return-image-issue', 'update']] },
  ],
  jobs: [],
};
