import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { withTransaction } from '../../db/database.ts';
import { err, unwrap } from '../../result/result.ts';
import { SqliteKeyStore } from '../key-store/sqlite-key-store.ts';
import { CHUNK_BYTES } from '../sealed/chunks.ts';
import {
  carryOutErasures,
  type ErasureDeps,
  findErasureCertificate,
  orderErasure,
  reapplyErasures,
} from '../sealed/erasure.ts';
import { SealedStore } from '../sealed/sealed-store.ts';
import { aNumber, aVault, type VaultTest } from './a-vault.ts';

const options = { kind: 'wage-report', retentionClass: 'tax-7y' } as const;
const erasureDeps = (v: VaultTest): ErasureDeps => ({ ...v.deps, keyStore: v.keyStore });

for (const length of [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES + 12_345]) {
  test(`design §3 a carrier of ${length} bytes comes back byte for byte`, async () => {
    await using v = await aVault();
    const content = randomBytes(length);
    const ref = await v.inAct((tx) => v.sealed.seal(tx, content, options));
    assert.deepEqual(ref, { ref: ref.ref, length, sha256: createHash('sha256').update(content).digest('hex') });
    assert.ok(unwrap(await v.inAct((tx) => v.sealed.open(tx, ref.ref, 'tax/read-report'))).equals(content));
  });
}

test('design §3 a stream in odd pieces is the same carrier', async () => {
  await using v = await aVault();
  const content = randomBytes(CHUNK_BYTES * 2 + 7);
  async function* pieces() {
    for (let i = 0; i < content.length; i += 300_007) yield content.subarray(i, i + 300_007);
  }
  const ref = await v.inAct((tx) => v.sealed.seal(tx, pieces(), options));
  const back = (from: number) =>
    v.inAct(async (tx) => {
      const parts: Buffer[] = [];
      for await (const part of unwrap(await v.sealed.openStream(tx, ref.ref, 'tax/read-report', from)))
        parts.push(part);
      return Buffer.concat(parts);
    });
  for (const from of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES * 2 + 6, content.length])
    assert.ok((await back(from)).equals(content.subarray(from)), `from ${from}`);
  await assert.rejects(back(content.length + 1), RangeError);
});

test('design §3 neither the database nor the key store holds the content', async () => {
  await using v = await aVault();
  const number = aNumber().digits();
  await v.inAct((tx) => v.sealed.seal(tx, Buffer.from(`氏名,${number}`), options));
  const [row] = await v.t.owner<{ t: string }>(
    `select (select string_agg(o::text, '') from sealed.object o) || (select string_agg(c::text, '') from sealed.chunk c) as t`,
  );
  assert.ok(!row!.t.includes(Buffer.from(number).toString('hex')) && !row!.t.includes(number));
  assert.ok(!(await readFile(path.join(v.directory, 'key-store', 'key-store.sqlite'))).includes(number));
});

test('design §3 the application role reads neither key nor content, and lists what stands outside', async () => {
  await using v = await aVault();
  const ref = await v.inAct((tx) => v.sealed.seal(tx, Buffer.from('x'), options));
  for (const statement of [
    'select wrapped_key from sealed.object',
    'select * from sealed.object',
    'select * from sealed.chunk',
    'delete from sealed.object',
    'update sealed.chunk set bytes = bytes',
    'delete from sealed.erasure',
    'select * from sealed.use',
  ])
    await assert.rejects(v.t.db.pool.query(statement), { code: '42501' }, statement);
  const { rows } = await v.t.db.pool.query('select ref, kind, length_bytes from sealed.object');
  assert.deepEqual(rows, [{ ref: ref.ref, kind: 'wage-report', length_bytes: 1 }]);
  await assert.rejects(v.t.db.pool.query('select * from sealed.chunks($1, $2, 0, 1)', [v.deps.newId(), ref.ref]), {
    code: 'MV003',
  });
});

test('design §2.6 opening needs the event of an act, and what a refusing act opened stays on record', async () => {
  await using v = await aVault();
  const { ref } = await v.inAct((tx) => v.sealed.seal(tx, Buffer.from('x'), options));
  await assert.rejects(
    withTransaction(v.t.db, v.deps.newId(), (tx) => v.sealed.open(tx, ref, 'tax/read-report')),
    /without the event of its act/,
  );
  await v.attempt(async (tx) => {
    await v.sealed.open(tx, ref, 'tax/read-report');
    return err('file-unreadable');
  });
  const uses = await v.t.owner(`select ref, purpose, refused from sealed.use where operation = 'open'`);
  assert.deepEqual(uses, [{ ref, purpose: 'tax/read-report', refused: true }]);
});

for (const [what, statement] of [
  ['a bit of a chunk', 'update sealed.chunk set bytes = set_byte(bytes, 3, get_byte(bytes, 3) # 1) where chunk_no = 1'],
  [
    'two chunks exchanged',
    'update sealed.chunk set chunk_no = 5 - chunk_no; update sealed.chunk set chunk_no = chunk_no - 4',
  ],
  ['the last chunk cut off', 'delete from sealed.chunk where chunk_no = 1; update sealed.object set chunks = 1'],
  ['the length outside', 'update sealed.object set length_bytes = length_bytes + 1'],
  ['the retention class outside', `update sealed.object set retention_class = 'ever'`],
] as const) {
  test(`design §3 ${what} changed behind the system's back is refused`, async () => {
    await using v = await aVault();
    const { ref } = await v.inAct((tx) => v.sealed.seal(tx, randomBytes(CHUNK_BYTES + 10), options));
    await v.t.owner(statement);
    await assert.rejects(
      v.inAct((tx) => v.sealed.open(tx, ref, 'tax/read-report')),
      { code: 'cannot-open' },
    );
  });
}

test('design §3 content and key of another object do not open under this one', async () => {
  await using v = await aVault();
  const [a, b] = await v.inAct(
    async (tx) =>
      [
        await v.sealed.seal(tx, Buffer.from('first'), { ...options, keyUnit: { person: 'p1' } }),
        await v.sealed.seal(tx, Buffer.from('other'), { ...options, keyUnit: { person: 'p1' } }),
      ] as const,
  );
  await v.t.owner(
    'update sealed.object o set wrapped_key = (select wrapped_key from sealed.object where ref = $1) where ref = $2',
    [b.ref, a.ref],
  );
  await v.t.owner('delete from sealed.chunk where ref = $1', [a.ref]);
  await v.t.owner('insert into sealed.chunk select $1, chunk_no, bytes from sealed.chunk where ref = $2', [
    a.ref,
    b.ref,
  ]);
  await assert.rejects(
    v.inAct((tx) => v.sealed.open(tx, a.ref, 'tax/read-report')),
    { code: 'cannot-open' },
  );
});

test('design §3 Erasure: a person is erased alone; from the order on nothing of the person opens, and nothing new comes', async () => {
  await using v = await aVault();
  const deps = erasureDeps(v);
  const person = (id: string) => ({ ...options, keyUnit: { person: id } });
  const [one, two] = await v.inAct(
    async (tx) =>
      [
        await v.sealed.seal(tx, Buffer.from('one'), person('p1')),
        await v.sealed.seal(tx, Buffer.from('two'), person('p2')),
      ] as const,
  );
  const id = await v.inAct((tx) => orderErasure(tx, deps, 'person:p1', 'med/term-over'));
  assert.equal(await v.inAct((tx) => orderErasure(tx, deps, 'person:p1', 'med/term-over')), id);
  assert.deepEqual(await v.inAct((tx) => v.sealed.open(tx, one.ref, 'med/read')), err('erased'));
  await assert.rejects(
    v.inAct((tx) => v.sealed.seal(tx, Buffer.from('late'), person('p1'))),
    { code: 'no-such-object' },
  );
  assert.notEqual(await v.keyStore.find('person:p1'), 'erased');

  assert.equal(await v.inAct((tx) => carryOutErasures(tx, deps)), 1);
  assert.equal(await v.keyStore.find('person:p1'), 'erased');
  assert.equal(await v.keyStore.obtain('person:p1'), 'erased');
  assert.deepEqual(await v.inAct((tx) => v.sealed.open(tx, one.ref, 'med/read')), err('erased'));
  assert.equal(unwrap(await v.inAct((tx) => v.sealed.open(tx, two.ref, 'med/read'))).toString(), 'two');
  const [left] = await v.t.owner<{ n: number }>('select count(*)::int as n from sealed.chunk where ref = $1', [
    one.ref,
  ]);
  assert.equal(left!.n, 0);
});

test('design §3 Erasure: an order that was rolled back costs no key; a crash between key and record is repaired', async () => {
  await using v = await aVault();
  const deps = erasureDeps(v);
  const { ref } = await v.inAct((tx) => v.sealed.seal(tx, Buffer.from('x'), options));
  await assert.rejects(
    v.inAct(async (tx) => {
      await orderErasure(tx, deps, `object:${ref}`, 'term-over');
      assert.equal(await carryOutErasures(tx, deps), 0);
      throw new Error('power cut');
    }),
    /power cut/,
  );
  assert.ok((await v.inAct((tx) => v.sealed.open(tx, ref, 'read'))).ok);
  const id = await v.inAct((tx) => orderErasure(tx, deps, `object:${ref}`, 'term-over'));
  await assert.rejects(
    v.inAct(async (tx) => {
      await carryOutErasures(tx, deps);
      throw new Error('power cut');
    }),
    /power cut/,
  );
  assert.equal(await v.keyStore.find(`object:${ref}`), 'erased');
  assert.equal(await v.inAct((tx) => findErasureCertificate(tx, deps, id)), undefined);
  assert.equal(await v.inAct((tx) => carryOutErasures(tx, deps)), 1);
  assert.equal(await v.inAct((tx) => carryOutErasures(tx, deps)), 0);
  assert.equal((await v.inAct((tx) => findErasureCertificate(tx, deps, id)))?.objects, 1);
});

test('design §3 消去証明は鍵を含む最後のバックアップの期限日を示し、その日を過ぎて初めて完了とする', async () => {
  await using v = await aVault();
  const deps = erasureDeps(v);
  const { ref } = await v.inAct((tx) => v.sealed.seal(tx, Buffer.from('x'), options));
  const day = (text: string) => Temporal.PlainDate.from(text);
  const first = await v.keyStore.backup(Temporal.Instant.from('2026-05-30T00:00:00Z'), day('2026-05-30'));
  await v.keyStore.backup(Temporal.Instant.from('2026-06-01T00:00:00Z'), day('2026-06-01'));
  const id = await v.inAct((tx) => orderErasure(tx, deps, `object:${ref}`, 'term-over'));
  await v.inAct((tx) => carryOutErasures(tx, deps));
  // A backup of later does not hold the key and does not move the day.
  await v.keyStore.backup(Temporal.Instant.from('2026-06-03T00:00:00Z'), day('2026-06-03'));
  const certificate = async () => (await v.inAct((tx) => findErasureCertificate(tx, deps, id)))!;
  assert.equal((await certificate()).backupsUntilOn.toString(), '2026-06-08');
  assert.equal((await certificate()).complete, false);
  v.t.deps.civilClock.set('2026-06-08');
  assert.equal((await certificate()).complete, false);
  assert.deepEqual(await v.keyStore.expireBackups(day('2026-06-08')), [first.file]);
  v.t.deps.civilClock.set('2026-06-09');
  assert.equal((await certificate()).complete, true);
  assert.equal((await v.keyStore.expireBackups(day('2026-06-09'))).length, 1);
  const kept = (await readdir(path.join(v.directory, 'key-store'))).filter((f) => f.endsWith('.backup.sqlite'));
  assert.equal(kept.length, 1);
});

test('design §3 Erasure: a key store restored from an older backup is brought to what the data knows', async () => {
  await using v = await aVault();
  const deps = erasureDeps(v);
  const { ref } = await v.inAct((tx) => v.sealed.seal(tx, Buffer.from('x'), options));
  const { file } = await v.keyStore.backup(
    Temporal.Instant.from('2026-06-01T00:00:00Z'),
    Temporal.PlainDate.from('2026-06-01'),
  );
  await v.inAct((tx) => orderErasure(tx, deps, `object:${ref}`, 'term-over'));
  await v.inAct((tx) => carryOutErasures(tx, deps));
  const folder = path.join(v.directory, 'restored');
  using made = await SqliteKeyStore.open({ directory: folder, keys: v.keys, keepBackupDays: 7 });
  made[Symbol.dispose]();
  await copyFile(path.join(v.directory, 'key-store', file), path.join(folder, 'key-store.sqlite'));
  using restored = await SqliteKeyStore.open({ directory: folder, keys: v.keys, keepBackupDays: 7 });
  const withRestored = new SealedStore({ ...v.deps, keyStore: restored });
  assert.notEqual(await restored.find(`object:${ref}`), 'erased');
  assert.deepEqual(await v.inAct((tx) => withRestored.open(tx, ref, 'read')), err('erased'));
  assert.equal(await v.inAct((tx) => reapplyErasures(tx, { ...deps, keyStore: restored })), 1);
  assert.equal(await restored.find(`object:${ref}`), 'erased');
});

test('two processes ask for the key of a new unit at once and get the same key', async () => {
  await using v = await aVault();
  using other = await SqliteKeyStore.open({
    directory: path.join(v.directory, 'key-store'),
    keys: v.keys,
    keepBackupDays: 7,
  });
  const [a, b] = await Promise.all([v.keyStore.obtain('month:log-1y:2026-06'), other.obtain('month:log-1y:2026-06')]);
  assert.deepEqual(a, b);
});

test('an erased key is not in the bytes of the key store any more', async () => {
  await using v = await aVault();
  await v.keyStore.obtain('person:p1');
  const file = path.join(v.directory, 'key-store', 'key-store.sqlite');
  const before = await readFile(file);
  const at = before.indexOf('person:p1');
  assert.ok(at > 0);
  // The wrapped key (60 bytes) follows the unit's name and version in the row.
  const wrapped = before.subarray(at + 'person:p1'.length, at + 'person:p1'.length + 60).subarray(8, 52);
  assert.ok(before.includes(wrapped));
  await v.keyStore.erase(
    'person:p1',
    Temporal.Instant.from('2026-06-01T00:00:00Z'),
    Temporal.PlainDate.from('2026-06-01'),
  );
  for (const name of await readdir(path.dirname(file)))
    assert.ok(!(await readFile(path.join(path.dirname(file), name))).includes(wrapped), name);
});
