import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { type CheckedSupplement, checkSupplement } from './fuhyo-checks.ts';

const random = seededRandom('fuhyo-checks');
const sound: CheckedSupplement = {
  residentRecordCode: makeResidentRecordCode(random),
  name: '髙橋　花子',
  nameGaijiCount: 0,
  nameKana: 'タカハシ　ハナコ',
  birthDate: '1980-04-01',
  addressMunicipalityCode: '131105',
  address: '東京都目黒区上目黒二丁目1番1号',
  addressGaijiCount: 0,
  lastAddress: null,
  lastAddressGaijiCount: 0,
  changedOn: '2026-05-20',
  formerResidentRecordCode: null,
  managingMunicipalityCode: '131105',
  gaijiFlag: false,
  gaijiPattern: 'none',
};
const context = { ownMunicipality: '131105', today: '2026-06-01' };
const wrongCode = `${sound.residentRecordCode.slice(0, 10)}${(Number(sound.residentRecordCode[10]) + 1) % 10}`;
const gaiji = String.fromCodePoint(0xe001);

const rows: readonly (readonly [sentence: string, change: Partial<CheckedSupplement>, rules: readonly string[]])[] = [
  ['正しい通知は通る', {}, []],
  ['住民票コードの検査数字', { residentRecordCode: wrongCode }, ['FM-01']],
  ['旧住民票コードの検査数字', { formerResidentRecordCode: wrongCode }, ['FM-01']],
  ['旧住民票コードが今のコードと同じ', { formerResidentRecordCode: sound.residentRecordCode }, ['FM-01']],
  ['空の氏名', { name: ' ' }, ['FM-02']],
  ['半角カナの氏名', { name: 'ﾀｶﾊｼ' }, ['FM-02']],
  ['ひらがなの振り仮名', { nameKana: 'たかはし' }, ['FM-03']],
  ['異動より後の生年月日', { birthDate: '2026-05-21' }, ['FM-04']],
  ['空の最終住所', { lastAddress: '' }, ['FM-05']],
  ['他団体の管理市町村コード', { managingMunicipalityCode: '131121' }, ['FM-06']],
  ['数えていない外字', { name: `髙${gaiji}　花子` }, ['FM-07']],
  [
    '数えた外字と、そのフラグとパターン',
    { name: `髙${gaiji}　花子`, nameGaijiCount: 1, gaijiFlag: true, gaijiPattern: 'name' },
    [],
  ],
  [
    '数えた外字に、合わないパターン',
    { name: `髙${gaiji}　花子`, nameGaijiCount: 1, gaijiFlag: true, gaijiPattern: 'both' },
    ['FM-09'],
  ],
  ['先の日の異動', { changedOn: '2026-06-02' }, ['FM-08']],
  ['外字のないフラグ', { gaijiFlag: true }, ['FM-09']],
  ['住所の市町村コードの検査数字', { addressMunicipalityCode: '131106' }, ['FM-10']],
];
for (const [sentence, change, rules] of rows)
  test(`MCS-F4 附票の項目チェック: ${sentence}: ${rules.join(' ') || '通る'}`, () => {
    const found = checkSupplement({ ...sound, ...change }, context);
    assert.deepEqual(
      found.map((f) => f.rule),
      rules,
    );
  });
