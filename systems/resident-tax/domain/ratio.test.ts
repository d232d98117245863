import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { BandTable } from '@musubi/rates/resident-tax/shapes.ts';
import fc from 'fast-check';
import {
  byBand,
  cutAt,
  dayAgainst,
  dayNumber,
  exactSum,
  lesser,
  raisedAt,
  raisedAtBoth,
  remaining,
  totalOf,
} from './ratio.ts';

for (const [amount, rate, cut, raised] of [
  [0, [5, 100], 0, 0],
  [1, [1, 3], 0, 1],
  [40, [5, 100], 2, 2],
  [41, [5, 100], 2, 3], // 2.05
  [49, [5, 100], 2, 3], // 2.45
  [59, [5, 100], 2, 3], // 2.95
  [1_900_000, [2_025, 100_000], 38_475, 38_475],
  [1_901_000, [2_025, 100_000], 38_495, 38_496], // 38,495.25
] as const) {
  test(`端数処理: ${amount}円の${rate[0]}/${rate[1]}は切捨て${cut}円、切上げ${raised}円`, () => {
    assert.equal(cutAt(amount, rate), cut);
    assert.equal(raisedAt(amount, rate), raised);
  });
}

test('端数処理: 積が2の53乗を超えても正確に求める', () => {
  // 9,007,199,254,740,991 × 0.06 = 540,431,955,284,459.46
  assert.equal(cutAt(9_007_199_254_740_991, [6, 100]), 540_431_955_284_459);
  assert.equal(raisedAt(9_007_199_254_740_991, [6, 100]), 540_431_955_284_460);
  // 90,071,992,547,409 × 6, no fraction
  assert.equal(cutAt(9_007_199_254_740_900, [6, 100]), 540_431_955_284_454);
  assert.equal(raisedAt(9_007_199_254_740_900, [6, 100]), 540_431_955_284_454);
});

test('端数処理: 商が次の整数に最も近いところでも、任意精度の計算と1円も違わない', () => {
  const amounts = fc.oneof(fc.nat(100_000_000), fc.bigInt(0n, 2n ** 53n - 1n).map(Number));
  const rates = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }));
  const exact = (amount: number, [n, d]: readonly [number, number]): number => {
    const [product, by] = [BigInt(amount) * BigInt(n), BigInt(d)];
    assert.equal(cutAt(amount, [n, d]), Number(product / by));
    assert.equal(raisedAt(amount, [n, d]), Number((product + by - 1n) / by));
    return Number(product / by);
  };
  fc.assert(
    fc.property(amounts, rates, (amount, rate) => {
      fc.pre((amount * rate[0]) / rate[1] < Number.MAX_SAFE_INTEGER);
      exact(amount, rate);
    }),
    { numRuns: 300 },
  );
  // One below a multiple of the denominator, on both sides of 2 to the 52nd.
  for (const product of [2 ** 52 - 1, 2 ** 52, 2 ** 52 + 1, 2 ** 53 - 1])
    for (const d of [3, 7, 100, 99_991]) exact(product - (product % d) - 1, [1, d]);
});

test('地方税法第314条の7第11項: 割合を2つ掛けても端数処理は最後に一度だけ行う', () => {
  // 24,449.76; 2.52; 0.54; 33,958 with no fraction
  assert.equal(raisedAtBoth(48_000, [84_895, 100_000], [3, 5]), 24_450);
  assert.equal(raisedAtBoth(7, [90, 100], [2, 5]), 3);
  assert.equal(raisedAtBoth(3, [90, 100], [1, 5]), 1);
  assert.equal(raisedAtBoth(100_000, [84_895, 100_000], [2, 5]), 33_958);
});

for (const [name, parts, cut, raised] of [
  ['なし', [], 0, 0],
  [
    '同じ分母: 100の1/3と2/3',
    [
      [100, [1, 3]],
      [100, [2, 3]],
    ],
    100,
    100,
  ],
  [
    '1/2と1/3と1/6',
    [
      [1, [1, 2]],
      [1, [1, 3]],
      [1, [1, 6]],
    ],
    1,
    1,
  ],
  [
    '1/2と1/3',
    [
      [1, [1, 2]],
      [1, [1, 3]],
    ],
    0,
    1,
  ],
  [
    '30の1/4と50の1/6: 15.83',
    [
      [30, [1, 4]],
      [50, [1, 6]],
    ],
    15,
    16,
  ],
  [
    '10の1/6と10の1/3',
    [
      [10, [1, 6]],
      [10, [1, 3]],
    ],
    5,
    5,
  ],
  [
    '25の6/100と33の3/1000: 1.599',
    [
      [25, [6, 100]],
      [33, [3, 1_000]],
    ],
    1,
    2,
  ],
] as const) {
  test(`地方税法第20条の4の2: 率の異なる課税標準の合計は最後まで分数のまま — ${name}`, () => {
    assert.equal(exactSum(parts, false), cut);
    assert.equal(exactSum(parts, true), raised);
  });
}

test('地方税法第20条の4の2: 合計の途中で2の53乗を超えても正確に求める', () => {
  // (27,000,000,000,000,003 + 7) ÷ 5 = 5,400,000,000,000,002
  const fifths = [
    [9_000_000_000_000_001, [3, 5]],
    [7, [1, 5]],
  ] as const;
  assert.equal(exactSum(fifths, true), 5_400_000_000_000_002);
  assert.equal(exactSum(fifths, false), 5_400_000_000_000_002);
  // 4,500,000,000,000,000.5 + 3.333… = 4,500,000,000,000,003.833…
  const mixed = [
    [9_000_000_000_000_001, [1, 2]],
    [10, [1, 3]],
  ] as const;
  assert.equal(exactSum(mixed, false), 4_500_000_000_000_003);
  assert.equal(exactSum(mixed, true), 4_500_000_000_000_004);
});

const rows = (rounding: BandTable['rounding']): BandTable => ({
  rounding,
  bands: [
    { from: 0, unit: 1, ratio: [0, 1], plus: 7 },
    { from: 10, unit: 1, ratio: [1, 4], plus: 100 },
    { from: 100, unit: 40, ratio: [1, 3], plus: -5 },
  ],
});
for (const [amount, down, up] of [
  [0, 7, 7],
  [9, 7, 7],
  [10, 102, 103], // 2.5
  [12, 103, 103],
  [99, 124, 125], // 24.75
  [100, 21, 22], // 80 ÷ 3 = 26.67
  [119, 21, 22],
  [120, 35, 35],
] as const) {
  test(`段階表: ${amount}は切捨て${down}、切上げ${up}`, () => {
    assert.equal(byBand(rows('down'), amount), down);
    assert.equal(byBand(rows('up'), amount), up);
  });
}

test('書類の枚数によらず金額を合計する', () => {
  assert.equal(totalOf([]), 0);
  assert.equal(totalOf([yen(5)]), 5);
  assert.equal(totalOf([yen(5), yen(6), yen(7)]), 18);
});

test('控除は残額まで、残額は0円まで', () => {
  assert.deepEqual([lesser(3, 4), lesser(4, 3)], [3, 3]);
  assert.deepEqual([remaining(4, 3), remaining(3, 3), remaining(3, 4)], [1, 0, 0]);
});

test('日付は年・月・日の順に比べる', () => {
  assert.equal(dayNumber(Temporal.PlainDate.from('2008-01-03')), 20_080_103);
  assert.equal(dayNumber(Temporal.PlainDate.from('1961-12-31')), 19_611_231);
});

test('日付と年月日の数は、年が違えば年で、同じ年なら月日まで比べる', () => {
  const number = 20_080_103;
  for (const [day, sign] of [
    ['2007-12-31', -1],
    ['2008-01-02', -1],
    ['2008-01-03', 0],
    ['2008-01-04', 1],
    ['2008-02-01', 1],
    ['2009-01-01', 1],
  ] as const)
    assert.equal(Math.sign(dayAgainst(Temporal.PlainDate.from(day), number)), sign, day);
});
