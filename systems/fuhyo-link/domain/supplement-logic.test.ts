import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuhyoRules } from '@musubi/contracts/fuhyo/codes.ts';
import { judge, type Known, type Notice, type Supplement, supplementRules } from './supplement-logic.ts';

const meguro = '131105';
const setagaya = '131121';
const aSupplement = (more: Partial<Supplement> = {}): Supplement => ({
  birthDate: '1980-04-01',
  sex: 'female',
  managingMunicipalityCode: meguro,
  recordState: 'domestic',
  changedOn: '2026-04-01',
  sequence: 3,
  ...more,
});
const aNotice = (noticeKind: Notice['noticeKind'], more: Partial<Notice> = {}): Notice => ({
  ...aSupplement({
    changedOn: '2026-05-20',
    sequence: 4,
    recordState: noticeKind === 'removal' ? 'removed' : 'domestic',
  }),
  noticeKind,
  addressMunicipalityCode: meguro,
  lastAddress: null,
  residentRecordCode: '12345678901',
  formerResidentRecordCode: null,
  ...more,
});
const known = (current: Supplement | undefined, more: Partial<Known> = {}): Known => ({
  current,
  newCodeIsTaken: false,
  fromItsManager: true,
  ...more,
});
const ruleOf = (notice: Notice, state: Known): string => {
  const judged = judge(notice, state);
  return judged.ok ? 'applied' : judged.error.rule;
};

const removed = aSupplement({ recordState: 'removed' });
const rows: readonly (readonly [sentence: string, notice: Notice, known: Known, outcome: string])[] = [
  ['記録のない方の記載は適用する', aNotice('entry', { sequence: 1 }), known(undefined), 'applied'],
  ['既に消除された方の消除はエラーとする', aNotice('removal'), known(removed), 'FL-01'],
  ['現存する方の記載はエラーとする', aNotice('entry'), known(aSupplement()), 'FL-02'],
  [
    '他市区町村が管理する現存の方の記載もエラーとする',
    aNotice('entry', { managingMunicipalityCode: setagaya }),
    known(aSupplement()),
    'FL-02',
  ],
  ['記録のない方の修正はエラーとする', aNotice('correction'), known(undefined), 'FL-03'],
  ['記録のない方の消除はエラーとする', aNotice('removal'), known(undefined), 'FL-03'],
  [
    '管理市町村と通知元が異なればエラーとする',
    aNotice('correction'),
    known(aSupplement(), { fromItsManager: false }),
    'FL-04',
  ],
  [
    '他市区町村が管理する方の修正はエラーとする',
    aNotice('correction', { managingMunicipalityCode: setagaya }),
    known(aSupplement()),
    'FL-05',
  ],
  ['消除された方の修正はエラーとする', aNotice('correction'), known(removed), 'FL-06'],
  [
    '消除の通知の状態が現存ならエラーとする',
    aNotice('removal', { recordState: 'domestic' }),
    known(aSupplement()),
    'FL-07',
  ],
  [
    '修正の通知の状態が消除ならエラーとする',
    aNotice('correction', { recordState: 'removed' }),
    known(aSupplement()),
    'FL-07',
  ],
  [
    '国外転出者に最終住所がなければエラーとする',
    aNotice('correction', { recordState: 'abroad', addressMunicipalityCode: null }),
    known(aSupplement()),
    'FL-08',
  ],
  [
    '国内の方に市町村コードがなければエラーとする',
    aNotice('correction', { addressMunicipalityCode: null }),
    known(aSupplement()),
    'FL-08',
  ],
  [
    '国外転出は最終住所とともに適用する',
    aNotice('correction', { recordState: 'abroad', addressMunicipalityCode: null, lastAddress: '東京都目黒区' }),
    known(aSupplement()),
    'applied',
  ],
  ['適用済みの番号はエラーとする', aNotice('correction', { sequence: 3 }), known(aSupplement()), 'FL-09'],
  [
    '適用済みの番号の消除は、消除された後でも古い通知である',
    aNotice('removal', { sequence: 3 }),
    known(removed),
    'FL-09',
  ],
  [
    '新しいコードがほかの方のものならエラーとする',
    aNotice('correction', { formerResidentRecordCode: '10987654321' }),
    known(aSupplement(), { newCodeIsTaken: true }),
    'FL-10',
  ],
  ['再記載で生年月日が異なればエラーとする', aNotice('entry', { birthDate: '1980-04-02' }), known(removed), 'FL-11'],
  [
    '記載の通知で住民票コードは変えられない',
    aNotice('entry', { formerResidentRecordCode: '10987654321' }),
    known(undefined),
    'FL-12',
  ],
  ['消除より前の日の再記載はエラーとする', aNotice('entry', { changedOn: '2026-03-31' }), known(removed), 'FL-13'],
  [
    '転籍先の市区町村は、消除された方を番号1から記載できる',
    aNotice('entry', { managingMunicipalityCode: setagaya, sequence: 1 }),
    known(removed),
    'applied',
  ],
];
for (const [sentence, notice, state, outcome] of rows)
  test(`FPS-X1 ${sentence}: ${outcome}`, () => assert.equal(ruleOf(notice, state), outcome));

test('003 シナリオ7 前の異動日より前の修正は、番号の順に適用して遡及と記す', () => {
  const judged = judge(aNotice('correction', { changedOn: '2026-03-01' }), known(aSupplement()));
  assert.deepEqual(judged, { ok: true, value: { retroactive: true } });
});

test('コード表: 規則はそれぞれ一度ずつ並び、すべて契約の表に文がある', () => {
  const ids = supplementRules.map(([rule]) => rule);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(
    ids.filter((rule) => !(rule in fuhyoRules)),
    [],
  );
  const tried = new Set(rows.map(([, , , outcome]) => outcome));
  assert.deepEqual(
    ids.filter((rule) => !tried.has(rule)),
    [],
  );
});
