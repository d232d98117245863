import { act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { addAcknowledged } from '../../store/intake-files.ts';

/** The portal has taken note of what became of a file. */
export const noteAcknowledged = act('resident-tax.note-acknowledged', {
  right: ['resident-tax', 'intake', 'update'],
  async run(tx, deps: Deps, { intakeId }: { readonly intakeId: string }) {
    const isNew = await addAcknowledged(tx, intakeId, deps.machineClock.now());
    tx.record({
      event: 'intake.acknowledged',
      ...(isNew ? { facts: ['resident_tax.intake_acknowledged'] } : {}),
      recipient: 'eltax',
      detail: { intake: intakeId, again: !isNew },
    });
    return ok(undefined);
  },
});
