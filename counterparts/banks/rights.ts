import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* Function: order (振替・振込の依頼と結果). Which 委託者コード a peer may use, its contract says. */
export const rights: RightsTable = {
  system: 'banks',
  staff: {},
  peers: [{ organisation: 'any', system: 'accounts', may: [['order', 'update']] }],
  jobs: [],
};
