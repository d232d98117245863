import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** A resident sees their own records; no clerk and no operator sees any. */
export const rights: RightsTable = {
  system: 'mynaportal',
  staff: {},
  peers: [
    { organisation: 'ins', system: 'linkage-root', may: [['linkage-delivery', 'update']] },
    // A body's platform takes applications addressed to it; no person of a body can.
    { organisation: 'any', system: 'common-platform', may: [['application', 'update']] },
  ],
  jobs: [
    ['session', 'update'],
    ['linkage', 'update'],
    ['application-expiry', 'update'],
  ],
  residents: [
    ['own-application', 'update'],
    ['record', 'read'],
    ['information', 'read'],
    // Opening a notice is told to its body: a change, and theirs alone.
    ['notice', 'update'],
    ['agent', 'update'],
    ['own-session', 'update'],
  ],
};
