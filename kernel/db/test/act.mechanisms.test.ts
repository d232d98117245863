import assert from 'node:assert/strict';
import { mechanismTest } from '../../enforcement/testing.ts';
import { err, ok, type Result } from '../../result/result.ts';
import { type ActDeps, type Actor, act, look } from '../act.ts';
import { testDatabase } from '../testing.ts';

const notes = [{ name: 'note', directory: new URL('./schema/', import.meta.url) }];
const clerk: Actor = { kind: 'staff', organisation: 'meguro', staffId: 's-1', sessionId: 'x' };
const nobody = { allows: async () => false };

const write = act('note.write', {
  right: ['note', 'note', 'update'],
  async run(tx, _deps: ActDeps, how: 'well' | 'silently' | 'refused'): Promise<Result<null, 'no'>> {
    await tx`insert into note.note (words, event_id) values ('x', ${tx.eventId})`;
    if (how === 'refused') return err('no');
    if (how === 'well') tx.record({ event: 'note.written' });
    return ok(null);
  },
});
const count = look('note.count', {
  right: ['note', 'note', 'read'],
  run: async (tx, _deps: ActDeps, _query: null) => (await tx`select 1 from note.note`).length,
});

mechanismTest(
  'access.right-per-route',
  'design §6: without the right neither an act nor a look does anything',
  async () => {
    await using t = await testDatabase(notes, { rights: nobody });
    assert.deepEqual(await write(t.deps, clerk, 'well'), err('not-authorised'));
    assert.deepEqual(await count(t.deps, clerk, null), err('not-authorised'));
    assert.deepEqual(await t.owner('select 1 from note.note'), []);
  },
);

mechanismTest(
  'audit.read-recorded',
  'design §2.6: what a reading act found leaves only with the record of who read what of whom',
  async () => {
    await using t = await testDatabase(notes);
    const read = act('note.read', {
      right: ['note', 'note', 'read'],
      async run(tx, _deps: ActDeps, recorded: boolean): Promise<Result<string, never>> {
        if (recorded) tx.record({ event: 'note.read', subject: 'person-1', items: ['words'] });
        return ok('所得 3,000,000円');
      },
    });
    assert.deepEqual(await read(t.deps, clerk, true), ok('所得 3,000,000円'));
    assert.deepEqual(
      t.events.map((e) => [e.event, e.subject, e.items, e.actor]),
      [['note.read', 'person-1', ['words'], clerk]],
    );
    await assert.rejects(read(t.deps, clerk, false), /without a record/);
  },
);

mechanismTest('audit.same-transaction', 'design §2.6: no record, no act', async () => {
  await using t = await testDatabase(notes);
  await assert.rejects(write(t.deps, clerk, 'silently'), /without a record/);
  assert.deepEqual(await t.owner('select 1 from note.note'), []);
});

mechanismTest(
  'audit.refusal-recorded',
  'design §2.6: a refusal is recorded with its word, whether by rule or by right',
  async () => {
    await using t = await testDatabase(notes);
    await write(t.deps, clerk, 'refused');
    await count({ ...t.deps, rights: nobody }, clerk, null);
    assert.deepEqual(
      t.events.map((e) => [e.event, e.outcome, e.refusal]),
      [
        ['note.write.refused', 'refused', 'no'],
        ['note.count.refused', 'refused', 'not-authorised'],
      ],
    );
  },
);
