import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { err, ok, type Result } from '../../result/result.ts';
import { type ActDeps, type Actor, type AuditEntry, type AuditSink, act, look } from '../act.ts';
import { json, type Tx } from '../sql.ts';
import { type TestDatabase, testDatabase } from '../testing.ts';
import { type Gathered, gathered } from '../together.ts';

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

test('Tx: a COPY whose rows break off half way leaves nothing, and the connection goes on', async () => {
  const load = act('note.load-broken', {
    right: ['note', 'note', 'update'],
    async run(tx, _deps: ActDeps, rows: number): Promise<Result<number, never>> {
      const lines = function* () {
        for (let i = 0; i < rows; i++) yield `半${i}\t${i}\t${tx.eventId}\n`;
        if (rows !== 3) throw new Error('a row could not be made');
      };
      const copied = await tx.copyIn('copy note.note (words, amount_yen, event_id) from stdin', lines());
      tx.record({ event: 'note.loaded' });
      return ok(copied);
    },
  });
  for (const rows of [0, 1, 5_000]) await assert.rejects(load(t.deps, clerk, rows), /could not be made/);
  assert.deepEqual(await t.owner(`select words from note.note where words like '半%'`), []);
  // More of them than there are connections: none is left waiting for rows.
  for (let i = 0; i < 6; i++) await assert.rejects(load(t.deps, clerk, 10), /could not be made/);
  assert.deepEqual(await load(t.deps, clerk, 3), ok(3));
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

const asked: number[] = [];
const insertNote = gathered(async (tx, notes: readonly Gathered<string>[]) => {
  asked.push(notes.length);
  const rows = await tx<{ words: string; transaction: string }>`
    insert into note.note (words, event_id) select * from unnest(${notes.map((n) => n.query)}::text[], ${notes.map((n) => n.eventId)}::uuid[])
    returning words, pg_current_xact_id()::text as transaction`;
  return notes.map(({ query }) => rows.find((row) => row.words === query)!.transaction);
});
interface Note {
  readonly words: string;
  readonly end?: 'refuse' | 'throw' | 'silent' | 'break';
}
const share = act('note.share', {
  right: ['note', 'note', 'update'],
  shares: (actor) => actor.kind === 'staff',
  async run(tx, _deps: ActDeps, { words, end }: Note): Promise<Result<string, 'refused-by-rule'>> {
    const transaction = await insertNote(tx, words);
    if (end === 'refuse') return err('refused-by-rule');
    if (end === 'throw') throw new Error('broken');
    if (end === 'break') await tx`select 1 / 0`;
    if (end !== 'silent') tx.record({ event: 'note.shared', subject: words });
    return ok(transaction);
  },
});
/** Deps of its own: whatever else runs is not in the same transaction. */
const apart = (more: Partial<ActDeps> = {}): ActDeps => ({ ...t.deps, ...more });
const eventsOf = (words: readonly string[]) =>
  t.events.filter(({ subject }) => subject !== undefined && words.includes(subject));

test('kernel/db Together: acts of one turn share a transaction and their statements, each with its own event and answer', async () => {
  asked.length = 0;
  const [deps, words] = [apart(), ['a', 'b', 'c', 'd', 'e'].map((w) => `together ${w}`)];
  const results = await Promise.all(words.map((each) => share(deps, clerk, { words: each })));
  assert.equal(new Set(results.map((r) => (r.ok ? r.value : r.error))).size, 1);
  assert.deepEqual(asked, [5]);
  const rows = await t.owner<{ words: string; event_id: string }>(
    `select words, event_id from note.note where words like 'together %' order by 1`,
  );
  assert.deepEqual(
    rows,
    eventsOf(words).map(({ subject, eventId }) => ({ words: subject, event_id: eventId })),
  );
  assert.equal(new Set(rows.map((row) => row.event_id)).size, 5);
  // One that comes alone, and an actor whose calls do not share, have a transaction of their own.
  asked.length = 0;
  const job: Actor = { kind: 'job', name: 'x' };
  await Promise.all([
    share(deps, clerk, { words: 'single' }),
    share(deps, job, { words: 'job 1' }),
    share(deps, job, { words: 'job 2' }),
  ]);
  assert.deepEqual(asked, [1, 1, 1]);
});

for (const end of ['refuse', 'throw', 'silent', 'break'] as const)
  test(`kernel/db Together: one that ends otherwise (${end}) takes nobody with it, and leaves what it leaves alone`, async () => {
    const good = ['g1', 'g2', 'g3'].map((w) => `${end} ${w}`);
    const deps = apart();
    const [bad, ...others] = await Promise.allSettled([
      share(deps, clerk, { words: `${end} bad`, end }),
      ...good.map((words) => share(deps, clerk, { words })),
    ]);
    assert.ok(others.every((other) => other.status === 'fulfilled' && other.value.ok));
    for (const words of good) assert.equal(await count(words), 1);
    assert.equal(await count(`${end} bad`), 0);
    assert.equal(eventsOf(good).length, 3);
    if (end === 'refuse') {
      assert.deepEqual(bad.status === 'fulfilled' && bad.value, err('refused-by-rule'));
      assert.equal(t.events.filter((e) => e.act === 'note.share' && e.refusal === 'refused-by-rule').length, 1);
    } else assert.equal(bad.status, 'rejected');
  });

test('kernel/db Together: what comes while one is under way goes together after it, or beside it where it takes long', async () => {
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slow: AuditSink = {
    write: async (_tx, entry) => {
      if (entry.subject === 'slow') await held;
    },
  };
  const [quick, waits] = [apart(), apart({ audit: slow })];
  asked.length = 0;
  const first = share(quick, clerk, { words: 'under way' });
  await new Promise((resolve) => setImmediate(resolve));
  const later = ['after 1', 'after 2', 'after 3'].map((words) => share(quick, clerk, { words }));
  const answers = await Promise.all([first, ...later]);
  assert.equal(new Set(answers.slice(1).map((r) => (r.ok ? r.value : r.error))).size, 1);
  assert.deepEqual(asked, [1, 3]);
  // The first of these does not end before the others have been answered.
  const stuck = share(waits, clerk, { words: 'slow' });
  await new Promise((resolve) => setImmediate(resolve));
  const others = await Promise.all(['beside 1', 'beside 2'].map((words) => share(waits, clerk, { words })));
  assert.ok(others.every((r) => r.ok));
  assert.equal(await count('slow'), 0);
  letGo();
  assert.ok((await stuck).ok);
});

test('kernel/db Together: who may not is refused on the record, and the others are answered', async () => {
  const intruder: Actor = { ...clerk, staffId: 's-9' };
  const deps = apart({ rights: { allows: async (_tx, actor) => actor.kind === 'staff' && actor.staffId !== 's-9' } });
  const [refused, done] = await Promise.all([
    share(deps, intruder, { words: 'not mine' }),
    share(deps, clerk, { words: 'mine' }),
  ]);
  assert.deepEqual(refused, err('not-authorised'));
  assert.ok(done.ok);
  assert.deepEqual([await count('not mine'), await count('mine')], [0, 1]);
  assert.equal(
    t.events.filter((e) => e.refusal === 'not-authorised' && 'staffId' in e.actor && e.actor.staffId === 's-9').length,
    1,
  );
});

test('kernel/db Together: what fails at the commit is done again alone; a connection lost there is done again by nobody', async () => {
  const written: AuditEntry[] = [];
  const failing = (statement: (tx: Tx) => Promise<unknown>): ActDeps =>
    apart({
      audit: {
        write: async (_tx, entry) => void written.push(entry),
        writeTogether: async (tx) => void (await statement(tx)),
      },
    });
  const again = failing((tx) => tx`select 1 / 0`);
  const results = await Promise.all(['w1', 'w2'].map((words) => share(again, clerk, { words })));
  assert.ok(results.every((r) => r.ok));
  assert.deepEqual([await count('w1'), await count('w2'), written.length], [1, 1, 2]);
  const lost = failing((tx) => tx`select pg_terminate_backend(pg_backend_pid())`);
  const ends = await Promise.allSettled(['l1', 'l2'].map((words) => share(lost, clerk, { words })));
  assert.deepEqual(
    ends.map((each) => each.status),
    ['rejected', 'rejected'],
  );
  assert.deepEqual([await count('l1'), await count('l2'), written.length], [0, 0, 2]);
});
