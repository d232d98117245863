import type { Host } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';

/** What stands under `settings` of this instance. */
const schema = z.strictObject({
  /** Instance id of collections; without it the organisation's own. */
  collections: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .optional(),
  /** Knows the bank 9999 of the formats' examples besides the real ones. */
  trainingBank: z.boolean().default(false),
  /** データ伝送: bank code → instance; files of other banks go by a clerk's hands. */
  lines: z.record(z.string().regex(/^[0-9]{4}$/), z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)).default({}),
  /** 委託者: as the bank gave it. */
  collector: z.strictObject({
    code: z.string().regex(/^[0-9]{10}$/),
    name: z.string().min(1).max(40),
    bank: z.string().regex(/^[0-9]{4}$/),
    branch: z.string().regex(/^[0-9]{3}$/),
    accountKind: z.enum(['ordinary', 'current']),
    accountNumber: z.string().regex(/^[0-9]{7}$/),
  }),
});
export interface Settings extends Omit<z.infer<typeof schema>, 'collections'> {
  readonly collections: string;
}

export function readSettings({ config, organisation }: Pick<Host, 'config' | 'organisation'>): Settings {
  const given = schema.parse(config.settings);
  return { ...given, collections: given.collections ?? `${organisation.organisation}/collections` };
}
