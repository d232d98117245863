import type { Actor } from '@musubi/kernel/db/act.ts';
import { runLoop } from '@musubi/kernel/db/listen.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { Interrupted, reconcile } from '../service/reconcile.ts';
import { dueScope, repairDue } from '../service/reconciliation-repair.ts';

const job: Actor = { kind: 'job', name: 'municipal-juki.reconciliation' };
const pause = { minutes: 10 } as const;

/** Approved corrections at once; a run when the month or the fiscal year has none; after one that stopped, a pause. */
export function reconciliationLoop(host: Pick<Host, 'notifications' | 'onError' | 'peers' | 'alarms'>, deps: Deps) {
  let notBefore = deps.machineClock.now().add(pause);
  return (signal: AbortSignal): Promise<void> =>
    runLoop({
      notifications: host.notifications,
      channel: 'municipal_juki_reconciliation',
      signal,
      step: async () => {
        if ((await repairDue(host.peers, deps, job)) > 0) return 'more';
        if (Temporal.Instant.compare(deps.machineClock.now(), notBefore) < 0) return 'idle';
        const due = await dueScope(deps, job, {});
        if (!due.ok || due.value === undefined) return 'idle';
        notBefore = deps.machineClock.now().add(pause);
        try {
          await reconcile(host.peers, deps, job, due.value);
        } catch (error) {
          if (!(error instanceof Interrupted)) throw error;
          host.alarms.raise('reconciliation-interrupted', { word: error.word });
        }
        return 'idle';
      },
      onError: (error) => host.onError(error, 'municipal-juki.reconciliation'),
    });
}
