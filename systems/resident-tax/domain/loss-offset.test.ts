import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Offsettable, offsetLosses } from './loss-offset.ts';

const nothing: Offsettable = {
  interest: 0,
  dividends: 0,
  realEstate: 0,
  business: 0,
  salary: 0,
  miscellaneous: 0,
  transferShort: 0,
  transferLong: 0,
  transferLoss: 0,
  occasional: 0,
  forestry: 0,
  retirement: 0,
};

// Incomes of different size in every class, so that an amount taken from the wrong one shows.
const rich: Offsettable = {
  interest: 1_000,
  dividends: 2_000,
  realEstate: 4_000,
  business: 8_000,
  salary: 16_000,
  miscellaneous: 32_000,
  transferShort: 100_000,
  transferLong: 200_000,
  transferLoss: 0,
  occasional: 400_000,
  forestry: 1_000_000,
  retirement: 2_000_000,
};

/** [name, incomes, 総所得金額, 山林, 退職, left over]; the half of long transfers and occasional income is written out. */
const cases: readonly (readonly [string, Partial<Offsettable>, number, number, number, number])[] = [
  // 63,000 + 100,000 + (200,000 + 400,000) ÷ 2
  ['所得税法第22条: 損失がなければ長期譲渡と一時所得の2分の1を加える', rich, 463_000, 1_000_000, 2_000_000, 0],
  ['所得税法第22条: 2分の1の1円未満は切り捨てる', { transferLong: 2, occasional: 1 }, 1, 0, 0, 0],
  // 59,000 − 59,000 of the ordinary incomes: nothing left of them, all else stays
  [
    '所得税法施行令第198条第1号: 不動産の損失は経常所得から',
    { ...rich, realEstate: -59_000 },
    400_000,
    1_000_000,
    2_000_000,
    0,
  ],
  ['同条第1号: 事業の損失は経常所得から', { ...rich, business: -55_000 }, 400_000, 1_000_000, 2_000_000, 0],
  [
    '同条第1号: 経常所得に残りがあれば譲渡には及ばない',
    { ...rich, business: -54_999 },
    400_001,
    1_000_000,
    2_000_000,
    0,
  ],
  // ordinary 55,000 − 95,000 = −40,000: short 60,000 + (200,000 + 400,000) ÷ 2
  ['同条第3号: 残りは短期譲渡から', { ...rich, business: -95_000 }, 360_000, 1_000_000, 2_000_000, 0],
  // −155,000 … over short by 50,000: (150,000 + 400,000) ÷ 2
  ['同条第3号: 次に長期譲渡から（2分の1の前に）', { ...rich, business: -205_000 }, 275_000, 1_000_000, 2_000_000, 0],
  // ordinary −400,000 after its 55,000: short 100,000, long 200,000, occasional 100,000: 300,000 ÷ 2
  ['同条第3号: 次に一時所得から', { ...rich, business: -455_000 }, 150_000, 1_000_000, 2_000_000, 0],
  ['同条第3号: 譲渡と一時所得がちょうどなくなる', { ...rich, business: -755_000 }, 0, 1_000_000, 2_000_000, 0],
  ['同条第5号: 次に山林所得から', { ...rich, business: -1_055_000 }, 0, 700_000, 2_000_000, 0],
  ['同条第5号: 次に退職所得から', { ...rich, business: -1_955_000 }, 0, 0, 1_800_000, 0],
  ['同条: 引ききれない損失が残る', { ...rich, business: -3_755_001 }, 0, 0, 0, 1],
  ['同条: 不動産と事業の損失は合わせて通算する', { realEstate: -30, business: -20, salary: 100 }, 50, 0, 0, 0],
  ['同条: 事業の損失は不動産の利益からも', { realEstate: 30, business: -20 }, 10, 0, 0, 0],

  // Loss of transfers: 400,000 occasional first: (200,000 of long cannot stand beside a loss) 63,000 + 300,000 ÷ 2
  [
    '同条第2号: 譲渡の損失は一時所得から',
    { ...rich, transferShort: 0, transferLong: 0, transferLoss: 100_000 },
    213_000,
    1_000_000,
    2_000_000,
    0,
  ],
  [
    '同条第2号: 一時所得がちょうどなくなる',
    { ...rich, transferShort: 0, transferLong: 0, transferLoss: 400_000 },
    63_000,
    1_000_000,
    2_000_000,
    0,
  ],
  [
    '同条第4号: 残りは経常所得から',
    { ...rich, transferShort: 0, transferLong: 0, transferLoss: 423_000 },
    40_000,
    1_000_000,
    2_000_000,
    0,
  ],
  [
    '同条第5号: 譲渡の損失の残りは山林所得から',
    { ...rich, transferShort: 0, transferLong: 0, transferLoss: 563_000 },
    0,
    900_000,
    2_000_000,
    0,
  ],
  [
    '同条第5号: 譲渡の損失の残りは退職所得から',
    { ...rich, transferShort: 0, transferLong: 0, transferLoss: 1_464_000 },
    0,
    0,
    1_999_000,
    0,
  ],
  [
    '同条: 譲渡の損失も引ききれなければ残る',
    { ...rich, transferShort: 0, transferLong: 0, transferLoss: 3_463_007 },
    0,
    0,
    0,
    7,
  ],

  // Both: 11 − 4 = 7 of the occasional income, 7 − 5 = 2, half of it 1
  [
    '同条第2号と第3号: 一時所得は譲渡の損失が先、経常の損失が後',
    { business: -5, transferLoss: 4, occasional: 11 },
    1,
    0,
    0,
    0,
  ],
  [
    '同条第5号: 経常と譲渡の損失の残りは合わせて山林所得から',
    { business: -5, transferLoss: 4, forestry: 10 },
    0,
    1,
    0,
    0,
  ],
  ['同条第5号: 合わせて退職所得まで及ぶ', { business: -5, transferLoss: 4, forestry: 3, retirement: 10 }, 0, 0, 4, 0],

  // Loss of forestry
  ['同条第6号: 山林の損失は経常所得から', { ...rich, forestry: -3_000 }, 460_000, 0, 2_000_000, 0],
  ['同条第6号: 次に短期譲渡から', { ...rich, forestry: -103_000 }, 360_000, 0, 2_000_000, 0],
  ['同条第6号: 次に長期譲渡から', { ...rich, forestry: -263_000 }, 250_000, 0, 2_000_000, 0],
  ['同条第6号: 次に一時所得から', { ...rich, forestry: -563_000 }, 100_000, 0, 2_000_000, 0],
  ['同条第6号: 次に退職所得から', { ...rich, forestry: -1_763_000 }, 0, 0, 1_000_000, 0],
  ['同条第6号: 引ききれない山林の損失が残る', { ...rich, forestry: -2_763_009 }, 0, 0, 0, 9],
  ['同条: 経常の損失と山林の損失がともに残る', { business: -5, forestry: -7 }, 0, 0, 0, 12],
  // ordinary −5 from short 10 → 5; forestry −2 from short → 3
  ['同条第3号・第6号: 経常の損失が先、山林の損失が後', { business: -5, forestry: -2, transferShort: 10 }, 3, 0, 0, 0],
  ['同条第5号・第6号: 退職所得からも経常の損失が先', { business: -5, forestry: -2, retirement: 10 }, 0, 0, 3, 0],
  // The loss of a business meets the salary, never its sign: 0 of both
  ['損失の額だけ所得があれば総所得金額は0円', { business: -10, salary: 10, retirement: 5 }, 0, 0, 5, 0],
  ['所得が何もなければ損失がそのまま残る', { realEstate: -10 }, 0, 0, 0, 10],
  ['不動産と事業の同じ額の損失は消し合わない', { realEstate: -10, business: -10 }, 0, 0, 0, 20],
];
for (const [name, incomes, aggregate, forestry, retirement, unabsorbed] of cases) {
  test(`損益通算 ${name}`, () => {
    assert.deepEqual(offsetLosses({ ...nothing, ...incomes }), { aggregate, forestry, retirement, unabsorbed });
  });
}
