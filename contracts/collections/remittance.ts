import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { designationNumber } from './charge.ts';

/*
 * 納入内訳: an employer's payment of a month is one sum for many people. Where it is not what was charged, the employer says for whom how
 * much of it is. The list moves no money; it says where money goes that comes in exactly its total.
 */

/** Why an amount is not the charged one, in the employer's word. */
export const remittanceDifference = z.enum(['left', 'on-leave', 'amount-changed', 'not-our-employee', 'other']);
export type RemittanceDifference = z.infer<typeof remittanceDifference>;

/** Each person once, and somebody with an amount. */
export const remittanceLines = z
  .array(
    z.strictObject({
      /** 通知書番号 of the person, as the notice to the employer has it. */
      noticeNumber: z.string().regex(/^[0-9]{10}$/),
      amount: z.int().min(0).max(9_999_999_999),
      difference: remittanceDifference.nullable(),
    }),
  )
  .min(1)
  .max(20_000)
  .refine((all) => new Set(all.map((l) => l.noticeNumber)).size === all.length, 'a person stands in it once')
  .refine((all) => all.some((l) => l.amount > 0), 'a list of nothing');

export const remittance = z.strictObject({
  /** UUID of the list: twice is once. */
  listId: z.uuid(),
  designationNumber,
  /** 納入月: the month whose pay it was kept back from. */
  month: z.string().regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/),
  lines: remittanceLines,
});
export type Remittance = z.infer<typeof remittance>;

/** employers (or who pays over for them) → collections, with or before the payment. */
export const tellRemittance = defineEndpoint({
  id: 'collections.tell-remittance',
  method: 'POST',
  path: '/remittances',
  right: ['collections', 'remittance', 'update'],
  maxBodyBytes: 4 * 1024 * 1024,
  request: remittance,
  response: z.strictObject({ repeated: z.boolean(), totalYen: z.int() }),
  errors: ['list-repeated-with-other-content', 'unknown-employer'],
});
