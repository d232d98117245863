import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

const yen = z.int().min(0);

/** resident-tax → collections: what a person was charged, paid and owes, for the payments on the tax console's page of the person. */
export const readPersonPayments = defineEndpoint({
  id: 'collections.person-payments',
  method: 'POST',
  path: '/person-payments/read',
  right: ['collections', 'account', 'read'],
  request: z.strictObject({
    orgPersonNumber: z.string().regex(/^[0-9]{15}$/),
    /** Who looks: stands in the log of collections beside the asking system. */
    staffId: z.string().min(1).max(60),
  }),
  response: z.strictObject({
    charges: z.array(
      z.strictObject({
        fiscalYear: z.int(),
        method: z.enum(['ordinary', 'special', 'pension']),
        instalment: z.int(),
        dueOn: z.iso.date(),
        taxYen: yen,
        openTaxYen: yen,
        feeYen: yen,
        interestYen: yen,
        /** A 速報 without its 確報: paid, but not yet there. */
        preliminary: z.boolean(),
        settledOn: z.iso.date().nullable(),
        collector: z.string().nullable(),
        held: z.boolean(),
      }),
    ),
    receipts: z.array(
      z.strictObject({ paidOn: z.iso.date(), channel: z.string(), amountYen: yen, outcome: z.string() }),
    ),
    overpaidYen: yen,
  }),
  errors: ['no-such-person'],
});
