import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepTraining } from '../jobs/training.ts';
import { anOath, officer, second, third, type World, world } from './world.ts';

/* 取扱者の研修 (番号利用法 第29条の2): who lapses, when the directory is told, and what restores. */

const receiver = 'tokyo/staff-directory';
const keep = (w: World) => keepTraining(w.deps, receiver);

async function aCourse(w: World, heldOn: string): Promise<string> {
  const course = await w.made('course', {
    name: '取扱者研修',
    kind: 'handler',
    heldOn,
    passMark: '80',
    audience: 'tax-clerk-01\ntax-clerk-02',
    material: '教材-1',
  });
  await w.done('course', course, 'hold', { report: '報告-1' }, officer);
  return course;
}
const attended = (w: World, course: string, staffId: string, attendedOn: string, score = '90') =>
  w.made('attendance', { course, staffId, attendedOn, score });

/** Designated in fiscal year 2025 after that year's training. */
export async function aHandler(w: World, staffId: string, course: string): Promise<string> {
  const oath = await w.made('oath', { ...anOath, affiliation: 'employee', signedOn: '2026-03-01' });
  const attendance = await attended(w, course, staffId, '2026-03-02');
  const handler = await w.made('handler', { staffId, department: '税務課', duty: '賦課', oath, attendance });
  await w.done('handler', handler, 'designate', { fiscalYear: '2025' });
  return handler;
}

test('番号利用法29条の2 年度が替わり5月末を過ぎても研修の記録がない取扱者は、一度だけ失効として知らされ、修了の記録で戻る', async () => {
  await using w = await world('2026-03-10');
  const last = await aCourse(w, '2026-03-02');
  const one = await aHandler(w, 'tax-clerk-01', last);
  await aHandler(w, 'tax-clerk-02', last);
  for (const day of ['2026-03-31', '2026-04-01', '2026-05-31']) {
    w.t.deps.civilClock.set(day);
    await keep(w);
    assert.deepEqual(w.told, [], day);
  }
  const course = await aCourse(w, '2026-05-20');
  const attendance = await attended(w, course, 'tax-clerk-01', '2026-05-20');
  await w.done('handler', one, 'renew', { attendance, fiscalYear: '2026' }, second);
  w.t.deps.civilClock.set('2026-06-01');
  // Two loops at once tell once.
  await Promise.all([keep(w), keep(w)]);
  await keep(w);
  const lapsed = { staffId: 'tax-clerk-02', fiscalYear: 2026, standing: 'lapsed', on: '2026-06-01' };
  assert.deepEqual(w.told, [lapsed]);
  await attended(w, course, 'tax-clerk-02', '2026-06-01', '79');
  await keep(w);
  assert.deepEqual(w.told, [lapsed], 'below the mark is not trained');
  await attended(w, course, 'tax-clerk-02', '2026-06-01', '80');
  await keep(w);
  await keep(w);
  assert.deepEqual(w.told, [lapsed, { ...lapsed, standing: 'recorded' }]);
});

test('受講の記録が取り消されればその日に失効し、指定を解いても権限は戻らない', async () => {
  await using w = await world('2026-06-10');
  const course = await aCourse(w, '2026-06-01');
  const oath = await w.made('oath', { ...anOath, affiliation: 'employee' });
  const attendance = await attended(w, course, 'tax-clerk-01', '2026-06-01');
  const values = { staffId: 'tax-clerk-01', department: '税務課', duty: '賦課', oath, attendance };
  const handler = await w.made('handler', values);
  await w.done('handler', handler, 'designate', { fiscalYear: '2026' });
  await keep(w);
  assert.equal(w.told.length, 0);
  await w.done('attendance', attendance, 'cancel', { reason: '別人の受講' });
  await keep(w);
  assert.deepEqual(
    w.told.map((t) => t.standing),
    ['lapsed'],
  );
  await w.done('handler', handler, 'end', { endedOn: '2026-06-10', reason: '異動' }, third);
  await keep(w);
  assert.equal(w.told.length, 1);
  const again = await w.take('handler', handler, 'renew', { attendance, fiscalYear: '2026' });
  assert.deepEqual(again, { ok: false, error: 'step-not-possible' });
});

test('年度の指定の更新は、その年度の本人の修了した受講だけでできる', async () => {
  await using w = await world('2026-03-10');
  const last = await aCourse(w, '2026-03-02');
  const handler = await aHandler(w, 'tax-clerk-01', last);
  w.t.deps.civilClock.set('2026-05-20');
  const course = await aCourse(w, '2026-05-20');
  const old = await attended(w, last, 'tax-clerk-01', '2026-03-03');
  const failed = await attended(w, course, 'tax-clerk-01', '2026-05-20', '10');
  const others = await attended(w, course, 'tax-clerk-02', '2026-05-20');
  for (const attendance of [old, failed, others])
    assert.deepEqual(await w.take('handler', handler, 'renew', { attendance, fiscalYear: '2026' }), {
      ok: false,
      error: 'training-missing',
    });
  const good = await attended(w, course, 'tax-clerk-01', '2026-05-20');
  const wrongYear = await w.take('handler', handler, 'renew', { attendance: good, fiscalYear: '2025' });
  assert.deepEqual(wrongYear, { ok: false, error: 'not-this-year' });
  await w.done('handler', handler, 'renew', { attendance: good, fiscalYear: '2026' });
});
