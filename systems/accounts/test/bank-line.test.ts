import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transferOutcome, wellBehaved } from '@musubi/banks/domain/manners.ts';
import { decideRefund, orderRefundAgain, proposeRefund } from '@musubi/collections/service/office/refunds.ts';
import { byQr, chief, clerk as collectionClerk, mustBeOk } from '@musubi/collections/test/a-town.ts';
import { fetchDebitResult, fetchTransferOutcomes, sendDebitFile, sendTransferFile } from '../service/bank-line.ts';
import { prepareDebits } from '../service/debits.ts';
import { type RegisterMandate, registerMandate } from '../service/mandates.ts';
import { prepareTransfers } from '../service/transfers.ts';
import { anOffice, clerk, type Office } from './an-office.ts';

const mandate = (o: Office, accountNumber: string, more: Partial<RegisterMandate> = {}): RegisterMandate => ({
  requestId: o.deps.newId(),
  personNumber: '000000000000001',
  purpose: 'debit',
  bank: '9999',
  branch: '002',
  accountKind: 'ordinary',
  accountNumber,
  holderKana: 'メグロ タロウ',
  personKana: 'メグロ タロウ',
  holderConfirmed: false,
  source: 'paper',
  fromOn: '2026-06-01',
  ...more,
});
const sum = async (o: Office, ledger: string): Promise<number> => {
  const [row] = await o.w.t.owner<{ yen: string }>(
    'select coalesce(sum(amount_yen), 0)::text as yen from collections.posting where ledger = $1',
    [ledger],
  );
  return Number(row!.yen);
};

test('002-ACC-F3, F4, W08 伝送: sent once however often, fetched from the day after, a spoilt result is refused and fetched again', async () => {
  await using o = await anOffice({ spoilt: 100 });
  await o.w.charge();
  await mustBeOk(registerMandate(o.deps, clerk, mandate(o, '0000001')));
  const batchId = o.deps.newId();
  await mustBeOk(prepareDebits(o.deps, clerk, { batchId, dueOn: '2026-06-30', debitOn: '2026-06-30' }));
  const file = { batchId, bank: '9999' };
  assert.deepEqual(await sendDebitFile(o.deps, clerk, { batchId, bank: '0001' }), { ok: false, error: 'no-line' });
  assert.deepEqual(await sendDebitFile(o.deps, clerk, { batchId: o.deps.newId(), bank: '9999' }), {
    ok: false,
    error: 'no-such-file',
  });
  o.kill.next = true;
  await assert.rejects(sendDebitFile(o.deps, clerk, file), /killed/);
  o.kill.next = false;
  const sent = await mustBeOk(sendDebitFile(o.deps, clerk, file));
  assert.ok(sent.taken && sent.repeated && sent.records === 1, 'the lost answer was not a second order');
  assert.deepEqual(await fetchDebitResult(o.deps, clerk, file), { ok: false, error: 'not-yet' });
  o.at('2026-07-01');
  const spoilt = await mustBeOk(fetchDebitResult(o.deps, clerk, file));
  assert.ok(!spoilt.taken);
  assert.equal(await sum(o, 'cash'), 0);
  const both = await Promise.all([1, 2].map(() => mustBeOk(fetchDebitResult(o.deps, clerk, file))));
  assert.ok(
    both.some((b) => b.taken),
    'of two at once one is taken, the other too or refused as a repeat',
  );
  assert.equal(await sum(o, 'cash'), 48_700);
  assert.equal(await o.bank.debitedYen(), 48_700);
});

test('002-ACC-F5 振込不能: what comes back re-opens the refund; it is ordered again under a new code, only to a corrected account, and paid once', async () => {
  const manners = { nameDiffers: 50 };
  const outcomeOf = (n: number) =>
    transferOutcome('test', { ...wellBehaved, ...manners }, `9999-002-${String(n).padStart(7, '0')}`);
  const numbers = Array.from({ length: 50 }, (_, i) => i + 1);
  const wrong = String(numbers.find((n) => outcomeOf(n) !== 'paid')).padStart(7, '0');
  const right = String(numbers.find((n) => outcomeOf(n) === 'paid')).padStart(7, '0');
  await using o = await anOffice(manners);
  const a = await o.w.charge();
  await mustBeOk(registerMandate(o.deps, clerk, mandate(o, wrong, { purpose: 'refund' })));
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
  const again = (reason = '口座番号の訂正の届出') => orderRefundAgain(o.w.deps, chief, { refundId, reason });
  assert.deepEqual(await again(), { ok: false, error: 'not-returned' });

  const pay = async (payOn: string) => {
    const batchId = o.deps.newId();
    await mustBeOk(prepareTransfers(o.deps, clerk, { batchId, payOn }));
    const sent = await mustBeOk(sendTransferFile(o.deps, clerk, { batchId }));
    assert.ok(sent.taken);
    assert.deepEqual(await fetchTransferOutcomes(o.deps, clerk, { batchId }), { ok: false, error: 'not-yet' });
    o.at(payOn);
    return mustBeOk(fetchTransferOutcomes(o.deps, clerk, { batchId }));
  };
  assert.deepEqual(await pay('2026-06-15'), { paid: 0, returned: 1 });
  assert.equal(await sum(o, 'refund-payable'), -48_700, 'the ward still owes it');
  assert.deepEqual(await again(' '), { ok: false, error: 'reason-missing' });
  const both = await Promise.all([again(), again()]);
  assert.deepEqual(both.map((b) => b.ok).sort(), [false, true], 'of two clerks one orders it again');

  // The account is still the one where the money came back from.
  assert.deepEqual(await prepareTransfers(o.deps, clerk, { batchId: o.deps.newId(), payOn: '2026-06-22' }), {
    ok: false,
    error: 'nothing-to-pay',
  });
  await mustBeOk(registerMandate(o.deps, clerk, mandate(o, right, { purpose: 'refund' })));
  assert.deepEqual(await pay('2026-06-22'), { paid: 1, returned: 0 });
  assert.equal(await sum(o, 'refund-payable'), 0);
  assert.equal(await sum(o, 'cash'), 48_700);
  assert.deepEqual(await again(), { ok: false, error: 'not-returned' });
  const reasons = await o.t.owner('select reason from accounts.transfer_outcome order by outcome');
  assert.deepEqual(reasons, [{ reason: null }, { reason: 'name-differs' }]);
});
