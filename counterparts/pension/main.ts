import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { PayingDeps } from './deps.ts';
import { routes } from './http/routes.ts';
import { withholdingLoop } from './jobs/withholding-loop.ts';
import { rights } from './rights.ts';
import { pensionSchema } from './store/schema-set.ts';

const instance = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
/** A chance; nothing goes wrong without one. */
const percent = z.int().min(0).max(100).default(0);
const settings = z.strictObject({
  /** Instance that may send files → its municipality. */
  municipalities: z.record(instance, z.string().regex(/^[0-9]{6}$/)),
  /** The insurer, as it names itself in files. */
  insurer: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/)
    .default('nenkin'),
  /** Where it pays over what it kept back. */
  payments: instance.default('finance/payments'),
  seed: z.string().default(''),
  manners: z.strictObject({ late: percent, cut: percent }).prefault({}),
  restSeconds: z.int().min(1).max(3_600).default(15),
});

/** 年金保険者: keeps inhabitant tax back from pensions as municipalities ask. */
export const definition: SystemDefinition = {
  system: 'pension',
  name: { ja: '年金保険者', en: 'Pension insurer' },
  schemas: [pensionSchema],
  rights,
  async start(host) {
    const { restSeconds, ...given } = settings.parse(host.config.settings);
    const deps: PayingDeps = {
      ...host.deps,
      ...given,
      identity: host.identity,
      peers: host.peers,
      given: new Set(),
    };
    return {
      routes: routes(deps),
      loops: [
        (signal) =>
          withholdingLoop(deps, {
            signal,
            restSeconds,
            onError: (error) => host.onError(error, 'pension.withholding'),
          }),
      ],
    };
  },
};
