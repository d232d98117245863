import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* Function: job (印刷依頼、データの受領、作業報告、消去). A job is seen by the instance alone that ordered it. */
export const rights: RightsTable = {
  system: 'printing',
  staff: {},
  peers: [{ organisation: 'any', system: 'resident-tax', may: [['job', 'update']] }],
  jobs: [],
};
