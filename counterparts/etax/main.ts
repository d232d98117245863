import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { routes } from './http/routes.ts';
import { rights } from './rights.ts';
import { etaxSchema } from './store/schema-set.ts';

const settings = z.strictObject({
  municipalities: z.record(z.string().regex(/^[0-9]{6}$/), z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)),
});

/** 国税庁 as municipalities meet it: takes what they tell of denied dependants, gives images of paper returns. The season's returns are filed by `client/`. */
export const definition: SystemDefinition = {
  system: 'etax',
  name: { ja: '国税庁（国税連携）', en: 'National Tax Agency' },
  schemas: [etaxSchema],
  rights,
  async start(host) {
    const { identity, trust, sealed, certificateOf } = host;
    const deps: Deps = {
      ...host.deps,
      identity,
      trust,
      sealed,
      certificateOf,
      ...settings.parse(host.config.settings),
    };
    return { routes: routes(deps) };
  },
};
