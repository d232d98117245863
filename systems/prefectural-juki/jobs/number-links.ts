import { runLoop } from '@musubi/kernel/db/listen.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';

/** Pushes numbers into open inquiries at the supplement's server; `push` is given by `main.ts`. */
export const numberLinkLoop =
  (host: Pick<Host, 'notifications' | 'onError'>, push: () => Promise<number>) =>
  (signal: AbortSignal): Promise<void> =>
    runLoop({
      notifications: host.notifications,
      channel: 'number_links',
      signal,
      step: async () => ((await push()) > 0 ? 'more' : 'idle'),
      onError: (error) => host.onError(error, 'prefectural-juki.number-links'),
    });
