import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { jwe } from '../exchange/messages.ts';
import { changeReasonWords } from './codes.ts';
import { providedItemWords } from './tasks.ts';

/*
 * Inquiries of registered tasks (requirement 003 JPS-F2, F4): a business system asks the prefecture's server; for persons of
 * other prefectures that server asks the national one. One inquiry number, one answer, one record: a repeated number is
 * refused, and whoever lost an answer asks again under a new one.
 */

const uuid = z.uuid();
const residentRecordCode = z.string().regex(/^[0-9]{11}$/);
const individualNumber = z.string().regex(/^[0-9]{12}$/);
const sex = z.enum(['male', 'female', 'other']);

/** What the asker holds about the person; each that is stated must agree with the record. */
const stated = {
  name: z.string().min(1).max(100).optional(),
  nameKana: z.string().min(1).max(100).optional(),
  birthDate: z.iso.date().optional(),
  sex: sex.optional(),
  address: z.string().min(1).max(200).optional(),
};
export const inquiryKey = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('code'), residentRecordCode, ...stated }),
  z.strictObject({ kind: z.literal('number'), individualNumber, ...stated }),
  /** Name (kanji or kana), birth date and address: less does not tell two persons of one name and birthday apart. */
  z.strictObject({ kind: z.literal('four-items'), ...stated }),
]);
export type InquiryKey = z.infer<typeof inquiryKey>;

export const inquiryAnswerItems = z.strictObject({
  residentRecordCode: residentRecordCode.optional(),
  name: z.string().max(100).optional(),
  birthDate: z.iso.date().optional(),
  sex: sex.optional(),
  address: z.string().max(200).optional(),
  individualNumber: individualNumber.optional(),
  changeReason: z.enum(changeReasonWords).optional(),
  changedOn: z.iso.date().optional(),
});
export type InquiryAnswerItems = z.infer<typeof inquiryAnswerItems>;
const itemList = z.array(z.enum(providedItemWords)).max(8);

/** Business system of a registered recipient → prefectural-juki. The answer goes back on the connection that asked. */
export const inquireRegister = defineEndpoint({
  id: 'juki.inquire',
  method: 'POST',
  path: '/inquiries',
  right: ['prefectural-juki', 'inquiry', 'read'],
  request: z.strictObject({
    inquiryId: uuid,
    /** Code of the registered task. */
    task: z.string().min(1).max(40),
    /** 受付番号 or document that the inquiry belongs to. */
    document: z.string().min(1).max(60),
    /** Who asks within the recipient. */
    operator: z.string().min(1).max(60),
    key: inquiryKey,
    /** Absent: all that the task may have. */
    items: itemList.min(1).optional(),
  }),
  response: z.strictObject({
    inquiryId: uuid,
    /** `not-identified`: nobody, more than one, or what was stated does not agree. Which of them is not told. */
    result: z.enum(['given', 'not-identified']),
    /** Of what was given; where nothing is, always `prefecture`, as it would tell who is here. */
    source: z.enum(['prefecture', 'national']),
    items: inquiryAnswerItems,
    withheld: itemList,
  }),
  errors: {
    'no-active-task': { status: 403, title: '登録され、有効な事務ではありません' },
    'former-ordinance-route': { status: 403, title: '区市町村の執行機関への提供は廃止されています' },
    'purpose-missing': { status: 422, title: '事務と文書番号を示してください' },
    'key-not-allowed': { status: 403, title: 'この事務では、この種類のキーによる照会はできません' },
    'items-not-allowed': { status: 403, title: '求められた項目は、この事務では提供できません' },
    'too-few-items': { status: 422, title: '氏名、生年月日、住所を示してください' },
    'wrong-key': { status: 422, title: '住民票コードまたは個人番号の検査数字が合いません' },
    'inquiry-repeated': { status: 409, title: '同じ照会番号の照会を既に受け付けています' },
    'national-unavailable': { status: 503, title: '全国サーバに照会できません' },
  },
});

/** prefectural-juki → national-juki. The request is signed and encrypted to the national server, the answer likewise back. */
export const inquireNational = defineEndpoint({
  id: 'juki.inquire-national',
  method: 'POST',
  path: '/national-inquiries',
  right: ['national-juki', 'inquiry', 'read'],
  request: z.strictObject({ inquiryId: uuid, sealed: jwe }),
  response: z.strictObject({ sealed: jwe }),
  errors: {
    'bad-signature': { status: 422, title: '照会の署名を確かめられません' },
    'inquiry-repeated': { status: 409, title: '同じ照会番号の照会を既に受け付けています' },
    'wrong-key': { status: 422, title: '住民票コードまたは個人番号の検査数字が合いません' },
    'too-few-items': { status: 422, title: '氏名、生年月日、住所を示してください' },
  },
});

/** JWE around a JWS of the same name: what is inside is signed by the sender and readable by the receiver alone. */
export const nationalInquiryType = 'musubi-national-inquiry';
export const nationalInquiry = z.strictObject({
  v: z.literal(1),
  inquiryId: uuid,
  /** `tokyo/prefectural-juki`: whom the signing certificate names and to whom the answer is encrypted. */
  asker: z.string().max(130),
  /** The task's ground: the national server keeps it with its own record. */
  ground: z.string().min(1).max(200),
  key: inquiryKey,
  items: itemList.min(1),
});
export type NationalInquiry = z.infer<typeof nationalInquiry>;

export const nationalAnswerType = 'musubi-national-answer';
export const nationalAnswer = z.strictObject({
  v: z.literal(1),
  inquiryId: uuid,
  /** SHA-256 of the request's sealed text: the answer belongs to this request and no other. */
  request: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  result: z.enum(['given', 'not-identified']),
  items: inquiryAnswerItems,
});
export type NationalAnswer = z.infer<typeof nationalAnswer>;

/** A person whom another prefecture reported; numbers are synthetic. */
export const otherPrefecturePerson = z.strictObject({
  residentRecordCode,
  individualNumber,
  name: z.string().min(1).max(100),
  birthDate: z.iso.date(),
  sex,
  address: z.string().min(1).max(200),
  municipalityCode: z.string().regex(/^[0-9]{6}$/),
  changedOn: z.iso.date(),
});
export type OtherPrefecturePerson = z.infer<typeof otherPrefecturePerson>;

/** Conductor of a town → national-juki: residents of prefectures that the town does not run. A person who is there stays as is. */
export const loadOtherPrefectures = defineEndpoint({
  id: 'juki.load-other-prefectures',
  method: 'POST',
  path: '/town-loads',
  right: ['national-juki', 'load', 'update'],
  request: z.strictObject({
    /** Server of the prefecture that they belong to, `osaka/prefectural-juki`. */
    reportedBy: z.string().regex(/^[a-z0-9-]+\/prefectural-juki$/),
    persons: z.array(otherPrefecturePerson).min(1).max(200),
  }),
  response: z.strictObject({ accepted: z.int(), already: z.int() }),
  errors: { 'not-a-town': { status: 403, title: '訓練用の町ではないため、初期登録はできません' } },
});
