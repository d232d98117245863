import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/**
 * Who may do what in the directory. The role that changes accounts decides nothing, the role that decides changes
 * nothing; neither grants to itself (`service/grant.ts`).
 */
export const rights: RightsTable = {
  system: 'staff-directory',
  staff: {
    // 情報セキュリティ担当: applies, issues, unlocks, revokes.
    'directory-administrator': [
      ['account', 'update'],
      ['id-review', 'update'],
      ['id-finding', 'read'],
      ['application', 'update'],
      ['decision', 'read'],
      ['sign-in-record', 'read'],
      ['session', 'update'],
      ['terminal', 'update'],
    ],
    // 所属長: decides what others applied for.
    'directory-approver': [
      ['account', 'read'],
      ['decision', 'update'],
      ['id-finding', 'update'],
      ['sign-in-record', 'read'],
      ['session', 'read'],
    ],
  },
  // The registers of trainings and of contracts of the same organisation.
  peers: [
    {
      organisation: 'own',
      system: 'governance',
      may: [
        ['training', 'update'],
        ['contractor', 'update'],
      ],
    },
  ],
  jobs: [
    ['sign-in', 'update'],
    ['town', 'update'],
  ],
};
