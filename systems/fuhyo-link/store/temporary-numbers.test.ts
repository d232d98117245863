import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { TemporaryNumbers } from './temporary-numbers.ts';

const asker = 'tokyo/child-chronic';
const at = Temporal.Instant.from('2026-06-01T00:00:00Z');
const until = at.add({ hours: 72 });

async function anArea() {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-area-'));
  const area = await TemporaryNumbers.open({ directory: path.join(directory, 'area'), apartFrom: [] });
  return {
    directory,
    area,
    async [Symbol.asyncDispose]() {
      area[Symbol.dispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
const number = makeIndividualNumber(systemRandom);

mechanismTest('retention.temporary-number', '003-II.6-B08 期限の瞬間から、消去の前でも、番号は読めない', async () => {
  await using a = await anArea();
  await a.area.putTemporary('i-1', asker, number, until);
  assert.ok((await a.area.readTemporary('i-1', asker, until.subtract({ nanoseconds: 1 }))).ok);
  assert.deepEqual(await a.area.readTemporary('i-1', asker, until), { ok: false, error: 'not-kept' });
});

mechanismTest('vault.separate-area', '003-III.3-R1-B07 一時保存領域は、ほかの鍵やデータの場所に置けない', async () => {
  await using a = await anArea();
  const taken = path.join(a.directory, 'vault-keys');
  for (const directory of [taken, path.join(taken, 'numbers'), a.directory]) {
    const opened = TemporaryNumbers.open({ directory, apartFrom: [taken] });
    await assert.rejects(opened, /folder of its own/);
  }
  await a.area.putTemporary('i-1', asker, number, until);
});

test('FPS-X2 行ごとに鍵があり、一つを消しても、ほかは読める。消した照会には二度と入らない', async () => {
  await using a = await anArea();
  const second = makeIndividualNumber(systemRandom);
  assert.equal(await a.area.putTemporary('i-1', asker, number, until), 'kept');
  assert.equal(await a.area.putTemporary('i-2', asker, second, until), 'kept');
  assert.equal(await a.area.putTemporary('i-2', asker, number, until), 'already');
  await a.area.eraseTemporary('i-1', at);
  await a.area.eraseTemporary('i-1', at);
  assert.equal((await a.area.readTemporary('i-1', asker, at)).ok, false);
  assert.equal(unwrap(await a.area.readTemporary('i-2', asker, at)).number.digits(), second.digits());
  assert.equal(await a.area.putTemporary('i-1', asker, number, until), 'ended');
  assert.deepEqual(a.area.overdue(until), ['i-2']);
});

test('FPS-X2 宛先や期限を書き換えた行は読めない', async () => {
  await using a = await anArea();
  await a.area.putTemporary('i-1', asker, number, until);
  assert.equal((await a.area.readTemporary('i-1', 'tokyo/other', at)).ok, false);
  const file = path.join(a.directory, 'area', 'numbers.sqlite');
  const tamper = new DatabaseSync(file);
  tamper.prepare('update temporary_number set kept_until = ?').run(until.add({ hours: 1_000 }).toString());
  tamper.close();
  assert.equal((await a.area.readTemporary('i-1', asker, at)).ok, false);
});

test('003-III.7-R1-B14 領域のほかに番号の置き場はなく、置かれた番号は平文ではない', async () => {
  await using a = await anArea();
  await a.area.putTemporary('i-1', asker, number, until);
  const db = new DatabaseSync(path.join(a.directory, 'area', 'numbers.sqlite'));
  const columns = db.prepare(`select name from pragma_table_info('temporary_number')`).all() as { name: string }[];
  db.close();
  assert.deepEqual(
    columns.map((c) => c.name),
    ['inquiry_id', 'recipient', 'kept_until', 'sealed'],
  );
});
