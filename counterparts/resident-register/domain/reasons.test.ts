import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeReasons } from '@musubi/contracts/juki/codes.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import fc from 'fast-check';
import { type Before, type Change, isLate, type Reason, reasonRules, transition } from './reasons.ts';

const day = (text: string) => Temporal.PlainDate.from(text);
const today = day('2026-06-01');
const aChange = (reason: Reason, more: Partial<Change> = {}): Change => ({
  reason,
  changedOn: day('2026-05-20'),
  becameResidentOn: day('2020-04-01'),
  birthDate: day('1990-01-01'),
  ...more,
});

test('identity-rules 2.1 許された異動だけが状態を変える', () => {
  const cases: [Before, Reason, ReturnType<typeof transition>][] = [
    ['none', 'moved-in', ok('resident')],
    ['none', 'birth', ok('resident')],
    ['removed', 'moved-in', ok('resident')],
    ['resident', 'moved-in', err('not-allowed-in-state')],
    ['moving-out', 'moved-in', err('not-allowed-in-state')],
    ['resident', 'moved-within', ok('resident')],
    ['removed', 'moved-within', err('not-allowed-in-state')],
    ['moving-out', 'moved-within', err('not-allowed-in-state')],
    ['resident', 'moved-out', ok('removed')],
    ['moving-out', 'moved-out-completed', ok('removed')],
    ['moving-out', 'moved-out-cancelled', ok('resident')],
    ['resident', 'moved-out-cancelled', err('not-allowed-in-state')],
    ['resident', 'death', ok('removed')],
    ['moving-out', 'death', ok('removed')],
    ['removed', 'death', err('not-allowed-in-state')],
    ['resident', 'birth', err('not-allowed-in-state')],
    ['removed', 'restored-ex-officio', ok('resident')],
    ['moving-out', 'household-change', ok('moving-out')],
    ['none', 'household-change', err('not-allowed-in-state')],
  ];
  for (const [before, reason, after] of cases)
    assert.deepEqual(transition(before, aChange(reason), today), after, `${before} ${reason}`);
});

test('住基法24条 転出の日が先なら転出予定、当日以前なら消除。ほかの異動日は先にできない', () => {
  assert.deepEqual(
    transition('resident', aChange('moved-out', { changedOn: day('2026-06-02') }), today),
    ok('moving-out'),
  );
  assert.deepEqual(transition('resident', aChange('moved-out', { changedOn: today }), today), ok('removed'));
  assert.deepEqual(
    transition('resident', aChange('death', { changedOn: day('2026-06-02') }), today),
    err('in-the-future'),
  );
});

test('identity-rules 2.1 住民となった日より前、生まれる前の異動日は拒む', () => {
  assert.deepEqual(
    transition('resident', aChange('moved-within', { changedOn: day('2020-03-31') }), today),
    err('before-becoming-resident'),
  );
  assert.deepEqual(
    transition(
      'none',
      aChange('moved-in', { changedOn: day('1989-12-31'), becameResidentOn: day('1989-12-31') }),
      today,
    ),
    err('before-birth'),
  );
});

test('identity-rules 2.1 死亡した方は転入できない。誤った消除は職権回復による', () => {
  const dead = { lastReason: 'death' };
  assert.deepEqual(transition('removed', aChange('moved-in', dead), today), err('not-allowed-in-state'));
  assert.deepEqual(transition('removed', aChange('restored-ex-officio', dead), today), ok('resident'));
});

test('住基法22条 届出期間は14日、死亡届は7日', () => {
  assert.equal(isLate('moved-in', day('2026-05-01'), day('2026-05-15')), false);
  assert.equal(isLate('moved-in', day('2026-05-01'), day('2026-05-16')), true);
  assert.equal(isLate('death', day('2026-05-01'), day('2026-05-09')), true);
  assert.equal(isLate('corrected-ex-officio', day('2020-05-01'), day('2026-05-09')), false);
});

test('コード表: 事由は契約の異動事由と同じ語・同じ名である', () => {
  const own = Object.fromEntries(Object.entries(reasonRules).map(([reason, { ja }]) => [reason, ja]));
  assert.deepEqual(own, { ...changeReasons });
});

test('性質: どの順に異動しても、消除から現存に戻るのは転入・職権の記載と回復だけ', () => {
  const reasons = Object.keys(reasonRules) as Reason[];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...reasons), { maxLength: 40 }), (steps) => {
      let state: Before = 'none';
      for (const reason of steps) {
        const next = transition(state, aChange(reason), today);
        if (!next.ok) continue;
        // 支援措置 leaves a removed record removed.
        if (state === 'removed' && next.value !== 'removed')
          assert.ok(
            /^(moved-in|entered-ex-officio|restored-ex-officio)/.test(reason) && next.value === 'resident',
            reason,
          );
        state = next.value;
      }
    }),
  );
});
