import { type ActDeps, type Actor, act, look } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { ok, type Result } from '../result/result.ts';
import type { BackupKind, Drill, Verified } from './store.ts';

/** Who notes: the instance's own loop. */
export const backupActor: Actor = { kind: 'job', name: 'backup-book' };

/**
 * Notes in the instance's own log which backups operations took and read back, and which drills they made. Repeats change nothing.
 *
 * @returns how many were new
 */
export const noteBackups = act('backup.note', {
  right: ['backup', 'book', 'update'],
  async run(
    tx,
    deps: ActDeps,
    told: { readonly backups: readonly Verified[]; readonly drills: readonly Drill[] },
  ): Promise<Result<number, never>> {
    const at = deps.machineClock.now();
    const facts = new Set<string>();
    let fresh = 0;
    const first = await tx`
      insert into backup.expected (since, since_at, event_id)
      values (${deps.civilClock.today()}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
    if (first.length > 0) facts.add('backup.expected');
    for (const b of told.backups) {
      const made = await tx`
        insert into backup.noted (backup_id, kind, taken_on, verified_at, tables, rows, added, noted_at, event_id)
        values (${b.backupId}, ${b.kind}, ${b.takenOn}, ${b.verifiedAt}, ${b.tables}, ${b.rows}, ${b.added}, ${at}, ${tx.eventId})
        on conflict (backup_id) do nothing returning 1`;
      if (made.length > 0) facts.add('backup.noted');
      fresh += made.length;
    }
    for (const d of told.drills) {
      const made = await tx`
        insert into backup.drill (drill_id, backup_id, drilled_on, tables, rows, differing, noted_at, event_id)
        select ${d.drillId}, b.backup_id, ${d.drilledOn}::date, ${d.tables}, ${d.rows}, ${d.differing}::text[], ${at}, ${tx.eventId}
          from backup.noted b where b.backup_id = ${d.backupId}
        on conflict (drill_id) do nothing returning 1`;
      if (made.length > 0) facts.add('backup.drill');
      fresh += made.length;
    }
    tx.record({ event: 'backup.noted', facts: [...facts], detail: { fresh } });
    return ok(fresh);
  },
});

/** Which of these are not noted yet; without an event, because most looks find none. */
export const unknownBackups = look('backup.unknown', {
  right: ['backup', 'book', 'update'],
  async run(tx, _deps: ActDeps, ids: { readonly backups: readonly string[]; readonly drills: readonly string[] }) {
    const rows = await tx<{ id: string }>`
      select u.id from unnest(${[...ids.backups, ...ids.drills]}::uuid[]) as u(id)
       where not exists (select from backup.noted b where b.backup_id = u.id)
         and not exists (select from backup.drill d where d.drill_id = u.id)`;
    const expected = await tx`select 1 from backup.expected`;
    return { ids: new Set(rows.map((r) => r.id)), isFirst: expected.length === 0 };
  },
});

export interface BackupLine {
  readonly backupId: string;
  readonly kind: BackupKind;
  readonly takenOn: string;
  readonly verifiedAt: Temporal.Instant;
  readonly tables: number;
  readonly rows: number;
  readonly added: number;
  /** The latest drill with it. */
  readonly drilledOn: string | null;
  readonly drillEqual: boolean | null;
}

/**
 * How far the backups are behind: 0 where the last one is of yesterday or today, or where none are expected. By both clocks, so
 * that a town whose calendar leaps over weeks is late only when a real day has passed too.
 *
 * @returns whole civil days since the last backup, or since they were first expected
 */
export async function backupDaysLate(tx: Tx, { civilClock, machineClock }: ActDeps): Promise<number> {
  const [row] = await tx<{ since: string; at: string; last: string | null; lastAt: string | null }>`
    select e.since::text, to_json(e.since_at)#>>'{}' as at, b.taken_on::text as last, to_json(b.verified_at)#>>'{}' as "lastAt"
      from backup.expected e left join lateral (select * from backup.noted order by verified_at desc limit 1) b on true`;
  if (!row) return 0;
  const days = Temporal.PlainDate.from(row.last ?? row.since).until(civilClock.today()).days;
  const hours = machineClock
    .now()
    .since(Temporal.Instant.from(row.lastAt ?? row.at))
    .total('hours');
  return days > 1 && hours > 24 ? days : 0;
}

/** What the page of an instance says of its backups. Days and counts alone. */
export const lastBackupsNoted = look('backup.last', {
  right: ['backup', 'book', 'read'],
  run: async (tx, deps: ActDeps, { limit }: { readonly limit: number }) => {
    const [row] = await tx<{ since: string }>`select since::text from backup.expected`;
    return {
      expectedSince: row?.since,
      daysLate: await backupDaysLate(tx, deps),
      backups: await readBackups(tx, limit),
    };
  },
});

/** Newest first. */
export async function readBackups(tx: Tx, limit: number): Promise<BackupLine[]> {
  const rows = await tx<Omit<BackupLine, 'verifiedAt'> & { verifiedAt: string }>`
    select b.backup_id as "backupId", b.kind, b.taken_on::text as "takenOn", to_json(b.verified_at)#>>'{}' as "verifiedAt",
           b.tables, b.rows, b.added, d.drilled_on::text as "drilledOn", cardinality(d.differing) = 0 as "drillEqual"
      from backup.noted b
      left join lateral (select * from backup.drill d where d.backup_id = b.backup_id order by drilled_on desc limit 1) d on true
     order by b.verified_at desc limit ${limit}`;
  return rows.map((r) => ({ ...r, verifiedAt: Temporal.Instant.from(r.verifiedAt) }));
}
