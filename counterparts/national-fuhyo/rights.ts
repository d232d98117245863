import type { RightsTable } from '@musubi/kernel/access/rights.ts';

/** The prefectures' supplement servers notify and ask, by certificate; it has no staff screens. */
export const rights: RightsTable = {
  system: 'national-fuhyo',
  staff: {},
  peers: [
    {
      organisation: 'any',
      system: 'fuhyo-link',
      may: [
        ['notice', 'update'],
        ['lookup', 'update'],
      ],
    },
  ],
  jobs: [],
};
