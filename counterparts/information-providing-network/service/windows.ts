import type { AnnouncedWindow } from '@musubi/contracts/exchange/endpoints.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { endWindow, insertWindow, windowsFrom } from '../store/windows.ts';
import { momentOf } from './show.ts';

/** 計画停止・障害の周知: what is closed now or will be, for operators and for every body's server. */
export const showWindows = look('network.windows', {
  right: ['information-providing-network', 'maintenance', 'read'],
  run: async (tx: Tx, { machineClock }: Deps, _query: null): Promise<AnnouncedWindow[]> =>
    (await windowsFrom(tx, machineClock.now())).map(({ fromAt, untilAt, ...rest }) => ({
      ...rest,
      from: momentOf(fromAt).toString(),
      until: momentOf(untilAt).toString(),
    })),
});

export interface PlanWindow {
  readonly provider: string | null;
  readonly kind: AnnouncedWindow['kind'];
  readonly fromAt: Temporal.Instant;
  readonly untilAt: Temporal.Instant;
  readonly reason: string;
}

/** 計画停止の登録、障害の登録. Inquiries inside it are refused by its own word; nothing is relayed. */
export const planWindow = act('network.plan-window', {
  right: ['information-providing-network', 'maintenance', 'update'],
  async run(
    tx,
    deps: Deps,
    window: PlanWindow,
  ): Promise<Result<{ windowId: string }, 'provider-unknown' | 'not-a-period' | 'already-over'>> {
    const { provider, kind, fromAt, untilAt } = window;
    if (provider !== null && !deps.bodies.has(provider)) return err('provider-unknown');
    if (Temporal.Instant.compare(fromAt, untilAt) >= 0) return err('not-a-period');
    if (Temporal.Instant.compare(untilAt, deps.machineClock.now()) <= 0) return err('already-over');
    const windowId = deps.newId();
    await insertWindow(tx, { ...window, windowId });
    tx.record({
      event: 'network.window-planned',
      facts: ['information_providing_network.maintenance_window'],
      detail: { windowId, kind, provider: provider ?? 'all', from: fromAt.toString(), until: untilAt.toString() },
    });
    return ok({ windowId });
  },
});

/** 復旧: the window is over before its time. */
export const closeWindow = act('network.close-window', {
  right: ['information-providing-network', 'maintenance', 'update'],
  async run(tx, deps: Deps, { windowId }: { readonly windowId: string }): Promise<Result<null, 'not-found'>> {
    if (!(await endWindow(tx, windowId, deps.machineClock.now()))) return err('not-found');
    tx.record({
      event: 'network.window-closed',
      facts: ['information_providing_network.maintenance_end'],
      detail: { windowId },
    });
    return ok(null);
  },
});
