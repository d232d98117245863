import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { decideSubmission } from '../service/assessment/decide.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderSpecialNoticeRun } from '../service/assessment/order-run.ts';
import { submitAssessments } from '../service/assessment/submit.ts';
import { runSpecialNotices } from '../service/special-notices/special-notice-run.ts';
import { lookAtSpecialNotices, openSpecialNotice } from '../service/special-notices/special-notices.ts';
import { aPerson, assessAll, chargeAll, chief, clerk, sentCharges, taxTest } from './assessment-setup.ts';
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
