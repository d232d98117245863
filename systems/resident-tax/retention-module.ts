import { fileURLToPath } from 'node:url';
import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import { runLoop } from '@musubi/kernel/db/listen.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { civilDateChannel } from '@musubi/kernel/jobs/calendar.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import { addRetentionPages, retentionNav } from '@musubi/kernel/retention/pages.ts';
import { retentionTemplates } from '@musubi/kernel/retention/retention.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { taxRetention } from './service/retention/tax-retention.ts';

/** 文書管理 proposes and erases, the head of the section approves the list. */
export const retentionRights: Omit<RightsTable, 'system' | 'residents'> = {
  staff: {
    'record-keeper': [['retention', 'update']],
    'levy-chief': [
      ['retention', 'read'],
      ['retention-approval', 'update'],
    ],
  },
  peers: [],
  jobs: [['retention', 'update']],
};
export const taxRetentionNav = retentionNav('resident-tax');

/** 保存期間: the daily sealing of the tax years that end soon, and the pages of proposal, approval and erasure. */
export function startRetention(
  host: Host,
  authority: string,
  /** What else ends with the day. */
  alsoDaily: () => Promise<void>,
) {
  const typesetter = lazyTypesetter({ templatesFolder: fileURLToPath(retentionTemplates) });
  const deps = { ...host.deps, vault: host.vault, sealed: host.sealed, typesetter };
  let sealedOn = '';
  /** Once for the civil date as it is now: after a jump of years the days between have nothing of their own to do. */
  const sealToday = async (signal: AbortSignal): Promise<void> => {
    const on = deps.civilClock.today().toString();
    if (sealedOn === on) return;
    const end = await runBatch(deps, { kind: 'job', name: 'retention' }, taxRetention.sealRun, { on }, { signal });
    await alsoDaily();
    const excluded = await taxRetention.excluded(deps, { kind: 'job', name: 'retention' }, null);
    if (excluded.ok && excluded.value > 0) host.alarms.raise('purge.excluded', { rows: excluded.value });
    if (end.ok && end.value.state === 'done') sealedOn = on;
  };
  return {
    addPages: (app: PageApp): void => addRetentionPages(app, taxRetention, deps, authority),
    loop: (signal: AbortSignal): Promise<void> =>
      runLoop({
        notifications: host.notifications,
        channel: civilDateChannel,
        signal,
        idleMs: 60_000,
        onError: (error) => host.onError(error, 'resident-tax.retention'),
        async step() {
          await sealToday(signal);
          return 'idle';
        },
      }),
    stop: () => typesetter.close(),
  };
}
