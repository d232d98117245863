import type { Host } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { PublicMoneyRow } from './clients/public-money.ts';

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
  /** Instance id of the platform; without it the organisation's own. */
  platform: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .optional(),
  /** 公金受取口座の照会: without it none is asked for. */
  publicMoney: z
    .strictObject({
      /** The organisation that answers for the 内閣総理大臣. */
      provider: z.string().min(1).max(40),
      procedure: z
        .string()
        .regex(/^MS2-[0-9]{3}[0-9-]{0,6}$/)
        .default('MS2-048'),
      informationCode: z.string().regex(/^TKX-[0-9]{4}$/),
    })
    .optional(),
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
export interface Settings extends Omit<z.infer<typeof schema>, 'collections' | 'platform' | 'publicMoney'> {
  readonly collections: string;
  readonly platform: string;
  readonly publicMoney: PublicMoneyRow | undefined;
}

export function readSettings({ config, organisation }: Pick<Host, 'config' | 'organisation'>): Settings {
  const given = schema.parse(config.settings);
  const own = (system: string): string => `${organisation.organisation}/${system}`;
  const platform = given.platform ?? own('common-platform');
  return {
    ...given,
    collections: given.collections ?? own('collections'),
    platform,
    publicMoney: given.publicMoney && { ...given.publicMoney, platform },
  };
}
