import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import { decidedChannel } from '../service/assessment/decide.ts';
import { orderChannel } from '../service/assessment/order-run.ts';
import { workOrders } from '../service/assessment/work-orders.ts';
import { chargeNext, type HandOverDeps } from '../service/charges/hand-over.ts';
import { type LodgingDeps, lodgeNext } from '../service/lodging/lodge.ts';
import type { SpecialNoticeDeps } from '../service/special-notices/special-notice-run.ts';

export interface LoopDeps extends SpecialNoticeDeps, LodgingDeps, HandOverDeps {
  readonly notifications: Notifications;
  onError(error: unknown, where: string): void;
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
];
