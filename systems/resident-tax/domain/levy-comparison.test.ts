import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import fc from 'fast-check';
import { anEarner } from './an-earner.ts';
import { assess } from './assess.ts';
import { draftRates } from './draft-rules.ts';
import { Comparison, classOf, differenceClasses, firstDifference } from './levy-comparison.ts';
import { recordingTrace } from './trace.ts';

const rates = ratesForYear(2026);
const drafted = (figure: string, value: number | readonly [number, number]) =>
  draftRates(rates, 'x', [{ figure, value }]);

test('issue D 試算: 改めた数値だけが変わり、版の名が変わる。元の税率表はそのまま', () => {
  const draft = drafted('basicDeduction.0.value', 480_000);
  assert.ok(draft.ok);
  assert.equal(draft.value.basicDeduction[0]?.value, 480_000);
  assert.deepEqual(draft.value.basicDeduction.slice(1), rates.basicDeduction.slice(1));
  assert.equal(draft.value.version, 'resident-tax/2026/1+draft:x');
  assert.equal(rates.basicDeduction[0]?.value, 430_000);
  const ratio = drafted('levy.wardPerIncome', [7, 100]);
  assert.ok(ratio.ok);
  const input = anEarner({ salaries: [4_000_000], socialInsurance: 600_000 });
  assert.equal(assess(input, rates, null).levy.ward.perIncome, 102_300);
  assert.equal(assess(input, ratio.value, null).levy.ward.perIncome, 119_600);
});

test('issue D 試算: 知らない項目、種類の違う数値、年度や版の書換えは名を挙げて拒む', () => {
  const word = (figure: string, value: number | readonly [number, number]) => {
    const draft = drafted(figure, value);
    assert.ok(!draft.ok);
    return draft.error[0]?.word;
  };
  assert.equal(word('basicDeduction.9.value', 1), 'no-such-figure');
  assert.equal(word('basicDeduction', 1), 'no-such-figure');
  assert.equal(word('__proto__.x', 1), 'no-such-figure');
  assert.equal(word('fiscalYear', 2027), 'no-such-figure');
  assert.equal(word('basicDeduction.0.value', [1, 2]), 'not-an-amount');
  assert.equal(word('basicDeduction.0.value', -1), 'not-an-amount');
  assert.equal(word('levy.wardPerIncome', 6), 'not-a-ratio');
  assert.equal(word('levy.wardPerIncome', [6, 0]), 'not-a-ratio');
});

test('新旧突合: 差の最初の項目が原因になる', () => {
  const stepsOf = (under: typeof rates) => {
    const trace = recordingTrace(under.version);
    assess(anEarner({ salaries: [4_000_000], socialInsurance: 600_000 }), under, trace);
    return trace.steps;
  };
  const draft = drafted('basicDeduction.0.value', 480_000);
  assert.ok(draft.ok);
  assert.equal(firstDifference(stepsOf(rates), stepsOf(draft.value)), 'basic');
  assert.equal(firstDifference(stepsOf(rates), stepsOf(rates)), null);
});

test('新旧突合: 区分の境目', () => {
  for (const [before, after, expected] of [
    [null, null, 'same'],
    [null, 0, 'new'],
    [5_000, null, 'gone'],
    [5_000, 5_000, 'same'],
    [0, 1_000, 'up-to-1000'],
    [0, 1_001, 'up-to-10000'],
    [0, 10_001, 'up-to-100000'],
    [0, 100_001, 'up-more'],
    [1_000, 0, 'down-to-1000'],
    [100_001, 0, 'down-more'],
  ] as const)
    assert.equal(classOf(before, after), expected);
});

test('新旧突合: 差の1円1円がちょうど一つの行にある', () => {
  const levy = fc.option(fc.integer({ min: 0, max: 3_000_000 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(levy, levy, fc.constantFrom(null, 'basic', 'salary-income'))), (people) => {
      const comparison = new Comparison();
      for (const [before, after, cause] of people) comparison.add(before, after, cause);
      const { beforeYen, afterYen, lines } = comparison.result();
      assert.equal(
        lines.reduce((sum, line) => sum + line.differenceYen, 0),
        afterYen - beforeYen,
      );
      assert.equal(
        lines.reduce((sum, line) => sum + line.persons, 0),
        people.length,
      );
      assert.ok(lines.every((line) => differenceClasses.includes(line.class)));
    }),
    { numRuns: 300, seed: 20_261_121 },
  );
  assert.equal(yen(0), 0);
});
