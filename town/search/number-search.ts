import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { findNumbers } from '@musubi/kernel/identifiers/number-forms.ts';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { readableParts } from './readable-parts.ts';

/** A place where an Individual Number stands that must not. The number itself is not told. */
export interface Finding {
  /** `database/table (form of the copy)`, or the path of a file. */
  readonly place: string;
  readonly form: string;
  readonly count: number;
}

export interface SearchReport {
  readonly numbers: number;
  readonly databases: number;
  readonly tables: number;
  readonly files: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

class Tally {
  tables = 0;
  files = 0;
  bytes = 0;
  readonly #found = new Map<string, Finding>();
  readonly #numbers: ReadonlySet<string>;

  constructor(numbers: ReadonlySet<string>) {
    this.#numbers = numbers;
  }
  look(place: string, bytes: Uint8Array): void {
    this.bytes += bytes.length;
    for (const { form } of findNumbers(bytes, this.#numbers)) {
      const key = `${place}\0${form}`;
      this.#found.set(key, { place, form, count: (this.#found.get(key)?.count ?? 0) + 1 });
    }
  }
  get findings(): readonly Finding[] {
    return [...this.#found.values()];
  }
}

/** A piece and the end of the one before it: a number across the border is seen once. */
const overlap = 64;

/**
 * Searches every table of the databases (each read twice: as text, and in the binary form that shows the inside of bytea
 * and jsonb) and every file below the folders, for any of the numbers in any of the forms of design §9.
 *
 * @param databaseUrls addresses for a role that may read everything
 */
export async function searchNumbers(
  numbers: ReadonlySet<string>,
  databaseUrls: readonly string[],
  folders: readonly string[],
  options: {
    readonly skip?: (file: string) => boolean;
    readonly pages?: readonly { place: string; bytes: Uint8Array }[];
  } = {},
): Promise<SearchReport> {
  const tally = new Tally(numbers);
  for (const url of databaseUrls) await searchDatabase(url, tally);
  for (const folder of folders) await searchFolder(folder, options.skip ?? (() => false), tally);
  for (const { place, bytes } of options.pages ?? [])
    for await (const part of readableParts(bytes)) tally.look(place + part.inside, part.bytes);
  const { tables, files, bytes, findings } = tally;
  return { numbers: numbers.size, databases: databaseUrls.length, tables, files, bytes, findings };
}

/** Names of the tables that hold a row, by one question. */
async function filledOf(client: pg.Client, tables: readonly { readonly name: string }[]): Promise<ReadonlySet<string>> {
  const questions = tables.map(
    ({ name }) => `select ${pg.escapeLiteral(name)} as name where exists (select from ${name})`,
  );
  if (questions.length === 0) return new Set();
  const { rows } = await client.query<{ name: string }>(questions.join(' union all '));
  return new Set(rows.map(({ name }) => name));
}

async function searchDatabase(url: string, tally: Tally): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'musubi-search' });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(`
      select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%' order by 1`);
    const filled = await filledOf(client, rows);
    for (const { name } of rows) {
      tally.tables += 1;
      // Most tables of a young town are empty, and copying them out would be most of the search.
      if (!filled.has(name)) continue;
      for (const form of ['text', 'binary'] as const) {
        const place = `${new URL(url).pathname.slice(1)}/${name} (${form})`;
        let before: Buffer = Buffer.alloc(0);
        for await (const chunk of client.query(copyTo(`copy (select * from ${name}) to stdout (format ${form})`))) {
          const piece = Buffer.concat([before, chunk as Buffer]);
          tally.look(place, piece);
          before = piece.subarray(Math.max(0, piece.length - overlap));
        }
      }
    }
  } finally {
    await client.end();
  }
}

async function searchFolder(folder: string, skip: (file: string) => boolean, tally: Tally): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (skip(file)) continue;
    if (entry.isDirectory()) await searchFolder(file, skip, tally);
    else if (entry.isFile() && (await stat(file)).size > 0) {
      tally.files += 1;
      tally.look(file, Buffer.from(entry.name));
      for await (const part of readableParts(await readFile(file))) tally.look(file + part.inside, part.bytes);
    }
  }
}
