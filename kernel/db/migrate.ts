import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';

/** A set of numbered SQL files (`0001_why.sql`), applied in order and never edited once applied. */
export interface SchemaSet {
  /** `audit`, `resident-tax` */
  readonly name: string;
  readonly directory: URL;
}

export interface Migration {
  readonly set: string;
  readonly number: number;
  readonly file: string;
  readonly sql: string;
  readonly checksum: string;
}

export async function readMigrations(sets: readonly SchemaSet[]): Promise<Migration[]> {
  const all: Migration[] = [];
  for (const set of sets) {
    const files = (await readdir(set.directory)).filter((f) => f.endsWith('.sql')).sort();
    for (const [i, file] of files.entries()) {
      const match = /^(\d{4})_[a-z0-9_-]+\.sql$/.exec(file);
      if (!match) throw new Error(`${set.name}: ${file} is not named NNNN_why.sql`);
      if (Number(match[1]) !== i + 1) throw new Error(`${set.name}: number ${i + 1} is missing before ${file}`);
      const sql = await readFile(new URL(file, directoryUrl(set.directory)), 'utf8');
      all.push({
        set: set.name,
        number: i + 1,
        file,
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
      });
    }
  }
  return all;
}

const directoryUrl = (url: URL): URL => (url.href.endsWith('/') ? url : new URL(`${url.href}/`));

/** Any constant will do, as long as every version of the program uses the same one. */
const migrationLock = 4_206_001;

/**
 * Brings a database to the newest form. `client` is connected as the owner role. One transaction a file, all under an
 * advisory lock, so that two starts at once do it once. Throws where an applied file was changed or removed.
 *
 * @returns the files that were applied now
 */
export async function migrate(
  client: pg.ClientBase,
  sets: readonly SchemaSet[],
  roles: { readonly owner: string; readonly app: string },
): Promise<string[]> {
  const migrations = await readMigrations(sets);
  await client.query('select pg_advisory_lock($1)', [migrationLock]);
  try {
    await client.query(`create schema if not exists musubi`);
    await client.query(`create table if not exists musubi.migration (
      set_name text not null, number int not null, file text not null, checksum text not null,
      applied_at timestamptz not null default now(), primary key (set_name, number))`);
    const { rows } = await client.query<{ set_name: string; number: number; file: string; checksum: string }>(
      'select set_name, number, file, checksum from musubi.migration order by set_name, number',
    );
    const known = new Map(migrations.map((m) => [`${m.set}/${m.number}`, m]));
    for (const row of rows) {
      const now = known.get(`${row.set_name}/${row.number}`);
      if (!now) throw new Error(`migration ${row.set_name}/${row.file} was applied and is gone from the program`);
      if (now.checksum !== row.checksum)
        throw new Error(`migration ${row.set_name}/${row.file} was changed after it was applied`);
    }
    const applied = new Set(rows.map((r) => `${r.set_name}/${r.number}`));
    const done: string[] = [];
    for (const m of migrations) {
      if (applied.has(`${m.set}/${m.number}`)) continue;
      await client.query('begin');
      try {
        await client.query(m.sql.replaceAll('{app}', quote(roles.app)).replaceAll('{owner}', quote(roles.owner)));
        await client.query('insert into musubi.migration (set_name, number, file, checksum) values ($1, $2, $3, $4)', [
          m.set,
          m.number,
          m.file,
          m.checksum,
        ]);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw new Error(`migration ${m.set}/${m.file}: ${(error as Error).message}`, { cause: error });
      }
      done.push(`${m.set}/${m.file}`);
    }
    return done;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]);
  }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
