import type { FunctionRight, RightsTable } from '@musubi/kernel/access/rights.ts';
import { assessmentRights } from './assessment-module.ts';

/* Rights of this system's own functions: person (納税義務者), intake (受領・取込), matching (突合). */
const reading: readonly FunctionRight[] = [
  ['person', 'read'],
  ['intake', 'read'],
  ['matching', 'read'],
];
const levyClerk: readonly FunctionRight[] = [
  ['person', 'read'],
  ['intake', 'update'],
  ['matching', 'update'],
];
const levyChief: readonly FunctionRight[] = [
  ['person', 'read'],
  ['intake', 'read'],
  ['matching', 'read'],
  // Second look at a proposed link; who proposed it never decides it.
  ['matching-approval', 'update'],
];

export const intakeRights = {
  system: 'resident-tax',
  staff: { 'levy-clerk': levyClerk, 'levy-chief': levyChief, 'tax-viewer': reading },
  peers: [{ organisation: 'own', system: 'common-platform', may: [['person-change', 'update']] }],
  jobs: [
    ['intake', 'update'],
    ['matching', 'update'],
  ],
} as const satisfies RightsTable;

/** Both halves of the system in one table: a role has what either gives it. */
export const rights: RightsTable = {
  system: 'resident-tax',
  staff: Object.fromEntries(
    [...new Set([...Object.keys(intakeRights.staff), ...Object.keys(assessmentRights.staff)])].map((role) => [
      role,
      [
        ...(Object.hasOwn(intakeRights.staff, role) ? intakeRights.staff[role as keyof typeof intakeRights.staff] : []),
        ...(assessmentRights.staff[role] ?? []),
      ],
    ]),
  ),
  peers: [...intakeRights.peers, ...assessmentRights.peers],
  jobs: [...intakeRights.jobs, ...assessmentRights.jobs],
};
