import type { Host, Instance, SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { wardsClient } from './clients/wards.ts';
import type { Deps } from './deps.ts';
import { routes } from './http/routes.ts';
import { deliverLoop } from './jobs/deliver-loop.ts';
import { rights } from './rights.ts';
import { settings } from './settings.ts';
import { paymentsSchema } from './store/schema-set.ts';

/** 収納機関: convenience stores' agency, ペイジー, the eL-QR centre, banks' counters, and those who pay over for others. */
export const definition: SystemDefinition = {
  system: 'payments',
  name: { ja: '収納機関', en: 'Payment agencies' },
  schemas: [paymentsSchema],
  rights,
  start,
};

async function start(host: Host): Promise<Instance> {
  const { bodies, tills, seed, manners, restSeconds } = settings.parse(host.config.settings);
  const deps: Deps = {
    ...host.deps,
    bodies,
    tills,
    seed,
    manners,
    contracts: {
      bodyCodes: bodies.map((b) => b.code),
      companies: Object.fromEntries(bodies.map((b) => [b.companyCode, b.code])),
    },
    wards: wardsClient(host.peers),
  };
  return {
    routes: routes(deps),
    loops: [
      (signal) =>
        deliverLoop(deps, { signal, restSeconds, onError: (error) => host.onError(error, 'payments.deliver') }),
    ],
  };
}
