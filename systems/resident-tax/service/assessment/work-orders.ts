import { type ActDeps, look } from '@musubi/kernel/db/act.ts';
import { batchUseCases } from '@musubi/kernel/jobs/control.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { ordersToWork } from '../../store/batch-orders.ts';
import { noticeRun } from '../notices/notice-run.ts';
import { runSpecialNotices, type SpecialNoticeDeps } from '../special-notices/special-notice-run.ts';
import { batchWork, worker } from './functions.ts';
import { assessmentRun } from './run.ts';

/** Progress, stop and reject lists of the batches. */
export const batches = batchUseCases(batchWork);

const lookAtWork = look('resident-tax.look-at-work', {
  right: batchWork,
  run: (tx, _deps: ActDeps, _query: undefined) => ordersToWork(tx),
});

/** Works every order that waits, the oldest first; safe beside another worker, and after a crash. */
export async function workOrders(
  deps: SpecialNoticeDeps,
  options: { readonly signal?: AbortSignal; readonly onError?: (error: unknown) => void } = {},
): Promise<'more' | 'idle'> {
  const orders = await lookAtWork(deps, worker, undefined);
  if (!orders.ok) throw new Error(orders.error);
  let worked = false;
  for (const { orderId, kind, fiscalYear } of orders.value) {
    if (options.signal?.aborted) break;
    const params = { orderId, fiscalYear };
    const end =
      kind === 'assessment' || kind === 'reassessment'
        ? await runBatch(deps, worker, assessmentRun, params, options)
        : kind === 'notices'
          ? await runBatch(deps, worker, noticeRun, params, options)
          : await runSpecialNotices(deps, worker, params, options);
    worked ||= end.ok;
  }
  return worked ? 'more' : 'idle';
}
