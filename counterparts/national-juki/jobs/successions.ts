import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { type TellRoot, tellSuccessions } from '../service/successions.ts';

const everyMs = 10_000;

/** Changed codes reach the root of linkage codes within seconds, or as soon as it is there again. */
export const successionLoop =
  (host: Pick<Host, 'onError'>, deps: Deps, tell: TellRoot) =>
  async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await tellSuccessions(deps, { kind: 'job', name: 'successions' }, tell);
      } catch (error) {
        host.onError(error, 'national-juki.successions');
      }
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
