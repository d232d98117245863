import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';
import { inquiryStatement } from '../exchange/messages.ts';
import { addresseeNumber, orgPersonNumber } from './persons.ts';

/* What the platform tells when it corrects who is who: a wrong link undone, a person registered twice, two persons in one. */

/**
 * common-platform → each business system that had the person. `unlinked`: what that system holds of the person under this
 * number is another person's; it withdraws its decisions and registers the right person anew. `merged`: `ended` no longer
 * exists, `orgPersonNumber` takes its place. A correction that is undone arrives as the opposite one.
 */
export const identityCorrection = z.strictObject({
  correctionId: z.uuid(),
  kind: z.enum(['unlinked', 'relinked', 'merged', 'unmerged']),
  correctedOn: z.iso.date(),
  orgPersonNumber,
  /** The number that no longer exists (`merged`) or exists again (`unmerged`). */
  ended: orgPersonNumber.nullable(),
  /** The receiving system's own number, where it had told one. */
  addresseeNumber: addresseeNumber.nullable(),
});
export type IdentityCorrection = z.infer<typeof identityCorrection>;
export const identityCorrections = defineFamily<IdentityCorrection>({
  name: 'platform.identity-correction',
  class: 'single',
  schema: identityCorrection,
});

/**
 * common-platform → intermediate server of its organisation: to whom information about this person was provided. From the
 * records of provision, so that everybody who received data of a wrong link is told (INC-53). Nothing of the data itself.
 */
export const provisionsOfPerson = defineEndpoint({
  id: 'exchange.provisions-of-person',
  method: 'POST',
  path: '/provisions-of-person',
  right: ['exchange', 'provision-history', 'read'],
  request: z.strictObject({
    orgPersonNumber,
    informationCodes: z.array(inquiryStatement.shape.informationCode).min(1).max(20),
    from: z.iso.date(),
  }),
  response: z.strictObject({
    provisions: z
      .array(
        z.strictObject({
          inquiryNumber: z.uuid(),
          asker: z.string().max(60),
          procedure: z.string().max(40),
          informationCode: z.string(),
          result: z.string().max(10),
          providedAt: z.string(),
        }),
      )
      .max(1000),
  }),
  errors: [],
});
