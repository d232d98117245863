import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { jwe, jws, linkageCode } from '../exchange/messages.ts';

/* The person's view, design §4.4: portal → INS → each body that holds records, back to the portal's key alone. */

/** One record of inquiry and provision 情報提供等記録, as the body tells the person. */
export const personRecord = z.strictObject({
  inquiryNumber: z.uuid(),
  /** Which of the two bodies tells it. */
  toldBy: z.string(),
  role: z.enum(['asker', 'provider']),
  asker: z.string(),
  provider: z.string(),
  procedure: z.string(),
  informationCode: z.string(),
  items: z.array(z.string()),
  ground: z.string(),
  result: z.string(),
  at: z.string(),
  /** The proof that the record stands in the body's log (kernel/audit `EventProof`), as JSON text; empty until a checkpoint covers it. */
  proof: z.string(),
});
export type PersonRecord = z.infer<typeof personRecord>;

/**
 * Signed by the portal (typ musubi-person-request): the card holder asks. `answerKey` as in an inquiry. `records` are answered by
 * `personAnswer`, `information` by `informationAnswer` (own-information.ts), `notices` by `noticesAnswer` (notices.ts).
 */
export const personRequest = z.strictObject({
  v: z.literal(1),
  requestId: z.uuid(),
  kind: z.enum(['records', 'information', 'notices']),
  answerKey: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  from: z.iso.date(),
  until: z.iso.date(),
  /** `notices` only: those that the person has opened at the portal; a body takes its own and passes over the others. */
  opened: z.array(z.uuid()).max(100).optional(),
  at: z.string(),
});
export type PersonRequest = z.infer<typeof personRequest>;

/**
 * What stands inside a body's answer: JWE to `answerKey`, typ musubi-person-answer, protected members `req` = request id and
 * `org` = the body; the plaintext is this as canonical JSON.
 */
export const personAnswer = z.strictObject({
  v: z.literal(1),
  requestId: z.uuid(),
  organisation: z.string(),
  records: z.array(personRecord),
});
export type PersonAnswer = z.infer<typeof personAnswer>;

/** portal → INS. */
export const askOwnRecords = defineEndpoint({
  id: 'portal.ask-own-records',
  method: 'POST',
  path: '/person-requests',
  right: ['information-providing-network', 'person-request', 'update'],
  request: z.strictObject({ request: jws, linkageCode }),
  response: z.strictObject({
    answers: z.array(
      z.strictObject({
        organisation: z.string(),
        answer: z.union([jwe, z.literal('')]),
        state: z.enum(['answered', 'unavailable', 'unknown']),
      }),
    ),
  }),
  errors: ['bad-signature', 'not-your-linkage-code'],
});

/** INS → IMS: the body's own code of the person, under INS's signature (typ musubi-person-order). */
export const tellOwnRecords = defineEndpoint({
  id: 'portal.tell-own-records',
  method: 'POST',
  path: '/person-records',
  right: ['intermediate-server', 'person-request', 'read'],
  request: z.strictObject({ request: jws, order: jws }),
  response: z.strictObject({ answer: jwe }),
  errors: ['bad-signature', 'order-not-for-you', 'order-expired', 'no-such-person'],
});
export const personOrder = z.strictObject({
  v: z.literal(1),
  /** SHA-256 of the compact JWS of the portal's request, base64url. */
  request: z.string(),
  organisation: z.string(),
  linkageCode,
  until: z.string(),
});
