import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import pg from 'pg';
import { schemas } from './a-town.ts';

test('design §2.7: every column of the system is declared', async () => {
  await using t = await testDatabase(schemas);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('collections.')),
    [],
  );
});
