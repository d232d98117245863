import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { yen } from '@musubi/kernel/yen/yen.ts';
import fc from 'fast-check';
import { type DebitFile, readDebitFile, writeDebitFile } from './direct-debit.ts';
import { toZenginName } from './text.ts';
import { readTransferFile, type TransferFile, writeTransferFile } from './transfer.ts';

const on = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const near = on('2026-06-20');

const request: DebitFile = {
  collectorCode: '1311000001',
  collectorName: 'ﾒｸﾞﾛｸｶｲｹｲｶﾝﾘｼﾔ',
  debitOn: on('2026-06-30'),
  bank: '9999',
  bankName: 'ﾃｽﾄ',
  branch: '001',
  branchName: 'ﾎﾝﾃﾝ',
  accountKind: 'current',
  accountNumber: '1234567',
  debits: [
    {
      bank: '9999',
      bankName: 'ﾃｽﾄ',
      branch: '002',
      branchName: 'ﾅｶﾒｸﾞﾛ',
      accountKind: 'ordinary',
      accountNumber: '0012345',
      depositor: 'ﾔﾏﾀﾞ ﾀﾛｳ',
      amount: yen(39_500),
      first: 'first',
      customerNumber: '13110202601000123401',
      outcome: 'paid',
    },
    {
      bank: '9900',
      bankName: 'ﾕｳﾁﾖ',
      branch: '058',
      branchName: 'ｾﾞﾛｺﾞﾊﾁ',
      accountKind: 'ordinary',
      accountNumber: '1234567',
      depositor: 'ｻﾄｳ ﾊﾅｺ',
      amount: yen(12_000),
      first: 'other',
      customerNumber: '13110202601000567802',
      outcome: 'paid',
    },
  ],
};
const result: DebitFile = {
  ...request,
  debits: [request.debits[0]!, { ...request.debits[1]!, outcome: 'insufficient-funds' }],
};
const transfers: TransferFile = {
  senderCode: '1311000002',
  senderName: 'ﾒｸﾞﾛｸｶｲｹｲｶﾝﾘｼﾔ',
  payOn: on('2026-07-15'),
  bank: '9999',
  bankName: 'ﾃｽﾄ',
  branch: '001',
  branchName: 'ﾎﾝﾃﾝ',
  accountKind: 'ordinary',
  accountNumber: '7654321',
  transfers: [
    {
      bank: '9999',
      bankName: 'ﾃｽﾄ',
      branch: '003',
      branchName: 'ｼﾞﾕｳｶﾞｵｶ',
      accountKind: 'ordinary',
      accountNumber: '0098765',
      payee: 'ｻﾄｳ ﾊﾅｺ',
      amount: yen(8_400),
      first: 'other',
      customerCode: '20260012340000000001',
    },
  ],
};

test('全銀協 口座振替 request and result of two debits have 610 bytes and are read back as they were written', async () => {
  const sent = writeDebitFile(request, 'request');
  const came = writeDebitFile(result, 'result');
  assert.deepEqual([sent.length, came.length], [610, 610]);
  assert.deepEqual(await readDebitFile(sent, 'request', near), { ok: true, value: request });
  assert.deepEqual(await readDebitFile(came, 'result', near), { ok: true, value: result });
  // The worked example of the format's description.
  assert.equal(sha(sent), '6f0cdaff4d0e545a83d910920fd0616d240043cd3e1593beac8defa79319e7ed');
  assert.equal(sha(came), '91fca5e9d58f7f90f7e342b7ae13464496ad7091fea32d6e960651c8ab0d233f');
  // 顧客番号 stands in 92–111, 結果 in 112, the trailer's 振替済 and 振替不能 in 20–55.
  assert.equal(
    Buffer.from(came)
      .subarray(244 + 91, 244 + 112)
      .toString('latin1'),
    '131102026010005678021',
  );
  assert.equal(
    Buffer.from(came)
      .subarray(366, 366 + 55)
      .toString('latin1'),
    '8000002000000051500000001000000039500000001000000012000',
  );
  // ﾔﾏﾀﾞ ﾀﾛｳ in JIS X 0201
  assert.equal(
    Buffer.from(sent)
      .subarray(122 + 50, 122 + 58)
      .toString('hex'),
    'd4cfc0de20c0dbb3',
  );
});

test('全銀協 総合振込 of one refund is read back as it was written, byte for byte', async () => {
  const bytes = writeTransferFile(transfers);
  const read = await readTransferFile(bytes, 2026);
  assert.deepEqual(read, { ok: true, value: transfers });
  assert.equal(sha(bytes), '03c247b78690cb2732f282fc428d805b60ffd1d2bb4e5f2b0899056320566b65');
});

const edit = (bytes: Uint8Array, at: number, text: string): Uint8Array => {
  const out = Buffer.from(bytes);
  out.write(text, at, 'latin1');
  return out;
};
const good = writeDebitFile(result, 'result');
const bad: readonly (readonly [string, Uint8Array, string])[] = [
  ['Z01 空のファイル', new Uint8Array(), 'Z01'],
  ['Z01 半分で切れたファイル', good.subarray(0, 305), 'Z01'],
  ['Z01 改行がLFだけ', Buffer.from(Buffer.from(good).toString('latin1').replaceAll('\r\n', '\n'), 'latin1'), 'Z01'],
  ['Z01 改行の混在', Buffer.concat([good.subarray(0, 120), good.subarray(122)]), 'Z01'],
  ['Z02 レコード境界で切れたファイル', good.subarray(0, 366), 'Z02'],
  ['Z02 エンドの後にレコード', Buffer.concat([good, good.subarray(122, 244)]), 'Z02'],
  ['Z02 データ区分が様式にない', edit(good, 122, '5'), 'Z02'],
  ['Z03 種別が総合振込', edit(good, 1, '21'), 'Z03'],
  ['Z04 EBCDIC', edit(good, 3, '1'), 'Z04'],
  ['Z05 口座番号に数字以外', edit(good, 122 + 43, '00A2345'), 'Z05'],
  ['Z06 小さいｬ', Buffer.concat([good.subarray(0, 172), Buffer.from([0xac]), good.subarray(173)]), 'Z06'],
  ['Z06 濁点だけ', Buffer.concat([good.subarray(0, 172), Buffer.from([0xde]), good.subarray(173)]), 'Z06'],
  ['Z07 合計金額が1円違う', edit(good, 366 + 7, '000000051501'), 'Z07'],
  ['Z07 依頼ファイルがそのまま戻った', writeDebitFile(request, 'request'), 'Z07'],
  ['Z07 振替済件数が違う', edit(good, 366 + 19, '000002'), 'Z07'],
  ['Z09 引落日が日曜', edit(good, 54, '0628'), 'Z09'],
];
for (const [name, bytes, rule] of bad) {
  test(`全銀協 ${name}: 全体を拒否し、場所と規則を示す`, async () => {
    const read = await readDebitFile(bytes, 'result', near);
    assert.ok(!read.ok);
    assert.ok(
      read.error.some((fault) => fault.rule === rule),
      JSON.stringify(read.error),
    );
    assert.ok(read.error.every((fault) => !/12345|51501|ﾔﾏﾀﾞ/.test(fault.message)));
  });
}

test('全銀協 a file without record ends and one with 0x1A at its end are read too', async () => {
  const bare = Buffer.from(Buffer.from(good).toString('latin1').replaceAll('\r\n', ''), 'latin1');
  assert.deepEqual(await readDebitFile(bare, 'result', near), { ok: true, value: result });
  assert.ok((await readDebitFile(Buffer.concat([good, Buffer.from([0x1a])]), 'result', near)).ok);
});

test('全銀協 any one changed byte of a digit is refused, or changes what no total covers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 122 + 80, max: 122 + 89 }), fc.integer({ min: 1, max: 9 }), async (at, by) => {
      const digit = (Number(String.fromCharCode(good[at]!)) + by) % 10;
      const read = await readDebitFile(edit(good, at, String(digit)), 'result', near);
      assert.ok(!read.ok && read.error.every((fault) => fault.rule === 'Z07'));
    }),
    { numRuns: 60 },
  );
});

for (const [reading, expected] of [
  ['やまだ　たろう', 'ﾔﾏﾀﾞ ﾀﾛｳ'],
  ['キャノン', 'ｷﾔﾉﾝ'],
  ['ヴァイオリン・サトー', 'ｳﾞｱｲｵﾘﾝ ｻﾄ-'],
  ['ﾊﾟﾋﾟﾌﾟ', 'ﾊﾟﾋﾟﾌﾟ'],
] as const) {
  test(`全銀協 口座名: ${reading} → ${expected}`, () => {
    assert.deepEqual(toZenginName(reading, 30), { ok: true, value: expected });
  });
}
test('全銀協 口座名: 漢字と使えない記号は拒否し、濁点を本体から切り離さずに切る', () => {
  assert.deepEqual(toZenginName('山田 太郎', 30), { ok: false, error: 'outside-repertoire' });
  assert.deepEqual(toZenginName('ヤマダ,タロウ', 30), { ok: false, error: 'outside-repertoire' });
  assert.deepEqual(toZenginName('アガガ', 4), { ok: true, value: 'ｱｶﾞ' });
});
