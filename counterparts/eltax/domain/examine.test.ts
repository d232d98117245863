import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import fc from 'fast-check';
import { type Examined, examine, type Filing } from './examine.ts';

const filing = (more: Partial<Filing> = {}): Filing => ({
  records: 2,
  payerNumber: '1999900000010',
  incomeYear: '07',
  formKind: '315',
  stated: ['131105'],
  columnsOf: (count) => (count === 5 ? { form: 0, incomeYear: 1, payerNumber: 2, municipality: 3 } : undefined),
  ...more,
});
const line = (municipality: string, note = 'a', payer = '1999900000010', year = '07', form = '315'): string =>
  `${form},${year},${payer},${municipality},${note}\r\n`;
const run = (text: string, more?: Partial<Filing>): Examined => examine(Buffer.from(text, 'latin1'), filing(more));
const reasons = (examined: Examined) => (examined.outcome === 'returned' ? examined.reasons : assert.fail('accepted'));

test('ELT-F1 a file is split by 提出先市区町村, byte for byte, five and six digits alike', () => {
  const text = line('131105', '\x8d\x82') + line('13112', 'b') + line('131105', 'c');
  const examined = run(text, { records: 3 });
  assert.equal(examined.outcome, 'accepted');
  assert.deepEqual(
    examined.parts.map((p) => [p.municipality, p.records, p.bytes.toString('latin1')]),
    [
      ['131105', 2, line('131105', '\x8d\x82') + line('131105', 'c')],
      ['131121', 1, line('13112', 'b')],
    ],
  );
});

const returned = [
  ['an empty file', '', {}, 'empty-file', []],
  ['a file cut in half', line('131105') + line('131105').slice(0, 20), {}, 'cut-short', []],
  ['fewer records than stated', line('131105'), {}, 'records-differ', []],
  ['another form', line('131105', 'a', '1999900000010', '07', '375').repeat(2), {}, 'other-form', []],
  ['a record of another payer', line('131105') + line('131105', 'a', '9999900000020'), {}, 'other-payer', [2]],
  [
    'a record of another year',
    line('131105', 'a', '1999900000010', '06') + line('131105'),
    {},
    'other-income-year',
    [1],
  ],
  [
    'a destination that cannot be read, among several',
    `${line('131105')}${line('131121')}315,07\r\n`,
    { records: 3 },
    'destination-unreadable',
    [3],
  ],
] as const;
mechanismTest('input.form-version', '002-III.2-R1B-03 届け出た様式でないファイルは、どの自治体にも届かない', () => {
  const other = line('131105', 'a', '1999900000010', '07', '375').repeat(2);
  assert.equal(run(other).outcome, 'returned');
});

for (const [what, text, more, code, rows] of returned) {
  test(`ELT-F3 審査: ${what} is returned whole (${code})`, () => {
    assert.deepEqual(
      reasons(run(text, more)).find((r) => r.code === code),
      { code, rows },
    );
  });
}

test('a record that cannot be read goes to the only destination of the file: the ward must know of it', () => {
  const examined = run(`${line('131105')}315,07\r\n`);
  assert.ok(examined.outcome === 'accepted' && examined.parts.length === 1 && examined.parts[0]!.records === 2);
  const none = run('315,07\r\n315,07\r\n');
  assert.ok(none.outcome === 'accepted' && none.parts[0]!.municipality === '131105');
  assert.equal(reasons(run('315,07\r\n315,07\r\n', { stated: [] }))[0]!.code, 'destination-unreadable');
});

test('INC-22 whatever the records are, an accepted file’s parts hold every byte once', () => {
  const record = fc.tuple(fc.constantFrom('131105', '131121', '271004', '13110'), fc.stringMatching(/^[a-z]{0,9}$/));
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), (records) => {
      const lines = records.map(([code, note], i) => line(code, `${i}${note}`));
      const examined = run(lines.join(''), { records: lines.length });
      assert.ok(examined.outcome === 'accepted');
      const delivered = examined.parts.flatMap((p) => p.bytes.toString('latin1').split(/(?<=\r\n)/));
      assert.deepEqual(delivered.toSorted(), lines.toSorted());
      assert.equal(
        examined.parts.reduce((sum, p) => sum + p.records, 0),
        lines.length,
      );
    }),
    { numRuns: 60 },
  );
});
