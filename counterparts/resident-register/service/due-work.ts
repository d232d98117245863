import { look } from '@musubi/kernel/db/act.ts';
import type { Deps } from '../deps.ts';
import { listPending } from '../store/births.ts';
import { waitingForCodes } from '../store/pending.ts';
import { dueToLeave } from '../store/residents.ts';

/** What the loops have to do next: internal ids and nothing else. */
export const dueWork = look('resident-register.due-work', {
  right: ['resident-register', 'resident', 'read'],
  async run(tx, { civilClock }: Deps, { limit }: { readonly limit: number }) {
    const births = await listPending(tx, limit);
    const waiting = await waitingForCodes(tx, limit);
    const pendingIds = waiting.map((p) => p.pendingId);
    return {
      pendingIds,
      filingIds: births.map((b) => b.filingId),
      leaving: await dueToLeave(tx, civilClock.today(), limit),
    };
  },
});
