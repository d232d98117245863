import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { jwe } from '../exchange/messages.ts';

/* 電子申請: the card holder signs in the browser, the portal seals to the body and keeps nothing that it could read. */

export const procedureCode = z.string().regex(/^[A-Z]{2,4}-[0-9]{3}$/);
export const receiptNumber = z.uuid();

const fieldValue = z.string().max(400);
/** What the card signs, as canonical JSON. The applicant's particulars come from the card, never from the keyboard. */
export const applicationContent = z.strictObject({
  v: z.literal(1),
  receiptNumber,
  organisation: z.string().max(60),
  procedure: procedureCode,
  formVersion: z.string().regex(/^[0-9]{4}-[0-9]{2}$/),
  applicant: z.strictObject({
    name: z.string().max(100),
    birthDate: z.iso.date(),
    sex: z.enum(['male', 'female', 'other']),
    address: z.string().max(300),
  }),
  fields: z.record(z.string().max(60), fieldValue),
  at: z.string(),
});
export type ApplicationContent = z.infer<typeof applicationContent>;

/** Inside the JWE that the portal seals to the body's platform. */
export const signedApplication = z.strictObject({
  /** The signed text itself, byte for byte. */
  content: z.string().max(40_000),
  certificate: z.string().max(16_384),
  signature: z.string().max(2_000),
});
export type SignedApplication = z.infer<typeof signedApplication>;

/** Type of the JWE; protected member `rcp` = receipt number. */
export const applicationEnvelope = 'musubi-application';

const line = z.strictObject({
  receiptNumber,
  procedure: procedureCode,
  formVersion: z.string(),
  acceptedAt: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** platform → portal: what waits for this organisation, the oldest first. */
export const listApplications = defineEndpoint({
  id: 'portal.list-applications',
  method: 'POST',
  path: '/applications/list',
  right: ['mynaportal', 'application', 'read'],
  request: z.strictObject({ limit: z.int().min(1).max(100) }),
  response: z.strictObject({ applications: z.array(line).max(100) }),
  errors: [],
});

/** platform → portal: one application, sealed to the platform. */
export const fetchApplication = defineEndpoint({
  id: 'portal.fetch-application',
  method: 'POST',
  path: '/applications/fetch',
  right: ['mynaportal', 'application', 'read'],
  request: z.strictObject({ receiptNumber }),
  response: z.strictObject({ envelope: jwe }),
  errors: { 'no-such-application': { status: 404, title: '該当する申請がないか、すでに消去されています' } },
});

/** platform → portal: it is ours now (or quarantined with us); the portal erases what it holds. */
export const takeOverApplication = defineEndpoint({
  id: 'portal.take-over-application',
  method: 'POST',
  path: '/applications/take-over',
  right: ['mynaportal', 'application', 'update'],
  request: z.strictObject({ receiptNumber, status: z.enum(['20', '50']) }),
  response: z.strictObject({ erased: z.literal(true) }),
  errors: { 'no-such-application': { status: 404, title: '該当する申請がありません' } },
});

/** platform → portal: what was erased because it did not fetch it in time, the oldest first; never a content. */
export const listErasedApplications = defineEndpoint({
  id: 'portal.list-erased-applications',
  method: 'POST',
  path: '/applications/erased',
  right: ['mynaportal', 'application', 'read'],
  /** Goes on after this receipt number of an earlier answer. */
  request: z.strictObject({ after: receiptNumber.nullable(), limit: z.int().min(1).max(100) }),
  response: z.strictObject({
    applications: z
      .array(
        z.strictObject({ receiptNumber, procedure: procedureCode, acceptedAt: z.string(), erasedOn: z.iso.date() }),
      )
      .max(100),
  }),
  errors: [],
});

/** platform → portal: what became of an application that it took over. Said once; the same again is no change. */
export const endApplication = defineEndpoint({
  id: 'portal.end-application',
  method: 'POST',
  path: '/applications/end',
  right: ['mynaportal', 'application', 'update'],
  request: z.strictObject({ receiptNumber, status: z.enum(['40', '50']) }),
  response: z.strictObject({ noted: z.literal(true) }),
  errors: {
    'no-such-application': { status: 404, title: '該当する申請がありません' },
    'not-taken-over': { status: 409, title: '引き取られていない申請です' },
    'ended-before': { status: 409, title: 'この申請の結果はすでに伝えられています' },
  },
});

/** Status codes of an application: forward only. */
export const applicationStatusWords = {
  '10': '受付済み（自治体が取りに来るのを待っています）',
  '20': '審査中',
  '40': '完了',
  '50': '受け付けられませんでした',
  '90': '期限内に引き取られず消去しました',
} as const;
