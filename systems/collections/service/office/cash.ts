import { createHash } from 'node:crypto';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { totalOf } from '../../domain/items.ts';
import type { Incoming } from '../../domain/matching.ts';
import {
  type CashClosing,
  type CashReceipt,
  cashClosing,
  cashReceipts,
  insertCash,
  insertClosing,
  insertVoid,
  lockTill,
  nextCashNo,
  openDays,
} from '../../store/cash.ts';
import { lockStates, updateStates } from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { lockChannel } from '../../store/files.ts';
import { insertSlips, slipsOfCharges } from '../../store/slips.ts';
import { postRecords } from '../files/post-records.ts';
import { taken } from '../files/take-file.ts';
import { newSlip } from './slips.ts';

export type { CashReceipt } from '../../store/cash.ts';

const right = ['collections', 'cash', 'update'] as const;

/**
 * 窓口での領収: cash for a charge, all that is open of it or a part. From this moment nobody is reminded of the charge and no debit is asked
 * for; in the books it stands with the closing of the day. The same id again is the same receipt.
 *
 * @law 地方自治法 第231条の2, 第235条
 */
export const receiveCash = act('collections.receive-cash', {
  right: [...right],
  async run(
    tx,
    deps: Deps,
    command: { readonly cashId: string; readonly chargeId: string; readonly amountYen: number },
    actor,
  ): Promise<
    Result<
      { cashNo: number; repeated: boolean },
      | 'not-staff'
      | 'no-such-charge'
      | 'nothing-open'
      | 'more-than-open'
      | 'by-collector'
      | 'day-closed'
      | 'paid-already'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const { cashId, chargeId, amountYen } = command;
    await lockTill(tx);
    const [known] = await cashReceipts(tx, { cashId });
    if (known !== undefined) {
      tx.record({ event: 'cash.repeated', subject: known.personNumber });
      return ok({ cashNo: known.cashNo, repeated: true });
    }
    const today = deps.civilClock.today().toString();
    if ((await cashClosing(tx, today)) !== undefined) return err('day-closed');
    const state = (await lockStates(tx, [chargeId])).get(chargeId);
    if (state === undefined) return err('no-such-charge');
    if (state.method !== 'ordinary') return err('by-collector');
    const open = totalOf(state.open);
    if (open === 0) return err('nothing-open');
    // A 速報 or an earlier receipt of the day says that it was paid: who pays again would have to be refunded.
    if (state.preliminary > 0) return err('paid-already');
    if (!Number.isSafeInteger(amountYen) || amountYen < 1 || amountYen > open) return err('more-than-open');
    const [slipNo] = await numbersOf(tx, 'collections.slip_no', 1);
    const issue = (await slipsOfCharges(tx, [chargeId])).filter((s) => s.kind === 'slip').length;
    const slip = newSlip(deps, state, {
      slipNo: slipNo!,
      issue,
      amountYen,
      payableUntil: today,
      issuedOn: today,
      reason: `cash:${cashId}`,
    });
    await insertSlips(tx, [slip]);
    const cashNo = await nextCashNo(tx);
    const { personNumber } = state;
    await insertCash(tx, {
      cashId,
      cashNo,
      chargeId,
      personNumber,
      slipNo: slip.slipNo,
      amountYen,
      takenOn: today,
      takenBy: actor.staffId,
    });
    state.preliminary += 1;
    await updateStates(tx, [state]);
    tx.record({
      event: 'cash.received',
      subject: personNumber,
      facts: ['collections.cash_receipt', 'collections.slip'],
      detail: { cash: cashNo, charge: chargeId, yen: amountYen },
    });
    return ok({ cashNo, repeated: false });
  },
});

/** 領収の取消し on the same day, before its closing: the charge is open as it was. */
export const voidCash = act('collections.void-cash', {
  right: [...right],
  async run(
    tx,
    _deps: Deps,
    command: { readonly cashId: string; readonly reason: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'reason-missing' | 'no-such-receipt' | 'day-closed'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (command.reason.trim() === '') return err('reason-missing');
    await lockTill(tx);
    const [receipt] = await cashReceipts(tx, { cashId: command.cashId });
    if (receipt === undefined || receipt.voidReason !== null) return err('no-such-receipt');
    if ((await cashClosing(tx, receipt.takenOn)) !== undefined) return err('day-closed');
    const reason = command.reason.trim().slice(0, 200);
    if (!(await insertVoid(tx, { cashId: receipt.cashId, reason, by: actor.staffId }))) return err('no-such-receipt');
    const state = (await lockStates(tx, [receipt.chargeId])).get(receipt.chargeId)!;
    if (state.preliminary > 0) state.preliminary -= 1;
    await updateStates(tx, [state]);
    tx.record({
      event: 'cash.voided',
      subject: receipt.personNumber,
      facts: ['collections.cash_void'],
      detail: { cash: receipt.cashNo },
    });
    return ok(null);
  },
});

/**
 * 窓口現金の日締め: somebody who took none of the money counts it. What was counted must be what the receipts say; then all of the day goes
 * into the books with one commit, as a file of its own.
 */
export const closeCashDay = act('collections.close-cash-day', {
  right: [...right],
  async run(
    tx,
    deps: Deps,
    { day, countedYen }: { readonly day: string; readonly countedYen: number },
    actor,
  ): Promise<
    Result<
      { receipts: number; yen: number },
      'not-staff' | 'day-closed' | 'nothing-to-close' | 'counter-took-money' | 'counted-differs' | 'in-the-future'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    if (day > deps.civilClock.today().toString()) return err('in-the-future');
    await lockTill(tx);
    if ((await cashClosing(tx, day)) !== undefined) return err('day-closed');
    const receipts = (await cashReceipts(tx, { day })).filter((r) => r.voidReason === null);
    if (receipts.length === 0) return err('nothing-to-close');
    if (receipts.some((r) => r.takenBy === actor.staffId)) return err('counter-took-money');
    const total = receipts.reduce((all, r) => all + r.amountYen, 0);
    if (countedYen !== total) return err('counted-differs');
    const meta = { fileId: deps.newId(), channel: 'cash', sender: 'counter', businessOn: day };
    await lockChannel(tx, meta.channel);
    const records = receipts.map(
      (r, i): Incoming => ({
        row: i + 1,
        stage: 'final',
        reference: { kind: 'case', caseKey: r.caseKey, confirmation: r.confirmation },
        amount: r.amountYen,
        paidOn: day,
        place: 'counter',
      }),
    );
    const content = Buffer.from(canonicalJson(receipts.map((r) => [r.cashNo, r.caseKey, r.amountYen])));
    const sha256 = createHash('sha256').update(content).digest();
    const about = { ...meta, sequence: 1, sha256, bytes: content.length, records: records.length, total };
    await insertClosing(tx, {
      day,
      fileId: meta.fileId,
      receipts: receipts.length,
      countedYen,
      closedBy: actor.staffId,
    });
    await taken(tx, deps, actor, about, (more) => postRecords(tx, deps, meta, records, [], more), [
      'collections.cash_closing',
    ]);
    return ok({ receipts: receipts.length, yen: total });
  },
});

export interface TillView {
  readonly receipts: readonly CashReceipt[];
  readonly closing: CashClosing | undefined;
  /** Days that nobody has closed yet. */
  readonly openDays: readonly string[];
}
export const readTill = act('collections.read-till', {
  right: ['collections', 'cash', 'read'],
  async run(tx, deps: Deps, { day }: { readonly day: string }): Promise<Result<TillView, never>> {
    const receipts = await cashReceipts(tx, { day });
    tx.record({
      event: 'till.read',
      subjects: [...new Set(receipts.map((r) => r.personNumber))],
      detail: { day, receipts: receipts.length },
    });
    return ok({
      receipts,
      closing: await cashClosing(tx, day),
      openDays: await openDays(tx, deps.civilClock.today().toString()),
    });
  },
});
