import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WageReportRecord } from '@musubi/contracts/wage-report/layout.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { answerFinding, makeCheckList, readCheckList } from '../service/checks/check-lists.ts';
import { anIntake, arrive, changeOf, clerk, fileReports, people, register, type Someone } from './an-intake.ts';
import { assessAll } from './assessment-setup.ts';

const all = { fiscalYear: 2026, rule: null, state: null, limit: 100, offset: 0 };
const dependant = (who: Someone): Partial<WageReportRecord> => ({
  dependant1Name: who.name,
  dependant1Residence: 'resident',
  dependant1Number: who.number,
});

test('002-RTX-F2 合成チェック: 扶養の重複・所得のある扶養親族・二人の主たる支払者・年齢・除票を、人と資料を示して挙げる', async () => {
  await using i = await anIntake();
  const everyone = people(7);
  const [father, mother, child, earner, twice, gone, parent] = everyone as [
    Someone,
    Someone,
    Someone,
    Someone,
    Someone,
    Someone,
    Someone,
  ];
  const ids = await register(i.deps, everyone);
  await fileReports(
    i.deps,
    [father, dependant(child)],
    [mother, dependant(child)],
    [earner, { paidYen: yen(5_000_000), incomeAfterDeductionYen: yen(3_560_000) }],
    [parent, dependant(earner)],
    [twice, { payerName: '甲社', payerNumber: undefined }],
    [gone, { young1Name: twice.name, young1Number: twice.number }],
  );
  await fileReports(i.deps, [twice, { payerName: '乙社', payerNumber: undefined }]);
  unwrap(await arrive(i.deps, changeOf(i.deps, gone, { status: 'removed', removedOn: '2025-11-30' }, '2025-11-30')));
  await assessAll(i.deps);
  const made = unwrap(await makeCheckList(i.deps, clerk, { fiscalYear: 2026 }));
  const { rows, isStale } = unwrap(await readCheckList(i.deps, clerk, all));
  assert.equal(isStale, false);
  assert.equal(made.findings, rows.length);
  const who = (id: string | null) => [...ids].find(([, personId]) => personId === id)?.[0] ?? null;
  const found = rows.map((f) => [f.rule, [who(f.personId), who(f.otherId)].toSorted()]);
  const has = (rule: string, persons: readonly (number | null)[]): void =>
    assert.ok(
      found.some(([r, of]) => r === rule && JSON.stringify(of) === JSON.stringify(persons.toSorted())),
      rule,
    );
  has('dependant-claimed-twice', [1, 2]);
  has('dependant-has-income', [7, 4]);
  has('two-main-payers', [5, null]);
  has('wrong-age-of-dependant', [6, 5]);
  has('gone-before-levy-date', [6, null]);
  assert.equal(found.length, 5);
});

test('K2 INC-44・72 作成の後に住民記録・支援措置・資料が変わったチェックリストは古いとして断り、作り直せば使える', async () => {
  await using i = await anIntake();
  const everyone = people(3);
  const [a, b, child] = everyone as [Someone, Someone, Someone];
  await register(i.deps, everyone);
  await fileReports(i.deps, [a, dependant(child)], [b, dependant(child)]);
  const first = unwrap(await makeCheckList(i.deps, clerk, { fiscalYear: 2026 }));
  const answer = { fiscalYear: 2026, findingNo: 1, answer: 'inquiry', note: '本人に照会した' } as const;
  // A restriction alone: the person asks for protection of the address.
  unwrap(await arrive(i.deps, changeOf(i.deps, a, { addressProtected: true }, '2026-02-02')));
  assert.deepEqual(await answerFinding(i.deps, clerk, { ...answer, checkListId: first.checkListId }), {
    ok: false,
    error: 'stale-list',
  });
  assert.equal(unwrap(await readCheckList(i.deps, clerk, all)).isStale, true);

  const second = unwrap(await makeCheckList(i.deps, clerk, { fiscalYear: 2026 }));
  const refused = async (command: Parameters<typeof answerFinding>[2]) => {
    const answered = await answerFinding(i.deps, clerk, command);
    return answered.ok ? 'ok' : answered.error;
  };
  const current = { ...answer, checkListId: second.checkListId };
  assert.equal(await refused({ ...answer, checkListId: first.checkListId }), 'newer-list');
  assert.equal(await refused({ ...current, note: '　' }), 'note-missing');
  const both = await Promise.all([refused(current), refused({ ...current, answer: 'in-order' })]);
  assert.deepEqual(both.toSorted(), ['already-answered', 'ok']);
  assert.equal(await refused({ ...current, findingNo: 99 }), 'already-answered');
  const { list } = unwrap(await readCheckList(i.deps, clerk, { ...all, state: 'answered' }));
  assert.deepEqual([list?.findings, list?.answered], [1, 1]);
});
