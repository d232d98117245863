import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Debit, readDebitFile, writeDebitFile } from '@musubi/contracts/zengin/direct-debit.ts';
import { type Transfer, writeTransferFile } from '@musubi/contracts/zengin/transfer.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import pg from 'pg';
import { giveDebitResult, takeDebitFile } from '../service/debits.ts';
import { giveTransferOutcomes, takeTransferFile } from '../service/transfers.ts';
import { aBank, accounts, collectorCode, schemas } from './a-bank.ts';

const debit = (n: number, more: Partial<Debit> = {}): Debit => ({
  bank: '9999',
  branch: '002',
  accountKind: 'ordinary',
  accountNumber: String(n).padStart(7, '0'),
  depositor: 'ﾒｸﾞﾛ ﾀﾛｳ',
  amount: yen(10_000 + n),
  first: 'other',
  customerNumber: String(n).padStart(20, '0'),
  outcome: 'paid',
  ...more,
});
const head = { bank: '9999', branch: '001', accountKind: 'ordinary', accountNumber: '1234567' } as const;
const request = (debits: readonly Debit[], on = '2026-06-30', code = collectorCode): Uint8Array =>
  writeDebitFile(
    { ...head, collectorCode: code, collectorName: 'ﾒｸﾞﾛｸ', debitOn: Temporal.PlainDate.from(on), debits: [...debits] },
    'request',
  );
const transfer = (n: number): Transfer => ({
  bank: '9999',
  branch: '002',
  accountKind: 'ordinary',
  accountNumber: String(n).padStart(7, '0'),
  payee: 'ﾒｸﾞﾛ ﾀﾛｳ',
  amount: yen(5_000 + n),
  first: 'other',
  customerCode: String(n).padStart(20, '7'),
});
const orders = (transfers: readonly Transfer[], on = '2026-06-30'): Uint8Array =>
  writeTransferFile({
    ...head,
    senderCode: collectorCode,
    senderName: 'ﾒｸﾞﾛｸ',
    payOn: Temporal.PlainDate.from(on),
    transfers: [...transfers],
  });
const query = { collectorCode, debitOn: '2026-06-30', bank: '9999' };

test('W08, INC-27 口座振替: the same file again is one order; a 顧客番号 is debited once whatever file it stands in; two at once are one', async () => {
  await using bank = await aBank({ insufficient: 40 });
  const content = request([debit(1), debit(2), debit(3), debit(4), debit(5)]);
  const both = await Promise.all([1, 2].map(() => takeDebitFile(bank.deps, accounts, { content })));
  assert.deepEqual(both.map((b) => b.ok && b.value.taken && b.value.repeated).sort(), [false, true]);
  const other = unwrap(await takeDebitFile(bank.deps, accounts, { content: request([debit(5), debit(6)]) }));
  assert.ok(!other.taken && other.faults[0]?.rule === 'Z10' && other.faults[0].row === 2);
  const twice = unwrap(await takeDebitFile(bank.deps, accounts, { content: request([debit(7), debit(7)]) }));
  assert.ok(!twice.taken);
  assert.deepEqual(await giveDebitResult(bank.deps, accounts, query), { ok: false, error: 'not-yet' });
  bank.at('2026-07-01');
  const result = unwrap(await giveDebitResult(bank.deps, accounts, query));
  const read = unwrap(await readDebitFile(result.content, 'result', Temporal.PlainDate.from('2026-07-01')));
  const paid = read.debits.filter((d) => d.outcome === 'paid');
  assert.ok(paid.length > 0 && paid.length < 5, 'the seed gives both');
  assert.equal(
    await bank.debitedYen(),
    paid.reduce((all, d) => all + d.amount, 0),
  );
});

test('formats zengin Z01–Z14: a cut file, a past day, another bank’s account and a foreign 委託者コード are refused whole', async () => {
  await using bank = await aBank();
  const rule = async (content: Uint8Array) => {
    const done = unwrap(await takeDebitFile(bank.deps, accounts, { content }));
    return done.taken ? 'taken' : done.faults[0]?.rule;
  };
  assert.equal(await rule(request([debit(1)]).subarray(0, 244)), 'Z02');
  assert.equal(await rule(request([debit(1)], '2026-06-24')), 'Z09');
  assert.equal(await rule(request([debit(1), debit(2, { bank: '0001', branch: '001' })])), 'Z11');
  assert.equal(await rule(request([])), 'Z02');
  assert.deepEqual(
    await takeDebitFile(bank.deps, accounts, { content: request([debit(1)], '2026-06-30', '1311200001') }),
    { ok: false, error: 'no-contract' },
  );
  const stranger: Actor = { kind: 'system', organisation: 'setagaya', system: 'accounts', certificate: 'c' };
  assert.deepEqual(await takeDebitFile(bank.deps, stranger, { content: request([debit(1)]) }), {
    ok: false,
    error: 'no-contract',
  });
  assert.deepEqual(await giveDebitResult(bank.deps, stranger, query), { ok: false, error: 'no-contract' });
  assert.deepEqual(await giveDebitResult(bank.deps, accounts, query), { ok: false, error: 'no-such-file' });
  assert.equal(await bank.debitedYen(), 0);
});

test('issue E: a result may be spoilt on its way by the seed; asked again, the bank sends what its books say', async () => {
  await using bank = await aBank({ spoilt: 100 });
  unwrap(await takeDebitFile(bank.deps, accounts, { content: request([debit(1), debit(2)]) }));
  bank.at('2026-07-01');
  const ask = async () => unwrap(await giveDebitResult(bank.deps, accounts, query)).content;
  const [first, second, third] = [await ask(), await ask(), await ask()];
  assert.notDeepEqual(Buffer.from(first), Buffer.from(second));
  assert.deepEqual(Buffer.from(second), Buffer.from(third));
  assert.ok((await readDebitFile(second, 'result', Temporal.PlainDate.from('2026-07-01'))).ok);
});

test('INC-41 総合振込: each 顧客コード is paid once; what cannot be paid comes back, and a corrected account goes through', async () => {
  await using bank = await aBank({ noAccount: 30, nameDiffers: 30 });
  const content = orders(Array.from({ length: 30 }, (_, i) => transfer(i + 1)));
  const give = (bytes: Uint8Array) => takeTransferFile(bank.deps, accounts, { content: bytes, year: 2026 });
  const done = unwrap(await give(content));
  assert.ok(done.taken && !done.repeated && done.records === 30);
  const again = unwrap(await give(content));
  assert.ok(again.taken && again.repeated);
  const mixed = unwrap(await give(orders([transfer(6), transfer(40)])));
  assert.ok(!mixed.taken && mixed.faults[0]?.rule === 'Z10');
  const ask = { collectorCode, payOn: '2026-06-30' };
  assert.deepEqual(await giveTransferOutcomes(bank.deps, accounts, ask), { ok: false, error: 'not-yet' });
  bank.at('2026-06-30');
  const outcomes = unwrap(await giveTransferOutcomes(bank.deps, accounts, ask));
  assert.deepEqual(new Set(outcomes.map((o) => o.outcome)), new Set(['paid', 'no-account', 'name-differs']));
  bank.at('2026-07-01');
  const late = unwrap(await give(content.slice()));
  assert.ok(late.taken && late.repeated, 'a repeat is a repeat also after the day');
  const past = unwrap(await give(orders([transfer(41)])));
  assert.ok(!past.taken && past.faults[0]?.rule === 'Z09');
});

test('design §2.7: every column of the bank is declared', async () => {
  await using t = await testDatabase(schemas);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('banks.')),
    [],
  );
});
