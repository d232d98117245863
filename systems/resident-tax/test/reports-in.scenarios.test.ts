import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { taxDocumentFilings } from '@musubi/contracts/tax-documents/filing.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import { unsalted } from '@musubi/kernel/streams/envelope.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { drawNext } from '@musubi/tax-documents/service/draw.ts';
import { provideImage } from '@musubi/tax-documents/service/read.ts';
import { type Archive, anArchive, bring, taxSystem, typesetter } from '@musubi/tax-documents/test/an-archive.ts';
import type { Deps } from '../deps.ts';
import { handOverNext } from '../service/images/hand-over.ts';
import { readIntakes } from '../service/intake/read-intakes.ts';
import { readReport, readWork } from '../service/intake/read-work.ts';
import { decideLink, resolveReport } from '../service/intake/resolve-report.ts';
import { readPerson } from '../service/persons/read-person.ts';
import {
  anIntake,
  clerk,
  coverOf,
  fileOf,
  fileReports,
  type IntakeTest,
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
