import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transferOutcome, wellBehaved } from '@musubi/banks/domain/manners.ts';
import { lookAtDebitResults, prepareDebitNotices } from '@musubi/collections/service/office/debit-notices.ts';
import { decideRefund, orderRefundAgain, proposeRefund } from '@musubi/collections/service/office/refunds.ts';
import { byQr, chief, clerk as collectionClerk, mustBeOk } from '@musubi/collections/test/a-town.ts';
import { readDebitFile, writeDebitFile } from '@musubi/contracts/zengin/direct-debit.ts';
import { readTransferFile } from '@musubi/contracts/zengin/transfer.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { publicMoney } from '../clients/public-money.ts';
import type { Deps } from '../deps.ts';
import { declineApplication, readApplications, registerApplication, takeApplication } from '../service/applications.ts';
import { fetchTransferOutcomes, sendDebitFile, sendTransferFile } from '../service/bank-line.ts';
import { noteBranchChange } from '../service/branches.ts';
import { giveBankFile, lookAtDebits, prepareDebits, takeBankResult } from '../service/debits.ts';
import { endMandate, type RegisterMandate, readMandates, registerMandate } from '../service/mandates.ts';
import { askPublicMoneyAccount, noteConsent } from '../service/public-money.ts';
import { giveTransferFile, prepareTransfers } from '../service/transfers.ts';
import { anOffice, banks, clerk, type Office } from './an-office.ts';

const person = (n: number): string => String(n).padStart(15, '0');
const mandate = (deps: Deps, n: number, more: Partial<RegisterMandate> = {}): RegisterMandate => ({
  requestId: deps.newId(),
  personNumber: person(n),
  purpose: 'debit',
  bank: '9999',
  branch: '002',
  accountKind: 'ordinary',
  accountNumber: String(n).padStart(7, '0'),
  holderKana: 'メグロ タロウ',
  personKana: 'メグロ タロウ',
  holderConfirmed: false,
  source: 'paper',
  fromOn: '2026-06-01',
  ...more,
});
const balances = async (o: Office): Promise<Readonly<Record<string, number>>> => {
  const rows = await o.w.t.owner<{ ledger: string; yen: string }>(
    'select ledger, sum(amount_yen)::text as yen from collections.posting group by ledger having sum(amount_yen) <> 0',
  );
  return Object.fromEntries(rows.map((r) => [r.ledger, Number(r.yen)]));
};

test('AC-24 口座振替の一巡: 1,000 instalments; 985 paid, 12 insufficient, 3 without account; 15 to slip and notice; a trailer off by 1 yen and a second import are refused whole', async () => {
  await using o = await anOffice();
  const due = 1_000;
  await o.w.charges(Array.from({ length: due }, (_, i) => ({ person: i + 1, total: 10_000 + (i + 1) * 100 })));
  await mustBeOk(registerMandate(o.deps, clerk, mandate(o.deps, 1)));
  // The others as they stand in the register, by the first one's pattern.
  await o.t.owner(
    `insert into accounts.mandate select gen_random_uuid(), gen_random_uuid(), lpad(n::text, 15, '0'), purpose, bank, branch, account_kind,
       lpad(n::text, 7, '0'), holder, source, from_on, registered_by, registered_at, event_id
       from accounts.mandate cross join generate_series(2, ${due}) as n`,
  );
  const batchId = o.deps.newId();
  const order = { dueOn: '2026-06-30', debitOn: '2026-06-30' };
  assert.equal((await mustBeOk(prepareDebits(o.deps, clerk, { batchId, ...order }))).requests, due);
  const { bytes } = await mustBeOk(giveBankFile(o.deps, clerk, { batchId, bank: '9999' }));
  const request = unwrap(await readDebitFile(bytes, 'request', Temporal.PlainDate.from('2026-06-30')));
  assert.equal(request.debits.length, due);
  const total = request.debits.reduce((all, d) => all + d.amount, 0);
  assert.equal(total, (due * 10_000 + ((due * (due + 1)) / 2) * 100) as number);
  const trailer = Buffer.from(bytes)
    .subarray((due + 1) * 122, (due + 2) * 122)
    .toString('latin1');
  assert.equal(trailer.slice(0, 19), `8${'001000'}${String(total).padStart(12, '0')}`);

  const outcomeOf = (i: number) => (i < 12 ? 'insufficient-funds' : i < 15 ? 'no-account' : 'paid');
  const result = writeDebitFile(
    { ...request, debits: request.debits.map((d, i) => ({ ...d, outcome: outcomeOf(i) })) },
    'result',
  );
  o.at('2026-07-02');
  const paidYen = request.debits.slice(15).reduce((all, d) => all + d.amount, 0);
  // 振替済金額 of the trailer: digits 26 to 37.
  const offByOne = Buffer.from(result);
  const at = (due + 1) * 122 + 25;
  assert.equal(offByOne.toString('latin1', at, at + 12), String(paidYen).padStart(12, '0'));
  offByOne.write(String(paidYen + 1).padStart(12, '0'), at, 'latin1');
  const refused = await mustBeOk(takeBankResult(o.deps, clerk, offByOne));
  assert.ok(!refused.taken && refused.faults.length > 0);
  assert.deepEqual(await o.w.t.owner('select count(*)::int as n from collections.payment_record'), [{ n: 0 }]);

  assert.deepEqual(await mustBeOk(takeBankResult(o.deps, clerk, result)), { taken: true, paid: 985, failed: 15 });
  const open = `select count(*)::int as n from collections.charge_state where ward_open + metropolitan_open + forest_open > 0`;
  assert.deepEqual(await o.w.t.owner(open), [{ n: 15 }]);
  assert.equal((await balances(o)).cash, paidYen);
  const before = await balances(o);
  const second = await mustBeOk(takeBankResult(o.deps, clerk, result));
  assert.ok(!second.taken && second.faults[0]?.rule === 'Z13', 'the second import is refused');
  assert.deepEqual(await balances(o), before);

  const [file] = await mustBeOk(lookAtDebitResults(o.w.deps, collectionClerk, {}));
  assert.deepEqual([file?.records, file?.failed, file?.slips], [1_000, 15, 0]);
  const fileId = file!.fileId;
  assert.deepEqual(await mustBeOk(prepareDebitNotices(o.w.deps, collectionClerk, { fileId })), {
    slips: 15,
    settled: 0,
    debitOpen: 0,
    before: 0,
  });
  const again = await mustBeOk(prepareDebitNotices(o.w.deps, collectionClerk, { fileId }));
  assert.deepEqual([again.slips, again.before], [0, 15]);
  o.at('2026-07-04');
  const [slip] = await o.w.t.owner<{ key: string; confirmation: string; yen: string }>(
    `select case_key as key, confirmation, amount_yen::text as yen from collections.slip where reason = $1 order by slip_no`,
    [`debit-failed:${fileId}`],
  );
  await mustBeOk(
    o.w.pay('common-tax', '2026-07-03', [
      { paidOn: '2026-07-02', amount: Number(slip!.yen), key: slip!.key, second: slip!.confirmation },
    ]),
  );
  assert.deepEqual(await o.w.t.owner(open), [{ n: 14 }]);

  // 再振替: who lacked the money is asked again, who has no account is not until another is registered.
  const next = { batchId: o.deps.newId(), dueOn: '2026-06-30', debitOn: '2026-07-27' };
  assert.equal((await mustBeOk(prepareDebits(o.deps, clerk, next))).requests, 11);
  const [dead] = await o.t.owner<{ n: string }>(
    `select person_number as n from accounts.debit_request join accounts.debit_outcome using (case_key) where outcome = 'no-account' limit 1`,
  );
  const [stopped] = await mustBeOk(readMandates(o.deps, clerk, { personNumber: dead!.n }));
  assert.equal(stopped?.stoppedBy, 'no-account');
  await mustBeOk(registerMandate(o.deps, clerk, { ...mandate(o.deps, Number(dead!.n)), accountNumber: '7654321' }));
  const third = { ...next, batchId: o.deps.newId(), debitOn: '2026-07-28' };
  assert.equal((await mustBeOk(prepareDebits(o.deps, clerk, third))).requests, 1);
});

/** The platform's answer about one person's public-money account; what was asked is kept. */
function aPlatform(items: Readonly<Record<string, string>> | undefined) {
  const asked: Record<string, unknown>[] = [];
  const peers = {
    call: async (_endpoint: unknown, _peer: string, _path: unknown, body: Record<string, unknown>) => {
      asked.push(body);
      return {
        ok: true,
        value: {
          inquiryNumber: '0198f2a0-0000-7000-8000-000000000001',
          result: items === undefined ? '10' : '00',
          items: items ?? {},
        },
      };
    },
  } as unknown as Parameters<typeof publicMoney>[0];
  return { asked, peers };
}
const row = {
  platform: 'meguro/common-platform',
  provider: 'government',
  procedure: 'MS2-048',
  informationCode: 'TKX-0090',
};

test('AC-25 過誤納: 30,000 lowered, 12,000 appropriated, 18,000 refunded after approval, to the registered account or the public-money account with agreement; what comes back re-opens it; the ledger is zero', async () => {
  const manners = { nameDiffers: 50 };
  const outcomeOf = (n: number) =>
    transferOutcome('test', { ...wellBehaved, ...manners }, `9999-002-${String(n).padStart(7, '0')}`);
  const numbers = Array.from({ length: 50 }, (_, i) => i + 1);
  const accountOf = (paid: boolean): string =>
    String(numbers.find((n) => (outcomeOf(n) === 'paid') === paid)).padStart(7, '0');
  await using o = await anOffice(manners);
  const paid = await o.w.charge({ person: 1, total: 80_000 });
  await o.w.charge({ person: 1, total: 12_000, dueOn: '2026-06-08', instalment: 2 });
  await mustBeOk(o.w.pay('common-tax', '2026-06-09', [byQr(paid, '2026-06-08')]));
  await o.w.change(paid, 50_000);
  const [over] = await o.w.t.owner<{ n: string; yen: string }>(
    'select overpayment_no::text as n, amount_yen::text as yen from collections.overpayment',
  );
  assert.equal(Number(over!.yen), 30_000);
  const { refundId } = await mustBeOk(
    proposeRefund(o.w.deps, collectionClerk, {
      overpaymentNo: Number(over!.n),
      cause: 'mistake',
      factOn: '2026-06-10',
      evidence: '減額の決定',
    }),
  );
  // Registered: the account that the money first comes back from.
  await mustBeOk(
    registerMandate(o.deps, clerk, mandate(o.deps, 1, { purpose: 'refund', accountNumber: accountOf(false) })),
  );
  const nothing = { ok: false, error: 'nothing-to-pay' };
  const early = { batchId: o.deps.newId(), payOn: '2026-06-15' };
  assert.deepEqual(await prepareTransfers(o.deps, clerk, early), nothing, 'nothing is paid before the approval');
  const own = await decideRefund(o.w.deps, collectionClerk, { refundId, approve: true, reason: '' });
  assert.deepEqual(own, { ok: false, error: 'approver-is-requester' });
  const decided = await mustBeOk(decideRefund(o.w.deps, chief, { refundId, approve: true, reason: '' }));
  assert.deepEqual(decided, { orderedYen: 18_000 });
  assert.deepEqual(
    await o.w.t.owner(
      `select -sum(p.amount_yen)::int as yen from collections.posting p join collections.entry e using (entry_no)
        where e.kind = 'appropriation' and p.ledger = 'receivable'`,
    ),
    [{ yen: 12_000 }],
  );

  const pay = async (payOn: string) => {
    const batchId = o.deps.newId();
    await mustBeOk(prepareTransfers(o.deps, clerk, { batchId, payOn }));
    const { bytes } = await mustBeOk(giveTransferFile(o.deps, clerk, { batchId }));
    await mustBeOk(sendTransferFile(o.deps, clerk, { batchId }));
    o.at(payOn);
    const done = await mustBeOk(fetchTransferOutcomes(o.deps, clerk, { batchId }));
    return { ...done, to: unwrap(await readTransferFile(bytes, 2026)).transfers };
  };
  const first = await pay('2026-06-15');
  assert.deepEqual([first.paid, first.returned], [0, 1]);
  assert.deepEqual(
    first.to.map((t) => [t.amount, t.accountNumber]),
    [[18_000, accountOf(false)]],
  );
  assert.equal((await balances(o))['refund-payable'], -18_000, 'the refund is open again');
  await mustBeOk(orderRefundAgain(o.w.deps, chief, { refundId, reason: '口座名義相違のため公金受取口座へ' }));

  const told = {
    金融機関コード: '9999',
    支店コード: '002',
    預金種目: '普通',
    口座番号: accountOf(true),
    口座名義カナ: 'メグロ タロウ',
  };
  const platform = aPlatform(told);
  const deps: Deps = { ...o.deps, publicMoney: publicMoney(platform.peers, row, () => o.deps.civilClock.today()) };
  const ask = { requestId: o.deps.newId(), personNumber: person(1), personKana: 'メグロ タロウ' };
  assert.deepEqual(await askPublicMoneyAccount(o.deps, clerk, ask), { ok: false, error: 'not-offered' });
  assert.deepEqual(await askPublicMoneyAccount(deps, clerk, ask), { ok: false, error: 'not-agreed' });
  assert.equal(platform.asked.length, 0, 'without the agreement nobody is asked');
  const consent = {
    consentId: o.deps.newId(),
    personNumber: person(1),
    agreedOn: '2026-06-16',
    evidence: '還付請求書',
  };
  assert.deepEqual(await noteConsent(deps, clerk, consent), { ok: false, error: 'in-the-future' });
  await mustBeOk(noteConsent(deps, clerk, { ...consent, agreedOn: '2026-06-15' }));
  // Another's name, or none registered: nothing is taken over.
  const others = aPlatform({ ...told, 口座名義カナ: 'メグロ ハナコ' });
  const notOwn = { ...deps, publicMoney: publicMoney(others.peers, row, () => o.deps.civilClock.today()) };
  assert.deepEqual(await askPublicMoneyAccount(notOwn, clerk, { ...ask, requestId: o.deps.newId() }), {
    ok: false,
    error: 'holder-differs',
  });
  const none = { ...deps, publicMoney: publicMoney(aPlatform(undefined).peers, row, () => o.deps.civilClock.today()) };
  assert.deepEqual(await askPublicMoneyAccount(none, clerk, { ...ask, requestId: o.deps.newId() }), {
    ok: false,
    error: 'no-account-known',
  });
  const got = await mustBeOk(askPublicMoneyAccount(deps, clerk, ask));
  assert.deepEqual(await mustBeOk(askPublicMoneyAccount(deps, clerk, ask)), got, 'twice is once');
  assert.equal(platform.asked.length, 1);
  assert.deepEqual(platform.asked[0]?.asker, {
    system: 'accounts',
    staffId: clerk.staffId,
    caseReference: `refund-account ${ask.requestId}`,
  });

  const second = await pay('2026-06-22');
  assert.deepEqual([second.paid, second.returned], [1, 0]);
  assert.deepEqual(
    second.to.map((t) => [t.amount, t.accountNumber]),
    [[18_000, accountOf(true)]],
  );
  // 80,000 came, 18,000 went back; 62,000 were owed. Every other ledger is empty and the sum is zero.
  assert.deepEqual(await balances(o), { cash: 62_000, levy: -62_000 });
});

test('002-ACC-F2 口座情報照会: accounts in force and before, with who, when and why; a merged branch is followed and both codes are kept', async () => {
  await using o = await anOffice();
  await o.w.charge({ person: 1 });
  await o.w.charge({ person: 1, dueOn: '2026-08-31', instalment: 2 });
  const first = await mustBeOk(registerMandate(o.deps, clerk, mandate(o.deps, 1)));
  await mustBeOk(endMandate(o.deps, clerk, { mandateId: first.mandateId, reason: '本人の申出' }));
  await mustBeOk(
    registerMandate(o.deps, clerk, mandate(o.deps, 1, { accountNumber: '0000009', fromOn: '2026-06-10' })),
  );
  const early = { batchId: o.deps.newId(), dueOn: '2026-06-30', debitOn: '2026-06-30' };
  await mustBeOk(prepareDebits(o.deps, clerk, early));

  const change = {
    changeId: o.deps.newId(),
    oldBank: '9999',
    oldBranch: '002',
    newBank: '9999',
    newBranch: '003',
    fromOn: '2026-07-01',
    source: '金融機関の通知 令和8年5月20日',
  };
  for (const [more, error] of [
    [{ newBranch: '999' }, 'no-such-branch'],
    [{ newBranch: '002' }, 'same-branch'],
    [{ oldBranch: '2' }, 'unreadable-code'],
    [{ source: ' ' }, 'source-missing'],
  ] as const)
    assert.deepEqual(await noteBranchChange(o.deps, clerk, { ...change, ...more }), { ok: false, error });
  assert.deepEqual(await mustBeOk(noteBranchChange(o.deps, clerk, change)), { repeated: false });
  assert.deepEqual(await mustBeOk(noteBranchChange(o.deps, clerk, change)), { repeated: true });
  assert.deepEqual(await noteBranchChange(o.deps, clerk, { ...change, changeId: o.deps.newId() }), {
    ok: false,
    error: 'already-replaced',
  });
  const back = { ...change, changeId: o.deps.newId(), oldBranch: '003', newBranch: '002', fromOn: '2026-08-01' };
  assert.deepEqual(await noteBranchChange(o.deps, clerk, back), { ok: false, error: 'comes-back' });

  const seen = async () =>
    (await mustBeOk(readMandates(o.deps, clerk, { personNumber: person(1) }))).map((m) => [
      m.branch,
      m.branchNow,
      m.accountNumber,
      m.registeredBy,
      m.endReason,
    ]);
  assert.deepEqual(await seen(), [
    ['002', '002', '0000009', clerk.staffId, null],
    ['002', '002', '0000001', clerk.staffId, '本人の申出'],
  ]);
  o.at('2026-07-02');
  assert.equal((await seen())[0]?.[1], '003');
  assert.deepEqual(await registerMandate(o.deps, clerk, mandate(o.deps, 2)), { ok: false, error: 'branch-replaced' });
  const late = { batchId: o.deps.newId(), dueOn: '2026-08-31', debitOn: '2026-08-31' };
  await mustBeOk(prepareDebits(o.deps, clerk, late));
  const branchOf = async (batchId: string): Promise<string | undefined> => {
    const { bytes } = await mustBeOk(giveBankFile(o.deps, clerk, { batchId, bank: '9999' }));
    return unwrap(await readDebitFile(bytes, 'request', Temporal.PlainDate.from('2026-08-31'))).debits[0]?.branch;
  };
  assert.equal(await branchOf(late.batchId), '003', 'what is asked after the day goes to the new branch');
  // What stands in the file that was made before stays what was sent.
  const [sent] = await o.t.owner('select branch from accounts.debit_request where batch_id = $1', [early.batchId]);
  assert.deepEqual(sent, { branch: '002' });
  assert.equal((await mustBeOk(lookAtDebits(o.deps, clerk, {}))).length, 2);
});

test('INC-26 再送: one file of eight sent again leaves the other seven in force; last month’s file is not given out; the set at the banks is the set that was approved', async () => {
  await using o = await anOffice();
  const codes = Array.from({ length: 300 }, (_, i) => String(i + 1).padStart(4, '0'))
    .filter((code) => banks.find(code, '001') !== undefined)
    .slice(0, 7);
  codes.push('9999');
  assert.equal(codes.length, 8);
  const deps: Deps = { ...o.deps, line: { ...o.deps.line, has: () => true } };
  for (const [i, bank] of codes.entries()) {
    await o.w.charge({ person: i + 1, total: 10_000 + i });
    await o.w.charge({ person: i + 1, total: 20_000 + i, dueOn: '2026-08-31', instalment: 2 });
    await mustBeOk(registerMandate(deps, clerk, mandate(deps, i + 1, { bank, branch: '001' })));
  }
  const march = { batchId: deps.newId(), dueOn: '2026-06-30', debitOn: '2026-06-30' };
  await mustBeOk(prepareDebits(deps, clerk, march));
  o.at('2026-08-20');
  const may = { batchId: deps.newId(), dueOn: '2026-08-31', debitOn: '2026-08-31' };
  await mustBeOk(prepareDebits(deps, clerk, may));
  const past = { ok: false, error: 'past-generation' };
  for (const bank of codes) {
    assert.deepEqual(await giveBankFile(deps, clerk, { batchId: march.batchId, bank }), past);
    assert.deepEqual(await sendDebitFile(deps, clerk, { batchId: march.batchId, bank }), past);
  }
  for (const [i, bank] of codes.entries()) {
    // The answer to the fourth is lost; it is sent again alone.
    o.kill.next = i === 3;
    const send = sendDebitFile(deps, clerk, { batchId: may.batchId, bank });
    if (i === 3) await assert.rejects(send, /killed/);
    else assert.ok((await mustBeOk(send)).taken);
    o.kill.next = false;
  }
  const waiting = (await mustBeOk(lookAtDebits(deps, clerk, {}))).filter((f) => f.batchId === may.batchId && !f.sent);
  assert.deepEqual(
    waiting.map((f) => f.bank),
    [codes[3]],
    'the page names the one whose answer is missing',
  );
  const again = await mustBeOk(sendDebitFile(deps, clerk, { batchId: may.batchId, bank: codes[3]! }));
  assert.ok(again.taken && again.repeated);
  const effective = await o.bank.t.owner(
    'select customer_number as key, amount_yen::int as yen from banks.debit order by 1',
  );
  const intended = await o.t.owner(
    'select case_key as key, amount_yen::int as yen from accounts.debit_request where batch_id = $1 order by 1',
    [may.batchId],
  );
  assert.equal(intended.length, 8);
  assert.deepEqual(effective, intended);
});

test('002-ACC-F1, W19 電子申請: a card holder’s application waits for a clerk, is registered once under the checks of any account, or declined with a reason; an unreadable one is not lost', async () => {
  await using o = await anOffice();
  const platform = { kind: 'system', organisation: 'meguro', system: 'common-platform', certificate: 'c' } as const;
  const apply = async (fields: Readonly<Record<string, string>>, orgPersonNumber: string | null) => {
    const receiptNumber = o.deps.newId();
    const content = {
      v: 1,
      receiptNumber,
      organisation: 'meguro',
      procedure: 'ACC-101',
      formVersion: '2026-04',
      applicant: { name: '目黒　太郎', birthDate: '1980-04-01', sex: 'male', address: '東京都目黒区上目黒二丁目' },
      fields,
      at: '2026-06-10T00:00:00Z',
    };
    const message = {
      receiptNumber,
      procedure: 'ACC-101',
      formVersion: '2026-04',
      content: JSON.stringify(content),
      certificateSerial: '1f',
      orgPersonNumber,
      acceptedAt: '2026-06-10T00:00:00Z',
    };
    const take = () => takeApplication(o.deps, platform, { message } as Parameters<typeof takeApplication>[2]);
    return { receiptNumber, message, take };
  };
  const account = {
    使いみち: '振替',
    金融機関コード: '９９９９',
    支店コード: '002',
    預金種目: '普通',
    口座番号: '0000001',
    口座名義: 'メグロ タロウ',
  };
  const good = await apply(account, person(1));
  assert.deepEqual(await mustBeOk(good.take()), { repeated: false });
  assert.deepEqual(await mustBeOk(good.take()), { repeated: true });
  const cut = { ...good.message, content: good.message.content.slice(0, 40) };
  assert.deepEqual(await takeApplication(o.deps, platform, { message: cut } as Parameters<typeof takeApplication>[2]), {
    ok: false,
    error: 'unreadable-content',
  });
  const nobody = await apply({ ...account, 支店コード: '999' }, null);
  const odd = await apply({ ...account, 口座番号: '12' }, person(2));
  for (const a of [nobody, odd]) await mustBeOk(a.take());
  const waiting = async () =>
    (await mustBeOk(readApplications(o.deps, clerk, {}))).map((a) => [a.personNumber, a.fault]);
  assert.deepEqual(await waiting(), [
    [person(1), null],
    [null, null],
    [person(2), 'unreadable:口座番号'],
  ]);
  const register = (receiptNumber: string, more: { personNumber?: string; personKana?: string } = {}) =>
    registerApplication(o.deps, clerk, { receiptNumber, personNumber: '', personKana: 'メグロ タロウ', ...more });
  const word = async (done: ReturnType<typeof register>): Promise<string> => {
    const result = await done;
    return result.ok ? 'ok' : result.error;
  };
  assert.equal(await word(register(good.receiptNumber, { personKana: 'メグロ ハナコ' })), 'holder-differs');
  assert.equal(await word(register(good.receiptNumber, { personNumber: person(9) })), 'other-person');
  assert.equal(await word(register(nobody.receiptNumber)), 'person-missing');
  assert.equal(await word(register(nobody.receiptNumber, { personNumber: person(3) })), 'no-such-branch');
  assert.equal(await word(register(odd.receiptNumber)), 'unreadable-form');
  const both = await Promise.all([1, 2].map(() => word(register(good.receiptNumber))));
  assert.ok(both.includes('ok') && both.every((w) => w === 'ok' || w === 'already-decided'));
  const [mandateOf] = await mustBeOk(readMandates(o.deps, clerk, { personNumber: person(1) }));
  assert.deepEqual([mandateOf?.source, mandateOf?.bank, mandateOf?.endedOn], ['portal', '9999', null]);
  const decline = (reason: string) => declineApplication(o.deps, clerk, { receiptNumber: odd.receiptNumber, reason });
  assert.deepEqual(await decline(' '), { ok: false, error: 'reason-missing' });
  await mustBeOk(decline('口座番号が7桁ではない'));
  assert.deepEqual(await decline('再度'), { ok: false, error: 'already-decided' });
  assert.deepEqual(await waiting(), [[null, null]]);
  // Each end was told to the platform once, and it tells the portal: 完了 and 受け付けられませんでした.
  assert.deepEqual(
    o.told.map(({ receiver, family, message }) => [receiver, family.name, message]),
    [
      [
        'meguro/common-platform',
        'platform.application-outcome',
        { receiptNumber: good.receiptNumber, outcome: 'completed' },
      ],
      [
        'meguro/common-platform',
        'platform.application-outcome',
        { receiptNumber: odd.receiptNumber, outcome: 'declined' },
      ],
    ],
  );
});
