import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { municipalJukiSchema } from '../store/schema-set.ts';

test('設計2.7 どの列も、何を持つかが目録に書かれている', async () => {
  const sets = [auditSchema, municipalJukiSchema];
  await using t = await testDatabase(sets);
  const client = { query: async (text: string) => ({ rows: await t.owner(text) }) };
  // The log's own tables are the kernel's to declare.
  const faults = await checkCatalogue(client as never, await readCatalogue(sets));
  assert.deepEqual(
    faults.filter((fault) => !fault.startsWith('audit.')),
    [],
  );
});
