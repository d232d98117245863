import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderReassessmentRun } from '../service/assessment/order-run.ts';
import { assessmentRun } from '../service/assessment/run.ts';
import {
  compareOtherSystem,
  compareWhatIf,
  compareYearBefore,
  listComparisons,
  otherSystemColumns,
  readComparison,
} from '../service/comparisons/compare.ts';
import { readChanges } from '../web/comparisons.ts';
import { aPerson, assessAll, clerk, taxTest } from './assessment-setup.ts';

const head = ['addressee-number', ...otherSystemColumns].join(',');

test('issue D 試算: 区全体の賦課を草案の下で計算し、誰がいくら、どの項目から変わるかを残す。賦課は変わらない', async () => {
  await using x = await taxTest();
  for (const paidYen of [4_000_000, 5_000_000, 900_000])
    unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen }] }));
  await assessAll(x.deps);
  const levies = await x.t.owner('select * from resident_tax.assessment order by assessment_id');
  const command = {
    fiscalYear: 2026,
    title: '基礎控除48万円',
    changes: [{ figure: 'basicDeduction.0.value', value: 480_000 }],
  };
  const done = unwrap(await compareWhatIf(x.deps, clerk, command));
  assert.deepEqual([done.compared, done.differing, done.afterYen - done.beforeYen], [3, 2, -10_000]);
  const { comparison, persons } = unwrap(await readComparison(x.deps, clerk, done));
  assert.deepEqual(
    comparison.lines.map((line) => [line.class, line.cause, line.persons, line.differenceYen]),
    [
      ['same', null, 1, 0],
      ['down-to-10000', 'basic', 2, -10_000],
    ],
  );
  assert.equal(persons.length, 2);
  assert.deepEqual(await x.t.owner('select * from resident_tax.assessment order by assessment_id'), levies);
  const refused = async (more: object) =>
    (await compareWhatIf(x.deps, clerk, { ...command, ...more })) as { error?: string };
  assert.equal((await refused({ title: ' ' })).error, 'no-title');
  assert.equal((await refused({ changes: [] })).error, 'no-changes');
  assert.equal((await refused({ changes: [{ figure: 'nothing', value: 1 }] })).error, 'no-such-figure');
  assert.equal((await refused({ fiscalYear: 2020 })).error, 'no-rates-for-year');
  assert.equal(unwrap(await listComparisons(x.deps, clerk, { limit: 9, offset: 0 })).total, 1);
});

test('新旧突合: 旧システムのファイルとの差を1円まで区分し、読めない行や知らない人のあるファイルは丸ごと拒む', async () => {
  await using x = await taxTest();
  const people = [];
  for (const paidYen of [4_000_000, 5_000_000])
    people.push(unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen }] })).personId);
  const gone = unwrap(await aPerson(x.deps, clerk, { reports: [] })).personId;
  await assessAll(x.deps);
  const rows = await x.t.owner<{ n: string; id: string; figures: string }>(
    `select p.addressee_number as n, p.person_id as id, concat_ws(',', total_income_yen, taxable_yen, ward_per_income_yen,
       metropolis_per_income_yen, ward_per_capita_yen, metropolis_per_capita_yen, forest_tax_yen, annual_yen) as figures
       from resident_tax.person p left join resident_tax.assessment a using (person_id)`,
  );
  const lineOf = (id: string | undefined, change: (figures: string[]) => void = () => {}): string => {
    const row = rows.find((one) => one.id === id);
    const figures = row?.figures.split(',') ?? [];
    change(figures);
    return `${row?.n},${figures.join(',')}`;
  };
  const file = [
    head,
    lineOf(people[0]),
    lineOf(people[1], (figures) => {
      figures[2] = `${Number(figures[2]) - 100}`;
      figures[7] = `${Number(figures[7]) - 100}`;
    }),
    `${rows.find((row) => row.id === gone)?.n},0,0,0,0,3000,1000,1000,5000`,
    '',
  ].join('\n');
  const compare = (csv: string) =>
    compareOtherSystem(x.deps, clerk, { fiscalYear: 2026, title: '旧システム', csv, sha256: '0'.repeat(64) });
  const done = unwrap(await compare(file));
  const { comparison } = unwrap(await readComparison(x.deps, clerk, done));
  assert.deepEqual(
    comparison.lines.map((line) => [line.class, line.cause, line.persons, line.differenceYen]),
    [
      ['same', null, 1, 0],
      ['gone', null, 1, -5_000],
      ['up-to-1000', 'ward-per-income', 1, 100],
    ],
  );
  const word = async (csv: string) => ((await compare(csv)) as { error?: string }).error;
  assert.equal(await word(file.replace('forest-tax', 'forest')), 'wrong-head-line');
  assert.equal(await word(`${file}x,1`), 'unreadable-line');
  assert.equal(await word(`${file}${lineOf(people[0])}\n`), 'person-twice');
  assert.equal(await word(`${file}999,0,0,0,0,0,0,0,0\n`), 'unknown-person');
});

test('前年比較: 前年度のない人は新たな課税として数える', async () => {
  await using x = await taxTest();
  unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen: 4_000_000 }] }));
  await assessAll(x.deps);
  const done = unwrap(await compareYearBefore(x.deps, clerk, { fiscalYear: 2026 }));
  const { comparison } = unwrap(await readComparison(x.deps, clerk, done));
  assert.deepEqual(
    comparison.lines.map((line) => [line.class, line.persons]),
    [['new', 1]],
  );
  assert.deepEqual(await compareYearBefore(x.deps, clerk, { fiscalYear: 2024 }), {
    ok: false,
    error: 'no-rates-for-year',
  });
});

test('002 F6.1 月次更正: 前回の計算の後に変わった人だけが計算される', async () => {
  await using x = await taxTest();
  const ids = [];
  for (const paidYen of [4_000_000, 5_000_000])
    ids.push(unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen }] })).personId);
  await assessAll(x.deps);
  const again = async () => {
    const { orderId } = unwrap(await orderReassessmentRun(x.deps, clerk, { fiscalYear: 2026 }));
    unwrap(await runBatch(x.deps, worker, assessmentRun, { orderId, fiscalYear: 2026 }));
    const rows = await x.t.owner<{ id: string }>(
      'select item_id as id from resident_tax.batch_order_item where order_id = $1',
      [orderId],
    );
    return rows.map((row) => row.id);
  };
  assert.deepEqual(await again(), []);
  const late = unwrap(
    await aPerson(x.deps, clerk, { reports: [{ paidYen: 300_000, columns: { incomeAfterDeductionYen: undefined } }] }),
  );
  await x.t.owner('update resident_tax.report_state set person_id = $1 where person_id = $2', [ids[1], late.personId]);
  assert.deepEqual(await again(), [ids[1]]);
  assert.deepEqual(await again(), []);
});

test('試算の入力: 1行に1つの数値、割合は分子/分母', () => {
  assert.deepEqual(readChanges('levy.wardPerIncome = 6/100\n\n basicDeduction.0.value=480000 '), [
    { figure: 'levy.wardPerIncome', value: [6, 100] },
    { figure: 'basicDeduction.0.value', value: 480_000 },
  ]);
  assert.equal(readChanges('basicDeduction'), undefined);
});
