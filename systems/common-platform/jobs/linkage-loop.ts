import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import type { Deps } from '../deps.ts';
import { linkageChannel, obtainLinkages } from '../service/obtain-linkage.ts';

/** Persons of one round: small enough that a stop is quick, large enough for a first load. */
const chunk = 100;

/** Obtains linkage codes as long as the instance runs; woken when somebody needs one, paced by the round trips. */
export async function linkageLoop(
  deps: Deps,
  options: {
    readonly notifications: Notifications;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  await runLoop({
    ...options,
    channel: linkageChannel,
    async step() {
      const done = await obtainLinkages(deps, { kind: 'job', name: 'linkage' }, { limit: chunk });
      if (!done.ok) throw new Error(`linkage job: ${done.error}`);
      return done.value === chunk ? 'more' : 'idle';
    },
  });
}
