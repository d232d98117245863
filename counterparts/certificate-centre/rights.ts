import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Machines ask; whose card it is, the card itself shows. */
export const rights: RightsTable = {
  system: 'certificate-centre',
  staff: {},
  peers: [
    { organisation: 'any', system: 'kiosk', may: [['kiosk', 'update']] },
    // In a town the conductor stands before the machine.
    { organisation: 'town', system: 'conductor', may: [['kiosk', 'update']] },
  ],
  jobs: [],
};
