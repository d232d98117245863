import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActDeps, act } from '../../db/act.ts';
import { withTransaction } from '../../db/database.ts';
import { err, ok } from '../../result/result.ts';
import { rotateChunk, startRotation } from '../rotation.ts';
import { type Holder, type NumberRef, Vault } from '../vault.ts';
import { aNumber, aVault, clerk, right } from './a-vault.ts';

test('design §3 a number comes back only by its reference, and the same number again is the same reference', async () => {
  await using v = await aVault();
  const number = aNumber();
  const ref = await v.inAct((tx) => v.vault.put(tx, 'person:1', number));
  assert.equal(await v.inAct((tx) => v.vault.put(tx, 'person:1', number)), ref);
  assert.deepEqual(await v.inAct((tx) => v.vault.find(tx, number, 'tax/match')), [ref]);
  assert.deepEqual(await v.inAct((tx) => v.vault.find(tx, aNumber(), 'tax/match')), []);
  const back = await v.inAct((tx) => v.vault.reveal(tx, ref, 'tax/report'));
  assert.ok(back.equals(number));
  const uses = await v.t.owner<{ operation: string; purpose: string; n: string }>(
    `select operation, purpose, count(*) as n from vault.use where number_ref is not null group by 1, 2 order by 1, 2`,
  );
  assert.deepEqual(
    uses.map((u) => [u.operation, u.purpose, Number(u.n)]),
    [
      ['find', 'tax/match', 1],
      ['put', 'hold', 2],
      ['reveal', 'tax/report', 1],
    ],
  );
});

test('design §3 no table of the database holds the digits, in any of its text', async () => {
  await using v = await aVault();
  const number = aNumber();
  await v.inAct((tx) => v.vault.put(tx, 'person:1', number));
  const [row] = await v.t.owner<{ t: string }>(
    `select string_agg(n::text, ' ') || (select string_agg(u::text, ' ') from vault.use u) as t from vault.number n`,
  );
  assert.ok(!row!.t.includes(number.digits()));
  assert.ok(!row!.t.includes(Buffer.from(number.digits()).toString('hex')));
});

test('design §3 the application role can neither read nor write a table of the vault', async () => {
  await using v = await aVault();
  const tables = await v.t.owner<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'vault' and c.relkind in ('r', 'p')`,
  );
  assert.ok(tables.length >= 7);
  for (const { name } of tables) {
    await assert.rejects(v.t.db.pool.query(`select * from ${name}`), { code: '42501' }, name);
    await assert.rejects(v.t.db.pool.query(`delete from ${name}`), { code: '42501' }, name);
  }
  for (const fn of [`vault.begin_use(gen_random_uuid(), 'reveal', 'x', 1, now())`, 'vault.share_keys()'])
    await assert.rejects(v.t.db.pool.query(`select ${fn}`), { code: '42501' }, fn);
});

test('design §2.6 a reveal without the event of its act does not commit', async () => {
  await using v = await aVault();
  const ref = await v.inAct((tx) => v.vault.put(tx, 'person:1', aNumber()));
  await assert.rejects(
    withTransaction(v.t.db, v.t.deps.newId(), (tx) => v.vault.reveal(tx, ref, 'tax/report')),
    /without the event of its act/,
  );
  const [uses] = await v.t.owner<{ n: number }>(`select count(*)::int as n from vault.use where operation = 'reveal'`);
  assert.equal(uses!.n, 0);
});

test('design §2.6 the event of an earlier act does not serve for another use', async () => {
  await using v = await aVault();
  let earlier = '';
  const ref = await v.inAct(async (tx) => {
    earlier = tx.eventId;
    return v.vault.put(tx, 'person:1', aNumber());
  });
  await assert.rejects(
    withTransaction(v.t.db, earlier, (tx) => v.vault.reveal(tx, ref, 'tax/report')),
    /stands already/,
  );
});

test('design §2.6 a number seen by an act that then refused stays on record', async () => {
  await using v = await aVault();
  const ref = await v.inAct((tx) => v.vault.put(tx, 'person:1', aNumber()));
  const refused = await v.attempt(async (tx) => {
    await v.vault.reveal(tx, ref, 'tax/report');
    return err('addressee-closed');
  });
  assert.deepEqual(refused, { ok: false, error: 'addressee-closed' });
  const uses = await v.t.owner<{ number_ref: string; refused: boolean; purpose: string }>(
    `select number_ref, refused, purpose from vault.use where operation = 'reveal' and number_ref is not null`,
  );
  assert.deepEqual(uses, [{ number_ref: ref, refused: true, purpose: 'tax/report' }]);
});

test('番号利用法7条2項 a changed number closes the former, which stays in the history and is found as one held before', async () => {
  await using v = await aVault();
  const [first, second] = [aNumber(), aNumber()];
  const before = await v.inAct((tx) => v.vault.put(tx, 'person:1', first));
  const [changed] = await v.inAct((tx) => v.vault.putMany(tx, [{ owner: 'person:1', number: second }]));
  assert.equal(changed!.outcome, 'changed');
  assert.equal(changed!.former, before);
  const history = await v.inAct((tx) => v.vault.history(tx, 'person:1'));
  assert.deepEqual(
    history.map((h) => [h.ref, h.closed !== undefined]),
    [
      [before, true],
      [changed!.ref, false],
    ],
  );
  assert.deepEqual(await v.inAct((tx) => v.vault.find(tx, first, 'tax/match')), []);
  assert.deepEqual(await v.inAct((tx) => v.vault.holders(tx, first, 'tax/match')), [
    { ref: before, owner: 'person:1', holds: false },
  ]);
  assert.ok((await v.inAct((tx) => v.vault.reveal(tx, before, 'tax/appeal'))).equals(first));
});

test('many at once keep their order, and say who is new', async () => {
  await using v = await aVault();
  const entries = Array.from({ length: 300 }, (_, i) => ({ owner: `person:${i}`, number: aNumber() }));
  const put = await v.inAct((tx) => v.vault.putMany(tx, entries, 'import'));
  assert.deepEqual(
    put.map((p) => p.owner),
    entries.map((e) => e.owner),
  );
  assert.ok(put.every((p) => p.outcome === 'new'));
  const again = await v.inAct((tx) => v.vault.putMany(tx, entries.toReversed(), 'import'));
  assert.deepEqual(
    again.map((p) => [p.ref, p.outcome]),
    put.toReversed().map((p) => [p.ref, 'same']),
  );
  const found = await v.inAct((tx) =>
    v.vault.findMany(tx, [entries[7]!.number, aNumber(), entries[3]!.number], 'tax/match'),
  );
  assert.deepEqual(found, [[put[7]!.ref], [], [put[3]!.ref]]);
  const numbers = await v.inAct((tx) => v.vault.revealMany(tx, [put[9]!.ref, put[2]!.ref], 'tax/file'));
  assert.deepEqual(
    numbers.map((n) => n.digits()),
    [entries[9]!.number.digits(), entries[2]!.number.digits()],
  );
});

test('two writers at once for one owner: one number holds, one reference', async () => {
  await using v = await aVault();
  const number = aNumber();
  const refs = await Promise.all([1, 2, 3, 4].map(() => v.inAct((tx) => v.vault.put(tx, 'person:1', number))));
  assert.equal(new Set(refs).size, 1);
  const [rows] = await v.t.owner<{ n: number }>(`select count(*)::int as n from vault.number`);
  assert.equal(rows!.n, 1);
});

test('two batches with the same owners in opposite order do not deadlock', async () => {
  await using v = await aVault();
  const entries = Array.from({ length: 40 }, (_, i) => ({ owner: `person:${i}`, number: aNumber() }));
  const [a, b] = await Promise.all([
    v.inAct((tx) => v.vault.putMany(tx, entries)),
    v.inAct((tx) => v.vault.putMany(tx, entries.toReversed())),
  ]);
  assert.deepEqual(a!.map((p) => p.ref).sort(), b!.map((p) => p.ref).sort());
});

const personId = (no: number): string => `00000000-0000-4000-8000-00000000000${no}`;
const ofOwner = (no: number): string => ` where owner_id = '${personId(no)}'`;
for (const [what, statement] of [
  [
    'a bit changed',
    `update vault.number set ciphertext = set_byte(ciphertext, 20, get_byte(ciphertext, 20) # 1)${ofOwner(1)}`,
  ],
  [
    'a ciphertext moved from another row',
    `update vault.number n set ciphertext = (select ciphertext from vault.number${ofOwner(2)})${ofOwner(1)}`,
  ],
  [
    'a row given to another owner',
    `update vault.number set owner_id = '00000000-0000-4000-8000-000000000009'${ofOwner(1)}`,
  ],
] as const) {
  test(`design §3 AAD: ${what} behind the system's back is refused`, async () => {
    await using v = await aVault();
    const ref = await v.inAct((tx) => v.vault.put(tx, `person:${personId(1)}`, aNumber()));
    await v.inAct((tx) => v.vault.put(tx, `person:${personId(2)}`, aNumber()));
    await v.t.owner(statement);
    await assert.rejects(
      v.inAct((tx) => v.vault.reveal(tx, ref, 'tax/report')),
      { name: 'VaultFault', code: 'cannot-open' },
    );
  });
}

test('an unknown reference is a defect, and a purpose that is no code is not taken', async () => {
  await using v = await aVault();
  await assert.rejects(
    v.inAct((tx) => v.vault.reveal(tx, v.deps.newId() as NumberRef, 'tax/report')),
    { code: 'no-such-number' },
  );
  for (const purpose of ['', '田中さんの件', 'for 123456789018', 'x123456789018'])
    await assert.rejects(
      v.inAct((tx) => v.vault.find(tx, aNumber(), purpose)),
      { code: 'purpose-not-a-code' },
      purpose,
    );
});

test('rotation of the cipher key under use, with a crash in the middle', async () => {
  await using v = await aVault();
  const clock = v.deps.machineClock;
  const entries = Array.from({ length: 25 }, (_, i) => ({ owner: `person:${i}`, number: aNumber() }));
  const put = await v.inAct((tx) => v.vault.putMany(tx, entries));
  assert.equal(await v.inAct((tx) => startRotation(tx, v.vault, clock, 'cipher')), 2);
  assert.equal(await v.inAct((tx) => startRotation(tx, v.vault, clock, 'cipher')), undefined);
  await v.inAct((tx) => rotateChunk(tx, v.vault, clock, 'cipher', 10));
  await assert.rejects(
    v.inAct(async (tx) => {
      await rotateChunk(tx, v.vault, clock, 'cipher', 10);
      throw new Error('power cut');
    }),
    /power cut/,
  );
  const versions = await v.t.owner(
    `select key_version as k, count(*)::int as n from vault.number group by 1 order by 1`,
  );
  assert.deepEqual(versions, [
    { k: 1, n: 15 },
    { k: 2, n: 10 },
  ]);
  // A process that started anew goes on; one that still has the old state in memory writes and reads meanwhile.
  const restarted = new Vault({ keys: v.keys, machineClock: clock, newId: v.deps.newId });
  const late = aNumber();
  const lateRef = await v.inAct((tx) => v.vault.put(tx, 'person:late', late));
  while ((await v.inAct((tx) => rotateChunk(tx, restarted, clock, 'cipher', 10))).state === 'working');
  await v.keys.destroy('vault-cipher', 1);
  const fresh = new Vault({ keys: v.keys, machineClock: clock, newId: v.deps.newId });
  const all = await v.inAct((tx) => fresh.revealMany(tx, [...put.map((p) => p.ref), lateRef], 'check'));
  assert.deepEqual(
    all.map((n) => n.digits()),
    [...entries.map((e) => e.number.digits()), late.digits()],
  );
});

test('rotation of the digest key under use: every number is found by old and new processes at every step', async () => {
  await using v = await aVault();
  const clock = v.deps.machineClock;
  const entries = Array.from({ length: 12 }, (_, i) => ({ owner: `person:${i}`, number: aNumber() }));
  const refs = (await v.inAct((tx) => v.vault.putMany(tx, entries))).map((p) => [p.ref]);
  const worker = new Vault({ keys: v.keys, machineClock: clock, newId: v.deps.newId });
  assert.equal(await v.inAct((tx) => startRotation(tx, worker, clock, 'digest')), 2);
  let steps = 0;
  for (let state = 'working'; state === 'working'; steps++) {
    ({ state } = await v.inAct((tx) => rotateChunk(tx, worker, clock, 'digest', 5)));
    entries.push({ owner: `person:late-${steps}`, number: aNumber() });
    refs.push([
      await v.inAct((tx) => (steps % 2 ? v.vault : worker).put(tx, `person:late-${steps}`, entries.at(-1)!.number)),
    ]);
    for (const process of [v.vault, worker])
      assert.deepEqual(
        await v.inAct((tx) =>
          process.findMany(
            tx,
            entries.map((e) => e.number),
            'tax/match',
          ),
        ),
        refs,
      );
    assert.equal(await v.inAct((tx) => v.vault.put(tx, 'person:0', entries[0]!.number)), refs[0]![0]);
    assert.ok(steps < 40);
  }
  assert.ok(steps > 5);
  await v.keys.destroy('vault-digest', 1);
  const fresh = new Vault({ keys: v.keys, machineClock: clock, newId: v.deps.newId });
  assert.deepEqual(
    await v.inAct((tx) =>
      fresh.findMany(
        tx,
        entries.map((e) => e.number),
        'tax/match',
      ),
    ),
    refs,
  );
});

test('a wrong key file is noticed before anything is written with it', async () => {
  await using v = await aVault();
  await v.inAct((tx) => v.vault.put(tx, 'person:1', aNumber()));
  await v.keys.destroy('vault-cipher', 1);
  await v.keys.create('vault-cipher', 1);
  const fresh = new Vault({ keys: v.keys, machineClock: v.deps.machineClock, newId: v.deps.newId });
  await assert.rejects(
    v.inAct((tx) => fresh.put(tx, 'person:2', aNumber())),
    { code: 'key-differs' },
  );
  await v.keys.destroy('vault-cipher', 1);
  const lost = new Vault({ keys: v.keys, machineClock: v.deps.machineClock, newId: v.deps.newId });
  await assert.rejects(
    v.inAct((tx) => lost.put(tx, 'person:2', aNumber())),
    { code: 'key-missing' },
  );
});

test('a vault whose first transaction was rolled back begins again', async () => {
  await using v = await aVault();
  await assert.rejects(
    v.inAct(async (tx) => {
      await v.vault.put(tx, 'person:1', aNumber());
      throw new Error('power cut');
    }),
  );
  assert.deepEqual(await v.attempt(async (tx) => ok((await v.vault.findMany(tx, [aNumber()], 'tax/match'))[0])), {
    ok: true,
    value: [],
  });
  await v.inAct((tx) => v.vault.put(tx, 'person:1', aNumber()));
});

test('design §2.6 acts that share a transaction ask for numbers in one statement, each use under its own event', async () => {
  await using v = await aVault();
  const numbers = [aNumber(), aNumber(), aNumber()];
  const refs: string[] = [];
  for (const [i, number] of numbers.slice(0, 2).entries())
    refs.push(await v.inAct((tx) => v.vault.put(tx, `person:${i}`, number)));
  const look = act<ActDeps, number, readonly Holder[], 'nobody'>('test.look-up', {
    right,
    shares: () => true,
    async run(tx, _deps, no) {
      const found = await v.vault.holdersTogether(tx, { number: numbers[no]!, purpose: `test/look-${no}` });
      if (found.length === 0) return err('nobody');
      tx.record({ event: 'number.looked-up', detail: { eventId: tx.eventId, no } });
      return ok(found);
    },
  });
  const uses = () =>
    v.t.owner<{ purpose: string; number_ref: string | null; refused: boolean; events: number }>(
      `select purpose, number_ref, refused, count(*) over (partition by event_id)::int as events from vault.use
        where operation = 'find' order by purpose, number_ref nulls first`,
    );
  const given = await Promise.all([0, 1].map((no) => look(v.deps, clerk, no)));
  assert.deepEqual(
    given,
    [0, 1].map((no) => ok([{ ref: refs[no], owner: `person:${no}`, holds: true }])),
  );
  const row = (no: number, ref: string | null, refused = false, events = 2) => ({
    purpose: `test/look-${no}`,
    number_ref: ref,
    refused,
    events,
  });
  const both = [row(0, null), row(0, refs[0]!), row(1, null), row(1, refs[1]!)];
  assert.deepEqual(await uses(), both);
  // One of them finds nobody: its refusal and its use stay on record, the other is answered.
  const [again, nobody] = await Promise.all([0, 2].map((no) => look(v.deps, clerk, no)));
  assert.deepEqual([again!.ok, nobody], [true, err('nobody')]);
  assert.deepEqual(await uses(), [both[0], both[0], both[1], both[1], ...both.slice(2), row(2, null, true, 1)]);
});
