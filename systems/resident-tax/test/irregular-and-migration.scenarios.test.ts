import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { worker } from '../service/assessment/functions.ts';
import { settleReports } from '../service/assessment/settle.ts';
import { irregular } from '../service/irregular/irregular.ts';
import { aPerson, assessAll, chief, clerk, staff, type TaxTest, taxTest } from './assessment-setup.ts';

const june = Temporal.PlainYearMonth.from('2026-06');
const reason = '2社目は誤って年末調整したものと勤務先に確認';

/** A person whom the run held, and the hand that settles what counts. */
async function aHeldPerson(x: TaxTest) {
  const two = { paidYen: 2_000_000, columns: { ordinaryCollection: true } };
  const person = unwrap(await aPerson(x.deps, clerk, { reports: [two, { ...two, payerName: '株式会社別' }] }));
  await assessAll(x.deps);
  const settle = (why = reason) =>
    settleReports(x.deps, clerk, {
      personId: person.personId,
      fiscalYear: 2026,
      seenReportIds: person.reportIds,
      leftOutIds: person.reportIds.slice(1),
      spouseIncomeYen: null,
      reason: why,
    });
  return { person, settle };
}
const listed = async (x: TaxTest, month = june) => unwrap(await irregular.list(x.deps, chief, { month })).rows;

test('AC-37 通常以外の処理は定めた手順と理由がなければできず、別の職員が記録内容を確認し、月次一覧に載る', async () => {
  await using x = await taxTest();
  const { person, settle } = await aHeldPerson(x);
  // Without a procedure set beforehand nothing is settled, and nothing stays of the try.
  assert.deepEqual(await settle(), err('no-procedure'));
  unwrap(await irregular.registerFirst(x.deps, worker, null));
  assert.deepEqual(await settle(' '), err('no-reason'));
  assert.deepEqual(await listed(x), []);
  unwrap(await settle());
  const [entry] = await listed(x);
  const { title, revision, subject, reason: why, doneBy, verdict } = entry!;
  assert.deepEqual(
    { title, revision, subject, why, doneBy, verdict },
    {
      title: '保留した方の課税資料の手作業による確定',
      revision: 1,
      subject: person.personId,
      why: reason,
      doneBy: 'clerk-1',
      verdict: null,
    },
  );
  // The entry stands in the event of the settlement itself.
  const [tied] = await x.t.owner<{ same: boolean }>(
    'select e.event_id = s.event_id as same from irregular.entry e, resident_tax.report_settlement s',
  );
  assert.equal(tied?.same, true);

  const { entryId } = entry!;
  const month = june;
  x.t.deps.civilClock.set(Temporal.PlainDate.from('2026-06-30'));
  assert.deepEqual(await irregular.closeMonth(x.deps, chief, { month }), err('month-not-over'));
  x.t.deps.civilClock.set(Temporal.PlainDate.from('2026-07-01'));
  assert.deepEqual(await irregular.closeMonth(x.deps, chief, { month }), err('not-all-confirmed'));
  assert.deepEqual(await irregular.confirm(x.deps, chief, { entryId, verdict: 'wrong', note: '' }), err('no-note'));
  unwrap(await irregular.confirm(x.deps, chief, { entryId, verdict: 'right', note: '' }));
  assert.deepEqual(
    await irregular.confirm(x.deps, staff('chief-2'), { entryId, verdict: 'wrong', note: '確認先の記録がない' }),
    err('already-confirmed'),
  );
  assert.deepEqual(unwrap(await irregular.closeMonth(x.deps, chief, { month })), { entries: 1 });
  assert.deepEqual(await irregular.closeMonth(x.deps, chief, { month }), err('already-closed'));
  assert.deepEqual(await listed(x, month.add({ months: 1 })), []);

  // A revision is a new one; what was done before names the one it was done by.
  const revision2 = {
    kind: 'hand-settlement',
    revision: 1,
    title: '手作業による確定',
    steps: '1 双方に書面で確認する',
  };
  unwrap(await irregular.revise(x.deps, chief, revision2));
  assert.deepEqual(await irregular.revise(x.deps, chief, revision2), err('revised-meanwhile'));
  unwrap(await irregular.registerFirst(x.deps, worker, null));
  assert.equal((await listed(x))[0]!.revision, 1);
});

mechanismTest('access.second-person', 'AC-37 処理した職員は、自分の記録を確認できない', async () => {
  await using x = await taxTest();
  unwrap(await irregular.registerFirst(x.deps, worker, null));
  const { settle } = await aHeldPerson(x);
  unwrap(await settle());
  const { entryId } = (await listed(x))[0]!;
  assert.deepEqual(
    await irregular.confirm(x.deps, clerk, { entryId, verdict: 'right', note: '' }),
    err('confirmer-did-it'),
  );
});
