import { setTimeout as delay } from 'node:timers/promises';
import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import { decidedChannel } from '../service/assessment/decide.ts';
import { orderChannel } from '../service/assessment/order-run.ts';
import { workOrders } from '../service/assessment/work-orders.ts';
import { chargeNext, type HandOverDeps } from '../service/charges/hand-over.ts';
import { type LodgingDeps, lodgeNext } from '../service/lodging/lodge.ts';
import { type ElectronicDeps, electronicRound } from '../service/special-notices/electronic.ts';
import type { SpecialNoticeDeps } from '../service/special-notices/special-notice-run.ts';

export interface LoopDeps extends SpecialNoticeDeps, ElectronicDeps, LodgingDeps, HandOverDeps {
  /** Between two rounds with the portal. */
  readonly restSeconds: number;
  readonly notifications: Notifications;
  onError(error: unknown, where: string): void;
}

/** 電子交付: sends, calls back and asks, again and again; what failed is tried in the next round. */
async function portalLoop(deps: LoopDeps, signal: AbortSignal): Promise<void> {
  for (;;) {
    await delay(deps.restSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      for (const fault of await electronicRound(deps))
        deps.onError(new Error(`electronic notices: ${fault}`), 'resident-tax.electronic-notices');
    } catch (error) {
      deps.onError(error, 'resident-tax.electronic-notices');
    }
  }
}

/** The instance's own work: orders of clerks; charges and copies of what was decided. */
export const loopsOf = (deps: LoopDeps): readonly ((signal: AbortSignal) => Promise<void>)[] => [
  (signal) =>
    runLoop({
      notifications: deps.notifications,
      channel: orderChannel,
      signal,
      onError: (error) => deps.onError(error, 'resident-tax.orders'),
      step: () => workOrders(deps, { signal, onError: (error) => deps.onError(error, 'resident-tax.orders') }),
    }),
  (signal) =>
    runLoop({
      notifications: deps.notifications,
      channel: decidedChannel,
      signal,
      onError: (error) => deps.onError(error, 'resident-tax.lodging'),
      step: () => lodgeNext(deps),
    }),
  (signal) =>
    runLoop({
      notifications: deps.notifications,
      channel: decidedChannel,
      signal,
      onError: (error) => deps.onError(error, 'resident-tax.charges'),
      step: () => chargeNext(deps),
    }),
  (signal) => portalLoop(deps, signal),
];
