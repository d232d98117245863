import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { cellText, differingRows, readCsvCells, toCsv, toXlsx } from './output.ts';
import { type Column, checkQuery, compareBy, matches, type Query } from './source.ts';

const columns: readonly Column[] = [
  { key: 'number', label: '宛名番号', kind: 'text', personal: false },
  { key: 'name', label: '氏名', kind: 'text', personal: true },
  { key: 'born', label: '生年月日', kind: 'date', personal: true },
  { key: 'levy', label: '税額', kind: 'number', personal: false },
  { key: 'status', label: '状態', kind: 'choice', choices: { resident: '住民', removed: '消除' }, personal: false },
];
const query = (more: Partial<Query> = {}): Query => ({
  source: 'persons',
  columns: ['levy', 'number'],
  conditions: [],
  sortBy: null,
  ...more,
});
const faultOf = (q: Query, sees = true) => {
  const checked = checkQuery(columns, q, sees);
  return checked.ok ? undefined : checked.error.fault;
};
const head = { extractionId: 'e-1', title: '試験', asOf: '2026-06-01', rows: 2 };

test('002 CIP-F5 項目と条件は抽出元が宣言したものだけ、個人の項目は権限のある者だけが出力にも条件にも使える', () => {
  assert.equal(faultOf(query()), undefined);
  assert.equal(faultOf(query({ columns: [] })), 'no-columns');
  assert.equal(faultOf(query({ columns: ['number; drop table x'] })), 'unknown-column');
  assert.equal(faultOf(query({ columns: ['name'] }), false), 'personal-column');
  const byName = { column: 'name', operator: 'is', value: '目黒' } as const;
  assert.equal(faultOf(query({ conditions: [byName] }), false), 'personal-column');
  assert.equal(
    faultOf(query({ conditions: [{ column: 'levy', operator: 'contains', value: '1' }] })),
    'operator-does-not-fit',
  );
  assert.equal(faultOf(query({ conditions: [{ ...byName, value: '' }] })), 'value-missing');
  assert.equal(
    faultOf(query({ conditions: [{ column: 'born', operator: 'is', value: '2026-02-30' }] })),
    'value-does-not-fit',
  );
  assert.equal(
    faultOf(query({ conditions: [{ column: 'status', operator: 'is', value: '住民' }] })),
    'value-does-not-fit',
  );
  assert.equal(faultOf(query({ sortBy: 'name' })), 'sort-not-chosen');
  assert.equal(faultOf(query({ conditions: Array.from({ length: 7 }, () => byName) })), 'too-many-conditions');
  // Columns come out in the order of the source, so that the same query gives the same file.
  const good = checkQuery(columns, query(), true);
  assert.deepEqual(good.ok && good.value.columns, ['number', 'levy']);
});

test('002 CIP-F5 条件の比べ方', () => {
  const row = { number: '100', name: '目黒　花子', born: '1988-04-02', levy: 9_000, status: 'resident' };
  const meets = (column: string, operator: 'is', value: string) => matches(columns, [{ column, operator, value }], row);
  const cases = [
    ['name', 'is', '目黒 花子', true],
    ['name', 'starts', '目', true],
    ['name', 'contains', '世田谷', false],
    ['born', 'at-least', '1988-04-02', true],
    ['born', 'at-most', '1988-04-01', false],
    ['levy', 'at-least', '10000', false],
    ['levy', 'at-most', '10000', true],
    ['status', 'is-not', 'removed', true],
    ['number', 'not-empty', '', true],
  ] as const;
  for (const [column, operator, value, expected] of cases)
    assert.equal(meets(column, operator as 'is', value), expected, `${column} ${operator} ${value}`);
  const empty = { ...row, levy: null };
  assert.equal(matches(columns, [{ column: 'levy', operator: 'at-most', value: '10' }], empty), false);
  assert.equal(matches(columns, [{ column: 'levy', operator: 'empty', value: '' }], empty), true);
  const sorted = [row, empty, { ...row, levy: 80 }].sort(compareBy(columns[3]!));
  assert.deepEqual(
    sorted.map((r) => r.levy),
    [80, 9_000, null],
  );
});

test('002 CIP-F5 表計算ソフトが式として動かす文字列は文字列のまま、Excelは数値を数値として出す', () => {
  const row = { number: '=1+1', name: '"引用",改行\n', born: null, levy: -5, status: 'removed' };
  assert.equal(cellText(columns[0]!, row), "'=1+1");
  assert.equal(cellText(columns[3]!, row), '-5');
  const cells = readCsvCells(toCsv(head, columns, [row]))!;
  assert.deepEqual(cells[0], ['#', 'e-1', '試験', '2026-06-01現在', '2件']);
  assert.deepEqual(cells[2], ['1', "'=1+1", '"引用",改行\n', '', '-5', '消除']);
  const sheet = strFromU8(unzipSync(toXlsx(head, columns, [row]))['xl/worksheets/sheet1.xml']!);
  assert.match(sheet, /<v>-5<\/v>/);
  assert.match(sheet, /&quot;引用|"引用"/);
  assert.doesNotMatch(sheet, /<f>/);
});

test('INC-21 列の入替え、行のずれ、重複、削除は、どの位置でも見つかる', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((s) => !s.includes('\r'));
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(text, text), { minLength: 2, maxLength: 8, selector: (r) => r.join('\u0000') }),
      fc.nat(),
      fc.nat(3),
      (pairs, place, how) => {
        const rows = pairs.map(([number, name]) => ({ number: `n${number}`, name: `x${name}` }));
        const two = columns.slice(0, 2);
        const original = readCsvCells(toCsv(head, two, rows))!;
        assert.deepEqual(differingRows(original, original), { differing: 0, missingColumns: [] });
        const [first, labels = [], ...body] = original;
        const at = place % body.length;
        // Order of rows and of whole columns is no fault: cells are found by name and number.
        const turned = [first!, [...labels].reverse(), ...body.toReversed().map((r) => [...r].reverse())];
        assert.equal(differingRows(original, turned).differing, 0);
        const spoiled =
          how === 0
            ? [first!, labels, ...body.map((r) => [r[0]!, r[2]!, r[1]!])]
            : how === 1
              ? [first!, labels, ...body.map((r, i) => [r[0]!, r[1]!, body[(i + 1) % body.length]![2]!])]
              : how === 2
                ? [first!, labels, ...body, body[at]!]
                : [first!, labels, ...body.filter((_, i) => i !== at)];
        const changed = JSON.stringify(spoiled) !== JSON.stringify(original);
        assert.equal(differingRows(original, spoiled).differing > 0, changed);
      },
    ),
    { numRuns: 200 },
  );
});
