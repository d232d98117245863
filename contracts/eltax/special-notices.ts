import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { corporateNumber, municipalityCode } from './delivery.ts';

/*
 * 特別徴収税額通知 by the portal (処分通知等の電子交付): a municipality sends a payer's notice, the payer fetches it. The portal passes on what it
 * cannot read: the sender encrypts to the payer's own certificate and signs the cover. Until it is fetched the sender can withdraw it
 * (配信停止), and it is told who fetched what when. What a package holds stands in `contracts/special-collection`.
 * @law 地方税法 第321条の4第7項
 * @source formats special-collection §2, §4.1; requirements 002 ELT-F2, RTX-F6.4
 */

const uuid = z.uuid();
const jws = z.string().max(65_536);
const jwe = z.string().max(24_000_000);
const text = z.string().min(1).max(200);

/** `payer`: 特別徴収義務者用. `employees`: 納税義務者用, one encrypted file a person. */
export const noticePart = z.enum(['payer', 'employees']);
export type NoticePart = z.infer<typeof noticePart>;

const partFacts = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), persons: z.int().min(1) });
/** What the municipality says of a notice and signs; it names no person. */
export const noticeCover = z.strictObject({
  v: z.literal(1),
  noticeId: uuid,
  from: z.strictObject({ municipality: municipalityCode, name: text }),
  /** Corporate Number of the addressee. */
  payer: corporateNumber,
  designationNumber: z.string().regex(/^[0-9A-Z-]{1,12}$/),
  fiscalYear: z.int().min(2024).max(2100),
  sequence: z.int().min(1).max(999),
  /** Earlier numbers of the payer's year that were withdrawn before anybody fetched them: nothing is missing there. */
  withdrawn: z.array(z.int().min(1)).max(998),
  issuedOn: z.iso.date(),
  payerPart: partFacts,
  /** Null where nobody of the notice is told electronically. */
  employeesPart: partFacts.nullable(),
});
export type NoticeCover = z.infer<typeof noticeCover>;
export const noticeCoverType = 'musubi-special-notice';
/** JWE typ of each part, encrypted to the payer; its protected members say of which notice it is which part. */
export const noticePartType = 'musubi-special-notice-part';
export const noticePartMembers = ['noticeId', 'part', 'sha256'] as const;

const right = ['eltax', 'special-notice'] as const;
const received = ['eltax', 'received-notice'] as const;
const notABody = { 'not-a-destination': { status: 403, title: '団体として登録されていません' } } as const;
const notAPayer = { 'not-a-payer': { status: 403, title: '利用者の証明書ではありません' } } as const;
const instant = z.string();

/** A notice to its payer. The same again is answered the same; another content under its id is refused. */
export const sendNotice = defineEndpoint({
  id: 'eltax.send-special-notice',
  method: 'POST',
  path: '/special-notices',
  right: [...right, 'update'],
  maxBodyBytes: 52 * 1024 * 1024,
  request: z.strictObject({ cover: jws, payer: jwe, employees: jwe.nullable() }),
  response: z.strictObject({ acceptedAt: instant, fetchUntil: z.iso.date() }),
  errors: {
    ...notABody,
    'bad-signature': { status: 422, title: '送付票の署名を確かめられません' },
    'parts-differ': { status: 422, title: '送付票と通知の部数が一致しません' },
    'no-such-payer': { status: 404, title: 'この法人番号の利用者は登録されていません' },
    'notice-number-used': { status: 409, title: '同じ番号で内容の異なる通知があります' },
    'notice-recalled': { status: 409, title: '配信停止の通知です' },
  },
});

/** 配信停止. Nothing of it can be fetched from then on; the answer says whether it had been. The same again is answered the same. */
export const recallNotice = defineEndpoint({
  id: 'eltax.recall-special-notice',
  method: 'POST',
  path: '/special-notices/:noticeId/recall',
  params: z.strictObject({ noticeId: uuid }),
  right: [...right, 'update'],
  request: z.strictObject({}),
  response: z.strictObject({ recalledAt: instant, fetched: z.boolean() }),
  errors: { ...notABody, 'no-such-notice': { status: 404, title: '該当する通知がありません' } },
});

const fetchFact = z.strictObject({ part: noticePart, by: z.string(), at: instant });
export type NoticeFetch = z.infer<typeof fetchFact>;
/** For the sender: who fetched what when. */
export const noticeStatus = defineEndpoint({
  id: 'eltax.special-notice-status',
  method: 'POST',
  path: '/special-notices/:noticeId/status',
  params: z.strictObject({ noticeId: uuid }),
  right: [...right, 'read'],
  request: z.strictObject({}),
  response: z.strictObject({ fetches: z.array(fetchFact), fetchUntil: z.iso.date(), recalled: z.boolean() }),
  errors: { ...notABody, 'no-such-notice': { status: 404, title: '該当する通知がありません' } },
});

/** For a payer: its notices that can be fetched, the oldest first. */
export const listNotices = defineEndpoint({
  id: 'eltax.list-special-notices',
  method: 'POST',
  path: '/special-notices/list',
  right: [...received, 'read'],
  request: z.strictObject({}),
  response: z.strictObject({
    notices: z.array(
      z.strictObject({ noticeId: uuid, cover: jws, fetchUntil: z.iso.date(), fetched: z.array(noticePart) }),
    ),
  }),
  errors: notAPayer,
});

export const fetchNotice = defineEndpoint({
  id: 'eltax.fetch-special-notice',
  method: 'POST',
  path: '/special-notices/:noticeId/fetch',
  params: z.strictObject({ noticeId: uuid }),
  right: [...received, 'update'],
  request: z.strictObject({ part: noticePart }),
  response: z.strictObject({ cover: jws, content: jwe }),
  errors: {
    ...notAPayer,
    'no-such-notice': { status: 404, title: '該当する通知がありません' },
    'notice-recalled': { status: 410, title: '発行元が配信を停止した通知です' },
    'term-over': { status: 410, title: '受領できる期間が過ぎました' },
  },
});
