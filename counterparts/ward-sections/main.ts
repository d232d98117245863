import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { type Deps, settings } from './deps.ts';
import { rights } from './rights.ts';
import { wardSectionsSchema } from './store/schema-set.ts';
import { addPages } from './web/pages.ts';

/** 区の他の業務（子育て支援課 児童手当）. */
export const definition: SystemDefinition = {
  system: 'ward-sections',
  name: { ja: '児童手当システム（子育て支援課）', en: 'Child allowance (a section of the ward)' },
  schemas: [wardSectionsSchema],
  rights,
  async start(host) {
    const given = settings.parse(host.config.settings);
    const deps: Deps = {
      ...host.deps,
      peers: host.peers,
      commonPlatform: given.commonPlatform ?? `${host.organisation.organisation}/common-platform`,
      source: given.source,
      task: given.task,
    };
    return { pages: await addPages(host, deps) };
  },
};
