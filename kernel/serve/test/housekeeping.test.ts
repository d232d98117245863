import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { auditSchema } from '../../audit/schema-set.ts';
import { auditSink } from '../../audit/sink.ts';
import { type ActDeps, type Actor, act } from '../../db/act.ts';
import { Notifications } from '../../db/listen.ts';
import { testDatabase } from '../../db/testing.ts';
import { httpSchema } from '../../http/idempotency.ts';
import { systemRandom } from '../../random/random.ts';
import { ok, unwrap } from '../../result/result.ts';
import { fileKeyProvider } from '../../vault/key-provider.ts';
import { SqliteKeyStore } from '../../vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '../../vault/schema-set.ts';
import { orderErasure } from '../../vault/sealed/erasure.ts';
import { SealedStore } from '../../vault/sealed/sealed-store.ts';
import { type HousekeepingOptions, keepHouse, runHousekeeping } from '../housekeeping.ts';

const clerk: Actor = { kind: 'staff', organisation: 'meguro', staffId: 's1', sessionId: 'x' };

async function aHouse() {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-house-'));
  const t = await testDatabase([auditSchema, httpSchema, vaultSchema, sealedSchema], {
    audit: auditSink({ instance: 'meguro/resident-tax', random: systemRandom }),
  });
  const store = path.join(directory, 'store');
  const keyStore = await SqliteKeyStore.open({
    directory: store,
    keys: await fileKeyProvider(path.join(directory, 'keys')),
    keepBackupDays: 2,
  });
  const errors: string[] = [];
  const options: HousekeepingOptions = { deps: t.deps, keyStore, onError: (_, where) => errors.push(where) };
  const sealed = new SealedStore({ ...t.deps, keyStore });
  /** Seals something and orders its erasure, each in an act of its own. */
  const orderOne = async (): Promise<`object:${string}`> => {
    const use = act('test.use', {
      right: ['test', 'thing', 'update'],
      async run(tx, deps: ActDeps, unit: `object:${string}` | undefined) {
        tx.record({ event: 'thing.used' });
        if (unit !== undefined) {
          await orderErasure(tx, deps, unit, 'term-over');
          return ok(unit);
        }
        const { ref } = await sealed.seal(tx, Buffer.from('x'), { kind: 'wage-report', retentionClass: 'tax-7y' });
        return ok(`object:${ref}` as const);
      },
    });
    const unit = unwrap(await use(t.deps, clerk, undefined));
    return unwrap(await use(t.deps, clerk, unit));
  };
  return {
    t,
    keyStore,
    options,
    errors,
    orderOne,
    backups: async () => (await readdir(store)).filter((f) => f.endsWith('.backup.sqlite')).length,
    events: async () =>
      (
        await t.owner<{ e: string }>(
          `select body::jsonb ->> 'event' as e from audit.intake_event where body like '%"housekeeping"%' order by intake_no`,
        )
      ).map((row) => row.e),
    async [Symbol.asyncDispose]() {
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
const addKey = (h: Awaited<ReturnType<typeof aHouse>>, receivedAt: string) =>
  h.t.owner(
    `insert into http.request_key (peer, request_key, endpoint, fingerprint, answer, event_id, received_at)
     values ('m/s', gen_random_uuid(), 'e', sha256('x'), '{}', gen_random_uuid(), $1)`,
    [receivedAt],
  );

test('design §3: ordered erasures are carried out, the key store is backed up, old request keys go; each act by the job', async () => {
  await using h = await aHouse();
  const units = [await h.orderOne(), await h.orderOne()];
  await addKey(h, '2026-05-01T00:00:00Z');
  await addKey(h, '2026-05-31T00:00:00Z');
  await keepHouse(h.options, new Map());
  assert.deepEqual(h.errors, []);
  for (const unit of units) assert.equal(await h.keyStore.find(unit), 'erased');
  assert.equal((await h.t.owner('select 1 from sealed.erasure_done')).length, 2);
  assert.equal(await h.backups(), 1);
  assert.equal((await h.t.owner('select 1 from http.request_key')).length, 1);
  assert.deepEqual(await h.events(), ['erasures.carried-out', 'key-store.backed-up', 'request-keys.swept']);
});

test('once for each civil date, the backup once for all instances of the house; backups end with their day', async () => {
  await using h = await aHouse();
  const [one, other] = [new Map<string, string>(), new Map<string, string>()];
  await Promise.all([keepHouse(h.options, one), keepHouse(h.options, other)]);
  await keepHouse(h.options, one);
  assert.equal(await h.backups(), 1);
  const late = await h.orderOne();
  await keepHouse(h.options, one);
  assert.notEqual(await h.keyStore.find(late), 'erased', 'the day’s work is done');
  h.t.deps.civilClock.set('2026-06-02');
  await keepHouse(h.options, one);
  assert.equal(await h.keyStore.find(late), 'erased');
  assert.equal(await h.backups(), 2);
  h.t.deps.civilClock.set('2026-06-04');
  await keepHouse(h.options, one);
  assert.equal(await h.backups(), 2, 'that of 1 June was kept to 3 June');
  assert.deepEqual(h.errors, []);
});

test('a task that fails is reported, holds up no other and stays due', async () => {
  await using h = await aHouse();
  const unit = await h.orderOne();
  await addKey(h, '2026-05-01T00:00:00Z');
  const done = new Map<string, string>();
  const broken = {
    ...h.options,
    keyStore: {
      obtain: h.keyStore.obtain.bind(h.keyStore),
      find: h.keyStore.find.bind(h.keyStore),
      erase: () => Promise.reject(new Error('disk full')),
      backupOfDay: () => Promise.reject(new Error('disk full')),
      expireBackups: async () => [],
    },
  };
  await keepHouse(broken, done);
  assert.deepEqual(h.errors, ['housekeeping-erasures', 'housekeeping-key-store-backup']);
  assert.deepEqual(await h.events(), ['request-keys.swept']);
  await keepHouse(h.options, done);
  assert.equal(await h.keyStore.find(unit), 'erased');
  assert.equal(await h.backups(), 1);
});

test('the loop works at its start and ends when told', async () => {
  await using h = await aHouse();
  const unit = await h.orderOne();
  const notifications = new Notifications(h.t.db);
  const stop = new AbortController();
  const running = runHousekeeping(h.options, notifications, stop.signal);
  for (let i = 0; i < 200 && (await h.keyStore.find(unit)) !== 'erased'; i++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await h.keyStore.find(unit), 'erased');
  stop.abort();
  await running;
  await notifications.close();
});
