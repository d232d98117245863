import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.ts';
import { type Party, purposes } from './party.ts';

/** The authority's own name; its service proves it with a certificate of its own making under the pinned root. */
export const pkiParty: Party = { organisation: 'government', system: 'government-pki' };

const name = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
const bytes = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(8_000);
const dnsName = z.string().regex(/^[a-z0-9.-]{1,253}$/);
const perPurpose = z.strictObject({ tls: bytes, signing: bytes, encryption: bytes, log: bytes });

/** A one-time token and four requests (PKCS #10, base64url) against four certificates. The same again gets the same answer. */
export const enrolEndpoint = defineEndpoint({
  id: 'government-pki.enrol',
  method: 'POST',
  path: '/enrolments',
  request: z.strictObject({
    token: z.string().min(20).max(100),
    organisation: name,
    system: name,
    dnsNames: z.array(dnsName).max(8),
    requests: perPurpose,
  }),
  response: z.strictObject({ certificates: perPurpose, issuer: bytes }),
  errors: {
    'token-unknown': { status: 403, title: '登録用の符号が確認できません' },
    'token-expired': { status: 410, title: '登録用の符号の有効期間を過ぎています' },
    'token-used': { status: 409, title: '登録用の符号は使用済みです' },
    'request-refused': { status: 422, title: '証明書の申請が受け付けられません' },
  },
  right: ['government-pki', 'enrolment', 'update'],
  callers: 'anyone',
  maxBodyBytes: 40_000,
});

/** The public repository: the newest certificate of a system for a purpose, leaf first. */
export const certificateEndpoint = defineEndpoint({
  id: 'government-pki.certificate',
  method: 'GET',
  path: '/certificates/:organisation/:system/:purpose',
  params: z.strictObject({ organisation: name, system: name, purpose: z.enum(purposes) }),
  request: z.strictObject({}),
  response: z.strictObject({ chain: z.array(bytes).min(2).max(3) }),
  errors: { 'no-such-certificate': { status: 404, title: '該当する証明書がありません' } },
  right: ['government-pki', 'repository', 'read'],
  callers: 'anyone',
});

/** The newest revocation list and the certificate of its signer. */
export const crlEndpoint = defineEndpoint({
  id: 'government-pki.crl',
  method: 'GET',
  path: '/crl',
  request: z.strictObject({}),
  response: z.strictObject({ number: z.int().positive(), crl: z.string().regex(/^[A-Za-z0-9_-]+$/), issuer: bytes }),
  errors: { 'no-list-yet': { status: 503, title: '失効リストがまだありません' } },
  right: ['government-pki', 'repository', 'read'],
  callers: 'anyone',
});

/**
 * New certificates before the old ones end, asked for over the connection that the old one opened. The same requests again get the
 * same certificates. The old ones go on to stand until their own end, so that nothing waits for the change.
 */
export const renewEndpoint = defineEndpoint({
  id: 'government-pki.renew',
  method: 'POST',
  path: '/renewals',
  request: z.strictObject({ requests: perPurpose }),
  response: z.strictObject({ certificates: perPurpose, issuer: bytes }),
  errors: {
    'not-due': { status: 409, title: '更新の時期ではありません' },
    'not-enrolled': { status: 403, title: '登録されていない証明書です' },
    'certificate-revoked': { status: 403, title: '失効した証明書では更新できません' },
    'key-used-before': { status: 422, title: '前に使われた鍵の申請は受け付けられません' },
    'request-refused': { status: 422, title: '証明書の申請が受け付けられません' },
  },
  right: ['government-pki', 'renewal', 'update'],
  maxBodyBytes: 40_000,
});

/** The state of one certificate at this moment, from the register itself: sooner than the next list. */
export const statusEndpoint = defineEndpoint({
  id: 'government-pki.status',
  method: 'POST',
  path: '/status',
  request: z.strictObject({
    /** SHA-256 of the certificate, hexadecimal. */
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    /** 16 random bytes: the answer is to this question and no earlier one. */
    nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  }),
  response: z.strictObject({ status: z.string().max(16_384) }),
  errors: {},
  right: ['government-pki', 'repository', 'read'],
});

/** What the authority signs for it (JWS, `typ` musubi-certificate-status). */
export const certificateStatusType = 'musubi-certificate-status';
export const certificateStatus = z.strictObject({
  v: z.literal(1),
  fingerprint: z.string(),
  nonce: z.string(),
  /** `unknown`: no certificate of this authority. */
  status: z.enum(['good', 'revoked', 'unknown']),
  revokedAt: z.string().nullable(),
  reason: z.string().nullable(),
  at: z.string(),
});
export type CertificateStatus = z.infer<typeof certificateStatus>;
