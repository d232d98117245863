import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readSalaryPaymentReports,
  type SalaryPaymentReport,
} from '@musubi/contracts/wage-report/salary-payment-report.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import type { Outcome } from '@musubi/kernel/records/faults.ts';
import { kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { errorKinds } from './report-errors.ts';
import { makeSalaryReports } from './salary-reports.ts';
import { makeTown } from './town.ts';
import { salaryIncomeOf } from './year-end.ts';

const town = await makeTown({
  seed: 'reports',
  residents: 3_000,
  civilDate: Temporal.PlainDate.from('2026-01-20'),
});
const request = { employer: 0, fiscalYear: 2026, municipality: '131105', count: 300 };

async function read(bytes: Buffer) {
  const municipality = parseLocalGovernmentCode('131105');
  assert.ok(municipality.ok);
  const outcomes: Outcome<SalaryPaymentReport>[] = [];
  const each = (outcome: Outcome<SalaryPaymentReport>): void => {
    outcomes.push(outcome);
  };
  const summary = await readSalaryPaymentReports([bytes], { municipality: municipality.value, each });
  return { summary, outcomes };
}

test('002-AC-01 a file without faults: every record is read, of the register’s number, name and birth date', async () => {
  const made = makeSalaryReports(town, { ...request, errors: {} });
  const { summary, outcomes } = await read(made.bytes);
  assert.deepEqual(summary, { in: 300, accepted: 300, rejected: 0, fileFaults: [] });
  let changed = 0;
  const byNumber = new Map([...town.persons()].map((p) => [p.individualNumber.digits(), p]));
  for (const outcome of outcomes) {
    assert.ok(outcome.accepted);
    assert.deepEqual(outcome.warnings, []);
    const person = byNumber.get(outcome.value.columns.individualNumber!.digits())!;
    if (kanjiSearchKey(outcome.value.columns.name) !== kanjiSearchKey(person.name)) changed++;
    assert.equal(outcome.value.bornOn!.toString(), person.birthDate.toString());
    assert.equal(outcome.value.incomeYear, 2025);
  }
  // Characters that a report cannot hold: their owners are found by a clerk, and the maker knew it.
  const { matched, forClerk } = made.expectation;
  assert.deepEqual([matched, forClerk['name-differs']], [300 - changed, changed]);
  assert.ok(changed < 30);
});

test('the reader finds exactly the faults that the maker put in, in the records where it put them', async () => {
  const made = makeSalaryReports(town, request);
  const { expectation } = made;
  const { summary, outcomes } = await read(made.bytes);
  assert.equal(summary.in, expectation.records);
  assert.equal(summary.accepted, expectation.accepted);
  assert.equal(summary.rejected, expectation.rejected);
  const rejected: Record<string, number> = {};
  const warned: Record<string, number> = {};
  for (const outcome of outcomes) {
    const [first] = outcome.accepted ? outcome.warnings : outcome.faults;
    if (first === undefined) continue;
    const counted = outcome.accepted ? warned : rejected;
    counted[first.rule] = (counted[first.rule] ?? 0) + 1;
    assert.notEqual(expectation.rows[outcome.row - 1]!.fault, null);
  }
  assert.deepEqual(rejected, expectation.rejectedByCode);
  assert.deepEqual(warned, expectation.warnedByCode);
});

test('every record of the file is accounted for: matched, for a clerk, doubled or rejected', () => {
  const { expectation } = makeSalaryReports(town, request);
  const { matched, forClerk, duplicates, rejected, records } = expectation;
  const waiting = Object.values(forClerk).reduce((total, n) => total + n, 0);
  assert.equal(matched + waiting + duplicates + rejected, records);
  for (const kind of errorKinds) assert.equal(expectation.rows.filter((r) => r.fault === kind).length, 2, kind);
});

test('each kind of fault is what it says: the numbers, names and birth dates against the register', async () => {
  const made = makeSalaryReports(town, request);
  const { outcomes } = await read(made.bytes);
  const people = [...town.persons()];
  for (const [at, { fault, personKey }] of made.expectation.rows.entries()) {
    const outcome = outcomes[at]!;
    if (!outcome.accepted || fault === 'duplicate') continue;
    const person = people.find((p) => p.key === personKey);
    const { individualNumber, name } = outcome.value.columns;
    if (fault === 'unknown-person') {
      assert.equal(people.filter((p) => p.individualNumber.digits() === individualNumber!.digits()).length, 0);
    } else if (fault === 'number-missing') assert.equal(individualNumber, undefined);
    else assert.equal(individualNumber!.digits(), person!.individualNumber.digits());
    if (fault === 'name-differs') assert.notEqual(kanjiSearchKey(name), kanjiSearchKey(person!.name));
    const sameDay = person !== undefined && outcome.value.bornOn?.equals(person.birthDate);
    assert.equal(sameDay ?? false, fault !== 'birth-date-differs' && fault !== 'unknown-person');
  }
});

test('the same request gives the same bytes; the summary counts what is in the file', () => {
  const [one, two] = [makeSalaryReports(town, request), makeSalaryReports(town, request)];
  assert.ok(one.bytes.equals(two.bytes));
  assert.equal(one.summaries.length, 1);
  assert.equal(one.summaries[0]!.total, one.expectation.records);
  const both = makeSalaryReports(town, { employer: 0, fiscalYear: 2026, count: 10_000, errors: {} });
  assert.deepEqual(both.summaries.map((s) => s.municipality).sort(), ['131105', '131121']);
});

test('other employers file too, and amounts follow the law: 給与所得 of 令和7年分 (所得税法28条)', async () => {
  const table = ratesForYear(2026).salaryIncome;
  assert.equal(salaryIncomeOf(650_000, table), 0);
  assert.equal(salaryIncomeOf(1_900_000, table), 1_250_000);
  assert.equal(salaryIncomeOf(4_321_000, table), 3_016_000);
  assert.equal(salaryIncomeOf(9_000_000, table), 7_050_000);
  for (const employer of [1, 2, 3]) {
    const made = makeSalaryReports(town, { ...request, employer, errors: {} });
    const { summary, outcomes } = await read(made.bytes);
    assert.ok(summary.in > 0 && summary.rejected === 0);
    for (const outcome of outcomes) {
      assert.ok(outcome.accepted);
      const { paidYen, incomeAfterDeductionYen, incomeAdjustmentYen, incomeDeductionsTotalYen } = outcome.value.columns;
      assert.equal(incomeAfterDeductionYen, salaryIncomeOf(paidYen!, table) - (incomeAdjustmentYen ?? 0));
      assert.ok(incomeDeductionsTotalYen! >= 580_000);
    }
  }
});

test('refuses an employer that is not there, and more faults than employees', () => {
  assert.throws(() => makeSalaryReports(town, { ...request, employer: 10_000 }));
  assert.throws(() => makeSalaryReports(town, { ...request, count: 5 }));
});
