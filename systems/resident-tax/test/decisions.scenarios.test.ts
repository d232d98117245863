import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { decideSubmission } from '../service/assessment/decide.ts';
import { holdReasons } from '../service/assessment/draft.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderNoticeRun, orderSpecialNoticeRun } from '../service/assessment/order-run.ts';
import { readAssessment } from '../service/assessment/read.ts';
import { submitAssessments } from '../service/assessment/submit.ts';
import { noticeRun } from '../service/notices/notice-run.ts';
import { noteServiceDays } from '../service/notices/service-days.ts';
import type { PrintDeps } from '../service/printing/functions.ts';
import { openPublicNotice, postPublicNotice, preparePublicNotice } from '../service/printing/public-notice.ts';
import { registerReturn } from '../service/printing/returned-mail.ts';
import { runSpecialNotices } from '../service/special-notices/special-notice-run.ts';
import { lookAtSpecialNotices, openSpecialNotice } from '../service/special-notices/special-notices.ts';
import { aPerson, assessAll, chargeAll, chief, clerk, decideAll, sentCharges, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());

test('AC-12 賦課と徴収区分: 年税額250,000円は特別徴収で6月21,200円と11か月20,800円、普通徴収で64,000円と62,000円3回になり、起案者は承認できない', async () => {
  await using x = await taxTest();
  const deps = { ...x.deps, typesetter, subjectCheckKey: new Uint8Array(32).fill(3), office };
  // 5,000,000 → 3,560,000 − 655,000 − 430,000 = 2,475,000; 10% less 2,500, and 5,000 of 均等割 and 森林環境税: 250,000.
  const wage = { paidYen: 5_000_000, columns: { socialInsuranceYen: 655_000 } };
  const taro = unwrap(await aPerson(deps, clerk, { name: '目黒 太郎', reports: [wage] }));
  const slips = { ...wage, columns: { ...wage.columns, ordinaryCollection: true } };
  const jiro = unwrap(
    await aPerson(deps, clerk, { name: '品川 次郎', address: '東京都目黒区八雲1-1-1', reports: [slips] }),
  );
  await assessAll(deps);
  const { submissionId } = unwrap(await submitAssessments(deps, clerk, { fiscalYear: 2026, assessmentIds: null }));
  const approve = { submissionId, decision: 'approve', reason: '' } as const;
  assert.deepEqual(await decideSubmission(deps, clerk, approve), err('approver-is-drafter'));
  unwrap(await decideSubmission(deps, chief, approve));
  await chargeAll(deps);

  const levies = await x.t.owner<{ person: string; collection: string; annual: number }>(
    'select person_id as person, collection, annual_yen::int as annual from resident_tax.assessment',
  );
  assert.deepEqual(
    levies.map((levy) => [levy.person, levy.collection, levy.annual]).sort(),
    [
      [taro.personId, 'special', 250_000],
      [jiro.personId, 'ordinary', 250_000],
    ].sort(),
  );
  const charges = unwrap(await sentCharges(deps, clerk, undefined));
  const amounts = (method: string) =>
    charges
      .filter((charge) => charge.method === method)
      .toSorted((a, b) => a.dueOn.localeCompare(b.dueOn))
      .map(({ items }) => Object.values(items).reduce((sum, yen) => sum + yen, 0));
  assert.deepEqual(amounts('special'), [21_200, ...new Array<number>(11).fill(20_800)]);
  assert.deepEqual(amounts('ordinary'), [64_000, 62_000, 62_000, 62_000]);

  // The agent's notice, and the person's through the agent.
  const { orderId } = unwrap(await orderSpecialNoticeRun(deps, clerk, { fiscalYear: 2026 }));
  unwrap(await runSpecialNotices(deps, worker, { orderId, fiscalYear: 2026 }));
  const { rows } = unwrap(await lookAtSpecialNotices(deps, clerk, { fiscalYear: 2026, limit: 9, offset: 0 }));
  assert.deepEqual(
    rows.map((row) => [row.persons, row.totalYen]),
    [[1, 250_000]],
  );
  const noticeId = rows[0]!.noticeId;
  const employees = unwrap(await openSpecialNotice(deps, clerk, { noticeId, part: 'employees' }));
  const text = await textOfPdf(employees.bytes);
  for (const part of ['目黒 太郎', '250,000円', '21,200円', '20,800円']) assert.ok(text.includes(part), part);
  assert.ok(!text.includes('品川 次郎'));
});

test('INC-19 平塚市ほか: 納税通知書の送達以後に初めて申告された上場株式等の配当は算入せず、送達日の記録がない人は保留し、条文と両方の日を画面に示す', async () => {
  await using x = await taxTest();
  const deps = {
    ...x.deps,
    typesetter,
    subjectCheckKey: new Uint8Array(32).fill(3),
    office,
  } as typeof x.deps & PrintDeps;
  const day = (text: string) => x.t.deps.civilClock.set(text);
  const wages = { paidYen: 4_000_000, columns: { ordinaryCollection: true } };
  const persons = new Map<string, string>();
  for (const name of ['前日', '当日', '翌日', '返戻', '公示前', '公示後', '記録なし', '再申告'])
    persons.set(name, unwrap(await aPerson(deps, clerk, { name, reports: [wages] })).personId);
  /** A return by the national tax system of these wages and dividends of listed shares: 500,000 yen, 24,000 withheld. */
  const dividends = { ABL00137: '500000', ABL00325: '500000', ABI00104: '24000' };
  const declares = async (name: string, filedOn: string, more: Readonly<Record<string, string>> = dividends) => {
    const columns = { items: { ABB00080: '4000000', ABB00370: '2760000', ABI00010: '2', ...more } };
    const filed = { kind: 'tax-return' as const, payerName: '目黒税務署', paidYen: 4_000_000, columns };
    const { personId, reportIds } = unwrap(await aPerson(deps, clerk, { name: `${name}の申告`, reports: [filed] }));
    await x.t.owner('update resident_tax.report set filed_on = $2 where report_id = $1', [reportIds[0], filedOn]);
    await x.t.owner('update resident_tax.report_state set person_id = $2 where person_id = $1', [
      personId,
      persons.get(name),
    ]);
    return reportIds[0]!;
  };
  const first = await declares('再申告', '2026-03-10');
  await assessAll(deps);
  await decideAll(deps);
  day('2026-06-10');
  const { orderId } = unwrap(await orderNoticeRun(deps, clerk, { fiscalYear: 2026 }));
  unwrap(await runBatch(deps, worker, noticeRun, { orderId, fiscalYear: 2026 }));
  const documentOf = async (name: string): Promise<string> =>
    (
      await x.t.owner<{ id: string }>('select document_id as id from resident_tax.document where person_id = $1', [
        persons.get(name),
      ])
    )[0]!.id;

  // The days of service: by the record of dispatch, by 公示送達, none for what came back.
  const served = async (name: string, on: string, evidence = '差出しの記録') =>
    noteServiceDays(deps, clerk, {
      of: { documentId: await documentOf(name) },
      servedOn: Temporal.PlainDate.from(on),
      evidence,
    });
  assert.deepEqual(await served('前日', '2026-06-12'), err('served-in-future'));
  day('2026-06-20');
  assert.deepEqual(await served('前日', '2026-06-12', ' '), err('evidence-missing'));
  assert.deepEqual(await served('前日', '2026-06-09'), err('served-before-issue'));
  for (const name of ['前日', '当日', '翌日', '再申告']) unwrap(await served(name, '2026-06-12'));
  const returned = new Map<string, string>();
  for (const name of ['返戻', '公示前', '公示後']) {
    const mail = { documentId: await documentOf(name), reason: 'unknown-address' as const };
    returned.set(name, unwrap(await registerReturn(deps, clerk, mail)).returnId);
  }
  assert.deepEqual(await served('返戻', '2026-06-12'), err('came-back'));
  for (const name of ['公示前', '公示後']) {
    const ground = '住民票の調査、現地調査を行ったが居所不明';
    const notice = unwrap(await preparePublicNotice(deps, clerk, { returnId: returned.get(name)!, ground }));
    const { sha256: seenSha256 } = unwrap(await openPublicNotice(deps, chief, notice));
    assert.deepEqual(unwrap(await postPublicNotice(deps, chief, { ...notice, seenSha256 })), {
      servedOn: '2026-06-27',
    });
  }

  day('2026-07-15');
  const filings = [
    ['前日', '2026-06-11', 3_260_000],
    ['当日', '2026-06-12', 2_760_000],
    ['翌日', '2026-06-13', 2_760_000],
    ['返戻', '2026-07-01', 3_260_000],
    ['公示前', '2026-06-26', 3_260_000],
    ['公示後', '2026-06-28', 2_760_000],
    ['記録なし', '2026-06-13', 2_760_000],
  ] as const;
  for (const [name, filedOn] of filings) await declares(name, filedOn);
  // Declared first in March; the amended return of July repeats it: it was declared before the service.
  const amended = await declares('再申告', '2026-07-10');
  await x.t.owner(
    `insert into resident_tax.report_supersession (report_id, by_report_id, event_id) select $1, $2, event_id from resident_tax.report limit 1`,
    [first, amended],
  );
  const newest = async (name: string) =>
    (
      await x.t.owner<{ id: string; income: number; yen: number; version: number }>(
        `select assessment_id as id, total_income_yen::int as income, annual_yen::int as yen, version from resident_tax.assessment
          where person_id = $1 order by version desc limit 1`,
        [persons.get(name)],
      )
    )[0]!;
  const { end } = await assessAll(deps);
  assert.equal(end.state, 'done');
  const rejects = await x.t.owner<{ code: string; ref: string }>('select code, ref from jobs.reject');
  assert.deepEqual(rejects, [{ code: 'service-day-missing', ref: persons.get('記録なし') }]);
  assert.equal(holdReasons['service-day-missing'], '送達日が記録されていません');
  // Without the day the levy stays as it was told.
  assert.equal((await newest('記録なし')).version, 1);
  // The run's remaining notice: its day decides what was held.
  const rest = { of: { orderId }, servedOn: Temporal.PlainDate.from('2026-06-12'), evidence: '差出しの記録' };
  assert.deepEqual(await noteServiceDays(deps, clerk, rest), { ok: true, value: { noted: 1 } });
  await assessAll(deps);
  for (const [name, , income] of filings) {
    const levy = await newest(name);
    // 500,000 at 5% less what was withheld: 1,000 yen more where it enters.
    assert.deepEqual([levy.income, levy.yen], [income, income === 3_260_000 ? 236_500 : 235_500], name);
  }
  assert.equal((await newest('再申告')).income, 3_260_000);

  const shown = async (name: string) => {
    const { listed } = unwrap(await readAssessment(deps, clerk, { assessmentId: (await newest(name)).id }));
    return [listed?.declaredOn, listed?.service, listed?.shares];
  };
  const article = '地方税法 第313条第13項・第15項';
  assert.deepEqual(await shown('当日'), [
    '2026-06-12',
    { state: 'served', on: '2026-06-12' },
    { verdict: 'left-out', article },
  ]);
  assert.deepEqual(await shown('公示前'), [
    '2026-06-26',
    { state: 'served', on: '2026-06-27' },
    { verdict: 'enter', article },
  ]);
  assert.deepEqual(await shown('返戻'), ['2026-07-01', { state: 'not-served' }, { verdict: 'enter', article }]);
});
