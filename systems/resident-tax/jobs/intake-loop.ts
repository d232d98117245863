import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { PeerDeps } from '../deps.ts';
import { intakeRound } from '../service/intake/intake-round.ts';

export const intakeJob: Actor = { kind: 'job', name: 'resident-tax.intake' };

/**
 * Asks the portal again and again what waits, and takes it in. A round that broke off is done again; a portal that does not
 * answer is asked again after the rest. Waits first: others may still be starting.
 */
export async function intakeLoop(
  deps: PeerDeps,
  options: {
    readonly signal: AbortSignal;
    readonly restSeconds: number;
    readonly round?: typeof intakeRound;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  const { signal, onError, round = intakeRound } = options;
  for (;;) {
    await delay(options.restSeconds * 1000, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    try {
      const done = await round(deps, intakeJob, { signal, onError });
      for (const fault of done.ok ? done.value.faults : [done.error]) onError(new Error(`intake: ${fault}`));
    } catch (error) {
      onError(error);
    }
  }
}
