import { noticeFace } from '@musubi/contracts/printing/face.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { routes } from './http/routes.ts';
import { rights } from './rights.ts';
import { printingSchema } from './store/schema-set.ts';

const few = z.int().min(0).max(100).default(0);
const settings = z.strictObject({
  /** 帳票 in stock: id → version. */
  forms: z.record(z.string(), z.int().min(1)).default({ [noticeFace.id]: noticeFace.version }),
  manners: z
    .strictObject({ spoiled: few, heldBack: few, unreported: few, oldProgram: z.boolean().default(false) })
    .prefault({}),
});

/** 印刷委託先: makes, encloses and posts what bodies send, reports counts, erases. */
export const definition: SystemDefinition = {
  system: 'printing',
  name: { ja: '印刷委託先', en: 'Printing contractor' },
  schemas: [printingSchema],
  rights,
  async start(host) {
    const deps: Deps = {
      ...host.deps,
      identity: host.identity,
      trust: host.trust,
      ...settings.parse(host.config.settings),
    };
    return { routes: routes(deps) };
  },
};
