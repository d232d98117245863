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
import { supplementRetention } from './service/retention.ts';

/** 保存期間: the daily sealing of what ends soon, and the pages of proposal, approval and erasure. */
export function startRetention(host: Host, base: Deps, office: CounterOffice | undefined) {
  const typesetter = lazyTypesetter({ templatesFolder: fileURLToPath(retentionTemplates) });
  const deps = { ...base, sealed: host.sealed, typesetter };
  let sealedOn = '';
  const sealToday = async (signal: AbortSignal): Promise<void> => {
    const on = deps.civilClock.today().toString();
    if (sealedOn === on) return;
    const actor = { kind: 'job', name: 'retention' } as const;
    const end = await runBatch(deps, actor, supplementRetention.sealRun, { on }, { signal });
    if (end.ok && end.value.state === 'done') sealedOn = on;
  };
  return {
    deps,
    addPages: (app: PageApp): void =>
      addRetentionPages(app, supplementRetention, deps, office?.authority.title ?? `${host.organisation.name.ja}知事`),
    loop: (signal: AbortSignal): Promise<void> =>
      runLoop({
        notifications: host.notifications,
        channel: civilDateChannel,
        signal,
        idleMs: 60_000,
        onError: (error) => host.onError(error, 'fuhyo-link.retention'),
        async step() {
          await sealToday(signal);
          return 'idle';
        },
      }),
    stop: () => typesetter.close(),
  };
}
