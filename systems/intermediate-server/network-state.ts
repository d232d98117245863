import type { AnnouncedWindow } from '@musubi/contracts/exchange/endpoints.ts';

/**
 * What this process last heard from the network: on which civil day the list was confirmed (also kept in the database), and when it
 * is closed. A process that has just started asks before it acts on it.
 */
export interface NetworkState {
  /** Civil day for which the network last said which version counts; undefined: not since the start. */
  listConfirmedOn: string | undefined;
  windows: readonly AnnouncedWindow[];
}

export const newNetworkState = (): NetworkState => ({ listConfirmedOn: undefined, windows: [] });

/** Civil days for which a confirmed list counts without being confirmed again: the network may be away for a while. */
export const listFreshDays = 7;

export const isConfirmed = ({ listConfirmedOn }: NetworkState, today: Temporal.PlainDate): boolean =>
  listConfirmedOn === today.toString();

/** No list was confirmed for so long that rows may have come and gone unseen. */
export function isStale({ listConfirmedOn }: NetworkState, today: Temporal.PlainDate): boolean {
  if (listConfirmedOn === undefined) return true;
  const age = Temporal.PlainDate.from(listConfirmedOn).until(today, { largestUnit: 'day' }).days;
  return age < 0 || age > listFreshDays;
}

/** The window that is open now for this provider, or for the whole network. */
export const openWindow = (
  { windows }: NetworkState,
  provider: string,
  now: Temporal.Instant,
): AnnouncedWindow | undefined =>
  windows.find(
    (w) =>
      (w.provider === null || w.provider === provider) &&
      Temporal.Instant.compare(w.from, now) <= 0 &&
      Temporal.Instant.compare(now, w.until) < 0,
  );
