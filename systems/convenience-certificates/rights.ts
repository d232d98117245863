import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** The centre asks, the ward's tax system tells, the counters register cards; people watch, and issue only in an outage. */
export const rights: RightsTable = {
  system: 'convenience-certificates',
  staff: {
    'certificate-operator': [
      ['request', 'read'],
      ['degraded', 'read'],
      ['degraded-switch', 'update'],
    ],
    'certificate-clerk': [['degraded', 'update']],
  },
  peers: [
    { organisation: 'any', system: 'certificate-centre', may: [['request', 'update']] },
    { organisation: 'own', system: 'resident-tax', may: [['record', 'update']] },
    { organisation: 'own', system: 'resident-register', may: [['card', 'update']] },
    // In a town the conductor hands out the cards, in place of the counter.
    { organisation: 'town', system: 'conductor', may: [['card', 'update']] },
  ],
  jobs: [],
};
