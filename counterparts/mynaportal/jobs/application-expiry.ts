import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Deps } from '../deps.ts';
import { expireApplications } from '../service/applications.ts';

const job: Actor = { kind: 'job', name: 'application-expiry' };
const everyMs = 60_000;

/** Erases what no body took over in time. The day is the civil one, which a town may move: it is looked at every minute. */
export async function applicationExpiry(
  deps: Deps,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await expireApplications(deps, job).catch(onError);
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
