import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { mayIssue, mayIssueProtected } from './certificates.ts';
import {
  checkItems,
  counterEntry,
  type FiledReason,
  faultsOf,
  filedReasons,
  type Items,
  type Standing,
} from './changes.ts';
import { mayExtend, periodFrom, stateOf, withholds } from './protections.ts';
import { reasonRules } from './reasons.ts';
import { isKatakana, isUsableText } from './texts.ts';

const day = (text: string) => Temporal.PlainDate.from(text);
const standing: Standing = {
  name: '鈴木　一郎',
  name_kana: 'スズキ　イチロウ',
  birth_date: '1980-02-29',
  sex: 'male',
  address: '東京都目黒区上目黒一丁目1番1号',
  postal_code: null,
  former_surname: null,
  former_surname_kana: null,
  registered_domicile: null,
  family_register_head: null,
  nationality: null,
  residence_status: null,
  residence_until: null,
  alias: null,
  moved_to: null,
  became_resident_on: '2015-04-01',
};

const rows: readonly [FiledReason, Partial<Items>, object][] = [
  ['moved-within', { address: '東京都目黒区八雲一丁目1番' }, {}],
  ['moved-within', {}, { address: 'missing' }],
  ['moved-within', { address: standing.address }, { address: 'unchanged' }],
  ['moved-within', { address: '\u0000' }, { address: 'unusable-character' }],
  ['moved-within', { address: '目黒', name: '別' }, { name: 'not-of-this-change' }],
  ['name-reading', { name_kana: 'すずき' }, { name_kana: 'not-katakana' }],
  ['name-reading', { name_kana: 'ｽｽﾞｷ' }, { name_kana: 'not-katakana' }],
  ['former-surname', { former_surname: '田中' }, { former_surname_kana: 'one-without-the-other' }],
  ['former-surname', { former_surname: '田中', former_surname_kana: 'タナカ' }, {}],
  ['corrected-ex-officio', { birth_date: '2026-06-02' }, { birth_date: 'after-the-change' }],
  ['corrected-ex-officio', { birth_date: '2016-01-01' }, { birth_date: 'after-becoming-resident' }],
  [
    'residence-status-change',
    { nationality: '韓国', residence_status: '留学', residence_until: '2026-05-01' },
    { residence_until: 'already-over' },
  ],
];
for (const [reason, set, expected] of rows)
  test(`住基法7条 ${reasonRules[reason].ja}の項目: ${Object.values(expected).join('、') || '誤りなし'}`, () => {
    assert.deepEqual(faultsOf(standing, reason, set, '2026-06-01'), expected);
  });

test('住基法30条の45 外国人住民だけ・日本人だけの届出は、ほかの方には受け付けない', () => {
  const foreign = { ...standing, nationality: '韓国', residence_status: '留学' };
  const status = { nationality: '韓国', residence_status: '永住者' };
  assert.deepEqual(checkItems(standing, 'residence-status-change', status, '2026-06-01'), err('foreign-only'));
  assert.deepEqual(checkItems(foreign, 'residence-status-change', status, '2026-06-01'), ok(undefined));
  assert.deepEqual(checkItems(foreign, 'nationality-lost', {}, '2026-06-01'), err('japanese-only'));
  assert.deepEqual(
    checkItems(standing, 'name-reading', { name_kana: standing.name_kana }, '2026-06-01'),
    err('nothing-changes'),
  );
});

test('住基法施行令12条 職権による記載・修正・消除・回復と、コード・番号の変更は、すべて第二の職員の承認を要する', async () => {
  const { changeRules } = await import('./changes.ts');
  const mustBeApproved = filedReasons.filter((r) =>
    /ex-officio$|^(code|number)-change$|^nationality-lost$|^address-renamed$/.test(r),
  );
  assert.equal(mustBeApproved.length, 7);
  for (const reason of mustBeApproved) assert.ok('approval' in changeRules[reason], reason);
});

test('訂正の記載: 消除は回復で、転入は消除で、修正は修正で打ち消し、番号・世帯・出生は打ち消せない', () => {
  const by = (reason: string, status: string, before?: string) =>
    counterEntry({ reason, status }, before === undefined ? undefined : { status: before });
  assert.deepEqual(by('death', 'removed', 'resident'), ok({ reason: 'restored-ex-officio', items: 'before' }));
  assert.deepEqual(by('moved-in', 'resident'), ok({ reason: 'removed-ex-officio', items: 'now' }));
  assert.deepEqual(by('moved-in', 'resident', 'removed'), ok({ reason: 'removed-ex-officio', items: 'now' }));
  assert.deepEqual(by('moved-within', 'resident', 'resident'), ok({ reason: 'corrected-ex-officio', items: 'before' }));
  for (const reason of [
    'number-change',
    'code-change',
    'household-change',
    'birth',
    'initial-load',
    'protection-start',
  ])
    assert.deepEqual(by(reason, 'resident', 'resident'), err('cannot-be-undone'));
  assert.deepEqual(by('moved-out', 'moving-out', 'resident'), err('cannot-be-undone'));
});

test('支援措置の期間: 1年、初日を含む。うるう日から始まれば翌年2月28日まで。終了の1か月前から延長できる (事務処理要領 第5-10)', () => {
  const rows = [
    ['2026-06-01', '2027-05-31'],
    ['2027-01-01', '2027-12-31'],
    ['2028-02-29', '2029-02-28'],
    ['2027-03-01', '2028-02-29'],
  ] as const;
  for (const [from, until] of rows) assert.equal(periodFrom(day(from)).toString(), until);
  assert.equal(mayExtend(day('2027-05-31'), day('2027-04-29')), false);
  assert.equal(mayExtend(day('2027-05-31'), day('2027-04-30')), true);
});

test('INC-47 申出から要件なし・終了となるまで、期間が過ぎても住所を出さない', () => {
  const granted = { kind: 'granted', untilOn: '2020-01-01' } as const;
  assert.equal(stateOf([]).state, 'provisional');
  assert.ok(withholds([]) && withholds([granted]) && withholds([granted, { kind: 'extended', untilOn: '2021-01-01' }]));
  assert.ok(
    !withholds([{ kind: 'refused', untilOn: null }]) && !withholds([granted, { kind: 'ended', untilOn: null }]),
  );
});

test('住基法12条の3・INC-49 写しに記載できる項目は請求者で決まり、支援措置の方のものは支援措置担当が本人にだけ', () => {
  const asked = { requester: 'third-party', items: [], purpose: '訴訟', proof: '社員証' } as const;
  assert.deepEqual(mayIssue(asked), ok(undefined));
  assert.deepEqual(mayIssue({ ...asked, items: ['relationship'] }), err('items-not-for-requester'));
  assert.deepEqual(mayIssue({ ...asked, requester: 'public-body', items: ['code'] }), err('number-not-for-requester'));
  for (const requester of ['self', 'household', 'proxy', 'third-party', 'public-body'] as const) {
    assert.equal(mayIssueProtected(true, requester, false), false);
    assert.equal(mayIssueProtected(true, requester, true), requester === 'self');
    assert.equal(mayIssueProtected(false, requester, false), true);
  }
});

test('文字: 異体字・外字は受け付け、制御文字・半角カナ・単独の異体字セレクタは受け付けない', () => {
  for (const text of ['渡邉\u{E0102}', '髙橋　𠮷郎', '\uE000田']) assert.ok(isUsableText(text), text);
  for (const text of ['', '　', 'ﾀﾅｶ', '田\u0007中', '\u{E0102}田', '\uD842']) assert.ok(!isUsableText(text));
  assert.ok(isKatakana('ヴァン・デル　ヱ') && !isKatakana('ｱ') && !isKatakana('たなか') && !isKatakana(' '));
});
