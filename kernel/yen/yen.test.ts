import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { atRate, atRateRoundedUp, exactProduct, formatYen, roundDownTo, roundUpTo, sum, yen } from './yen.ts';

test('yen refuses fractions, infinities and what is no longer exact', () => {
  for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) assert.throws(() => yen(bad));
  assert.ok(Object.is(yen(-0), 0));
  for (const amount of [2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1])
    assert.equal(yen(amount), amount);
  for (const bad of [2 ** 31 + 0.5, -0.5, 2 ** 32 - 0.25]) assert.throws(() => yen(bad), /whole number/);
});

for (const [unit, amount, down, up] of [
  [1_000, 1_805_999, 1_805_000, 1_806_000],
  [100, 92_199, 92_100, 92_200],
  [1_000, 999, 0, 1_000],
  [1_000, 2_000, 2_000, 2_000],
  [100, -150, -100, -200],
  [10, 0, 0, 0],
] as const) {
  test(`端数処理: ${amount}円を${unit}円単位で切捨て${down}、切上げ${up}`, () => {
    assert.equal(roundDownTo(unit, amount), down);
    assert.equal(roundUpTo(unit, amount), up);
  });
}

test('率は分数で掛けて切り捨てる: 1,805,000円の6%は108,300円、1,001円の0.05105は51円', () => {
  assert.equal(atRate(yen(1_805_000), [6, 100]), 108_300);
  assert.equal(atRate(yen(1_001), [5_105, 100_000]), 51);
  assert.equal(atRateRoundedUp(yen(1_001), [5_105, 100_000]), 52);
  assert.equal(atRate(yen(-1_001), [5_105, 100_000]), -51);
});

test('積が2の53乗に達すれば計算を止める', () => {
  assert.throws(() => exactProduct(90_071_992_548, 100_000), /2\^53/);
  assert.throws(() => atRate(yen(1), [1, 0]));
});

test('atRate agrees with exact integer arithmetic for every product below 2^53', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -90_000_000_000, max: 90_000_000_000 }),
      fc.integer({ min: 0, max: 99_999 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (a, n, d) => {
        assert.equal(BigInt(atRate(yen(a), [n, d])), (BigInt(a) * BigInt(n)) / BigInt(d));
      },
    ),
  );
});

test('sum adds exactly, nothing gives zero, and the format groups thousands', () => {
  assert.equal(sum([1, 2, 3]), 6);
  assert.equal(sum([]), 0);
  assert.throws(() => sum([2 ** 53 - 1, 1]));
  assert.equal(formatYen(yen(1234567)), '1,234,567円');
  assert.equal(formatYen(yen(-100)), '-100円');
  assert.equal(formatYen(yen(-123456)), '-123,456円');
});
