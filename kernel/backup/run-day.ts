import { randomBytes } from 'node:crypto';
import type { SchemaSet } from '../db/migrate.ts';
import { provisionDatabase } from '../db/provision.ts';
import { ok, type Result } from '../result/result.ts';
import { type BackupDeps, takeBackup } from './backup.ts';
import { dropInstanceDatabase, type RestoreFault, restoreBackup } from './restore.ts';
import { backupDue, expireBackups, lastBackups } from './schedule.ts';
import type { Drill, Verified } from './store.ts';

export interface BackupDay {
  readonly instance: string;
  readonly today: Temporal.PlainDate;
  /** Days for which a backup is kept: what retention states as `databaseBackupDays`. */
  readonly keepDays: number;
}

/** The day's work of operations for one instance: the backup that is due, then the end of old ones. Safe to repeat. */
export async function runBackupDay(
  deps: BackupDeps,
  { instance, today, keepDays }: BackupDay,
): Promise<Result<{ readonly taken: Verified | undefined; readonly expired: number }, string>> {
  const due = backupDue(await lastBackups(deps.store, instance), today);
  const taken = due === undefined ? ok(undefined) : await takeBackup(deps, { instance, kind: due, on: today });
  if (!taken.ok) return taken;
  return ok({ taken: taken.value, expired: (await expireBackups(deps.store, { today, keepDays })).length });
}

/** 復元の訓練: the newest backup into a database of its own, compared table by table, and the database dropped again. */
export async function runDrill(
  deps: BackupDeps,
  { instance, today, schemas }: Omit<BackupDay, 'keepDays'> & { readonly schemas: readonly SchemaSet[] },
): Promise<Result<Drill, RestoreFault>> {
  const { adminUrl } = deps.source;
  const newest = (await deps.store.list()).findLast((b) => b.manifest.instance === instance && b.verified);
  const database = `drill_${randomBytes(6).toString('hex')}`;
  await provisionDatabase(adminUrl, { database, appPassword: randomBytes(24).toString('base64url'), schemas });
  try {
    const restored = await restoreBackup(deps.store, newest?.manifest.backupId ?? '', { adminUrl, database });
    if (!restored.ok) return restored;
    const { backupId, tables, rows, differing } = restored.value;
    const drill = { drillId: deps.newId(), backupId, instance, drilledOn: today.toString(), tables, rows, differing };
    await deps.store.noteDrill(drill);
    return ok(drill);
  } finally {
    await dropInstanceDatabase(adminUrl, database);
  }
}
