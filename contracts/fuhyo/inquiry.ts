import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { jwe, jws } from '../exchange/messages.ts';
import { supplementItems } from './notices.ts';

const uuid = z.uuid();
const text = z.string().min(1).max(200);
const residentRecordCode = z.string().regex(/^[0-9]{11}$/);
const party = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);

/** By code or a combination of the four items; there is no number key (requirement 003 A13). */
export const inquiryKey = z.union([
  z.strictObject({ residentRecordCode }),
  z.strictObject({
    name: text.optional(),
    nameKana: text.optional(),
    birthDate: z.iso.date().optional(),
    sex: z.enum(['male', 'female', 'other']).optional(),
    address: text.optional(),
  }),
]);
export type InquiryKey = z.infer<typeof inquiryKey>;

/**
 * What the asker signs (JWS, typ musubi-fuhyo-inquiry). fuhyo-link shows the same text to the prefecture's register when
 * it asks for the number, so that the register sees for itself who asks, for which task, about whom.
 */
export const inquiryRequestType = 'musubi-fuhyo-inquiry';
export const inquiryRequest = z.strictObject({
  v: z.literal(1),
  inquiryId: uuid,
  /** `tokyo/child-chronic`: whom the signing certificate names. */
  asker: party,
  /** Department or agency, and the person, for whom it is asked. */
  requester: text,
  task: z.string().regex(/^[a-z0-9-]{1,60}$/),
  /** Number of the document that it belongs to. */
  document: z.string().min(1).max(60),
  key: inquiryKey,
  wantsNumber: z.boolean(),
  wantsCode: z.boolean(),
  at: z.iso.datetime(),
});
export type InquiryRequest = z.infer<typeof inquiryRequest>;

/** Sealed to the asker (JWE, typ musubi-fuhyo-answer, member `inq` = inquiry id). */
export const inquiryAnswerType = 'musubi-fuhyo-answer';
export const inquiryAnswer = z.strictObject({
  v: z.literal(1),
  inquiryId: uuid,
  result: z.enum(['identified', 'not-identified']),
  record: z
    .strictObject({
      name: z.string(),
      nameKana: z.string(),
      birthDate: z.string(),
      sex: z.string(),
      address: z.string(),
      lastAddress: z.string().nullable(),
      recordState: z.enum(['domestic', 'abroad', 'removed']),
      /** Only where a transitional ground is registered for the task. */
      residentRecordCode: residentRecordCode.nullable(),
    })
    .nullable(),
  number: z.enum(['not-asked', 'withheld', 'later', 'given']),
  individualNumber: z
    .string()
    .regex(/^[0-9]{12}$/)
    .nullable(),
  /** Items that were asked for and are not given. */
  withheld: z.array(z.string().max(40)).max(10),
  /** Until when the number can be given again; null where none is kept. */
  keptUntil: z.iso.datetime().nullable(),
});
export type InquiryAnswer = z.infer<typeof inquiryAnswer>;

/**
 * Agency or department → fuhyo-link. The same inquiry id with the same request gets the same answer while it can be given.
 * @law 住民基本台帳法 第30条の44の6
 */
export const inquireFuhyo = defineEndpoint({
  id: 'fuhyo.inquire',
  method: 'POST',
  path: '/fuhyo-inquiries',
  right: ['juki', 'inquiry', 'update'],
  request: z.strictObject({ inquiryId: uuid, request: jws }),
  response: z.strictObject({ sealed: jwe }),
  errors: {
    'bad-signature': { status: 422, title: '照会の署名を確かめられません' },
    'not-registered-task': { status: 403, title: '登録された国外転出者に係る事務ではありません' },
    'too-few-items': { status: 422, title: '氏名または生年月日を含む、二つ以上の項目が必要です' },
    'request-reused': { status: 409, title: '同じ照会番号で内容の異なる照会があります' },
  },
});

const inquiryId = z.strictObject({ inquiryId: uuid });

/** The asker could not receive: the number once more, until its keeping ends. */
export const redeliverNumber = defineEndpoint({
  id: 'fuhyo.redeliver-number',
  method: 'POST',
  path: '/fuhyo-inquiries/:inquiryId/redelivery',
  params: inquiryId,
  right: ['juki', 'inquiry', 'update'],
  request: z.strictObject({}),
  response: z.strictObject({ sealed: jwe }),
  errors: {
    'no-such-inquiry': { status: 404, title: '照会がありません' },
    'number-not-kept': { status: 410, title: '個人番号は保存されていません' },
  },
});

/** The asker has the number: it is erased at once. Safe to repeat. */
export const confirmReceipt = defineEndpoint({
  id: 'fuhyo.confirm-receipt',
  method: 'POST',
  path: '/fuhyo-inquiries/:inquiryId/receipt',
  params: inquiryId,
  right: ['juki', 'inquiry', 'update'],
  request: z.strictObject({}),
  response: z.strictObject({ erased: z.literal(true) }),
  errors: { 'no-such-inquiry': { status: 404, title: '照会がありません' } },
});

/** fuhyo-link → national-fuhyo: for a person whose supplement another prefecture keeps (FPS-F4). */
export const lookUpNational = defineEndpoint({
  id: 'fuhyo.look-up-national',
  method: 'POST',
  path: '/fuhyo-lookups',
  right: ['juki', 'lookup', 'update'],
  request: z.strictObject({ lookupId: uuid, task: z.string().regex(/^[a-z0-9-]{1,60}$/), key: inquiryKey }),
  response: z.strictObject({ sealed: jwe }),
  errors: { 'too-few-items': { status: 422, title: '氏名または生年月日を含む、二つ以上の項目が必要です' } },
});
/** Sealed to the asking server (JWE, typ musubi-fuhyo-lookup, member `inq` = lookup id). */
export const nationalAnswerType = 'musubi-fuhyo-lookup';
export const nationalAnswer = z.strictObject({
  v: z.literal(1),
  lookupId: uuid,
  /** Null: none, or more than one. */
  items: supplementItems.nullable(),
});
export type NationalAnswer = z.infer<typeof nationalAnswer>;
