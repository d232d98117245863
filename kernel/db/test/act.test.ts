import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { err, ok, type Result } from '../../result/result.ts';
import { type ActDeps, type Actor, act, look } from '../act.ts';
import { json } from '../sql.ts';
import { type TestDatabase, testDatabase } from '../testing.ts';

let t: TestDatabase;
before(async () => {
  t = await testDatabase([{ name: 'note', directory: new URL('./schema/', import.meta.url) }]);
});
after(() => t[Symbol.asyncDispose]());

const clerk: Actor = { kind: 'staff', organisation: 'meguro', staffId: 's-1', sessionId: 'x' };

const write = act('note.write', {
  right: ['note', 'note', 'update'],
  async run(
    tx,
    _deps: ActDeps,
    command: { words: string; fail?: 'refuse' | 'throw' | 'silent' },
  ): Promise<Result<number, 'refused-by-rule'>> {
    const rows = await tx<{ id: number; due: string; body: { a: number } }>`
      insert into note.note (words, due_on, body, bytes, event_id)
      values (${command.words}, ${Temporal.PlainDate.from('2028-02-29')}, ${json({ a: 1 })}, ${new Uint8Array([1, 2])}, ${tx.eventId})
      returning note_id as id, due_on as due, body`;
    assert.equal(rows[0]?.due, '2028-02-29');
    assert.deepEqual(rows[0]?.body, { a: 1 });
    if (command.fail === 'refuse') return err('refused-by-rule');
    if (command.fail === 'throw') throw new Error('broken');
    if (command.fail !== 'silent') tx.record({ event: 'note.written', subject: 'p-1' });
    return ok(rows[0]!.id);
  },
});

const count = async (words: string): Promise<number> =>
  Number((await t.owner('select count(*)::int as n from note.note where words = $1', [words]))[0]?.n);

test('design §5 act: facts and event commit together', async () => {
  const result = await write(t.deps, clerk, { words: 'good' });
  assert.ok(result.ok);
  assert.equal(await count('good'), 1);
  const event = t.events.at(-1);
  assert.equal(event?.event, 'note.written');
  assert.equal(event?.outcome, 'done');
  assert.deepEqual(event?.right, ['note', 'note', 'update']);
});

test('design §5 act: a refusal undoes what was written and its event stays', async () => {
  assert.deepEqual(await write(t.deps, clerk, { words: 'refused', fail: 'refuse' }), err('refused-by-rule'));
  assert.equal(await count('refused'), 0);
  assert.equal(t.events.at(-1)?.refusal, 'refused-by-rule');
});

test('design §5 act: broken machinery leaves neither fact nor event', async () => {
  const before = t.events.length;
  await assert.rejects(write(t.deps, clerk, { words: 'thrown', fail: 'throw' }), /broken/);
  assert.equal(await count('thrown'), 0);
  assert.equal(t.events.length, before);
});

test('design §2.6 act: a body that records nothing cannot end well', async () => {
  await assert.rejects(write(t.deps, clerk, { words: 'silent', fail: 'silent' }), /without a record/);
  assert.equal(await count('silent'), 0);
});

test('design §6 act: without the right nothing runs and the refusal is recorded', async () => {
  const deps = { ...t.deps, rights: { allows: async () => false } };
  assert.deepEqual(await write(deps, clerk, { words: 'not allowed' }), err('not-authorised'));
  assert.equal(await count('not allowed'), 0);
  assert.equal(t.events.at(-1)?.refusal, 'not-authorised');
});

test('act: a failing statement rolls back although a pipelined COMMIT would report success', async () => {
  const broken = act('note.broken', {
    right: ['note', 'note', 'update'],
    async run(tx, _deps: ActDeps, _command: Record<string, never>): Promise<Result<null, never>> {
      await tx`insert into note.note (words, event_id) values ('before failure', ${tx.eventId})`;
      await tx`insert into note.note (words, amount_yen, event_id) values ('bad', -1, ${tx.eventId})`.catch(() => {});
      tx.record({ event: 'note.written' });
      return ok(null);
    },
  });
  await assert.rejects(broken(t.deps, clerk, {}));
  assert.equal(await count('before failure'), 0);
});

test('look: read only, authorised', async () => {
  const countAll = look('note.count', {
    right: ['note', 'note', 'read'],
    async run(tx, _deps: ActDeps, _query: null) {
      return (await tx<{ n: number }>`select count(*) as n from note.note`)[0]!.n;
    },
  });
  const result = await countAll(t.deps, clerk, null);
  assert.ok(result.ok && result.value >= 1);
  const sneak = look('note.sneak', {
    right: ['note', 'note', 'read'],
    async run(tx, _deps: ActDeps, _query: null) {
      await tx`insert into note.note (words, event_id) values ('sneaked', ${tx.eventId}::uuid)`;
    },
  });
  await assert.rejects(sneak({ ...t.deps }, clerk, null));
});

test('Tx: COPY in and out, and reading in blocks', async () => {
  const load = act('note.load', {
    right: ['note', 'note', 'update'],
    async run(tx, _deps: ActDeps, rows: number): Promise<Result<number, never>> {
      const lines = Array.from({ length: rows }, (_, i) => `行${i}\t${i}\t${tx.eventId}\n`);
      const copied = await tx.copyIn('copy note.note (words, amount_yen, event_id) from stdin', lines);
      let read = 0;
      for await (const block of tx.cursor<{ words: string }>(
        100,
      )`select words from note.note where event_id = ${tx.eventId}`) {
        assert.ok(block.length <= 100);
        read += block.length;
      }
      assert.equal(read, rows);
      let out = '';
      for await (const chunk of tx.copyOut(
        `copy (select words from note.note where words like '行%' order by 1 limit 3) to stdout`,
      ))
        out += chunk;
      assert.equal(out.split('\n').length, 4);
      await tx`select 1`;
      tx.record({ event: 'note.loaded', detail: { rows: copied } });
      return ok(copied);
    },
  });
  assert.deepEqual(await load(t.deps, clerk, 250), ok(250));
});

test('least privilege: the application role may not change or delete what it may only insert', async () => {
  const tamper = act('note.tamper', {
    right: ['note', 'note', 'update'],
    async run(tx, _deps: ActDeps, _c: null): Promise<Result<null, never>> {
      await tx`update note.note set words = 'x'`;
      tx.record({ event: 'note.written' });
      return ok(null);
    },
  });
  await assert.rejects(tamper(t.deps, clerk, null), /permission denied/);
});
