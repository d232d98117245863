import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** What business systems have passed on: closed outside the service hours. */
export const relayed: readonly string[] = ['ask', 'lodge', 'transfer', 'person-notice'];

/** Functions are named after what they protect. Who decides a held record never approves it alone (kernel/access/approvals). */
export const rights: RightsTable = {
  system: 'common-platform',
  staff: {
    'person-clerk': [
      ['person', 'read'],
      ['held-record', 'update'],
      ['linkage', 'update'],
      ['counts', 'read'],
      ['transfer-rule', 'update'],
      ['emergency', 'update'],
      ['operations', 'read'],
      ['alert', 'update'],
      ['application', 'read'],
      ['application-incident', 'update'],
      ['user-binding', 'update'],
      ['linkage-end', 'update'],
      ['outside-person', 'update'],
    ],
    approver: [
      ['person', 'read'],
      ['held-record', 'read'],
      ['outside-person', 'read'],
      ['held-approval', 'update'],
      ['linkage-end', 'read'],
      ['linkage-end-approval', 'update'],
      ['application-incident', 'read'],
      ['user-binding', 'read'],
      ['user-binding-approval', 'update'],
      ['counts', 'read'],
      ['transfer-rule', 'read'],
      ['transfer-rule-approval', 'update'],
      ['emergency', 'read'],
      ['emergency-approval', 'update'],
      ['operations', 'read'],
      ['alert', 'update'],
    ],
    // 抽出: builds and extracts; personal columns are a right of their own.
    'extraction-clerk': [
      ['euc', 'update'],
      ['euc-personal', 'read'],
    ],
    'statistics-clerk': [['euc', 'update']],
    'extraction-approver': [
      ['euc', 'read'],
      ['euc-approval', 'update'],
      ['media', 'read'],
      ['media-approval', 'update'],
    ],
    // 媒体: keeps the ledger and writes what was approved; at an office's own terminal nothing is written.
    'media-keeper': [
      ['euc', 'read'],
      ['media', 'update'],
      ['media-station', 'update'],
    ],
    // Of a business whose information is asked for: decides what leaves it.
    'source-approver': [['transfer-approval', 'update']],
    // Of a business that received by hand.
    'emergency-receiver': [['emergency', 'update']],
    viewer: [['counts', 'read']],
    'protected-address': [['protected-address', 'read']],
  },
  peers: [
    { organisation: 'own', system: 'resident-register', may: [['resident-change', 'update']] },
    {
      organisation: 'own',
      system: 'resident-tax',
      may: [
        ['ask', 'update'],
        ['lodge', 'update'],
        ['person', 'update'],
        ['outside-person', 'update'],
        ['protection', 'read'],
        ['transfer', 'update'],
        ['person-notice', 'update'],
        ['application-outcome', 'update'],
      ],
    },
    {
      organisation: 'own',
      system: 'child-chronic',
      may: [
        ['ask', 'update'],
        ['lodge', 'update'],
        ['person', 'update'],
        ['protection', 'read'],
        ['transfer', 'update'],
        ['person-notice', 'update'],
      ],
    },
    // A section of the ward: its subjects, and what the ordinance list gives it.
    {
      organisation: 'own',
      system: 'ward-sections',
      may: [
        ['person', 'update'],
        ['protection', 'read'],
        ['transfer', 'update'],
      ],
    },
    // 公金受取口座の照会, and how an application on line ended.
    {
      organisation: 'own',
      system: 'accounts',
      may: [
        ['protection', 'read'],
        ['ask', 'update'],
        ['application-outcome', 'update'],
      ],
    },
    ...['convenience-certificates', 'collections'].map((system) => ({
      organisation: 'own',
      system,
      may: [['protection', 'read']] as const,
    })),
  ],
  jobs: [
    ['linkage', 'update'],
    ['withdrawal', 'update'],
    ['protection-watch', 'update'],
    ['application-intake', 'update'],
    ['task-binding', 'update'],
    ['counts', 'read'],
    ['media', 'update'],
  ],
  terminals: { 'media-station': ['representative'] },
};
