import { runLoop } from '@musubi/kernel/db/listen.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { takeUpDeferred } from '../service/ask-tax.ts';

/** Asks again for what waits for its turn, once a minute. */
export const deferredLoop = (
  { notifications, onError }: Pick<Host, 'notifications' | 'onError'>,
  deps: Deps,
  signal: AbortSignal,
): Promise<void> =>
  runLoop({
    notifications,
    channel: 'child_chronic_deferred',
    signal,
    idleMs: 60_000,
    onError: (error) => onError(error, 'deferred inquiries'),
    async step() {
      await takeUpDeferred(deps, { kind: 'job', name: 'deferred-inquiries' });
      return 'idle';
    },
  });
