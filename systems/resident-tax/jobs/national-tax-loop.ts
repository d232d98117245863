import { setTimeout as delay } from 'node:timers/promises';
import type { NationalTaxDeps } from '../service/dependants/functions.ts';
import { nationalTaxRound } from '../service/dependants/tell-agency.ts';

/** Sends what was approved for the tax agency, again and again; what failed is tried in the next round. */
export async function nationalTaxLoop(
  deps: NationalTaxDeps,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  for (;;) {
    await delay(restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      for (const fault of (await nationalTaxRound(deps)).faults) onError(new Error(`national tax: ${fault}`));
    } catch (error) {
      onError(error);
    }
  }
}
