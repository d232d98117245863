import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import type { Deps } from '../deps.ts';
import { withdrawalChannel, withdrawCopies } from '../service/withdraw-copies.ts';

/** Withdraws what corrections ordered; woken when one is confirmed. */
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
      return 'idle';
    },
  });
}
