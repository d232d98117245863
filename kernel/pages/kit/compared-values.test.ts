import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareValues } from './compared-values.ts';

test('C case component: declared and answered values meet by name; width and spaces are writing, a missing side is said', () => {
  const rows = compareValues(
    ['課税区分', '所得割額', '合計所得金額', '住所', '氏名', '備考'],
    { 課税区分: '課税', 所得割額: 80_000, 合計所得金額: null, 住所: '中町１丁目', 備考: '' },
    { 課税区分: '非課税', 所得割額: 80_000, 合計所得金額: 3_880_000, 住所: '中町1 丁目' },
  );
  assert.deepEqual(
    rows.map((r) => r.state),
    ['differs', 'same', 'answered-only', 'same', 'neither', 'neither'],
  );
  assert.deepEqual(compareValues(['toString'], {}, {})[0]!.state, 'neither');
});
