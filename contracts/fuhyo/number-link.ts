import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { jwe, jws } from '../exchange/messages.ts';

/*
 * The two operations between the supplement server and the prefecture's register, and no third (requirement 003 JPS-X9,
 * §3.2.3, A20). Both concern one person abroad, in one open inquiry, for a task of the Number Act.
 */

const uuid = z.uuid();
const residentRecordCode = z.string().regex(/^[0-9]{11}$/);

/**
 * fuhyo-link → prefectural-juki (取得): the number of the person whom this inquiry found. `inquiry` is the asker's own signed
 * text. The register answers at once, or pushes the number into the open inquiry (`linkNumber`).
 *
 * @law 住民基本台帳法 第30条の44の6第3項
 */
export const obtainNumber = defineEndpoint({
  id: 'juki.obtain-emigrant-number',
  method: 'POST',
  path: '/emigrant-numbers',
  right: ['juki', 'emigrant-number', 'update'],
  request: z.strictObject({ inquiryId: uuid, inquiry: jws, residentRecordCode }),
  response: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('answered'), sealed: jwe }),
    z.strictObject({ outcome: z.literal('linked-later') }),
  ]),
  errors: {
    'bad-signature': { status: 422, title: '照会の署名を確かめられません' },
    'not-in-open-inquiry': { status: 409, title: '開いている照会の方ではありません' },
    'not-abroad': { status: 409, title: '国外転出者ではありません' },
    'no-number-basis': { status: 403, title: '番号利用法の根拠のある事務ではありません' },
  },
});

/** prefectural-juki → fuhyo-link (紐付け): the number for an inquiry that waits for it. Safe to repeat. */
export const linkNumber = defineEndpoint({
  id: 'juki.link-emigrant-number',
  method: 'POST',
  path: '/number-links',
  right: ['juki', 'number-link', 'update'],
  request: z.strictObject({ inquiryId: uuid, sealed: jwe }),
  response: z.strictObject({ held: z.literal(true) }),
  errors: {
    'no-open-inquiry': { status: 409, title: '番号を待っている照会がありません' },
    'unusable-answer': { status: 422, title: '照会に対する番号ではありません' },
  },
});

/** Sealed to fuhyo-link (JWE, typ musubi-emigrant-number, member `inq` = inquiry id). */
export const emigrantNumberType = 'musubi-emigrant-number';
export const emigrantNumber = z.strictObject({
  v: z.literal(1),
  inquiryId: uuid,
  residentRecordCode,
  individualNumber: z.string().regex(/^[0-9]{12}$/),
});
export type EmigrantNumber = z.infer<typeof emigrantNumber>;
