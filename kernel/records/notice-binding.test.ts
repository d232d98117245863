import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mechanismTest } from '../enforcement/testing.ts';
import { err, unwrap } from '../result/result.ts';
import { bindNotices } from './bind-notice.ts';
import { checkedRows, verifyRows } from './row-check.ts';

const key = new Uint8Array(32).fill(5);
const distinctRows = fc.uniqueArray(fc.tuple(fc.string(), fc.string(), fc.string()), {
  minLength: 2,
  maxLength: 40,
  selector: ([id]) => id,
});

mechanismTest('matching.notice-binding', 'INC-67 一列だけ並べ替えた名簿、一行ずれた名簿は、発送の前に見つかる', () => {
  const rows = checkedRows(key, [
    ['R-1', '髙橋　花子', '上目黒二丁目'],
    ['R-2', '佐藤　太郎', '駒場一丁目'],
    ['R-3', '鈴木　次郎', '八雲三丁目'],
  ]);
  const shifted = rows.map((r, i) => ({ ...r, cells: [r.cells[0]!, r.cells[1]!, rows[(i + 1) % 3]!.cells[2]!] }));
  assert.deepEqual(verifyRows(key, shifted), err({ word: 'rows-mixed', count: 3 }));
});

test('INC-67 性質: 行の順がどうであれ正しい名簿は通り、どの二つの欄を入れ替えても、欠けても、二重でも見つかる', () => {
  fc.assert(
    fc.property(distinctRows, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 2 }), (cells, a, b, column) => {
      const rows = checkedRows(key, cells);
      assert.equal(unwrap(verifyRows(key, rows.toReversed())).length, rows.length);
      const [i, j] = [a % rows.length, b % rows.length];
      if (rows[i]!.cells[column] !== rows[j]!.cells[column]) {
        const swapped = rows.map((r, n) => {
          const from = n === i ? j : n === j ? i : n;
          return { ...r, cells: r.cells.map((c, k) => (k === column ? rows[from]!.cells[k]! : c)) };
        });
        assert.deepEqual(verifyRows(key, swapped), err({ word: 'rows-mixed', count: 2 }));
      }
      assert.equal(verifyRows(key, [...rows, rows[i]!]).ok, false);
      assert.equal(verifyRows(new Uint8Array(32), rows).ok, false);
    }),
    { numRuns: 200 },
  );
});

test('bindNotices: each record once on both sides, in any order; too few, too many, twice and foreign ones have a word', () => {
  fc.assert(
    fc.property(distinctRows, (cells) => {
      const to = cells.map(([of, value]) => ({ of, value }));
      const said = cells.map(([of, , value]) => ({ of, value })).toReversed();
      const bound = unwrap(bindNotices(to, said));
      for (const [i, b] of bound.entries()) assert.deepEqual([b.recordId, b.addressee, b.content], cells[i]);
      assert.deepEqual(bindNotices(to, said.slice(1)), err('part-missing'));
      assert.deepEqual(bindNotices(to.slice(1), said), err('part-of-another'));
      assert.deepEqual(bindNotices(to, [...said, said[0]!]), err('part-twice'));
    }),
    { numRuns: 100 },
  );
});
