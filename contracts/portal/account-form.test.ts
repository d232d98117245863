import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { accountProcedure, readAccountApplication } from './account-form.ts';

const fields = {
  使いみち: '還付',
  金融機関コード: '０００１',
  支店コード: '101',
  預金種目: '普通',
  口座番号: '1234567',
  口座名義: 'メグロ ハナコ',
};
const read = (more: Record<string, string> = {}, procedure: string = accountProcedure) =>
  readAccountApplication({ procedure, fields: { ...fields, ...more } });

test('002 ACC-F1 口座の登録の様式: 全角の数字を読み、使いみちと種目を符号にする', () => {
  assert.deepEqual(
    read(),
    ok({
      purpose: 'refund',
      bank: '0001',
      branch: '101',
      accountKind: 'ordinary',
      accountNumber: '1234567',
      holderKana: 'メグロ ハナコ',
    }),
  );
});

test('002 ACC-F1 口座の登録の様式: 別の手続、様式にない欄、空欄、読めない値は欄の名前だけを示して断る', () => {
  assert.deepEqual(read({}, 'RTX-101'), err({ word: 'other-procedure' }));
  assert.deepEqual(read({ 個人番号: 'x' }), err({ word: 'unknown-field', field: '個人番号' }));
  assert.deepEqual(read({ 口座名義: ' ' }), err({ word: 'missing', field: '口座名義' }));
  for (const [field, value] of [
    ['金融機関コード', '001'],
    ['支店コード', '10A'],
    ['口座番号', '12345678'],
    ['使いみち', 'toString'],
    ['預金種目', '定期'],
  ] as const)
    assert.deepEqual(read({ [field]: value }), err({ word: 'unreadable', field }));
});
