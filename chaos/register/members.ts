import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';

export const prefectureId = 'tokyo/prefectural-juki';
export const countryId = 'jlis/national-juki';
/** Municipality codes of the wards that take part. */
export const wards = { meguro: '131105', setagaya: '131121' } as const;
export type Ward = keyof typeof wards;

interface Member {
  /** A server's process loads its own system alone. */
  readonly definition: () => Promise<SystemDefinition>;
  readonly code?: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

const definitions = {
  register: async () => (await import('@musubi/resident-register/main.ts')).definition,
  municipal: async () => (await import('@musubi/municipal-juki/main.ts')).definition,
  prefectural: async () => (await import('@musubi/prefectural-juki/main.ts')).definition,
  national: async () => (await import('@musubi/national-juki/main.ts')).definition,
};

const members: Readonly<Record<string, Member>> = {
  ...Object.fromEntries(
    Object.entries(wards).flatMap(([ward, code]): [string, Member][] => [
      [
        `${ward}/resident-register`,
        { definition: definitions.register, code, settings: { municipalJuki: `${ward}/municipal-juki` } },
      ],
      [
        `${ward}/municipal-juki`,
        {
          definition: definitions.municipal,
          code,
          settings: {
            residentRegister: `${ward}/resident-register`,
            prefecturalJuki: prefectureId,
            nationalJuki: countryId,
          },
        },
      ],
    ]),
  ),
  [prefectureId]: {
    definition: definitions.prefectural,
    code: '130001',
    settings: {
      nationalJuki: countryId,
      municipalities: Object.fromEntries(Object.entries(wards).map(([ward, code]) => [code, `${ward}/municipal-juki`])),
    },
  },
  [countryId]: { definition: definitions.national, settings: {} },
};

export const memberIds: readonly string[] = Object.keys(members);
export const memberOf = (id: string): Member => members[id]!;
