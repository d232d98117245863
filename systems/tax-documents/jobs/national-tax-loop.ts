import { setTimeout as delay } from 'node:timers/promises';
import type { Deps } from '../deps.ts';
import { downloadImages, type NationalTaxLine } from '../service/agency-images.ts';

/** Downloads what the tax agency has for this ward, again and again; what failed is tried in the next round. */
export async function nationalTaxLoop(
  deps: Deps,
  line: NationalTaxLine,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  while (!signal.aborted) {
    try {
      const { faults, more } = await downloadImages(deps, line);
      for (const fault of faults) onError(new Error(`national tax: ${fault}`));
      if (more) continue;
    } catch (error) {
      onError(error);
    }
    await delay(restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
  }
}
