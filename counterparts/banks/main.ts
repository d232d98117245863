import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { routes } from './http/routes.ts';
import { rights } from './rights.ts';
import { banksSchema } from './store/schema-set.ts';

/** A chance; nothing goes wrong without one. */
const percent = z.int().min(0).max(100).default(0);
const settings = z.strictObject({
  /** 委託者コード → the instance that may send under it. */
  contracts: z.record(z.string().regex(/^[0-9]{10}$/), z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)),
  seed: z.string().default(''),
  manners: z
    .strictObject({ insufficient: percent, noAccount: percent, nameDiffers: percent, spoilt: percent })
    .prefault({}),
});

/** 金融機関: what a bank does with the files of the 全銀協 formats. */
export const definition: SystemDefinition = {
  system: 'banks',
  name: { ja: '金融機関', en: 'Banks' },
  schemas: [banksSchema],
  rights,
  async start(host) {
    const { contracts, seed, manners } = settings.parse(host.config.settings);
    const deps: Deps = { ...host.deps, contracts, seed, manners };
    return { routes: routes(deps) };
  },
};
