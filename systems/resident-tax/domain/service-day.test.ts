import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listedSharesOf, type ServiceOfYear } from './service-day.ts';

const firstDay = Temporal.PlainDate.from('2024-01-01');
const day = fc.integer({ min: 0, max: 1_800 }).map((days) => firstDay.add({ days }).toString());
const served = (on: string): ServiceOfYear => ({ state: 'served', on });

test('INC-19 for each person’s own days: listed shares enter exactly where they were declared before the notice was served', () => {
  fc.assert(
    fc.property(day, day, fc.integer({ min: 2024, max: 2027 }), (declaredOn, servedOn, fiscalYear) => {
      const { verdict } = listedSharesOf(fiscalYear, declaredOn, served(servedOn));
      assert.equal(verdict, declaredOn < servedOn ? 'enter' : 'left-out');
    }),
    { numRuns: 300 },
  );
  const none: ServiceOfYear = { state: 'not-served' };
  assert.deepEqual(
    [
      listedSharesOf(2026, null, none).verdict,
      listedSharesOf(2026, '2026-07-01', { state: 'not-recorded' }).verdict,
      listedSharesOf(2026, null, served('2026-06-10')).verdict,
    ],
    ['enter', 'service-day-missing', 'filing-day-missing'],
  );
});

test('INC-19 the rule changes only at its dated start: 平成17年度 brings it, and a later row another one', () => {
  const late = (
    fiscalYear: number,
    ...rest: Parameters<typeof listedSharesOf> extends [number, ...infer R] ? R : never
  ) => listedSharesOf(fiscalYear, ...rest).verdict;
  const after = ['2026-07-01', served('2026-06-10')] as const;
  assert.deepEqual(
    [2004, 2005, 2026].map((year) => late(year, ...after)),
    ['enter', 'left-out', 'left-out'],
  );
  const rules = [
    { fromFiscalYear: 2005, late: 'left-out', article: 'a' },
    { fromFiscalYear: 2027, late: 'enters', article: 'b' },
  ] as const;
  assert.deepEqual(
    [2026, 2027].map((year) => late(year, ...after, rules)),
    ['left-out', 'enter'],
  );
});
