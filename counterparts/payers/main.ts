import type { Host, Instance, SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { PayingDeps } from './deps.ts';
import { routes } from './http/routes.ts';
import { payrollLoop } from './jobs/payroll-loop.ts';
import { rights } from './rights.ts';
import { payersSchema } from './store/schema-set.ts';

/** A chance; nothing goes wrong without one. */
const percent = z.int().min(0).max(100).default(0);
const settings = z.strictObject({
  municipalities: z.array(z.string().regex(/^[0-9]{6}$/)).min(1),
  /** Where they pay. */
  payments: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .default('finance/payments'),
  seed: z.string().default(''),
  manners: z
    .strictObject({
      leaves: percent,
      onLeave: percent,
      oldAmount: percent,
      late: percent,
      forgets: percent,
      twice: percent,
      wrongSum: percent,
      untold: percent,
    })
    .prefault({}),
  restSeconds: z.int().min(1).max(3_600).default(15),
});

/** 特別徴収義務者: employers who keep inhabitant tax back from pay and pay it over for their people. */
export const definition: SystemDefinition = {
  system: 'payers',
  name: { ja: '特別徴収義務者', en: 'Employers' },
  schemas: [payersSchema],
  rights,
  start,
};

async function start(host: Host): Promise<Instance> {
  const { restSeconds, ...given } = settings.parse(host.config.settings);
  const deps: PayingDeps = { ...host.deps, ...given, peers: host.peers };
  return {
    routes: routes(deps),
    loops: [
      (signal) => payrollLoop(deps, { signal, restSeconds, onError: (error) => host.onError(error, 'payers.payroll') }),
    ],
  };
}
