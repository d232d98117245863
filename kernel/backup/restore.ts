import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { at, rolesOf, withClient } from '../db/provision.ts';
import { err, ok, type Result } from '../result/result.ts';
import {
  copyInto,
  copyOutOf,
  foreignKeyStatement,
  makePartition,
  migrationStatement,
  type TableShape,
  tableStatement,
} from './shape.ts';
import type { BackupStore, Manifest, StoreFault, TableCopy } from './store.ts';

export interface Restored {
  readonly backupId: string;
  readonly tables: number;
  readonly rows: number;
  /** Tables whose rows, copied out of the restored database, are not those that were backed up. */
  readonly differing: readonly string[];
}
export type RestoreFault = StoreFault | 'not-verified' | 'other-release' | 'other-tables';

export interface RestoreTarget {
  /** As for `provisionDatabase`. */
  readonly adminUrl: string;
  /** Provisioned just now with the instance's schemas; whatever its migrations wrote is replaced. */
  readonly database: string;
  /** Owner's role where it is not the database's own name with `_owner`. */
  readonly owner?: string;
}

/**
 * Puts a verified backup into a new database, all or nothing: as a drill, or in earnest. Foreign keys are made anew over the
 * restored rows, so that a backup that contradicts itself does not come up; then every table is copied out again and compared.
 * What a running system made itself, the monthly parts of its log, is made as it stood.
 *
 * Keys stand in no backup of a database: what was erased stays unreadable, because its key is gone from the key store.
 */
export async function restoreBackup(
  store: BackupStore,
  backupId: string,
  target: RestoreTarget,
): Promise<Result<Restored, RestoreFault>> {
  const found = (await store.list()).find((b) => b.manifest.backupId === backupId);
  if (!found) return err('no-such-backup');
  if (!found.verified) return err('not-verified');
  const { manifest } = found;
  return withClient(at(target.adminUrl, target.database), async (client) => {
    await client.query(`set role "${target.owner ?? rolesOf(target.database).owner}"`);
    await client.query('begin');
    const done = await restoreInto(client, { store, manifest, app: rolesOf(target.database).app });
    await client.query(done.ok ? 'commit' : 'rollback');
    return done;
  });
}

/** Takes a database that was made for a restore away again, with its two roles. */
export const dropInstanceDatabase = (adminUrl: string, database: string): Promise<void> =>
  withClient(adminUrl, async (client) => {
    const { owner, app } = rolesOf(database);
    await client.query(`drop database if exists "${database}" with (force)`);
    await client.query(`drop role if exists "${app}", "${owner}"`);
  });

async function restoreInto(
  client: pg.Client,
  { store, manifest, app }: { readonly store: BackupStore; readonly manifest: Manifest; readonly app: string },
): Promise<Result<Restored, RestoreFault>> {
  const { rows: migrations } = await client.query<{ line: string }>(migrationStatement);
  if (`${migrations.map((m) => m.line)}` !== `${manifest.migrations}`) return err('other-release');
  const { rows: provisioned } = await client.query<TableShape>(tableStatement);
  const there = new Set(provisioned.map((s) => s.table));
  for (const { table, partitionOf } of manifest.tables)
    if (partitionOf && !there.has(table)) await client.query(makePartition(table, partitionOf, app));
  const { rows: shapes } = await client.query<TableShape>(tableStatement);
  if (`${shapes.map((s) => s.table)}` !== `${manifest.tables.map((t) => t.table)}`) return err('other-tables');
  const { rows: foreignKeys } = await client.query<{ table: string; name: string; definition: string }>(
    foreignKeyStatement,
  );
  for (const { table } of shapes) await client.query(`alter table ${table} disable trigger user`);
  for (const { table, name } of foreignKeys) await client.query(`alter table ${table} drop constraint ${name}`);
  await client.query(`truncate ${shapes.map((t) => t.table).join(', ')}`);
  for (const table of manifest.tables) {
    const filled = await fill(client, { store, manifest, table });
    if (!filled.ok) return filled;
  }
  for (const { table, name, definition } of foreignKeys)
    await client.query(`alter table ${table} add constraint ${name} ${definition}`);
  for (const { table } of shapes) await client.query(`alter table ${table} enable trigger user`);
  for (const { name, value } of manifest.sequences)
    await client.query('select setval($1::text::regclass, $2)', [name, value]);
  const differing: string[] = [];
  for (const table of manifest.tables) {
    const hash = createHash('sha256');
    for await (const piece of client.query(copyTo(copyOutOf(table)))) hash.update(piece as Uint8Array);
    if (hash.digest('hex') !== table.digest) differing.push(table.table);
  }
  const rows = manifest.tables.reduce((sum, t) => sum + t.rows, 0);
  return ok({ backupId: manifest.backupId, tables: manifest.tables.length, rows, differing });
}

async function fill(
  client: pg.Client,
  { store, manifest, table }: { readonly store: BackupStore; readonly manifest: Manifest; readonly table: TableCopy },
): Promise<Result<undefined, StoreFault>> {
  let fault: StoreFault | undefined;
  async function* rows(): AsyncGenerator<Uint8Array> {
    for (const chunk of table.chunks) {
      const content = await store.get(manifest.generation, chunk.name);
      if (!content.ok) {
        fault = content.error;
        return;
      }
      yield content.value;
    }
  }
  if (table.chunks.length > 0) await pipeline(Readable.from(rows()), client.query(copyFrom(copyInto(table))));
  return fault === undefined ? ok(undefined) : err(fault);
}
