import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Deps } from '../deps.ts';
import { fixInterest } from '../service/office/fix-interest.ts';

export const interestJob: Actor = { kind: 'job', name: 'collections.interest' };
const block = 2_000;

/** Fixes the interest of what was paid late, block by block, and looks again after a rest. */
export async function interestLoop(
  deps: Deps,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  for (;;) {
    await delay(restSeconds * 1_000, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    try {
      for (;;) {
        const done = await fixInterest(deps, interestJob, { limit: block });
        if (!done.ok) {
          onError(new Error(`interest: ${done.error}`));
          break;
        }
        if (done.value.fixed < block || signal.aborted) break;
      }
    } catch (error) {
      onError(error);
    }
  }
}
