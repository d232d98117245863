import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unwrap } from '../result/result.ts';
import { yen } from '../yen/yen.ts';
import type { Outcome } from './faults.ts';
import { at, type FixedRecord, fixedLayout, readFixed, writeFixedRecord } from './fixed-width.ts';
import { constant, count, digits, eraDate, halfKana, wideText, yenAmount } from './kinds.ts';
import { optional, required } from './layout.ts';

const policy = {
  charset: 'cp932',
  repertoire: 'jis-1-2',
  lookalikes: 'map',
  variants: 'strip',
  outside: 'refuse',
} as const;
const rules = { 'bad-byte': 'C01' } as const;
const detail = fixedLayout({
  name: 'detail',
  recordBytes: 60,
  policy,
  rules,
  fields: [
    at(1, 1, required('kind', 'データ区分', constant('2'))),
    at(2, 15, required('kana', '氏名カナ', halfKana(15))),
    at(17, 20, optional('name', '氏名', wideText(10))),
    at(37, 10, required('paidYen', '金額', yenAmount(10))),
    at(47, 7, optional('bornOn', '生年月日', eraDate('chronological'))),
    at(54, 4, required('branch', '支店', digits(4))),
  ],
});
const trailer = fixedLayout({
  name: 'trailer',
  recordBytes: 60,
  policy,
  fields: [
    at(1, 1, required('kind', 'データ区分', constant('8'))),
    at(2, 6, required('records', '合計件数', count(6))),
    at(8, 12, required('totalYen', '合計金額', yenAmount(12))),
  ],
});
const person = {
  kind: '2',
  kana: 'ﾔﾏﾀﾞ ﾀﾛｳ',
  name: '山田　太郎',
  paidYen: yen(1_200),
  bornOn: Temporal.PlainDate.from('1980-04-02'),
  branch: '0012',
} as const;
const line = (record = person as typeof person & { paidYen: typeof person.paidYen }): Uint8Array =>
  unwrap(writeFixedRecord(detail, record, '\r\n')).bytes;
const sum = (records: number, total: number): Uint8Array =>
  unwrap(writeFixedRecord(trailer, { kind: '8', records, totalYen: yen(total) }, '\r\n')).bytes;

async function read(bytes: Uint8Array, size = 7) {
  const outcomes: Outcome<FixedRecord>[] = [];
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  const summary = await readFixed(chunks, {
    recordBytes: 60,
    recordEnd: '\r\n',
    pick: (record) => (record[0] === 0x32 ? detail : record[0] === 0x38 ? trailer : undefined),
    each: (outcome) => void outcomes.push(outcome),
    totals: [
      { trailer: 'trailer', field: 'records', details: 'detail' },
      { trailer: 'trailer', field: 'totalYen', details: 'detail', sumOf: 'paidYen' },
    ],
    rules,
  });
  assert.equal(summary.in, summary.accepted + summary.rejected);
  return { summary, outcomes, faults: outcomes.flatMap((o) => (o.accepted ? [] : o.faults)) };
}

test('固定長: 位置と詰め方が定義どおりで、読めば同じ値に戻る', async () => {
  const bytes = Buffer.from(line());
  assert.equal(bytes.length, 62);
  assert.equal(bytes.subarray(36, 46).toString(), '0000001200');
  assert.equal(bytes.subarray(46, 57).toString(), '35504020012');
  assert.equal(bytes.subarray(26, 36).toString('hex'), '81408140814081408140');
  const { outcomes, summary } = await read(Buffer.concat([bytes, line(), sum(2, 2_400)]));
  assert.deepEqual(summary, { in: 3, accepted: 3, rejected: 0, fileFaults: [] });
  assert.ok(outcomes[0]?.accepted);
  assert.deepEqual(outcomes[0].value.fields, person);
});
test('固定長: 件数・金額の合計が違えばファイルの誤りとなる', async () => {
  const wrong = await read(Buffer.concat([line(), sum(2, 1_201)]));
  assert.deepEqual(
    wrong.summary.fileFaults.map((f) => f.word),
    ['control-total', 'control-total'],
  );
  assert.equal((await read(line())).summary.fileFaults.length, 2);
});
test('固定長: 読めないバイト・違う終端・知らない種別・途中で切れた行をそれぞれ名指しで拒否する', async () => {
  const bad = Buffer.from(line());
  bad[20] = 0xfd;
  const ended = Buffer.from(line());
  ended[61] = 0x20;
  const unknown = Buffer.from(line());
  unknown[0] = 0x37;
  const { summary, faults } = await read(
    Buffer.concat([bad, ended, unknown, line(), sum(3, 9), line().subarray(0, 30)]),
  );
  assert.deepEqual(
    faults.map((f) => [f.row, f.word]),
    [
      [1, 'bad-byte'],
      [2, 'wrong-record-end'],
      [3, 'unknown-record-kind'],
      [6, 'cut-short'],
    ],
  );
  assert.deepEqual([faults[0]?.rule, faults[0]?.byteOffset], ['C01', 20]);
  assert.deepEqual([summary.in, summary.accepted, summary.rejected], [6, 2, 4]);
  // Three details were seen, two of them rejected: the count holds and the sum cannot be checked.
  assert.deepEqual(summary.fileFaults, []);
});
test('固定長: 入りきらない値・必須の欠けは切らずに断る', () => {
  const long = writeFixedRecord(detail, { ...person, name: '長'.repeat(11) }, '\r\n');
  assert.deepEqual(long, { ok: false, error: { column: 3, field: '氏名', word: 'too-long' } });
  assert.ok(!writeFixedRecord(detail, { ...person, kana: 'やまだ' }, '').ok);
  assert.throws(() => fixedLayout({ ...detail, recordBytes: 50 }), /longer than the record/);
});
test('固定長: any damage to a file leaves every record accounted for', async () => {
  const whole = Buffer.concat([line(), line(), line(), sum(3, 3_600)]);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), async (place, byte, length) => {
      const damaged = Buffer.from(whole);
      damaged[place] = byte;
      const { summary, outcomes } = await read(damaged.subarray(0, length), 50);
      assert.equal(outcomes.length, summary.in);
      assert.equal(summary.in, Math.ceil(length / 62));
    }),
    { numRuns: 100 },
  );
});
