import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { withTransaction } from '../../db/database.ts';
import { Notifications } from '../../db/listen.ts';
import type { TestDatabase } from '../../db/testing.ts';
import { unwrap } from '../../result/result.ts';
import { consistencyPath, inclusionPath, leafHash, rootOf, verifyConsistency, verifyInclusion } from '../merkle.ts';
import { isSignedBy, parseCheckpoint } from '../note.ts';
import { Sequencer, type SequencerConfig } from '../sequencer.ts';
import { tileSource } from '../tiles.ts';
import { assess, clerk, testKey, testWard } from './ward.ts';

const key = testKey('musubi/meguro/ward', 1);
const sequencer = (t: TestDatabase, more: Partial<SequencerConfig> = {}): Sequencer =>
  new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: key, ...more });
const fill = (t: TestDatabase, n: number, from = 0) =>
  t.owner(
    `select audit.intake(gen_random_uuid(), '{"n":' || i || '}', '', null, '{}', '{}', '{}', '{}', '{}') from generate_series($1::int, $2::int) as i`,
    [from, from + n - 1],
  );
const bodies = async (t: TestDatabase) =>
  (await t.owner<{ body: string }>('select body from audit.entry order by leaf_index')).map((r) => r.body);

test('design §4.7: the root signed over 70,000 tiled events is the RFC 6962 root of their bodies, and every proof from tiles holds', async () => {
  await using t = await testWard('tiles');
  const s = sequencer(t, { batchSize: 9_000 });
  await fill(t, 3);
  await s.drain();
  const early = await s.checkpoint();
  await fill(t, 69_997, 3);
  assert.equal(await s.drain(), 69_997);
  const late = await s.checkpoint();
  const leaves = (await bodies(t)).map(leafHash);
  const checkpoint = parseCheckpoint(late.note)!;
  assert.ok(isSignedBy(checkpoint, key));
  assert.equal(checkpoint.size, 70_000);
  assert.equal(checkpoint.root.toString('hex'), rootOf(leaves).toString('hex'));
  const tiles = await t.owner<{ level: number; n: string; last: number }>(
    'select level, count(*) as n, (array_agg(width order by tile_index desc))[1] as last from audit.tile group by level order by level',
  );
  assert.deepEqual(
    tiles.map((r) => [r.level, Number(r.n), r.last]),
    [
      [0, 274, 112],
      [1, 2, 17],
      [2, 1, 1],
    ],
  ); // the example of tlog-tiles
  await withTransaction(t.db, 'proof', async (tx) => {
    for (const index of [0, 255, 256, 65_535, 65_536, 69_999]) {
      const path = await inclusionPath(tileSource(tx), index, 70_000);
      assert.ok(verifyInclusion(index, 70_000, leaves[index]!, path, late.root), `leaf ${index}`);
    }
    const path = await consistencyPath(tileSource(tx), 3, 70_000);
    assert.ok(verifyConsistency(3, 70_000, early.root, late.root, path));
  });
});

test('design §4.7: killed between any two steps, the sequencer loses nothing and never forks', async () => {
  await using t = await testWard('crash');
  const signed: { size: number; root: Buffer }[] = [];
  for (const step of ['numbered', 'root-computed', 'signed', 'kept'] as const) {
    unwrap(await assess(t.deps, clerk, { id: `c-${step}`, yen: 100 }));
    const dying = sequencer(t, {
      between: (s) => {
        if (s === step) throw new Error('killed');
      },
    });
    await assert.rejects(async () => {
      await dying.drain();
      await dying.checkpoint();
    }, /killed/);
    const next = sequencer(t);
    await next.drain();
    signed.push(await next.checkpoint());
  }
  const leaves = (await bodies(t)).map(leafHash);
  assert.equal(leaves.length, 4);
  for (const s of signed) assert.equal(rootOf(leaves.slice(0, s.size)).toString('hex'), s.root.toString('hex'));
  assert.deepEqual((await t.owner('select 1 from audit.intake_event')).length, 0);
});

test('design §4.7: two sequencers at once number every event once, without a gap', async () => {
  await using t = await testWard('two');
  const pair = [sequencer(t, { batchSize: 7 }), sequencer(t, { batchSize: 11 })];
  await fill(t, 300);
  const taken = await Promise.all(pair.map((s) => s.drain()));
  assert.equal(taken[0]! + taken[1]!, 300);
  const rows = await t.owner<{ leaf_index: string; event_id: string }>(
    'select leaf_index, event_id from audit.entry order by leaf_index',
  );
  assert.deepEqual(
    rows.map((r) => Number(r.leaf_index)),
    Array.from({ length: 300 }, (_, i) => i),
  );
  assert.equal(new Set(rows.map((r) => r.event_id)).size, 300);
  const [a, b] = await Promise.all(pair.map((s) => s.checkpoint()));
  assert.ok(a!.root.equals(b!.root));
});

test('design §4.7: a log that does not continue its last checkpoint is not signed', async () => {
  await using t = await testWard('fork');
  await fill(t, 5);
  await sequencer(t).drain();
  await sequencer(t).checkpoint();
  await t.owner(`update audit.tile set hashes = overlay(hashes placing '\\x00'::bytea from 40) where level = 0`);
  await fill(t, 1, 5);
  await sequencer(t).drain();
  await assert.rejects(sequencer(t).checkpoint(), /does not continue/);
});

test('design §2.3: the running sequencer wakes when an act commits', async () => {
  await using t = await testWard('run');
  const stop = new AbortController();
  const notifications = new Notifications(t.db);
  const running = sequencer(t).run(notifications, stop.signal, (error) => {
    throw error;
  });
  await delay(300);
  unwrap(await assess(t.deps, clerk, { id: 'r-1', yen: 100 }));
  const size = async () => Number((await t.owner<{ size: string }>('select size from audit.head'))[0]!.size);
  for (let i = 0; i < 40 && (await size()) === 0; i++) await delay(25);
  assert.equal(await size(), 1);
  stop.abort();
  await running;
  await notifications.close();
});
