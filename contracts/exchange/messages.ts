import { z } from 'zod';

/*
 * The inquiry over the Information Providing Network System, design §4.3. Every signed message is a compact JWS (ES256,
 * chain in x5c) whose payload is the canonical JSON of the schema here; `typ` names which. Instants are ISO 8601 UTC.
 */

const uuid = z.uuid();
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
const digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/); // SHA-256, base64url
const organisation = z.string().regex(/^[a-z0-9-]{1,63}$/);
export const jws = z.string().max(65_536);
export const jwe = z.string().max(4_194_304);
/** Linkage code 符号: version ‖ AES-SIV(…), base64url. Opaque outside the root process. */
export const linkageCode = z.string().regex(/^[A-Za-z0-9_-]{20,200}$/);

/** Which rows of the permission list are meant: 事務手続 and 特定個人情報 by code. */
export const procedureCode = z.string().regex(/^MS2-[0-9]{3}[0-9-]{0,6}$/);
export const informationCode = z.string().regex(/^TKX-[0-9]{4}$/);
export type InformationCode = z.infer<typeof informationCode>;
export const itemName = z.string().min(1).max(60);

/** S: what IMS(A) signs. `typ` musubi-inquiry. */
export const inquiryStatement = z.strictObject({
  v: z.literal(1),
  inquiryNumber: uuid,
  asker: organisation,
  /** 事務手続コード under which the asker acts. */
  procedure: procedureCode,
  informationCode,
  items: z.array(itemName).min(1).max(100),
  /** What the information is about: a fiscal year or a day. */
  condition: z.strictObject({ taxYear: z.int().min(2000).max(2100).optional(), asOf: z.iso.date().optional() }),
  provider: organisation,
  /** The version of the list by which the asker asks; network and provider refuse where theirs is another. */
  listVersion: z.string().min(1).max(40).optional(),
  /** The asker's fresh public key of this inquiry (P-256 JWK); the answer is encrypted to it alone. */
  answerKey: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: digest, y: digest }),
  /** SHA-256(nonce ‖ the asker's linkage code), both as bytes of their base64url text's decoding. */
  subjectCommitment: digest,
  at: instant,
});
export type InquiryStatement = z.infer<typeof inquiryStatement>;

/** P: what INS signs for exactly one provider, once. `typ` musubi-permit. */
export const permit = z.strictObject({
  v: z.literal(1),
  permitNumber: uuid,
  inquiryNumber: uuid,
  /** SHA-256 of the compact JWS of S. */
  statement: digest,
  provider: organisation,
  /**
   * SHA-256(nonce ‖ the provider's own linkage code), both as bytes of their base64url text's decoding. Only the provider
   * also gets {code, nonce}: the permit itself goes to the asker too and is kept with the case, so it names no code.
   */
  subjectCommitment: digest,
  listVersion: z.string().min(1).max(40),
  listRow: z.string().min(1).max(60),
  issuedAt: instant,
  /** Five minutes after issue; acceptance opens the answer term. */
  acceptUntil: instant,
});
export type Permit = z.infer<typeof permit>;

/** Result codes of the answer, as the requirements name them. */
export const provisionResults = {
  '00': '正常',
  '10': '該当なし',
  '20': '不開示',
  '50': '副本なし',
  '60': '職員確認待ち',
} as const;
export const provisionResult = z.enum(['00', '10', '20', '50', '60']);
export type ProvisionResult = z.infer<typeof provisionResult>;

/** What IMS(B) signs beside its answer. `typ` musubi-provision. */
export const provisionEvidence = z.strictObject({
  v: z.literal(1),
  inquiryNumber: uuid,
  permitNumber: uuid,
  permit: digest,
  /** SHA-256 of the compact JWE; of the empty text where nothing is given. */
  answer: digest,
  result: provisionResult,
  /** The provider's log position is found by this event. */
  eventId: uuid,
  at: instant,
});
export type ProvisionEvidence = z.infer<typeof provisionEvidence>;

/** What stands inside the JWE (typ musubi-answer; protected members `inq` = inquiry number and `prm` = SHA-256 of P). */
export const provisionAnswer = z.strictObject({
  v: z.literal(1),
  inquiryNumber: uuid,
  informationCode,
  /** Day from which the copy held. */
  validFrom: z.iso.date(),
  condition: inquiryStatement.shape.condition,
  /** Only what was asked: item → value. */
  items: z.record(itemName, z.union([z.string(), z.int(), z.boolean(), z.null()])),
});
export type ProvisionAnswer = z.infer<typeof provisionAnswer>;

/** One row of the 照会許可用照合リスト, with its text and its days. */
export const permissionRow = z.strictObject({
  row: z.string(),
  askerKind: z.enum(['ward', 'prefecture', 'national-qualification']),
  procedure: procedureCode,
  providerKind: z.enum(['ward', 'prefecture', 'national-qualification']),
  informationCode,
  items: z.array(itemName).min(1),
  /** 根拠条項 as text. */
  ground: z.string(),
  /** minutes for automatic answers; open days where a clerk decides. */
  answerTerm: z.union([z.strictObject({ minutes: z.int() }), z.strictObject({ openDays: z.int() })]),
  validFrom: z.iso.date(),
  validUntil: z.iso.date().nullable(),
});
export type PermissionRow = z.infer<typeof permissionRow>;

/** A published version of the list, signed by INS. `typ` musubi-permission-list. It counts from `publishedOn` until the next one does. */
export const permissionList = z.strictObject({
  version: z.string(),
  publishedOn: z.iso.date(),
  rows: z.array(permissionRow),
});
export type PermissionList = z.infer<typeof permissionList>;

/** Words with which an inquiry ends before a provider answers; each stands in the records of whoever said it. */
export const inquiryRefusals = [
  'unknown-procedure',
  'not-on-list',
  'item-not-on-list',
  'bad-signature',
  'not-canonical',
  'commitment-mismatch',
  'not-your-linkage-code',
  'statement-too-old',
  'inquiry-number-used',
  'provider-unknown',
  'provider-unavailable',
  'permit-expired',
  'permit-used',
  'permit-not-for-you',
  'permit-names-other-statement',
  'own-list-refuses',
  /** The sides do not go by the same version of the list, or one of them could not learn which one counts. */
  'list-stale',
  /** The network, or the provider, is closed for a stated time; a new question then. */
  'under-maintenance',
  'no-linkage-code',
  'answer-not-verified',
] as const;
export type InquiryRefusal = (typeof inquiryRefusals)[number];
