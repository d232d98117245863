import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Status is for verifiers that the law names; cards are ordered by the town's conductor, in place of the counters. */
export const rights: RightsTable = {
  system: 'jpki',
  staff: {},
  peers: [
    {
      organisation: 'portal',
      system: 'mynaportal',
      may: [
        ['status', 'read'],
        ['linkage', 'update'],
      ],
    },
    { organisation: 'eltax', system: 'eltax', may: [['status', 'read']] },
    // The machines of the stores take cards; the centre asks whether they stand.
    { organisation: 'jlis', system: 'certificate-centre', may: [['status', 'read']] },
    // 署名検証者: a body that takes applications on line.
    { organisation: 'any', system: 'common-platform', may: [['status', 'read']] },
    { organisation: 'town', system: 'conductor', may: [['card', 'update']] },
  ],
  jobs: [['list', 'update']],
};
