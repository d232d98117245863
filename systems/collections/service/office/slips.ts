import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { totalOf } from '../../domain/items.ts';
import { issuedCaseKey } from '../../domain/keys.ts';
import { type LockedState, lockStates } from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { insertSlips, type Slip, slipsOfCharges } from '../../store/slips.ts';

/** A slip that collection issues itself, with keys that never return. */
export function newSlip(
  deps: Deps,
  charge: Pick<LockedState, 'chargeId' | 'bookYear'>,
  of: Pick<Slip, 'slipNo' | 'issue' | 'amountYen' | 'payableUntil' | 'issuedOn' | 'reason'>,
): Slip {
  const caseKey = issuedCaseKey(deps.bodyCode, charge.bookYear, 8, of.slipNo);
  return {
    ...of,
    kind: 'slip',
    chargeId: charge.chargeId,
    caseKey,
    confirmation: String(deps.random.below(1_000_000)).padStart(6, '0'),
    convenienceReference: `${caseKey}${of.issue % 10}`,
  };
}

/**
 * 再発行納付書 (COL-F4): a slip over all that is open of a charge today, with keys of its own. What was issued before stays resolvable: who
 * pays an old slip pays the same charge, and what is too much is found.
 */
export const reissueSlip = act('collections.reissue-slip', {
  right: ['collections', 'slip', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly chargeId: string; readonly payableUntil: string; readonly reason: string },
  ): Promise<Result<Slip, 'no-such-charge' | 'nothing-open' | 'in-the-past' | 'reason-missing'>> {
    if (command.reason.trim() === '') return err('reason-missing');
    const today = deps.civilClock.today().toString();
    if (command.payableUntil < today) return err('in-the-past');
    const state = (await lockStates(tx, [command.chargeId])).get(command.chargeId);
    if (state === undefined) return err('no-such-charge');
    const amountYen = totalOf(state.open);
    if (amountYen === 0) return err('nothing-open');
    const before = (await slipsOfCharges(tx, [command.chargeId])).filter((s) => s.kind === 'slip');
    const [slipNo] = await numbersOf(tx, 'collections.slip_no', 1);
    const slip = newSlip(deps, state, {
      slipNo: slipNo!,
      issue: before.length,
      amountYen,
      payableUntil: command.payableUntil,
      issuedOn: today,
      reason: command.reason.trim().slice(0, 200),
    });
    await insertSlips(tx, [slip]);
    tx.record({
      event: 'slip.reissued',
      subject: state.personNumber,
      facts: ['collections.slip'],
      detail: { charge: command.chargeId, issue: slip.issue },
    });
    return ok(slip);
  },
});
