import { act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { branchChanges, comesBack, insertBranchChange, lockBranches, replacedBy } from '../store/branches.ts';

export interface NoteBranchChange {
  /** UUID of the form: twice is once. */
  readonly changeId: string;
  readonly oldBank: string;
  readonly oldBranch: string;
  readonly newBank: string;
  readonly newBranch: string;
  /** From this day on the bank takes the new codes. */
  readonly fromOn: string;
  /** The bank's announcement. */
  readonly source: string;
}

/**
 * 金融機関・支店の統廃合: from the day on, requests for accounts of the old branch go out under the new codes. The registrations stay as they
 * were made, and requests that stand in a file stay as they were sent.
 */
export const noteBranchChange = act('accounts.note-branch-change', {
  right: ['accounts', 'mandate', 'update'],
  async run(
    tx,
    deps: Deps,
    command: NoteBranchChange,
    actor,
  ): Promise<
    Result<
      { repeated: boolean },
      | 'not-staff'
      | 'unreadable-code'
      | 'unreadable-day'
      | 'source-missing'
      | 'no-such-branch'
      | 'same-branch'
      | 'already-replaced'
      | 'comes-back'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const { oldBank, oldBranch, newBank, newBranch, fromOn } = command;
    if (
      ![oldBank, newBank].every((c) => /^[0-9]{4}$/.test(c)) ||
      ![oldBranch, newBranch].every((c) => /^[0-9]{3}$/.test(c))
    )
      return err('unreadable-code');
    if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(fromOn)) return err('unreadable-day');
    if (command.source.trim() === '') return err('source-missing');
    if (oldBank === newBank && oldBranch === newBranch) return err('same-branch');
    // The new codes must be known; the old ones may have left the directory already.
    if (deps.banks.find(newBank, newBranch) === undefined) return err('no-such-branch');
    await lockBranches(tx);
    const known = await replacedBy(tx, oldBank, oldBranch, fromOn);
    if (known?.changeId === command.changeId) {
      tx.record({ event: 'branch-change.repeated', detail: { change: command.changeId } });
      return ok({ repeated: true });
    }
    if (known !== undefined) return err('already-replaced');
    if (await comesBack(tx, command)) return err('comes-back');
    const source = command.source.trim().slice(0, 200);
    if (!(await insertBranchChange(tx, { ...command, source, notedBy: actor.staffId }))) return err('already-replaced');
    tx.record({
      event: 'branch-change.noted',
      facts: ['accounts.branch_change'],
      detail: {
        change: command.changeId,
        old: `${oldBank}-${oldBranch}`,
        new: `${newBank}-${newBranch}`,
        from: fromOn,
      },
    });
    return ok({ repeated: false });
  },
});

export const lookAtBranches = look('accounts.look-at-branches', {
  right: ['accounts', 'mandate', 'read'],
  run: (tx, _deps: Deps, _query: Record<string, never>) => branchChanges(tx),
});
