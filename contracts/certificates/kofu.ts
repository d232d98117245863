import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { addresseeNumber } from '../platform/persons.ts';
import { cardAssertion, cardSerial } from '../portal/card.ts';

/* コンビニ交付 (format convenience-issuance): the centre asks the body of residence; the kiosk asks the centre. */

/** ULID, 26 letters of Crockford's alphabet; the key under which a repeat is known (N04). */
export const requestId = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/);
const instant = z.iso.datetime({ offset: true, precision: null });
export const kioskId = z.string().regex(/^[0-9A-Za-z-]{1,20}$/);
export const certType = z.enum(['01', '02', '03', '04', '05', '06', '07', '08', '09']);
export const taxYear = z.string().regex(/^20[0-9]{2}$/);

export const kofuRefusals = ['10', '11', '12', '20', '21', '30', '31', '40', '90'] as const;
export type KofuRefusal = (typeof kofuRefusals)[number];

export const kofuRequest = z.strictObject({
  requestId,
  requestedAt: instant,
  kioskId,
  certType,
  taxYear,
  copies: z.int().min(1).max(10),
  certSerial: cardSerial,
  /** When the card's certificate was found valid (step 3); a check older than five minutes is none (N01). */
  certificateCheckedAt: instant,
  identity: z.strictObject({ kind: z.literal('authSerial') }),
  options: z.strictObject({}),
});
export type KofuRequest = z.infer<typeof kofuRequest>;

export const kofuAnswer = z.discriminatedUnion('result', [
  z.strictObject({
    requestId,
    result: z.literal('00'),
    pages: z.int().min(1),
    fee: z.int().min(0),
    documentNo: z.string(),
    issuedAt: instant,
    certSerial: cardSerial,
    pdfBase64: z.string().max(2_800_000),
  }),
  z.strictObject({ requestId, result: z.enum(kofuRefusals) }),
]);
export type KofuAnswer = z.infer<typeof kofuAnswer>;

export const requestCertificate = defineEndpoint({
  id: 'convenience-certificates.request',
  method: 'POST',
  path: '/kofu/v1/certificates',
  right: ['convenience-certificates', 'request', 'update'],
  request: kofuRequest,
  response: kofuAnswer,
});

/** What became of the print: an issue counts only when it was printed. */
export const reportOutcome = defineEndpoint({
  id: 'convenience-certificates.report-outcome',
  method: 'POST',
  path: '/kofu/v1/certificates/:requestId/outcome',
  params: z.strictObject({ requestId }),
  right: ['convenience-certificates', 'request', 'update'],
  request: z.strictObject({
    outcome: z.enum(['printed', 'printFailed', 'cancelled']),
    feeReceived: z.int().min(0),
    printedAt: instant.nullable(),
  }),
  response: z.strictObject({ recorded: z.literal(true) }),
  errors: {
    'no-such-request': { status: 404, title: '該当する交付申請がありません' },
    'no-document': { status: 409, title: '証明書を作成していない申請です' },
    'outcome-already-stated': { status: 409, title: '異なる結果がすでに登録されています' },
    'fee-differs': { status: 422, title: '手数料が一致しません' },
  },
});

/** One day's issues, which the centre and the body must have alike (N06). */
export const settlement = defineEndpoint({
  id: 'convenience-certificates.settlement',
  method: 'POST',
  path: '/kofu/v1/settlement',
  right: ['convenience-certificates', 'request', 'read'],
  request: z.strictObject({ date: z.iso.date() }),
  response: z.strictObject({
    rows: z.array(z.strictObject({ certType, count: z.int(), copies: z.int(), feeYen: z.int() })),
  }),
});

/**
 * 発行番号の登録: the serial of the certificate in a resident's card and whose it is. Called where cards are handed out: the ward's
 * register, in a town the conductor in place of the counter.
 */
export const registerCard = defineEndpoint({
  id: 'convenience-certificates.register-card',
  method: 'POST',
  path: '/cards',
  right: ['convenience-certificates', 'card', 'update'],
  request: z.strictObject({ certSerial: cardSerial, addresseeNumber }),
  response: z.strictObject({ registered: z.literal(true) }),
  errors: {
    'no-such-person': { status: 404, title: '該当する宛名番号がありません' },
    'serial-held': { status: 409, title: '別の方に登録済みの発行番号です' },
  },
});

/** Kiosk → centre: the choice of the person before the machine, and the card's own signature over the centre's challenge. */
export const kioskChallenge = defineEndpoint({
  id: 'certificate-centre.challenge',
  method: 'POST',
  path: '/kiosk/challenges',
  right: ['certificate-centre', 'kiosk', 'update'],
  request: z.strictObject({}),
  response: z.strictObject({ challenge: z.string().max(600) }),
});
export const kioskRequest = defineEndpoint({
  id: 'certificate-centre.request',
  method: 'POST',
  path: '/kiosk/requests',
  right: ['certificate-centre', 'kiosk', 'update'],
  request: z.strictObject({
    requestId,
    kioskId,
    municipality: z.string().regex(/^[0-9]{6}$/),
    certType,
    taxYear,
    copies: z.int().min(1).max(10),
    assertion: cardAssertion,
  }),
  response: z.discriminatedUnion('result', [
    z.strictObject({
      result: z.literal('00'),
      pages: z.int(),
      fee: z.int(),
      documentNo: z.string(),
      pdfBase64: z.string().max(2_800_000),
    }),
    /** What the machine shows; never why (支援措置). */
    z.strictObject({ result: z.enum(kofuRefusals), text: z.string() }),
  ]),
  errors: {
    'assertion-refused': { status: 403, title: '利用者証明を確かめられません' },
    'assertion-used': { status: 409, title: '利用者証明は使用済みです' },
    'certificate-not-valid': { status: 403, title: '電子証明書が有効ではありません' },
    'no-such-body': { status: 404, title: 'コンビニ交付に参加していない団体です' },
    'request-key-reused': { status: 409, title: '別の申請に使われた番号です' },
  },
});
/** Kiosk → centre: the fee is paid before the print; a print that failed is paid back by the store. */
export const kioskOutcome = defineEndpoint({
  id: 'certificate-centre.outcome',
  method: 'POST',
  path: '/kiosk/requests/:requestId/outcome',
  params: z.strictObject({ requestId }),
  right: ['certificate-centre', 'kiosk', 'update'],
  request: z.strictObject({ outcome: z.enum(['printed', 'printFailed', 'cancelled']), feeReceived: z.int().min(0) }),
  response: z.strictObject({ recorded: z.literal(true) }),
  errors: {
    'no-such-request': { status: 404, title: '該当する交付申請がありません' },
    'no-document': { status: 409, title: '証明書を作成していない申請です' },
    'outcome-already-stated': { status: 409, title: '異なる結果がすでに登録されています' },
    unavailable: { status: 503, title: '団体につながりません' },
  },
});
