import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { err, ok } from '../result/result.ts';
import { mayPropose, mayTake, provesProxy, type Step, showsIdentity, stateOf } from './case.ts';
import { dueOn, feeFor, feeRateOn, reminderOn } from './terms.ts';

const checked: Step = { kind: 'identity-checked', documents: ['passport'], proxyProof: null };
const matched: Step = { kind: 'matched', personId: 'p' };
const granted = { word: 'granted' } as const;
const refused = { word: 'refused', reason: 'not-identified', note: '' } as const;
const proposed: Step = { kind: 'proposed', decision: granted, by: 'S-1' };
const decided: Step = { kind: 'decided', decision: granted, proposedBy: 'S-1' };

test('003-V.1-S1-01 請求は本人確認、突合、起案、決裁の順に進み、前の段階を飛ばせない', () => {
  const at = (...steps: Step[]) => stateOf('disclosure', 'self', steps);
  assert.deepEqual(mayTake(at(), 'matched'), err('identity-not-checked'));
  assert.deepEqual(mayPropose(at(checked), granted), err('not-matched'));
  assert.deepEqual(mayPropose(at(checked, matched), granted), ok(undefined));
  assert.deepEqual(mayTake(at(checked, matched), 'decided'), err('not-proposed'));
  assert.deepEqual(mayTake(at(checked, matched, proposed), 'print-record'), err('not-decided'));
  assert.deepEqual(mayTake(at(checked, matched, proposed, decided), 'print-record'), ok(undefined));
  assert.deepEqual(mayTake(at(checked, matched, proposed, decided), 'extended'), err('already-decided'));
});

test('003 scenario 22 不開示の決定は本人確認の前でもでき、その後は何も印刷できない', () => {
  assert.deepEqual(mayPropose(stateOf('disclosure', 'self', []), refused), ok(undefined));
  const no = stateOf('disclosure', 'self', [{ kind: 'decided', decision: refused, proposedBy: 'S-1' }]);
  assert.deepEqual(mayTake(no, 'print-record'), err('was-refused'));
});

test('003 scenario 23 訂正の申出は、区市町村の調査の結果なしには決定できない (住民基本台帳法30条の35)', () => {
  const sent: Step = { kind: 'investigation-sent', investigationId: 'i', to: 'meguro/municipal-juki' };
  const asked = stateOf('correction', 'self', [checked, matched, sent]);
  assert.deepEqual(mayPropose(asked, granted), err('finding-missing'));
  assert.deepEqual(
    mayTake(stateOf('disclosure', 'self', [checked, matched]), 'investigation-sent'),
    err('not-for-this-kind'),
  );
});

test('a closed request takes no step, whatever the steps before were', () => {
  const steps = fc.subarray<Step>([checked, matched, proposed, decided]);
  const kinds = fc.constantFrom<Step['kind']>(
    'identity-checked',
    'matched',
    'proposed',
    'decided',
    'paid',
    'handed-over',
    'closed',
  );
  fc.assert(
    fc.property(steps, kinds, (before, kind) => {
      const state = stateOf('disclosure', 'self', [...before, { kind: 'closed', why: 'withdrawn' }]);
      assert.deepEqual(mayTake(state, kind), err('already-closed'));
    }),
  );
});

test('本人確認書類: 第一群は一点、第二群は二点。同じ書類を二度数えない', () => {
  assert.equal(showsIdentity(['passport']), true);
  assert.equal(showsIdentity(['pension-handbook']), false);
  assert.equal(showsIdentity(['pension-handbook', 'pension-handbook']), false);
  assert.equal(showsIdentity(['pension-handbook', 'insurance-confirmation']), true);
});

test('代理人: 法定代理人は公の証明書、任意代理人は委任状', () => {
  assert.equal(provesProxy('self', null), true);
  assert.equal(provesProxy('statutory', null), false);
  assert.equal(provesProxy('statutory', 'letter-of-authority'), false);
  assert.equal(provesProxy('statutory', 'family-register'), true);
  assert.equal(provesProxy('appointed', 'letter-of-authority'), true);
});

test('住民基本台帳法30条の33: 受けた日から起算して30日以内。閉庁日に終わるときは前の開庁日まで', () => {
  const on = (text: string) => Temporal.PlainDate.from(text);
  assert.equal(dueOn(on('2026-06-01'), 30).toString(), '2026-06-30');
  assert.equal(dueOn(on('2026-06-05'), 30).toString(), '2026-07-03'); // 4 July is a Saturday
  assert.equal(dueOn(on('2026-12-04'), 30).toString(), '2026-12-28'); // 2 January falls into the year-end closing
  assert.equal(reminderOn(on('2026-06-30'), 5).toString(), '2026-06-23');
});

test('003-V.1-S1-02 手数料は受付の日の単価×枚数', () => {
  const rates = [
    { effectiveFrom: '2021-01-01', yenPerSheet: 20, source: 'former' },
    { effectiveFrom: '2023-11-30', yenPerSheet: 10, source: 'present' },
  ];
  const on = (text: string) => Temporal.PlainDate.from(text);
  assert.equal(feeFor(3, feeRateOn(rates, on('2026-06-01'))), 30);
  assert.equal(feeFor(3, feeRateOn(rates, on('2023-11-29'))), 60);
  assert.throws(() => feeRateOn(rates, on('2020-12-31')), RangeError);
});
