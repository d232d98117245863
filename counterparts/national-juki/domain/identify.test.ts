import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identify } from './identify.ts';

const taro = {
  id: 'a',
  name: '難波　太郎',
  birthDate: '1975-02-03',
  sex: 'male',
  address: '大阪府大阪市北区中之島一丁目3番20号',
  formerAddresses: ['京都府京都市中京区寺町通御池上る上本能寺前町488番'],
  status: 'resident',
};
const namesake = { ...taro, id: 'b', address: '兵庫県神戸市中央区加納町六丁目5番1号', formerAddresses: [] };
const who = { name: '難波太郎', birthDate: '1975-02-03' };

test('NCS-F2 述べられた項目がすべて合う現存の一人だけを答える。前の住所でも見つける', () => {
  assert.equal(identify([taro, namesake], { ...who, address: '大阪府大阪市北区中之島1-3-20' })?.id, 'a');
  assert.equal(identify([taro, namesake], { ...who, address: taro.formerAddresses[0]! })?.id, 'a');
  assert.equal(identify([taro, namesake], who), undefined);
  assert.equal(identify([taro], { ...who, sex: 'female' }), undefined);
  assert.equal(identify([taro], { ...who, birthDate: '1975-02-04' }), undefined);
  assert.equal(identify([], who), undefined);
});

test('NCS-F2 振り仮名は全国の保存項目にないので、それだけでは特定しない。消除された方は答えない', () => {
  assert.equal(
    identify([taro], { nameKana: 'ナンバ　タロウ', birthDate: taro.birthDate, address: taro.address }),
    undefined,
  );
  assert.equal(identify([{ ...taro, status: 'removed' }], who), undefined);
});
