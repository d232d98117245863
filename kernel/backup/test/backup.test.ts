import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Sequencer } from '../../audit/sequencer.ts';
import { auditSink } from '../../audit/sink.ts';
import { assess, clerk, testKey } from '../../audit/test/ward.ts';
import { verifyInstance } from '../../audit/verify.ts';
import { SettableCivilClock, tickingClock } from '../../clocks/clock.ts';
import { type ActDeps, act } from '../../db/act.ts';
import { type Database, openDatabase, withTransaction } from '../../db/database.ts';
import { at, markTown, provisionDatabase, withClient } from '../../db/provision.ts';
import { everyoneAllowed, type TestDatabase, testDatabase, testServer } from '../../db/testing.ts';
import { mechanismTest } from '../../enforcement/testing.ts';
import { makeIndividualNumber } from '../../identifiers/individual-number.ts';
import { uuidV7Maker } from '../../ids/uuid.ts';
import { createPageApp } from '../../pages/app.ts';
import { trainingTown } from '../../pages/layout.ts';
import { seededRandom, systemRandom } from '../../random/random.ts';
import { err, ok, unwrap } from '../../result/result.ts';
import { organisationConfig } from '../../serve/config.ts';
import { addProcessPage } from '../../serve/process-page.ts';
import { kernelSchemas } from '../../serve/schemas.ts';
import { fileKeyProvider } from '../../vault/key-provider.ts';
import { SqliteKeyStore } from '../../vault/key-store/sqlite-key-store.ts';
import { carryOutErasures, orderErasure } from '../../vault/sealed/erasure.ts';
import { SealedStore } from '../../vault/sealed/sealed-store.ts';
import { Vault } from '../../vault/vault.ts';
import { takeBackup } from '../backup.ts';
import { backUpOrganisation, restoreInstance } from '../organisation.ts';
import { restoreBackup } from '../restore.ts';
import { runBackupDay, runDrill } from '../run-day.ts';
import { backupDue, expireBackups, lastBackups } from '../schedule.ts';
import { BackupStore } from '../store.ts';
import { verifyBackup } from '../verify.ts';
import { watchBackups } from '../watch.ts';

const instance = 'tokyo/prefectural-juki';
const day = (text: string) => Temporal.PlainDate.from(text);
const job = { kind: 'job', name: 'test' } as const;

/** A database with numbers, sealed objects and a log, and a folder for its backups. */
async function aHouse() {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-backup-'));
  const t: TestDatabase = await testDatabase(kernelSchemas);
  const adminUrl = await testServer();
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'store'), keys, keepBackupDays: 7 });
  const { machineClock, newId, civilClock } = t.deps;
  const vault = new Vault({ keys, machineClock, newId });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const audit = vault.audited(sealed.audited(auditSink({ instance, random: systemRandom })));
  const deps = { ...t.deps, audit };
  const hold = act('test.hold', {
    right: ['test', 'thing', 'update'],
    async run(tx, _deps: typeof deps, content: string) {
      tx.record({ event: 'thing.held' });
      await vault.put(tx, `person:${newId()}`, makeIndividualNumber(systemRandom));
      return ok((await sealed.seal(tx, Buffer.from(content), { kind: 'thing', retentionClass: 'tax-7y' })).ref);
    },
  });
  const url = new URL(t.url);
  const folder = path.join(directory, 'backups');
  const store = new BackupStore(folder, randomBytes(32), { sync: false });
  const [role] = await t.owner<{ owner: string }>(
    `select rolname as owner from pg_database d join pg_namespace n on n.nspname = 'musubi' join pg_roles r on r.oid = n.nspowner where datname = current_database()`,
  );
  const owner = role!.owner;
  const source = { adminUrl, database: url.pathname.slice(1), owner };
  const made: string[] = [];
  return {
    t,
    deps,
    source,
    folder,
    store,
    sealed,
    hold: async (content: string) => unwrap(await hold(deps, job, content)),
    async erase(ref: string) {
      const order = act('test.order', {
        right: ['test', 'thing', 'update'],
        async run(tx, d: typeof deps, _c: null) {
          tx.record({ event: 'erasure.ordered' });
          return ok(await orderErasure(tx, d, `object:${ref}`, 'term-over'));
        },
      });
      const carry = act('test.carry', {
        right: ['test', 'thing', 'update'],
        async run(tx, d: typeof deps, _c: null) {
          tx.record({ event: 'erasures.carried-out' });
          return ok(await carryOutErasures(tx, { ...d, keyStore }));
        },
      });
      unwrap(await order(deps, job, null));
      assert.equal(unwrap(await carry(deps, job, null)), 1);
    },
    take: (kind: 'full' | 'incremental', on = '2026-06-01') =>
      takeBackup({ source, store, machineClock, newId }, { instance, kind, on: day(on) }),
    verify: (backupId: string) => verifyBackup({ store, machineClock }, backupId),
    /** A database as an operator provisions one for a drill. */
    async empty(schemas = kernelSchemas) {
      const database = `t_${randomBytes(8).toString('hex')}`;
      made.push(database);
      await provisionDatabase(adminUrl, { database, appPassword: 'drill', schemas });
      return { adminUrl, database };
    },
    parts: async () =>
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((e) => e.isFile() && /^[0-9a-f]{64}$/.test(e.name))
        .map((e) => path.join(e.parentPath, e.name)),
    civilClock,
    async [Symbol.asyncDispose]() {
      keyStore[Symbol.dispose]();
      for (const database of made) {
        await t.owner(`drop database if exists ${database} with (force)`);
        await t.owner(`drop role if exists ${database}_app`);
        await t.owner(`drop role if exists ${database}_owner`);
      }
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const wardSchema = { name: 'ward', directory: new URL('../../audit/test/schema/', import.meta.url) };

/** What operations see of an instance in the browser: its page of the running program. */
function processPage(deps: ActDeps) {
  const app = createPageApp({
    system: { id: 'prefectural-juki', name: '住基', gloss: 'Juki' },
    organisation: { id: 'tokyo', name: '東京都', gloss: 'Tokyo' },
    environment: trainingTown,
    session: {
      read: async () => ({
        actor: clerk,
        displayName: '運用 守',
        position: '運用担当',
        csrfSecret: new Uint8Array(32),
      }),
    },
    mayOpen: async () => true,
    stylesheet: { href: '/-/style.css', css: '' },
    random: systemRandom,
  });
  addProcessPage(app, deps);
  return { app, shown: async () => (await app.fetch(new Request('http://juki.localhost/process'))).text() };
}

test('003-III.7-R1-A12 控えは全体と差分で取られ、読み戻して一致したときだけ控えと数えられ、どこにも読める形がない', async () => {
  await using house = await aHouse();
  await house.hold('東京都目黒区上目黒二丁目19番15号');
  const full = unwrap(await house.take('full'));
  assert.ok(full.rows > 0 && full.added > 0);
  await house.hold('東京都目黒区中目黒一丁目1番1号');
  const next = unwrap(await house.take('incremental', '2026-06-02'));
  assert.equal(next.tables, full.tables);
  assert.ok(next.rows > full.rows);
  // What did not change is not written again.
  assert.ok(next.added < full.added, `${next.added} < ${full.added}`);
  assert.deepEqual(await lastBackups(house.store, instance), { full: '2026-06-01', any: '2026-06-02' });
  const [number] = await house.t.owner<{ c: Buffer }>('select ciphertext as c from vault.number limit 1');
  for (const file of await house.parts()) {
    const bytes = await readFile(file);
    for (const plain of [Buffer.from('vault'), number!.c, Buffer.from(number!.c.toString('hex'))])
      assert.equal(bytes.includes(plain), false);
  }
  // Without its key a folder is nothing.
  assert.deepEqual(await new BackupStore(house.folder, randomBytes(32)).list(), []);
});

test('003-III.7-R1-B12 復元の訓練: 新しいデータベースに戻し、全表の件数と照合値が一致し', async () => {
  await using house = await aHouse();
  for (const content of ['一', '二', '三']) await house.hold(content);
  await house.hold('四');
  unwrap(await house.take('full'));
  await house.hold('五');
  const { backupId, rows } = unwrap(await house.take('incremental', '2026-06-02'));
  const into = await house.empty();
  const restored = unwrap(await restoreBackup(house.store, backupId, into));
  assert.deepEqual([restored.rows, restored.differing], [rows, []]);
  const url = new URL(into.adminUrl);
  url.pathname = `/${into.database}`;
  await using again = openDatabase({ url: url.href });
  const count = async (statement: string, of: { query(s: string): Promise<{ rows: object[] }> }) =>
    (await of.query(statement)).rows;
  for (const statement of [
    'select count(*) from vault.number',
    'select count(*) from audit.intake_event',
    `select count(*) from pg_constraint where contype = 'f'`,
    `select count(*) from pg_trigger where tgenabled = 'O' and not tgisinternal`,
    'select last_value from audit.intake_event_intake_no_seq',
  ])
    assert.deepEqual(
      (await count(statement, again.pool)).map((r) => Object.values(r).map(String)),
      (await house.t.owner(statement)).map((r) => Object.values(r).map(String)),
      statement,
    );
});

test('003 scenario 28・29 消去したものは、消去の前に取った控えを復元しても読めない', async () => {
  await using house = await aHouse();
  const [gone, stays] = [await house.hold('消える'), await house.hold('残る')];
  const { backupId } = unwrap(await house.take('full'));
  await house.erase(gone);
  const into = await house.empty();
  assert.deepEqual(unwrap(await restoreBackup(house.store, backupId, into)).differing, []);
  const url = new URL(into.adminUrl);
  url.pathname = `/${into.database}`;
  await using again = openDatabase({ url: url.href });
  const open = act('test.open', {
    right: ['test', 'thing', 'update'],
    async run(tx, _deps: typeof house.deps, ref: typeof gone) {
      tx.record({ event: 'thing.opened' });
      const opened = await house.sealed.open(tx, ref, 'test/open');
      return ok(opened.ok ? opened.value.toString() : opened.error);
    },
  });
  const restored = { ...house.deps, db: again };
  assert.equal(unwrap(await open(restored, job, stays)), '残る');
  assert.notEqual(unwrap(await open(restored, job, gone)), '消える');
});

mechanismTest(
  'backup.verified',
  '003-III.7-R1-A12 一箇所でも失われ、または変わった控えは、控えと数えられず、復元にも使えない',
  async () => {
    await using house = await aHouse();
    await house.hold('一');
    const { backupId } = unwrap(await house.take('full'));
    const [part] = await house.parts();
    const bytes = await readFile(part!);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(part!, bytes);
    assert.deepEqual(await house.verify(backupId), err('part-changed'));
    await rm(part!);
    assert.deepEqual(await house.verify(backupId), err('part-missing'));
  },
);

test('a backup that was never verified, another release, a missing generation: each has its word and nothing comes up', async () => {
  await using house = await aHouse();
  assert.deepEqual(await house.take('incremental'), err('no-full-backup'));
  const { backupId } = unwrap(await house.take('full'));
  const into = await house.empty();
  assert.deepEqual(await restoreBackup(house.store, house.t.deps.newId(), into), err('no-such-backup'));
  const other = await house.empty(kernelSchemas.slice(0, 4));
  assert.deepEqual(await restoreBackup(house.store, backupId, other), err('other-release'));
  await rm(path.join(house.folder, `${backupId}.verified.json`));
  assert.deepEqual(await restoreBackup(house.store, backupId, into), err('not-verified'));
});

test('two backups at once: one is made, the other says that it is under way', async () => {
  await using house = await aHouse();
  for (let i = 0; i < 20; i++) await house.hold(`${i}`);
  const both = await Promise.all([house.take('full'), house.take('full')]);
  assert.ok(both.some((b) => b.ok));
  for (const b of both) if (!b.ok) assert.equal(b.error, 'under-way');
});

test('控えの計画と期限: 日曜と七日ごとに全体、ほかの日は差分、一日一回。期限の過ぎた控えと、誰も指さない部分だけが消える', async () => {
  const due = (full: string | undefined, any: string | undefined, on: string) => backupDue({ full, any }, day(on));
  assert.equal(due(undefined, undefined, '2026-06-02'), 'full');
  assert.equal(due('2026-06-02', '2026-06-02', '2026-06-02'), undefined);
  assert.equal(due('2026-06-02', '2026-06-02', '2026-06-03'), 'incremental');
  assert.equal(due('2026-06-02', '2026-06-06', '2026-06-07'), 'full');
  assert.equal(due('2026-06-01', '2026-06-07', '2026-06-08'), 'full');
  await using house = await aHouse();
  await house.hold('一');
  unwrap(await house.take('full', '2026-06-01'));
  const before = await house.parts();
  await house.hold('二');
  const kept = unwrap(await house.take('full', '2026-07-05'));
  assert.equal((await expireBackups(house.store, { today: day('2026-07-06'), keepDays: 35 })).length, 0);
  assert.equal((await expireBackups(house.store, { today: day('2026-07-07'), keepDays: 35 })).length, 1);
  const after = await house.parts();
  assert.ok(before.every((part) => !after.includes(part)) && after.length > 0);
  assert.ok((await house.verify(kept.backupId)).ok);
  // The last one stays, however old.
  assert.equal((await expireBackups(house.store, { today: day('2030-01-01'), keepDays: 35 })).length, 0);
});

test('U25 控えと訓練は運用側の日次で行われ、システムは鍵を持たずにその記録を残し、遅れと不一致を知らせる', async () => {
  await using house = await aHouse();
  await house.hold('一');
  const backups = {
    source: house.source,
    store: house.store,
    machineClock: house.deps.machineClock,
    newId: house.deps.newId,
  };
  const today = house.deps.civilClock.today();
  const first = unwrap(await runBackupDay(backups, { instance, today, keepDays: 35 }));
  assert.equal(first.taken?.kind, 'full');
  assert.equal(unwrap(await runBackupDay(backups, { instance, today, keepDays: 35 })).taken, undefined);
  const drill = unwrap(await runDrill(backups, { instance, today, schemas: kernelSchemas }));
  assert.deepEqual([drill.backupId, drill.differing], [first.taken?.backupId, []]);
  await writeFile(path.join(house.folder, 'x.verified.json'), '{"backupId":"not one"}');
  const raised: string[] = [];
  const watch = (now = house.deps.machineClock.now()) =>
    watchBackups({
      deps: { ...house.deps, machineClock: { now: () => now } },
      instance,
      folder: house.folder,
      alarms: { raise: (a) => void raised.push(a) },
    });
  assert.equal(await watch(), 2);
  assert.equal(await watch(), 0);
  assert.deepEqual(raised, []);
  const kept = await house.t.owner<{ kind: string; equal: boolean }>(
    'select b.kind, cardinality(d.differing) = 0 as equal from backup.noted b join backup.drill d using (backup_id)',
  );
  assert.deepEqual(kept, [{ kind: 'full', equal: true }]);
  await house.store.noteDrill({ ...drill, drillId: house.deps.newId(), differing: ['vault.number'] });
  house.deps.civilClock.set('2026-06-03');
  const later = house.deps.machineClock.now().add({ hours: 25 });
  assert.equal(await watch(), 1, 'a town whose calendar leaps is not late before a real day has passed');
  assert.deepEqual(raised, ['backup.drill-differs']);
  await watch(later);
  assert.deepEqual(raised, ['backup.drill-differs', 'backup.overdue']);
  // 稼働中のプログラム and the operators' page say it, until a backup is there.
  const { shown } = processPage({ ...house.deps, machineClock: { now: () => later } });
  assert.match(await shown(), /控えが2日取られていません/);
  unwrap(await runBackupDay(backups, { instance, today: day('2026-06-03'), keepDays: 35 }));
  await watch(later);
  assert.match(await shown(), /2026年6月3日|令和8年6月3日/);
  assert.doesNotMatch(await shown(), /取られていません/);
  const databases = await house.t.owner(`select 1 from pg_database where datname like 'drill_%'`);
  assert.deepEqual(databases, []);
});

test('復元: an instance is restored beside the one in use, every row agrees with its log, and a row changed in the copy is named', async () => {
  const adminUrl = await testServer();
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-restore-'));
  const [database, into] = [`t_${randomBytes(8).toString('hex')}`, `t_${randomBytes(8).toString('hex')}`];
  const definitions = new Map([['ward', { schemas: [wardSchema] }]]);
  try {
    const url = await provisionDatabase(adminUrl, {
      database,
      appPassword: 'of-the-ward',
      schemas: [...kernelSchemas, wardSchema],
    });
    await markTown(adminUrl, database);
    await using db = openDatabase({ url });
    const random = seededRandom('restore');
    const machineClock = tickingClock('2026-06-01T00:00:00Z');
    const deps = {
      db,
      machineClock,
      random,
      civilClock: new SettableCivilClock('2026-06-01'),
      newId: uuidV7Maker(machineClock, random),
      rights: everyoneAllowed,
      audit: auditSink({ instance: 'meguro/ward', random }),
    };
    const logKey = testKey('musubi/meguro/ward', 1);
    // As a running instance does each minute: the months of its log are made ahead, and no migration knows of them.
    const number = async (of: Database) => {
      await withTransaction(of, 'test', (tx) => tx`select audit.ensure_partitions(${machineClock.now()}::timestamptz)`);
      const sequencer = new Sequencer({ db: of, machineClock, signer: logKey });
      await sequencer.drain();
      await sequencer.checkpoint();
    };
    for (const id of ['1', '2', '3']) unwrap(await assess(deps, clerk, { id, yen: Number(id) * 100 }));
    await number(db);
    const config = organisationConfig.parse({
      organisation: 'meguro',
      name: { ja: '目黒区', en: 'Meguro' },
      town: true,
      civilDate: '2026-06-01',
      home: directory,
      webPort: 0,
      publicPort: 8080,
      pki: { url: 'https://127.0.0.1', rootFile: 'root.pem' },
      directory: {},
      instances: [{ system: 'ward', database: { url }, port: 0 }],
    });
    const folder = path.join(directory, 'backups');
    const operations = { config, adminUrl, folder, key: randomBytes(32), definitions, machineClock, newId: deps.newId };
    const none = { ...operations, folder: path.join(directory, 'none') };
    assert.deepEqual(await restoreInstance(none, { system: 'ward', into }), err('no-such-backup'));
    const reports = await Array.fromAsync(backUpOrganisation(operations, { keepDays: 35, drill: true }));
    assert.deepEqual(
      reports.map(({ instance: of, day: done, drill }) => [of, unwrap(done).taken?.kind, unwrap(drill!).differing]),
      [['meguro/ward', 'full', []]],
    );
    // What came after the backup is not in it.
    unwrap(await assess(deps, clerk, { id: '4', yen: 400 }));
    assert.deepEqual(await restoreInstance(operations, { system: 'tax', into }), err('no-such-instance'));
    assert.deepEqual(await restoreInstance(operations, { system: 'ward', into: database }), err('database-exists'));
    const restored = unwrap(await restoreInstance(operations, { system: 'ward', into }));
    assert.deepEqual([restored.instance, restored.takenOn, restored.differing], ['meguro/ward', '2026-06-01', []]);
    await using copy = openDatabase({ url: restored.url });
    const verify = () => verifyInstance(copy, { instance: 'meguro/ward', logKey });
    const report = await verify();
    assert.deepEqual([report.defects, report.checked.events, report.checked.facts], [[], 3, 3]);
    // Each month is again a part of the log, with the same rights and indexes, and the instance goes on in it.
    const months = (of: string, app: string) =>
      withClient(at(adminUrl, of), async (c) => {
        const { rows } = await c.query(
          `select c.oid::regclass::text as part, pg_get_expr(c.relpartbound, c.oid) as bounds, has_table_privilege($1, c.oid, 'select') as read,
                  has_table_privilege($1, c.oid, 'insert, update, delete, truncate') as write, count(x.indexrelid)::int as indexes
             from pg_inherits i join pg_class c on c.oid = i.inhrelid left join pg_index x on x.indrelid = c.oid
            where i.inhparent = 'audit.entry'::regclass group by c.oid order by 1`,
          [app],
        );
        return rows;
      });
    const parts = await months(into, `${into}_app`);
    assert.deepEqual(parts, await months(database, `${database}_app`));
    assert.deepEqual(
      parts.map(({ part, read, write }) => [part, read, write]),
      ['entry_202606', 'entry_202607', 'entry_202608', 'entry_default'].map((part) => [`audit.${part}`, true, false]),
    );
    unwrap(await assess({ ...deps, db: copy }, clerk, { id: '5', yen: 500 }));
    await number(copy);
    const goesOn = await verify();
    assert.deepEqual([goesOn.defects, goesOn.checked.events], [[], 4]);
    await withClient(at(adminUrl, into), (c) =>
      c.query(
        `set session_replication_role = replica; update ward.assessment set levy_yen = 1 where assessment_id = '2'`,
      ),
    );
    assert.deepEqual(
      (await verify()).defects.map(({ kind, table, key }) => [kind, table, key]),
      [['fact-altered', 'ward.assessment', '2']],
    );
  } finally {
    await withClient(adminUrl, async (client) => {
      for (const name of [database, into]) {
        await client.query(`drop database if exists ${name} with (force)`);
        await client.query(`drop role if exists ${name}_app, ${name}_owner`);
      }
    });
    await rm(directory, { recursive: true, force: true });
  }
});
