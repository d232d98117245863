// Protections that the database itself keeps: shown by taking away the grant, trigger or constraint and nothing else.
import assert from 'node:assert/strict';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { withTransaction } from '@musubi/kernel/db/database.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { jobsSchema } from '@musubi/kernel/jobs/schema.ts';
import { aNumber, aVault } from '@musubi/kernel/vault/test/a-vault.ts';

const vaultSql = 'kernel/vault/schema/0001_vault.sql';

mechanismTest(
  'vault.number-by-definer-function',
  'design §3 the running system can neither read nor write a number but by function',
  async (_t, point) => {
    await using v = await aVault();
    await v.inAct((tx) => v.vault.put(tx, 'person:1', aNumber()));
    await point.whenOff(`${vaultSql}#grants`, () => v.t.owner('grant select, delete on vault.number to public'));
    await assert.rejects(v.t.db.pool.query('select ciphertext from vault.number'), { code: '42501' });
    await assert.rejects(v.t.db.pool.query('delete from vault.number'), { code: '42501' });
  },
);

mechanismTest(
  'vault.reveal-with-event',
  'design §2.6, 002-III.3-R1-01 a number does not leave without the event of its act',
  async (_t, point) => {
    await using v = await aVault();
    const ref = await v.inAct((tx) => v.vault.put(tx, 'person:1', aNumber()));
    await point.whenOff(`${vaultSql}#events`, () => v.t.owner('drop trigger use_has_event on vault.use'));
    await assert.rejects(
      withTransaction(v.t.db, v.t.deps.newId(), (tx) => v.vault.reveal(tx, ref, 'tax/report')),
      /without the event of its act/,
    );
  },
);

mechanismTest(
  'access.least-privilege-role',
  '001-III.3-R2-22 the log is insert-only for the running system: no row is altered or deleted',
  async (_t, point) => {
    await using t = await testDatabase([auditSchema]);
    await point.whenOff('kernel/audit/schema/0001_audit_log.sql#rights', () =>
      t.owner('grant update, delete on audit.entry to public'),
    );
    await assert.rejects(t.db.pool.query('delete from audit.entry'), { code: '42501' });
    await assert.rejects(t.db.pool.query('update audit.entry set body = body'), { code: '42501' });
  },
);

mechanismTest(
  'input.reject-list-balance',
  '002-III.2-R1B-01 a batch step whose accepted and rejected rows do not add up to what came in is not stored',
  async (_t, point) => {
    await using t = await testDatabase([jobsSchema]);
    await t.owner(
      `insert into jobs.run (run_id, name, params, params_digest, state, started_by, started_on, started_at, event_id)
       values (gen_random_uuid(), 'intake', '{}', decode(repeat('00', 32), 'hex'), 'running', 's1', current_date, now(), gen_random_uuid())`,
    );
    const step = (inCount: number, out: number, rejected: number, no: number) =>
      t.db.pool.query(
        `insert into jobs.step (run_id, step_no, name, total, in_count, out_count, rejected_count, started_at)
         select run_id, $4, 'rows', 300, $1, $2, $3, now() from jobs.run`,
        [inCount, out, rejected, no],
      );
    await point.whenOff('kernel/jobs/schema/0001_jobs.sql#balance', () =>
      t.owner('alter table jobs.step drop constraint step_check'),
    );
    await step(300, 290, 10, 1);
    await assert.rejects(step(300, 290, 9, 2), { code: '23514' });
  },
);
