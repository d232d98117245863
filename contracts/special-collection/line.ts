import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

/**
 * To the payer's software: the package of a notice (`package.ts`), as its municipality gave it out. Read strictly and whole; the same
 * again is one. `place` says which line is at fault (0: the package itself).
 */
export const giveSpecialNotice = defineEndpoint({
  id: 'payers.take-notice',
  method: 'POST',
  path: '/special-notices',
  right: ['payers', 'notice', 'update'],
  maxBodyBytes: 32 * 1024 * 1024,
  request: z.strictObject({
    content: z.base64(),
    /** Numbers of the payer's year that the municipality withdrew before they were fetched, as its signed cover says. */
    withdrawn: z.array(z.int().min(1)).optional(),
  }),
  response: z.discriminatedUnion('taken', [
    z.strictObject({ taken: z.literal(true), repeated: z.boolean(), persons: z.int(), totalYen: z.int() }),
    z.strictObject({ taken: z.literal(false), place: z.int().min(0), word: z.string() }),
  ]),
  errors: ['unknown-municipality'],
});

/** What employers did of a municipality's months, for whoever looks at the town; no person stands in it. */
export const readPayerMonths = defineEndpoint({
  id: 'payers.months',
  method: 'GET',
  path: '/months',
  right: ['payers', 'month', 'read'],
  request: z.strictObject({ municipality: z.string().regex(/^[0-9]{6}$/) }),
  response: z.strictObject({
    months: z.array(
      z.strictObject({
        designationNumber: z.string(),
        month: z.string(),
        persons: z.int(),
        chargedYen: z.int(),
        plannedYen: z.int(),
        paidYen: z.int(),
        manner: z.string(),
      }),
    ),
  }),
});
