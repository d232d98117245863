import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { readConvenienceCode, writeConvenienceCode } from '../payment-slip/convenience-code.ts';
import { readCounterLine, writeCounterLine } from './counter-line.ts';
import { channels, readPaymentFile, type WrittenPayment, writePaymentFile } from './files.ts';

const bodyCode = '131105';
const barcode = unwrap(
  writeConvenienceCode({
    company: '912345',
    reference: '202601000012340000001',
    reissue: 0,
    payableUntil: Temporal.PlainDate.from('2027-03-31'),
    amountYen: 48_700,
  }),
);
const [ocr1, ocr2] = writeCounterLine({
  bodyCode: '13110',
  taxCode: '01',
  fiscalYear: 2026,
  instalment: 1,
  noticeNumber: '0000001234',
  issue: 0,
  tax: 48_000,
  interest: 700,
  fee: 0,
});
const payments: Readonly<Record<(typeof channels)[number], WrittenPayment>> = {
  convenience: { paidOn: '2026-06-20', amount: 48_700, key: barcode },
  'common-tax': { paidOn: '2026-06-20', amount: 48_700, key: '13110202601000001234', second: '567890' },
  'pay-easy': { paidOn: '2026-06-20', amount: 48_700, key: '13110202601000001234', second: '567890' },
  credit: { paidOn: '2026-06-20', amount: 48_700, key: '13110202601000001234', second: '567890' },
  counter: { paidOn: '2026-06-20', amount: 48_700, key: ocr1, second: ocr2 },
  'special-collection': { paidOn: '2026-06-20', amount: 48_700, key: '1234567', second: '2026-06' },
  pension: { paidOn: '2026-06-20', amount: 48_700, key: '0000001234', second: '2026-06' },
};
const fileOf = (channel: (typeof channels)[number], more: readonly WrittenPayment[] = []): Uint8Array =>
  writePaymentFile({
    channel,
    sender: 'agency-1',
    bodyCode,
    businessOn: '2026-06-21',
    sequence: 1,
    payments: [payments[channel], ...more],
  });

test('GS1-128 料金代理収納: 48,700円、期限2027-03-31の44桁（手引の検査数字）', () => {
  assert.equal(barcode, '91912345202601000012340000001027033100487001');
  assert.equal(unwrap(readConvenienceCode(barcode)).amountYen, 48_700);
});

test('OCR行: one mis-keyed digit anywhere is found by the check digit', () => {
  assert.equal(readCounterLine(ocr1, ocr2).ok, true);
  for (let i = 0; i < 26; i++) {
    const wrong = `${ocr1.slice(0, i)}${(Number(ocr1[i]) + 1) % 10}${ocr1.slice(i + 1)}`;
    assert.deepEqual(readCounterLine(wrong, ocr2), { ok: false, error: 'wrong-check-digit' });
  }
});

for (const channel of channels) {
  test(`002-COL-F1 ${channel}: a file of one payment is read with its reference, amount and day; an empty day is a file too`, () => {
    const read = readPaymentFile(fileOf(channel), { channel, bodyCode });
    assert.ok(read.ok, JSON.stringify(read));
    assert.equal(read.value.total, 48_700);
    const [record] = read.value.records;
    assert.equal(record?.paidOn, '2026-06-20');
    assert.equal(record?.row, 2);
    assert.notEqual(record?.reference.kind, 'unreadable');
    const empty = writePaymentFile({
      channel,
      sender: 'agency-1',
      bodyCode,
      businessOn: '2026-06-21',
      sequence: 1,
      payments: [],
    });
    const nothing = readPaymentFile(empty, { channel, bodyCode });
    assert.ok(nothing.ok && nothing.value.records.length === 0 && nothing.value.total === 0);
  });
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const counter = text(fileOf('counter', [payments.counter]));
const bad: readonly (readonly [string, string, string])[] = [
  ['INC-39 半分で切れた', counter.slice(0, counter.length / 2), 'P01'],
  ['INC-39 レコード境界で切れた', counter.split('\r\n').slice(0, 2).join('\r\n').concat('\r\n'), 'P02'],
  ['INC-39 1件欠けた', counter.split('\r\n').toSpliced(1, 1).join('\r\n'), 'P07'],
  ['合計金額が1円違う', counter.replace('97400', '97401'), 'P07'],
  ['他の団体あて', counter.replace('131105', '131121'), 'P04'],
  ['別のチャネル', counter.replace('H,counter', 'H,pension'), 'P03'],
  ['対象日より後の収納日', counter.replace('D,20260620', 'D,20260622'), 'P08'],
  ['存在しない日付', counter.replace('D,20260620', 'D,20260631'), 'P08'],
  ['改行がLF', counter.replace('\r\n', '\n'), 'P01'],
  ['項目が多い', counter.replace('D,', 'D,x,'), 'P05'],
  ['金額が数字でない', counter.replace(',48700,', ',4870O,'), 'P06'],
  ['空', '', 'P01'],
];
for (const [name, content, rule] of bad) {
  test(`002-COL-F1 ${name}: 全体を拒否し規則を示す`, () => {
    const read = readPaymentFile(Buffer.from(content), { channel: 'counter', bodyCode });
    assert.ok(!read.ok);
    assert.ok(
      read.error.some((fault) => fault.rule === rule),
      JSON.stringify(read.error),
    );
  });
}

test('002-COL-F1 a mis-keyed reference does not refuse the file: the money came and is to be accounted for', () => {
  const wrong = text(fileOf('counter')).replace(ocr1, `9${ocr1.slice(1)}`);
  const read = readPaymentFile(Buffer.from(wrong), { channel: 'counter', bodyCode });
  assert.ok(read.ok);
  assert.equal(read.value.records[0]?.reference.kind, 'unreadable');
  assert.equal(read.value.total, 48_700);
});
