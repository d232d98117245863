import { channels } from '@musubi/contracts/payments/files.ts';
import { z } from 'zod';

/** A chance; nothing goes wrong without one. */
const percent = z.int().min(0).max(100).default(0);
const till = z.strictObject({
  channel: z.enum(channels),
  sender: z.string().regex(/^[0-9A-Za-z-]{1,20}$/),
  from: z.iso.date(),
  days: z.union([z.enum(['every-day', 'open-days']), z.strictObject({ dayOfMonth: z.int().min(1).max(31) })]),
  confirmAfter: z.int().min(0).max(30).default(0),
});

/** What stands under `settings` of this instance. */
export const settings = z.strictObject({
  bodies: z
    .array(
      z.strictObject({
        code: z.string().regex(/^[0-9]{6}$/),
        /** 請求書発行企業コード of its bars. */
        companyCode: z.string().regex(/^[0-9]{6}$/),
        collections: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/),
      }),
    )
    .min(1),
  /** One a channel. */
  tills: z
    .array(till)
    .min(1)
    .refine((all) => new Set(all.map((t) => t.channel)).size === all.length, 'one till a channel'),
  seed: z.string().default(''),
  manners: z
    .strictObject({ late: percent, doubled: percent, cut: percent, cancelled: percent, misKeyed: percent })
    .prefault({}),
  /** Seconds between two looks whether a day is over. */
  restSeconds: z.int().min(1).max(3_600).default(2),
});
