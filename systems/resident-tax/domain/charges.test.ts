import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import fc from 'fast-check';
import { type Charge, type DecidedLevy, planCharges, type Shares, totalOf } from './charges.ts';
import { splitIntoInstalments } from './collection.ts';

const day = (text: string) => Temporal.PlainDate.from(text);
const sharesOf = (total: number): Shares => {
  const forest = Math.min(1_000, total);
  const metropolis = Math.floor(((total - forest) * 4) / 10);
  return { ward: total - forest - metropolis, metropolis, forest };
};
const partsOf = (method: 'ordinary' | 'special', total: number) =>
  splitIntoInstalments(yen(total), method === 'special' ? 12 : 4, method === 'special' ? 100 : 1_000);
const levy = (method: 'ordinary' | 'special', total: number): DecidedLevy => ({
  fiscalYear: 2026,
  method,
  total: sharesOf(total),
  instalments: partsOf(method, total),
});
const mixed = (ofWages: number, bySlips: number): DecidedLevy => ({
  fiscalYear: 2026,
  method: 'mixed',
  total: sharesOf(ofWages + bySlips),
  instalments: [...partsOf('special', ofWages), ...partsOf('ordinary', bySlips)],
});
const amounts = (charges: readonly Charge[]) =>
  charges.map((c) => [c.instalment, totalOf(c.items), c.dueOn.toString()]);
const first = planCharges(levy('ordinary', 100_500), [], day('2026-06-01'));

test('地方税法320条: 当初の決定は期割のとおりに四つの納期に調定される', () => {
  assert.deepEqual(amounts(first), [
    [1, 25_500, '2026-06-30'],
    [2, 25_000, '2026-08-31'],
    [3, 25_000, '2026-11-02'],
    [4, 25_000, '2027-02-01'],
  ]);
});

test('地方税法321条の5: 特別徴収は6月から翌年5月の月割で、翌月10日が納期限', () => {
  const months = planCharges(levy('special', 194_800), [], day('2026-05-12'));
  assert.deepEqual(amounts(months).slice(0, 2), [
    [6, 16_600, '2026-07-10'],
    [7, 16_200, '2026-08-10'],
  ]);
  assert.deepEqual([months.length, months.at(-1)?.instalment, months.at(-1)?.dueOn.toString()], [12, 5, '2027-06-10']);
});

test('地方税法321条の2: 増額は、納期の来ていない期に割り振る', () => {
  const later = planCharges(levy('ordinary', 130_500), first, day('2026-09-15'));
  assert.deepEqual(amounts(later), [
    [1, 25_500, '2026-06-30'],
    [2, 25_000, '2026-08-31'],
    [3, 40_000, '2026-11-02'],
    [4, 40_000, '2027-02-01'],
  ]);
  assert.deepEqual(later[0]?.items, first[0]?.items);
});

test('地方税法319条の2第4項: 納期限まで十日を切った期は動かさず、すべて過ぎていれば随時の期を立てる', () => {
  const tooLate = planCharges(levy('ordinary', 130_500), first, day('2027-01-23'));
  assert.deepEqual(amounts(tooLate).at(-1), [5, 30_000, '2027-03-01']);
  assert.equal(tooLate.at(-1)?.legalDueOn.toString(), '2026-06-30');
  const again = planCharges(levy('ordinary', 131_500), tooLate, day('2027-04-02'));
  assert.deepEqual(amounts(again).at(-1), [6, 1_000, '2027-05-31']);
  const inTime = planCharges(levy('ordinary', 130_500), first, day('2027-01-22'));
  assert.deepEqual(amounts(inTime).at(-1), [4, 55_000, '2027-02-01']);
});

test('地方税法321条の2: 減額は後の期から差し引き、取消しはすべての期を零にする', () => {
  const lower = planCharges(levy('ordinary', 30_500), first, day('2026-09-15'));
  assert.deepEqual(
    amounts(lower).map(([, amount]) => amount),
    [25_500, 5_000, 0, 0],
  );
  const nothing = planCharges(
    { fiscalYear: 2026, method: 'none', total: sharesOf(0), instalments: [] },
    lower,
    day('2026-10-01'),
  );
  assert.deepEqual(
    amounts(nothing).map(([, amount]) => amount),
    [0, 0, 0, 0],
  );
});

test('地方税法321条の5第2項: 退職した人の残りは普通徴収の納期へ移り、徴収された月はそのまま', () => {
  const months = planCharges(levy('special', 120_000), [], day('2026-05-12'));
  const left = planCharges(levy('ordinary', 120_000), months, day('2026-09-20'));
  const of = (method: string) => left.filter((c) => c.method === method && totalOf(c.items) > 0);
  assert.deepEqual(
    of('special').map((c) => c.instalment),
    [6, 7, 8, 9],
  );
  assert.deepEqual(amounts(of('ordinary')), [
    [3, 40_000, '2026-11-02'],
    [4, 40_000, '2027-02-01'],
  ]);
});

const byMethod = (charges: readonly Charge[]) =>
  (['special', 'ordinary'] as const).map((method) =>
    charges.filter((c) => c.method === method).reduce((sum, c) => sum + totalOf(c.items), 0),
  );

test('地方税法321条の3第2項 併徴: 給与の分は月割、他の所得の分は納期に、それぞれ調定される', () => {
  const both = planCharges(mixed(194_800, 60_500), [], day('2026-05-12'));
  assert.deepEqual(byMethod(both), [194_800, 60_500]);
  assert.deepEqual(amounts(both.filter((c) => c.method === 'special')).slice(0, 2), [
    [6, 16_600, '2026-07-10'],
    [7, 16_200, '2026-08-10'],
  ]);
  assert.deepEqual(amounts(both.filter((c) => c.method === 'ordinary')), [
    [1, 15_500, '2026-06-30'],
    [2, 15_000, '2026-08-31'],
    [3, 15_000, '2026-11-02'],
    [4, 15_000, '2027-02-01'],
  ]);
});

test('地方税法321条の2, 321条の6 併徴の変更: 給与の分は残りの月に、他の所得の分は残りの期に割り振り、過ぎた月と期は動かない', () => {
  const both = planCharges(mixed(194_800, 60_500), [], day('2026-05-12'));
  const later = planCharges(mixed(204_800, 80_500), both, day('2026-09-15'));
  assert.deepEqual(byMethod(later), [204_800, 80_500]);
  const was = (charge: Charge) => both.find((c) => c.method === charge.method && c.instalment === charge.instalment);
  for (const charge of later.filter((c) => c.dueOn.toString() < '2026-10-11')) assert.deepEqual(charge, was(charge));
  // The person asks from now on for wages to bear all of it; what the slips bore stays theirs.
  const one = planCharges(levy('special', 285_300), later, day('2026-09-20'));
  assert.deepEqual(byMethod(one), [254_800, 30_500]);
  // No month is left: the slips bear the rise, that of the wages too.
  const tooLate = planCharges(mixed(214_800, 80_500), later, day('2027-05-20'));
  assert.deepEqual(byMethod(tooLate), [204_800, 90_500]);
});

test('changes in any order on any days: charges add up to the levy in each share, nothing negative, a repeat changes nothing', () => {
  const change = fc.record({
    method: fc.constantFrom('ordinary' as const, 'special' as const, 'mixed' as const),
    ofWages: fc.integer({ min: 0, max: 100 }),
    total: fc.oneof(
      fc.constant(0),
      fc.constant(5_000),
      fc.integer({ min: 0, max: 40_000 }).map((n) => n * 100),
    ),
    days: fc.integer({ min: 0, max: 120 }),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
      let standing: readonly Charge[] = [];
      let on = day('2026-05-10');
      for (const { method, ofWages, total, days } of changes) {
        const wages = Math.trunc((total * ofWages) / 100);
        const decided =
          total === 0
            ? { ...levy('ordinary', 0), method: 'none' as const }
            : method === 'mixed'
              ? mixed(wages, total - wages)
              : levy(method, total);
        standing = planCharges(decided, standing, on);
        for (const name of ['ward', 'metropolis', 'forest'] as const)
          assert.equal(
            standing.reduce((sum, charge) => sum + charge.items[name], 0),
            decided.total[name],
          );
        for (const { items } of standing) assert.ok(items.ward >= 0 && items.metropolis >= 0 && items.forest >= 0);
        assert.equal(new Set(standing.map((c) => `${c.method} ${c.instalment}`)).size, standing.length);
        assert.deepEqual(planCharges(decided, standing, on.add({ days: 3 })), standing);
        on = on.add({ days });
      }
    }),
    { numRuns: 300 },
  );
});
