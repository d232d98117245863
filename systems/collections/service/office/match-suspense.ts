import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { allocateTo } from '../../domain/allocation.ts';
import { type Items, minus, negative, plus, taxOf, totalOf } from '../../domain/items.ts';
import { type Candidate, rank } from '../../domain/matching.ts';
import { lockStates, updateStates } from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { insertOverpayments, type UnmatchedAlarm, unmatchedAlarms } from '../../store/files.ts';
import { journalFacts, type Line, type NewEntry, writeEntries } from '../../store/journal.ts';
import {
  candidateFacts,
  linesOfReceipt,
  lockReceipt,
  type ReceiptEntry,
  type Waiting,
  waiting,
  waitingSum,
} from '../../store/suspense.ts';
import { bookYearOf } from '../files/post-records.ts';
import { whoActs } from '../files/take-file.ts';

/** Money in suspense, the oldest first, with how much there is in all. */
export const listSuspense = act('collections.list-suspense', {
  right: ['collections', 'suspense', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly offset: number; readonly limit: number },
  ): Promise<
    Result<{ rows: readonly Waiting[]; receipts: number; yen: number; alarms: readonly UnmatchedAlarm[] }, never>
  > {
    const rows = await waiting(tx, query);
    const sum = await waitingSum(tx);
    tx.record({ event: 'suspense.listed', detail: { rows: rows.length, receipts: sum.receipts } });
    return ok({ rows, ...sum, alarms: await unmatchedAlarms(tx) });
  },
});

/** One receipt in suspense and what it may be for; showing the list decides nothing. */
export const showSuspense = act('collections.show-suspense', {
  right: ['collections', 'suspense', 'read'],
  async run(
    tx,
    _deps: Deps,
    { receiptNo }: { readonly receiptNo: number },
  ): Promise<Result<{ receipt: Waiting; candidates: readonly Candidate[] }, 'no-such-receipt'>> {
    const [receipt] = await waiting(tx, { receiptNo });
    if (receipt === undefined) return err('no-such-receipt');
    const digits = receipt.reference.replaceAll(/\D/g, '');
    const candidates = rank(
      { amount: receipt.yen, paidOn: receipt.paidOn, referenceText: receipt.reference },
      await candidateFacts(tx, { yen: receipt.yen, digits }),
    ).slice(0, 20);
    tx.record({
      event: 'suspense.shown',
      subjects: [...new Set(candidates.map((c) => c.personNumber))],
      detail: { receipt: receiptNo, candidates: candidates.length },
    });
    return ok({ receipt, candidates });
  },
});

/**
 * A clerk puts money in suspense on a charge, with the reason. What is beyond what is open becomes an overpayment of that person. Of two
 * clerks one does it; the other finds the money gone.
 */
export const matchSuspense = act('collections.match-suspense', {
  right: ['collections', 'suspense', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly receiptNo: number; readonly chargeId: string; readonly reason: string },
    actor,
  ): Promise<Result<{ allocated: number; overpaid: number }, 'no-such-receipt' | 'no-such-charge' | 'reason-missing'>> {
    if (command.reason.trim() === '') return err('reason-missing');
    await lockReceipt(tx, command.receiptNo);
    const [receipt] = await waiting(tx, { receiptNo: command.receiptNo });
    if (receipt === undefined) return err('no-such-receipt');
    const done = await putOn(tx, deps, { ...receipt, chargeId: command.chargeId }, (lines, bookYear) => ({
      kind: 'match',
      validOn: receipt.paidOn,
      receiptNo: receipt.receiptNo,
      decision: `clerk:${whoActs(actor)} ${command.reason.trim().slice(0, 200)}`,
      lines: [{ ledger: 'suspense', bookYear, receiptNo: receipt.receiptNo, plain: receipt.yen }, ...lines],
    }));
    if (done === undefined) return err('no-such-charge');
    tx.record({
      event: 'suspense.matched',
      subject: done.personNumber,
      facts: [...journalFacts, 'collections.overpayment'],
      detail: {
        receipt: receipt.receiptNo,
        charge: command.chargeId,
        allocated: done.allocated,
        overpaid: done.overpaid,
      },
    });
    return ok({ allocated: done.allocated, overpaid: done.overpaid });
  },
});

interface Put {
  readonly personNumber: string;
  readonly allocated: number;
  readonly overpaid: number;
}
/** Allocates the money of one receipt to one charge; `entry` makes the whole entry from the lines of the charge's side. */
async function putOn(
  tx: Tx,
  deps: Deps,
  money: { readonly receiptNo: number; readonly chargeId: string; readonly yen: number; readonly paidOn: string },
  entry: (lines: readonly Line[], bookYear: number) => NewEntry,
): Promise<Put | undefined> {
  const states = await lockStates(tx, [money.chargeId]);
  const charge = states.get(money.chargeId);
  if (charge === undefined) return undefined;
  const allocated = Math.min(money.yen, totalOf(charge.open));
  const items = allocateTo(charge.open, allocated);
  charge.open = minus(charge.open, items);
  if (taxOf(charge.open) === 0 && (charge.settledOn === null || charge.settledOn < money.paidOn))
    charge.settledOn = money.paidOn;
  const bookYear = bookYearOf(money.paidOn);
  const lines: Line[] = [];
  if (allocated > 0)
    lines.push({ ledger: 'receivable', bookYear: charge.bookYear, chargeId: charge.chargeId, items: negative(items) });
  const overpaid = money.yen - allocated;
  if (overpaid > 0) {
    const [overpaymentNo] = await numbersOf(tx, 'collections.receipt_no', 1);
    await insertOverpayments(tx, [
      {
        overpaymentNo: overpaymentNo!,
        personNumber: charge.personNumber,
        chargeId: charge.chargeId,
        receiptNo: money.receiptNo,
        cause: 'paid-too-much',
        amountYen: overpaid,
        paidOn: money.paidOn,
        aroseOn: deps.civilClock.today().toString(),
      },
    ]);
    lines.push({ ledger: 'overpaid', bookYear, overpaymentNo: overpaymentNo!, plain: -overpaid });
  }
  await writeEntries(tx, [entry(lines, bookYear)], deps.machineClock.now());
  await updateStates(tx, [charge]);
  return { personNumber: charge.personNumber, allocated, overpaid };
}

const itemsOf = ({ ward, metropolitan, forest, fee, interest }: ReceiptEntry): Items => ({
  ward,
  metropolitan,
  forest,
  fee,
  interest,
});

/**
 * 更正: a receipt that stands on the wrong charge. Reversal and new posting are one entry each in one commit, so that nobody ever sees the
 * money in neither place (INC-40).
 */
export const correctPosting = act('collections.correct-posting', {
  right: ['collections', 'suspense', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly receiptNo: number; readonly chargeId: string; readonly reason: string },
    actor,
  ): Promise<
    Result<
      { allocated: number; overpaid: number },
      'no-such-receipt' | 'no-such-charge' | 'reason-missing' | 'has-overpayment'
    >
  > {
    if (command.reason.trim() === '') return err('reason-missing');
    await lockReceipt(tx, command.receiptNo);
    const lines = (await linesOfReceipt(tx, command.receiptNo)).filter((line) => !line.reversed);
    const last = lines.at(-1)?.entryNo;
    const standing = lines.filter((line) => line.entryNo === last);
    const posted = standing.filter((line) => line.ledger === 'receivable');
    if (last === undefined || posted.length === 0) return err('no-such-receipt');
    // An overpayment is somebody's claim by now: it is refunded or used up, not moved.
    if (standing.some((line) => line.ledger === 'overpaid')) return err('has-overpayment');
    const ids = [...posted.map((line) => line.chargeId!), command.chargeId];
    const states = await lockStates(tx, [...new Set(ids)]);
    if (!states.has(command.chargeId)) return err('no-such-charge');
    const decision = `clerk:${whoActs(actor)} ${command.reason.trim().slice(0, 200)}`;
    const [row] = await tx<{ paidOn: string }>`
      select paid_on::text as "paidOn" from collections.payment_record where receipt_no = ${command.receiptNo}`;
    const paidOn = row!.paidOn;
    for (const line of posted) {
      const state = states.get(line.chargeId!)!;
      // What was put on it comes off again: the reversed line is a credit, so minus it is what opens.
      state.open = plus(state.open, negative(itemsOf(line)));
      if (taxOf(state.open) > 0) state.settledOn = null;
    }
    await updateStates(tx, [...states.values()]);
    const reversal: NewEntry = {
      kind: 'correction',
      validOn: paidOn,
      receiptNo: command.receiptNo,
      decision,
      reverses: last,
      lines: standing.map((line) => ({
        ledger: line.ledger as Line['ledger'],
        bookYear: line.bookYear,
        ...(line.chargeId === null
          ? { plain: -line.plain }
          : { chargeId: line.chargeId, items: negative(itemsOf(line)) }),
        ...(line.ledger === 'suspense' ? { receiptNo: command.receiptNo } : {}),
      })),
    };
    await writeEntries(tx, [reversal], deps.machineClock.now());
    const source = standing.find((line) => line.ledger === 'cash' || line.ledger === 'suspense')!;
    const done = await putOn(tx, deps, { ...command, yen: source.plain, paidOn }, (to, bookYear) => ({
      kind: 'receipt',
      validOn: paidOn,
      receiptNo: command.receiptNo,
      decision,
      lines: [
        {
          ledger: source.ledger as Line['ledger'],
          bookYear,
          plain: source.plain,
          ...(source.ledger === 'suspense' ? { receiptNo: command.receiptNo } : {}),
        },
        ...to,
      ],
    }));
    tx.record({
      event: 'posting.corrected',
      subject: done!.personNumber,
      facts: [...journalFacts, 'collections.overpayment'],
      detail: { receipt: command.receiptNo, from: posted[0]!.chargeId!, to: command.chargeId },
    });
    return ok({ allocated: done!.allocated, overpaid: done!.overpaid });
  },
});
