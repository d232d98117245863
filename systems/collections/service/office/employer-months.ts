import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { allocateTo } from '../../domain/allocation.ts';
import { minus, negative, taxOf, totalOf } from '../../domain/items.ts';
import { lockStates, updateStates } from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { insertOverpayments, type NewOverpayment } from '../../store/files.ts';
import { journalFacts, type Line, writeEntries } from '../../store/journal.ts';
import { type MonthLine, monthOfEmployer, openRemittances, useRemittances } from '../../store/remittances.ts';
import { lockReceipt, type Waiting, waiting } from '../../store/suspense.ts';
import { bookYearOf } from '../files/post-records.ts';
import { specialYear } from '../files/resolve.ts';
import { whoActs } from '../files/take-file.ts';

export interface MonthView {
  readonly receipt: Waiting;
  readonly designationNumber: string;
  readonly month: string;
  readonly chargedYen: number;
  readonly lines: readonly (MonthLine & {
    /** What the employer's newest list says of this person; undefined where there is none. */
    readonly told: { readonly yen: number; readonly difference: string | null } | undefined;
  })[];
  readonly listId: string | null;
}
/** 「1234567 2026-07」, as the reference of a record says. */
const employerOf = (receipt: Waiting): { designationNumber: string; month: string } | undefined => {
  const [designationNumber, month] = receipt.reference.split(' ');
  return receipt.kind === 'collector' && designationNumber && month ? { designationNumber, month } : undefined;
};
const monthOf = (tx: Tx, of: { designationNumber: string; month: string }): Promise<readonly MonthLine[]> =>
  monthOfEmployer(tx, {
    designationNumber: of.designationNumber,
    fiscalYear: specialYear(of.month),
    instalment: Number(of.month.slice(5)),
  });

/** 特別徴収の差異: what an employer paid for a month beside what was charged of its people, person by person. */
export const showEmployerMonth = act('collections.show-employer-month', {
  right: ['collections', 'suspense', 'read'],
  async run(
    tx,
    _deps: Deps,
    { receiptNo }: { readonly receiptNo: number },
  ): Promise<Result<MonthView, 'no-such-receipt' | 'no-employer'>> {
    const [receipt] = await waiting(tx, { receiptNo });
    if (receipt === undefined) return err('no-such-receipt');
    const of = employerOf(receipt);
    if (of === undefined) return err('no-employer');
    const lines = await monthOf(tx, of);
    const all = await openRemittances(tx, [of]);
    const listId = (all.find((l) => l.totalYen === receipt.yen) ?? all[0])?.listId ?? null;
    const told = new Map(all.filter((l) => l.listId === listId).map((l) => [l.noticeNumber, l]));
    tx.record({
      event: 'employer-month.shown',
      subjects: lines.map((l) => l.personNumber),
      detail: { receipt: receiptNo, persons: lines.length },
    });
    return ok({
      receipt,
      ...of,
      chargedYen: lines.filter((l) => !l.moved).reduce((sum, l) => sum + l.openYen, 0),
      lines: lines.map((l) => ({ ...l, told: told.get(l.noticeNumber) })),
      listId,
    });
  },
});

export interface SettleMonth {
  readonly receiptNo: number;
  /** The parts of the payment; together all of it. */
  readonly parts: readonly { readonly chargeId: string; readonly yen: number }[];
  /** The employer's list that it follows. */
  readonly listId: string | null;
  readonly reason: string;
}
/**
 * A clerk shares an employer's payment out over the people of its month, whole and in one entry. What a part is beyond what is open is that
 * person's overpayment. Of two clerks one does it.
 */
export const settleEmployerMonth = act('collections.settle-employer-month', {
  right: ['collections', 'suspense', 'update'],
  async run(
    tx,
    deps: Deps,
    command: SettleMonth,
    actor,
  ): Promise<
    Result<
      { allocated: number; overpaid: number },
      'no-such-receipt' | 'no-employer' | 'reason-missing' | 'parts-differ' | 'not-of-employer' | 'no-such-list'
    >
  > {
    if (command.reason.trim() === '') return err('reason-missing');
    const { receiptNo } = command;
    await lockReceipt(tx, receiptNo);
    const [receipt] = await waiting(tx, { receiptNo });
    if (receipt === undefined) return err('no-such-receipt');
    const of = employerOf(receipt);
    if (of === undefined) return err('no-employer');
    const parts = command.parts.filter((p) => p.yen > 0);
    const isWhole =
      parts.every((p) => Number.isSafeInteger(p.yen)) && parts.reduce((all, p) => all + p.yen, 0) === receipt.yen;
    if (!isWhole || new Set(parts.map((p) => p.chargeId)).size !== parts.length) return err('parts-differ');
    const known = new Set((await monthOf(tx, of)).map((l) => l.chargeId));
    if (parts.some((p) => !known.has(p.chargeId))) return err('not-of-employer');
    if (command.listId !== null && !(await openRemittances(tx, [of])).some((l) => l.listId === command.listId))
      return err('no-such-list');
    const states = await lockStates(
      tx,
      parts.map((p) => p.chargeId),
    );
    const bookYear = bookYearOf(receipt.paidOn);
    const lines: Line[] = [{ ledger: 'suspense', bookYear, receiptNo, plain: receipt.yen }];
    const excess = parts.filter((p) => p.yen > totalOf(states.get(p.chargeId)!.open));
    const numbers = await numbersOf(tx, 'collections.receipt_no', excess.length);
    const overpayments: NewOverpayment[] = [];
    for (const { chargeId, yen } of parts) {
      const charge = states.get(chargeId)!;
      const allocated = Math.min(yen, totalOf(charge.open));
      if (allocated > 0) {
        const items = allocateTo(charge.open, allocated);
        charge.open = minus(charge.open, items);
        if (taxOf(charge.open) === 0 && (charge.settledOn === null || charge.settledOn < receipt.paidOn))
          charge.settledOn = receipt.paidOn;
        lines.push({ ledger: 'receivable', bookYear: charge.bookYear, chargeId, items: negative(items) });
      }
      if (yen === allocated) continue;
      const overpaymentNo = numbers[overpayments.length]!;
      overpayments.push({
        overpaymentNo,
        personNumber: charge.personNumber,
        chargeId,
        receiptNo,
        cause: 'paid-too-much',
        amountYen: yen - allocated,
        paidOn: receipt.paidOn,
        aroseOn: deps.civilClock.today().toString(),
      });
      lines.push({ ledger: 'overpaid', bookYear, overpaymentNo, plain: allocated - yen });
    }
    await insertOverpayments(tx, overpayments);
    const decision = `clerk:${whoActs(actor)} ${command.reason.trim().slice(0, 200)}`;
    await writeEntries(
      tx,
      [{ kind: 'match', validOn: receipt.paidOn, receiptNo, decision, lines }],
      deps.machineClock.now(),
    );
    await updateStates(tx, [...states.values()]);
    if (command.listId !== null) await useRemittances(tx, [{ listId: command.listId, receiptNo }]);
    const overpaid = overpayments.reduce((all, o) => all + o.amountYen, 0);
    tx.record({
      event: 'employer-month.settled',
      subjects: [...new Set([...states.values()].map((s) => s.personNumber))],
      facts: [...journalFacts, 'collections.overpayment', 'collections.remittance_use'],
      detail: { receipt: receiptNo, persons: parts.length, overpaid },
    });
    return ok({ allocated: receipt.yen - overpaid, overpaid });
  },
});
