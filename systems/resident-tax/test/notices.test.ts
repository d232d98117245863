import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { readConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { readElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { readPrintPart } from '@musubi/contracts/printing/package.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { pagesOf } from '@musubi/kernel/documents/testing.ts';
import { createTypesetter, type Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { screenshotPdf } from '@musubi/kernel/pages/testing.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderNoticeRun } from '../service/assessment/order-run.ts';
import { chargeDecided, charger } from '../service/charges/charge-decided.ts';
import type { NoticeDeps } from '../service/notices/notice-deps.ts';
import { noticeRun } from '../service/notices/notice-run.ts';
import { issueNotice, listNotices, lookAtPrintFiles, openNotice, readNotice } from '../service/notices/notices.ts';
import { aPerson, assessAll, clerk, decideAll, type TaxTest, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';
import { symbolsOf } from './symbols-of-pdf.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());

const withNotices = (x: TaxTest): NoticeDeps & TaxTest['deps'] => ({
  ...x.deps,
  typesetter,
  subjectCheckKey: new Uint8Array(32).fill(3),
  office,
});
const ordinary = { ordinaryCollection: true };

const textOf = async (pdf: Uint8Array): Promise<string> => (await pagesOf(pdf)).join('');

async function run(deps: NoticeDeps) {
  const { orderId } = unwrap(await orderNoticeRun(deps, clerk, { fiscalYear: 2026 }));
  return { orderId, end: unwrap(await runBatch(deps, worker, noticeRun, { orderId, fiscalYear: 2026 })) };
}

/** Reads what is sealed as the owner of the test would, inside an act. */
const unseal = act('test.unseal', {
  right: ['resident-tax', 'notice', 'read'],
  async run(tx, deps: TaxTest['deps'], { ref }: { ref: string }) {
    const opened = await deps.sealed.open(tx, ref as SealedId, 'resident-tax/test');
    tx.record({ event: 'test.unsealed' });
    return opened.ok ? ok(opened.value) : opened;
  },
});

test('OUT-01 002-RTX-F6.1 INC-34 納税通知書: 一人一通、本人の氏名と税額だけが載り、印刷用データの合計が台帳と一致する', async () => {
  await using x = await taxTest();
  const deps = withNotices(x);
  const people = [
    { name: '目黒 太郎', paidYen: 4_000_000 },
    { name: '品川 次郎', paidYen: 5_000_000 },
  ];
  const ids = new Map<string, string>();
  for (const { name, paidYen } of people)
    ids.set(name, unwrap(await aPerson(deps, clerk, { name, reports: [{ paidYen, columns: ordinary }] })).personId);
  unwrap(await aPerson(deps, clerk, { name: '渋谷 三郎', reports: [{ paidYen: 3_000_000 }] })); // collected by the employer
  const rare = unwrap(
    await aPerson(deps, clerk, { name: '\u{2FFFD} 花', reports: [{ paidYen: 3_000_000, columns: ordinary }] }),
  );
  await assessAll(deps);
  await decideAll(deps);

  const { orderId, end } = await run(deps);
  assert.equal(end.state, 'done');
  const list = unwrap(await listNotices(deps, clerk, { fiscalYear: 2026, orderId, limit: 10, offset: 0 }));
  assert.deepEqual(list.rows.map((row) => row.name).sort(), ['品川 次郎', '目黒 太郎']);
  for (const { name } of people) {
    const row = list.rows.find((one) => one.name === name);
    const { pdf } = unwrap(await openNotice(deps, clerk, { documentId: row?.documentId ?? '' }));
    const text = await textOf(pdf);
    const [levy] = await x.t.owner<{ annual_yen: string }>(
      'select annual_yen from resident_tax.assessment where person_id = $1',
      [ids.get(name)],
    );
    assert.ok(text.includes(name), name);
    assert.ok(text.includes(`${Number(levy?.annual_yen).toLocaleString('ja-JP')}円`), name);
    for (const other of people) if (other.name !== name) assert.ok(!text.includes(other.name));
    assert.ok(text.includes(row?.documentId ?? '-'));
    // Twelve digits in a row stand in the line under the bar alone: the ward's own reference.
    assert.doesNotMatch(text.replaceAll(/[,，]|\(91\)[\d-]+/g, ''), /[0-9]{12}/);
    if (name === '目黒 太郎') await screenshotPdf(pdf, 'resident-tax-notice-pdf');
    const view = unwrap(await readNotice(deps, clerk, { documentId: row?.documentId ?? '' }));
    // Alone it is set from what is sealed, the same bytes each time; the register holds the digest of that.
    const said = unwrap(await unseal(deps, clerk, { ref: view.document.sealedRef }));
    assert.equal(view.document.sha256.toString('hex'), createHash('sha256').update(said).digest('hex'));
    if (name === '目黒 太郎')
      assert.deepEqual(unwrap(await openNotice(deps, clerk, { documentId: row?.documentId ?? '' })).pdf, pdf);
    assert.ok(text.includes(view.document.subjectCheck));
  }
  assert.notEqual(list.rows[0]?.documentId, list.rows[1]?.documentId);

  // The one whose name no font can draw is in the reject list, and in no envelope.
  const rejects = await x.t.owner<{ code: string; field: string }>('select code, field from jobs.reject');
  assert.deepEqual(rejects, [{ code: 'unprintable-character', field: 'addressee.name' }]);

  const print = unwrap(await lookAtPrintFiles(deps, clerk, { orderId }));
  assert.equal(print.balanced, true);
  assert.deepEqual([print.files.length, print.totals.documents], [1, 2]);
  // The part: each page bears the id of the document whose page the plan says it is, and only that person's name.
  const part = unwrap(readPrintPart(unwrap(await unseal(deps, clerk, { ref: print.files[0]?.sealedRef ?? '' }))));
  const pages = await pagesOf(part.pdf);
  assert.deepEqual([pages.length, part.documents.length], [print.totals.pages, 2]);
  for (const { documentId, firstPage, pages: count, face } of part.documents)
    for (let n = 1; n <= count; n++) {
      const page = pages[firstPage + n - 2] ?? '';
      assert.ok(page.includes(documentId) && page.endsWith(`${n}/${count}`), `${documentId} ${n}: ${page.slice(-40)}`);
      for (const { name } of people) assert.equal(page.includes(name), name === face.name, name);
    }

  // A second run finds nothing to do; a levy is notified once; and a rejected one cannot be forced past a missing glyph.
  await run(deps);
  assert.equal((await x.t.owner('select 1 from resident_tax.document')).length, 2);
  const [notified] = await x.t.owner<{ assessment_id: string }>(
    'select assessment_id from resident_tax.document limit 1',
  );
  const again = { assessmentId: notified?.assessment_id ?? '', allowOtherShapes: false };
  assert.deepEqual(await issueNotice(deps, clerk, again), { ok: false, error: 'already-notified' });
  const [held] = await x.t.owner<{ assessment_id: string }>(
    'select assessment_id from resident_tax.assessment where person_id = $1',
    [rare.personId],
  );
  assert.deepEqual(
    await issueNotice(deps, clerk, { assessmentId: held?.assessment_id ?? '', allowOtherShapes: true }),
    {
      ok: false,
      error: 'unprintable-character',
    },
  );
  const opened = await x.t.owner('select 1 from audit.intake_event where body like \'%"notice.opened"%\'');
  assert.equal(opened.length, 3);
});

test('INC-34 INC-45 通知書の分冊: 途中で落ちてやり直しても同じ分冊になり、住所を省略した通知は庁内の分冊だけに載る。別人の通知として登録することはデータベースが拒む', async () => {
  await using x = await taxTest();
  const sheets: Buffer[] = [];
  const dying: Typesetter = {
    ...typesetter,
    async renderPart(part) {
      const set = await typesetter.renderPart(part);
      sheets.push(Buffer.from(set.pdf));
      if (sheets.length === 2) throw new Error('the worker dies');
      return set;
    },
  };
  const deps = { ...withNotices(x), typesetter: dying };
  const ids: string[] = [];
  for (const paidYen of [4_000_000, 5_000_000])
    ids.push(unwrap(await aPerson(deps, clerk, { reports: [{ paidYen, columns: ordinary }] })).personId);
  await x.t.owner('update resident_tax.person_state set address_protected = true where person_id = $1', [ids[1]]);
  await assessAll(deps);
  await decideAll(deps);
  unwrap(await chargeDecided(deps, charger, undefined));
  const { orderId } = unwrap(await orderNoticeRun(deps, clerk, { fiscalYear: 2026 }));
  // The part is undone as a whole and begun anew, from the same moment and with the slips that were numbered before.
  assert.equal(unwrap(await runBatch(deps, worker, noticeRun, { orderId, fiscalYear: 2026 })).state, 'done');
  assert.equal(sheets.length, 4);
  const digests = sheets.map((pdf) => createHash('sha256').update(pdf).digest('hex'));
  assert.deepEqual(digests.slice(2), digests.slice(0, 2));

  const { files, balanced } = unwrap(await lookAtPrintFiles(deps, clerk, { orderId }));
  assert.deepEqual(
    [balanced, ...files.map((file) => [file.handling, file.documents])],
    [true, ['contractor', 1], ['office', 1]],
  );
  const parts = [];
  for (const { sealedRef } of files)
    parts.push(unwrap(readPrintPart(unwrap(await unseal(deps, clerk, { ref: sealedRef })))));
  const owners = await x.t.owner<{ part_no: number; person_id: string }>(
    'select part_no, person_id from resident_tax.document order by part_no',
  );
  assert.deepEqual(
    owners.map((row) => row.person_id),
    ids,
  );
  assert.ok((await textOf(parts[1]?.pdf ?? new Uint8Array())).includes('住所の記載を省略しています'));
  assert.deepEqual(
    parts[1]?.documents.map(({ face }) => [face.name, face.address]),
    [['', '']],
  );

  await assert.rejects(
    x.t.owner(
      `update resident_tax.document d set person_id = (select person_id from resident_tax.document o where o.person_id <> d.person_id)`,
    ),
    /violates foreign key/,
  );
});

test('002 F6.1 地方税法321条の2 税額の変更: 通知した後に変わった賦課は税額変更通知書になり、変わった期の納付書だけが入る', async () => {
  await using x = await taxTest();
  const deps = withNotices(x);
  const a = unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 4_000_000, columns: ordinary }] }));
  await assessAll(deps);
  await decideAll(deps);
  await run(deps);
  const late = { paidYen: 300_000, columns: { ...ordinary, incomeAfterDeductionYen: undefined } };
  const b = unwrap(await aPerson(deps, clerk, { reports: [late] }));
  await x.t.owner('update resident_tax.report_state set person_id = $1 where person_id = $2', [a.personId, b.personId]);
  x.t.deps.civilClock.set('2026-09-15');
  await assessAll(deps);
  await decideAll(deps);
  await run(deps);
  assert.deepEqual(await x.t.owner('select code from jobs.reject'), []);
  const { rows } = unwrap(await listNotices(deps, clerk, { fiscalYear: 2026, orderId: null, limit: 9, offset: 0 }));
  assert.deepEqual(
    rows.map((row) => [row.documentId, row.kind]),
    [
      ['RTX-2026-000001', 'tax-notice'],
      ['RTX-2026-000002', 'change-notice'],
    ],
  );
  const { pdf } = unwrap(await openNotice(deps, clerk, { documentId: 'RTX-2026-000002' }));
  await screenshotPdf(pdf, 'resident-tax-change-notice-pdf');
  const text = await textOf(pdf);
  const levies = await x.t.owner<{ annual_yen: string }>(
    'select annual_yen from resident_tax.assessment order by version',
  );
  for (const part of ['税額変更通知書', ...levies.map((l) => `${Number(l.annual_yen).toLocaleString('ja-JP')}円`)])
    assert.ok(text.includes(part), part);
  assert.equal(text.split('領収証書').length - 1, 2);
});

test('INC-33 formats el-qr 納付書: 通知書の紙面から、独立した読取りがどの期の納付番号と金額もその場所に読む', async () => {
  await using x = await taxTest();
  const deps = withNotices(x);
  unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 4_000_000, columns: ordinary }] }));
  await assessAll(deps);
  await decideAll(deps);
  await run(deps);
  const { pdf } = unwrap(await openNotice(deps, clerk, { documentId: 'RTX-2026-000001' }));
  const slips = await x.t.owner<{ key: string; yen: string; reference: string }>(
    'select case_key as key, amount_yen as yen, convenience_reference as reference from resident_tax.payment_slip order by case_key',
  );
  const read = await symbolsOf(pdf);
  const codes = read.filter(({ format }) => format === 'QRCode').map(({ text }) => unwrap(readElQr(text)));
  assert.deepEqual(
    codes.map((qr) => [qr.caseKey, qr.amountYen, qr.body]).sort(),
    slips.map(({ key, yen }) => [key, Number(yen), '13110']),
  );
  // In the order of the page each code stands beside its own period and amount, printed in letters.
  const printed = [...(await textOf(pdf)).matchAll(/納付済通知書\s*令和8年度\s*第([1-4])期\s*([\d,]+)円/gu)];
  assert.deepEqual(
    codes.map((qr) => [qr.instalment, qr.amountYen]),
    printed.map(([, period, yen]) => [Number(period), Number((yen ?? '').replaceAll(',', ''))]),
  );
  const bars = read.filter(({ format }) => format === 'Code128');
  const stores = bars.map(({ text }) => unwrap(readConvenienceCode(text.replaceAll(/\D/g, ''))));
  assert.deepEqual(
    stores.map((bar) => [bar.reference, bar.amountYen, bar.company]).sort(),
    slips.map(({ reference, yen }) => [reference, Number(yen), '912345']),
  );
});

test('002 F6 通知書の作成: 決定前の賦課は通知されず、裏で書き換えられた賦課は止まる', async () => {
  await using x = await taxTest();
  const deps = withNotices(x);
  unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 4_000_000, columns: ordinary }] }));
  await assessAll(deps);
  const [draft] = await x.t.owner<{ assessment_id: string }>('select assessment_id from resident_tax.assessment');
  const command = { assessmentId: draft?.assessment_id ?? '', allowOtherShapes: false };
  assert.deepEqual(await issueNotice(deps, clerk, command), { ok: false, error: 'not-decided' });
  await decideAll(deps);
  await x.t.owner(
    `update resident_tax.assessment set ward_per_income_yen = 0, annual_yen = annual_yen - ward_per_income_yen,
       instalment_due_on = instalment_due_on[1:1], instalment_yen = array[annual_yen - ward_per_income_yen]`,
  );
  assert.deepEqual(await issueNotice(deps, clerk, command), { ok: false, error: 'does-not-agree-with-reasons' });
});
