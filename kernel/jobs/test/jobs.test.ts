import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActDeps, Actor } from '../../db/act.ts';
import { type TestDatabase, testDatabase } from '../../db/testing.ts';
import { err, ok } from '../../result/result.ts';
import { type CalendarJob, dueDates, runDue } from '../calendar.ts';
import { batchUseCases } from '../control.ts';
import { type BatchDefinition, paramsDigest } from '../definition.ts';
import { runBatch } from '../run-batch.ts';
import { jobsSchema } from '../schema.ts';

const staff: Actor = { kind: 'staff', organisation: 'meguro', staffId: 's1', sessionId: 'x' };
const right = ['test', 'batch', 'update'] as const;
const schemas = [jobsSchema, { name: 'probe', directory: new URL('./schema/', import.meta.url) }];
const start = (): Promise<TestDatabase> => testDatabase(schemas);

interface Behaviour {
  rows?: number;
  before?(chunkNo: number, step: string): void | Promise<void>;
  lose?: boolean;
}

/** Two steps over rows 1 … n in chunks of ten; rows divisible by 7 are rejected by the first step. */
function batch(behaviour: Behaviour = {}): BatchDefinition<ActDeps, { run: string }> {
  const rows = behaviour.rows ?? 45;
  const step = (name: string, first: boolean) => ({
    name,
    total: async () => ok(first ? rows : rows - Math.floor(rows / 7)),
    async chunk(
      tx: Parameters<BatchDefinition<ActDeps, { run: string }>['steps'][number]['chunk']>[0],
      _deps: ActDeps,
      work: { cursor: string | null; chunkNo: number },
    ) {
      const from = Number(work.cursor ?? '0');
      const all = Array.from({ length: rows }, (_, i) => i + 1).filter((n) => first || n % 7 > 0);
      const mine = all.slice(from, from + 10);
      const good = mine.filter((n) => n % 7 > 0);
      for (const n of good)
        await tx`insert into probe.done (step, row_number, event_id) values (${name}, ${n}, ${tx.eventId})`;
      await behaviour.before?.(work.chunkNo, name);
      const next = from + mine.length;
      tx.record({ event: 'rows.done', facts: ['probe.done'] });
      return ok({
        next: next >= all.length ? null : String(next),
        in: mine.length,
        out: good.length - (behaviour.lose && work.chunkNo === 2 ? 1 : 0),
        rejects: mine
          .filter((n) => n % 7 === 0)
          .map((n) => ({ rowNumber: n, code: 'W07', field: 'name', ref: `r${n}` })),
      });
    },
  });
  return { name: 'test.batch', right, steps: [step('check', true), step('apply', false)] };
}
const doneRows = async (t: TestDatabase) =>
  (await t.owner<{ n: number }>('select count(*)::int as n from probe.done'))[0]!.n;

test('design 5: a batch runs its steps in chunks; in = out + rejected, and the rejects are listed without values', async () => {
  await using t = await start();
  const end = await runBatch(t.deps, staff, batch(), { run: '1' });
  assert.ok(end.ok && end.value.state === 'done');
  const { progress, listRejects, resolveReject } = batchUseCases(right);
  const seen = await progress(t.deps, staff, { runId: end.value.runId });
  assert.ok(seen.ok && seen.value);
  assert.deepEqual(
    seen.value.steps.map((s) => [s.name, s.total, s.in, s.out, s.rejected, s.finished, s.secondsLeft]),
    [
      ['check', 45, 45, 39, 6, true, 0],
      ['apply', 39, 39, 39, 0, true, 0],
    ],
  );
  const rejects = await listRejects(t.deps, staff, { runId: end.value.runId, limit: 100 });
  assert.ok(rejects.ok);
  assert.deepEqual(
    rejects.value.map((r) => r.rowNumber),
    [7, 14, 21, 28, 35, 42],
  );
  const rejectId = rejects.value[0]!.rejectId;
  const both = await Promise.all([1, 2].map(() => resolveReject(t.deps, staff, { rejectId, resolution: 'corrected' })));
  assert.deepEqual(both.map((r) => (r.ok ? 'ok' : r.error)).sort(), ['already-resolved', 'ok']);
  const left = await listRejects(t.deps, staff, { runId: end.value.runId, limit: 100 });
  assert.equal(left.ok && left.value.length, 5);
});

test('design 5: the same parameters are the same run: a second start does nothing twice', async () => {
  await using t = await start();
  const first = await runBatch(t.deps, staff, batch(), { run: '1' });
  const second = await runBatch(t.deps, staff, batch({ before: () => assert.fail('worked again') }), { run: '1' });
  assert.deepEqual(second, first);
  assert.deepEqual(paramsDigest({ a: 1, b: 2 }), paramsDigest({ b: 2, a: 1 }));
});

test('design 5: a worker that dies in the middle of a chunk: the next one goes on after the last checkpoint', async () => {
  await using t = await start();
  let deaths = 0;
  const dying = batch({
    before: (chunkNo, step) => {
      if (step === 'check' && chunkNo === 3) {
        deaths += 1;
        throw new Error('killed');
      }
    },
  });
  const failed = await runBatch(t.deps, staff, dying, { run: '1' });
  assert.ok(failed.ok && failed.value.state === 'failed' && failed.value.why === 'broken');
  assert.equal(deaths, 3);
  assert.equal(await doneRows(t), 18, 'two chunks of ten, less the rejects 7 and 14');
  // A process that is gone without a word leaves "running" and a lease behind.
  await t.owner(`update jobs.run set state = 'running', why = null`);
  await t.owner(`update jobs.lease set holder = gen_random_uuid(), until = '2026-06-01T01:00:00Z'`);
  assert.deepEqual(await runBatch(t.deps, staff, batch(), { run: '1' }), { ok: false, error: 'already-running' });
  await t.owner(`update jobs.lease set until = '2026-05-31T00:00:00Z'`);
  const chunks: number[] = [];
  const resumed = await runBatch(
    t.deps,
    staff,
    batch({ before: (n, step) => void (step === 'check' && chunks.push(n)) }),
    { run: '1' },
  );
  assert.ok(resumed.ok && resumed.value.state === 'done');
  assert.deepEqual(chunks, [3, 4, 5]);
  assert.equal(await doneRows(t), 78);
});

test('design 5: two starters at once: one works, the other is refused; nothing is done twice', async () => {
  await using t = await start();
  const both = await Promise.all([
    runBatch(t.deps, staff, batch(), { run: '1' }),
    runBatch(t.deps, staff, batch(), { run: '1' }),
  ]);
  const words = both.map((r) => (r.ok ? r.value.state : r.error));
  assert.ok(words.includes('done') && words.every((w) => w === 'done' || w === 'already-running'), words.join());
  assert.equal(await doneRows(t), 78);
});

test('design 5: a worker that was taken for dead and comes back does no chunk twice', async () => {
  await using t = await start();
  const gate = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const slow = runBatch(
    t.deps,
    staff,
    batch({
      before: async (chunkNo, step) => {
        if (step !== 'check' || chunkNo !== 2) return;
        inside.resolve();
        await gate.promise;
      },
    }),
    { run: '1' },
  );
  await inside.promise;
  await t.owner(`update jobs.lease set until = '2026-05-31T00:00:00Z'`);
  const next = runBatch(t.deps, staff, batch(), { run: '1' });
  await new Promise((r) => setTimeout(r, 100));
  gate.resolve();
  assert.deepEqual(await slow, { ok: false, error: 'already-running' });
  const end = await next;
  assert.ok(end.ok && end.value.state === 'done');
  assert.equal(await doneRows(t), 78);
});

test('design 5: a person stops a run; a new start goes on', async () => {
  await using t = await start();
  const { stop } = batchUseCases(right);
  const stopping = batch({
    before: async (chunkNo, step) => {
      if (step !== 'check' || chunkNo !== 2) return;
      const [run] = await t.owner<{ run_id: string }>('select run_id from jobs.run');
      assert.ok((await stop(t.deps, staff, { runId: run!.run_id })).ok);
    },
  });
  const stopped = await runBatch(t.deps, staff, stopping, { run: '1' });
  assert.ok(stopped.ok && stopped.value.state === 'stopped');
  assert.equal(await doneRows(t), 18);
  assert.deepEqual(await stop(t.deps, staff, { runId: stopped.value.runId }), { ok: false, error: 'not-running' });
  const end = await runBatch(t.deps, staff, batch(), { run: '1' });
  assert.ok(end.ok && end.value.state === 'done');
  assert.equal(await doneRows(t), 78);
});

test('INC-39: a chunk that loses a row fails the run and leaves nothing of that chunk', async () => {
  await using t = await start();
  const end = await runBatch(t.deps, staff, batch({ lose: true }), { run: '1' });
  assert.ok(end.ok && end.value.state === 'failed' && end.value.why === 'chunk-out-of-balance');
  assert.equal(await doneRows(t), 9);
});

test('INC-38: a step that takes in fewer rows than were announced does not count as done', async () => {
  await using t = await start();
  const whole = batch();
  const [check] = whole.steps;
  const announced = { ...whole, steps: [{ ...check!, total: async () => ok(50) }] };
  const end = await runBatch(t.deps, staff, announced, { run: '1' });
  assert.ok(end.ok && end.value.state === 'failed' && end.value.why === 'step-out-of-balance');
});

test('INC-36: a step whose input has not arrived is blocked with its word, and runs once it has', async () => {
  await using t = await start();
  const whole = batch();
  const [check] = whole.steps;
  let arrived = false;
  const gated = { ...whole, steps: [{ ...check!, total: async () => (arrived ? ok(45) : err('receipts-missing')) }] };
  const blocked = await runBatch(t.deps, staff, gated, { run: '1' });
  assert.ok(blocked.ok && blocked.value.state === 'blocked' && blocked.value.why === 'receipts-missing');
  arrived = true;
  const end = await runBatch(t.deps, staff, gated, { run: '1' });
  assert.ok(end.ok && end.value.state === 'done');
});

test('a run without the right is refused', async () => {
  await using t = await start();
  const deps = { ...t.deps, rights: { allows: async () => false } };
  assert.deepEqual(await runBatch(deps, staff, batch(), { run: '1' }), { ok: false, error: 'not-authorised' });
});

const date = (text: string) => Temporal.PlainDate.from(text);
const weekdays = (d: Temporal.PlainDate) => d.dayOfWeek <= 5;
test('calendar: daily and the nth open day, with every date that was jumped over', () => {
  const days = (...args: Parameters<typeof dueDates>) => dueDates(...args).map(String);
  assert.deepEqual(days({ kind: 'daily' }, undefined, date('2026-06-03'), weekdays), ['2026-06-03']);
  assert.deepEqual(days({ kind: 'daily' }, date('2026-06-01'), date('2026-06-03'), weekdays), [
    '2026-06-02',
    '2026-06-03',
  ]);
  assert.deepEqual(days({ kind: 'daily' }, date('2026-06-03'), date('2026-06-03'), weekdays), []);
  // 2026-08-01 is a Saturday: the first open day is Monday the 3rd.
  assert.deepEqual(days({ kind: 'open-day', nth: 1 }, date('2026-06-30'), date('2026-08-31'), weekdays), [
    '2026-07-01',
    '2026-08-03',
  ]);
  assert.deepEqual(days({ kind: 'open-day', nth: 3 }, date('2026-06-30'), date('2026-08-31'), weekdays), [
    '2026-07-03',
    '2026-08-05',
  ]);
});

test('calendar: when the civil date jumps, each date runs once, in order, also with two schedulers', async () => {
  await using t = await start();
  const seen: string[] = [];
  const job: CalendarJob<ActDeps, { on: string }> = {
    name: 'test.daily',
    rule: { kind: 'daily' },
    params: (on) => ({ on: on.toString() }),
    batch: {
      name: 'test.daily-batch',
      right,
      steps: [
        {
          name: 'only',
          total: async () => ok(0),
          async chunk(tx, _deps, work) {
            tx.record({ event: 'day.done' });
            seen.push(work.params.on);
            return ok({ next: null, in: 0, out: 0, rejects: [] });
          },
        },
      ],
    },
  };
  await runDue(t.deps, job, weekdays);
  t.deps.civilClock.set('2026-06-04');
  await Promise.all([runDue(t.deps, job, weekdays), runDue(t.deps, job, weekdays)]);
  await runDue(t.deps, job, weekdays);
  assert.deepEqual(seen, ['2026-06-01', '2026-06-02', '2026-06-03', '2026-06-04']);
});

test('design 5: starts and ends of one run never wait for each other in a circle', async () => {
  await using t = await start();
  const one = async (run: string): Promise<string> => {
    const end = await runBatch(t.deps, staff, batch({ rows: 0 }), { run });
    return end.ok ? end.value.state : end.error;
  };
  for (let round = 0; round < 12; round++) {
    const words = await Promise.all([one(`${round}`), one(`${round}`), one(`${round}`)]);
    assert.ok(
      words.every((word) => word === 'done' || word === 'already-running'),
      words.join(),
    );
  }
});
