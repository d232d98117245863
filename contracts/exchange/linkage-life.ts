import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { jwe, jws, linkageCode } from './messages.ts';

/*
 * What becomes of a linkage code: the Resident Record Code behind it is changed, two codes turn out to be one person, or the body
 * has no more to do with the person. Design §4.2.
 */

const uuid = z.uuid();
const residentRecordCode = z.string().regex(/^[0-9]{11}$/);

/** code-changed: 住民票コードの変更. merged: two codes of one person. undone: a merge that was wrong, from its day on. */
export const successionKinds = ['code-changed', 'merged', 'undone'] as const;
export type SuccessionKind = (typeof successionKinds)[number];

/** NCS → root process, encrypted to it alone (typ musubi-root-succession); the same request id again is a repeat. */
export const rootSuccession = z.strictObject({
  v: z.literal(1),
  requestId: uuid,
  kind: z.enum(successionKinds),
  endedCode: residentRecordCode,
  survivorCode: residentRecordCode,
  on: z.iso.date(),
});
export const reportSuccession = defineEndpoint({
  id: 'exchange.report-succession',
  method: 'POST',
  path: '/linkage-successions',
  right: ['linkage-root', 'derivation', 'update'],
  request: z.strictObject({ requestId: uuid, sealed: jwe }),
  /** How many bodies held the ended code and took the notice. */
  response: z.strictObject({ told: z.int() }),
  errors: ['not-readable', 'request-key-reused', 'goes-in-a-circle', 'unavailable'],
});

/** Root process → each body's server that held the ended code; `typ` musubi-linkage-notice. Both codes are that body's own. */
export const linkageNotice = z.strictObject({
  v: z.literal(1),
  noticeId: uuid,
  organisation: z.string(),
  kind: z.enum(successionKinds),
  /** Under every version of the body's key that exists. */
  ended: z.array(linkageCode).min(1).max(255),
  survivor: linkageCode,
  on: z.iso.date(),
});
export type LinkageNotice = z.infer<typeof linkageNotice>;
export const noticeLinkage = defineEndpoint({
  id: 'exchange.notice-linkage',
  method: 'POST',
  path: '/linkage-notices',
  right: ['exchange', 'linkage-delivery', 'update'],
  request: z.strictObject({ notice: jws }),
  response: z.strictObject({ taken: z.literal(true) }),
  errors: ['bad-signature'],
});

/** CIP/LNK → IMS: the body has no more to do with the person, or the number was never this person's. */
export const endLinkage = defineEndpoint({
  id: 'exchange.end-linkage',
  method: 'POST',
  path: '/linkages/end',
  right: ['exchange', 'linkage', 'update'],
  request: z.strictObject({
    requestId: uuid,
    orgPersonNumber: z.string().max(15),
    reason: z.enum(['deleted', 'wrong-person']),
  }),
  response: z.strictObject({ ended: z.boolean() }),
  errors: ['not-owner'],
});

/* ---- rotation of the key under which one body's codes are sealed ---- */

/** INS → root process: a further version of a body's key. Codes of all versions stay understood. */
export const rotateBodyKey = defineEndpoint({
  id: 'exchange.rotate-body-key',
  method: 'POST',
  path: '/body-keys',
  right: ['linkage-root', 'key', 'update'],
  request: z.strictObject({ requestId: uuid, organisation: z.string() }),
  response: z.strictObject({ version: z.int() }),
  errors: ['unknown-organisation', 'request-key-reused'],
});

/** IMS → root process: the body's own codes, sealed anew under its newest key; without codes it tells only the version. */
export const resealLinkageCodes = defineEndpoint({
  id: 'exchange.reseal-linkage-codes',
  method: 'POST',
  path: '/linkage-reseals',
  right: ['linkage-root', 'resealing', 'update'],
  request: z.strictObject({ linkageCodes: z.array(linkageCode).max(200) }),
  /** In the order of the request. */
  response: z.strictObject({ version: z.int(), linkageCodes: z.array(linkageCode) }),
  errors: ['not-your-linkage-code', 'unknown-organisation'],
});

/** The version of the key under which a code was made; what stands behind it opens for the root process alone. */
export const keyVersionOf = (code: string): number => Buffer.from(code.slice(0, 4), 'base64url')[0] ?? 0;
