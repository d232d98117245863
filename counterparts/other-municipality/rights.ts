import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';

/* Function: transfer (他団体との回送). Nobody signs in: it is the far end of a line. */
export const rights: RightsTable = {
  system: 'other-municipality',
  staff: {},
  peers: [],
  jobs: [['transfer', 'update']],
};

export const worker: Actor = { kind: 'job', name: 'other-municipality.transfers' };
