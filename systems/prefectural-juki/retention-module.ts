import { fileURLToPath } from 'node:url';
import { runLoop } from '@musubi/kernel/db/listen.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { civilDateChannel } from '@musubi/kernel/jobs/calendar.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import { addRetentionPages } from '@musubi/kernel/retention/pages.ts';
import { retentionTemplates } from '@musubi/kernel/retention/retention.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from './deps.ts';
import type { CounterOffice } from './service/disclosure.ts';
import { registerRetention } from './service/retention.ts';

/** 保存期間: the daily sealing of what ends soon, and the pages of proposal, approval and erasure. */
export function startRetention(
  host: Host,
  base: Deps,
  office: CounterOffice | undefined,
  /** What else ends with the day. */
  alsoDaily: () => Promise<void>,
) {
  const typesetter = lazyTypesetter({ templatesFolder: fileURLToPath(retentionTemplates) });
  const deps = { ...base, sealed: host.sealed, typesetter };
  let sealedOn = '';
  /** Once for the civil date as it is now: after a jump of years the days between have nothing of their own to do. */
  const sealToday = async (signal: AbortSignal): Promise<void> => {
    const on = deps.civilClock.today().toString();
    if (sealedOn === on) return;
    const actor = { kind: 'job', name: 'retention' } as const;
    const end = await runBatch(deps, actor, registerRetention.sealRun, { on }, { signal });
    await alsoDaily();
    const excluded = await registerRetention.excluded(deps, { kind: 'job', name: 'retention' }, null);
    if (excluded.ok && excluded.value > 0) host.alarms.raise('purge.excluded', { rows: excluded.value });
    if (end.ok && end.value.state === 'done') sealedOn = on;
  };
  return {
    addPages: (app: PageApp): void =>
      addRetentionPages(app, registerRetention, deps, office?.authority.title ?? `${host.organisation.name.ja}知事`),
    loop: (signal: AbortSignal): Promise<void> =>
      runLoop({
        notifications: host.notifications,
        channel: civilDateChannel,
        signal,
        idleMs: 60_000,
        onError: (error) => host.onError(error, 'prefectural-juki.retention'),
        async step() {
          await sealToday(signal);
          return 'idle';
        },
      }),
    stop: () => typesetter.close(),
  };
}
