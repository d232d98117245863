import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { approvalsSchema } from '../../access/approvals/schema.ts';
import { checkCatalogue, readCatalogue } from '../../db/catalogue.ts';
import { testDatabase } from '../../db/testing.ts';
import { sealedSchema } from '../../vault/schema-set.ts';
import { mediaSchema } from '../schema-set.ts';

test('design §2.7: every column of the media register is declared', async () => {
  const schemas = [sealedSchema, approvalsSchema, mediaSchema];
  await using t = await testDatabase(schemas);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('media.')),
    [],
  );
});
