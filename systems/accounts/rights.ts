import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* Functions: mandate (口座情報), debit (口座振替の依頼と結果), transfer (口座振込の依頼). */
export const rights: RightsTable = {
  system: 'accounts',
  staff: {
    'account-clerk': [
      ['mandate', 'update'],
      ['debit', 'update'],
      ['transfer', 'update'],
    ],
    'account-viewer': [['mandate', 'read']],
  },
  peers: [],
  jobs: [],
};
