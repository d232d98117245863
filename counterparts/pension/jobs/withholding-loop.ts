import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { PayingDeps } from '../deps.ts';
import { payOver, payPensions } from '../service/pay-pensions.ts';

export const withholdingJob: Actor = { kind: 'job', name: 'pension.withholding' };

/** Pays pensions whose day has come and pays over what was kept back, round after round. */
export async function withholdingLoop(
  deps: PayingDeps,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  while (!signal.aborted) {
    try {
      const paid = await payPensions(deps, withholdingJob, undefined);
      if (!paid.ok) throw new Error(paid.error);
      await payOver(deps, withholdingJob);
    } catch (error) {
      onError(error);
    }
    await delay(restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
  }
}
