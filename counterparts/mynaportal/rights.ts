import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** A resident sees their own records; no clerk and no operator sees any. */
export const rights: RightsTable = {
  system: 'mynaportal',
  staff: {},
  peers: [{ organisation: 'ins', system: 'linkage-root', may: [['linkage-delivery', 'update']] }],
  jobs: [
    ['session', 'update'],
    ['linkage', 'update'],
  ],
  residents: [
    ['record', 'read'],
    ['own-session', 'update'],
  ],
};
