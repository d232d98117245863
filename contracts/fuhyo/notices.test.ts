import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuhyoChanges, fuhyoNotice, supplementItems } from './notices.ts';
import { emigrantTaskFor, emigrantTasks } from './tasks.ts';

const sound = {
  changeId: '019c0000-0000-7000-8000-000000000001',
  sequence: 1,
  items: {
    residentRecordCode: '12345678901',
    name: '髙橋　花子',
    nameGaijiCount: 0,
    nameKana: 'タカハシ　ハナコ',
    birthDate: '1980-04-01',
    sex: 'female',
    addressMunicipalityCode: '131105',
    address: '東京都目黒区上目黒二丁目1番1号',
    addressGaijiCount: 0,
    lastAddress: null,
    lastAddressGaijiCount: 0,
    changedOn: '2026-05-20',
    formerResidentRecordCode: null,
    managingMunicipalityCode: '131105',
    recordState: 'domestic',
    gaijiFlag: false,
    gaijiPattern: 'none',
    noticeKind: 'entry',
  },
};

test('003 §4.2 附票の通知は18項目で、個人番号・本籍・筆頭者の項目をもたない', () => {
  assert.equal(Object.keys(supplementItems.shape).length, 18);
  assert.ok(fuhyoNotice.safeParse(sound).success);
  for (const surplus of [
    'individualNumber',
    'tmp_individual_number',
    '個人番号',
    'registeredDomicile',
    '本籍',
    '筆頭者',
  ]) {
    assert.equal(fuhyoNotice.safeParse({ ...sound, items: { ...sound.items, [surplus]: 'x' } }).success, false);
    assert.equal(fuhyoChanges.schema.safeParse({ ...sound, [surplus]: 'x' }).success, false);
  }
});

test('003 §4.2 どの項目にも12桁の数字だけの値は入らない', () => {
  for (const item of Object.keys(supplementItems.shape).filter((i) => !/name|address/i.test(i)))
    assert.equal(fuhyoNotice.safeParse({ ...sound, items: { ...sound.items, [item]: '123456789018' } }).success, false);
});

test('003 A8 国外転出者に係る事務は、登録された照会元が、期間の中でだけ使える', () => {
  assert.equal(emigrantTaskFor('passport', 'tokyo/fuhyo-link', '2026-06-01')?.numberGround, null);
  assert.equal(emigrantTaskFor('passport', 'tokyo/fuhyo-link', '2024-05-26'), undefined);
  assert.equal(emigrantTaskFor('passport', 'meguro/resident-tax', '2026-06-01'), undefined);
  assert.equal(new Set(emigrantTasks.map((t) => `${t.task} ${t.validFrom}`)).size, emigrantTasks.length);
});
