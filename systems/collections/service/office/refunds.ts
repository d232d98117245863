import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { type Allocation, appropriate } from '../../domain/allocation.ts';
import { type Interest, type RefundCause, refundInterest } from '../../domain/interest.ts';
import { hasRates, rateVersion } from '../../domain/interest-rates.ts';
import { minus, negative, taxOf, totalOf } from '../../domain/items.ts';
import { lockStates, updateStates } from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { journalFacts, type Line, writeEntries } from '../../store/journal.ts';
import {
  arrearsOf,
  findRefundOrder,
  insertRefund,
  insertRefundDecision,
  insertRefundOrder,
  insertRefundOutcome,
  insertRefundReturn,
  lockOverpayment,
  lockRefundOrders,
  type Overpayment,
  openRefundOrders,
  overpayments,
  type Refund,
  type RefundOrder,
  refunds,
} from '../../store/refunds.ts';
import { bookYearOf } from '../files/post-records.ts';

export type { Overpayment, Refund } from '../../store/refunds.ts';

const kind = 'collections.refund';

/** What the second person approves, to the yen and the charge. */
interface Payload {
  readonly overpaymentNo: number;
  readonly principalYen: number;
  readonly interestYen: number;
  readonly allocations: readonly Allocation[];
  readonly paidOutYen: number;
}
const payloadOf = (o: Overpayment, interest: Interest, plan: ReturnType<typeof appropriate>): Payload => ({
  overpaymentNo: o.overpaymentNo,
  principalYen: o.leftYen,
  interestYen: interest.yen,
  allocations: plan.allocations,
  paidOutYen: plan.left,
});

export interface ProposeRefund {
  readonly overpaymentNo: number;
  readonly cause: RefundCause;
  /** The day that the cause counts from: of the payment, the request, the income tax's notice. */
  readonly factOn: string;
  /** Where the cause is proved. */
  readonly evidence: string;
}
export type ProposeRefusal =
  | 'no-such-overpayment'
  | 'nothing-left'
  | 'already-proposed'
  | 'already-ordered'
  | 'evidence-missing'
  /** The year's rates are not in the table: no interest can be computed. */
  | 'rates-missing'
  | 'not-staff';

/**
 * 還付・充当の起案 (COL-F3): what was paid too much, with interest by its cause, goes first on the person's arrears, the rest is paid back.
 * Each overpayment has one refund under way or done.
 *
 * @law 地方税法 第17条, 第17条の2, 第17条の4
 */
export const proposeRefund = act('collections.propose-refund', {
  right: ['collections', 'refund', 'update'],
  async run(tx, deps: Deps, command: ProposeRefund, actor): Promise<Result<{ refundId: string }, ProposeRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (command.evidence.trim() === '') return err('evidence-missing');
    await lockOverpayment(tx, command.overpaymentNo);
    const [overpayment] = await overpayments(tx, { overpaymentNo: command.overpaymentNo });
    if (overpayment === undefined) return err('no-such-overpayment');
    const before = (await refunds(tx, { overpaymentNo: command.overpaymentNo })).find((r) => r.returnReason === null);
    if (before !== undefined) return err(before.decidedBy === null ? 'already-proposed' : 'already-ordered');
    if (overpayment.leftYen <= 0) return err('nothing-left');
    const today = deps.civilClock.today().toString();
    if (!hasRates(today)) return err('rates-missing');
    const { interest, plan } = planOf(
      overpayment,
      command,
      await arrearsOf(tx, overpayment.personNumber, today),
      today,
    );
    const payload = payloadOf(overpayment, interest, plan);
    const refundId = deps.newId();
    const approvalId = await requestApproval(tx, deps, { kind, subject: refundId, payload, by: actor.staffId });
    await insertRefund(tx, {
      refundId,
      approvalId,
      overpaymentNo: overpayment.overpaymentNo,
      personNumber: overpayment.personNumber,
      principalYen: payload.principalYen,
      interestYen: payload.interestYen,
      appropriatedYen: payload.principalYen + payload.interestYen - payload.paidOutYen,
      paidOutYen: payload.paidOutYen,
      cause: command.cause,
      factOn: command.factOn,
      evidence: command.evidence.trim().slice(0, 500),
      interest: interest.segments,
      ratesVersion: rateVersion,
      proposedBy: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'refund.proposed',
      subject: overpayment.personNumber,
      facts: ['collections.refund', 'approvals.request'],
      detail: {
        refund: refundId,
        cause: command.cause,
        principal: payload.principalYen,
        interest: payload.interestYen,
      },
    });
    return ok({ refundId });
  },
});

function planOf(
  o: Overpayment,
  { cause, factOn }: { readonly cause: string; readonly factOn: string },
  arrears: Awaited<ReturnType<typeof arrearsOf>>,
  on: string,
) {
  const interest = refundInterest(o.leftYen, cause as RefundCause, o.paidOn, factOn, on);
  return { interest, plan: appropriate(arrears, o.leftYen + interest.yen) };
}

export type DecideRefusal =
  | 'no-such-refund'
  | 'no-such-request'
  | 'already-decided'
  | 'approver-is-requester'
  | 'expired'
  | 'reason-missing'
  | 'changed-since'
  | 'not-staff'
  | 'not-approved'
  | 'rejected'
  | 'already-used'
  /** Held: the amount is above the ward's limit. */
  | 'above-limit'
  | 'rates-missing'
  | 'keyed-amount-differs';

interface Decision {
  readonly refundId: string;
  readonly approve: boolean;
  readonly reason: string;
}

/**
 * 還付・充当の決定 by a second person. What is approved must still be what would be proposed today (the day of the decision ends the
 * interest, and arrears may have been paid since); else it goes back. The decision puts it in the books and orders the payment, once.
 * Above the ward's limit it is held for the head of the section (`decideLargeRefund`).
 */
export const decideRefund = act('collections.decide-refund', {
  right: ['collections', 'refund-approval', 'update'],
  run: (tx, deps: Deps, command: Decision, actor): Promise<Result<{ orderedYen: number }, DecideRefusal>> =>
    decide(tx, deps, command, actor, undefined),
});

/**
 * 高額の還付の決定 by the head of the section, who keys the amount from the document that proves it: what differs from the proposal is not
 * paid (INC-42).
 *
 * @source INC-42: 15 million yen too much by a wrong digit
 */
export const decideLargeRefund = act('collections.decide-large-refund', {
  right: ['collections', 'refund-large', 'update'],
  run: (
    tx,
    deps: Deps,
    { keyedYen, ...command }: Decision & { readonly keyedYen: number },
    actor,
  ): Promise<Result<{ orderedYen: number }, DecideRefusal>> => decide(tx, deps, command, actor, keyedYen),
});

async function decide(
  tx: Tx,
  deps: Deps,
  command: Decision,
  actor: Actor,
  keyedYen: number | undefined,
): Promise<Result<{ orderedYen: number }, DecideRefusal>> {
  if (actor.kind !== 'staff') return err('not-staff');
  const [seen] = await refunds(tx, { refundId: command.refundId });
  if (seen === undefined) return err('no-such-refund');
  await lockOverpayment(tx, seen.overpaymentNo);
  const [refund] = await refunds(tx, { refundId: command.refundId });
  if (refund === undefined) return err('no-such-refund');
  if (refund.decidedBy !== null || refund.returnReason !== null) return err('already-decided');
  if (!command.approve && command.reason.trim() === '') return err('reason-missing');
  if (command.approve && refund.principalYen + refund.interestYen > deps.refundLimitYen) {
    if (keyedYen === undefined) return err('above-limit');
    if (keyedYen !== refund.principalYen) return err('keyed-amount-differs');
  }
  const decided = await decideApproval(tx, deps, {
    approvalId: refund.approvalId,
    decision: command.approve ? 'approved' : 'rejected',
    by: actor.staffId,
  });
  if (!decided.ok) return decided;
  if (!command.approve) {
    await insertRefundReturn(tx, {
      refundId: refund.refundId,
      reason: command.reason.trim().slice(0, 500),
      by: actor.staffId,
    });
    tx.record({
      event: 'refund.returned',
      subject: refund.personNumber,
      facts: ['collections.refund_return', 'approvals.decision'],
    });
    return ok({ orderedYen: 0 });
  }
  const today = deps.civilClock.today().toString();
  if (!hasRates(today)) return err('rates-missing');
  const [overpayment] = await overpayments(tx, { overpaymentNo: refund.overpaymentNo });
  const { interest, plan } = planOf(overpayment!, refund, await arrearsOf(tx, refund.personNumber, today), today);
  const payload = payloadOf(overpayment!, interest, plan);
  const used = await useApproval(tx, deps, { approvalId: refund.approvalId, kind, payload, by: actor.staffId });
  if (!used.ok) return used.error === 'differs-from-approved' ? err('changed-since') : err(used.error);
  await enterRefund(tx, deps, refund, payload, today);
  await insertRefundDecision(tx, {
    refundId: refund.refundId,
    overpaymentNo: refund.overpaymentNo,
    by: actor.staffId,
    on: today,
    at: deps.machineClock.now(),
  });
  if (payload.paidOutYen > 0)
    await insertRefundOrder(tx, {
      refundId: refund.refundId,
      customerCode: await customerCode(tx),
      yen: payload.paidOutYen,
      on: today,
      reason: null,
    });
  tx.record({
    event: 'refund.decided',
    subject: refund.personNumber,
    facts: [
      'collections.refund_decision',
      'collections.refund_order',
      'approvals.decision',
      'approvals.execution',
      ...journalFacts,
    ],
    detail: { refund: refund.refundId, ordered: payload.paidOutYen },
  });
  return ok({ orderedYen: payload.paidOutYen });
}

const customerCode = async (tx: Parameters<typeof numbersOf>[0]): Promise<string> => {
  const [n] = await numbersOf(tx, 'collections.receipt_no', 1);
  return `7${String(n).padStart(19, '0')}`;
};

async function enterRefund(
  tx: Parameters<typeof numbersOf>[0],
  deps: Deps,
  refund: Refund,
  payload: Payload,
  today: string,
): Promise<void> {
  const bookYear = bookYearOf(today);
  const states = await lockStates(
    tx,
    payload.allocations.map((a) => a.chargeId),
  );
  const lines: Line[] = [
    { ledger: 'overpaid', bookYear, overpaymentNo: refund.overpaymentNo, plain: payload.principalYen },
  ];
  if (payload.interestYen > 0) lines.push({ ledger: 'refund-interest', bookYear, plain: payload.interestYen });
  for (const { chargeId, items } of payload.allocations) {
    const state = states.get(chargeId)!;
    state.open = minus(state.open, items);
    if (taxOf(state.open) === 0) state.settledOn = today;
    lines.push({ ledger: 'receivable', bookYear: state.bookYear, chargeId, items: negative(items) });
  }
  if (payload.paidOutYen > 0)
    lines.push({ ledger: 'refund-payable', bookYear, refundId: refund.refundId, plain: -payload.paidOutYen });
  const done = payload.allocations.length > 0 ? 'appropriation' : 'refund-decision';
  await writeEntries(
    tx,
    [{ kind: done, validOn: today, decision: `refund:${refund.refundId}`, lines }],
    deps.machineClock.now(),
  );
  await updateStates(tx, [...states.values()]);
}

/** Refunds that wait for a second person, and overpayments that nobody has taken up. */
export const listRefunds = act('collections.list-refunds', {
  right: ['collections', 'refund', 'read'],
  async run(
    tx,
    _deps: Deps,
    _query: Record<string, never>,
  ): Promise<Result<{ open: readonly Overpayment[]; refunds: readonly Refund[] }, never>> {
    const found = await refunds(tx, { limit: 200 });
    const taken = new Set(found.filter((r) => r.returnReason === null).map((r) => r.overpaymentNo));
    const open = (await overpayments(tx, { openOnly: true, limit: 200 })).filter((o) => !taken.has(o.overpaymentNo));
    tx.record({
      event: 'refund.listed',
      subjects: [...new Set([...open, ...found].map((r) => r.personNumber))],
      detail: { open: open.length, refunds: found.length },
    });
    return ok({ open, refunds: found });
  },
});

/** What the plan would be today, for the form. */
export const previewRefund = act('collections.preview-refund', {
  right: ['collections', 'refund', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { readonly overpaymentNo: number; readonly cause: RefundCause; readonly factOn: string },
  ): Promise<
    Result<
      { overpayment: Overpayment; interest: Interest; appropriatedYen: number; paidOutYen: number },
      'no-such-overpayment' | 'rates-missing'
    >
  > {
    const [overpayment] = await overpayments(tx, { overpaymentNo: query.overpaymentNo });
    if (overpayment === undefined) return err('no-such-overpayment');
    const today = deps.civilClock.today().toString();
    if (!hasRates(today)) return err('rates-missing');
    const { interest, plan } = planOf(overpayment, query, await arrearsOf(tx, overpayment.personNumber, today), today);
    tx.record({ event: 'refund.previewed', subject: overpayment.personNumber });
    const appropriatedYen = plan.allocations.reduce((all, a) => all + totalOf(a.items), 0);
    return ok({ overpayment, interest, appropriatedYen, paidOutYen: plan.left });
  },
});

/** For the account system: orders to pay out of which nobody has said yet what became of them. */
export const giveRefundOrders = act('collections.give-refund-orders', {
  right: ['collections', 'refund-order', 'read'],
  async run(tx, _deps: Deps, _query: Record<string, never>): Promise<Result<readonly RefundOrder[], never>> {
    const orders = await openRefundOrders(tx, 5_000);
    tx.record({
      event: 'refund-order.given',
      subjects: [...new Set(orders.map((o) => o.personNumber))],
      detail: { orders: orders.length },
    });
    return ok(orders);
  },
});

/** The bank paid an order, or the money came back (振込不能). Each order once. */
export const noteRefundOutcome = act('collections.note-refund-outcome', {
  right: ['collections', 'refund-order', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly customerCode: string; readonly outcome: 'paid' | 'returned'; readonly on: string },
  ): Promise<Result<{ repeated: boolean }, 'no-such-order' | 'other-outcome'>> {
    const seen = await findRefundOrder(tx, command.customerCode);
    if (seen === undefined) return err('no-such-order');
    await lockRefundOrders(tx, seen.refundId);
    const order = (await findRefundOrder(tx, command.customerCode))!;
    if (order.outcome !== null) {
      if (order.outcome !== command.outcome) return err('other-outcome');
      tx.record({ event: 'refund-outcome.repeated', subject: order.personNumber });
      return ok({ repeated: true });
    }
    await insertRefundOutcome(tx, { customerCode: order.customerCode, outcome: command.outcome, on: command.on });
    const bookYear = bookYearOf(command.on);
    if (command.outcome === 'paid')
      await writeEntries(
        tx,
        [
          {
            kind: 'refund-paid',
            validOn: command.on,
            decision: `refund:${order.refundId}`,
            lines: [
              { ledger: 'refund-payable', bookYear, refundId: order.refundId, plain: order.amountYen },
              { ledger: 'cash', bookYear, plain: -order.amountYen },
            ],
          },
        ],
        deps.machineClock.now(),
      );
    tx.record({
      event: `refund.${command.outcome === 'paid' ? 'paid' : 'came-back'}`,
      subject: order.personNumber,
      facts: ['collections.refund_outcome', ...journalFacts],
    });
    return ok({ repeated: false });
  },
});

/**
 * 振込不能の再依頼: a refund whose money came back is ordered once more, under a new code, after the account was corrected. Until somebody
 * says that the order before came back there is no other, so no money goes out twice.
 */
export const orderRefundAgain = act('collections.order-refund-again', {
  right: ['collections', 'refund-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly refundId: string; readonly reason: string },
    actor,
  ): Promise<Result<{ customerCode: string }, 'not-staff' | 'no-such-refund' | 'not-returned' | 'reason-missing'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (command.reason.trim() === '') return err('reason-missing');
    await lockRefundOrders(tx, command.refundId);
    const [refund] = await refunds(tx, { refundId: command.refundId });
    if (refund === undefined) return err('no-such-refund');
    if (refund.outcome !== 'returned') return err('not-returned');
    const code = await customerCode(tx);
    await insertRefundOrder(tx, {
      refundId: refund.refundId,
      customerCode: code,
      yen: refund.paidOutYen,
      on: deps.civilClock.today().toString(),
      reason: command.reason.trim().slice(0, 500),
    });
    tx.record({
      event: 'refund.ordered-again',
      subject: refund.personNumber,
      facts: ['collections.refund_order'],
      detail: { refund: refund.refundId, yen: refund.paidOutYen },
    });
    return ok({ customerCode: code });
  },
});
