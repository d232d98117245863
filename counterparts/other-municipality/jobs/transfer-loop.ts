import { setTimeout as delay } from 'node:timers/promises';
import type { PeerDeps } from '../deps.ts';
import { receiveRound } from '../service/receive.ts';

/** Looks again and again what other bodies sent. */
export async function transferLoop(
  deps: PeerDeps,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  while (!signal.aborted) {
    try {
      for (const fault of (await receiveRound(deps)).faults) onError(new Error(`transfer: ${fault}`));
    } catch (error) {
      onError(error);
    }
    await delay(restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
  }
}
