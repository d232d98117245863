import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { countInterruptedInquiries, endInterruptedInquiries } from '../service/inquiry.ts';

/** Longer than the longest wait for the national server's answer. */
const oldMinutes = 5;
const everyMs = 60_000;

/** Inquiries that were forwarded and lost their process get their record: once a minute, and first when an instance starts. */
export const interruptedInquiriesLoop =
  (host: Pick<Host, 'onError'>, deps: Deps) =>
  async (signal: AbortSignal): Promise<void> => {
    const actor = { kind: 'job', name: 'interrupted-inquiries' } as const;
    while (!signal.aborted) {
      const before = deps.machineClock.now().subtract({ minutes: oldMinutes });
      try {
        const waiting = await countInterruptedInquiries(deps, actor, { before });
        if (waiting.ok && waiting.value > 0) await endInterruptedInquiries(deps, actor, { before });
      } catch (error) {
        host.onError(error, 'prefectural-juki.interrupted-inquiries');
      }
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
