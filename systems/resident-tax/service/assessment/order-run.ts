import { type ActDeps, type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import { countOpenDeliveries, countOpenReports } from '../../store/assessment-sources.ts';
import * as store from '../../store/batch-orders.ts';
import { assessmentRead, assessmentUpdate, nameOf, noticeUpdate } from './functions.ts';

export type OrderRefusal = 'no-rates-for-year' | 'already-running';

/** 当初賦課の指示. The run itself is the instance's own work, so it goes on when the clerk has gone home or a process died. */
export const orderAssessmentRun = act('resident-tax.order-assessment-run', {
  right: assessmentUpdate,
  run: (tx, deps: ActDeps, command: { readonly fiscalYear: number }, actor) =>
    order(tx, deps, { ...command, kind: 'assessment' }, actor),
});

/** 月次更正の指示: those alone whose documents, register or settlement changed since their newest levy. */
export const orderReassessmentRun = act('resident-tax.order-reassessment-run', {
  right: assessmentUpdate,
  run: (tx, deps: ActDeps, command: { readonly fiscalYear: number }, actor) =>
    order(tx, deps, { ...command, kind: 'reassessment' }, actor),
});

/** 納税通知書の一括作成の指示 */
export const orderNoticeRun = act('resident-tax.order-notice-run', {
  right: noticeUpdate,
  run: (tx, deps: ActDeps, command: { readonly fiscalYear: number }, actor) =>
    order(tx, deps, { ...command, kind: 'notices' }, actor),
});

/** 特別徴収税額通知の一括作成の指示 */
export const orderSpecialNoticeRun = act('resident-tax.order-special-notice-run', {
  right: noticeUpdate,
  run: (tx, deps: ActDeps, command: { readonly fiscalYear: number }, actor) =>
    order(tx, deps, { ...command, kind: 'special-notices' }, actor),
});

async function order(
  tx: Parameters<typeof store.insertOrder>[0],
  deps: ActDeps,
  { fiscalYear, kind }: { readonly fiscalYear: number; readonly kind: store.OrderKind },
  actor: Actor,
): Promise<Result<{ readonly orderId: string }, OrderRefusal>> {
  if (!supportedFiscalYears.some((year) => year === fiscalYear)) return err('no-rates-for-year');
  await store.lockOrders(tx, kind, fiscalYear);
  const [latest] = await store.listOrders(tx, { kind, fiscalYear, limit: 1 });
  if (latest && latest.state !== 'done') return err('already-running');
  const orderId = deps.newId();
  await store.insertOrder(tx, {
    orderId,
    kind,
    fiscalYear,
    orderedBy: nameOf(actor),
    orderedAt: deps.machineClock.now(),
  });
  tx.record({
    event: `${kind}.run-ordered`,
    facts: ['resident_tax.batch_order'],
    detail: { order: orderId, fiscalYear },
  });
  return ok({ orderId });
}

/** 続きから再開: a stopped, failed or blocked run goes on after its last checkpoint. */
export const resumeRun = act('resident-tax.resume-run', {
  right: assessmentUpdate,
  async run(tx, deps: ActDeps, { orderId }: { readonly orderId: string }, actor) {
    const [found] = await store.listOrders(tx, { orderId });
    if (!found) return err('no-such-order');
    if (!['stopped', 'failed', 'blocked'].includes(found.state)) return err('not-stopped');
    await store.insertResumption(tx, { orderId, resumedBy: nameOf(actor), resumedAt: deps.machineClock.now() });
    tx.record({ event: 'run.resumed', facts: ['resident_tax.batch_order_resumed'], detail: { order: orderId } });
    return ok({ runId: found.runId });
  },
});

/** Orders with the state of their runs, and what is not yet in any levy. Nothing personal. */
export const lookAtOrders = look('resident-tax.look-at-orders', {
  right: assessmentRead,
  async run(tx, _deps: ActDeps, query: { readonly kind?: store.OrderKind; readonly orderId?: string }) {
    return store.listOrders(tx, query);
  },
});

export const lookAtIntakeGaps = look('resident-tax.look-at-intake-gaps', {
  right: assessmentRead,
  async run(tx, _deps: ActDeps, { fiscalYear }: { readonly fiscalYear: number }) {
    return {
      openReports: await countOpenReports(tx, fiscalYear - 1),
      openDeliveries: await countOpenDeliveries(tx, fiscalYear - 1),
    };
  },
});

export type { BatchOrder, OrderKind } from '../../store/batch-orders.ts';
export { orderChannel } from '../../store/batch-orders.ts';
