import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/**
 * Who may do what at the supplement server. Nobody but the municipalities' servers writes a record; the prefecture's register
 * may push a number into an open inquiry and nothing else; askers are named by the task's own row as well.
 */
export const rights: RightsTable = {
  system: 'fuhyo-link',
  staff: {
    'juki-operator': [
      ['search', 'read'],
      ['terminal-inquiry', 'update'],
    ],
    'juki-manager': [
      ['search', 'read'],
      ['removed', 'read'],
      ['terminal-inquiry', 'update'],
      ['journal', 'read'],
      ['keeping', 'read'],
    ],
    // 開示窓口 and its manager: other people than those who search.
    'disclosure-clerk': [
      ['disclosure', 'update'],
      ['form-ledger', 'update'],
    ],
    'record-keeper': [
      ['retention', 'update'],
      ['correction', 'update'],
    ],
    'disclosure-manager': [
      ['disclosure', 'read'],
      ['retention', 'read'],
      ['retention-approval', 'update'],
      ['correction', 'read'],
      ['correction-approval', 'update'],
      ['disclosure-decision', 'update'],
      ['form-ledger', 'update'],
    ],
    // As at the register's own server: who analyses, who signs and decides, who audits (FPS-X8).
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
  },
  peers: [
    {
      organisation: 'any',
      system: 'municipal-juki',
      may: [
        ['notice', 'update'],
        ['fuhyo-reconciliation', 'update'],
        ['finding', 'update'],
      ],
    },
    { organisation: 'any', system: 'national-fuhyo', may: [['return', 'update']] },
    { organisation: 'own', system: 'prefectural-juki', may: [['number-link', 'update']] },
    { organisation: 'own', system: 'child-chronic', may: [['inquiry', 'update']] },
    { organisation: 'own', system: 'prefectural-tax', may: [['inquiry', 'update']] },
  ],
  jobs: [
    ['keeping', 'update'],
    ['retention', 'update'],
    ['log-analysis', 'update'],
  ],
};
