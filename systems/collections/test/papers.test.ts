import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { readConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { readElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { symbolsOf } from '@musubi/resident-tax/test/symbols-of-pdf.ts';
import { decideRefund, proposeRefund } from '../service/office/refunds.ts';
import { makeReminders, postReminders, releaseReminders } from '../service/office/reminders.ts';
import { reissueSlip } from '../service/office/slips.ts';
import { printDemand, printSlip, printTaxCertificate } from '../service/papers/counter-papers.ts';
import type { PaperDeps } from '../service/papers/paper-deps.ts';
import { printRefundNotice } from '../service/papers/refund-notice.ts';
import { printReminders } from '../service/papers/reminder-letters.ts';
import { aTown, bodyCode, byQr, chief, clerk, mustBeOk, type Town } from './a-town.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());
const paperDeps = (w: Town): PaperDeps => ({
  ...w.deps,
  typesetter,
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
