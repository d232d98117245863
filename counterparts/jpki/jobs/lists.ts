import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Deps } from '../deps.ts';
import { listHours, publishLists } from '../service/status.ts';

const job: Actor = { kind: 'job', name: 'card-revocation-lists' };

/** A list every third of its term, so that two may fail before anybody stops believing. */
export async function keepListsFresh(
  deps: Deps,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  const everyMs = (listHours * 3_600_000) / 3;
  while (!signal.aborted) {
    await publishLists(deps, job, null).catch(onError);
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
