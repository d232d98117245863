import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { readConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { readElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { type WrittenPayment, writePaymentFile } from '@musubi/contracts/payments/files.ts';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { symbolsOf } from '@musubi/resident-tax/test/symbols-of-pdf.ts';
import { orderDebits, takeDebitResults } from '../service/files/debits.ts';
import { takeRemittance } from '../service/files/remittances.ts';
import { takeFile } from '../service/files/take-file.ts';
import { endHolding, holdCharge } from '../service/office/arrears.ts';
import { closeCashDay, readTill, receiveCash, voidCash } from '../service/office/cash.ts';
import { prepareDebitNotices } from '../service/office/debit-notices.ts';
import { decideRefund, proposeRefund } from '../service/office/refunds.ts';
import { makeReminders, postReminders, releaseReminders } from '../service/office/reminders.ts';
import { reissueSlip } from '../service/office/slips.ts';
import { noteHeirs } from '../service/office/succession.ts';
import { printCashReceipt } from '../service/papers/cash-receipt.ts';
import { printDemand, printSlip, printTaxCertificate } from '../service/papers/counter-papers.ts';
import { printDebitNotices } from '../service/papers/debit-notices.ts';
import type { PaperDeps } from '../service/papers/paper-deps.ts';
import { printRefundNotice } from '../service/papers/refund-notice.ts';
import { printReminders } from '../service/papers/reminder-letters.ts';
import { printStopNotice, readStopNotices } from '../service/papers/stop-notice.ts';
import { agency, aTown, bodyCode, byQr, chief, clerk, mustBeOk, type Town } from './a-town.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());
const paperDeps = (w: Town): PaperDeps => ({
  ...w.deps,
  typesetter,
  protections: undefined,
  subjectCheckKey: new Uint8Array(32).fill(5),
  office: {
    ward: '目黒区',
    issuer: { title: '目黒区長', name: '目黒 長' },
    contact: { office: '収納課', telephone: '03-0000-0000', address: '目黒区上目黒' },
    slips: { storeCompany: '913110', taxItem: '003', taxOffice: '000' },
  },
});
/** What an independent reader finds on a page: the QR and the bar of each slip. */
async function read(pdf: Uint8Array) {
  const symbols = await symbolsOf(pdf);
  return {
    qrs: symbols.filter((s) => s.format === 'QRCode').map((s) => unwrap(readElQr(s.text))),
    bars: symbols
      .filter((s) => s.format === 'Code128')
      .map((s) => unwrap(readConvenienceCode(s.text.replace(/\D/g, '')))),
  };
}

test('002-COL-F4, W22, INC-33 再発行納付書: what an independent reader reads from the page is the slip, and its payment posts', async () => {
  await using w = await aTown({ audit: true });
  const deps = paperDeps(w);
  const a = await w.charge();
  const big = await w.charge({ total: 310_000 });
  const give = { payableUntil: '2026-07-20', reason: '紛失' };
  const slip = await mustBeOk(reissueSlip(deps, clerk, { chargeId: a.chargeId, ...give }));
  const large = await mustBeOk(reissueSlip(deps, clerk, { chargeId: big.chargeId, ...give }));
  const paper = await mustBeOk(printSlip(deps, clerk, { chargeId: a.chargeId, slipNo: slip.slipNo }));
  const { qrs, bars } = await read(paper.pdf);
  assert.equal(qrs.length, 1);
  assert.equal(qrs[0]?.caseKey, slip.caseKey);
  assert.equal(qrs[0]?.confirmationNumber, slip.confirmation);
  assert.equal(qrs[0]?.amountYen, 48_700);
  assert.equal(qrs[0]?.body, bodyCode.slice(0, 5));
  assert.equal(`${qrs[0]?.payableUntil} ${qrs[0]?.dueOn} ${qrs[0]?.instalment}`, '2026-07-20 2026-06-30 1');
  assert.deepEqual(
    bars.map((b) => [b.reference, b.reissue, b.amountYen, `${b.payableUntil}`]),
    [[slip.convenienceReference, 1, 48_700, '2026-07-20']],
  );
  const over = await mustBeOk(printSlip(deps, clerk, { chargeId: big.chargeId, slipNo: large.slipNo }));
  assert.equal((await read(over.pdf)).bars.length, 0, 'stores take no more than 300,000 yen');
  const [noted] = await w.t.owner<{ sha: string; kind: string }>(
    `select encode(sha256, 'hex') as sha, kind from collections.paper where about = $1`,
    [`slip ${slip.slipNo}`],
  );
  assert.deepEqual(noted, { sha: createHash('sha256').update(paper.pdf).digest('hex'), kind: 'slip' });

  const qr = qrs[0]!;
  const payment = { paidOn: '2026-06-08', amount: qr.amountYen, key: qr.caseKey, second: qr.confirmationNumber };
  const taken = await mustBeOk(w.pay('common-tax', '2026-06-09', [payment]));
  assert.ok(taken.taken && taken.file.postedYen === 48_700);
  assert.deepEqual(await printSlip(deps, clerk, { chargeId: a.chargeId, slipNo: slip.slipNo }), {
    ok: false,
    error: 'nothing-open',
  });
  assert.deepEqual(await printSlip(deps, clerk, { chargeId: a.chargeId, slipNo: 99_999 }), {
    ok: false,
    error: 'no-such-slip',
  });
  await w.change(big, 300_000);
  assert.deepEqual(await printSlip(deps, clerk, { chargeId: big.chargeId, slipNo: large.slipNo }), {
    ok: false,
    error: 'amount-changed',
  });
});

test('INC-36 督促状: printed letters carry a slip that reads back; whoever paid between release and print stands on none; posted letters are printed no more', async () => {
  await using w = await aTown({ audit: true });
  const deps = paperDeps(w);
  const [a, b] = [await w.charge(), await w.charge({ total: 30_000 })];
  w.at('2026-07-20');
  await w.quiet('2026-06-25', '2026-07-15');
  const runId = w.deps.newId();
  await mustBeOk(makeReminders(deps, clerk, { runId, paidUntil: '2026-07-10' }));
  assert.deepEqual(await printReminders(deps, chief, { runId, part: 0 }), { ok: false, error: 'nothing-released' });
  await mustBeOk(releaseReminders(deps, chief, { runId }));
  const both = await mustBeOk(printReminders(deps, chief, { runId, part: 0 }));
  assert.deepEqual([both.letters, both.pages], [2, 2]);
  const { qrs } = await read(both.pdf);
  assert.deepEqual(qrs.map((q) => q.amountYen).sort(), [30_000, 48_700]);
  const slip = qrs.find((q) => q.amountYen === 48_700)!;
  const payment = { paidOn: '2026-07-17', amount: 48_700, key: slip.caseKey, second: slip.confirmationNumber };
  const taken = await mustBeOk(w.pay('common-tax', '2026-07-17', [payment]));
  assert.ok(taken.taken && taken.file.postedYen === 48_700, 'the letter’s own slip pays its charge');
  const one = await mustBeOk(printReminders(deps, chief, { runId, part: 0 }));
  assert.equal(one.letters, 1);
  assert.deepEqual(
    (await read(one.pdf)).qrs.map((q) => q.amountYen),
    [30_000],
  );
  assert.deepEqual(await mustBeOk(postReminders(deps, chief, { runId })), {
    made: true,
    forward: 1,
    withdrawn: { 'nothing-open': 1 },
  });
  assert.deepEqual(await printReminders(deps, chief, { runId, part: 0 }), { ok: false, error: 'nothing-released' });
  assert.ok(a.chargeId !== b.chargeId);
});

test('issue E 催告書, 納税証明書: all that is overdue with its interest; what was paid and when; a 速報 is not dunned', async () => {
  await using w = await aTown({ audit: true });
  const deps = paperDeps(w);
  const a = await w.charge({ person: 7 });
  const b = await w.charge({ person: 7, instalment: 2, dueOn: '2026-08-31' });
  w.at('2026-07-31');
  await mustBeOk(w.pay('common-tax', '2026-07-30', [{ ...byQr(a, '2026-07-29'), stage: 'preliminary' }]));
  assert.deepEqual(await printDemand(deps, clerk, { chargeId: a.chargeId }), { ok: false, error: 'nothing-open' });
  await mustBeOk(w.pay('common-tax', '2026-07-31', [byQr(a, '2026-07-29')], 1));
  w.at('2026-12-01');
  const demand = await mustBeOk(printDemand(deps, clerk, { chargeId: a.chargeId }));
  assert.ok(demand.pages === 1);
  const certificate = await mustBeOk(printTaxCertificate(deps, clerk, { chargeId: b.chargeId }));
  assert.ok(certificate.pages === 1);
  const [papers] = await w.t.owner<{ n: number }>('select count(*)::int as n from collections.paper');
  assert.equal(papers?.n, 2);
});

test('地方税法15条の7第2項, 15条の8第2項 執行停止通知書: the payer is told what was stopped, since when and on which ground, and why it was taken back; no other hold makes such a paper', async () => {
  await using w = await aTown({ audit: true });
  const deps = paperDeps(w);
  const a = await w.charge();
  w.at('2026-07-20');
  const held = { chargeId: a.chargeId, fromOn: '2026-07-15', untilOn: null, reason: '財産調査の結果' };
  const { holdId: other } = await mustBeOk(holdCharge(deps, clerk, { ...held, kind: 'dispute' }));
  const stop = { ...held, kind: 'execution-stopped', ground: 'livelihood' } as const;
  const { holdId } = await mustBeOk(holdCharge(deps, clerk, stop));
  const print = (notice: 'stop' | 'end', of = holdId, chargeId = a.chargeId) =>
    printStopNotice(deps, clerk, { chargeId, holdId: of, notice });
  const told = async () => (await mustBeOk(readStopNotices(deps, clerk, { holdIds: [holdId] })))[holdId];
  assert.deepEqual(await print('stop', other), { ok: false, error: 'no-such-hold' });
  assert.deepEqual(await print('stop', holdId, w.deps.newId()), { ok: false, error: 'no-such-charge' });
  assert.deepEqual(await print('end'), { ok: false, error: 'not-ended' });
  assert.deepEqual(await told(), [], 'nobody has told the payer yet');
  const text = (await textOfPdf((await mustBeOk(print('stop'))).pdf)).replace(/\s/g, '');
  for (const said of [
    '滞納処分の執行停止通知書',
    '目黒1郎様',
    '令和8年7月15日',
    '第15条の7第1項第2号',
    '48,700円',
    '第1期',
  ])
    assert.ok(text.includes(said), said);
  assert.deepEqual(await told(), ['stop']);
  await mustBeOk(endHolding(deps, clerk, { holdId, reason: '財産が見つかったため' }));
  const ended = (await textOfPdf((await mustBeOk(print('end'))).pdf)).replace(/\s/g, '');
  for (const said of ['執行停止取消通知書', '令和8年7月20日', '財産が見つかったため', '審査請求'])
    assert.ok(ended.includes(said), said);
  assert.deepEqual(await told(), ['stop', 'end']);
});

test('002-COL-F3, W21 還付・充当通知書: only of what is decided, with interest and appropriation', async () => {
  await using w = await aTown({ audit: true });
  const deps = paperDeps(w);
  const a = await w.charge({ person: 9 });
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08'), byQr(a, '2026-06-08')]));
  await w.charge({ person: 9, total: 12_000, dueOn: '2026-06-01' });
  const [over] = await w.t.owner<{ n: string }>('select overpayment_no::text as n from collections.overpayment');
  const propose = {
    overpaymentNo: Number(over!.n),
    cause: 'mistake',
    factOn: '2026-06-08',
    evidence: '収納データ',
  } as const;
  const { refundId } = await mustBeOk(proposeRefund(deps, clerk, propose));
  assert.deepEqual(await printRefundNotice(deps, chief, { refundId }), { ok: false, error: 'not-decided' });
  await mustBeOk(decideRefund(deps, chief, { refundId, approve: true, reason: '' }));
  const paper = await mustBeOk(printRefundNotice(deps, chief, { refundId }));
  assert.ok(paper.pages === 1);
  assert.deepEqual(await printRefundNotice(deps, chief, { refundId: w.deps.newId() }), {
    ok: false,
    error: 'no-such-refund',
  });
});

test('AC-36 死亡 (in part: the papers of collection); W08 振替不能: notices with a slip each go to the payer, of a dead payer to the heirs’ representative alone; who paid meanwhile gets none', async () => {
  await using w = await aTown({ audit: true });
  const deps = paperDeps(w);
  const charges = [await w.charge({ person: 1 }), await w.charge({ person: 2 }), await w.charge({ person: 3 })];
  const order = {
    batchId: deps.newId(),
    dueOn: '2026-06-30',
    debitOn: '2026-06-30',
    persons: charges.map((c) => c.payer.orgPersonNumber),
  };
  const orders = await mustBeOk(orderDebits(deps, clerk, order));
  w.at('2026-07-02');
  const results = orders.map((d, i) => ({
    row: i + 2,
    caseKey: d.caseKey,
    amount: d.amountYen,
    outcome: d.personNumber === charges[0]!.payer.orgPersonNumber ? 'no-account' : 'insufficient-funds',
  }));
  const about = { bank: '9999', debitOn: '2026-06-30', sha256: 'c'.repeat(64), bytes: 610 };
  const { file } = await mustBeOk(takeDebitResults(deps, clerk, { ...about, results }));
  const { fileId } = file;
  const part = { fileId, part: 0 };
  assert.deepEqual(await printDebitNotices(deps, clerk, part), { ok: false, error: 'nothing-failed' });
  assert.deepEqual(await prepareDebitNotices(deps, clerk, { fileId: deps.newId() }), {
    ok: false,
    error: 'nothing-failed',
  });
  const both = await Promise.all([1, 2].map(() => mustBeOk(prepareDebitNotices(deps, clerk, { fileId }))));
  assert.deepEqual(both.map((b) => b.slips).sort(), [0, 3]);
  await mustBeOk(w.pay('common-tax', '2026-07-02', [byQr(charges[2]!, '2026-07-01')]));
  const heir = (name: string, address: string, receives: boolean) => ({
    name,
    postalCode: '1530051',
    address,
    numerator: 1,
    denominator: 2,
    receives,
  });
  await mustBeOk(
    noteHeirs(deps, clerk, {
      personNumber: charges[0]!.payer.orgPersonNumber,
      diedOn: '2026-06-20',
      evidence: '戸籍',
      heirs: [heir('目黒 次郎', '東京都世田谷区世田谷1-1', false), heir('目黒 花子', '東京都目黒区下目黒3-3', true)],
    }),
  );
  const notices = await mustBeOk(printDebitNotices(deps, clerk, part));
  assert.deepEqual([notices.letters, notices.pages], [2, 2]);
  const text = (await textOfPdf(notices.pdf)).replaceAll(/\s/g, '');
  assert.ok(text.includes('相続人代表目黒花子') && text.includes('東京都目黒区下目黒3-3'));
  assert.ok(!text.includes('世田谷'), 'the other heir gets nothing');
  assert.equal(
    text.split(charges[1]!.payer.address.replaceAll(/\s/g, '')).length - 1,
    1,
    'the dead payer’s address is gone',
  );
  assert.ok(text.includes('口座がない、又は解約済み') && text.includes('預金残高の不足'));
  const { qrs } = await read(notices.pdf);
  const [own] = await w.t.owner<{ key: string }>(
    `select case_key as key from collections.slip where charge_id = $1 and reason like 'debit-failed:%'`,
    [charges[1]!.chargeId],
  );
  const one = qrs.find((q) => q.caseKey === own!.key)!;
  const payment = { paidOn: '2026-07-02', amount: 48_700, key: one.caseKey, second: one.confirmationNumber };
  const taken = await mustBeOk(w.pay('common-tax', '2026-07-02', [payment], 2));
  assert.ok(taken.taken && taken.file.postedYen === 48_700, 'the notice’s own slip pays its charge');

  // 支援措置 (INC-45): asked right before; without an answer no address leaves, and a protected payer's stands on no letter.
  const asked: (readonly string[])[] = [];
  const guarded = charges[1]!.payer.orgPersonNumber;
  const withProtections = (answer: 'away' | 'there'): PaperDeps => ({
    ...deps,
    protections: async (persons) => {
      asked.push(persons);
      if (answer === 'away') return { ok: false, error: 'protections-unavailable' };
      return { ok: true, value: { isProtected: (person) => person === guarded, count: 1, asOf: '' } };
    },
  });
  const next = await w.charge({ person: 2, instalment: 5 });
  const extra = await mustBeOk(
    reissueSlip(deps, clerk, { chargeId: next.chargeId, payableUntil: '2026-07-20', reason: '紛失' }),
  );
  const print = (answer: 'away' | 'there') =>
    printSlip(withProtections(answer), clerk, { chargeId: next.chargeId, slipNo: extra.slipNo });
  assert.deepEqual(await print('away'), { ok: false, error: 'protections-unavailable' });
  const silent = (await textOfPdf((await mustBeOk(print('there'))).pdf)).replaceAll(/\s/g, '');
  assert.ok(!silent.includes('上目黒二丁目') && silent.includes('住所の記載を省略'));
  assert.deepEqual(asked, [[guarded], [guarded]]);

  // Every other letter of the dead payer's tax goes the same way.
  const { chargeId } = charges[0]!;
  const slip = await mustBeOk(reissueSlip(deps, clerk, { chargeId, payableUntil: '2026-07-20', reason: '相続' }));
  for (const paper of [
    await mustBeOk(printSlip(deps, clerk, { chargeId, slipNo: slip.slipNo })),
    await mustBeOk(printDemand(deps, clerk, { chargeId })),
  ]) {
    const words = (await textOfPdf(paper.pdf)).replaceAll(/\s/g, '');
    assert.ok(words.includes('相続人代表目黒花子') && !words.includes('上目黒二丁目'));
  }
});

test('002-COL-F1 窓口現金: a receipt keeps reminders and debits away at once, the day is closed by another who counts the same sum, and stands in the books once', async () => {
  await using w = await aTown({ audit: true });
  const deps = paperDeps(w);
  const [a, b, c] = [await w.charge({ person: 1 }), await w.charge({ person: 2 }), await w.charge({ person: 3 })];
  const withheld = await w.charge({ person: 4, method: 'special' });
  const cash = { cashId: deps.newId(), chargeId: a.chargeId, amountYen: 48_700 };
  const refused = async (more: Partial<typeof cash>): Promise<string> => {
    const done = await receiveCash(deps, clerk, { ...cash, cashId: deps.newId(), ...more });
    return done.ok ? 'ok' : done.error;
  };
  assert.equal(await refused({ amountYen: 48_701 }), 'more-than-open');
  assert.equal(await refused({ amountYen: 0 }), 'more-than-open');
  assert.equal(await refused({ chargeId: deps.newId() }), 'no-such-charge');
  assert.equal(await refused({ chargeId: withheld.chargeId, amountYen: 1 }), 'by-collector');
  const twice = await Promise.all([1, 2].map(() => mustBeOk(receiveCash(deps, clerk, cash))));
  assert.deepEqual(twice.map((t) => t.repeated).sort(), [false, true]);
  assert.equal(await refused({}), 'paid-already', 'nobody takes money for it a second time');
  const part = { cashId: deps.newId(), chargeId: b.chargeId, amountYen: 20_000 };
  await mustBeOk(receiveCash(deps, clerk, part));
  const wrong = { cashId: deps.newId(), chargeId: c.chargeId, amountYen: 48_700 };
  await mustBeOk(receiveCash(deps, clerk, wrong));
  assert.deepEqual(await voidCash(deps, clerk, { cashId: wrong.cashId, reason: ' ' }), {
    ok: false,
    error: 'reason-missing',
  });
  await mustBeOk(voidCash(deps, clerk, { cashId: wrong.cashId, reason: '期別の取違え' }));
  const text = (
    await textOfPdf((await mustBeOk(printCashReceipt(deps, clerk, { cashId: part.cashId }))).pdf)
  ).replaceAll(/\s/g, '');
  assert.ok(text.includes('領収証書') && text.includes('20,000円'));
  assert.deepEqual(await printCashReceipt(deps, clerk, { cashId: wrong.cashId }), {
    ok: false,
    error: 'no-such-receipt',
  });
  const debit = { batchId: deps.newId(), dueOn: '2026-06-30', debitOn: '2026-06-30' };
  const persons = [a, b, c].map((x) => x.payer.orgPersonNumber);
  const asked = await mustBeOk(orderDebits(deps, clerk, { ...debit, persons }));
  assert.deepEqual(
    asked.map((o) => o.chargeId),
    [c.chargeId],
  );

  const close = { day: '2026-06-10', countedYen: 68_700 };
  for (const [actor, more, error] of [
    [clerk, {}, 'counter-took-money'],
    [chief, { countedYen: 68_600 }, 'counted-differs'],
    [chief, { day: '2026-06-09' }, 'nothing-to-close'],
    [chief, { day: '2026-06-11' }, 'in-the-future'],
  ] as const)
    assert.deepEqual(await closeCashDay(deps, actor, { ...close, ...more }), { ok: false, error });
  w.at('2026-06-11');
  assert.deepEqual((await mustBeOk(readTill(deps, chief, { day: '2026-06-11' }))).openDays, ['2026-06-10']);
  const closed = await Promise.all([1, 2].map(() => closeCashDay(deps, chief, close)));
  assert.deepEqual(closed.map((x) => (x.ok ? x.value.yen : x.error)).sort(), [68_700, 'day-closed']);
  assert.deepEqual(await voidCash(deps, clerk, { cashId: part.cashId, reason: 'x' }), {
    ok: false,
    error: 'day-closed',
  });
  assert.deepEqual(
    await w.t.owner(`select sum(amount_yen)::int as yen from collections.posting where ledger = 'cash'`),
    [{ yen: 68_700 }],
  );
  assert.deepEqual(
    await w.t.owner(
      `select (ward_open + metropolitan_open + forest_open)::int as yen, preliminary from collections.charge_state where method = 'ordinary' order by 1`,
    ),
    [
      { yen: 0, preliminary: 0 },
      { yen: 28_700, preliminary: 0 },
      { yen: 48_700, preliminary: 0 },
    ],
  );
  assert.deepEqual(
    await w.t.owner('select total_yen::int as yen, posted_yen::int as posted from collections.payment_file'),
    [{ yen: 68_700, posted: 68_700 }],
  );
});

test('地方税法9条2項 相続人ごとの督促状: where nobody receives for the heirs each gets a letter and a slip over its share, and the shares paid are the charge paid', async () => {
  await using w = await aTown({ audit: true });
  const deps = paperDeps(w);
  const charge = await w.charge({ total: 30_001 });
  const heir = (name: string, address: string) => ({
    name,
    postalCode: '1530051',
    address,
    numerator: 1,
    denominator: 2,
    receives: false,
  });
  const heirs = [heir('目黒 次郎', '東京都世田谷区世田谷1-1'), heir('目黒 花子', '東京都目黒区下目黒3-3')];
  const { orgPersonNumber: personNumber } = charge.payer;
  await mustBeOk(noteHeirs(deps, clerk, { personNumber, diedOn: '2026-05-01', evidence: '戸籍', heirs }));
  w.at('2026-07-20');
  await w.quiet('2026-06-25', '2026-07-15');
  const runId = w.deps.newId();
  await mustBeOk(makeReminders(deps, clerk, { runId, paidUntil: '2026-07-10' }));
  await mustBeOk(releaseReminders(deps, chief, { runId }));
  const letters = await mustBeOk(printReminders(deps, chief, { runId, part: 0 }));
  assert.deepEqual([letters.letters, letters.pages], [2, 2]);
  const text = (await textOfPdf(letters.pdf)).replaceAll(/\s/g, '');
  for (const one of ['相続人目黒次郎', '世田谷区世田谷1-1', '相続人目黒花子', '下目黒3-3'])
    assert.ok(text.includes(one), one);
  assert.ok(!text.includes(charge.payer.address), 'nothing goes to where the dead payer lived');
  const { qrs } = await read(letters.pdf);
  // Whole yen: what does not divide is owed by the first.
  assert.deepEqual(
    qrs.map((q) => q.amountYen),
    [15_001, 15_000],
  );
  const payments = qrs.map((q) => ({
    paidOn: '2026-07-16',
    amount: q.amountYen,
    key: q.caseKey,
    second: q.confirmationNumber,
  }));
  await mustBeOk(w.pay('common-tax', '2026-07-17', [payments[0]!]));
  const openOf = async () => {
    const [row] = await w.t.owner<{ yen: number }>(
      'select (ward_open + metropolitan_open + forest_open)::int as yen from collections.charge_state',
    );
    return row!.yen;
  };
  assert.equal(await openOf(), 15_000);
  assert.deepEqual(await mustBeOk(postReminders(deps, chief, { runId })), {
    made: true,
    forward: 0,
    withdrawn: { 'amount-changed': 1 },
  });
  await mustBeOk(w.pay('common-tax', '2026-07-18', [payments[1]!]));
  assert.equal(await openOf(), 0);
});

test('地方税法321条の5, 329条 特別徴収義務者への督促: one letter over all of its people, none while its files are missing or its money waits; a part that is paid takes all of it back', async () => {
  await using w = await aTown({ audit: true });
  const monthly = {
    channel: 'special-collection',
    sender: 'agency-1',
    name: '特別徴収',
    from: '2026-07-01',
    days: { dayOfMonth: 31 },
    arrivesAfter: 2,
    lagDays: 0,
  } as const;
  const deps = { ...paperDeps(w), schedules: [...w.deps.schedules, monthly], reminderFeeYen: 100 };
  const month = (person: number, total: number, of: object) =>
    w.charge({ person, total, method: 'special', instalment: 6, dueOn: '2026-07-10', ...of });
  const address = { postalCode: '1530064', text: '東京都目黒区下目黒一丁目1番1号' };
  await month(1, 8_300, { collectorAddress: address });
  await month(2, 12_400, { collectorAddress: address });
  await month(3, 5_000, { collector: '7654321' });
  const waits = await month(4, 6_000, { collector: '5555555', collectorAddress: address });
  const slip = await w.charge({ person: 5, dueOn: '2026-07-10' });
  w.at('2026-09-10');
  await w.quiet('2026-06-25', '2026-09-05');
  const paidUntil = '2026-08-05';
  const runId = w.deps.newId();
  const to = { paidUntil, addressedTo: 'collectors' } as const;
  const file = (businessOn: string, payments: readonly WrittenPayment[]) =>
    mustBeOk(
      takeFile(deps, agency, {
        channel: 'special-collection',
        content: writePaymentFile({
          channel: 'special-collection',
          sender: 'agency-1',
          bodyCode,
          businessOn,
          sequence: 1,
          payments,
        }),
      }),
    );
  const pays = (amount: number, number: string) => ({ paidOn: '2026-07-31', amount, key: number, second: '2026-06' });
  assert.deepEqual(await mustBeOk(makeReminders(deps, clerk, { runId, ...to })), {
    made: false,
    missing: ['特別徴収（agency-1） 7/31', '特別徴収（agency-1） 8/31'],
  });
  // Another sum than is charged, of the third; the files are in.
  await file('2026-07-31', [pays(1_000, '5555555')]);
  await file('2026-08-31', []);
  const made = await mustBeOk(makeReminders(deps, clerk, { runId, ...to }));
  assert.deepEqual(made, {
    made: true,
    runId,
    letters: 1,
    keptBack: { 'no-address': 1, 'candidate-in-suspense': 1 },
  });
  assert.deepEqual((await mustBeOk(makeReminders(deps, clerk, { runId, ...to }))).made, true);
  await mustBeOk(releaseReminders(deps, chief, { runId }));
  const letter = await mustBeOk(printReminders(deps, chief, { runId, part: 0 }));
  assert.equal(letter.letters, 1);
  const text = (await textOfPdf(letter.pdf)).replaceAll(/\s/g, '');
  for (const one of [
    '株式会社目黒製作所',
    '下目黒一丁目1番1号',
    '1234567',
    '2人',
    '20,700円',
    '0000000001',
    '12,400円',
  ])
    assert.ok(text.includes(one), one);
  assert.ok(!text.includes('目黒1郎') && !text.includes('19番15号'), 'no name and no address of a person');
  assert.ok(!text.includes('0000000005'), 'who pays by slip is reminded by another run');
  // The employer pays a part by its list: what was printed says another sum than is owed.
  const lines = [
    { noticeNumber: '0000000001', amount: 8_300, difference: null },
    { noticeNumber: '0000000002', amount: 0, difference: 'left' as const },
  ];
  const list = { listId: w.deps.newId(), designationNumber: '1234567', month: '2026-06', lines };
  await mustBeOk(takeRemittance(deps, agency, list));
  w.at('2026-09-30');
  await w.quiet('2026-09-06', '2026-09-28');
  await file('2026-09-30', [{ ...pays(8_300, '1234567'), paidOn: '2026-09-30' }]);
  assert.deepEqual(await printReminders(deps, chief, { runId, part: 0 }), { ok: false, error: 'nothing-released' });
  assert.deepEqual(await mustBeOk(postReminders(deps, chief, { runId })), {
    made: true,
    forward: 0,
    withdrawn: { 'nothing-open': 1, 'part-changed': 1 },
  });
  // The rest is asked for by a letter of its own, with one fee.
  const next = { runId: w.deps.newId(), ...to };
  await mustBeOk(makeReminders(deps, clerk, next));
  await mustBeOk(releaseReminders(deps, chief, next));
  assert.deepEqual(await mustBeOk(postReminders(deps, chief, next)), { made: true, forward: 1, withdrawn: {} });
  const fees = await w.t.owner('select person_number as person from collections.charge_state where fee_open = 100');
  assert.deepEqual(fees, [{ person: '000000000000002' }]);
  const own = await mustBeOk(makeReminders(deps, clerk, { runId: w.deps.newId(), paidUntil }));
  assert.ok(own.made && own.letters === 1, slip.chargeId);
  assert.ok(waits.collector !== null);
});
