import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import type { Deps } from '../deps.ts';
import { receiveApplications } from '../service/receive-application.ts';

/** Looks for applications at the portal every minute as long as the instance runs. */
export async function applicationLoop(
  deps: Deps,
  options: {
    readonly notifications: Notifications;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  await runLoop({
    ...options,
    channel: 'common_platform_applications',
    idleMs: 60_000,
    async step() {
      const done = await receiveApplications(deps, { kind: 'job', name: 'applications' });
      if (!done.ok) throw new Error(`applications job: ${done.error}`);
      return 'idle';
    },
  });
}
