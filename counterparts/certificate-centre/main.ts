import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { routes } from './http/routes.ts';
import { rights } from './rights.ts';
import { certificateCentreSchema } from './store/schema-set.ts';

const party = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const settings = z.strictObject({
  jpki: party.default('jlis/jpki'),
  /** Municipality code → its system of the convenience stores. */
  bodies: z.record(z.string().regex(/^[0-9]{6}$/), party),
});

/** 証明書交付センター. */
export const definition: SystemDefinition = {
  system: 'certificate-centre',
  name: { ja: '証明書交付センター', en: 'Certificate Issuing Centre' },
  schemas: [certificateCentreSchema],
  rights,
  async start(host) {
    const { jpki, bodies } = settings.parse(host.config.settings);
    const deps: Deps = {
      ...host.deps,
      peers: host.peers,
      alarms: host.alarms,
      jpki,
      bodies: new Map(Object.entries(bodies)),
      origin: 'https://certificate-centre.invalid',
    };
    return { routes: routes(deps) };
  },
};
