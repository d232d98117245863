import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Charge, totalOf } from './charges.ts';
import { lastDayToObject, remit, supportOf } from './reduction.ts';

const charge = (instalment: number, dueOn: string, more: Partial<Charge> = {}): Charge => ({
  method: 'ordinary',
  instalment,
  dueOn: Temporal.PlainDate.from(dueOn),
  legalDueOn: Temporal.PlainDate.from(dueOn),
  items: { ward: 25_801, metropolis: 17_199, forest: 500 },
  ...more,
});
const year = [charge(1, '2026-06-30'), charge(2, '2026-08-31'), charge(3, '2026-11-02'), charge(4, '2027-02-01')];

test('地方税法323条 減免は申請の日に納期限の来ていない期だけ、1円未満は納める側に残る', () => {
  const parts = remit(year, { tenths: 7, forestExempt: false }, Temporal.PlainDate.from('2026-08-31'));
  assert.deepEqual(
    parts.map(({ charge: c, remitted }) => [c.instalment, remitted.ward, remitted.metropolis, remitted.forest]),
    [2, 3, 4].map((n) => [n, 18_060, 12_039, 0]),
  );
  assert.deepEqual(remit(year, { tenths: 10, forestExempt: true }, Temporal.PlainDate.from('2027-02-02')), []);
});

test('002-RTX-F3.7 森林法10条 森林環境税は別に、全部を免除するか、しない', () => {
  const on = Temporal.PlainDate.from('2026-12-01');
  assert.deepEqual(remit(year, { tenths: 10, forestExempt: false }, on)[0]?.remitted, {
    ward: 25_801,
    metropolis: 17_199,
    forest: 0,
  });
  assert.equal(remit(year, { tenths: 10, forestExempt: true }, on)[0]?.remitted.forest, 500);
  assert.deepEqual(remit([charge(6, '2027-02-01', { method: 'special' })], { tenths: 10, forestExempt: true }, on), []);
});

test('AC-16 回答の読み方: 保護の実施が「する」のときだけ事由を支え、該当なしや副本なしは何も支えない', () => {
  const of = (result: string, items: Record<string, unknown> = {}) => supportOf({ result, items });
  assert.equal(of('00', { 保護の実施: true }), 'supported');
  assert.equal(of('00', { 保護の実施: false }), 'contradicted');
  assert.equal(of('00', { 保護の種類: '生活扶助' }), 'contradicted');
  assert.deepEqual(
    ['10', '20', '50', '60'].map((r) => of(r, { 保護の実施: true })),
    ['nothing-known', 'nothing-known', 'nothing-known', 'awaited'],
  );
});

test('減免額は税額を超えず、割合が大きいほど大きい（どの額でも）', () => {
  const amount = fc.integer({ min: 0, max: 9_999_999 });
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: 0, max: 9 }), (ward, metropolis, tenths) => {
      const items = { ward, metropolis, forest: 1_000 };
      const of = (n: number) =>
        remit(
          [charge(1, '2026-06-30', { items })],
          { tenths: n, forestExempt: false },
          Temporal.PlainDate.from('2026-06-01'),
        )
          .map(({ remitted }) => totalOf(remitted))
          .at(0) ?? 0;
      assert.ok(of(tenths) <= of(tenths + 1) && of(10) === ward + metropolis);
    }),
    { numRuns: 200 },
  );
});

test('行政不服審査法18条 審査請求は知った日の翌日から3か月', () => {
  assert.equal(lastDayToObject(Temporal.PlainDate.from('2026-06-12')).toString(), '2026-09-12');
  assert.equal(lastDayToObject(Temporal.PlainDate.from('2026-11-30')).toString(), '2027-02-28');
});
