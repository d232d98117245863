import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import fc from 'fast-check';
import { anEarner, type EarnerFacts } from './an-earner.ts';
import { assess } from './assess.ts';
import { aBusiness } from './checked-assessment.ts';
import { mixedDates, mixedPartsOf } from './mixed-collection.ts';

const asked = { specialCollection: true, otherIncomeByOrdinary: true };

function partsOf(facts: EarnerFacts) {
  const input = anEarner(facts);
  const rates = ratesForYear(input.fiscalYear);
  const result = assess(input, rates, null);
  return { result, parts: mixedPartsOf(input, result, rates) };
}
const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);
const same = (count: number, amount: number) => new Array<number>(count).fill(amount);

test('地方税法321条の3 併徴: 給与だけの税額と均等割は給与から、事業で増えた所得割は納付書で', () => {
  const { result, parts } = partsOf({ salaries: [4_000_000], other: { business: aBusiness(1_000_000) }, rest: asked });
  assert.equal(result.collection.method, 'mixed');
  // wages alone: 2,330,000 × 6 % − 1,500 and × 4 % − 1,000, and 5,000: 235,500; 1,000,000 more of income: 60,000 and 40,000
  assert.deepEqual(parts.special, [19_900, ...same(11, 19_600)]);
  assert.deepEqual(parts.ordinary, same(4, 25_000));
  assert.equal(sum([...parts.special, ...parts.ordinary]), result.payable);
  assert.equal(mixedDates(2026).length, 16);
});

test('地方税法附則5条の9, 5条の10 令和6年度の併徴: 給与の分は6月を除く十一月、定額減税は給与の分から先に引かれる', () => {
  const facts = { fiscalYear: 2024, salaries: [4_000_000], other: { business: aBusiness(1_000_000) }, rest: asked };
  const { result, parts } = partsOf(facts);
  assert.deepEqual(parts.ordinary, same(4, 25_000));
  // 235,500 less the cut of 10,000
  assert.equal(sum(parts.special), 225_500);
  assert.equal(parts.special[0], 0);
  assert.equal(sum([...parts.special, ...parts.ordinary]), result.payable);
});

test('給与のない人の賦課には併徴の分け方がない', () => {
  assert.throws(() => partsOf({ salaries: [], other: { business: aBusiness(3_000_000) }, rest: asked }), RangeError);
});

test('any wages and any other income: nothing negative, both parts add up to the levy, wages never bear more than wages alone would', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(2024, 2025, 2026, 2027),
      fc.integer({ min: 1, max: 20_000_000 }),
      fc.integer({ min: 1, max: 20_000_000 }),
      fc.integer({ min: 0, max: 3_000_000 }),
      fc.nat({ max: 300_000 }),
      (fiscalYear, salary, business, socialInsurance, gift) => {
        const donations =
          gift === 0
            ? []
            : [{ kind: 'hometown' as const, amount: yen(gift), recipient: 'A', oneStop: false, declared: true }];
        const facts = { fiscalYear, salaries: [salary], other: { business: aBusiness(business) }, socialInsurance };
        const { result, parts } = partsOf({ ...facts, rest: { ...asked, donations } });
        assert.equal(sum([...parts.special, ...parts.ordinary]), result.payable);
        assert.deepEqual([parts.special.length, parts.ordinary.length], [12, 4]);
        for (const part of [...parts.special, ...parts.ordinary]) assert.ok(part >= 0);
        const alone = assess(
          anEarner({ fiscalYear, salaries: [salary], socialInsurance, rest: { ...asked, donations } }),
          ratesForYear(fiscalYear),
          null,
        );
        const fixed = result.perCapita.ward + result.perCapita.metropolis + result.forestTax;
        const perIncome = alone.levy.ward.perIncome + alone.levy.metropolis.perIncome;
        assert.ok(sum(parts.special) <= perIncome + fixed);
      },
    ),
    { numRuns: 300 },
  );
});
