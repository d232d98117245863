import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* Functions: notice (特別徴収税額通知), month (月割額の納入). Nobody signs in: it is payroll software. */
export const rights: RightsTable = {
  system: 'payers',
  staff: {},
  peers: [
    // In a town the conductor hands over what the municipality gave out.
    {
      organisation: 'town',
      system: 'conductor',
      may: [
        ['notice', 'update'],
        ['month', 'read'],
      ],
    },
  ],
  jobs: [['month', 'update']],
};
