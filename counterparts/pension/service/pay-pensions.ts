import { payAtTill } from '@musubi/contracts/payments/till.ts';
import { paidOn } from '@musubi/contracts/pension-collection/months.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps, PayingDeps } from '../deps.ts';
import { withhold } from '../domain/withhold.ts';
import * as store from '../store/books.ts';

/** 年金の支払と特別徴収: every month with orders whose 15th has come, once a person and month. */
export const payPensions = act('pension.pay-pensions', {
  right: ['pension', 'withholding', 'update'],
  async run(tx, deps: Deps, _command: undefined) {
    await store.lockMunicipality(tx, 'withholding');
    const today = deps.civilClock.today();
    const rows: store.Withheld[] = [];
    for (const month of await store.unpaidMonths(tx)) {
      if (Temporal.PlainDate.compare(today, paidOn(month)) < 0) continue;
      for (const { pensionNumber, pensionCode, noticeNumber, amountYen, stopped, annualYen } of await store.ordersFor(
        tx,
        month,
      ))
        rows.push({
          paymentId: deps.newId(),
          pensionNumber,
          pensionCode,
          noticeNumber,
          month,
          orderedYen: amountYen,
          ...withhold({ orderedYen: amountYen, stopped, annualYen }),
        });
    }
    await store.insertWithheld(tx, rows);
    tx.record({
      event: 'pensions.paid',
      ...(rows.length > 0 ? { facts: ['pension.withheld'] } : {}),
      detail: { persons: rows.length },
    });
    return ok({ withheld: rows.length });
  },
});

const toPayOver = act('pension.read-to-pay-over', {
  right: ['pension', 'withholding', 'read'],
  async run(tx, _deps: Deps, _command: undefined) {
    const rows = await store.toPayOver(tx, 500);
    tx.record({ event: 'withheld.read', detail: { payments: rows.length } });
    return ok(rows);
  },
});
const notePaidOver = act('pension.note-paid-over', {
  right: ['pension', 'withholding', 'update'],
  async run(tx, deps: Deps, { paymentIds }: { readonly paymentIds: readonly string[] }) {
    await store.insertPaidOver(tx, paymentIds, deps.civilClock.today());
    tx.record({
      event: 'withheld.paid-over',
      ...(paymentIds.length > 0 ? { facts: ['pension.paid_over'] } : {}),
      detail: { payments: paymentIds.length },
    });
    return ok(undefined);
  },
});

/** 納入: hands what was kept back to the agency; a payment whose answer was lost is made again under its own id and counts once. */
export async function payOver(deps: PayingDeps, actor: Actor): Promise<number> {
  const due = await toPayOver(deps, actor, undefined);
  if (!due.ok || due.value.length === 0) return 0;
  const payments = due.value.map(({ paymentId, municipality, noticeNumber, month, withheldYen }) => ({
    paymentId,
    presented: { kind: 'withheld' as const, bodyCode: municipality, noticeNumber, month, amount: withheldYen },
  }));
  const paid = await deps.peers.call(payAtTill, deps.payments, {}, { payments });
  if (!paid.ok) throw new Error(`paying over: ${paid.error}`);
  const taken = paid.value.results.filter((one) => one.taken).map((one) => one.paymentId);
  const noted = await notePaidOver(deps, actor, { paymentIds: taken });
  if (!noted.ok) throw new Error(noted.error);
  return taken.length;
}
