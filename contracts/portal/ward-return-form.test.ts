import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { readWardReturnApplication, wardReturnProcedure } from './ward-return-form.ts';

const read = (fields: Record<string, string>, procedure: string = wardReturnProcedure) =>
  readWardReturnApplication({ procedure, fields });
const year = { 申告する年分: '2025', 所得の合計: '0' };

test('AC-09 申告の様式: 全角や区切りの付いた金額は数字として読み、空欄は項目にしない', () => {
  assert.deepEqual(
    unwrap(
      read({
        ...year,
        給与の収入: '４，０００，０００円',
        所得の合計: '2,760,000',
        営業等の所得: '',
        電話番号: '03-0000-0000',
      }),
    ),
    { incomeYear: 2025, items: { ABB00080: '4000000', ABB00410: '2760000' }, telephone: '03-0000-0000' },
  );
  assert.deepEqual(unwrap(read(year)).items, { ABB00410: '0' });
});

test('AC-09 申告の様式: 別の手続、様式にない欄、必須の欠け、読めない年や金額は、欄の名前だけを示して断る', () => {
  assert.deepEqual(read(year, 'RTX-101'), err({ word: 'other-procedure' }));
  assert.deepEqual(read({ ...year, 個人番号: 'x' }), err({ word: 'unknown-field', field: '個人番号' }));
  assert.deepEqual(read({ 所得の合計: '0' }), err({ word: 'missing', field: '申告する年分' }));
  assert.deepEqual(read({ 申告する年分: '2025' }), err({ word: 'missing', field: '所得の合計' }));
  for (const wrong of ['令和7', '25', '1999'])
    assert.deepEqual(read({ ...year, 申告する年分: wrong }), err({ word: 'unreadable-year', field: '申告する年分' }));
  for (const wrong of ['-1', '1.5', '約100', '0100', '1000000000000'])
    assert.deepEqual(read({ ...year, 給与の収入: wrong }), err({ word: 'unreadable-amount', field: '給与の収入' }));
});
