import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import type { Deps } from '../deps.ts';
import { findApplicationIncidents } from '../service/application-incidents.ts';
import { tellApplicationEnds } from '../service/end-application.ts';
import { receiveApplications } from '../service/receive-application.ts';

const job = { kind: 'job', name: 'applications' } as const;

/** Looks for applications at the portal every minute as long as the instance runs, and tells it how they ended. */
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
      const done = await receiveApplications(deps, job);
      if (!done.ok) throw new Error(`applications job: ${done.error}`);
      const told = await tellApplicationEnds(deps, job);
      if (!told.ok) throw new Error(`applications job: ${told.error}`);
      const found = await findApplicationIncidents(deps, job);
      if (!found.ok) throw new Error(`applications job: ${found.error}`);
      return 'idle';
    },
  });
}
