import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ActDeps } from '../db/act.ts';
import { type Notifications, runLoop } from '../db/listen.ts';
import { unwrap } from '../result/result.ts';
import { backupActor, lastBackupsNoted, noteBackups, unknownBackups } from './book.ts';
import type { Drill, Verified } from './store.ts';

const day = z.iso.date();
const count = z.int().min(0);
const verified = z.strictObject({
  backupId: z.uuid(),
  instance: z.string(),
  kind: z.enum(['full', 'incremental']),
  takenOn: day,
  verifiedAt: z.iso.datetime({ precision: null }),
  tables: count,
  rows: count,
  added: count,
  manifestDigest: z.string().regex(/^[0-9a-f]{64}$/),
});
const drill = z.strictObject({
  drillId: z.uuid(),
  backupId: z.uuid(),
  instance: z.string(),
  drilledOn: day,
  tables: count,
  rows: count,
  differing: z.array(z.string()),
});

export interface BackupWatchOptions {
  readonly deps: ActDeps;
  readonly instance: string;
  /** Where operations put this instance's backups; the instance has no key to them. */
  readonly folder: string;
  readonly alarms: { raise(alarm: string, detail: Readonly<Record<string, string | number>>): void };
}

/** What stands written beside the backups of this instance. A file of another form is no note. */
async function notesIn(folder: string, instance: string) {
  const names = await readdir(folder).catch(() => []);
  const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  const backups: Verified[] = [];
  const drills: Drill[] = [];
  for (const name of names) {
    if (name.endsWith('.verified.json')) {
      const note = verified.safeParse(await read(name));
      if (note.success && note.data.instance === instance) backups.push(note.data);
    } else if (name.endsWith('.drill.json')) {
      const note = drill.safeParse(await read(name));
      if (note.success && note.data.instance === instance) drills.push(note.data);
    }
  }
  return { backups, drills };
}

/**
 * Takes new notes into the instance's own book, and raises an alarm where the last backup is late or a drill did not come back
 * equal.
 */
export async function watchBackups({ deps, instance, folder, alarms }: BackupWatchOptions): Promise<number> {
  const { backups, drills } = await notesIn(folder, instance);
  const ids = { backups: backups.map((b) => b.backupId), drills: drills.map((d) => d.drillId) };
  const unknown = unwrap(await unknownBackups(deps, backupActor, ids));
  const fresh = {
    backups: backups.filter((b) => unknown.ids.has(b.backupId)),
    drills: drills.filter((d) => unknown.ids.has(d.drillId)),
  };
  const isNews = unknown.isFirst || fresh.backups.length + fresh.drills.length > 0;
  const noted = isNews ? unwrap(await noteBackups(deps, backupActor, fresh)) : 0;
  const { daysLate, backups: known } = unwrap(await lastBackupsNoted(deps, backupActor, { limit: 1 }));
  if (daysLate > 0) alarms.raise('backup.overdue', { instance, last: known[0]?.takenOn ?? '', days: daysLate });
  for (const d of fresh.drills)
    if (d.differing.length > 0) alarms.raise('backup.drill-differs', { instance, tables: d.differing.length });
  return noted;
}

export const backupWatchChannel = 'backup_watch';

/** Each hour and whenever operations took a backup, until `signal` aborts. */
export const runBackupWatch = (
  options: BackupWatchOptions,
  {
    notifications,
    signal,
    onError,
  }: { readonly notifications: Notifications; readonly signal: AbortSignal; readonly onError: (e: unknown) => void },
): Promise<void> =>
  runLoop({
    notifications,
    channel: backupWatchChannel,
    signal,
    idleMs: 3_600_000,
    onError,
    async step() {
      await watchBackups(options);
      return 'idle';
    },
  });
