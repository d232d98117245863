import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { withClient } from '@musubi/kernel/db/provision.ts';
import { numberFormBytes } from '@musubi/kernel/identifiers/number-forms.ts';

/** Files of a server as somebody finds them who carries its disks away: no password, no key, no SQL. */
export interface Dump {
  readonly files: readonly string[];
  readonly bytes: number;
}

/**
 * The files of a local server behind these databases: tables, indexes and catalogue as they lie on the disk, temporary files, and the
 * write-ahead log from `sinceLsn` on. What is in memory alone is written out first.
 *
 * @returns undefined where the server's folder cannot be read from here (another machine, another user)
 */
export async function dumpOf(
  adminUrl: string,
  databases: readonly string[],
  sinceLsn?: string,
): Promise<Dump | undefined> {
  const place = await withClient(adminUrl, async (client) => {
    await client.query('checkpoint');
    const { rows } = await client.query<{ data: string; first: string; oids: string[] }>(
      `select current_setting('data_directory') as data, pg_walfile_name(coalesce($2::pg_lsn, '0/1000000')) as first,
              array(select oid::text from pg_database where datname = any($1)) as oids`,
      [databases, sinceLsn ?? null],
    );
    return rows[0]!;
  });
  const inFolder = async (folder: string, from = ''): Promise<string[]> =>
    (await readdir(path.join(place.data, folder), { withFileTypes: true }))
      .filter((e) => e.isFile() && e.name >= from)
      .map((e) => path.join(place.data, folder, e.name));
  try {
    const files = [
      ...(await Promise.all(place.oids.map((oid) => inFolder(path.join('base', oid))))).flat(),
      ...(await inFolder(path.join('base', 'pgsql_tmp')).catch(() => [])),
      ...(await inFolder('pg_wal', sinceLsn === undefined ? '' : place.first)),
    ];
    const sizes = await Promise.all(files.map((file) => stat(file).then(({ size }) => size)));
    return { files, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  } catch {
    return undefined;
  }
}

/**
 * Which of the files, or of the files below the folders, hold one of the texts, as bytes. `grep` reads a gigabyte in seconds; the texts
 * go in by its standard input and stand in no file and no argument.
 */
export async function filesHolding(texts: Iterable<Uint8Array>, places: readonly string[]): Promise<string[]> {
  const patterns = Buffer.concat([...texts].flatMap((text, i) => (i === 0 ? [text] : [Buffer.from('\n'), text])));
  if (patterns.length === 0) return [];
  const found: string[] = [];
  // A town has thousands of files: more than fit into the arguments of one command.
  for (let i = 0; i < places.length; i += 1_000) found.push(...(await grep(patterns, places.slice(i, i + 1_000))));
  return found;
}

const grep = (patterns: Buffer, places: readonly string[]): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const child = spawn('grep', ['-rlaF', '-f', '-', '--', ...places], {
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let [found, fault] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (found += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (fault += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      // A segment of the log that was recycled meanwhile is no fault; anything else is.
      const faults = fault.split('\n').filter((line) => line !== '' && !line.endsWith('No such file or directory'));
      if (code === 2 && faults.length > 0) reject(new Error(`grep: ${faults[0]}`));
      else resolve(found.split('\n').filter((line) => line !== ''));
    });
    child.stdin.end(patterns);
  });

/** Files of a dump in which one of the numbers stands in one of its written forms. */
export const filesWithNumbers = (numbers: ReadonlySet<string>, places: readonly string[]): Promise<string[]> =>
  filesHolding([...numbers].flatMap(numberFormBytes), places);
