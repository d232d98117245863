import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { caseKey } from './charge.ts';

/*
 * accounts ↔ collections. The account system knows whose account may be debited, collections what is owed: it asks for the debits of a
 * day, sends them to the banks, and hands back what the banks said. Each debit has a key of its own that stands in the bank's record
 * as 顧客番号 and is never used again.
 */

const uuid = z.uuid();
const orgPersonNumber = z.string().regex(/^[0-9]{15}$/);
const yen = z.int().min(1).max(9_999_999_999);

export const debitOrder = z.strictObject({ caseKey, orgPersonNumber, amount: yen });
export type DebitOrder = z.infer<typeof debitOrder>;

/** Orders one debit for each open charge of these persons that is due on the day and has none under way. The same batch again gives the same. */
export const orderDebits = defineEndpoint({
  id: 'collections.order-debits',
  method: 'POST',
  path: '/debit-orders',
  right: ['collections', 'debit', 'update'],
  maxBodyBytes: 16 * 1024 * 1024,
  request: z.strictObject({
    batchId: uuid,
    dueOn: z.iso.date(),
    debitOn: z.iso.date(),
    persons: z.array(orgPersonNumber).max(200_000),
  }),
  response: z.strictObject({ orders: z.array(debitOrder) }),
});

export const debitOutcome = z.enum([
  'paid',
  'insufficient-funds',
  'no-account',
  'stopped-by-depositor',
  'no-mandate',
  'stopped-by-collector',
  'other',
]);

/** What one bank's result file said, after accounts has held it against what was sent (Z13). Counts once, by the file's digest. */
export const giveDebitResults = defineEndpoint({
  id: 'collections.give-debit-results',
  method: 'POST',
  path: '/debit-results',
  right: ['collections', 'debit', 'update'],
  maxBodyBytes: 32 * 1024 * 1024,
  request: z.strictObject({
    bank: z.string().regex(/^[0-9]{4}$/),
    debitOn: z.iso.date(),
    /** SHA-256 of the bank's file, hexadecimal. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.int().min(1),
    results: z.array(z.strictObject({ row: z.int().min(1), caseKey, amount: yen, outcome: debitOutcome })).max(200_000),
  }),
  response: z.strictObject({ fileId: uuid, repeated: z.boolean(), postedYen: z.int(), suspenseYen: z.int() }),
  errors: ['unknown-debit', 'other-amount', 'other-result'],
});

/** Refunds that were decided and of which nobody has said what became of them. */
export const readRefundOrders = defineEndpoint({
  id: 'collections.refund-orders',
  method: 'GET',
  path: '/refund-orders',
  right: ['collections', 'refund-order', 'read'],
  request: z.strictObject({}),
  response: z.strictObject({
    orders: z.array(
      z.strictObject({
        customerCode: z.string().regex(/^[0-9]{20}$/),
        orgPersonNumber,
        amount: yen,
        orderedOn: z.iso.date(),
      }),
    ),
  }),
});

export const giveRefundOutcome = defineEndpoint({
  id: 'collections.refund-outcome',
  method: 'POST',
  path: '/refund-outcomes',
  right: ['collections', 'refund-order', 'update'],
  request: z.strictObject({
    customerCode: z.string().regex(/^[0-9]{20}$/),
    outcome: z.enum(['paid', 'returned']),
    on: z.iso.date(),
  }),
  response: z.strictObject({ repeated: z.boolean() }),
  errors: ['no-such-order', 'other-outcome'],
});
