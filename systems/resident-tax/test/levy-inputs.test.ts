import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { holdReasons } from '../service/assessment/draft.ts';
import { worker } from '../service/assessment/functions.ts';
import { assessmentRun } from '../service/assessment/run.ts';
import { readHeldPerson, settleReports } from '../service/assessment/settle.ts';
import { declareLevyInput, receiveOfficeList, waiveLevyInput } from '../service/intake/levy-inputs.ts';
import { irregular } from '../service/irregular/irregular.ts';
import { anIntake, clerk, fileReports, type IntakeTest, people, register, type Someone, staff } from './an-intake.ts';
import { assessAll } from './assessment-setup.ts';

const input = { fiscalYear: 2026, input: 'public-assistance' } as const;
const asOf = Temporal.PlainDate.from('2026-01-01');
const chief = staff('chief-1');
const list = (date: string, count: number, ...addressees: readonly string[]): string =>
  [`OL01,public-assistance,${date},${count}`, ...addressees, ''].join('\n');

async function twoEarners(i: IntakeTest) {
  const everyone = people(2) as [Someone, Someone];
  const ids = await register(i.deps, everyone);
  await fileReports(i.deps, ...everyone.map((who) => [who] as const));
  return ids;
}
const levies = (i: IntakeTest) =>
  i.t.owner<{ person_id: string; status: string }>('select person_id, status from resident_tax.assessment');
const deliver = async (i: IntakeTest, text: string, statement = '') => {
  const received = await receiveOfficeList(i.deps, clerk, { ...input, text, statement });
  return received.ok ? received.value.rows : received.error;
};

test('INC-17 宣言した生活保護の名簿がなければ賦課は始まらず、昨年の名簿・欠けた名簿・空の名簿も認めない', async () => {
  await using i = await anIntake();
  const ids = await twoEarners(i);
  assert.equal(await deliver(i, list('2026-01-01', 0)), 'not-declared');
  unwrap(await declareLevyInput(i.deps, clerk, { ...input, asOf }));
  assert.equal((await declareLevyInput(i.deps, clerk, { ...input, asOf })).ok, false);
  const { orderId, end } = await assessAll(i.deps);
  assert.deepEqual([end.state, end.why], ['blocked', 'inputs-missing']);
  assert.deepEqual(await levies(i), []);

  assert.equal(await deliver(i, ''), 'empty-file');
  assert.equal(await deliver(i, list('2025-01-01', 1, '1000001')), 'other-date');
  assert.equal(await deliver(i, list('2026-01-01', 2, '1000001')), 'count-differs');
  assert.equal(await deliver(i, list('2026-01-01', 2, '1000001', '1000001')), 'person-twice');
  assert.equal(await deliver(i, list('2026-01-01', 1, '9999999')), 'unknown-person');
  assert.equal(await deliver(i, list('2026-01-01', 1, 'x')), 'unreadable-line');
  assert.equal(await deliver(i, list('2026-01-01', 0)), 'nobody-without-statement');
  assert.equal(
    await deliver(i, list('2026-01-01', 1, '1000001').replace('public-assistance', 'disability')),
    'other-input',
  );
  assert.equal(await deliver(i, '1000001\n'), 'wrong-head-line');

  assert.equal(await deliver(i, list('2026-01-01', 1, '1000001')), 1);
  const again = await runBatch(i.deps, worker, assessmentRun, { orderId, fiscalYear: 2026 });
  assert.equal(unwrap(again).state, 'done');
  const found = new Map((await levies(i)).map((row) => [row.person_id, row.status]));
  assert.equal(found.get(ids.get(1)!), 'exempt');
  assert.equal(found.get(ids.get(2)!), 'taxed');
});

test('INC-17 該当者なしは送付元の申出があれば受け取り、名簿なしの賦課は課長が理由を付けて認めたときだけ', async () => {
  await using i = await anIntake();
  unwrap(await irregular.registerFirst(i.deps, worker, null));
  await twoEarners(i);
  unwrap(await declareLevyInput(i.deps, clerk, { ...input, asOf }));
  const waive = async (reason: string) => {
    const waived = await waiveLevyInput(i.deps, chief, { ...input, reason });
    return waived.ok ? 'ok' : waived.error;
  };
  assert.equal(await waive('　'), 'no-reason');
  assert.equal(await waive('生活福祉課のシステム障害のため、後日更正する'), 'ok');
  assert.equal(await waive('もう一度'), 'already-waived');
  assert.equal((await assessAll(i.deps)).end.state, 'done');
  assert.equal(await deliver(i, list('2026-01-01', 0), '1月1日現在の該当者はいません（生活福祉課長）'), 0);
  assert.equal(await waive('受領の後'), 'already-received');
});

test('INC-16 国外に住む扶養親族を記載した報告書に人数の入力がなければ、空欄を0人とみなさず保留し、訂正の報告書が来るまで誰の判断でも賦課しない', async () => {
  await using i = await anIntake();
  const everyone = people(3, 'abroad') as [Someone, Someone, Someone];
  const ids = await register(i.deps, everyone);
  const abroad = {
    dependant1Name: '目黒　留学',
    dependant1Residence: 'non-resident-student',
    otherDependantsMain: 1,
  } as const;
  const [blank, counted, none] = everyone;
  await fileReports(
    i.deps,
    [blank, { ...abroad, nonResidentRelatives: undefined }],
    [counted, { ...abroad, nonResidentRelatives: 1 }],
    [none, { nonResidentRelatives: undefined }],
  );
  const { end } = await assessAll(i.deps);
  assert.equal(end.state, 'done');
  const levied = async () => new Set((await levies(i)).map((row) => row.person_id));
  assert.deepEqual(await levied(), new Set([ids.get(2)!, ids.get(3)!]));

  const held = { personId: ids.get(1)!, fiscalYear: 2026 };
  const { questions, reports } = unwrap(await readHeldPerson(i.deps, clerk, held));
  assert.deepEqual(questions, ['abroad-not-counted']);
  assert.match(holdReasons['abroad-not-counted'], /^国外居住親族の入力がありません/);
  unwrap(await irregular.registerFirst(i.deps, worker, null));
  const settle = await settleReports(i.deps, clerk, {
    ...held,
    seenReportIds: reports.map(({ reportId }) => reportId),
    leftOutIds: [],
    spouseIncomeYen: null,
    reason: '空欄は0人と思われる',
  });
  assert.deepEqual(settle, { ok: false, error: 'still-open' });
  assert.ok(!(await levied()).has(held.personId));

  await fileReports(i.deps, [blank, { ...abroad, submissionKind: 'correction', nonResidentRelatives: 1 }]);
  await assessAll(i.deps);
  assert.ok((await levied()).has(held.personId));
});
