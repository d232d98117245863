import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import type { Deps } from '../deps.ts';
import { endLinkages } from '../service/end-linkage.ts';
import { withdrawalChannel, withdrawCopies } from '../service/withdraw-copies.ts';

/** Withdraws what corrections ordered and ends codes; woken when one is confirmed. */
export async function withdrawalLoop(
  deps: Deps,
  options: {
    readonly notifications: Notifications;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  await runLoop({
    ...options,
    channel: withdrawalChannel,
    async step() {
      const done = await withdrawCopies(deps, { kind: 'job', name: 'withdrawal' });
      if (!done.ok) throw new Error(`withdrawal job: ${done.error}`);
      const ended = await endLinkages(deps, { kind: 'job', name: 'withdrawal' });
      if (!ended.ok) throw new Error(`linkage ends: ${ended.error}`);
      return 'idle';
    },
  });
}
