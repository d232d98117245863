import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchFault } from './keyed-batch.ts';

const file = (...sheets: readonly (number | string)[]): Uint8Array =>
  Buffer.from(sheets.map((no) => `WR01,77,${no},"a","b"\r\n`).join(''));

test('002-RTX-F2.1 入力委託: 渡した帳票が1枚ずつ全部戻ったときだけ受け取る', () => {
  assert.equal(batchFault(file(1, 2, 3), '77', 3), undefined);
  assert.equal(batchFault(file(3, 1, 2), '77', 3), undefined);
  assert.equal(batchFault(file(1, 2), '77', 3), 'sheet-missing');
  assert.equal(batchFault(file(1, 2, 2), '77', 3), 'sheet-twice');
  assert.equal(batchFault(file(1, 2, 4), '77', 3), 'sheet-unknown');
  assert.equal(batchFault(file(1, 2, 'x'), '77', 3), 'sheet-unknown');
  assert.equal(batchFault(file(1, 2, 3), '78', 3), 'other-batch');
});

test('002-RTX-F2.1 どの並びでも、受け取るのは1からnまでがちょうど一度ずつのときだけ', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 6 }),
      (sheets, n) => {
        const whole = sheets.toSorted().join() === Array.from({ length: n }, (_, i) => i + 1).join();
        assert.equal(batchFault(file(...sheets), '77', n) === undefined, whole);
      },
    ),
    { numRuns: 200 },
  );
});
