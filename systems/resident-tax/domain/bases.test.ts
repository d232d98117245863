import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { type Bases, baseNames } from './assessment-result.ts';
import { basesOf } from './bases.ts';
import { recordingTrace } from './trace.ts';

const none = Object.fromEntries(baseNames.map((name) => [name, yen(0)])) as unknown as Bases;
const of = (amounts: Partial<Record<keyof Bases, number>>): Bases => ({ ...none, ...(amounts as Partial<Bases>) });

for (const [before, deductions, after] of [
  [2_760_000, 1_030_000, 1_730_000],
  [2_760_999, 1_030_000, 1_730_000],
  [1_000, 0, 1_000],
  [999, 0, 0],
  [430_000, 430_000, 0],
  [430_999, 430_000, 0],
  [431_000, 430_000, 1_000],
  [100_000, 430_000, 0],
] as const) {
  test(`地方税法第20条の4の2第1項: 総所得${before}円・控除${deductions}円 → 課税標準${after}円`, () => {
    assert.deepEqual(basesOf(of({ aggregate: before }), yen(deductions), true, null), of({ aggregate: after }));
    assert.deepEqual(basesOf(of({ aggregate: before }), yen(deductions), false, null), of({ aggregate: after }));
  });
}

test('地方税法第314条の2・附則第33条の2〜第35条の4: 控除は総所得、短期、長期、配当、株式、先物、山林、退職の順に引く', () => {
  const incomes = of(Object.fromEntries(baseNames.map((name) => [name, 10_500])));
  for (const [i, name] of baseNames.entries()) {
    // Deductions that end within the i-th income, 4,000 yen of it: 6,500 → 6,000; the earlier are 0, the later 10,000.
    const expected = Object.fromEntries(baseNames.map((each, j) => [each, j < i ? 0 : j === i ? 6_000 : 10_000]));
    assert.deepEqual(basesOf(incomes, yen(10_500 * i + 4_000), false, null), expected, name);
  }
});

test('地方税法第20条の4の2第1項: 課税標準ごとに1,000円未満を切り捨てる', () => {
  const bases = basesOf(of({ aggregate: 1_999, longGeneral: 1_999, retirement: 2_000 }), yen(0), false, null);
  assert.deepEqual(bases, of({ aggregate: 1_000, longGeneral: 1_000, retirement: 2_000 }));
});

test('地方税法第314条の2: 0円の所得は控除を使わず、控除の余りは次の所得から引く', () => {
  const bases = basesOf(of({ aggregate: 100_000, listedStocks: 500_000 }), yen(430_000), false, null);
  assert.deepEqual(bases, of({ listedStocks: 170_000 }));
});

test('design §6.5: 所得のある課税標準だけが、引く前の額と残りの控除を理由に残す', () => {
  const trace = recordingTrace('test');
  basesOf(of({ aggregate: 100_000, longGeneral: 200_000, listedStocks: 500_000 }), yen(430_000), false, trace);
  assert.deepEqual(
    trace.steps.map(({ id, inputs, result }) => [id, inputs, result]),
    [
      ['taxable-income', [100_000, 430_000], 0],
      ['separate-base', [3, 200_000, 330_000], 0],
      ['separate-base', [8, 500_000, 130_000], 370_000],
    ],
  );
});
