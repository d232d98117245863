import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { jwe, jws } from '../exchange/messages.ts';

const uuid = z.uuid();

/**
 * resident-register → municipal-juki → prefectural-juki → national-juki: a new Resident Record Code and Individual Number
 * for a birth or a first entry. Who relays sees neither: the request is signed by the register (JWS, typ
 * musubi-code-assignment-request), the answer encrypted to it (JWE, typ musubi-code-assignment, member `req` = request id).
 * The same request gets the same codes, however often it comes.
 *
 * @law 住民基本台帳法 第30条の3, 番号利用法 第7条・第8条
 */
export const assignCodes = defineEndpoint({
  id: 'juki.assign-codes',
  method: 'POST',
  path: '/code-assignments',
  right: ['juki', 'assignment', 'update'],
  request: z.strictObject({ requestId: uuid, request: jws }),
  response: z.strictObject({ sealed: jwe }),
  errors: {
    'bad-signature': { status: 422, title: '要求の署名を確かめられません' },
    'not-your-register': { status: 403, title: '通知元の住民記録システムではありません' },
    'no-such-code': { status: 404, title: 'この住民票コードの方を、通知元の市区町村の住民として確かめられません' },
    'request-reused': { status: 409, title: '同じ要求番号で内容の異なる要求があります' },
    unavailable: { status: 503, title: '付番の窓口につながりません' },
  },
});
export const assignmentRequestType = 'musubi-code-assignment-request';
export const assignmentRequest = z.strictObject({
  v: z.literal(1),
  requestId: uuid,
  /** `meguro/resident-register`: whom the signing certificate names and to whom the answer is encrypted. */
  register: z.string().max(130),
  municipalityCode: z.string().regex(/^[0-9]{6}$/),
  /** `code-change` gives a new code beside the same number, `number-change` a new number beside the same code. */
  ground: z.enum(['birth', 'first-entry', 'code-change', 'number-change']),
  /** The person's code as it stands: for the two changes, and only for them. */
  residentRecordCode: z
    .string()
    .regex(/^[0-9]{11}$/)
    .optional(),
});
export type AssignmentRequest = z.infer<typeof assignmentRequest>;

export const assignmentAnswerType = 'musubi-code-assignment';
export const assignmentAnswer = z.strictObject({
  v: z.literal(1),
  requestId: uuid,
  residentRecordCode: z.string().regex(/^[0-9]{11}$/),
  individualNumber: z.string().regex(/^[0-9]{12}$/),
});
export type AssignmentAnswer = z.infer<typeof assignmentAnswer>;
