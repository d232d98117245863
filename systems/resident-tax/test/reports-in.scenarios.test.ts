import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { taxDocumentFilings } from '@musubi/contracts/tax-documents/filing.ts';
import { writeWardReturns } from '@musubi/contracts/tax-return/ward-return.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import { unsalted } from '@musubi/kernel/streams/envelope.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { drawNext } from '@musubi/tax-documents/service/draw.ts';
import { provideImage } from '@musubi/tax-documents/service/read.ts';
import { type Archive, anArchive, bring, taxSystem, typesetter } from '@musubi/tax-documents/test/an-archive.ts';
import type { Deps } from '../deps.ts';
import { handOverNext } from '../service/images/hand-over.ts';
import {
  closeBatch,
  confirmKeying,
  correctSheet,
  orderKeying,
  readKeyedBatch,
  receiveKeyedBatch,
  verifyBatch,
} from '../service/intake/keyed-batches.ts';
import { readIntakes } from '../service/intake/read-intakes.ts';
import { readReport, readWork } from '../service/intake/read-work.ts';
import { decideLink, resolveReport } from '../service/intake/resolve-report.ts';
import { takeIn } from '../service/intake/take-in.ts';
import { readPerson } from '../service/persons/read-person.ts';
import { aSheet } from './a-sheet.ts';
import {
  anIntake,
  clerk,
  coverOf,
  fileOf,
  fileReports,
  type IntakeTest,
  job,
  people,
  receive,
  recordOf,
  register,
  type Someone,
  sampleColumns,
  staff,
  takeInFile,
} from './an-intake.ts';

after(() => typesetter.close());

const word = <V, E>(result: Result<V, E>): E | 'ok' => (result.ok ? 'ok' : result.error);
const images = 'meguro/tax-documents';

/** What waits in the outgoing streams for the images, opened as the courier would. */
const outgoing = act('test.outgoing', {
  right: ['resident-tax', 'intake', 'read'],
  async run(tx, deps: Deps, _command: undefined) {
    const sent = await tx<{ ref: string }>`
      select payload_ref as ref from streams.outgoing where family = ${taxDocumentFilings.name} order by number`;
    const payloads = sealedPayloads(deps.sealed, deps.machineClock);
    const opened =
      (await payloads.openMany?.(
        tx,
        sent.map(({ ref }) => ref),
      )) ?? [];
    const messages = opened.map((bytes) =>
      taxDocumentFilings.schema.parse(JSON.parse(unsalted(Buffer.from(bytes).toString()))),
    );
    tx.record({ event: 'test.outgoing' });
    return ok(messages);
  },
});

async function carry(i: IntakeTest, archive: Archive): Promise<void> {
  while ((await handOverNext({ ...i.deps, taxDocuments: images })) === 'more');
  for (const message of unwrap(await outgoing(i.deps, clerk, undefined))) unwrap(await bring(archive, message));
  while ((await drawNext(archive.deps)) === 'more');
}

test('AC-01 総括表120人・個別120件の電送: 120件が特定済み、イメージ120件、取込結果120/120/0、特定ごとに記録がある', async () => {
  await using i = await anIntake();
  await using archive = await anArchive();
  const everyone = people(120);
  const ids = await register(i.deps, everyone);
  const sample = await sampleColumns();
  const file = fileOf(everyone.map((who) => recordOf(sample, who)));
  const summary = {
    designationNumber: null,
    municipality: '131105',
    specialCollection: 100,
    ordinaryCollectionLeft: 5,
    ordinaryCollectionOther: 15,
    total: 120,
  };
  const { intakeId } = unwrap(await receive(i.deps, coverOf(i.deps, file, 120, { summary }), file));
  await takeInFile(i.deps, intakeId);

  const query = { state: null, incomeYear: 2025, ascending: true, limit: 10, offset: 0 };
  const [line] = unwrap(await readIntakes(i.deps, clerk, query)).rows;
  assert.deepEqual([line?.announced, line?.accepted, line?.rejected], [120, 120, 0]);
  const links = await i.t.owner<{ person: string; subjects: number }>(`
    select s.person_id as person, (select count(*)::int from audit.subject u
       where u.event_id = s.event_id and u.subject = s.person_id::text) as subjects
      from resident_tax.match_step s where s.step = 'linked'`);
  assert.equal(links.length, 120);
  assert.deepEqual(new Set(links.map((l) => l.person)), new Set(ids.values()));
  assert.ok(links.every(({ subjects }) => subjects === 1));

  await carry(i, archive);
  const [drawn] = await archive.t.owner<{ n: number }>('select count(*)::int as n from tax_documents.image');
  assert.equal(drawn?.n, 120);
  const read = unwrap(await readPerson(i.deps, clerk, { personId: ids.get(1) ?? '', fiscalYear: 2026 }));
  const [document] = read.documents;
  const image = await provideImage(archive.deps, taxSystem, {
    documentId: document?.reportId ?? '',
    lookedAtBy: 'clerk-1',
  });
  assert.equal(unwrap(image).pages >= 1, true);
  assert.equal(await handOverNext({ ...i.deps, taxDocuments: images }), 'idle');
  assert.equal(unwrap(await outgoing(i.deps, clerk, undefined)).length, 120);
});

test('AC-03 個人番号は一致し氏名が違う報告書: 保留され、両方の値が見え、本人確認の記録がなければ結び付かない', async () => {
  await using i = await anIntake();
  const number = unwrap(IndividualNumber.parse('123456789018'));
  const [someone] = people(1) as [Someone];
  const taro: Someone = { ...someone, number, name: '目黒　太郎', bornOn: '1980-04-01' };
  const ids = await register(i.deps, [taro]);
  await fileReports(i.deps, [{ ...taro, name: '目黒　次郎' }]);
  const [work] = unwrap(
    await readWork(i.deps, clerk, {
      state: null,
      reasonCode: null,
      kana: null,
      payer: null,
      sort: 'since',
      descending: false,
      limit: 10,
      offset: 0,
    }),
  ).rows;
  const reportId = work?.reportId ?? '';
  const shown = unwrap(await readReport(i.deps, clerk, { reportId }));
  assert.deepEqual([shown.report.name, shown.candidates[0]?.current.name], ['目黒　次郎', '目黒　太郎']);
  assert.deepEqual(shown.candidates[0]?.differs.includes('name'), true);
  const personId = ids.get(taro.no) ?? '';
  const documents = async (): Promise<number> =>
    unwrap(await readPerson(i.deps, clerk, { personId, fiscalYear: 2026 })).documents.filter(
      ({ use }) => use === 'counted',
    ).length;
  assert.equal(await documents(), 0);

  const link = (note?: string) =>
    resolveReport(i.deps, clerk, {
      reportId,
      seenStep: shown.state.lastStep,
      decision: { kind: 'link', personId, reason: 'document-checked' },
      note,
    });
  assert.equal(word(await link()), 'note-missing');
  assert.equal(unwrap(await link('運転免許証の写しで氏名の変更を確認')).state, 'awaiting-second');
  assert.equal(await documents(), 0);
  assert.equal(word(await decideLink(i.deps, clerk, { reportId, decision: 'approved' })), 'approver-is-requester');
  assert.equal(unwrap(await decideLink(i.deps, staff('chief-1'), { reportId, decision: 'approved' })).state, 'linked');
  assert.equal(await documents(), 1);
  const { steps } = unwrap(await readReport(i.deps, clerk, { reportId }));
  assert.deepEqual(
    steps.slice(1).map(({ decidedBy, reasonCode, note }) => [decidedBy, reasonCode, note]),
    [
      ['clerk-1', 'document-checked', '運転免許証の写しで氏名の変更を確認'],
      ['chief-1', 'document-checked', null],
    ],
  );
});

test('AC-07 同じ勤務先・同じ人・同じ年の二枚目: 新規は重複として数えず、訂正は前の報告書に代わり、取消は合算から外す', async () => {
  await using i = await anIntake();
  const [who] = people(1) as [Someone];
  const ids = await register(i.deps, [who]);
  const paid = async (): Promise<number[]> =>
    unwrap(await readPerson(i.deps, clerk, { personId: ids.get(1) ?? '', fiscalYear: 2026 }))
      .documents.filter(({ use }) => use === 'counted')
      .map(({ paidYen }) => paidYen);
  const lastState = async (): Promise<string[]> => {
    const [row] = await i.t.owner<{ state: string; reason: string }>(`
      select s.state, m.reason_code as reason from resident_tax.report_state s
        join resident_tax.match_step m on m.report_id = s.report_id and m.step_no = s.last_step
        join resident_tax.report r on r.report_id = s.report_id join resident_tax.intake f using (intake_id)
       order by f.received_at desc limit 1`);
    return [row?.state ?? '', row?.reason ?? ''];
  };
  const file = (submissionKind: 'new' | 'correction' | 'cancellation', paidYen: number) =>
    fileReports(i.deps, [who, { submissionKind, paidYen: yen(paidYen) }]);
  await file('new', 4_000_000);
  await file('new', 4_100_000);
  assert.deepEqual(await lastState(), ['candidates', 'same-payer-again']);
  assert.deepEqual(await paid(), [4_000_000]);
  await file('correction', 4_200_000);
  assert.deepEqual(await paid(), [4_200_000]);
  const superseded = await i.t.owner<{ paid: number }>(`
    select r.paid_yen::int as paid from resident_tax.report_state s join resident_tax.report r using (report_id)
     where s.state = 'superseded'`);
  assert.deepEqual(superseded, [{ paid: 4_000_000 }]);
  await file('cancellation', 4_200_000);
  assert.deepEqual(await paid(), []);
});

test('AC-08 紙の申告500枚の入力委託: 499件は受け付けず事故を開き、500件を別の職員が検証し、返却500枚と消去確認で完了する', async () => {
  await using i = await anIntake();
  const everyone = people(100).flatMap((who) => Array<Someone>(5).fill(who));
  const contractor = { corporateNumber: '4011305001653', name: '見本データ入力株式会社（業者1）' };
  const order = { incomeYear: 2025, sheets: 500, contractor, takenBy: '入力 次郎' };
  const { deliveryId, batchNumber } = unwrap(await orderKeying(i.deps, clerk, order));
  const [slip] = unwrap(await readKeyedBatch(i.deps, clerk, { deliveryId })).steps;
  assert.deepEqual(
    [slip?.step, slip?.sheets, slip?.doneOn, slip?.doneBy, slip?.otherSide],
    ['handed-over', 500, '2026-02-02', 'clerk-1', '入力 次郎'],
  );

  const sheets = everyone.map((who, at) => aSheet(who, batchNumber, at + 1));
  const differing = sheets[7]!.entryB.replace('1500000', '1600000');
  const whole = unwrap(writeWardReturns(sheets.map((one, at) => (at === 7 ? { ...one, entryB: differing } : one))));
  const deliver = (file: Uint8Array) => receiveKeyedBatch(i.deps, clerk, { deliveryId, file });
  const short = unwrap(await deliver(unwrap(writeWardReturns(sheets.slice(0, 499)))));
  assert.deepEqual([short.outcome, short.outcome === 'refused' && short.fault], ['refused', 'sheet-missing']);
  const batch = async () => unwrap(await readKeyedBatch(i.deps, clerk, { deliveryId }));
  assert.deepEqual(
    (await batch()).incidents.map(({ expected, found, resolution }) => [expected, found, resolution]),
    [[500, 499, null]],
  );
  assert.equal(word(await verifyBatch(i.deps, clerk, { deliveryId, sheets: 500 })), 'not-delivered');
  assert.equal(unwrap(await deliver(whole)).outcome, 'accepted');
  assert.deepEqual((await batch()).incidents[0]?.resolution, '再納品により解消');

  // Sheet 8: both entries differ, and a clerk enters what the paper says. The same clerk cannot verify.
  const correction = { deliveryId, sheetNumber: 8, element: 'ABB00110', value: '1500000' };
  assert.equal(word(await correctSheet(i.deps, clerk, { ...correction, element: 'ABA00125' })), 'number-not-here');
  assert.equal(word(await correctSheet(i.deps, clerk, { ...correction, value: '百五十万' })), 'unreadable-value');
  unwrap(await correctSheet(i.deps, clerk, correction));
  assert.equal(word(await verifyBatch(i.deps, clerk, { deliveryId, sheets: 500 })), 'verifier-entered');
  assert.equal(word(await verifyBatch(i.deps, staff('clerk-2'), { deliveryId, sheets: 499 })), 'count-differs');
  assert.equal(word(await closeBatch(i.deps, clerk, { deliveryId })), 'not-finished');
  const { intakeId } = unwrap(await verifyBatch(i.deps, staff('clerk-2'), { deliveryId, sheets: 500 }));
  assert.equal(word(await correctSheet(i.deps, clerk, correction)), 'already-verified');
  await takeInFile(i.deps, intakeId);
  const query = { state: null, incomeYear: 2025, ascending: true, limit: 10, offset: 0 };
  const [line] = unwrap(await readIntakes(i.deps, clerk, query)).rows;
  assert.deepEqual([line?.accepted, line?.rejected], [500, 0]);

  const confirm = { deliveryId, otherSide: '入力 次郎', evidence: '返却票 2026-18' };
  const wrong = unwrap(await confirmKeying(i.deps, clerk, { ...confirm, step: 'returned', sheets: 498 }));
  assert.notEqual(wrong.incidentId, undefined);
  assert.equal(
    word(await confirmKeying(i.deps, clerk, { ...confirm, step: 'erased', sheets: 500, evidence: ' ' })),
    'not-confirmed',
  );
  unwrap(await confirmKeying(i.deps, clerk, { ...confirm, step: 'returned', sheets: 500 }));
  assert.equal(word(await closeBatch(i.deps, clerk, { deliveryId })), 'not-finished');
  unwrap(await confirmKeying(i.deps, clerk, { ...confirm, step: 'erased', sheets: 500, evidence: '消去証明書 77' }));
  unwrap(await closeBatch(i.deps, clerk, { deliveryId }));
  assert.deepEqual(
    (await batch()).steps.map(({ step, sheets: n }) => [step, n]),
    [
      ['handed-over', 500],
      ['verified', 500],
      ['returned', 500],
      ['erased', 500],
      ['closed', 500],
    ],
  );
});

mechanismTest(
  'input.second-entry',
  '002-III.2-R3-07 入力を補正した職員は検証できず、検証の前の帳票は取り込まれない',
  async () => {
    await using i = await anIntake();
    const [who] = people(1) as [Someone];
    const contractor = { corporateNumber: '4011305001653', name: '見本データ入力株式会社' };
    const order = { incomeYear: 2025, sheets: 1, contractor, takenBy: '入力 次郎' };
    const { deliveryId, batchNumber } = unwrap(await orderKeying(i.deps, clerk, order));
    const file = unwrap(writeWardReturns([aSheet(who, batchNumber, 1)]));
    const delivered = unwrap(await receiveKeyedBatch(i.deps, clerk, { deliveryId, file }));
    assert.ok(delivered.outcome === 'accepted');
    const early = unwrap(await runBatch(i.deps, job, takeIn, { intakeId: delivered.intakeId }));
    assert.deepEqual([early.state, early.why], ['blocked', 'not-verified']);
    unwrap(await correctSheet(i.deps, clerk, { deliveryId, sheetNumber: 1, element: 'ABB00110', value: '1500000' }));
    assert.equal(word(await verifyBatch(i.deps, clerk, { deliveryId, sheets: 1 })), 'verifier-entered');
  },
);
