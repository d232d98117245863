import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aBank } from '@musubi/banks/test/a-bank.ts';
import { decideRefund, proposeRefund } from '@musubi/collections/service/office/refunds.ts';
import { byQr, chief, clerk as collectionClerk, mustBeOk } from '@musubi/collections/test/a-town.ts';
import { readTransferFile } from '@musubi/contracts/zengin/transfer.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import pg from 'pg';
import type { Deps } from '../deps.ts';
import { accountFault, fromPostalAccount } from '../domain/banks.ts';
import {
  giveBankFile,
  listFailed,
  lookAtDebits,
  prepareDebits,
  type ResultTaken,
  takeBankResult,
} from '../service/debits.ts';
import { endMandate, type RegisterMandate, readMandates, registerMandate } from '../service/mandates.ts';
import { giveTransferFile, noteTransferDay, prepareTransfers } from '../service/transfers.ts';
import { anOffice, banks, clerk, schemas } from './an-office.ts';

const aMandate = (deps: Deps, person: number, more: Partial<RegisterMandate> = {}): RegisterMandate => ({
  requestId: deps.newId(),
  personNumber: String(person).padStart(15, '0'),
  purpose: 'debit',
  bank: '9999',
  branch: '002',
  accountKind: 'ordinary',
  accountNumber: String(person).padStart(7, '0'),
  holderKana: 'メグロ タロウ',
  personKana: 'めぐろ　たろう',
  holderConfirmed: false,
  source: 'paper',
  fromOn: '2026-06-01',
  ...more,
});

test('002-ACC-F1, W19 登録: bank, branch, number, kind and holder are checked; a change ends the account before; twice is once', async () => {
  await using o = await anOffice();
  for (const [more, error] of [
    [{ bank: '9998' }, 'no-such-bank'],
    [{ branch: '999' }, 'no-such-branch'],
    [{ accountNumber: '123' }, 'not-7-digits'],
    [{ accountKind: 'savings' as const }, 'wrong-kind'],
    [{ holderKana: '目黒 太郎' }, 'holder-unwritable'],
    [{ holderKana: 'メグロ ハナコ' }, 'holder-differs'],
    [{ holderKana: 'メグロ ハナコ', purpose: 'refund' as const, holderConfirmed: true }, 'holder-differs'],
  ] as const)
    assert.deepEqual(await registerMandate(o.deps, clerk, aMandate(o.deps, 1, more)), { ok: false, error });
  const first = aMandate(o.deps, 1);
  const both = await Promise.all([1, 2].map(() => mustBeOk(registerMandate(o.deps, clerk, first))));
  assert.equal(both[0]!.mandateId, both[1]!.mandateId);
  assert.deepEqual(await registerMandate(o.deps, clerk, { ...first, accountNumber: '7654321' }), {
    ok: false,
    error: 'request-key-reused',
  });
  const second = await mustBeOk(registerMandate(o.deps, clerk, aMandate(o.deps, 1, { bank: '0001', branch: '001' })));
  const found = await mustBeOk(readMandates(o.deps, clerk, { personNumber: first.personNumber }));
  assert.deepEqual(found.map((m) => [m.bank, m.endReason]).sort(), [
    ['0001', null],
    ['9999', '口座変更'],
  ]);
  await mustBeOk(endMandate(o.deps, clerk, { mandateId: second.mandateId, reason: '本人の申出' }));
  assert.deepEqual(await endMandate(o.deps, clerk, { mandateId: second.mandateId, reason: 'x' }), {
    ok: false,
    error: 'already-ended',
  });
});

test('zengin §6.1 ゆうちょ銀行 記号番号: branch and number, refused where the check digit disagrees', () => {
  assert.deepEqual(fromPostalAccount('10520', '12345671'), { branch: '058', accountNumber: '1234567' });
  assert.deepEqual(fromPostalAccount('14030', '12345671'), { branch: '408', accountNumber: '1234567' });
  assert.equal(fromPostalAccount('10530', '12345671'), undefined);
  assert.equal(
    accountFault(banks, {
      purpose: 'debit',
      bank: '9900',
      branch: '058',
      accountKind: 'ordinary',
      accountNumber: '1234567',
    }),
    undefined,
  );
});

test('002-ACC-F3, 002-ACC-F4, W08 依頼は銀行ごと、結果は一度だけ帳簿へ: a strict bank; failed debits are listed; a second import is refused', async () => {
  await using o = await anOffice();
  const charges = [await o.w.charge(), await o.w.charge({ total: 30_000 }), await o.w.charge({ total: 20_000 })];
  for (const person of [1, 2]) await mustBeOk(registerMandate(o.deps, clerk, aMandate(o.deps, person)));
  await mustBeOk(registerMandate(o.deps, clerk, aMandate(o.deps, 3, { bank: '0001', branch: '001' })));
  const command = { batchId: o.deps.newId(), dueOn: '2026-06-30', debitOn: '2026-06-30' };
  assert.deepEqual(await prepareDebits(o.deps, clerk, { ...command, debitOn: '2026-06-28' }), {
    ok: false,
    error: 'not-a-bank-day',
  });
  assert.deepEqual(await mustBeOk(prepareDebits(o.deps, clerk, command)), { requests: 3, repeated: false });
  assert.deepEqual(await mustBeOk(prepareDebits(o.deps, clerk, command)), { requests: 3, repeated: true });
  const files = await mustBeOk(lookAtDebits(o.deps, clerk, {}));
  assert.deepEqual(
    files.map((f) => [f.bank, f.records]),
    [
      ['0001', 1],
      ['9999', 2],
    ],
  );
  const requests = new Map<string, Uint8Array>();
  for (const { bank } of files)
    requests.set(bank, (await mustBeOk(giveBankFile(o.deps, clerk, { batchId: command.batchId, bank }))).bytes);
  for (const actor of [o.t, o.w.t]) actor.deps.civilClock.set('2026-07-02');
  let paid = 0;
  for (const [bank, bytes] of requests) {
    await using book = await aBank(bank === '0001' ? { insufficient: 100 } : {});
    const result = await book.work(bytes);
    assert.deepEqual(await book.work(bytes), result);
    const cut: ResultTaken = await mustBeOk(takeBankResult(o.deps, clerk, result.subarray(0, 244)));
    assert.ok(!cut.taken && cut.faults[0]?.rule === 'Z02');
    const came: ResultTaken = await mustBeOk(takeBankResult(o.deps, clerk, bytes));
    assert.ok(!came.taken && came.faults[0]?.rule === 'Z07');
    const taken: ResultTaken = await mustBeOk(takeBankResult(o.deps, clerk, result));
    assert.ok(taken.taken);
    const again: ResultTaken = await mustBeOk(takeBankResult(o.deps, clerk, result));
    assert.ok(!again.taken && again.faults[0]?.rule === 'Z13');
    paid += await book.debitedYen();
  }
  const [cash] = await o.w.t.owner<{ yen: string }>(
    `select sum(amount_yen)::text as yen from collections.posting where ledger = 'cash'`,
  );
  assert.equal(Number(cash?.yen), paid);
  assert.equal(paid, 78_700);
  const failed = await mustBeOk(listFailed(o.deps, clerk, { batchId: command.batchId }));
  assert.deepEqual(
    failed.map((f) => [f.outcome, f.amountYen]),
    [['insufficient-funds', 20_000]],
  );
  assert.equal(charges.length, 3);
});

test('INC-27 issue 6 last year’s result, a changed amount, a foreign record and every kind of bad file are refused whole with place and rule, and the result is still awaited; a crash between the two systems debits nobody twice', async () => {
  await using o = await anOffice();
  await o.w.charge();
  await mustBeOk(registerMandate(o.deps, clerk, aMandate(o.deps, 1)));
  const command = { batchId: o.deps.newId(), dueOn: '2026-06-30', debitOn: '2026-06-30' };
  o.kill.next = true;
  await assert.rejects(prepareDebits(o.deps, clerk, command), /killed/);
  o.kill.next = false;
  assert.deepEqual(await mustBeOk(prepareDebits(o.deps, clerk, command)), { requests: 1, repeated: false });
  const { bytes } = await mustBeOk(giveBankFile(o.deps, clerk, { batchId: command.batchId, bank: '9999' }));
  await using book = await aBank();
  const result = await book.work(bytes);
  o.t.deps.civilClock.set('2026-07-02');
  o.w.at('2026-07-02');
  const edited = (at: number, text: string): Uint8Array => {
    const out = Buffer.from(result);
    out.write(text, at, 'latin1');
    return out;
  };
  const awaited = async () => (await mustBeOk(lookAtDebits(o.deps, clerk, {}))).map((f) => f.resultSha256);
  // Cut in half, a record too short, letters out of the set, another bank, a wrong total; what was never sent; yesterday; another collector.
  for (const [content, rule, row] of [
    [result.subarray(0, result.length >> 1), 'Z02', 2],
    [Buffer.concat([result.subarray(0, 240), result.subarray(241)]), 'Z01', 2],
    [edited(122 + 50, 'ヮ'), 'Z06', 2],
    [edited(122 + 50, 'a'), 'Z06', 2],
    [edited(58, '0001'), 'Z13', 1],
    [edited(122 + 1, '0001'), 'Z13', 2],
    [edited(244 + 18, '9'), 'Z07', 3],
    [edited(122 + 91, '99999999999999999999'), 'Z13', 2],
    [edited(122 + 43, '7777777'), 'Z13', 2],
    [edited(54, '0629'), 'Z13', 2],
    [edited(4, '9999999999'), 'Z13', 1],
  ] as const) {
    const done: ResultTaken = await mustBeOk(takeBankResult(o.deps, clerk, content));
    assert.ok(!done.taken, rule);
    assert.deepEqual([done.faults[0]?.rule, done.faults[0]?.row], [rule, row], JSON.stringify(done));
    assert.deepEqual(await awaited(), [null], 'its result is still awaited');
  }
  o.kill.next = true;
  await assert.rejects(takeBankResult(o.deps, clerk, result), /killed/);
  o.kill.next = false;
  const done = await mustBeOk(takeBankResult(o.deps, clerk, result));
  assert.ok(done.taken && done.paid === 1);
  assert.deepEqual(await o.w.t.owner('select count(*)::int as n from collections.payment_record'), [{ n: 1 }]);
  assert.deepEqual(
    await mustBeOk(prepareDebits(o.deps, clerk, { ...command, batchId: o.deps.newId(), debitOn: '2026-07-27' })),
    { requests: 0, repeated: false },
  );
});

test('002-ACC-F5, INC-41 還付の振込: each decided refund stands in one file and is paid once, whoever runs it how often', async () => {
  await using o = await anOffice();
  const a = await o.w.charge();
  await mustBeOk(registerMandate(o.deps, clerk, aMandate(o.deps, 1)));
  await mustBeOk(o.w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08'), byQr(a, '2026-06-08')]));
  const [over] = await o.w.t.owner<{ n: string }>('select overpayment_no::text as n from collections.overpayment');
  const propose = {
    overpaymentNo: Number(over!.n),
    cause: 'mistake',
    factOn: '2026-06-08',
    evidence: '収納データ',
  } as const;
  const { refundId } = await mustBeOk(proposeRefund(o.w.deps, collectionClerk, propose));
  await mustBeOk(decideRefund(o.w.deps, chief, { refundId, approve: true, reason: '' }));
  const batchId = o.deps.newId();
  assert.deepEqual(await mustBeOk(prepareTransfers(o.deps, clerk, { batchId, payOn: '2026-06-15' })), {
    records: 1,
    excluded: 0,
    withoutAccount: 0,
    sameAccount: 0,
  });
  assert.deepEqual(await prepareTransfers(o.deps, clerk, { batchId: o.deps.newId(), payOn: '2026-06-16' }), {
    ok: false,
    error: 'nothing-to-pay',
  });
  const { bytes } = await mustBeOk(giveTransferFile(o.deps, clerk, { batchId }));
  const read = await readTransferFile(bytes, 2026);
  assert.ok(read.ok);
  assert.deepEqual(
    read.value.transfers.map((t) => [t.amount, t.payee]),
    [[48_700, 'ﾒｸﾞﾛ ﾀﾛｳ']],
  );
  const note = { batchId, returned: [], on: '2026-06-15' };
  assert.deepEqual(await mustBeOk(noteTransferDay(o.deps, clerk, note)), { paid: 1, returned: 0 });
  assert.deepEqual(await mustBeOk(noteTransferDay(o.deps, clerk, note)), { paid: 0, returned: 0 });
  assert.deepEqual(
    await o.w.t.owner(`select sum(amount_yen)::int as yen from collections.posting where ledger = 'refund-payable'`),
    [{ yen: 0 }],
  );
});

test('design §2.7: every column of the system is declared', async () => {
  await using t = await testDatabase(schemas);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('accounts.')),
    [],
  );
});
