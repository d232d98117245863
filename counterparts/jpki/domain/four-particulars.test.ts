import assert from 'node:assert/strict';
import { test } from 'node:test';
import { particularsExtension } from '../ca/particulars-extension.ts';
import { birthDateDigits, validUntil } from './four-particulars.ts';

const day = Temporal.PlainDate.from;

test('公的個人認証 §3.1: the SAN of 佐藤　花子 is byte for byte that of the worked example', () => {
  const san = particularsExtension({
    name: '佐藤　花子',
    birthDate: day('1980-04-01'),
    sex: 'female',
    address: '東京都目黒区中目黒１丁目２番３号',
  });
  assert.equal(
    san.toString('hex').toUpperCase(),
    '3081CAA01F060A2A83088C9B5508050501A0110C0FE4BD90E897A4E38080E88AB1E5AD90A019060A2A83088C9B5508050504A00B0C09333139383030343031A011060A2A83088C9B5508050503A0030C0132A040060A2A83088C9B5508050505A0320C30E69DB1E4BAACE983BDE79BAEE9BB92E58CBAE4B8ADE79BAEE9BB92EFBC91E4B881E79BAEEFBC92E795AAEFBC93E58FB7A015060A2A83088C9B5508050502A0070C053030303030A020060A2A83088C9B5508050506A0120C1030303030303030303030303030303030',
  );
});

test('公的個人認証 §3: birth dates bear the digit of their era', () => {
  for (const [date, digits] of [
    ['2019-05-01', '520190501'],
    ['2019-04-30', '420190430'],
    ['1989-01-07', '319890107'],
    ['1926-12-24', '219261224'],
    ['1867-01-01', '018670101'],
  ] as const)
    assert.equal(birthDateDigits(day(date)), digits);
});

test('公的個人認証 §2: 発行の日後5回目の誕生日まで', () => {
  for (const [issued, born, until] of [
    ['2026-06-01', '1980-07-01', '2030-07-01T14:59:59Z'],
    ['2026-06-01', '1980-06-01', '2031-06-01T14:59:59Z'],
    ['2026-06-01', '2000-02-29', '2031-02-28T14:59:59Z'],
  ] as const)
    assert.equal(validUntil(day(issued), day(born)).toString(), until);
});
