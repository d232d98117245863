import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok } from '@musubi/kernel/result/result.ts';
import fc from 'fast-check';
import { judge, type Known, type Notice, type Status } from './judge.ts';

const today = Temporal.PlainDate.from('2026-06-01');
const aCode = (more: Partial<NonNullable<Known['code']>> = {}): NonNullable<Known['code']> => ({
  municipalityCode: '131105',
  ground: 'birth',
  numberAgrees: true,
  ...more,
});
const aRecord = (status: Status, municipalityCode = '131105') => ({
  status,
  municipalityCode,
  reportedBy: 'tokyo/prefectural-juki',
});
const aNotice = (reason: string, more: Partial<Notice> = {}): Notice => ({
  reason,
  changedOn: today,
  fromMunicipality: '131105',
  reportedBy: 'tokyo/prefectural-juki',
  ...more,
});

test('NCS-F1 付番されていない住民票コードの通知は受け付けない（初期移行を除く）', () => {
  const known = { code: undefined, record: undefined };
  assert.deepEqual(judge(known, aNotice('moved-in'), today), err('N-02'));
  assert.deepEqual(judge(known, aNotice('initial-load'), today), ok('resident'));
});

test('NCS-F1 出生は、その市区町村に付番された未使用のコードだけ', () => {
  assert.deepEqual(judge({ code: aCode(), record: undefined }, aNotice('birth'), today), ok('resident'));
  assert.deepEqual(judge({ code: aCode(), record: aRecord('removed') }, aNotice('birth'), today), err('N-03'));
  const otherWard = { code: aCode({ municipalityCode: '131121' }), record: undefined };
  assert.deepEqual(judge(otherWard, aNotice('birth'), today), err('N-03'));
});

test('INC-54 現存する方の転入は受け付けない。転出予定・消除の方の転入は受け付ける', () => {
  const moveIn = aNotice('moved-in', { fromMunicipality: '131121' });
  assert.deepEqual(judge({ code: aCode(), record: aRecord('resident') }, moveIn, today), err('N-01'));
  assert.deepEqual(judge({ code: aCode(), record: aRecord('moving-out') }, moveIn, today), ok('resident'));
  assert.deepEqual(judge({ code: aCode(), record: aRecord('removed') }, moveIn, today), ok('resident'));
});

test('番号利用法7条 コードに付番された番号と異なる番号の通知は受け付けない', () => {
  const known = { code: aCode({ numberAgrees: false }), record: aRecord('resident') };
  assert.deepEqual(judge(known, aNotice('moved-within'), today), err('N-04'));
});

test('NCS-F1 ほかの都道府県・市区町村からの変更と、消除された方の変更は受け付けない', () => {
  const known = { code: aCode(), record: aRecord('resident') };
  assert.deepEqual(judge(known, aNotice('death', { reportedBy: 'osaka/prefectural-juki' }), today), err('N-05'));
  assert.deepEqual(judge(known, aNotice('death', { fromMunicipality: '131121' }), today), err('N-05'));
  assert.deepEqual(judge({ code: aCode(), record: aRecord('removed') }, aNotice('death'), today), err('N-05'));
  // 転出予定の通知が予定日の後に届くと消除になる。続く転出確定は、その結果のままでよい。
  const late = { code: aCode(), record: aRecord('removed') };
  assert.deepEqual(judge(late, aNotice('moved-out-completed'), today), ok('removed'));
  assert.deepEqual(judge(late, aNotice('moved-out-completed', { fromMunicipality: '131121' }), today), err('N-05'));
});

test('住基法24条 転出は異動年月日が先なら転出予定、当日以前なら消除', () => {
  const known = { code: aCode(), record: aRecord('resident') };
  assert.deepEqual(judge(known, aNotice('moved-out', { changedOn: today.add({ days: 3 }) }), today), ok('moving-out'));
  assert.deepEqual(judge(known, aNotice('moved-out'), today), ok('removed'));
});

test('住基法8条 二重登録の職権消除は、残す記録が確かなときだけ適用される', () => {
  const known = { code: aCode(), record: aRecord('resident') };
  const judged = (survivor: 'same-person' | null, reason = 'removed-ex-officio') =>
    judge(known, aNotice(reason, { survivor }), today);
  assert.deepEqual(judged('same-person'), ok('removed'));
  assert.deepEqual(judged(null), err('N-06'));
  assert.deepEqual(judged('same-person', 'moved-within'), err('N-06'));
});

test('INC-54 性質: どんな通知の列でも、現存の記録はコードごとに高々一つで、その市区町村だけが変えられる', () => {
  const reasons = ['moved-in', 'moved-out', 'death', 'moved-within', 'moved-out-completed', 'restored-ex-officio'];
  const step = fc.record({
    reason: fc.constantFrom(...reasons),
    fromMunicipality: fc.constantFrom('131105', '131121', '131130'),
    days: fc.integer({ min: -2, max: 2 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let record: Known['record'];
      for (const { reason, fromMunicipality, days } of steps) {
        const before = record;
        const notice = aNotice(reason, { fromMunicipality, changedOn: today.add({ days }) });
        const judged = judge({ code: aCode(), record }, notice, today);
        if (!judged.ok) continue;
        record = aRecord(judged.value, fromMunicipality);
        // Presence moves to another municipality only after the first one let go of it.
        if (before?.status === 'resident') assert.equal(before.municipalityCode, fromMunicipality);
      }
    }),
  );
});
