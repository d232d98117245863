import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import { recordJobs, recordRoles, retentionApproval } from './record-rights.ts';

/** The officer works the case, the approver decides what the officer proposed, the viewer reads. */
export const rights: RightsTable = {
  system: 'child-chronic',
  staff: {
    'case-officer': [
      ['case', 'update'],
      ['inquiry', 'update'],
      ['tier', 'update'],
      ['receipt', 'update'],
      ['insurer', 'read'],
      ['insurer-inquiry', 'update'],
      ['copy', 'update'],
      ['entry-check', 'update'],
      ['board', 'update'],
      ['certification', 'update'],
      ['renewal', 'update'],
      ['result-list', 'update'],
      ['individual-number', 'read'],
      ['register-use', 'update'],
      ['register-medium', 'update'],
      ['media', 'read'],
    ],
    approver: [
      ['case', 'read'],
      ['tier-approval', 'update'],
      ['receipt', 'read'],
      ['insurer', 'update'],
      ['insurer-inquiry', 'read'],
      ['copy', 'read'],
      ['copy-check', 'update'],
      ['board', 'read'],
      ['certification', 'read'],
      ['certification-approval', 'update'],
      ['renewal', 'read'],
      ['result-list', 'read'],
      ['register-use', 'read'],
      ['register-use-approval', 'update'],
      ['media', 'read'],
      ['media-approval', 'update'],
      ...retentionApproval,
    ],
    // 媒体の保管: lends, takes back and has erased; works no case.
    'media-keeper': [['media', 'update']],
    viewer: [['case', 'read']],
    ...recordRoles,
  },
  peers: [
    {
      organisation: 'own',
      system: 'common-platform',
      may: [
        ['identity-correction', 'update'],
        ['transfer-answer', 'read'],
      ],
    },
  ],
  jobs: [['media', 'update'], ['inquiry', 'update'], ...recordJobs],
  // Lists are written to media, and results read from them, at the one terminal that has the drive.
  terminals: { 'register-medium': ['representative'] },
};
