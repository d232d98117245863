import {
  giveDebitResults,
  giveRefundOutcome,
  orderDebits as orderDebitsEndpoint,
  readRefundOrders,
} from '@musubi/contracts/collections/debits.ts';
import { deliverPaymentFile } from '@musubi/contracts/payments/delivery.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { orderDebits, takeDebitResults } from '../service/files/debits.ts';
import { takeFile } from '../service/files/take-file.ts';
import { giveRefundOrders, noteRefundOutcome } from '../service/office/refunds.ts';

/** What agencies deliver, and what the account system asks and says. */
export const routes = (deps: Deps): readonly Route[] => [
  route(deliverPaymentFile, async ({ body, actor }) => {
    const { channel } = body;
    const done = await takeFile(deps, actor, { channel, content: Buffer.from(body.content, 'base64') });
    if (!done.ok) return done;
    if (!done.value.taken) return ok({ taken: false as const, faults: [...done.value.faults] });
    const { fileId, records, totalYen, postedYen, suspenseYen, rejectedYen, notedYen } = done.value.file;
    const sums = { records, totalYen, postedYen, suspenseYen, rejectedYen, notedYen };
    return ok({ taken: true as const, fileId, repeated: done.value.repeated, ...sums });
  }),
  route(orderDebitsEndpoint, async ({ body, actor }) => {
    const done = await orderDebits(deps, actor, body);
    if (!done.ok) return done;
    return ok({
      orders: done.value.map((o) => ({ caseKey: o.caseKey, orgPersonNumber: o.personNumber, amount: o.amountYen })),
    });
  }),
  route(giveDebitResults, async ({ body, actor }) => {
    const done = await takeDebitResults(deps, actor, body);
    if (!done.ok) return done;
    const { fileId, postedYen, suspenseYen } = done.value.file;
    return ok({ fileId, repeated: done.value.repeated, postedYen, suspenseYen });
  }),
  route(readRefundOrders, async ({ actor }) => {
    const done = await giveRefundOrders(deps, actor, {});
    if (!done.ok) return done;
    return ok({
      orders: done.value.map((o) => ({
        customerCode: o.customerCode,
        orgPersonNumber: o.personNumber,
        amount: o.amountYen,
        orderedOn: o.orderedOn,
      })),
    });
  }),
  route(giveRefundOutcome, async ({ body, actor }) => noteRefundOutcome(deps, actor, body)),
];
