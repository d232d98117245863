import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { schemasTogether } from '@musubi/kernel/serve/schemas.ts';
import { loadDefinitions, systemNames } from '../cli/definitions.ts';

/* Schemas have names of their own, so one database holds every system's tables beside the kernel's. */

let sets: readonly SchemaSet[];
let t: TestDatabase;
before(async () => {
  const definitions = await loadDefinitions(systemNames);
  sets = schemasTogether(definitions.values());
  t = await testDatabase(sets);
});
after(() => t[Symbol.asyncDispose]());

const asClient = (): Parameters<typeof checkCatalogue>[0] =>
  ({ query: async (text: string) => ({ rows: await t.owner(text) }) }) as never;

test('design §2.7: every column of every system and of the kernel is declared with what it holds', async () => {
  const catalogue = await readCatalogue(sets);
  assert.deepEqual(await checkCatalogue(asClient(), catalogue), []);
  const schemas = new Set(Object.keys(catalogue).map((table) => table.split('.')[0]));
  assert.ok(schemas.size >= sets.length, 'each schema set declares tables');
});

test('design §2.7: no number stands in a plain column: what is declared as number is sealed bytes or points into the vault', async () => {
  const catalogue = await readCatalogue(sets);
  const types = await t.owner<{ column: string; type: string }>(
    `select table_schema || '.' || table_name || '.' || column_name as column, data_type as type from information_schema.columns`,
  );
  const typeOf = new Map(types.map(({ column, type }) => [column, type]));
  const declared = Object.entries(catalogue).flatMap(([table, { columns }]) =>
    Object.entries(columns)
      .filter(([, kind]) => kind.split(' ')[0] === 'number')
      .map(([column]) => `${table}.${column}`),
  );
  assert.ok(declared.length > 0);
  assert.deepEqual(
    declared.filter((column) => !['bytea', 'uuid'].includes(typeOf.get(column) ?? '')),
    [],
  );
});

test('the check sees what it should: an undeclared column, one that is gone, a kind that does not exist', async () => {
  const catalogue = await readCatalogue(sets);
  await t.owner('alter table audit.head add column note text');
  const planted = {
    ...catalogue,
    'jobs.no_such_table': { retention: 'permanent', columns: { a: 'none' } },
    'audit.policy': { retention: '', columns: { ...catalogue['audit.policy']!.columns, keep_months: 'secret' } },
  };
  assert.deepEqual(
    (await checkCatalogue(asClient(), planted)).sort(),
    [
      'audit.head.note is not declared in the catalogue',
      'audit.policy has no retention class',
      'audit.policy.keep_months: there is no kind "secret"',
      'jobs.no_such_table is declared and does not exist',
    ].sort(),
  );
});
