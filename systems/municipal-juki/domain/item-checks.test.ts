import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { type CheckedNotice, checkItems } from './item-checks.ts';

const context = { ownMunicipality: '131105', today: '2026-06-01' };
const items: CheckedNotice['items'] = {
  residentRecordCode: '12345678903',
  name: '髙橋　花子',
  nameGaijiCount: 0,
  nameKana: 'タカハシ　ハナコ',
  birthDate: '1990-01-15',
  address: '東京都目黒区中目黒一丁目1番1号',
  addressGaijiCount: 0,
  individualNumber: '123456789018',
  municipalityCode: '131105',
  formerSurname: null,
  formerSurnameGaijiCount: 0,
  formerSurnameKana: null,
};
const aNotice = (more: Partial<CheckedNotice> = {}, changed: Partial<CheckedNotice['items']> = {}): CheckedNotice => ({
  reason: 'moved-in',
  changedOn: '2026-05-31',
  status: 'resident',
  ...more,
  items: { ...items, ...changed },
});

const removal = { reason: 'removed-ex-officio', status: 'removed' } as const;
const anotherCode = makeResidentRecordCode(seededRandom('another'));

test('MCS-F2 正しい通知には誤りがない', () => {
  assert.deepEqual(checkItems(aNotice(), context), []);
  assert.deepEqual(checkItems(aNotice({ ...removal, duplicateOf: anotherCode }), context), []);
});

test('MCS-F2 各項目の形式とコードの誤りは、規則の番号と項目名で示す', () => {
  const cases: [string, CheckedNotice, string[]][] = [
    ['M-01', aNotice({}, { residentRecordCode: '12345678904' }), ['residentRecordCode']],
    ['M-02', aNotice({}, { individualNumber: '123456789017' }), ['individualNumber']],
    ['M-02', aNotice({}, { individualNumber: '000000000000' }), ['individualNumber']],
    ['M-03', aNotice({}, { name: 'ﾀｶﾊｼ' }), ['name']],
    ['M-03', aNotice({}, { name: '髙橋\u0007' }), ['name']],
    ['M-03', aNotice({}, { name: '　' }), ['name']],
    ['M-04', aNotice({}, { nameKana: 'たかはし' }), ['nameKana']],
    ['M-05', aNotice({}, { birthDate: '2026-06-01' }), ['birthDate']],
    ['M-06', aNotice({}, { address: '' }), ['address']],
    ['M-07', aNotice({}, { municipalityCode: '131121' }), ['municipalityCode']],
    ['M-08', aNotice({}, { name: '\uE000橋　花子' }), ['nameGaijiCount']],
    ['M-09', aNotice({ changedOn: '2026-06-02' }), ['changedOn']],
    ['M-10', aNotice({}, { formerSurname: '佐藤' }), ['formerSurname', 'formerSurnameKana']],
    ['M-11', aNotice({ reason: 'death' }), ['status']],
    ['M-11', aNotice({ reason: 'moved-out' }), ['status']],
    ['M-11', aNotice({ status: 'removed' }), ['status']],
    ['M-12', aNotice({ ...removal, duplicateOf: '12345678901' }), ['duplicateOf']],
    ['M-12', aNotice({ ...removal, duplicateOf: aNotice().items.residentRecordCode }), ['duplicateOf']],
    ['M-12', aNotice({ duplicateOf: anotherCode }), ['duplicateOf']],
  ];
  for (const [rule, notice, faults] of cases)
    assert.deepEqual(checkItems(notice, context), [{ rule, items: faults }], rule);
});

test('MCS-F2 転出予定の異動年月日は先の日でよい。外字は数が合えばよい', () => {
  assert.deepEqual(
    checkItems(aNotice({ reason: 'moved-out', status: 'moving-out', changedOn: '2026-07-01' }), context),
    [],
  );
  assert.deepEqual(checkItems(aNotice({}, { name: '\uE000橋　花子', nameGaijiCount: 1 }), context), []);
});

test('MCS-F2 誤りが重なれば、すべての規則を示す', () => {
  const rules = checkItems(aNotice({}, { nameKana: '', address: '' }), context).map((f) => f.rule);
  assert.deepEqual(rules, ['M-04', 'M-06']);
});
