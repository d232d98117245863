import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

/*
 * データ伝送 with a bank: the same files as on paper or media, over the line. A file counts once by its digest; the bank's own books know
 * each 顧客番号 once. A body is served by its contract: the 委託者コード belongs to the peer that may send under it.
 */

const content = z.base64().max(44_000_000);
const collectorCode = z.string().regex(/^[0-9]{10}$/);
const fault = z.strictObject({
  rule: z.string(),
  row: z.int().optional(),
  field: z.string().optional(),
  message: z.string(),
});
const accepted = z.discriminatedUnion('taken', [
  z.strictObject({ taken: z.literal(true), repeated: z.boolean(), records: z.int(), totalYen: z.int() }),
  z.strictObject({ taken: z.literal(false), faults: z.array(fault) }),
]);

/** 口座振替依頼 */
export const giveDebitFile = defineEndpoint({
  id: 'banks.give-debit-file',
  method: 'POST',
  path: '/debit-files',
  right: ['banks', 'order', 'update'],
  maxBodyBytes: 48 * 1024 * 1024,
  request: z.strictObject({ content }),
  response: accepted,
  errors: ['no-contract'],
});

/** 口座振替結果: there from the day after 引落日. Asked twice it is given twice, as it was sent by the bank each time. */
export const readDebitResult = defineEndpoint({
  id: 'banks.read-debit-result',
  method: 'POST',
  path: '/debit-results/read',
  right: ['banks', 'order', 'read'],
  request: z.strictObject({ collectorCode, debitOn: z.iso.date(), bank: z.string().regex(/^[0-9]{4}$/) }),
  response: z.strictObject({ content }),
  errors: ['no-contract', 'no-such-file', 'not-yet'],
});

/** 総合振込 */
export const giveTransferFile = defineEndpoint({
  id: 'banks.give-transfer-file',
  method: 'POST',
  path: '/transfer-files',
  right: ['banks', 'order', 'update'],
  maxBodyBytes: 48 * 1024 * 1024,
  /** The file has no year; the year of 振込指定日 stands beside it. */
  request: z.strictObject({ content, year: z.int().min(2000).max(2199) }),
  response: accepted,
  errors: ['no-contract'],
});

/** 振込の結果: what was paid and what came back (振込不能), each 顧客コード once. There from 振込指定日 on. */
export const readTransferOutcomes = defineEndpoint({
  id: 'banks.read-transfer-outcomes',
  method: 'POST',
  path: '/transfer-outcomes/read',
  right: ['banks', 'order', 'read'],
  request: z.strictObject({ collectorCode, payOn: z.iso.date() }),
  response: z.strictObject({
    outcomes: z.array(
      z.strictObject({
        customerCode: z.string().regex(/^[0-9]{20}$/),
        amount: z.int().min(1),
        outcome: z.enum(['paid', 'no-account', 'name-differs']),
      }),
    ),
  }),
  errors: ['no-contract', 'no-such-file', 'not-yet'],
});
