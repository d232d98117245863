import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holdsCardNumber } from './card-number.ts';
import { readPaymentFile, writePaymentFile } from './files.ts';

/** Digits with the check digit that makes them a card's. */
const card = fc
  .tuple(fc.constantFrom('2', '3', '4', '5', '6'), fc.integer({ min: 11, max: 17 }))
  .chain(([first, length]) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`)).map((rest) => `${first}${rest}`))
  .map((body) => {
    const sum = [...body].reverse().reduce((all, digit, i) => {
      const doubled = i % 2 === 0 ? Number(digit) * 2 : Number(digit);
      return all + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    return `${body}${(10 - (sum % 10)) % 10}`;
  });
const fileWith = (more: { key?: string; place?: string }): Uint8Array =>
  writePaymentFile({
    channel: 'credit',
    sender: 'agency-1',
    bodyCode: '131105',
    businessOn: '2026-06-21',
    sequence: 1,
    payments: [{ paidOn: '2026-06-20', amount: 48_700, key: '13110202601000001234', second: '567890', ...more }],
  });

test('INC-77 カード番号: every generated card is seen however it is written, and a file that holds one is refused whole without repeating it', () => {
  fc.assert(
    fc.property(card, fc.constantFrom('', ' ', '-'), (digits, between) => {
      const written = digits.match(/.{1,4}/g)!.join(between);
      assert.ok(holdsCardNumber(`支払 ${written} 済`));
      for (const more of [{ place: digits.slice(0, 19) }, { key: digits }]) {
        const read = readPaymentFile(fileWith(more), { channel: 'credit', bodyCode: '131105' });
        assert.ok(!read.ok);
        assert.deepEqual(read.error, [
          { rule: 'P06', row: 2, field: 'カード番号', message: 'カード番号は受け取れません' },
        ]);
        assert.ok(!JSON.stringify(read.error).includes(digits));
      }
    }),
    { numRuns: 200 },
  );
  for (const text of ['13110202601000001234', '2026-06-20 4111', '000000000000001', '4111111111111112'])
    assert.ok(!holdsCardNumber(text), text);
  assert.ok(readPaymentFile(fileWith({}), { channel: 'credit', bodyCode: '131105' }).ok);
});
