import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import { decidedChannel } from '../service/assessment/decide.ts';
import { publishNext, type RecordDeps } from '../service/certificates/records.ts';

/** Tells the convenience stores' system of what changed: after a decision at once, of persons within the rest. */
export const certificateLoop = (
  deps: RecordDeps & { readonly notifications: Notifications },
  { signal, onError }: { readonly signal: AbortSignal; readonly onError: (error: unknown) => void },
): Promise<void> =>
  runLoop({
    notifications: deps.notifications,
    channel: decidedChannel,
    signal,
    onError,
    idleMs: 15_000,
    step: () => publishNext(deps),
  });
