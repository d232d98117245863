import { setTimeout as delay } from 'node:timers/promises';
import type { OtherBodiesDeps } from '../service/other-bodies/functions.ts';
import { otherBodiesRound } from '../service/other-bodies/round.ts';

/** Sends to other municipalities and takes what they sent, again and again; what failed is tried in the next round. */
export async function otherBodiesLoop(
  deps: OtherBodiesDeps,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  for (;;) {
    await delay(restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      for (const fault of (await otherBodiesRound(deps)).faults) onError(new Error(`other bodies: ${fault}`));
    } catch (error) {
      onError(error);
    }
  }
}
