import assert from 'node:assert/strict';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import { seededRandom } from '../random/random.ts';
import { makeIndividualNumber } from './individual-number.ts';
import { findNumbers, numberFormBytes, numberForms } from './number-forms.ts';

const number = '123456789018';
const numbers = new Set([number, '987654321093']);

test('design §9 the forms hold the plain number, the leading 0 and the full-width digits', () => {
  const forms = numberForms(number);
  for (const form of [
    number,
    `0${number}`,
    '１２３４５６７８９０１８',
    '０１２３４５６７８９０１８',
    '1234-5678-9018',
  ]) {
    assert.ok(forms.includes(form));
  }
  const bytes = numberFormBytes(number).map((b) => Buffer.from(b).toString('hex'));
  assert.equal(new Set(bytes).size, bytes.length);
  assert.ok(bytes.includes(iconv.encode('１２３４５６７８９０１８', 'cp932').toString('hex')));
});

for (const [index, form] of numberFormBytes(number).entries()) {
  test(`design §9 every form is found among other bytes (form ${index})`, () => {
    const hay = Buffer.concat([Buffer.from('氏名,x\xff\x82'), form, Buffer.from(' 済')]);
    assert.ok(findNumbers(hay, numbers).some((hit) => hit.digits === number));
  });
}

test('design §9 a number inside base64 is found at each alignment, over line ends too', () => {
  for (const lead of ['', 'a', 'ab', 'abc']) {
    const text = Buffer.from(`${lead}{"n":"${number}"}`.padEnd(90, '.'))
      .toString('base64')
      .replace(/(.{20})/g, '$1\r\n');
    const hits = findNumbers(Buffer.from(`x: ${text}`), numbers);
    assert.ok(hits.some((hit) => hit.form === 'base64' && hit.digits === number));
  }
  const url = Buffer.from(`{"n":"${number}"}`).toString('base64url');
  assert.ok(findNumbers(Buffer.from(`cut!abc${url}`), numbers).length > 0);
});

test('design §9 UTF-16 in both byte orders is found', () => {
  const little = Buffer.from(`あ${number}い`, 'utf16le');
  const big = Buffer.from(little).swap16();
  assert.equal(findNumbers(little, numbers)[0]?.form, 'utf-16');
  assert.equal(findNumbers(big, numbers)[0]?.form, 'utf-16');
});

test('design §9 what is not one of the numbers is not reported', () => {
  const other = makeIndividualNumber(seededRandom('other')).digits();
  const clean = Buffer.from(`${other} 2026-11-21T10:19:38 12345678901 8 1 2 3 ${'0'.repeat(5000)}`);
  assert.deepEqual(findNumbers(clean, new Set(['200000000000'])), []);
});
