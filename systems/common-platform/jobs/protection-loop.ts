import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import type { Alarms } from '@musubi/kernel/streams/ports.ts';
import type { Deps } from '../deps.ts';
import { findOverdueProtections } from '../service/protections.ts';

/** Watches that every receiver takes a change of 支援措置 in time; who does not is an alarm, once for each change. */
export async function protectionLoop(
  deps: Deps,
  options: {
    readonly notifications: Notifications;
    readonly alarms: Alarms;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  const { alarms, ...loop } = options;
  await runLoop({
    ...loop,
    channel: 'common_platform_protections',
    async step() {
      const overdue = await findOverdueProtections(deps, { kind: 'job', name: 'protections' });
      if (!overdue.ok) throw new Error(`protections job: ${overdue.error}`);
      for (const receiver of overdue.value) alarms.raise('restriction-unacknowledged', { receiver });
      return 'idle';
    },
  });
}
