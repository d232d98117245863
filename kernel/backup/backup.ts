import { to as copyTo } from 'pg-copy-streams';
import type { MachineClock } from '../clocks/clock.ts';
import { at, rolesOf, withClient } from '../db/provision.ts';
import type { NewId } from '../ids/uuid.ts';
import { err, type Result } from '../result/result.ts';
import { inChunks } from './chunks.ts';
import { copyOutOf, migrationStatement, sequenceStatement, type TableShape, tableStatement } from './shape.ts';
import type { BackupKind, BackupStore, Manifest, TableCopy, Verified } from './store.ts';
import { type VerifyFault, verifyBackup } from './verify.ts';

/** The instance's database on its server. The running system's own role cannot read all that a backup needs: its owner's can. */
export interface BackupSource {
  /** As for `provisionDatabase`. */
  readonly adminUrl: string;
  readonly database: string;
  /** Owner's role where it is not the database's own name with `_owner`. */
  readonly owner?: string;
}
export interface BackupDeps {
  readonly source: BackupSource;
  readonly store: BackupStore;
  readonly machineClock: MachineClock;
  readonly newId: NewId;
}
export interface BackupOrder {
  readonly instance: string;
  readonly kind: BackupKind;
  readonly on: Temporal.PlainDate;
}

/**
 * A backup of the whole instance at one moment, while it works. `full` writes every part anew; `incremental` writes the parts
 * that its generation does not hold yet. It is a backup only once it was read back from the disk and found equal.
 *
 * @returns `under-way` where another one runs; `no-full-backup` where there is no generation to add to
 */
export async function takeBackup(
  deps: BackupDeps,
  order: BackupOrder,
): Promise<Result<Verified, 'under-way' | 'no-full-backup' | VerifyFault>> {
  const { source, store } = deps;
  const backupId = deps.newId();
  const last = (await store.list()).findLast((b) => b.manifest.instance === order.instance && b.verified);
  const generation = order.kind === 'full' ? backupId : last?.manifest.generation;
  if (generation === undefined) return err('no-full-backup');
  const about = {
    backupId,
    instance: order.instance,
    kind: order.kind,
    generation,
    takenAt: deps.machineClock.now().toString(),
    takenOn: order.on.toString(),
  };
  const copied = await copyDatabase(source, (content) => store.put(generation, content));
  if (copied === undefined) return err('under-way');
  await store.putManifest({ ...about, ...copied });
  return verifyBackup(deps, backupId);
}

type Copied = Pick<Manifest, 'migrations' | 'tables' | 'sequences' | 'added'>;

/** All tables as they stood at one moment. Undefined where another backup of this database runs. */
function copyDatabase(source: BackupSource, put: Parameters<typeof inChunks>[1]): Promise<Copied | undefined> {
  return withClient(at(source.adminUrl, source.database), async (client) => {
    await client.query(`set role "${source.owner ?? rolesOf(source.database).owner}"`);
    await client.query('begin isolation level repeatable read read only');
    const { rows: lock } = await client.query<{ got: boolean }>(
      `select pg_try_advisory_xact_lock(hashtextextended('musubi backup', 0)) as got`,
    );
    if (!lock[0]?.got) return undefined;
    const { rows: shapes } = await client.query<TableShape>(tableStatement);
    const tables: TableCopy[] = [];
    let added = 0;
    for (const shape of shapes) {
      const copied = await inChunks(client.query(copyTo(copyOutOf(shape))), put);
      added += copied.added;
      tables.push({ ...shape, rows: copied.rows, digest: copied.digest, chunks: copied.chunks });
    }
    const { rows: sequences } = await client.query<{ name: string; value: string }>(sequenceStatement);
    const { rows: migrations } = await client.query<{ line: string }>(migrationStatement);
    await client.query('commit');
    return { migrations: migrations.map((m) => m.line), tables, sequences, added };
  });
}
