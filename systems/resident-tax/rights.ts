import type { FunctionRight, RightsTable } from '@musubi/kernel/access/rights.ts';
import { assessmentRights } from './assessment-module.ts';
import { certificateRights } from './certificate-module.ts';
import { dependantRights } from './dependants-module.ts';
import { disclosureRights } from './disclosure-module.ts';
import { donationRights } from './donations-module.ts';
import { irregularRights } from './irregular-module.ts';
import { migrationRights } from './migration-module.ts';
import { numberRights } from './number-module.ts';
import { otherBodiesRights } from './other-bodies-module.ts';
import { pensionRights } from './pension-module.ts';
import { printingRights } from './printing-module.ts';
import { reductionRights } from './reduction-module.ts';
import { retentionRights } from './retention-module.ts';

/* Rights of this system's own functions: person (納税義務者), intake (受領・取込), matching (突合),
   check (合成チェック), document-image (課税資料のイメージ). */
const reading: readonly FunctionRight[] = [
  ['person', 'read'],
  ['intake', 'read'],
  ['matching', 'read'],
  ['check', 'read'],
];
const levyClerk: readonly FunctionRight[] = [
  ['person', 'read'],
  ['intake', 'update'],
  ['matching', 'update'],
  ['check', 'update'],
];
const levyChief: readonly FunctionRight[] = [
  ['person', 'read'],
  ['intake', 'read'],
  ['matching', 'read'],
  ['check', 'read'],
  // Second look at a proposed link; who proposed it never decides it.
  ['matching-approval', 'update'],
];

export const intakeRights = {
  system: 'resident-tax',
  staff: { 'levy-clerk': levyClerk, 'levy-chief': levyChief, 'tax-viewer': reading },
  peers: [
    {
      organisation: 'own',
      system: 'common-platform',
      may: [
        ['person-change', 'update'],
        ['transfer-answer', 'read'],
        // 電子申告: as the portal's other applications, by the platform alone.
        ['portal-return', 'update'],
      ],
    },
  ],
  jobs: [
    ['document-image', 'update'],
    ['intake', 'update'],
    ['matching', 'update'],
  ],
} as const satisfies RightsTable;

const parts = [
  intakeRights,
  otherBodiesRights,
  dependantRights,
  donationRights,
  assessmentRights,
  reductionRights,
  pensionRights,
  printingRights,
  certificateRights,
  disclosureRights,
  retentionRights,
  irregularRights,
  migrationRights,
  numberRights,
] as const satisfies readonly Omit<RightsTable, 'system'>[];

/** All parts of the system in one table: a role has what each gives it. */
export const rights: RightsTable = {
  system: 'resident-tax',
  staff: Object.fromEntries(
    [...new Set(parts.flatMap((part) => Object.keys(part.staff)))].map((role) => [
      role,
      parts.flatMap(({ staff }: Omit<RightsTable, 'system'>) => staff[role] ?? []),
    ]),
  ),
  peers: parts.flatMap((part) => [...part.peers]),
  jobs: parts.flatMap((part) => [...part.jobs]),
};
