import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { enforced } from '../enforcement/enforcement.ts';
import type { SchemaSet } from './migrate.ts';

/** What a column holds (design §2.7). `number`: an Individual Number, only ever sealed; `code`: an internal id or code. */
export type ColumnKind = 'personal' | 'number' | 'code' | 'sealed' | 'none';

/** A column is a kind, or a kind with its 別添2 item: `"personal 氏名"`. */
export interface CatalogueTable {
  /** Retention class; a table without one has no rows that expire. */
  readonly retention: string;
  readonly columns: Readonly<Record<string, string>>;
}
export type Catalogue = Readonly<Record<string, CatalogueTable>>;

const kinds: readonly string[] = ['personal', 'number', 'code', 'sealed', 'none'] satisfies ColumnKind[];

/** Reads `catalogue.json` beside each set's schema folder. */
export async function readCatalogue(sets: readonly SchemaSet[]): Promise<Catalogue> {
  const all: Record<string, CatalogueTable> = {};
  for (const set of sets) {
    const base = set.directory.href.endsWith('/') ? set.directory.href : `${set.directory.href}/`;
    Object.assign(all, JSON.parse(await readFile(new URL('../catalogue.json', base), 'utf8')) as Catalogue);
  }
  return all;
}

/** Schemas of the systems that may hold Individual Numbers (design §3): each only by reference into its own vault. */
const numberHolders: readonly string[] = [
  'resident_register',
  'municipal_juki',
  'prefectural_juki',
  'national_juki',
  'common_platform',
  'resident_tax',
  'child_chronic',
  'qualifications',
  'number_collection',
  'statutory_reports',
];

/** A number stands in the vault; elsewhere its reference, and that only where the design places one. Never under another kind. */
function isMisplaced(table: string, column: string, type: string, kind: string | undefined): boolean {
  const [schema = ''] = table.split('.');
  if (schema === 'vault') return false;
  const isNumber = kind?.split(' ')[0] === 'number';
  if (!isNumber) return /(^|_)(individual|my)_?number(_|$)/.test(column) && type !== 'uuid' && type !== 'boolean';
  return type !== 'uuid' || !numberHolders.includes(schema);
}

/**
 * Compares the catalogue with what stands in the database. Every difference is a sentence: an undeclared table or
 * column, one that is declared and gone, a kind that does not exist.
 */
export async function checkCatalogue(client: pg.ClientBase, catalogue: Catalogue): Promise<string[]> {
  const { rows } = await client.query<{ table: string; column: string; type: string }>(`
    select n.nspname || '.' || c.relname as table, a.attname as column, format_type(a.atttypid, null) as type
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
       and n.nspname not in ('pg_catalog', 'information_schema', 'musubi') and n.nspname not like 'pg\\_%'
     order by 1, a.attnum`);
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { table, column, type } of rows) {
    seen.add(table);
    seen.add(`${table}.${column}`);
    const kind = catalogue[table]?.columns[column];
    if (enforced('vault.number-placement') && isMisplaced(table, column, type, kind))
      faults.push(`${table}.${column} may not hold an Individual Number`);
    if (enforced('data.catalogue') && kind === undefined)
      faults.push(`${table}.${column} is not declared in the catalogue`);
    else if (kind !== undefined && !kinds.includes(kind.split(' ')[0] ?? ''))
      faults.push(`${table}.${column}: there is no kind "${kind}"`);
  }
  for (const [table, { columns, retention }] of Object.entries(catalogue)) {
    if (!retention) faults.push(`${table} has no retention class`);
    if (!seen.has(table)) faults.push(`${table} is declared and does not exist`);
    else
      for (const column of Object.keys(columns))
        if (!seen.has(`${table}.${column}`)) faults.push(`${table}.${column} is declared and does not exist`);
  }
  return faults;
}
