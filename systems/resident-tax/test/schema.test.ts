import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { jobsSchema } from '@musubi/kernel/jobs/schema.ts';
import { streamsSchema } from '@musubi/kernel/streams/schema.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { residentTaxSchema } from '../store/schema-set.ts';

const sets = [auditSchema, vaultSchema, sealedSchema, streamsSchema, jobsSchema, approvalsSchema, residentTaxSchema];

test('design §2.7 個人住民税: every column stands in the catalogue, and nothing else', async () => {
  await using t = await testDatabase(sets);
  const client = { query: async (text: string) => ({ rows: await t.owner(text) }) };
  const faults = await checkCatalogue(client as never, await readCatalogue([residentTaxSchema]));
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('resident_tax.')),
    [],
  );
});

test('design §2.5 個人住民税: facts are only ever added; the running system may change the two current-state tables alone', async () => {
  await using t = await testDatabase(sets);
  const rows = await t.owner<{ table: string; privilege: string }>(`
    select distinct table_name as table, privilege_type as privilege from information_schema.column_privileges
     where table_schema = 'resident_tax' and privilege_type = 'UPDATE' and grantee <> grantor order by 1`);
  assert.deepEqual(
    rows.map((r) => r.table).filter((name) => ['person', 'report_state'].includes(name)),
    ['person', 'report_state'],
  );
  const deletes = await t.owner(`select 1 from information_schema.table_privileges
     where table_schema = 'resident_tax' and privilege_type in ('DELETE', 'TRUNCATE') and grantee <> grantor`);
  assert.deepEqual(deletes, []);
});
