import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { jws } from '../exchange/messages.ts';

/* The card service (jpki) as others see it: authorities, status, the way from a card to its holder's linkage code. */

const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .max(16_384);
export const cardSerial = z.string().regex(/^[0-9a-f]{1,40}$/);
export const cardCertificateKind = z.enum(['signature', 'user-authentication']);
export type CardCertificateKind = z.infer<typeof cardCertificateKind>;

/** The two self-signed authorities (DER, base64) that a verifier pins. */
export const cardAuthorities = defineEndpoint({
  id: 'jpki.authorities',
  method: 'GET',
  path: '/authorities',
  request: z.strictObject({}),
  response: z.strictObject({ signature: base64, userAuthentication: base64 }),
  right: ['jpki', 'status', 'read'],
});

/** Whether a certificate stands now. Only for verifiers that the law names. */
export const certificateStatus = defineEndpoint({
  id: 'jpki.certificate-status',
  method: 'POST',
  path: '/certificate-status',
  request: z.strictObject({ kind: cardCertificateKind, serial: cardSerial }),
  response: z.strictObject({ state: z.enum(['good', 'revoked', 'unknown']), checkedAt: z.string() }),
  right: ['jpki', 'status', 'read'],
});

/** The newest revocation list of one kind (RFC 5280, DER, base64). */
export const cardRevocationList = defineEndpoint({
  id: 'jpki.revocation-list',
  method: 'GET',
  path: '/revocation-lists/:kind',
  params: z.strictObject({ kind: cardCertificateKind }),
  request: z.strictObject({}),
  response: z.strictObject({ number: z.int().positive(), crl: z.string() }),
  errors: { 'no-list-yet': { status: 503, title: '失効リストがまだありません' } },
  right: ['jpki', 'status', 'read'],
});

/** What a card holder showed: certificate and signature over a `challengeText` (card-file.ts). */
export const cardAssertion = z.strictObject({ certificate: base64, challenge: z.string().max(600), signature: base64 });
export type CardAssertion = z.infer<typeof cardAssertion>;

/**
 * portal → jpki: the holder of this card asks for a linkage code for the portal (design §4.2). jpki resolves the serial to the
 * Resident Record Code and asks national-juki; nothing of it comes back here. The assertion shows that the holder was there.
 */
export const linkCardHolder = defineEndpoint({
  id: 'jpki.link-card-holder',
  method: 'POST',
  path: '/card-linkages',
  request: z.strictObject({ requestId: z.uuid(), assertion: cardAssertion, processingNumber: jws }),
  response: z.strictObject({ accepted: z.literal(true) }),
  errors: {
    'assertion-refused': { status: 403, title: '利用者証明を確かめられません' },
    'assertion-used': { status: 409, title: '利用者証明は使用済みです' },
    'certificate-not-valid': { status: 403, title: '電子証明書が有効ではありません' },
    'processing-number-invalid': { status: 422, title: '処理通番が有効ではありません' },
    'no-such-person': { status: 422, title: '該当する住民票コードがありません' },
    unavailable: { status: 503, title: '全国サーバにつながりません' },
  },
  right: ['jpki', 'linkage', 'update'],
});

/** Town only: the conductor orders a training card. A card that the person already had ends with it. */
export const issueTrainingCard = defineEndpoint({
  id: 'jpki.issue-training-card',
  method: 'POST',
  path: '/training-cards',
  request: z.strictObject({
    residentRecordCode: z.string().regex(/^[0-9]{11}$/),
    /** 基本4情報 */
    name: z.string().min(1).max(100),
    birthDate: z.iso.date(),
    sex: z.enum(['male', 'female', 'other']),
    address: z.string().min(1).max(300),
    userAuthenticationPin: z.string().regex(/^[0-9]{4}$/),
    signaturePin: z.string().regex(/^[0-9A-Z]{6,16}$/),
  }),
  /** The text of the card file. */
  response: z.strictObject({ cardNumber: z.uuid(), userAuthenticationSerial: cardSerial, cardFile: z.string() }),
  errors: {
    'not-a-town': { status: 403, title: '訓練用のカードは訓練用の町でだけ発行します' },
    'not-a-code': { status: 422, title: '住民票コードの検査数字が合いません' },
  },
  right: ['jpki', 'card', 'update'],
});

/** The conductor (for the municipality's counter): both certificates of a card end, as when it is lost. */
export const revokeCard = defineEndpoint({
  id: 'jpki.revoke-card',
  method: 'POST',
  path: '/card-revocations',
  request: z.strictObject({ cardNumber: z.uuid(), reason: z.enum(['lost', 'returned', 'moved', 'died']) }),
  response: z.strictObject({ revoked: z.int() }),
  errors: { 'no-such-card': { status: 404, title: '該当するカードがありません' } },
  right: ['jpki', 'card', 'update'],
});
