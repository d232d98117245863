import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { recheckAnswer } from './recheck-answer.ts';
import { type RecordKeys, searchKeys } from './search.ts';

const aRecord = (more: Partial<RecordKeys> = {}): RecordKeys => ({
  residentRecordCode: '12345678901',
  nameKey: '佐藤花子',
  kanaKey: 'サトウハナコ',
  birthDate: '1980-04-01',
  sex: 'female',
  addressKey: '国外',
  lastAddressKey: '東京都目黒区',
  ...more,
});
const asked = unwrap(searchKeys({ name: '佐藤　花子', birthDate: '1980-04-01' }));

mechanismTest('juki.answer-rechecked', '003-III.5-R3-B01 条件に合う方が二人なら、どちらも答えない', async () => {
  assert.equal(recheckAnswer([aRecord(), aRecord({ residentRecordCode: '10987654321' })], asked), undefined);
});

test('003 シナリオ15 検索が余計な行を見つけても、条件に合う一人だけを答える', () => {
  const one = aRecord();
  assert.equal(recheckAnswer([aRecord({ nameKey: '佐藤花' }), one, aRecord({ birthDate: '1981-04-01' })], asked), one);
  assert.equal(recheckAnswer([aRecord({ nameKey: '佐藤花子様' })], asked), undefined);
  assert.equal(recheckAnswer([], asked), undefined);
  assert.equal(recheckAnswer([one], { residentRecordCode: '00000000000' }), undefined);
});

test('003 A14 住所または性別だけでは探さない。最終住所でも一致する', () => {
  assert.deepEqual(searchKeys({ address: '東京都目黒区', sex: 'female' }), { ok: false, error: 'too-few-items' });
  assert.deepEqual(searchKeys({ name: '佐藤' }), { ok: false, error: 'too-few-items' });
  const byLast = unwrap(searchKeys({ name: '佐藤花子', address: '東京都目黒区' }));
  assert.ok(recheckAnswer([aRecord()], byLast));
});
