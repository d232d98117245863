import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Placed, placeAmong } from './placing.ts';

const aReturn = (over: Partial<Placed> = {}): Placed => ({
  reportId: 'new',
  kind: 'tax-return',
  submissionKind: 'new',
  payerNumber: null,
  payerName: '税務署 01101',
  referenceNo: '2',
  replacesNo: null,
  filedOn: '2026-03-10',
  ...over,
});
const standing = (over: Partial<Placed> = {}) =>
  aReturn({ reportId: 'old', referenceNo: '1', filedOn: '2026-02-20', ...over });

test('K05 後から提出された確定申告が前の確定申告に代わる。届いた順番は問わない', () => {
  assert.deepEqual(placeAmong(aReturn(), [standing()]), { replaces: 'old' });
  assert.deepEqual(placeAmong(aReturn({ filedOn: '2026-02-01' }), [standing()]), { replacedBy: 'old' });
});

test('K05 同じ日の2通の申告はどちらも選ばず、担当者に回す', () => {
  assert.deepEqual(placeAmong(aReturn({ filedOn: '2026-02-20' }), [standing()]), { question: 'filed-on-one-day' });
  assert.deepEqual(placeAmong(aReturn({ filedOn: null }), [standing()]), { question: 'filed-on-one-day' });
});

test('K05 修正申告は訂正前受付番号の申告に代わり、それがなければ担当者に回る', () => {
  const amended = aReturn({ submissionKind: 'correction', replacesNo: '1' });
  assert.deepEqual(placeAmong(amended, [standing()]), { replaces: 'old' });
  assert.deepEqual(placeAmong({ ...amended, replacesNo: '9' }, [standing()]), { question: 'original-missing' });
  assert.deepEqual(placeAmong(amended, []), { question: 'original-missing' });
});

test('W11 同じ支払者の2通目は問いになり、別の支払者・別の種類の資料は互いに触れない', () => {
  const salary = (over: Partial<Placed>) =>
    aReturn({ kind: 'salary-payment-report', payerNumber: '9013201000015', ...over });
  const first = salary({ reportId: 'old' });
  assert.deepEqual(placeAmong(salary({}), [first]), { question: 'same-payer-again' });
  assert.deepEqual(placeAmong(salary({ payerNumber: '7000012050002' }), [first]), {});
  assert.deepEqual(placeAmong(salary({ kind: 'pension-payment-report' }), [first]), {});
  assert.deepEqual(placeAmong(aReturn({ kind: 'ward-return' }), [standing()]), {});
  assert.deepEqual(placeAmong(salary({ submissionKind: 'cancellation' }), [first, { ...first, reportId: 'older' }]), {
    question: 'original-unclear',
  });
});
