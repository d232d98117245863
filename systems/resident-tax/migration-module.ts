import { setTimeout as delay } from 'node:timers/promises';
import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { addMigrationPages, migrationNav } from '@musubi/kernel/migration/pages.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { migration } from './service/migration/migration.ts';

/** 移行: the clerk of records takes over and compares, the head of the section closes. */
export const migrationRights: Omit<RightsTable, 'system' | 'residents'> = {
  staff: {
    'record-keeper': [['migration', 'update']],
    'levy-chief': [
      ['migration', 'read'],
      ['migration-approval', 'update'],
    ],
  },
  peers: [],
  jobs: [['migration', 'read']],
};
export const taxMigrationNav = migrationNav('resident-tax');

const everyMs = 60 * 60 * 1000;

/** Pages of the migration, and the daily word that an old environment still stands after its day. */
export function startMigration(host: Host) {
  const deps = { ...host.deps, sealed: host.sealed };
  const onError = (error: unknown): void => host.onError(error, 'resident-tax.migration');
  let toldOn = '';
  return {
    addPages: (app: PageApp): void =>
      addMigrationPages(app, deps, migration, async (actor, migrationId) => {
        // Goes on behind the page, under the name and rights of who asked.
        void runBatch(deps, actor, migration.loadRun, { migrationId }, { onError }).catch(onError);
      }),
    async loop(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        const on = deps.civilClock.today().toString();
        const found = await migration
          .list(deps, { kind: 'job', name: 'migration-watch' }, { migrationId: null })
          .catch(onError);
        if (found?.ok && found.value.overdue.length > 0 && toldOn !== on) {
          host.alarms.raise('migration.erasure-overdue', { count: found.value.overdue.length });
          toldOn = on;
        }
        await delay(everyMs, undefined, { signal }).catch(() => {});
      }
    },
  };
}
