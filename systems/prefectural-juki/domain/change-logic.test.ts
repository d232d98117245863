import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeReasons, noticeRules } from '@musubi/contracts/juki/codes.ts';
import { type Current, judge, type Notice, type NumberHolder, type Particulars, reasonKinds } from './change-logic.ts';

const meguro = '131105';
const setagaya = '131121';
const someone: Particulars = {
  name: '鈴木　一郎',
  nameKana: 'スズキ　イチロウ',
  birthDate: '1980-04-02',
  sex: 'male',
  address: '東京都目黒区上目黒二丁目19番15号',
  municipalityCode: meguro,
  formerSurname: null,
  formerSurnameKana: null,
};
const aRecord = (more: Partial<Current> = {}): Current => ({
  ...someone,
  status: 'resident',
  becameResidentOn: '2010-04-01',
  changeDate: '2010-04-01',
  lastReason: 'moved-in',
  sequence: 3,
  ...more,
});
const aNotice = (reason: string, more: Partial<Notice> = {}, items: Partial<Particulars> = {}): Notice => ({
  reason,
  changedOn: '2026-05-10',
  status: 'resident',
  becameResidentOn: '2010-04-01',
  sequence: 4,
  particulars: { ...someone, ...items },
  ...more,
});
const today = '2026-06-01';
const ruleOf = (current: Current | undefined, notice: Notice, holder: NumberHolder = 'this-person', on = today) => {
  const judged = judge(current, notice, holder, on);
  return judged.ok ? judged.value.kind : judged.error.rule;
};
const moveIn = (more: Partial<Notice> = {}, items: Partial<Particulars> = {}) =>
  aNotice(
    'moved-in',
    { becameResidentOn: '2026-05-10', sequence: 1, ...more },
    { municipalityCode: setagaya, ...items },
  );

test('003 シナリオ1 記録のない方の転入は適用する', () => {
  assert.equal(ruleOf(undefined, moveIn(), 'nobody'), 'apply');
});

test('003 シナリオ2 JPS-X1 現存する方の転入はエラーとし、現存する市区町村を示す', () => {
  const judged = judge(aRecord(), moveIn(), 'this-person', today);
  assert.deepEqual(judged.ok || judged.error, { rule: 'L-01', items: ['residentRecordCode'], presentAt: meguro });
});

test('003 シナリオ3 転居で住所以外が変わればエラーとし、項目名を示す。住所だけなら適用する', () => {
  const judged = judge(
    aRecord(),
    aNotice('moved-within', {}, { name: '鈴木　二郎', address: '新しい住所' }),
    'this-person',
    today,
  );
  assert.deepEqual(judged.ok || judged.error, { rule: 'L-02', items: ['name'], presentAt: null });
  assert.equal(ruleOf(aRecord(), aNotice('moved-within', {}, { address: '新しい住所' })), 'apply');
});

test('003 シナリオ7 前の異動日より前の通知は、番号の順に適用して遡及と記す。適用済みの番号より前の通知は拒む', () => {
  const current = aRecord({ changeDate: '2026-05-20' });
  const judged = judge(current, aNotice('moved-within', {}, { address: '新' }), 'this-person', today);
  assert.ok(judged.ok && judged.value.retroactive);
  assert.equal(ruleOf(current, aNotice('moved-within', { sequence: 3 })), 'L-12');
});

test('INC-54 転入の通知の氏名・生年月日・性別が記録と異なれば、同じ人とみなさない', () => {
  const gone = aRecord({ status: 'removed', lastReason: 'moved-out' });
  assert.equal(ruleOf(gone, moveIn()), 'apply');
  const other = judge(gone, moveIn({}, { name: '鈴木　市郎' }), 'this-person', today);
  assert.deepEqual(other.ok || other.error, { rule: 'L-11', items: ['name'], presentAt: null });
});

test('住基法24条 転出予定の方の転入は適用し、転出元に転入通知を返す', () => {
  const leaving = aRecord({ status: 'moving-out', changeDate: '2026-05-01' });
  const judged = judge(leaving, moveIn(), 'this-person', today);
  assert.deepEqual(judged.ok && judged.value.endsMovingOutAt, meguro);
  // 同じ市区町村なら転出取消の手続による。
  assert.equal(ruleOf(leaving, aNotice('moved-in')), 'L-01');
});

test('住基法24条 転出予定は、転出確定で消除、転出取消で現存になる。転入が先に着いていれば確定は何も変えない', () => {
  const leaving = aRecord({ status: 'moving-out' });
  assert.equal(ruleOf(leaving, aNotice('moved-out-completed', { status: 'removed' })), 'apply');
  assert.equal(ruleOf(leaving, aNotice('moved-out-cancelled')), 'apply');
  assert.equal(ruleOf(aRecord(), aNotice('moved-out-completed', { status: 'removed' })), 'L-08');
  const arrived = aRecord({ municipalityCode: setagaya, sequence: 1 });
  assert.equal(ruleOf(arrived, aNotice('moved-out-completed', { status: 'removed' })), 'superseded');
});

test('identity-rules 2.1 許されない異動は規則の番号で拒まれる', () => {
  const removed = aRecord({ status: 'removed', lastReason: 'death' });
  const cases: [string, Current | undefined, Notice, NumberHolder, string][] = [
    ['記録のない方の死亡', undefined, aNotice('death', { status: 'removed' }), 'nobody', 'L-03'],
    ['既にあるコードの出生', aRecord(), aNotice('birth'), 'this-person', 'L-04'],
    ['消除された方の死亡', removed, aNotice('death', { status: 'removed' }), 'this-person', 'L-05'],
    ['消除された方の転居', removed, aNotice('moved-within'), 'this-person', 'L-05'],
    ['死亡した方の転入', removed, moveIn(), 'this-person', 'L-13'],
    [
      '他市区町村の住民の転出',
      aRecord({ municipalityCode: setagaya }),
      aNotice('moved-out', { status: 'removed' }),
      'this-person',
      'L-06',
    ],
    [
      '住民となった日より前の異動',
      aRecord(),
      aNotice('moved-within', { changedOn: '2010-03-31' }),
      'this-person',
      'L-07',
    ],
    ['他人の個人番号', aRecord(), aNotice('moved-within'), 'another-person', 'L-09'],
    ['番号変更でないのに番号が違う', aRecord(), aNotice('moved-within'), 'nobody', 'L-10'],
    ['住所異動なのに状態が変わる', aRecord(), aNotice('moved-within', { status: 'removed' }), 'this-person', 'L-13'],
    ['死亡なのに現存のまま', aRecord(), aNotice('death'), 'this-person', 'L-13'],
    ['表にない事由', aRecord(), aNotice('household-change'), 'this-person', 'L-13'],
  ];
  for (const [name, current, notice, holder, rule] of cases) assert.equal(ruleOf(current, notice, holder), rule, name);
});

test('コード表: 規則の表の事由は、すべて契約の異動事由である', () => {
  assert.deepEqual(
    Object.keys(reasonKinds).filter((reason) => !(reason in changeReasons)),
    [],
  );
});

test('003 A15 修正の通知は、事由ごとに定めた項目だけを変えられる。ほかの項目が変わっていれば項目名を示して拒む', () => {
  const cases: [string, Partial<Particulars>, string][] = [
    ['family-register-change', { name: '佐藤　一郎', nameKana: 'サトウ　イチロウ' }, 'apply'],
    ['family-register-change', { name: '佐藤　一郎', address: '別の住所' }, 'L-15 address'],
    ['family-register-change', { birthDate: '1980-04-03' }, 'L-15 birthDate'],
    ['naturalised', { name: '金村　一郎' }, 'apply'],
    ['naturalised', { sex: 'female' }, 'L-15 sex'],
    ['name-reading', { nameKana: 'スズキ　カズオ' }, 'apply'],
    ['name-reading', { name: '鈴木　一雄' }, 'L-15 name'],
    ['former-surname', { formerSurname: '田中', formerSurnameKana: 'タナカ' }, 'apply'],
    ['former-surname', { formerSurname: '田中', name: '田中　一郎' }, 'L-15 name'],
    ['address-renamed', { address: '東京都目黒区青葉台一丁目1番1号' }, 'apply'],
    ['address-renamed', { formerSurname: '田中' }, 'L-02 formerSurname'],
    ['corrected-ex-officio', { birthDate: '1980-04-03', sex: 'female', name: '鈴木　一子' }, 'apply'],
  ];
  for (const [reason, items, expected] of cases) {
    const judged = judge(aRecord(), aNotice(reason, {}, items), 'this-person', today);
    const got = judged.ok ? judged.value.kind : `${judged.error.rule} ${judged.error.items.join(' ')}`;
    assert.equal(got, expected, `${reason} ${Object.keys(items)}`);
  }
});

test('住基法30条の4 住民票コード変更は、変更前のコードを示し、ほかの項目を変えず、使われていないコードでなければ拒む', () => {
  const changed = (more: Partial<Notice> = {}, items: Partial<Particulars> = {}) =>
    ruleOf(aRecord(), aNotice('code-change', { replacesCode: '11111111110', ...more }, items));
  assert.equal(changed(), 'apply');
  assert.equal(changed({ replacesCode: undefined }), 'L-17');
  assert.equal(changed({ isCodeTaken: true }), 'L-16');
  assert.equal(changed({}, { name: '別の氏名' }), 'L-15');
  assert.equal(ruleOf(aRecord(), aNotice('moved-within', { replacesCode: '11111111110' })), 'L-17');
  assert.equal(ruleOf(undefined, aNotice('code-change', { replacesCode: '11111111110' }), 'nobody'), 'L-03');
});

test('住基法8条 二重登録の職権消除は、残す記録が現存する同じ生年月日・性別の方のものでなければ拒む', () => {
  const removed = (survivor: Notice['survivor'], reason = 'removed-ex-officio') =>
    ruleOf(aRecord(), aNotice(reason, { status: 'removed', survivor }));
  assert.deepEqual(
    ['same-person', 'unknown', undefined].map((s) => removed(s as Notice['survivor'])),
    ['apply', 'apply', 'apply'],
  );
  assert.equal(removed('differs'), 'L-19');
  assert.equal(removed('same-person', 'death'), 'L-19');
});

test('番号法7条2項 個人番号変更は、番号だけが変わる。番号が同じなら拒む', () => {
  assert.equal(ruleOf(aRecord(), aNotice('number-change'), 'nobody'), 'apply');
  assert.equal(ruleOf(aRecord(), aNotice('number-change'), 'this-person'), 'L-15');
  assert.equal(ruleOf(aRecord(), aNotice('number-change'), 'another-person'), 'L-09');
  assert.equal(ruleOf(aRecord(), aNotice('number-change', {}, { address: '別' }), 'nobody'), 'L-15');
});

test('003 A15 規則は日付を持つ: 制度が始まる前の異動年月日の通知は拒む', () => {
  const on = (reason: string, changedOn: string) =>
    ruleOf(aRecord(), aNotice(reason, { changedOn }), reason === 'number-change' ? 'nobody' : 'this-person');
  assert.equal(on('name-reading', '2025-05-25'), 'L-13');
  assert.equal(on('name-reading', '2025-05-26'), 'apply');
  assert.equal(on('former-surname', '2019-11-04'), 'L-13');
  assert.equal(on('former-surname', '2019-11-05'), 'apply');
  assert.equal(on('number-change', '2015-10-04'), 'L-13');
});

test('支援措置・世帯変更・在留資格の通知は、住基ネットの記録を変えないため、拒む', () => {
  for (const reason of ['protection-start', 'protection-end', 'household-change', 'residence-status-change'])
    assert.equal(ruleOf(aRecord(), aNotice(reason)), 'L-13', reason);
});

test('年をまたぐ通知と2月29日: 12月31日の異動は1月1日に届いても適用し、1月1日の異動は12月31日に届けば拒む', () => {
  const moved = (changedOn: string) => aNotice('moved-within', { changedOn }, { address: '新' });
  assert.equal(ruleOf(aRecord(), moved('2026-12-31'), 'this-person', '2027-01-01'), 'apply');
  assert.equal(ruleOf(aRecord(), moved('2027-01-01'), 'this-person', '2026-12-31'), 'L-18');
  const leaving = aNotice('moved-out', { status: 'moving-out', changedOn: '2027-01-01' });
  assert.equal(ruleOf(aRecord(), leaving, 'this-person', '2026-12-31'), 'apply');
  const late = judge(aRecord({ changeDate: '2027-01-01' }), moved('2026-12-31'), 'this-person', '2027-01-05');
  assert.ok(late.ok && late.value.retroactive);
  // うるう日に生まれた方の出生と、うるう日の転居。
  const born = aNotice(
    'birth',
    { changedOn: '2028-02-29', becameResidentOn: '2028-02-29', sequence: 1 },
    { birthDate: '2028-02-29' },
  );
  assert.equal(ruleOf(undefined, born, 'nobody', '2028-03-01'), 'apply');
  assert.equal(ruleOf(aRecord(), moved('2028-02-29'), 'this-person', '2028-02-28'), 'L-18');
  assert.equal(ruleOf(aRecord(), moved('2028-02-29'), 'this-person', '2028-02-29'), 'apply');
});

test('コード表: 論理チェックの規則は、すべて区市町村に返せる規則である', () => {
  for (let n = 1; n <= 18; n++) assert.ok(`L-${`${n}`.padStart(2, '0')}` in noticeRules);
});
