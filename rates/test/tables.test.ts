import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOn, rowsClaiming } from '../dated.ts';
import { ratesForYear, residentTaxTables, supportedFiscalYears, unconfirmedRows } from '../resident-tax/for-year.ts';

for (const table of residentTaxTables) {
  test(`${table.id}: one value on every day of the supported years, each with law, source and publication`, () => {
    let day = Temporal.PlainDate.from(`${supportedFiscalYears[0]}-01-01`);
    const end = Temporal.PlainDate.from('2027-12-31');
    while (Temporal.PlainDate.compare(day, end) <= 0) {
      const claiming = rowsClaiming(table, day.toString());
      assert.equal(claiming.length, 1, `${table.id} on ${day}`);
      assert.equal(claiming[0], rowOn(table, day.toString()));
      day = day.add({ days: 1 });
    }
    for (const row of table.rows) {
      assert.ok(row.law.length > 0 && row.source.length > 0);
      // Amendments of 31 March reach back to the levy date of 1 January, never beyond the start of the fiscal year.
      assert.ok(
        row.published <= `${row.effectiveFrom.slice(0, 4)}-03-31`,
        `${table.id}: in force before it was published`,
      );
    }
    const starts = table.rows.map((row) => row.effectiveFrom);
    assert.deepEqual(starts, [...new Set(starts)].sort());
  });

  test(`${table.id}: a day outside the table throws`, () => {
    assert.throws(() => rowOn(table, '2023-12-31'));
    assert.throws(() => rowOn(table, '2028-01-01'));
  });
}

test('bands and rows ascend, so that a lookup has one answer', () => {
  for (const year of supportedFiscalYears) {
    const rates = ratesForYear(year);
    const { insurance } = rates;
    for (const table of [
      rates.salaryIncome,
      insurance.newLife,
      insurance.oldLife,
      insurance.earthquake,
      insurance.oldLongTerm,
    ]) {
      const from = table.bands.map((band) => band.from);
      assert.equal(from[0], 0);
      assert.deepEqual(
        from,
        [...new Set(from)].sort((a, b) => a - b),
      );
    }
    for (const rows of [rates.basicDeduction, rates.spouse.special, rates.specificRelative, rates.donation.special]) {
      const ends: readonly number[] = rows.map((row) => row.upTo);
      assert.deepEqual(
        ends,
        [...ends].sort((a, b) => a - b),
      );
      assert.equal(ends.at(-1), Number.POSITIVE_INFINITY);
    }
  }
});

test('what was not read in a source is listed, so that nobody relies on it unknowingly', () => {
  assert.ok(unconfirmedRows(2027).some((row) => row.table === 'salary-income'));
  assert.ok(!unconfirmedRows(2026).some((row) => row.table === 'salary-income'));
});
