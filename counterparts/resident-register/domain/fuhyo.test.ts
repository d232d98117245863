import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followed, type ResidentNow, type Supplement } from './fuhyo.ts';

const ward = { municipalityCode: '131105', name: '目黒区' };
const aResident = (more: Partial<ResidentNow> = {}): ResidentNow => ({
  residentRecordCode: '12345678901',
  name: '髙橋　花子',
  nameKana: 'タカハシ　ハナコ',
  birthDate: '1980-04-01',
  sex: 'female',
  address: '東京都目黒区上目黒二丁目1番1号',
  status: 'resident',
  movedTo: null,
  nationality: null,
  registeredDomicile: null,
  reason: 'initial-load',
  changedOn: '2015-04-01',
  ...more,
});
const opened = followed(undefined, aResident(), ward)!;
const brief = (s: Supplement | undefined) => s && [s.noticeKind, s.recordState, s.address, s.lastAddress];

test('住基法16条 本籍が当区にある日本人の附票を作る。外国人、本籍がほかの方、転入者には作らない', () => {
  assert.deepEqual(brief(opened), ['entry', 'domestic', '東京都目黒区上目黒二丁目1番1号', null]);
  assert.equal(followed(undefined, aResident({ nationality: 'USA' }), ward), undefined);
  assert.equal(followed(undefined, aResident({ registeredDomicile: '大阪府大阪市北区1番' }), ward), undefined);
  assert.equal(followed(undefined, aResident({ reason: 'moved-in' }), ward), undefined);
  const said = followed(undefined, aResident({ reason: 'moved-in', registeredDomicile: '東京都目黒区1番' }), ward);
  assert.equal(said?.noticeKind, 'entry');
});

test('住基法19条 転居・氏名変更に従い、何も変わらない異動では変わらない', () => {
  const moved = followed(opened, aResident({ reason: 'moved-within', address: '東京都目黒区八雲一丁目1番1号' }), ward);
  assert.deepEqual(brief(moved), ['correction', 'domestic', '東京都目黒区八雲一丁目1番1号', null]);
  assert.equal(followed(opened, aResident({ reason: 'household-change' }), ward), undefined);
  assert.equal(followed(opened, aResident({ reason: 'moved-out', status: 'moving-out' }), ward), undefined);
});

test('003 §4.2 ア10 国外転出者は、最終住所とともに附票に残る', () => {
  const abroad = { reason: 'moved-out-abroad', status: 'removed', movedTo: 'アメリカ合衆国' } as const;
  assert.deepEqual(brief(followed(opened, aResident(abroad), ward)), [
    'correction',
    'abroad',
    'アメリカ合衆国',
    '東京都目黒区上目黒二丁目1番1号',
  ]);
  const returned = followed({ ...opened, recordState: 'abroad' }, aResident({ reason: 'moved-in-from-abroad' }), ward);
  assert.equal(returned?.recordState, 'domestic');
});

test('住基法19条 国内へ転出した方の附票は、転入通知まで前の住所のままである', () => {
  assert.equal(followed(opened, aResident({ reason: 'moved-out-completed', status: 'removed' }), ward), undefined);
});

test('住基法 死亡・失踪・国籍喪失・転籍で消除し、消除された附票は死亡の届が重なっても変わらない', () => {
  for (const reason of ['death', 'disappearance', 'nationality-lost']) {
    const removed = followed(opened, aResident({ reason, status: 'removed' }), ward);
    assert.deepEqual([removed?.noticeKind, removed?.recordState], ['removal', 'removed']);
    assert.equal(followed(removed, aResident({ reason, status: 'removed' }), ward), undefined);
  }
  const elsewhere = aResident({ reason: 'family-register-change', registeredDomicile: '神奈川県横浜市1番' });
  assert.equal(followed(opened, elsewhere, ward)?.noticeKind, 'removal');
});

test('003 §4.2 ア13 住民票コードの変更は、旧コードを添えた修正になる', () => {
  const changed = followed(opened, aResident({ reason: 'code-change', residentRecordCode: '10987654321' }), ward);
  assert.deepEqual([changed?.noticeKind, changed?.formerCode], ['correction', '12345678901']);
});
