import type { PlannedOrganisation } from './shape.ts';

/** The organisations of the town, in the order in which their processes start. */
export const organisations: readonly PlannedOrganisation[] = [
  {
    process: 'pki',
    organisation: 'government',
    name: { ja: '政府認証基盤', en: 'Government PKI' },
    instances: [
      {
        system: 'government-pki',
        settings: ({ authorityDirectory, expected }) => ({ authorityDirectory, expected }),
      },
    ],
  },
];

const witnessTable: Readonly<Record<string, readonly string[]>> = {};

/** Two instances of other organisations that cosign every log of an organisation (design §4.7). */
export const witnessesOf = (organisation: string): readonly string[] => witnessTable[organisation] ?? [];
