import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwrap } from '@musubi/kernel/result/result.ts';
import fc from 'fast-check';
import { crc16Digits, mod10Weight3 } from './check-digits.ts';
import { readableConvenienceCode, readConvenienceCode, writeConvenienceCode } from './convenience-code.ts';
import { type ElQr, readableElNumber, readElQr, writeElQr } from './el-qr.ts';

const day = (text: string) => Temporal.PlainDate.from(text);
const slip: ElQr = {
  taxItem: '003',
  caseKey: '13110202601000001234',
  confirmationNumber: '567890',
  body: '13110',
  office: '000',
  amountYen: 48_700,
  taxYear: 2026,
  fiscalYear: 2026,
  instalment: 1,
  dueOn: day('2026-06-30'),
  payableUntil: day('2027-03-31'),
};
const store = {
  company: '912345',
  reference: '202601000012340000001',
  reissue: 0,
  payableUntil: day('2027-03-31'),
  amountYen: 48_700,
};

test('formats el-qr §2.5: the worked example of 48,700 yen, byte for byte', () => {
  assert.equal(
    writeElQr(slip),
    '000201010212279600051380001830000000000000000000487002138000003000000013110202601000001234567890013110000000000054110000004870062262026202601202606302027033180850000000000000000000000000000000000000000000000000000000000000000000000000000000000000630521620',
  );
});

test('formats el-qr §2.2: the CRC of the published test vector', () => {
  assert.equal(crc16Digits('123456789'), '10673');
});

test('formats el-qr §4: the worked example of the bar, its check digit and its readable line', () => {
  const digits = unwrap(writeConvenienceCode(store));
  assert.equal(digits, '91912345202601000012340000001027033100487001');
  assert.equal(mod10Weight3(digits.slice(0, 43)), '1');
  assert.deepEqual(readableConvenienceCode(digits), ['(91)912345-202601000012340000001', '0-270331-0-048700-1']);
  assert.deepEqual(unwrap(readConvenienceCode(digits)), store);
  assert.equal(readableElNumber(slip), '13800 13110 20260 10000 01234 567890');
});

test('formats el-qr §7 E01–E04: any digit changed is refused, and so is each fault by its own word', () => {
  const text = writeElQr(slip);
  assert.equal(text.length, 255);
  for (let i = 0; i < text.length; i++) {
    const other = text.slice(0, i) + ((Number(text[i]) + 1) % 10) + text.slice(i + 1);
    assert.equal(readElQr(other).ok, false, `digit ${i}`);
  }
  const sealed = (body: string) => body + crc16Digits(body);
  const body = text.slice(0, 250);
  const word = (changed: string) => {
    const read = readElQr(sealed(changed));
    return read.ok ? 'read' : read.error;
  };
  assert.deepEqual(readElQr(`${text}0`), { ok: false, error: 'wrong-length' });
  assert.deepEqual(readElQr(`${text.slice(0, 254)}A`), { ok: false, error: 'wrong-length' });
  assert.equal(word(body.replace('0005138000', '0005138010')), 'wrong-collector');
  assert.equal(word(body.replace('541100000048700', '541100000048701')), 'amounts-differ');
  assert.equal(word(body.replace('20260630', '20260631')), 'no-such-date');
  assert.equal(word(body.replaceAll('00000048700', '00000000000')), 'nothing-to-pay');
  assert.equal(word(`010200010212${body.slice(12)}`), 'wrong-structure');
});

test('formats el-qr §2.3: check digits are written and verified only with a rule at hand', () => {
  const rule = (account: string) => [crc16Digits(account).slice(0, 2), crc16Digits(account).slice(3)] as const;
  const text = writeElQr(slip, rule);
  assert.deepEqual(unwrap(readElQr(text, rule)), slip);
  assert.deepEqual(readElQr(writeElQr(slip), rule), { ok: false, error: 'wrong-check-digits' });
  assert.deepEqual(unwrap(readElQr(text)), slip);
});

test('formats el-qr §7 E07: no bar beyond 300,000 yen or for nothing; a bar that does not agree with itself is refused', () => {
  assert.equal(writeConvenienceCode({ ...store, amountYen: 300_000 }).ok, true);
  assert.deepEqual(writeConvenienceCode({ ...store, amountYen: 300_001 }), { ok: false, error: 'beyond-stores' });
  assert.deepEqual(writeConvenienceCode({ ...store, amountYen: 0 }), { ok: false, error: 'nothing-to-pay' });
  const digits = unwrap(writeConvenienceCode(store));
  const checked = (body: string) => readConvenienceCode(body + mod10Weight3(body));
  assert.deepEqual(readConvenienceCode(digits.slice(1)), { ok: false, error: 'not-44-digits' });
  assert.deepEqual(readConvenienceCode(`${digits.slice(0, 43)}2`), { ok: false, error: 'wrong-check-digit' });
  assert.deepEqual(checked(`92${digits.slice(2, 43)}`), { ok: false, error: 'wrong-identifier' });
  assert.deepEqual(checked(`${digits.slice(0, 30)}270231${digits.slice(36, 43)}`), {
    ok: false,
    error: 'no-such-date',
  });
  assert.deepEqual(checked(`${digits.slice(0, 36)}1${digits.slice(37, 43)}`), { ok: false, error: 'stamp-on-a-tax' });
  assert.deepEqual(checked(`${digits.slice(0, 37)}300001`), { ok: false, error: 'beyond-stores' });
});

test('formats el-qr: whatever is written is read back the same', () => {
  const digits = (length: number) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((d) => d.join(''));
  const date = fc.integer({ min: 0, max: 20_000 }).map((n) => day('2020-01-01').add({ days: n }));
  const year = fc.integer({ min: 2000, max: 2099 });
  fc.assert(
    fc.property(
      fc.record({
        taxItem: digits(3),
        caseKey: digits(20),
        confirmationNumber: digits(6),
        body: digits(5),
        office: digits(3),
        amountYen: fc.integer({ min: 1, max: 99_999_999_999 }),
        taxYear: year,
        fiscalYear: year,
        instalment: fc.integer({ min: 0, max: 12 }),
        dueOn: date,
        payableUntil: date,
      }),
      (qr) => assert.deepEqual(unwrap(readElQr(writeElQr(qr))), { ...qr }),
    ),
    { numRuns: 200 },
  );
});
