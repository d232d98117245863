import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownBands } from './income-bands.ts';

const band = (n: number, persons: number) => ({
  band: n,
  persons,
  taxableYen: persons * 1_000,
  wardYen: persons * 60,
  metropolisYen: persons * 40,
});
const shown = (...counts: (readonly [number, number])[]) =>
  shownBands(
    counts.map(([n, persons]) => band(n, persons)),
    3,
  ).map(({ figures }) => figures?.persons ?? null);

test('002-II.3-ST-01 課税状況調: 少ない人数の段階は隠し、合計から逆算できないようもう一つ隠す', () => {
  assert.deepEqual(shown([0, 5], [1, 9]), [5, 9, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(shown([0, 2], [1, 9], [2, 4]), [null, 9, null, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(shown([0, 2], [1, 1], [2, 4]), [null, null, 4, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(shown([8, 1]), [0, 0, 0, 0, 0, 0, 0, 0, null]);
});
