import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { attachments } from '../portal/attachments.ts';
import {
  inquiryRefusals,
  inquiryStatement,
  jwe,
  jws,
  linkageCode,
  permissionList,
  provisionResult,
} from './messages.ts';

const uuid = z.uuid();
const organisation = z.string();

/* ---- linkage codes, design §4.2 ---- */

/** IMS → INS: a processing number bound to this IMS by INS's signature, for ten minutes. `typ` musubi-processing-number. */
export const processingNumber = z.strictObject({
  v: z.literal(1),
  number: uuid,
  organisation,
  system: z.string(),
  issuedAt: z.string(),
  until: z.string(),
});
export const obtainProcessingNumber = defineEndpoint({
  id: 'exchange.obtain-processing-number',
  method: 'POST',
  path: '/processing-numbers',
  right: ['information-providing-network', 'linkage', 'update'],
  request: z.strictObject({ requestId: uuid }),
  response: z.strictObject({ processingNumber: jws }),
  errors: [],
});

/**
 * LNK → JPS → NCS, CIP → MCS → NCS, jpki → NCS: one operation that is accepted or refused; nothing comes back. Who relays
 * sees only what is encrypted to NCS (typ musubi-linkage-request: {processingNumber, individualNumber} or, from jpki,
 * {processingNumber, residentRecordCode}), signed by the asker.
 */
export const requestLinkageCode = defineEndpoint({
  id: 'exchange.request-linkage-code',
  method: 'POST',
  path: '/linkage-code-requests',
  right: ['juki', 'linkage', 'update'],
  request: z.strictObject({ requestId: uuid, request: jws }),
  response: z.strictObject({ accepted: z.literal(true) }),
  errors: ['not-registered-task', 'bad-signature', 'processing-number-invalid', 'no-such-person', 'unavailable'],
});
/** Payload of `request` above (JWS typ musubi-linkage-request-envelope). */
export const linkageRequestEnvelope = z.strictObject({
  v: z.literal(1),
  requestId: uuid,
  /** JWE to national-juki's encryption key. */
  sealed: jwe,
  processingNumber: jws,
});

/** Canonical JSON inside `sealed` above (JWE typ musubi-linkage-request, no further members): CIP and LNK know the number, jpki the code. */
export const linkageRequest = z.union([
  z.strictObject({ processingNumber: jws, individualNumber: z.string().regex(/^[0-9]{12}$/) }),
  z.strictObject({ processingNumber: jws, residentRecordCode: z.string().regex(/^[0-9]{11}$/) }),
]);
export type LinkageRequest = z.infer<typeof linkageRequest>;

/** NCS → root process: {processing number, Resident Record Code}, encrypted to the root process alone (typ musubi-root-request). */
export const deriveLinkageCode = defineEndpoint({
  id: 'exchange.derive-linkage-code',
  method: 'POST',
  path: '/linkage-derivations',
  right: ['linkage-root', 'derivation', 'update'],
  request: z.strictObject({ requestId: uuid, sealed: jwe }),
  response: z.strictObject({ delivered: z.literal(true) }),
  errors: ['processing-number-invalid', 'unavailable'],
});
export const rootRequest = z.strictObject({
  v: z.literal(1),
  processingNumber: jws,
  residentRecordCode: z.string().regex(/^[0-9]{11}$/),
});

/** Root process → IMS (or portal): the code for the processing number. */
export const deliverLinkageCode = defineEndpoint({
  id: 'exchange.deliver-linkage-code',
  method: 'POST',
  path: '/linkage-codes',
  right: ['exchange', 'linkage-delivery', 'update'],
  request: z.strictObject({ processingNumber: uuid, linkageCode }),
  response: z.strictObject({ stored: z.literal(true) }),
  errors: ['unknown-processing-number'],
});

/** INS → root process: A's code becomes B's. */
export const turnLinkageCode = defineEndpoint({
  id: 'exchange.turn-linkage-code',
  method: 'POST',
  path: '/linkage-turns',
  right: ['linkage-root', 'turning', 'update'],
  request: z.strictObject({ from: organisation, to: organisation, linkageCode, inquiryNumber: uuid }),
  response: z.strictObject({ linkageCode, pseudonym: z.string() }),
  errors: ['not-your-linkage-code', 'unknown-organisation'],
});

/* ---- inquiry, design §4.3 ---- */

const refusals = [...inquiryRefusals];
const nonce = z.string().regex(/^[A-Za-z0-9_-]{43}$/); // 32 bytes
const provided = z.strictObject({
  /** JWS of the provider over permit hash, answer hash and result. */
  evidence: jws,
  /** JWE to the key in S; empty text where nothing is given. */
  answer: z.union([jwe, z.literal('')]),
});

/** IMS(A) → INS. Only INS gets linkage code and nonce. */
export const inquire = defineEndpoint({
  id: 'exchange.inquire',
  method: 'POST',
  path: '/inquiries',
  right: ['information-providing-network', 'inquiry', 'update'],
  request: z.strictObject({ statement: jws, linkageCode, nonce }),
  response: provided.extend({ permit: jws }),
  errors: refusals,
});

/** INS → IMS(B). Code and nonce open the permit's commitment to the person. */
export const provide = defineEndpoint({
  id: 'exchange.provide',
  method: 'POST',
  path: '/provisions',
  right: ['intermediate-server', 'provision', 'update'],
  request: z.strictObject({ statement: jws, permit: jws, linkageCode, nonce }),
  response: provided,
  errors: refusals,
});

/** IMS(A) → INS → IMS(B): the answer that a clerk had to decide (result 60 before), or that was lost on its way back. */
export const collectAnswer = defineEndpoint({
  id: 'exchange.collect',
  method: 'POST',
  path: '/inquiries/collect',
  right: ['information-providing-network', 'inquiry', 'update'],
  request: z.strictObject({ inquiryNumber: uuid }),
  response: provided.extend({ permit: jws }),
  errors: ['not-ready', 'no-such-inquiry', 'answer-term-over', 'provider-unavailable', 'under-maintenance'],
});

/**
 * INS → IMS(B): the answer to a permit that was accepted: decided by a clerk meanwhile, or given before and lost on the way.
 * What is kept is the sealed answer; it opens for the asker alone.
 */
export const collectProvision = defineEndpoint({
  id: 'exchange.collect-provision',
  method: 'POST',
  path: '/provisions/collect',
  right: ['intermediate-server', 'provision', 'update'],
  request: z.strictObject({ inquiryNumber: uuid, permitNumber: uuid }),
  response: provided,
  errors: ['not-ready', 'no-such-inquiry', 'answer-term-over'],
});

/**
 * IMS → INS: the permission list in force, signed (typ musubi-permission-list), and the next one that is published for a later day:
 * it counts on its day without anybody having to ask again.
 */
export const fetchPermissionList = defineEndpoint({
  id: 'exchange.permission-list',
  method: 'POST',
  path: '/permission-list',
  right: ['information-providing-network', 'list', 'read'],
  request: z.strictObject({ onDate: z.iso.date() }),
  response: z.strictObject({ list: jws, next: jws.nullable().optional() }),
  errors: ['no-list'],
});
export { permissionList };

/** IMS → INS: when network or providers are closed, now and as announced; `provider` null: the whole network. */
export const announcedWindow = z.strictObject({
  windowId: uuid,
  provider: organisation.nullable(),
  kind: z.enum(['planned', 'outage']),
  from: z.string(),
  until: z.string(),
  reason: z.string().max(200),
});
export type AnnouncedWindow = z.infer<typeof announcedWindow>;
export const announcedWindows = defineEndpoint({
  id: 'exchange.announced-windows',
  method: 'POST',
  path: '/announced-windows',
  right: ['information-providing-network', 'maintenance', 'read'],
  request: z.strictObject({}),
  response: z.strictObject({ windows: z.array(announcedWindow).max(500) }),
  errors: [],
});

/* ---- organisation side: business system → CIP/LNK → IMS ---- */

/** Who in the organisation asks, stated by the business system and carried unchanged; the IMS records it. */
export const insideAsker = z.strictObject({
  system: z.string(),
  /** Staff id of the organisation's directory; absent for scheduled work. */
  staffId: z.string().optional(),
  /** The terminal at which it was asked, so that a refusal can be followed up; absent for scheduled work. */
  terminalId: z.string().max(60).optional(),
  /** The case for which it is asked, echoed with the answer. A question without one is refused on record, not merely unreadable. */
  caseReference: z.string().max(60),
});

/** Business system → CIP/LNK, and CIP/LNK → IMS, with the same body. */
export const askAnotherBody = defineEndpoint({
  id: 'exchange.ask-another-body',
  method: 'POST',
  path: '/body-inquiries',
  right: ['exchange', 'ask', 'update'],
  request: z.strictObject({
    requestId: uuid,
    asker: insideAsker,
    orgPersonNumber: z.string().max(15),
    procedure: inquiryStatement.shape.procedure,
    informationCode: inquiryStatement.shape.informationCode,
    items: inquiryStatement.shape.items,
    condition: inquiryStatement.shape.condition,
    provider: organisation,
  }),
  response: z.strictObject({
    requestId: uuid,
    asker: insideAsker,
    inquiryNumber: uuid,
    permitNumber: uuid,
    result: provisionResult,
    validFrom: z.iso.date().nullable(),
    items: z.record(z.string(), z.union([z.string(), z.int(), z.boolean(), z.null()])),
    /** The provider's signed evidence and the permit, kept with the case. */
    evidence: jws,
    permit: jws,
    answeredAt: z.string(),
  }),
  /**
   * congested: beyond what can be asked at once; it was taken, has a number (`deferredInquiry`) and is asked by itself: the same request
   * later brings the answer. overloaded: not taken, because too much waits already.
   */
  errors: [...refusals, 'not-your-business', 'unknown-person', 'case-missing', 'congested', 'overloaded'],
});

/** CIP/LNK → IMS: the number of an inquiry that was taken while there was no room, and how it stands. */
export const deferredInquiry = defineEndpoint({
  id: 'exchange.deferred-inquiry',
  method: 'POST',
  path: '/body-inquiries/deferred',
  right: ['exchange', 'ask', 'update'],
  request: z.strictObject({ requestId: uuid, system: z.string() }),
  response: z.strictObject({
    receptionNumber: z.int(),
    /** When it is likely to be asked, as it was told first. */
    expectedAt: z.string(),
    state: z.enum(['waiting', 'answered', 'held', 'refused']),
  }),
  errors: ['not-deferred'],
});

/** One lodged copy 副本 of one person. */
export const lodgedCopy = z.strictObject({
  row: z.int().min(1),
  orgPersonNumber: z.string().max(15),
  informationCode: inquiryStatement.shape.informationCode,
  condition: inquiryStatement.shape.condition,
  validFrom: z.iso.date(),
  /** The last day on which what it says holds, where that is known; behind it the copy has ended by itself. */
  lastOn: z.iso.date().optional(),
  /** null ends the copy without a successor. */
  items: z.record(z.string(), z.union([z.string(), z.int(), z.boolean(), z.null()])).nullable(),
  autoReplyBlocked: z.boolean(),
  withheldFromPerson: z.boolean(),
  /** 添付 of 自己情報: for the person alone, never for another body. */
  attachments: attachments.optional(),
});
export type LodgedCopy = z.infer<typeof lodgedCopy>;

/** Business system → CIP/LNK → IMS: up to 500 copies; every row is accepted or rejected, and named. */
export const lodgeCopies = defineEndpoint({
  id: 'exchange.lodge-copies',
  method: 'POST',
  path: '/lodged-copies',
  right: ['exchange', 'lodge', 'update'],
  request: z.strictObject({
    batchId: uuid,
    system: z.string(),
    kind: z.enum(['full', 'difference']),
    copies: z.array(lodgedCopy).min(1).max(500),
  }),
  maxBodyBytes: 8_388_608,
  response: z.strictObject({
    accepted: z.int(),
    rejected: z.array(z.strictObject({ row: z.int(), code: z.string() })),
  }),
  errors: ['not-your-information', 'batch-repeated-with-other-content'],
});

/** CIP/LNK → IMS: begin obtaining a linkage code for a person number; the processing number goes on to NCS. */
export const beginLinkage = defineEndpoint({
  id: 'exchange.begin-linkage',
  method: 'POST',
  path: '/linkages',
  right: ['exchange', 'linkage', 'update'],
  request: z.strictObject({ requestId: uuid, orgPersonNumber: z.string().max(15) }),
  response: z.strictObject({ processingNumber: jws, state: z.enum(['requested', 'held']) }),
  errors: ['unavailable'],
});
/** CIP/LNK → IMS: which of these person numbers have a code (status and day only, never the code). */
export const linkageStatus = defineEndpoint({
  id: 'exchange.linkage-status',
  method: 'POST',
  path: '/linkages/status',
  right: ['exchange', 'linkage', 'read'],
  request: z.strictObject({ orgPersonNumbers: z.array(z.string().max(15)).min(1).max(500) }),
  response: z.strictObject({
    states: z.array(
      z.strictObject({
        orgPersonNumber: z.string(),
        state: z.enum(['none', 'requested', 'held']),
        acquiredOn: z.iso.date().nullable(),
      }),
    ),
  }),
  errors: [],
});
