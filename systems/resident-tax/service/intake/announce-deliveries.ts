import { act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { type Announced, addAnnounced } from '../../store/intake-files.ts';

/**
 * Notes what the portal says it holds for us before anything is fetched. What is announced and never taken in is a gap, shown
 * the same day and in the way of the levy (INC-22).
 */
export const announceDeliveries = act('resident-tax.announce-deliveries', {
  right: ['resident-tax', 'intake', 'update'],
  async run(tx, deps: Deps, { deliveries }: { readonly deliveries: readonly Announced[] }) {
    const added = await addAnnounced(tx, deliveries, deps.civilClock.today());
    tx.record({
      event: 'intake.announced',
      facts: ['resident_tax.announced_delivery'],
      detail: { listed: deliveries.length, new: added },
    });
    return ok({ added });
  },
});
