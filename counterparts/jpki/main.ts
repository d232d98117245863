import path from 'node:path';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import { cardAuthoritiesFrom } from './ca/authorities.ts';
import type { Deps } from './deps.ts';
import { routesOf } from './http/routes.ts';
import { keepListsFresh } from './jobs/lists.ts';
import { rights } from './rights.ts';
import { jpkiSchema } from './store/schema-set.ts';

const settings = z.strictObject({
  nationalJuki: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .default('jlis/national-juki'),
});

/** 公的個人認証サービス. */
export const definition: SystemDefinition = {
  system: 'jpki',
  name: { ja: '公的個人認証サービス', en: 'Public certification service for individuals' },
  schemas: [jpkiSchema],
  rights,
  async start(host) {
    const { nationalJuki } = settings.parse(host.config.settings);
    const authorities = await cardAuthoritiesFrom(
      path.join(host.organisation.home, host.config.system, 'card-authorities'),
      host.deps.machineClock.now(),
    );
    const deps: Deps = { ...host.deps, authorities, town: host.organisation.town };
    return {
      routes: routesOf(deps, { host, nationalJuki }),
      loops: [(signal) => keepListsFresh(deps, signal, (error) => host.onError(error, 'card-revocation-lists'))],
    };
  },
};
