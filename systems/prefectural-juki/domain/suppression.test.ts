import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { suppress } from './suppression.ts';

test('U22 少ない数は公表せず、合計からの引き算でも分からないよう、もう一つを伏せる', () => {
  const cells = [
    [120, 3, 40],
    [300, 50, 60],
  ];
  const out = suppress({ rows: ['目黒区', '世田谷区'], columns: ['転入', '死亡', '出生'], cells }, 10);
  assert.deepEqual(out.cells, [
    [120, null, null],
    [300, null, null],
  ]);
  assert.deepEqual([out.rowTotals, out.columnTotals, out.total], [[163, 410], [420, 53, 100], 573]);
});

test('U22 一つの列だけの表では、合計も伏せる', () => {
  const out = suppress({ rows: ['目黒区', '世田谷区'], columns: ['死亡'], cells: [[3], [200]] }, 10);
  assert.deepEqual([out.cells[0], out.rowTotals[0]], [[null], null]);
  assert.deepEqual(suppress({ rows: [], columns: [], cells: [] }, 10).total, 0);
});

test('nothing small is published, and no line is one subtraction away from a figure that is left out', () => {
  const size = fc.integer({ min: 1, max: 5 });
  const table = fc.tuple(size, size).chain(([r, c]) =>
    fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: c, maxLength: c }), {
      minLength: r,
      maxLength: r,
    }),
  );
  fc.assert(
    fc.property(table, (cells) => {
      const names = (n: number) => Array.from({ length: n }, (_, i) => `${i}`);
      const out = suppress({ rows: names(cells.length), columns: names(cells[0]!.length), cells }, 10);
      const whole = [...out.cells.map((line, r) => [...line, out.rowTotals[r]!]), [...out.columnTotals, out.total]];
      assert.ok(whole.flat().every((n) => n === null || n === 0 || n >= 10));
      assert.ok(cells.every((line, r) => line.every((n, c) => out.cells[r]![c] === null || out.cells[r]![c] === n)));
      const isLonely = (line: readonly (number | null)[]) => line.filter((n) => n === null).length === 1;
      assert.ok(!whole.some(isLonely));
      assert.ok(!whole[0]!.some((_, c) => isLonely(whole.map((line) => line[c]!))));
    }),
  );
});
