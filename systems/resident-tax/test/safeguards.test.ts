import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { logOrigin, Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { runBackupDay, runDrill } from '@musubi/kernel/backup/run-day.ts';
import { BackupStore } from '@musubi/kernel/backup/store.ts';
import { testServer } from '@musubi/kernel/db/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { aPerson, assessAll, chargeAll, clerk, decideAll, taxSchemas, taxTest } from './assessment-setup.ts';

/* What protects a year's levies when somebody has the database: the log that names the row, the backup that comes back equal. */

const instance = 'meguro/resident-tax';

async function aYear() {
  const x = await taxTest();
  for (const name of ['目黒 太郎', '目黒 花子', '山田 一郎'])
    unwrap(await aPerson(x.deps, clerk, { name, reports: [{ paidYen: 4_000_000 }] }));
  await assessAll(x.deps);
  await decideAll(x.deps);
  await chargeAll(x.deps);
  return x;
}

test('AC-39 操作記録の一行が書き換えられ又は消されると、検証がその位置を示す。賦課の行も同じ', async () => {
  await using x = await aYear();
  const keys = generateKeyPairSync('ed25519');
  const name = logOrigin(instance);
  const logKey = { name, publicKey: keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32) };
  const signer = { ...logKey, sign: (bytes: Uint8Array) => sign(null, bytes, keys.privateKey) };
  const sequencer = new Sequencer({ db: x.deps.db, machineClock: x.deps.machineClock, signer });
  await sequencer.drain();
  await sequencer.checkpoint();
  const defects = async () => (await verifyInstance(x.deps.db, { instance, logKey })).defects;
  assert.deepEqual(await defects(), []);
  const tables = await x.t.owner<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relnamespace = 'audit'::regnamespace and c.relkind in ('r', 'p')
        and c.relname like 'entry%'`,
  );
  for (const { name: table } of tables) await x.t.owner(`alter table ${table} disable trigger user`);
  const decided = await x.t.owner<{ at: number; body: string }>(
    `select leaf_index::int as at, body from audit.entry where body like '%assessment%decid%' order by leaf_index limit 1`,
  );
  const { at, body } = decided[0]!;
  // One character of one line.
  await x.t.owner(`update audit.entry set body = replace(body, 'chief-1', 'chief-2') where leaf_index = $1`, [at]);
  assert.deepEqual(
    (await defects()).filter((d) => d.kind === 'entry-altered').map((d) => d.sequence),
    [at],
  );
  await x.t.owner('update audit.entry set body = $2 where leaf_index = $1', [at, body]);
  assert.deepEqual(await defects(), []);
  await x.t.owner(`update resident_tax.assessment set total_income_yen = total_income_yen + 1
                    where assessment_id = (select assessment_id from resident_tax.assessment limit 1)`);
  const altered = (await defects()).filter((d) => d.kind === 'fact-altered');
  assert.deepEqual(
    altered.map((d) => d.table),
    ['resident_tax.assessment'],
  );
  await x.t.owner('delete from audit.entry where leaf_index = $1', [at]);
  assert.ok((await defects()).some((d) => d.kind === 'entry-missing' && d.sequence === at));
});

/** 目標復旧時間 for a database of this size, in seconds; a ward's whole year is measured in bench/. */
const statedSeconds = 60;

test('AC-44 別の場所の控えから復元すると、全表の件数と照合値が目録と一致し、目標復旧時間に収まる。欠けた控えは復元されない', async () => {
  await using x = await aYear();
  const folder = await mkdtemp(path.join(tmpdir(), 'musubi-other-site-'));
  try {
    const adminUrl = await testServer();
    const [role] = await x.t.owner<{ owner: string }>(
      `select rolname as owner from pg_namespace n join pg_roles r on r.oid = n.nspowner where n.nspname = 'musubi'`,
    );
    const store = new BackupStore(folder, randomBytes(32), { sync: false });
    const source = { adminUrl, database: new URL(x.t.url).pathname.slice(1), owner: role!.owner };
    const backups = { source, store, machineClock: x.deps.machineClock, newId: x.deps.newId };
    const today = x.deps.civilClock.today();
    const made = unwrap(await runBackupDay(backups, { instance, today, keepDays: 35 }));
    // What happens after the backup is not in it: the drill compares with the manifest, not with the present.
    unwrap(await aPerson(x.deps, clerk, { name: '後の 人', reports: [] }));
    const began = performance.now();
    const drill = unwrap(await runDrill(backups, { instance, today, schemas: taxSchemas }));
    const seconds = (performance.now() - began) / 1000;
    assert.equal(drill.backupId, made.taken?.backupId);
    assert.deepEqual(drill.differing, []);
    const [listed] = await store.list();
    const manifest = listed!.manifest;
    const levies = manifest.tables.find((t) => t.table === 'resident_tax.assessment');
    assert.equal(levies?.rows, 3);
    assert.equal(
      drill.rows,
      manifest.tables.reduce((sum, t) => sum + t.rows, 0),
    );
    assert.ok(seconds < statedSeconds, `${seconds} s`);
    // One part lost at the other site: nothing comes up, and nothing is taken for a restore.
    const parts = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
      (f) => f.isFile() && !f.name.endsWith('.json'),
    );
    for (const part of parts) await rm(path.join(part.parentPath, part.name));
    assert.ok(!(await runDrill(backups, { instance, today, schemas: taxSchemas })).ok);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
