import type { Presented, TillRefusal } from '@musubi/contracts/payments/till.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { addDays } from '../domain/days.ts';
import { findPayment, insertCancellation, insertPayment, lockTill } from '../store/payments.ts';
import { insertRemittance } from '../store/remittances.ts';
import { isCancelled, keyed } from './manners.ts';
import { readPresented } from './read-presented.ts';

export type Answer =
  | { readonly paymentId: string; readonly taken: true; readonly yen: number; readonly paidOn: string }
  | { readonly paymentId: string; readonly taken: false; readonly word: TillRefusal };

/** One payer at a till. The same payment again takes no money; with other contents it is refused. */
export const pay = act('payments.pay', {
  right: ['payments', 'till', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly paymentId: string; readonly presented: Presented },
  ): Promise<Result<Answer, 'request-key-reused'>> {
    const { paymentId } = command;
    const today = deps.civilClock.today().toString();
    const read = readPresented(command.presented, deps.contracts, today);
    const till = read.ok ? deps.tills.find((t) => t.channel === read.value.channel) : undefined;
    const word = !read.ok ? read.error : till === undefined || today < till.from ? 'channel-not-offered' : undefined;
    if (!read.ok || till === undefined || word !== undefined) {
      tx.record({ event: 'payment.not-taken', detail: { kind: command.presented.kind, word: word ?? '' } });
      return ok({ paymentId, taken: false, word: word ?? 'channel-not-offered' });
    }
    const { bodyCode, channel, key, second, amount, lines } = read.value;
    await lockTill(tx, { bodyCode, channel });
    const requestHash = fingerprint(command.presented);
    const before = await findPayment(tx, paymentId);
    if (before !== undefined) {
      if (!Buffer.from(before.requestHash).equals(requestHash)) return err('request-key-reused');
      tx.record({ event: 'payment.repeated', detail: { payment: paymentId } });
      return ok({ paymentId, taken: true, yen: before.amountYen, paidOn: before.paidOn });
    }
    const typed = command.presented.kind === 'typed';
    await insertPayment(tx, {
      paymentId,
      requestHash,
      bodyCode,
      channel,
      key: typed ? keyed(deps.seed, deps.manners, paymentId, key) : key,
      second,
      amountYen: amount,
      paidOn: today,
      confirmOn: addDays(today, till.confirmAfter),
    });
    const givenBack = till.confirmAfter > 1 && isCancelled(deps.seed, deps.manners, paymentId);
    if (givenBack) await insertCancellation(tx, paymentId, addDays(today, 1));
    if (lines !== undefined)
      await insertRemittance(tx, { paymentId, bodyCode, designationNumber: key, month: second, lines });
    tx.record({
      event: 'payment.taken',
      facts: [
        'payments.payment',
        ...(givenBack ? ['payments.cancellation'] : []),
        ...(lines === undefined ? [] : ['payments.remittance']),
      ],
      detail: { channel, yen: amount, body: bodyCode },
    });
    return ok({ paymentId, taken: true, yen: amount, paidOn: today });
  },
});

/** 取消 at the till: only until the money is confirmed, and once. */
export const cancel = act('payments.cancel', {
  right: ['payments', 'till', 'update'],
  async run(
    tx,
    deps: Deps,
    { paymentId }: { readonly paymentId: string },
  ): Promise<Result<{ cancelledOn: string }, 'no-such-payment' | 'too-late'>> {
    const seen = await findPayment(tx, paymentId);
    if (seen === undefined) return err('no-such-payment');
    await lockTill(tx, seen);
    const payment = (await findPayment(tx, paymentId))!;
    const today = deps.civilClock.today().toString();
    if (payment.cancelledOn !== null) {
      tx.record({ event: 'cancellation.repeated', detail: { payment: paymentId } });
      return ok({ cancelledOn: payment.cancelledOn });
    }
    if (payment.confirmOn <= today) return err('too-late');
    await insertCancellation(tx, paymentId, today);
    tx.record({
      event: 'payment.cancelled',
      facts: ['payments.cancellation'],
      detail: { channel: payment.channel, yen: payment.amountYen },
    });
    return ok({ cancelledOn: today });
  },
});
