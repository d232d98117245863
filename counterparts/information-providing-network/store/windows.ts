import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Window {
  readonly windowId: string;
  /** Null: the whole network. */
  readonly provider: string | null;
  readonly kind: 'planned' | 'outage';
  readonly fromAt: string;
  readonly untilAt: string;
  readonly reason: string;
}

/** Whether provider or network is closed at this moment. */
export async function isUnderMaintenance(tx: Tx, provider: string, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    select 1 from information_providing_network.maintenance_window as w
     where until_at > ${at} and from_at <= ${at} and (provider is null or provider = ${provider})
       and not exists (select from information_providing_network.maintenance_end as e where e.window_id = w.window_id) limit 1`;
  return rows.length > 0;
}

/** Windows that are open or to come. */
export const windowsFrom = (tx: Tx, at: Temporal.Instant): Promise<Window[]> => tx<Window>`
  select window_id as "windowId", provider, kind, from_at as "fromAt", until_at as "untilAt", reason
    from information_providing_network.maintenance_window as w
   where until_at > ${at}
     and not exists (select from information_providing_network.maintenance_end as e where e.window_id = w.window_id)
   order by from_at, window_id limit 500`;

export async function insertWindow(
  tx: Tx,
  w: {
    readonly windowId: string;
    readonly provider: string | null;
    readonly kind: Window['kind'];
    readonly fromAt: Temporal.Instant;
    readonly untilAt: Temporal.Instant;
    readonly reason: string;
  },
): Promise<void> {
  await tx`
    insert into information_providing_network.maintenance_window (window_id, provider, kind, from_at, until_at, reason, event_id)
    values (${w.windowId}, ${w.provider}, ${w.kind}, ${w.fromAt}, ${w.untilAt}, ${w.reason}, ${tx.eventId})`;
}

/** False where there is no such window, or it has ended. */
export async function endWindow(tx: Tx, windowId: string, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into information_providing_network.maintenance_end (window_id, ended_at, event_id)
    select window_id, ${at}::timestamptz, ${tx.eventId}::uuid from information_providing_network.maintenance_window
     where window_id = ${windowId} and until_at > ${at}::timestamptz on conflict do nothing returning 1`;
  return rows.length === 1;
}
