import type { FunctionRight } from '@musubi/kernel/access/rights.ts';

/** What becomes of records at their end, and what a person is told of their own. */
export const recordRoles = {
  // 文書保存: looks at what has not moved, excludes, proposes and erases; works no case.
  'record-keeper': [['retention', 'update']],
  // 医療助成課: takes and prepares requests for disclosure; another person decides.
  'disclosure-clerk': [
    ['disclosure', 'update'],
    ['form-ledger', 'update'],
  ],
  'disclosure-manager': [
    ['disclosure', 'read'],
    ['disclosure-decision', 'update'],
  ],
} as const satisfies Readonly<Record<string, readonly FunctionRight[]>>;
export const retentionApproval: readonly FunctionRight[] = [
  ['retention', 'read'],
  ['retention-approval', 'update'],
];
export const recordJobs: readonly FunctionRight[] = [
  ['retention', 'update'],
  ['form-ledger', 'update'],
];
