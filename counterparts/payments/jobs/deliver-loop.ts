import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Deps } from '../deps.ts';
import { deliverRound } from '../service/files.ts';

export const deliverJob: Actor = { kind: 'job', name: 'payments.deliver' };

/** Closes days and hands files over, round after round; without something to do it rests. */
export async function deliverLoop(
  deps: Deps,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  while (!signal.aborted) {
    const done = await deliverRound(deps, deliverJob).catch((error: unknown) => {
      onError(error);
      return { written: 0, offered: 0 };
    });
    if (done.written + done.offered === 0)
      await delay(restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
  }
}
