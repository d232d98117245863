import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FourItems, searchKeys } from './search.ts';

const refused: readonly (readonly [string, FourItems, string])[] = [
  ['氏名だけ', { name: '田中太郎' }, 'too-few-items'],
  ['漢字と振り仮名は一つの項目', { name: '田中', nameKana: 'タナカ' }, 'too-few-items'],
  ['住所と性別だけ', { address: '東京都目黒区', sex: 'male' }, 'too-few-items'],
  ['生まれた年と性別だけ', { birthYear: '1980', sex: 'male' }, 'too-few-items'],
  ['漢字一字の部分一致', { name: '田', nameMatch: 'part', municipalityCode: '131105' }, 'fragment-too-short'],
  ['振り仮名二字の部分一致', { nameKana: 'ナカ', nameMatch: 'part', birthYear: '1980' }, 'fragment-too-short'],
  ['部分一致と性別だけ', { name: '田中', nameMatch: 'part', sex: 'male' }, 'fragment-alone'],
  ['部分一致と住所の文字だけ', { nameKana: 'タナカ', nameMatch: 'part', address: '目黒' }, 'fragment-alone'],
  ['年でない年', { nameKana: 'タナカ', birthYear: '80' }, 'not-a-year'],
];
for (const [what, typed, word] of refused) {
  test(`003-A14 ${what}では検索できない`, () => {
    assert.deepEqual(searchKeys(typed), { ok: false, error: word });
  });
}

test('003-A14 氏名か生年月日を含む二項目、または部分一致と市区町村・生年で検索できる', () => {
  for (const typed of [
    { nameKana: 'タナカ', birthDate: '1980-04-02' },
    { birthDate: '1980-04-02', sex: 'female' },
    { name: '田中', municipalityCode: '131105' },
    { name: '田中', nameMatch: 'part', birthYear: '1980' },
    { nameKana: 'ナカタ', nameMatch: 'part', municipalityCode: '131105' },
  ] satisfies FourItems[])
    assert.ok(searchKeys(typed).ok, JSON.stringify(typed));
});

test('JPS-F5 清音と濁音、小書き、異体字は同じ鍵になり、年はその一年になる', () => {
  const a = searchKeys({ nameKana: 'ヤマザキ　ジュン', name: '山﨑', birthYear: '1980' });
  const b = searchKeys({ nameKana: 'やまさきしゆん', name: '山崎', birthYear: '1980' });
  assert.deepEqual(a, b);
  assert.ok(a.ok && a.value.bornFrom === '1980-01-01' && a.value.bornUntil === '1980-12-31');
});
