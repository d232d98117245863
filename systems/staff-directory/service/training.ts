import type { TrainingStanding } from '@musubi/contracts/governance/training.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { lockAccount } from '../store/accounts.ts';
import { insertHold, insertRelease, standingHold } from '../store/training.ts';
import { tell } from './grant.ts';

/** Where training is recorded and rights are kept: held there, nobody could lift a hold. Neither shows a resident. */
const exempt: readonly string[] = ['governance'];

/**
 * Rights that stand on a training: they rest at every system from the lapse until the training is recorded, and the grants
 * themselves stay as they are. What is so already stays so.
 *
 * @law 番号利用法 第12条, 第29条の2 (研修)
 */
export const takeTrainingStanding = act('staff-directory.take-training-standing', {
  right: ['staff-directory', 'training', 'update'],
  async run(tx, deps: Deps, { message }: Received<TrainingStanding>): Promise<Result<null, never>> {
    const { staffId, fiscalYear, standing } = message;
    const known = await lockAccount(tx, staffId);
    const hold = known ? await standingHold(tx, staffId) : undefined;
    const on = deps.civilClock.today().toString();
    const at = deps.machineClock.now();
    const facts: string[] = [];
    if (known && standing === 'lapsed' && hold === undefined) {
      const holdId = deps.newId();
      await insertHold(tx, { holdId, staffId, fiscalYear, heldOn: on }, at);
      facts.push('staff_directory.training_hold');
      await tellSystems({ kind: 'held', holdId });
    }
    if (standing === 'recorded' && hold !== undefined) {
      await insertRelease(tx, hold.holdId, on, at);
      facts.push('staff_directory.training_release');
      await tellSystems({ kind: 'released', holdId: hold.holdId });
    }
    tx.record({
      event: `training.${standing}`,
      ...(facts.length > 0 ? { facts } : {}),
      detail: { staffId, fiscalYear, known, changed: facts.length > 0 },
    });
    return ok(null);

    async function tellSystems(change: { readonly kind: 'held' | 'released'; readonly holdId: string }): Promise<void> {
      for (const system of deps.systems)
        if (!exempt.includes(system)) await tell(tx, deps, system, { ...change, staffId, because: 'training-lapsed' });
    }
  },
});
