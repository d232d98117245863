import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { remittanceLines } from '../collections/remittance.ts';

/*
 * Where payers pay: what a store's scanner, a terminal or a bank's reader hands in. The agency answers at once whether it takes the
 * money; what it took stands in its files of the day (速報) and of the days after (確報, 取消).
 */

const yen = z.int().min(1).max(99_999_999_999);
const month = z.string().regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/);
/** 全国地方公共団体コード */
const bodyCode = z.string().regex(/^[0-9]{6}$/);

/** What was read or typed, as it stood on the payer's paper or screen. */
export const presented = z.discriminatedUnion('kind', [
  /** 共通納税: the 255 digits of the eL-QR. */
  z.strictObject({ kind: z.literal('el-qr'), text: z.string().max(300) }),
  /** コンビニ: the 44 digits of the bar. */
  z.strictObject({ kind: z.literal('convenience-bar'), text: z.string().max(60) }),
  /** ペイジー or credit card: numbers typed by the payer. */
  z.strictObject({
    kind: z.literal('typed'),
    channel: z.enum(['pay-easy', 'credit']),
    bodyCode,
    caseKey: z.string().max(30),
    confirmation: z.string().max(10),
    amount: yen,
  }),
  /** 窓口: the two OCR lines of the slip. */
  z.strictObject({ kind: z.literal('counter-lines'), bodyCode, one: z.string().max(40), two: z.string().max(40) }),
  /** 特別徴収: an employer pays a month for its employees. */
  z.strictObject({
    kind: z.literal('collector'),
    bodyCode,
    designationNumber: z.string().min(1).max(12),
    month,
    amount: yen,
    /** 納入内訳: for whom it is, where it is not what was charged; together the amount. */
    lines: remittanceLines.optional(),
  }),
  /** 年金特別徴収: an insurer pays what it kept back from one pension. */
  z.strictObject({
    kind: z.literal('withheld'),
    bodyCode,
    noticeNumber: z.string().regex(/^[0-9]{10}$/),
    month,
    amount: yen,
  }),
]);
export type Presented = z.infer<typeof presented>;

export const tillRefusals = [
  /** Check digits or structure: the scanner would beep. */
  'unreadable',
  /** The slip's 支払期限 has passed. */
  'expired',
  /** No such body has a contract. */
  'unknown-body',
  'channel-not-offered',
] as const;
export type TillRefusal = (typeof tillRefusals)[number];

/** Each payment is decided on its own; the same `paymentId` again gives the same answer and takes no money. */
export const payAtTill = defineEndpoint({
  id: 'payments.pay',
  method: 'POST',
  path: '/payments',
  right: ['payments', 'till', 'update'],
  maxBodyBytes: 8 * 1024 * 1024,
  request: z.strictObject({
    payments: z
      .array(z.strictObject({ paymentId: z.uuid(), presented }))
      .min(1)
      .max(1_000),
  }),
  response: z.strictObject({
    results: z.array(
      z.discriminatedUnion('taken', [
        z.strictObject({ paymentId: z.uuid(), taken: z.literal(true), yen: z.int(), paidOn: z.iso.date() }),
        z.strictObject({ paymentId: z.uuid(), taken: z.literal(false), word: z.enum(tillRefusals) }),
      ]),
    ),
  }),
  errors: ['request-key-reused'],
});

/** 取消: the payer takes the money back on the day, before the 確報 is written. */
export const cancelAtTill = defineEndpoint({
  id: 'payments.cancel',
  method: 'POST',
  path: '/cancellations',
  right: ['payments', 'till', 'update'],
  request: z.strictObject({ paymentId: z.uuid() }),
  response: z.strictObject({ cancelledOn: z.iso.date() }),
  errors: ['no-such-payment', 'too-late'],
});

/** How far the files are: what was made and what the ward took. */
export const readPaymentFiles = defineEndpoint({
  id: 'payments.files',
  method: 'GET',
  path: '/files',
  right: ['payments', 'file', 'read'],
  request: z.strictObject({ bodyCode, from: z.iso.date() }),
  response: z.strictObject({
    files: z.array(
      z.strictObject({
        channel: z.string(),
        businessOn: z.iso.date(),
        records: z.int(),
        totalYen: z.int(),
        delivered: z.boolean(),
        tries: z.int(),
      }),
    ),
  }),
});
