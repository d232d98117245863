import { setTimeout as delay } from 'node:timers/promises';
import type { DonationDeps } from '../service/donations/functions.ts';
import { oneStopRound } from '../service/donations/notices.ts';

/** Sends 申告特例通知 that were approved, again and again; what failed is tried in the next round. */
export async function donationLoop(
  deps: DonationDeps,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  for (;;) {
    await delay(restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      for (const fault of (await oneStopRound(deps)).faults) onError(new Error(`one-stop: ${fault}`));
    } catch (error) {
      onError(error);
    }
  }
}
