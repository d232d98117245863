import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { PeerDeps } from './deps.ts';
import { transferLoop } from './jobs/transfer-loop.ts';
import { rights } from './rights.ts';
import { otherMunicipalitySchema } from './store/schema-set.ts';

const settings = z.strictObject({
  eltax: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .default('eltax/eltax'),
  restSeconds: z.int().min(1).max(3_600).default(15),
});

/** 他の市区町村の税務課: takes what our tax office sends on and sends what belongs to ours. */
export const definition: SystemDefinition = {
  system: 'other-municipality',
  name: { ja: '他市区町村の税務課', en: 'Tax office of another municipality' },
  schemas: [otherMunicipalitySchema],
  rights,
  async start(host) {
    const { eltax, restSeconds } = settings.parse(host.config.settings);
    const { peers, identity, trust, certificateOf } = host;
    const deps: PeerDeps = {
      ...host.deps,
      sealed: host.sealed,
      municipality: unwrap(parseLocalGovernmentCode(host.organisation.code ?? '')),
      name: host.organisation.name.ja,
      line: { peers, identity, trust, certificateOf, eltax, now: () => host.deps.machineClock.now() },
    };
    return {
      loops: [
        (signal) =>
          transferLoop(deps, { signal, restSeconds, onError: (error) => host.onError(error, 'other-municipality') }),
      ],
    };
  },
};
