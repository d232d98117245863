import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PensionFile, pensionFileName, pensionTotals, readPensionFile, writePensionFile } from './files.ts';
import { lastDayFor, resultsFrom } from './months.ts';

const key = { pensionNumber: '1234567890', pensionCode: '1150' };
const orders: PensionFile<'orders'> = {
  kind: 'orders',
  municipality: '131105',
  insurer: 'nenkin',
  fiscalYear: 2026,
  number: 1,
  madeOn: '2026-07-10',
  rows: ['2026-10', '2026-12', '2027-02'].map((month) => ({
    ...key,
    noticeNumber: '0000001239',
    month,
    amountYen: 10_000,
  })),
};
const subjects: PensionFile<'subjects'> = {
  ...orders,
  kind: 'subjects',
  rows: [
    {
      ...key,
      kana: 'ヤマダ イチロウ',
      name: '山田 一郎',
      bornOn: '1955-03-01',
      sex: 'male',
      address: '東京都目黒区上目黒二丁目19番15号',
      annualYen: 2_400_000,
      careWithheld: true,
    },
  ],
};

test('002 W18 依頼と対象者情報は書いたとおりに読め、件数・人数・金額の合計が付く', () => {
  assert.deepEqual(readPensionFile(writePensionFile(orders), 'orders'), { ok: true, value: orders });
  assert.deepEqual(readPensionFile(writePensionFile(subjects), 'subjects'), { ok: true, value: subjects });
  assert.deepEqual(pensionTotals('orders', orders.rows), { records: 3, persons: 1, totalYen: 30_000 });
  assert.equal(pensionFileName(orders), 'NT_131105_2026_orders_001.csv');
});

test('INC-25 途中で切れた、合計の合わない、同じ人の同じ月が二度あるファイルは、行を示して全体を読まない', () => {
  const text = writePensionFile(orders).toString();
  const refused = (changed: string) => {
    const read = readPensionFile(Buffer.from(changed), 'orders');
    return read.ok ? 'read' : [read.error.rule, read.error.row];
  };
  assert.deepEqual(refused(text.slice(0, -10)), ['cut-short', 5]);
  assert.deepEqual(refused(text.replace('T,3,1,30000', 'T,3,1,30001')), ['totals-differ', 5]);
  assert.deepEqual(refused(text.replace('T,3,1,30000', 'T,2,1,30000')), ['totals-differ', 5]);
  assert.deepEqual(refused(text.replace('2026-12', '2026-10')), ['person-month-twice', 3]);
  assert.deepEqual(refused(text.replace('2026-12', '2026-11')), ['unreadable-record', 3]);
  assert.deepEqual(refused(text.replace(',orders,', ',stops,')), ['other-kind', 1]);
  assert.deepEqual(refused(text.replace('H,NT,1', 'H,NT,2')), ['wrong-head', 1]);
  assert.deepEqual(refused(text.replace('20260710', '20260231')), ['wrong-head', 1]);
  assert.equal(readPensionFile(Buffer.concat([Buffer.from([0xff]), Buffer.from(text)]), 'orders').ok, false);
  assert.throws(() => writePensionFile({ ...orders, rows: [{ ...orders.rows[0]!, amountYen: -1 }] }), RangeError);
  assert.throws(() => writePensionFile({ ...subjects, rows: [{ ...subjects.rows[0]!, name: '山,田' }] }), RangeError);
});

test('INC-25 8月の年金に間に合うのは6月10日まで、その結果は9月1日から', () => {
  assert.equal(lastDayFor('2026-08').toString(), '2026-06-10');
  assert.equal(resultsFrom('2026-08').toString(), '2026-09-01');
  assert.equal(lastDayFor('2027-02').toString(), '2026-12-10');
});
