import type { Actor } from '@musubi/kernel/db/act.ts';
import { runLoop } from '@musubi/kernel/db/listen.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { expireNumber, findOverdue } from '../service/number-keeping.ts';

const job: Actor = { kind: 'job', name: 'fuhyo-link.keeping' };

/** One round: every number whose time is over is erased. Returns how many. */
export async function eraseOverdue(deps: Deps): Promise<number> {
  const overdue = await findOverdue(deps, job, { limit: 100 });
  if (!overdue.ok) throw new Error(`overdue numbers: ${overdue.error}`);
  for (const inquiryId of overdue.value) await expireNumber(deps, job, { inquiryId });
  return overdue.value.length;
}

export const keepingLoop =
  (host: Pick<Host, 'notifications' | 'onError'>, deps: Deps) =>
  (signal: AbortSignal): Promise<void> =>
    runLoop({
      notifications: host.notifications,
      channel: 'fuhyo_keeping',
      signal,
      step: async () => ((await eraseOverdue(deps)) > 0 ? 'more' : 'idle'),
      onError: (error) => host.onError(error, 'fuhyo-link.keeping'),
    });
