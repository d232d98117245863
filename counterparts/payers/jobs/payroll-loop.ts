import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { PayingDeps } from '../deps.ts';
import { payMonthsDue } from '../service/pay-months.ts';

export const payrollJob: Actor = { kind: 'job', name: 'payers.payroll' };

/** Plans months and pays what is due, round after round. */
export async function payrollLoop(
  deps: PayingDeps,
  options: { readonly signal: AbortSignal; readonly restSeconds: number; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { signal, restSeconds, onError } = options;
  while (!signal.aborted) {
    const paid = await payMonthsDue(deps, payrollJob).catch((error: unknown) => {
      onError(error);
      return 0;
    });
    if (paid === 0) await delay(restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
  }
}
