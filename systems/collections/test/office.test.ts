import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { orderDebits, takeDebitResults } from '../service/files/debits.ts';
import { closeYear, endHolding, holdCharge, listEndingClaims, writeOff } from '../service/office/arrears.ts';
import { fixInterest } from '../service/office/fix-interest.ts';
import { correctPosting, listSuspense, matchSuspense, showSuspense } from '../service/office/match-suspense.ts';
import { exportJournal, readAccount, readOpenAsOf } from '../service/office/read-accounts.ts';
import { decideRefund, noteRefundOutcome, proposeRefund } from '../service/office/refunds.ts';
import { makeReminders, postReminders, releaseReminders } from '../service/office/reminders.ts';
import { reissueSlip } from '../service/office/slips.ts';
import { aTown, atStore, byQr, chief, clerk, mustBeOk, type Town } from './a-town.ts';

const differs = `select count(*)::int as n from collections.charge_state s full join collections.state_from_books b using (charge_id)
  where (s.ward_open, s.metropolitan_open, s.forest_open, s.fee_open, s.interest_open)
    is distinct from (coalesce(b.ward_open,0), coalesce(b.metropolitan_open,0), coalesce(b.forest_open,0), coalesce(b.fee_open,0), coalesce(b.interest_open,0))`;
const balanced = async (w: Town): Promise<void> => {
  assert.deepEqual(await w.t.owner(differs), [{ n: 0 }]);
  assert.deepEqual(await w.t.owner('select coalesce(sum(amount_yen), 0)::int as yen from collections.posting'), [
    { yen: 0 },
  ]);
};
const openOf = async (w: Town, chargeId: string): Promise<number> => {
  const [row] = await w.t.owner<{ yen: number }>(
    'select (ward_open + metropolitan_open + forest_open + fee_open + interest_open)::int as yen from collections.charge_state where charge_id = $1',
    [chargeId],
  );
  return row!.yen;
};

test('INC-37, W20 仮受: the clerk sees ranked candidates with reasons and decides; of two clerks one does it', async () => {
  await using w = await aTown();
  const a = await w.charge();
  await w.charge({ total: 12_000 });
  await mustBeOk(
    w.pay('common-tax', '2026-06-09', [{ ...byQr(a, '2026-06-08'), key: `${a.slip!.caseKey.slice(0, 19)}9` }]),
  );
  const list = await mustBeOk(listSuspense(w.deps, clerk, { offset: 0, limit: 10 }));
  assert.deepEqual([list.receipts, list.yen], [1, 48_700]);
  const { receiptNo } = list.rows[0]!;
  const shown = await mustBeOk(showSuspense(w.deps, clerk, { receiptNo }));
  assert.equal(shown.candidates[0]?.chargeId, a.chargeId);
  assert.ok(shown.candidates[0]?.because.includes('未納額と同額'));
  assert.equal(await openOf(w, a.chargeId), 48_700);
  const both = await Promise.all(
    [clerk, chief].map((actor) =>
      matchSuspense(w.deps, actor, { receiptNo, chargeId: a.chargeId, reason: '領収書の写しで確認' }),
    ),
  );
  assert.deepEqual(both.map((r) => (r.ok ? 'ok' : r.error)).sort(), ['no-such-receipt', 'ok']);
  assert.equal(await openOf(w, a.chargeId), 0);
  await balanced(w);
});

test('INC-40 訂正: reversal and new posting stand in one commit; a second correction moves it again; the books agree', async () => {
  await using w = await aTown();
  const [a, b] = [await w.charge(), await w.charge({ total: 20_000 })];
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08')]));
  const [row] = await w.t.owner<{ n: string }>('select receipt_no::text as n from collections.payment_record');
  const receiptNo = Number(row!.n);
  const moved = await mustBeOk(
    correctPosting(w.deps, clerk, { receiptNo, chargeId: b.chargeId, reason: '納付書の取違え' }),
  );
  assert.deepEqual(moved, { allocated: 20_000, overpaid: 28_700 });
  assert.deepEqual([await openOf(w, a.chargeId), await openOf(w, b.chargeId)], [48_700, 0]);
  await balanced(w);
  assert.deepEqual(await correctPosting(w.deps, clerk, { receiptNo, chargeId: a.chargeId, reason: 'x' }), {
    ok: false,
    error: 'has-overpayment',
  });
  assert.deepEqual(await correctPosting(w.deps, clerk, { receiptNo, chargeId: a.chargeId, reason: ' ' }), {
    ok: false,
    error: 'reason-missing',
  });
});

test('INC-36, INC-38 督促: while one file is missing no letter is made and the run names it; with all files only who did not pay gets one', async () => {
  await using w = await aTown();
  const [paid, unpaid, preliminary, suspense, early] = [
    await w.charge(),
    await w.charge({ total: 30_000 }),
    await w.charge({ total: 31_000 }),
    await w.charge({ total: 32_000 }),
    await w.charge({ total: 33_000, dueOn: '2026-08-31', instalment: 2 }),
  ];
  w.at('2026-07-20');
  const late = (channel: string, day: string) => channel === 'convenience' && day === '2026-07-10';
  await w.quiet(
    '2026-06-01',
    '2026-07-15',
    (channel, day) => late(channel, day) || (channel === 'common-tax' && day === '2026-07-01'),
  );
  await mustBeOk(
    w.pay('common-tax', '2026-07-01', [
      byQr(paid, '2026-06-30'),
      { ...byQr(suspense, '2026-06-30'), key: '99999999999999999999' },
    ]),
  );
  const runId = w.deps.newId();
  const blocked = await mustBeOk(makeReminders(w.deps, clerk, { runId, paidUntil: '2026-07-10' }));
  assert.ok(!blocked.made);
  assert.deepEqual(blocked.missing, ['コンビニ収納（agency-1） 7/10']);
  assert.equal(w.t.events.at(-1)?.event, 'reminder-run.blocked');
  await mustBeOk(w.pay('convenience', '2026-07-10', [atStore(preliminary, '2026-07-10', 'preliminary')]));
  const made = await mustBeOk(makeReminders(w.deps, clerk, { runId, paidUntil: '2026-07-10' }));
  assert.ok(made.made);
  assert.deepEqual(made.keptBack, { 'preliminary-receipt': 1, 'candidate-in-suspense': 1 });
  assert.deepEqual(await w.t.owner('select charge_id as id from collections.reminder_letter'), [
    { id: unpaid.chargeId },
  ]);
  const again = await mustBeOk(makeReminders(w.deps, clerk, { runId, paidUntil: '2026-07-10' }));
  assert.ok(again.made && again.letters === 1);
  const other = await mustBeOk(makeReminders(w.deps, clerk, { runId: w.deps.newId(), paidUntil: '2026-07-10' }));
  assert.ok(other.made && other.letters === 0 && other.keptBack['already-reminded'] === 1);
  assert.equal(await openOf(w, early.chargeId), 33_000);
  assert.deepEqual(await makeReminders(w.deps, clerk, { runId: w.deps.newId(), paidUntil: '2026-07-20' }), {
    ok: false,
    error: 'cut-off-not-past',
  });
});

test('INC-36 without any schedule of files nothing is known to be complete: no reminder is made', async () => {
  await using w = await aTown();
  await w.charge();
  w.at('2026-07-20');
  const unscheduled = { ...w.deps, schedules: [] };
  const run = await mustBeOk(makeReminders(unscheduled, clerk, { runId: w.deps.newId(), paidUntil: '2026-07-10' }));
  assert.deepEqual(run, { made: false, missing: ['収納データの提出予定が登録されていません'] });
});

test('INC-36 a receipt that comes between making and releasing, or between print and post, pulls its letter', async () => {
  await using w = await aTown();
  const [first, second, third] = [
    await w.charge({ total: 30_000 }),
    await w.charge({ total: 31_000 }),
    await w.charge({ total: 32_000 }),
  ];
  w.at('2026-07-20');
  await w.quiet('2026-06-25', '2026-07-15');
  const runId = w.deps.newId();
  const made = await mustBeOk(makeReminders(w.deps, clerk, { runId, paidUntil: '2026-07-10' }));
  assert.ok(made.made && made.letters === 3);
  await mustBeOk(w.pay('common-tax', '2026-07-16', [byQr(first, '2026-07-16')]));
  const released = await mustBeOk(releaseReminders(w.deps, chief, { runId }));
  assert.deepEqual(released, { made: true, forward: 2, withdrawn: { 'nothing-open': 1 } });
  await mustBeOk(w.pay('convenience', '2026-07-16', [atStore(second, '2026-07-16', 'preliminary')]));
  const posted = await mustBeOk(postReminders({ ...w.deps, reminderFeeYen: 100 }, chief, { runId }));
  assert.deepEqual(posted, { made: true, forward: 1, withdrawn: { 'preliminary-receipt': 1 } });
  assert.equal(await openOf(w, third.chargeId), 32_100);
  const repeated = await mustBeOk(postReminders(w.deps, chief, { runId }));
  assert.deepEqual(repeated, { made: true, forward: 0, withdrawn: {} });
  await balanced(w);
});

test('地方税法326条 延滞金の確定: paid late, interest stands in the books once, by the days on which it was paid', async () => {
  await using w = await aTown();
  const a = await w.charge({ total: 56_400, dueOn: '2026-02-02' });
  const [inTime] = [await w.charge()];
  w.at('2026-06-10');
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-05-29'), byQr(inTime!, '2026-06-09')]));
  assert.deepEqual(await mustBeOk(fixInterest(w.deps, clerk, { limit: 100 })), { fixed: 1, yen: 1_300 });
  assert.deepEqual(await mustBeOk(fixInterest(w.deps, clerk, { limit: 100 })), { fixed: 0, yen: 0 });
  assert.equal(await openOf(w, a.chargeId), 1_300);
  const slip = await mustBeOk(
    reissueSlip(w.deps, clerk, { chargeId: a.chargeId, payableUntil: '2026-07-31', reason: '延滞金' }),
  );
  assert.deepEqual([slip.amountYen, slip.issue], [1_300, 1]);
  await mustBeOk(
    w.pay('common-tax', '2026-06-10', [
      { paidOn: '2026-06-10', amount: 1_300, key: slip.caseKey, second: slip.confirmation },
    ]),
  );
  assert.equal(await openOf(w, a.chargeId), 0);
  await balanced(w);
});

test('002-COL-F3, INC-41 還付: paid twice, proposed by one, decided by another, appropriated first, ordered and paid once', async () => {
  await using w = await aTown();
  const a = await w.charge({ person: 7 });
  const arrears = await w.charge({ person: 7, total: 10_000, dueOn: '2026-06-01', instalment: 5 });
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08'), byQr(a, '2026-06-09')]));
  const [over] = await w.t.owner<{ n: string }>('select overpayment_no::text as n from collections.overpayment');
  const overpaymentNo = Number(over!.n);
  const propose = {
    overpaymentNo,
    cause: 'mistake',
    factOn: '2026-06-09',
    evidence: '収納データ 2026-06-09 3行目',
  } as const;
  assert.deepEqual(await proposeRefund(w.deps, clerk, { ...propose, evidence: '' }), {
    ok: false,
    error: 'evidence-missing',
  });
  const both = await Promise.all([clerk, chief].map((actor) => proposeRefund(w.deps, actor, propose)));
  const given = both.filter((r) => r.ok);
  assert.equal(given.length, 1);
  const refund = given[0]!;
  assert.ok(refund.ok);
  const { refundId } = refund.value;
  const proposer = both[0]!.ok ? clerk : chief;
  const other = both[0]!.ok ? chief : clerk;
  assert.deepEqual(await decideRefund(w.deps, proposer, { refundId, approve: true, reason: '' }), {
    ok: false,
    error: 'approver-is-requester',
  });
  const decided = await Promise.all(
    [1, 2].map(() => decideRefund(w.deps, other, { refundId, approve: true, reason: '' })),
  );
  assert.deepEqual(decided.map((r) => (r.ok ? r.value.orderedYen : r.error)).sort(), [38_700, 'already-decided']);
  assert.equal(await openOf(w, arrears.chargeId), 0);
  assert.deepEqual(await proposeRefund(w.deps, clerk, propose), { ok: false, error: 'already-ordered' });
  const [order] = await w.t.owner<{ code: string }>('select customer_code as code from collections.refund_order');
  const outcome = { customerCode: order!.code, outcome: 'paid', on: '2026-06-20' } as const;
  assert.deepEqual(await mustBeOk(noteRefundOutcome(w.deps, clerk, outcome)), { repeated: false });
  assert.deepEqual(await mustBeOk(noteRefundOutcome(w.deps, clerk, outcome)), { repeated: true });
  assert.deepEqual(await noteRefundOutcome(w.deps, clerk, { ...outcome, outcome: 'returned' }), {
    ok: false,
    error: 'other-outcome',
  });
  assert.deepEqual(
    await w.t.owner(
      `select ledger, sum(amount_yen)::int as yen from collections.posting group by ledger having sum(amount_yen) <> 0 order by ledger`,
    ),
    [
      { ledger: 'cash', yen: 58_700 },
      { ledger: 'levy', yen: -58_700 },
    ],
  );
  await balanced(w);
});

test('002-COL-F3 a refund whose ground has changed since (arrears paid meanwhile) goes back; a returned one can be proposed anew', async () => {
  await using w = await aTown();
  const a = await w.charge({ person: 7 });
  const arrears = await w.charge({ person: 7, total: 10_000, dueOn: '2026-06-01', instalment: 5 });
  await mustBeOk(w.pay('common-tax', '2026-06-08', [byQr(a, '2026-06-08'), byQr(a, '2026-06-08')]));
  const [over] = await w.t.owner<{ n: string }>('select overpayment_no::text as n from collections.overpayment');
  const propose = {
    overpaymentNo: Number(over!.n),
    cause: 'mistake',
    factOn: '2026-06-08',
    evidence: '収納データ',
  } as const;
  const { refundId } = await mustBeOk(proposeRefund(w.deps, clerk, propose));
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(arrears, '2026-06-09')]));
  assert.deepEqual(await decideRefund(w.deps, chief, { refundId, approve: true, reason: '' }), {
    ok: false,
    error: 'changed-since',
  });
  assert.deepEqual(await decideRefund(w.deps, chief, { refundId, approve: false, reason: '' }), {
    ok: false,
    error: 'reason-missing',
  });
  await mustBeOk(decideRefund(w.deps, chief, { refundId, approve: false, reason: '充当先が納付済み' }));
  const next = await mustBeOk(proposeRefund(w.deps, clerk, propose));
  assert.deepEqual(
    await mustBeOk(decideRefund(w.deps, chief, { refundId: next.refundId, approve: true, reason: '' })),
    { orderedYen: 48_700 },
  );
  await balanced(w);
});

test('地方税法15条, 15条の7, 18条 猶予, 執行停止, 時効, 不納欠損', async () => {
  await using w = await aTown();
  const a = await w.charge({ total: 90_500, dueOn: '2020-06-30', fiscalYear: 2020 });
  const b = await w.charge({ total: 9_000 });
  const held = await mustBeOk(
    holdCharge(w.deps, clerk, {
      chargeId: b.chargeId,
      kind: 'instalment-agreement',
      fromOn: '2026-07-31',
      untilOn: null,
      reason: '分納誓約',
      months: 3,
    }),
  );
  assert.deepEqual(
    held.plan.map((p) => p.yen),
    [3_000, 3_000, 3_000],
  );
  await mustBeOk(endHolding(w.deps, clerk, { holdId: held.holdId, reason: '不履行' }));
  assert.deepEqual(await endHolding(w.deps, clerk, { holdId: held.holdId, reason: '不履行' }), {
    ok: false,
    error: 'no-such-hold',
  });
  assert.deepEqual(await writeOff(w.deps, chief, { chargeId: b.chargeId, cause: 'prescription' }), {
    ok: false,
    error: 'not-prescribed',
  });
  assert.deepEqual(await writeOff(w.deps, chief, { chargeId: b.chargeId, cause: 'execution-stopped-three-years' }), {
    ok: false,
    error: 'not-three-years',
  });
  assert.deepEqual(await mustBeOk(writeOff(w.deps, chief, { chargeId: a.chargeId, cause: 'prescription' })), {
    yen: 90_500,
  });
  assert.deepEqual(await writeOff(w.deps, chief, { chargeId: a.chargeId, cause: 'prescription' }), {
    ok: false,
    error: 'nothing-open',
  });
  // 執行停止: on a ground of the law, nobody is reminded, and after three years the claim is gone.
  const stop = { chargeId: b.chargeId, kind: 'execution-stopped', fromOn: '2026-06-15', reason: '財産調査' } as const;
  for (const [more, error] of [
    [{ untilOn: null }, 'ground-missing'],
    [{ untilOn: '2027-06-15', ground: 'livelihood' }, 'no-end-of-stop'],
  ] as const)
    assert.deepEqual(await holdCharge(w.deps, clerk, { ...stop, ...more }), { ok: false, error });
  await mustBeOk(holdCharge(w.deps, clerk, { ...stop, untilOn: null, ground: 'livelihood' }));
  const endAtOnce = { chargeId: b.chargeId, cause: 'extinguished-at-once' } as const;
  assert.deepEqual(await writeOff(w.deps, chief, endAtOnce), { ok: false, error: 'not-stopped' });
  const ending = async () =>
    (await mustBeOk(listEndingClaims(w.deps, chief, { withinDays: 90, offset: 0, limit: 50 }))).rows;
  w.at('2029-03-16');
  assert.deepEqual(await ending(), []);
  w.at('2029-03-17');
  assert.deepEqual(
    (await ending()).map((r) => [r.chargeId, r.stopEndsOn, r.prescribesOn, r.openYen]),
    [[b.chargeId, '2029-06-15', '2031-06-30', 9_000]],
  );
  const third = { chargeId: b.chargeId, cause: 'execution-stopped-three-years' } as const;
  w.at('2029-06-14');
  assert.deepEqual(await writeOff(w.deps, chief, third), { ok: false, error: 'not-three-years' });
  w.at('2029-06-15');
  assert.deepEqual(await mustBeOk(writeOff(w.deps, chief, third)), { yen: 9_000 });
  assert.deepEqual(await ending(), []);
  const c = await w.charge({ total: 5_000 });
  await mustBeOk(holdCharge(w.deps, clerk, { ...stop, chargeId: c.chargeId, untilOn: null, ground: 'no-property' }));
  assert.deepEqual(await mustBeOk(writeOff(w.deps, chief, { ...endAtOnce, chargeId: c.chargeId })), { yen: 5_000 });
  await balanced(w);
});

test('002-COL-F5, W23 決算: what is open moves to the next year, once; what was open on a day stays known', async () => {
  await using w = await aTown();
  const a = await w.charge({ person: 9, total: 50_000, dueOn: '2025-06-30', fiscalYear: 2025 });
  const b = await w.charge({ total: 7_000 });
  assert.deepEqual(await closeYear(w.deps, chief, { fiscalYear: 2026 }), { ok: false, error: 'not-yet' });
  const closed = await Promise.all([1, 2].map(() => closeYear(w.deps, chief, { fiscalYear: 2025 })));
  assert.deepEqual(
    closed.map((r) => (r.ok ? r.value : r.error)).sort(),
    ['already-closed', { charges: 1, yen: 50_000 }].sort(),
  );
  assert.deepEqual(await w.t.owner('select book_year::int as year from collections.charge_state order by 1'), [
    { year: 2026 },
    { year: 2026 },
  ]);
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08')]));
  const of = (validOn: string) =>
    mustBeOk(
      readOpenAsOf(w.deps, clerk, { personNumber: a.payer.orgPersonNumber, validOn, knownAt: '2100-01-01T00:00:00Z' }),
    );
  const sum = (lines: Awaited<ReturnType<typeof of>>): number =>
    lines.reduce((n, l) => n + l.ward + l.metropolitan + l.forest, 0);
  assert.equal(sum(await of('2026-06-07')), 50_000);
  assert.equal(sum(await of('2026-06-08')), 0);
  assert.equal(
    sum(
      await mustBeOk(
        readOpenAsOf(w.deps, clerk, {
          personNumber: a.payer.orgPersonNumber,
          validOn: '2026-06-30',
          knownAt: '2026-01-01T00:00:00Z',
        }),
      ),
    ),
    0,
  );
  assert.equal(b.fiscalYear, 2026);
  const account = await mustBeOk(readAccount(w.deps, clerk, { personNumber: a.payer.orgPersonNumber }));
  assert.deepEqual(
    account.path.map((l) => l.kind),
    ['charge', 'receipt', 'carry-over', 'carry-over'],
  );
  await balanced(w);
});

test('issue 6 the plain-text journal balances entry by entry and names nobody', async () => {
  await using w = await aTown();
  const a = await w.charge();
  await mustBeOk(
    w.pay('common-tax', '2026-06-09', [
      byQr(a, '2026-06-08'),
      { ...byQr(a, '2026-06-08'), key: '99999999999999999999' },
    ]),
  );
  const written: string[] = [];
  await mustBeOk(exportJournal(w.deps, chief, { write: (more) => void written.push(more) }));
  const text = written.join('');
  const entries = text.trim().split('\n\n');
  assert.equal(entries.length, 3);
  for (const entry of entries) {
    const amounts = [...entry.matchAll(/JPY (-?\d+)/g)].map((m) => Number(m[1]));
    assert.equal(
      amounts.reduce((x, y) => x + y, 0),
      0,
    );
  }
  assert.ok(!text.includes(a.payer.name) && !text.includes(a.payer.orgPersonNumber));
});

const outside = ['hledger', 'ledger'].find((program) => spawnSync(program, ['--version']).status === 0);
test('issue 6 an outside bookkeeping program accepts the books', {
  skip: outside === undefined ? 'neither hledger nor ledger is installed' : false,
}, async () => {
  await using w = await aTown();
  const a = await w.charge();
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08'), byQr(a, '2026-06-08')]));
  await w.change(a, 40_000);
  const written: string[] = [];
  await mustBeOk(exportJournal(w.deps, chief, { write: (more) => void written.push(more) }));
  const asked = outside === 'hledger' ? ['-f', '-', 'check'] : ['-f', '-', 'balance'];
  const checked = spawnSync(outside!, asked, { input: written.join('') });
  assert.equal(checked.status, 0, String(checked.stderr));
});

test('W08, INC-27, AC-24 口座振替: one debit a charge under way, results count once, failed ones can be ordered again, another amount refuses the file', async () => {
  await using w = await aTown();
  const charges = [await w.charge(), await w.charge({ total: 30_000 })];
  const persons = charges.map((c) => c.payer.orgPersonNumber);
  const order = { batchId: w.deps.newId(), dueOn: '2026-06-30', debitOn: '2026-06-30', persons };
  const first = await mustBeOk(orderDebits(w.deps, clerk, order));
  assert.deepEqual(await mustBeOk(orderDebits(w.deps, clerk, order)), first);
  assert.deepEqual(await mustBeOk(orderDebits(w.deps, clerk, { ...order, batchId: w.deps.newId() })), []);
  w.at('2026-07-03');
  const results = first.map((o, i) => ({
    row: i + 2,
    caseKey: o.caseKey,
    amount: o.amountYen,
    outcome: i === 0 ? 'paid' : 'insufficient-funds',
  }));
  const file = { bank: '9999', debitOn: '2026-06-30', sha256: 'a'.repeat(64), bytes: 610, results };
  assert.deepEqual(await takeDebitResults(w.deps, clerk, { ...file, results: [{ ...results[0]!, amount: 1 }] }), {
    ok: false,
    error: 'other-amount',
  });
  assert.deepEqual(
    await takeDebitResults(w.deps, clerk, { ...file, results: [{ ...results[0]!, caseKey: '9'.repeat(20) }] }),
    { ok: false, error: 'unknown-debit' },
  );
  assert.deepEqual(await w.t.owner('select count(*)::int as n from collections.payment_record'), [{ n: 0 }]);
  const taken = await mustBeOk(takeDebitResults(w.deps, clerk, file));
  assert.deepEqual([taken.file.postedYen, taken.file.notedYen], [first[0]!.amountYen, first[1]!.amountYen]);
  assert.ok((await mustBeOk(takeDebitResults(w.deps, clerk, file))).repeated);
  assert.deepEqual(await takeDebitResults(w.deps, clerk, { ...file, sha256: 'b'.repeat(64) }), {
    ok: false,
    error: 'other-result',
  });
  const second = await mustBeOk(
    orderDebits(w.deps, clerk, { ...order, batchId: w.deps.newId(), debitOn: '2026-07-27' }),
  );
  assert.deepEqual(
    second.map((o) => o.chargeId),
    [first[1]!.chargeId],
  );
  await balanced(w);
});

test('design §2.6 facts of a file, a match, a refund and a reminder are tied to the log', async () => {
  await using w = await aTown({ audit: true });
  const a = await w.charge();
  await mustBeOk(
    w.pay('common-tax', '2026-06-09', [
      byQr(a, '2026-06-08'),
      { ...byQr(a, '2026-06-08'), key: '99999999999999999999' },
    ]),
  );
  const { rows } = await mustBeOk(listSuspense(w.deps, clerk, { offset: 0, limit: 10 }));
  await mustBeOk(matchSuspense(w.deps, clerk, { receiptNo: rows[0]!.receiptNo, chargeId: a.chargeId, reason: '写し' }));
  const [over] = await w.t.owner<{ n: string }>('select overpayment_no::text as n from collections.overpayment');
  const propose = {
    overpaymentNo: Number(over!.n),
    cause: 'mistake',
    factOn: '2026-06-08',
    evidence: '収納データ',
  } as const;
  const { refundId } = await mustBeOk(proposeRefund(w.deps, clerk, propose));
  await mustBeOk(decideRefund(w.deps, chief, { refundId, approve: true, reason: '' }));
  await w.change(a, 40_000);
  const tied = await w.t.owner<{ name: string }>(
    `select distinct fact_table as name from audit.fact union select fact_table from audit.fact_batch order by 1`,
  );
  for (const name of [
    'charge',
    'payment_file',
    'payment_record',
    'entry',
    'posting',
    'refund',
    'refund_decision',
    'overpayment',
  ])
    assert.ok(
      tied.some((row) => row.name === `collections.${name}`),
      name,
    );
  // Roots that the act made from its own cells are those of the rows as they stand.
  const differing = await w.t.owner(
    `select b.fact_table from audit.fact_batch b cross join lateral (
       select audit.merkle_root(array_agg(audit.fact_leaf(b.fact_table, d.fact_key, d.digest) order by d.fact_key collate "C")) as root
         from audit.batch_leaves(b.fact_table, b.event_id) as d) as r
      where r.root is distinct from b.root and b.count > 0`,
  );
  assert.deepEqual(differing, []);
});
