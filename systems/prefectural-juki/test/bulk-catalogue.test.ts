import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import pg from 'pg';
import { definition } from '../main.ts';

test('design §2.7: every column of bulk orders and outputs is declared', async () => {
  const schemas = [...kernelSchemas, ...definition.schemas];
  await using t = await testDatabase(schemas);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((fault) => /\.(bulk_|mass_output)/.test(fault)),
    [],
  );
});
