import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSigned } from '@musubi/contracts/exchange/signed.ts';
import {
  type PensionFile,
  pensionFileName,
  readPensionFile,
  writePensionFile,
} from '@musubi/contracts/pension-collection/files.ts';
import { pensionReceipt, pensionReceiptType } from '@musubi/contracts/pension-collection/line.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { fetchFile, listFiles } from '../service/give-files.ts';
import { takeFile } from '../service/take-file.ts';
import { pensionSchema } from '../store/schema-set.ts';
import { anInsurer, aRecipient, type Insurer, schemas, ward } from './an-insurer.ts';

const head = { municipality: '131105', insurer: 'nenkin', fiscalYear: 2026, madeOn: '2026-07-10' } as const;
const orders = (number: number, rows: PensionFile<'orders'>['rows']): PensionFile<'orders'> => ({
  ...head,
  kind: 'orders',
  number,
  rows,
});
const order = (n: number, month: string, amountYen: number) => ({
  pensionNumber: `${n}`.padStart(10, '0'),
  pensionCode: '1150',
  noticeNumber: `000000${n}239`.slice(-10),
  month,
  amountYen,
});
const give = (
  { deps }: Insurer,
  file: PensionFile<'orders'> | PensionFile<'stops'>,
  fileName = pensionFileName(file),
) =>
  takeFile(deps, ward, {
    fileName,
    content: file.kind === 'orders' ? writePensionFile<'orders'>(file) : writePensionFile<'stops'>(file),
  });
const receiptOf = (insurer: Insurer, given: { receipt: string }) =>
  unwrap(readSigned(given.receipt, pensionReceiptType, pensionReceipt, insurer.trust, insurer.deps.machineClock.now()))
    .payload;

test('design §2.7 pension: every column stands in the catalogue', async () => {
  await using t = await testDatabase(schemas);
  const client = { query: async (text: string) => ({ rows: await t.owner(text) }) };
  const faults = await checkCatalogue(client as never, await readCatalogue([pensionSchema]));
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('pension.')),
    [],
  );
});

test('AC-13 依頼のファイルは署名した受付で答え、同じファイルは同じ受付、同じ番号の別のファイルは受け付けない', async () => {
  await using insurer = await anInsurer('2026-07-10');
  await insurer.register([aRecipient(1), aRecipient(2, { name: '目黒 花子', annualYen: 60_000 })]);
  const file = orders(1, [order(1, '2026-10', 10_200), order(2, '2026-10', 10_001), order(3, '2026-10', 9_000)]);
  const both = await Promise.all([give(insurer, file), give(insurer, file)]);
  const [one, two] = both.map(unwrap);
  assert.equal(one!.receipt, two!.receipt);
  const receipt = receiptOf(insurer, one!);
  assert.deepEqual(
    [receipt.records, receipt.persons, receipt.totalYen, receipt.fileName],
    [3, 3, 29_201, 'NT_131105_2026_orders_001.csv'],
  );
  assert.deepEqual(receipt.refused, [
    { record: 2, word: 'more-than-pension' },
    { record: 3, word: 'unknown-person' },
  ]);
  const other = await give(insurer, orders(1, [order(1, '2026-10', 10_300)]));
  assert.deepEqual(other, { ok: false, error: 'number-used' });
  assert.equal((await insurer.t.owner('select 1 from pension.deduction_order')).length, 1);
});

test('INC-25 名前の違う・読めない・よその市町村のファイルと、期限を過ぎた中止は受け付けたことにならない', async () => {
  await using insurer = await anInsurer('2026-06-10');
  await insurer.register([aRecipient(1)]);
  unwrap(await give(insurer, orders(1, [order(1, '2026-08', 5_000), order(1, '2026-10', 5_000)])));
  const stops = (number: number, fromMonth: string): PensionFile<'stops'> => ({
    ...head,
    kind: 'stops',
    number,
    rows: [
      { pensionNumber: '0000000001', pensionCode: '1150', noticeNumber: '0000001239', fromMonth, reason: 'death' },
    ],
  });
  const word = async (given: ReturnType<typeof give>) => {
    const done = await given;
    return done.ok ? 'taken' : done.error;
  };
  assert.equal(await word(give(insurer, stops(1, '2026-08'), 'NT_131105_2026_stops_01.csv')), 'wrong-file-name');
  assert.equal(await word(give(insurer, stops(1, '2026-08'), 'NT_131105_2026_stops_002.csv')), 'wrong-file-name');
  assert.equal(await word(give(insurer, { ...stops(1, '2026-08'), municipality: '131121' })), 'file-unreadable');
  const cut = writePensionFile(stops(1, '2026-08')).subarray(0, 60);
  const name = 'NT_131105_2026_stops_001.csv';
  assert.deepEqual(await takeFile(insurer.deps, ward, { fileName: name, content: cut }), {
    ok: false,
    error: 'file-unreadable',
  });
  const stranger = { ...ward, organisation: 'setagaya' } as typeof ward;
  assert.equal((await takeFile(insurer.deps, stranger, { fileName: name, content: cut })).ok, false);

  // In time for August on 10 June; a day later only October can still be stopped.
  insurer.t.deps.civilClock.set('2026-06-11');
  assert.deepEqual(receiptOf(insurer, unwrap(await give(insurer, stops(2, '2026-08')))).refused, [
    { record: 1, word: 'too-late' },
  ]);
  assert.deepEqual(receiptOf(insurer, unwrap(await give(insurer, stops(3, '2026-12')))).refused, [
    { record: 1, word: 'no-order-stands' },
  ]);
  assert.deepEqual(receiptOf(insurer, unwrap(await give(insurer, stops(4, '2026-10')))).refused, []);

  await insurer.work('2026-08-15');
  await insurer.work('2026-10-15');
  await insurer.work('2026-10-16');
  assert.deepEqual(
    [...insurer.paid.values()].map(({ month, amount }) => [month, amount]),
    [['2026-08', 5_000]],
  );
  insurer.t.deps.civilClock.set('2026-11-01');
  const files = unwrap(await listFiles(insurer.deps, ward, { fiscalYear: 2026 })).files;
  assert.deepEqual(
    files.map(({ kind }) => kind),
    ['subjects', 'results', 'results', 'results', 'results'],
  );
  const results = unwrap(await fetchFile(insurer.deps, ward, { fileName: files.at(-1)!.fileName }));
  const read = unwrap(readPensionFile(Buffer.from(results.content), 'results'));
  assert.deepEqual(
    read.rows.map(({ month, orderedYen, withheldYen, reason }) => [month, orderedYen, withheldYen, reason]),
    [['2026-10', 5_000, 0, 'stopped']],
  );
});

test('W18 年金の支払日に一人一月一度だけ徴収し、納入の答えが失われても一度だけ納める', async () => {
  await using insurer = await anInsurer('2026-07-10');
  await insurer.register([aRecipient(1), aRecipient(2, { name: '目黒 花子' })]);
  unwrap(await give(insurer, orders(1, [order(1, '2026-10', 10_200), order(2, '2026-10', 0)])));
  unwrap(await give(insurer, orders(2, [order(1, '2026-10', 8_000)])));
  await insurer.work('2026-10-14');
  assert.equal(insurer.paid.size, 0);
  const lost = insurer.deps.peers.call;
  const deps = insurer.deps as { peers: { call: unknown } };
  deps.peers = {
    call: async (...given: Parameters<typeof lost>) => {
      await lost(...given);
      return { ok: false, error: 'timeout' };
    },
  };
  await assert.rejects(insurer.work('2026-10-15'), /paying over: timeout/);
  deps.peers = { call: lost };
  await insurer.work('2026-10-16');
  assert.deepEqual(
    [...insurer.paid.values()].map(({ noticeNumber, month, amount }) => [noticeNumber, month, amount]),
    [['0000001239', '2026-10', 8_000]],
  );
  assert.equal((await insurer.t.owner('select 1 from pension.paid_over')).length, 1);
});

test('issue E 年金保険者は種の定めるとおりに遅れ、途中で切れたファイルを出す: 切れたものはダイジェストで分かり、もう一度取れば全部ある', async () => {
  await using insurer = await anInsurer('2026-07-10');
  await insurer.register([aRecipient(1)]);
  unwrap(await give(insurer, orders(1, [order(1, '2026-10', 10_200)])));
  await insurer.work('2026-10-15');
  const deps = { ...insurer.deps, seed: 'late and cut', manners: { late: 100, cut: 100 }, given: new Set<string>() };
  const waiting = async (day: string): Promise<string[]> => {
    insurer.t.deps.civilClock.set(day);
    return unwrap(await listFiles(deps, ward, { fiscalYear: 2026 })).files.map((file) => file.fileName);
  };
  const october = (await waiting('2026-11-30')).find((name) => name.includes('results_004'))!;
  assert.ok(october);
  assert.ok(!(await waiting('2026-11-01')).includes(october));
  assert.ok((await waiting('2026-11-04')).includes(october));
  const fetched = async () => unwrap(await fetchFile(deps, ward, { fileName: october }));
  const isWhole = (file: { content: string; sha256: string }) => sha256Hex(Buffer.from(file.content)) === file.sha256;
  assert.deepEqual([isWhole(await fetched()), isWhole(await fetched())], [false, true]);
});
