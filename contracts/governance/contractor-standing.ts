import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';

/* governance → staff-directory of the same organisation: what a contractor's person may do by the registers of contracts. */

export const contractorStanding = z.discriminatedUnion('standing', [
  /** 従事者名簿 does not admit the person (any more): no account is opened, a present one is suspended. */
  z.strictObject({
    staffId: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/),
    standing: z.literal('none'),
    because: z.enum(['contract-ended', 'consent-ended', 'worker-removed']),
    on: z.iso.date(),
  }),
  /** Admitted under a contract in force, without a work order: an account may stand and opens nothing. */
  z.strictObject({
    staffId: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/),
    standing: z.literal('admitted'),
    on: z.iso.date(),
  }),
  /** Works under an order; signs in up to `until`, included. */
  z.strictObject({
    staffId: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/),
    standing: z.literal('ordered'),
    /** The number of the order in the register: 2026-指示-0001. */
    order: z.string().min(1).max(40),
    until: z.iso.date(),
    on: z.iso.date(),
  }),
]);
export type ContractorStanding = z.infer<typeof contractorStanding>;

/** The whole standing of one person; the latest holds, so that a repeat changes nothing. */
export const contractorStandings = defineFamily<ContractorStanding>({
  name: 'governance.contractor-standing',
  class: 'single',
  schema: contractorStanding,
});
