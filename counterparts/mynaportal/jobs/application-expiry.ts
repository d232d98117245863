import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Alarms } from '@musubi/kernel/streams/ports.ts';
import type { Deps } from '../deps.ts';
import { expireApplications, findUnfetched } from '../service/applications.ts';

const job: Actor = { kind: 'job', name: 'application-expiry' };
const everyMs = 60_000;

/** Tells of what no body fetches, and erases what none took over in time. The day is the civil one, which a town may move: it is looked at every minute. */
export async function applicationExpiry(
  deps: Deps,
  alarms: Alarms,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await round(deps, alarms).catch(onError);
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

async function round(deps: Deps, alarms: Alarms): Promise<void> {
  const unfetched = await findUnfetched(deps, job);
  if (unfetched.ok) for (const each of unfetched.value) alarms.raise('applications-not-fetched', { ...each });
  const expired = await expireApplications(deps, job);
  if (expired.ok) for (const each of expired.value) alarms.raise('application-erased-unfetched', { ...each });
}
