import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sum, yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear, supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import fc from 'fast-check';
import { anEarner, type EarnerFacts } from './an-earner.ts';
import { assess } from './assess.ts';
import { explain } from './explanations.ts';
import { recordingTrace } from './trace.ts';
import { replay } from './trace-replay.ts';

const money = (max: number) => fc.integer({ min: 0, max });
const heads = fc.integer({ min: 0, max: 2 });
const earner = fc
  .record({
    fiscalYear: fc.constantFrom(...supportedFiscalYears),
    salaries: fc.array(money(15_000_000), { minLength: 1, maxLength: 3 }),
    socialInsurance: money(2_000_000),
    life: fc.record({
      newGeneral: money(90_000),
      newCare: money(90_000),
      newPension: money(90_000),
      oldGeneral: money(90_000),
      oldPension: money(90_000),
    }),
    earthquake: money(70_000),
    oldLongTerm: money(30_000),
    spouseIncome: fc.option(money(1_500_000), { nil: undefined }),
    elderly: fc.boolean(),
    dependants: fc.record({
      ordinary: heads,
      specified: heads,
      elderly: heads,
      elderlyLivingTogether: heads,
      underSixteen: heads,
      disabled: heads,
      speciallyDisabledLivingTogether: heads,
    }),
    specificRelatives: fc.array(fc.integer({ min: 620_001, max: 1_300_000 }), { maxLength: 2 }),
    disability: fc.constantFrom('none' as const, 'none' as const, 'ordinary' as const, 'special' as const),
    singleParent: fc.boolean(),
    widow: fc.boolean(),
    sex: fc.constantFrom('male' as const, 'female' as const),
    gift: money(300_000),
    returnFiled: fc.boolean(),
    loan: fc.boolean(),
    specialCollection: fc.boolean(),
  })
  .map((facts): EarnerFacts => {
    const {
      spouseIncome,
      elderly,
      disability,
      singleParent,
      widow,
      sex,
      gift,
      returnFiled,
      loan,
      specialCollection,
      ...plain
    } = facts;
    return {
      ...plain,
      taxpayer: { disability, singleParent, widow, sex },
      ...(spouseIncome === undefined ? {} : { spouse: { totalIncome: spouseIncome, elderly } }),
      rest: {
        returnFiled,
        specialCollection,
        donations:
          gift === 0 ? [] : [{ kind: 'hometown', amount: yen(gift), recipient: 'R1', oneStop: true, declared: true }],
        housingLoan: loan
          ? {
              movedInYear: 2019,
              creditable: yen(200_000),
              incomeTaxBeforeCredit: yen(50_000),
              incomeTaxTaxable: yen(2_000_000),
              specificAcquisition: true,
            }
          : null,
      },
    };
  });

test('design §6.5: every figure of every assessment is recomputed from its recorded reasons alone', () => {
  fc.assert(
    fc.property(earner, (facts) => {
      const rates = ratesForYear(facts.fiscalYear ?? 2026);
      const trace = recordingTrace(rates.version);
      const result = assess(anEarner(facts), rates, trace);
      const { figures, faults } = replay(trace.steps, rates);
      assert.deepEqual(faults, []);
      assert.equal(figures.get('annual-total'), result.annualTotal);
      assert.deepEqual(assess(anEarner(facts), rates, null), result);
      for (const step of trace.steps) assert.ok(explain(step).title.length > 0 && step.law.length > 0);
    }),
    { numRuns: 500, seed: 20_260_101 },
  );
});

test('Σ instalments = annual tax, for every method and year; no part is negative (INC-13)', () => {
  fc.assert(
    fc.property(earner, (facts) => {
      const result = assess(anEarner(facts), ratesForYear(facts.fiscalYear ?? 2026), null);
      const parts = result.collection.instalments.map((part) => part.amount);
      assert.equal(sum(parts), result.annualTotal);
      assert.ok(parts.every((part) => part >= 0));
    }),
    { numRuns: 500, seed: 20_260_102 },
  );
});

test('a single earner who earns more never pays less, 調整措置 included', () => {
  fc.assert(
    fc.property(fc.constantFrom(2026, 2027), money(20_000_000), money(50_000), (fiscalYear, revenue, more) => {
      const levy = (salary: number) =>
        assess(anEarner({ fiscalYear, salaries: [salary] }), ratesForYear(fiscalYear), null).annualTotal;
      assert.ok(levy(revenue + more) >= levy(revenue));
    }),
    { numRuns: 500, seed: 20_260_103 },
  );
});

test('an altered figure is named by the replay, and so is one that no longer follows from the step before', () => {
  const rates = ratesForYear(2026);
  const trace = recordingTrace(rates.version);
  assess(anEarner({ socialInsurance: 600_000 }), rates, trace);
  const altered = trace.steps.map((step) =>
    step.id === 'ward-per-income' ? { ...step, result: step.result - 100 } : step,
  );
  assert.deepEqual(replay(altered, rates).faults, [
    { id: 'ward-per-income', fault: 'result-differs', recorded: 102_200, recomputed: 102_300 },
  ]);
  const cutLoose = trace.steps.map((step) => (step.id === 'basic' ? { ...step, inputs: [0] } : step));
  assert.deepEqual(replay(cutLoose, rates).faults, [
    { id: 'basic', fault: 'input-differs-from-earlier-step', recorded: 0, recomputed: 2_760_000 },
  ]);
  const other = replay(trace.steps, ratesForYear(2025));
  assert.ok(other.faults.some((fault) => fault.fault === 'other-rates-version'));
});
