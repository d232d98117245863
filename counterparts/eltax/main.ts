import { municipalityCode } from '@musubi/contracts/eltax/delivery.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { PeerDeps } from './deps.ts';
import { routes } from './http/routes.ts';
import { runExamination } from './jobs/examination-loop.ts';
import { rights } from './rights.ts';
import { eltaxSchema } from './store/schema-set.ts';

const settings = z.strictObject({
  /** Receiving system → its municipality. The two wards of the town where nothing is said. */
  destinations: z
    .record(z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/), municipalityCode)
    .default({ 'meguro/resident-tax': '131105', 'setagaya/other-municipality': '131121' }),
});

/** eLTAX 地方税ポータルシステム. */
export const definition: SystemDefinition = {
  system: 'eltax',
  name: { ja: '地方税ポータルシステム', en: 'Portal of the local taxes (eLTAX)' },
  schemas: [eltaxSchema],
  rights,
  async start(host) {
    const { destinations } = settings.parse(host.config.settings);
    const deps: PeerDeps = {
      ...host.deps,
      sealed: host.sealed,
      identity: host.identity,
      trust: host.trust,
      certificateOf: host.certificateOf,
      destinations: new Map(
        Object.entries(destinations).map(([id, code]) => [id, unwrap(parseLocalGovernmentCode(code))]),
      ),
    };
    return {
      routes: routes(deps),
      loops: [
        (signal) => runExamination(deps, host.notifications, signal, (error) => host.onError(error, 'examination')),
      ],
    };
  },
};
