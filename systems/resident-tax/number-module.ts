import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Whoever may see a number itself holds a role of its own beside the work's: everybody else's screens have none. */
export const numberRights: Omit<RightsTable, 'system' | 'residents'> = {
  staff: {
    'number-viewer': [
      ['person', 'read'],
      ['individual-number', 'read'],
      // Packages for payers that bear numbers are opened by this role alone.
      ['notice', 'read'],
    ],
  },
  peers: [],
  jobs: [],
};
