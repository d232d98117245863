import { act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { totalOf } from '../../domain/items.ts';
import { lockStates } from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { type DebitResultLine, debitResultFiles, failedOfFile, lockDebits } from '../../store/debits.ts';
import { insertSlips, type Slip, slipsOfCharges } from '../../store/slips.ts';
import { newSlip } from './slips.ts';

/** Days that a payer whose debit failed has to pay by the slip. */
const daysToPay = 14;

export const reasonOfFailed = (fileId: string): string => `debit-failed:${fileId}`;

/**
 * 口座振替不能 (W08-3): each charge of a bank's result that was not debited gets a slip over all that is open, which its notice carries. What
 * was paid meanwhile gets none, and neither does a charge with a second debit under way. Twice is once.
 */
export const prepareDebitNotices = act('collections.prepare-debit-notices', {
  right: ['collections', 'slip', 'update'],
  async run(
    tx,
    deps: Deps,
    { fileId }: { readonly fileId: string },
  ): Promise<Result<{ slips: number; settled: number; debitOpen: number; before: number }, 'nothing-failed'>> {
    await lockDebits(tx);
    const failed = await failedOfFile(tx, fileId);
    if (failed.length === 0) return err('nothing-failed');
    const ids = failed.map((f) => f.chargeId);
    const states = await lockStates(tx, ids);
    const known = Map.groupBy(await slipsOfCharges(tx, ids), (s) => s.chargeId);
    const reason = reasonOfFailed(fileId);
    const isNew = failed.filter((f) => !known.get(f.chargeId)?.some((s) => s.reason === reason));
    const waiting = isNew.filter((f) => !f.debitOpen);
    const wanted = waiting.filter((f) => totalOf(states.get(f.chargeId)!.open) > 0);
    const numbers = await numbersOf(tx, 'collections.slip_no', wanted.length);
    const today = deps.civilClock.today();
    await insertSlips(
      tx,
      wanted.map(({ chargeId }, i): Slip => {
        const state = states.get(chargeId)!;
        return newSlip(deps, state, {
          slipNo: numbers[i]!,
          issue: known.get(chargeId)?.filter((s) => s.kind === 'slip').length ?? 0,
          amountYen: totalOf(state.open),
          payableUntil: today.add({ days: daysToPay }).toString(),
          issuedOn: today.toString(),
          reason,
        });
      }),
    );
    tx.record({
      event: 'debit-notices.prepared',
      subjects: [...new Set(wanted.map((f) => f.personNumber))],
      facts: ['collections.slip'],
      batches: { 'collections.slip': null },
      detail: { file: fileId, slips: wanted.length, failed: failed.length },
    });
    return ok({
      slips: wanted.length,
      settled: waiting.length - wanted.length,
      debitOpen: isNew.length - waiting.length,
      before: failed.length - isNew.length,
    });
  },
});

export const lookAtDebitResults = look('collections.look-at-debit-results', {
  right: ['collections', 'file', 'read'],
  run: (tx, _deps: Deps, _query: Record<string, never>): Promise<readonly DebitResultLine[]> =>
    debitResultFiles(tx, 60),
});
