import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/* Functions: mandate (口座情報), application (電子申請), debit (口座振替の依頼と結果), transfer (口座振込の依頼). */
export const rights: RightsTable = {
  system: 'accounts',
  staff: {
    'account-clerk': [
      ['mandate', 'update'],
      ['application', 'update'],
      ['debit', 'update'],
      ['transfer', 'update'],
    ],
    'account-viewer': [['mandate', 'read']],
  },
  peers: [{ organisation: 'own', system: 'common-platform', may: [['application', 'update']] }],
  jobs: [],
};
