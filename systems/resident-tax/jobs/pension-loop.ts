import { setTimeout as delay } from 'node:timers/promises';
import { type PensionDeps, pensionWorker } from '../service/pension-collection/functions.ts';
import { pensionRound } from '../service/pension-collection/round.ts';

/** Speaks to the pension insurer again and again; what failed is tried in the next round. */
export async function pensionLoop(
  deps: PensionDeps,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  for (;;) {
    await delay(restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const { faults } = await pensionRound(deps, pensionWorker);
      for (const fault of faults) onError(new Error(`pension: ${fault}`));
    } catch (error) {
      onError(error);
    }
  }
}
