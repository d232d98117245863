import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Deps } from '../service/deps.ts';
import { publishList } from '../service/revoke.ts';

const job: Actor = { kind: 'job', name: 'revocation-lists' };

/** Publishes a list every third of its term, so that two may fail before anybody stops believing. */
export async function keepListsFresh(
  deps: Deps,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  const everyMs = (deps.terms.listHours * 3_600_000) / 3;
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await publishList(deps, job, null).catch(onError);
  }
}
