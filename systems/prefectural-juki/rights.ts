import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Who may do what at the prefecture's server. Business users search and read; nobody but the chain changes a record. */
export const rights: RightsTable = {
  system: 'prefectural-juki',
  staff: {
    'juki-operator': [
      ['output', 'update'],
      ['outputs', 'read'],
      ['search', 'read'],
      ['inquiry', 'read'],
      ['use-ledger', 'update'],
    ],
    'juki-manager': [
      ['search', 'read'],
      ['removed', 'read'],
      ['journal', 'read'],
      ['review', 'update'],
      ['task', 'update'],
      ['use-approval', 'update'],
      ['provision', 'read'],
      ['statistics', 'read'],
    ],
    'juki-statistician': [['statistics', 'read']],
    // 開示窓口 and its manager: other people than those who search for departments.
    'disclosure-clerk': [
      ['disclosure', 'update'],
      ['form-ledger', 'update'],
    ],
    // 記録の保守: manual corrections and the end of terms, each under a second person.
    'record-keeper': [
      ['retention', 'update'],
      ['correction', 'update'],
    ],
    'disclosure-manager': [
      ['disclosure', 'read'],
      ['disclosure-decision', 'update'],
      ['form-ledger', 'update'],
      ['retention', 'read'],
      ['retention-approval', 'update'],
      ['correction', 'read'],
      ['correction-approval', 'update'],
    ],
    // 振興企画課: analyses the log (JPS-X6); the officer signs the month and decides on what of the log is taken away.
    'log-analyst': [
      ['log-analysis', 'update'],
      ['log', 'read'],
    ],
    'log-officer': [
      ['log-analysis', 'read'],
      ['log-review', 'update'],
      ['log', 'read'],
      ['log-export', 'update'],
    ],
    auditor: [
      ['log-analysis', 'read'],
      ['log', 'read'],
    ],
    // 振興企画課: bulk orders at the 代表端末 and the media; their manager approves what they ask for.
    'bulk-operator': [
      ['bulk', 'update'],
      ['bulk-orders', 'read'],
      ['media', 'update'],
    ],
    'bulk-manager': [
      ['bulk-orders', 'read'],
      ['bulk-approval', 'update'],
      ['outputs', 'read'],
      ['output-approval', 'update'],
      ['media', 'read'],
      ['media-approval', 'update'],
    ],
  },
  peers: [
    {
      organisation: 'any',
      system: 'municipal-juki',
      may: [
        ['notice', 'update'],
        ['assignment', 'update'],
        ['reconciliation', 'update'],
        ['finding', 'update'],
      ],
    },
    { organisation: 'any', system: 'national-juki', may: [['return', 'update']] },
    { organisation: 'own', system: 'common-platform', may: [['linkage', 'update']] },
    // Business systems of departments and agencies; which task each may ask for stands in the register of tasks.
    ...['register-inquirer', 'child-chronic', 'statutory-reports', 'qualifications', 'resident-tax'].map((system) => ({
      organisation: 'any',
      system,
      may: [['inquiry', 'read']] as const,
    })),
    { organisation: 'own', system: 'fuhyo-link', may: [['emigrant-number', 'update']] },
  ],
  // 一括提供 is worked at the representative terminal and nowhere else.
  terminals: { bulk: ['representative'] },
  jobs: [
    ['retention', 'update'],
    ['form-ledger', 'update'],
    // Reminders of overdue media.
    ['media', 'update'],
    ['log-analysis', 'update'],
    ['number-link', 'update'],
    ['interrupted-inquiry', 'update'],
    ['first-load', 'update'],
  ],
};
