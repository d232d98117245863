import {
  giveDebitResults,
  giveRefundOutcome,
  orderDebits as orderDebitsEndpoint,
  readRefundOrders,
} from '@musubi/contracts/collections/debits.ts';
import { readPersonPayments } from '@musubi/contracts/collections/person.ts';
import { tellRemittance } from '@musubi/contracts/collections/remittance.ts';
import { deliverPaymentFile } from '@musubi/contracts/payments/delivery.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { orderDebits, takeDebitResults } from '../service/files/debits.ts';
import { takeRemittance } from '../service/files/remittances.ts';
import { takeFile } from '../service/files/take-file.ts';
import { givePersonPayments } from '../service/office/read-accounts.ts';
import { giveRefundOrders, noteRefundOutcome } from '../service/office/refunds.ts';

/** What agencies deliver, what employers say of it, and what the account system asks and says. */
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
  route(tellRemittance, ({ body, actor }) => takeRemittance(deps, actor, body)),
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
  route(readPersonPayments, async ({ body, actor }) => {
    const { orgPersonNumber: personNumber, staffId } = body;
    const found = await givePersonPayments(deps, actor, { personNumber, staffId });
    if (!found.ok) return found;
    const { charges, receipts, overpaidYen } = found.value;
    return ok({
      charges: charges.map((c) => ({
        fiscalYear: c.fiscalYear,
        method: c.method as 'ordinary' | 'special' | 'pension',
        instalment: c.instalment,
        dueOn: c.dueOn,
        taxYen: c.taxYen,
        openTaxYen: c.openTaxYen,
        feeYen: c.feeYen,
        interestYen: c.interestYen,
        preliminary: c.preliminary,
        settledOn: c.settledOn,
        collector: c.collectorName,
        held: c.held,
      })),
      receipts: receipts.map(({ paidOn, channel, amountYen, outcome }) => ({ paidOn, channel, amountYen, outcome })),
      overpaidYen,
    });
  }),
  route(giveRefundOutcome, async ({ body, actor }) => noteRefundOutcome(deps, actor, body)),
];
