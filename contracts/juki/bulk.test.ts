import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeCsvRecord } from '@musubi/kernel/records/csv.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import fc from 'fast-check';
import { type BulkResultRow, bulkResultLayouts, bulkResultLine, bulkResults } from './bulk.ts';

const text = fc.array(fc.constantFrom('目', '黒', '髙', '𠮷', 'メ', ',', '"', ' ', 'A', '1'), {
  minLength: 1,
  maxLength: 12,
});
const maybe = (of: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> => fc.option(of, { nil: undefined });
const joined = text.map((parts) => parts.join(''));
const rows: fc.Arbitrary<BulkResultRow> = fc.record({
  kind: fc.constant('D' as const),
  orderId: fc.uuid(),
  rowId: fc.stringMatching(/^[A-Z0-9-]{1,40}$/),
  result: fc.constantFrom(...(Object.keys(bulkResults) as BulkResultRow['result'][])),
  residentRecordCode: maybe(fc.stringMatching(/^[0-9]{11}$/)),
  name: maybe(joined),
  birthDate: maybe(fc.constantFrom('1980-04-02', '2000-02-29')),
  sex: fc.option(fc.constantFrom('male' as const, 'female' as const, 'other' as const), { nil: undefined }),
  address: maybe(joined),
  individualNumber: maybe(fc.stringMatching(/^[0-9]{12}$/)),
  changeReason: maybe(fc.constantFrom('転入', '転居')),
  changedOn: maybe(fc.constant('2026-04-01')),
});

test('003 JPS-X2 結果ファイルの行は、様式の書き手が書くものと一バイトも違わない', () => {
  fc.assert(
    fc.property(rows, (row) => {
      const written = unwrap(writeCsvRecord(bulkResultLayouts.row, row, 1));
      assert.equal(bulkResultLine(row), Buffer.from(written.bytes).toString());
    }),
  );
});
