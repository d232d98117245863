import { withTransaction } from '../db/database.ts';
import { type Notifications, runLoop } from '../db/listen.ts';
import { outgoingChannel } from './outbox.ts';
import { type RelayDeps, relayOnce } from './relay.ts';
import type { StreamKey } from './relay-store.ts';

export interface RelaysOptions {
  readonly notifications: Notifications;
  /** Ends the loops after the round in which each one is. */
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/**
 * Runs one relay for each stream of this instance, also for streams that come up later. Each sleeps on NOTIFY with a
 * 5-second fallback, and a stream that backs off delays no other. Settles when all have stopped.
 */
export async function runRelays(deps: RelayDeps, options: RelaysOptions): Promise<void> {
  const running = new Map<string, Promise<void>>();
  await runLoop({
    ...options,
    channel: outgoingChannel,
    step: async () => {
      for (const stream of await streamsOf(deps)) {
        const key = `${stream.receiver} ${stream.family}`;
        if (!running.has(key)) running.set(key, runRelay(deps, stream, options));
      }
      return 'idle';
    },
  });
  await Promise.all(running.values());
}

/** The relay of one stream. A second one elsewhere waits for the lease. */
export async function runRelay(deps: RelayDeps, stream: StreamKey, options: RelaysOptions): Promise<void> {
  const holder = deps.newId();
  await runLoop({
    ...options,
    channel: outgoingChannel,
    // A held stream is looked at again at the fallback at the latest; the database says whether its pause is over.
    step: async () => {
      const outcome = await relayOnce(deps, stream, holder, options.signal);
      return outcome.kind === 'settled' && outcome.settled > 0 && outcome.more ? 'more' : 'idle';
    },
  });
}

async function streamsOf(deps: RelayDeps): Promise<StreamKey[]> {
  return withTransaction(
    deps.db,
    deps.newId(),
    (tx) => tx<StreamKey & object>`select receiver, family from streams.outbound order by receiver, family`,
    { readOnly: true },
  );
}
