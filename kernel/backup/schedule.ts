import type { BackupKind, BackupStore } from './store.ts';

const sunday = 7;

/** When an instance was last backed up and verified. ISO dates. */
export interface LastBackups {
  readonly full: string | undefined;
  readonly any: string | undefined;
}

/**
 * 控えの計画: full on Sundays and where there is none of the last seven days, incremental on the other days, one a day. A day that
 * was missed (the machine was off) is made up for by the next.
 */
export function backupDue({ full, any }: LastBackups, today: Temporal.PlainDate): BackupKind | undefined {
  if (any !== undefined && Temporal.PlainDate.compare(any, today) >= 0) return undefined;
  const isOld = full === undefined || Temporal.PlainDate.compare(full, today.subtract({ days: 7 })) <= 0;
  return today.dayOfWeek === sunday || isOld ? 'full' : 'incremental';
}

export async function lastBackups(store: BackupStore, instance: string): Promise<LastBackups> {
  const done = (await store.list()).filter((b) => b.manifest.instance === instance && b.verified);
  return {
    full: done.findLast((b) => b.manifest.kind === 'full')?.manifest.takenOn,
    any: done.at(-1)?.manifest.takenOn,
  };
}

/**
 * Ends backups that are older than `keepDays`. The newest verified one stays, whatever its age. Retention counts on this: what
 * was sealed before its end is in clear in no backup that is still there (`databaseBackupDays`).
 *
 * @returns ids of those that ended
 */
export async function expireBackups(
  store: BackupStore,
  { today, keepDays }: { readonly today: Temporal.PlainDate; readonly keepDays: number },
): Promise<readonly string[]> {
  const all = await store.list();
  const newest = all.findLast((b) => b.verified)?.manifest.backupId;
  const before = today.subtract({ days: keepDays }).toString();
  const over = all.filter((b) => b.manifest.takenOn < before && b.manifest.backupId !== newest);
  const ids = over.map((b) => b.manifest.backupId);
  if (ids.length > 0) await store.remove(ids);
  return ids;
}
