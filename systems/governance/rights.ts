import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** Who keeps which register. Officers write, a second officer decides; auditors read everything and write nothing. */
export const rights: RightsTable = {
  system: 'governance',
  staff: {
    // 個人情報保護担当
    'governance-officer': [
      ['overview', 'read'],
      ['contractor', 'update'],
      ['assurance', 'update'],
      ['incident', 'update'],
      ['contact', 'update'],
      ['storage', 'update'],
      ['release', 'update'],
    ],
    // セキュリティ責任者: what left the house, and whether it came to its end.
    'security-manager': [
      ['overview', 'read'],
      ['storage', 'update'],
      ['incident', 'read'],
    ],
    // 窓口・所管課: takes questions and keeps papers.
    'governance-clerk': [
      ['overview', 'read'],
      ['contact', 'update'],
      ['storage', 'update'],
      ['incident', 'read'],
    ],
    // 監査を行う者, for the days of their grant.
    auditor: [
      ['overview', 'read'],
      ['contractor', 'read'],
      ['assurance', 'read'],
      ['incident', 'read'],
      ['contact', 'read'],
      ['storage', 'read'],
      ['release', 'read'],
    ],
  },
  peers: ['prefectural-juki', 'fuhyo-link'].map((system) => ({
    organisation: 'own',
    system,
    may: [['use-figure', 'update']] as const,
  })),
  jobs: [
    ['reminder', 'update'],
    // 個人情報ファイル簿の公表: the page without sign-in reads as the instance's own job.
    ['file-register', 'read'],
  ],
};
