import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeWhole, shareAmong } from './heirs.ts';

const half = { numerator: 1, denominator: 2 };
const sixth = { numerator: 1, denominator: 6 };

test('地方税法9条2項 each heir owes by its share; what is cut off is owed by the first', () => {
  assert.deepEqual(shareAmong(100_000, [half, sixth, sixth, sixth]), [50_002, 16_666, 16_666, 16_666]);
  assert.ok(makeWhole([half, sixth, sixth, sixth]));
  assert.ok(!makeWhole([half, sixth, sixth]));
  assert.ok(!makeWhole([half, half, sixth]));
  assert.ok(!makeWhole([]));
});

test('地方税法9条2項 the parts add up to the whole for every amount and number of heirs', () => {
  fc.assert(
    fc.property(fc.nat(99_999_999), fc.integer({ min: 1, max: 12 }), (amount, n) => {
      const shares = Array.from({ length: n }, () => ({ numerator: 1, denominator: n }));
      const parts = shareAmong(amount, shares);
      return makeWhole(shares) && parts.every((p) => p >= 0) && parts.reduce((a, b) => a + b, 0) === amount;
    }),
    { numRuns: 300 },
  );
});
