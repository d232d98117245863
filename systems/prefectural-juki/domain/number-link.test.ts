import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAbroad, isInInquiry, type LinkRecord } from './number-link.ts';

const record: LinkRecord = {
  residentRecordCode: '12345678901',
  nameKey: '高橋花子',
  kanaKey: 'タカハシハナコ',
  birthDate: '1980-04-01',
  sex: 'female',
  status: 'removed',
  lastReason: 'moved-out-abroad',
};

test('003 シナリオ28 国外転出者は、国外転出で消除された方だけである', () => {
  assert.ok(isAbroad(record));
  for (const other of [{ status: 'resident' }, { lastReason: 'death' }, { lastReason: 'moved-out-completed' }])
    assert.equal(isAbroad({ ...record, ...other }), false);
});

test('003 シナリオ28 開いている照会の方かどうかは、照会元が署名したキーで決まる', () => {
  assert.ok(isInInquiry(record, { residentRecordCode: '12345678901' }));
  assert.equal(isInInquiry(record, { residentRecordCode: '10987654321' }), false);
  assert.ok(isInInquiry(record, { name: '髙橋　花子', birthDate: '1980-04-01', address: '国外' }));
  assert.ok(isInInquiry(record, { nameKana: 'たかばし　はなこ', sex: 'female' }));
  assert.equal(isInInquiry(record, { name: '髙橋　花子', birthDate: '1980-04-02' }), false);
  assert.equal(isInInquiry(record, { name: '髙橋　太郎', birthDate: '1980-04-01' }), false);
  assert.equal(isInInquiry(record, { sex: 'female', address: '東京都' }), false);
});
