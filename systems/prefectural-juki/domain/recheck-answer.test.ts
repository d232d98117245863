import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err } from '@musubi/kernel/result/result.ts';
import { type Candidate, hasFourItems, recheckAnswer } from './recheck-answer.ts';

const hanako: Candidate = {
  personId: 'a',
  name: '髙橋　花子',
  nameKana: 'タカハシ　ハナコ',
  birthDate: '1980-04-01',
  sex: 'female',
  address: '東京都目黒区上目黒二丁目19番15号',
  formerAddresses: ['東京都目黒区八雲一丁目1番8号'],
  isRemoved: false,
};
const namesake: Candidate = {
  ...hanako,
  personId: 'b',
  address: '東京都世田谷区世田谷四丁目21番27号',
  formerAddresses: [],
};
const present = { includesRemoved: false };
const who = { name: '高橋花子', birthDate: '1980-04-01' };

mechanismTest(
  'juki.answer-rechecked',
  '003 scenario 15 求めた条件と合わない方・二人に合う条件では、誰も答えない',
  () => {
    assert.deepEqual(recheckAnswer([hanako], { name: '佐藤花子' }, present), err('disagrees'));
    assert.deepEqual(recheckAnswer([hanako], { birthDate: '1980-04-02' }, present), err('disagrees'));
    assert.deepEqual(recheckAnswer([hanako, namesake], who, present), err('several'));
  },
);

test('INC-43 同姓同名・同じ生年月日でも、住所（履歴を含む）が合う一人だけが同一人である', () => {
  const both = [hanako, namesake];
  const at = (address: string) => recheckAnswer(both, { ...who, address }, present);
  for (const [address, id] of [
    ['東京都目黒区上目黒２－１９－１５', 'a'],
    ['東京都目黒区八雲1丁目1番8号', 'a'],
    ['東京都世田谷区世田谷四丁目21番27号', 'b'],
  ] as const) {
    const found = at(address);
    assert.equal(found.ok && found.value.personId, id);
  }
  assert.deepEqual(at('神奈川県横浜市中区日本大通1'), err('disagrees'));
});

test('A29 消除された方は、それを扱える事務にだけ答える', () => {
  const gone = { ...hanako, isRemoved: true };
  assert.deepEqual(recheckAnswer([gone], who, present), err('removed'));
  assert.equal(recheckAnswer([gone], who, { includesRemoved: true }).ok, true);
  // A removed namesake still is a namesake.
  assert.deepEqual(recheckAnswer([gone, namesake], who, present), err('several'));
});

test('4情報の照会には氏名・生年月日・住所が要る', () => {
  assert.equal(hasFourItems({ ...who, address: 'x' }), true);
  assert.equal(hasFourItems(who), false);
  assert.equal(hasFourItems({ birthDate: '1980-04-01', address: 'x' }), false);
});
