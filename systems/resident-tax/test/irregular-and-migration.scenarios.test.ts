import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { serve } from '@hono/node-server';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { addIrregularPages } from '@musubi/kernel/irregular/pages.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { figuresOf } from '@musubi/kernel/migration/figures.ts';
import { addMigrationPages } from '@musubi/kernel/migration/pages.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { rights } from '../rights.ts';
import { worker } from '../service/assessment/functions.ts';
import { settleReports } from '../service/assessment/settle.ts';
import { irregular } from '../service/irregular/irregular.ts';
import { migration } from '../service/migration/migration.ts';
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

const keeper = staff('keeper-1');
const persons = (n: number) => Array.from({ length: n }, (_, i) => `${1_000_001 + i}`);
const csv = (header: readonly string[], rows: readonly (readonly (string | number)[])[]): Buffer =>
  Buffer.from([header, ...rows].map((cells) => `${cells.join(',')}\r\n`).join(''), 'utf8');
/** The register's people, as the platform's load left them. */
async function aRegister(x: TaxTest, n: number): Promise<void> {
  await x.t.owner(
    `with p as (insert into resident_tax.person (person_id, org_person_number, addressee_number, event_id)
       select gen_random_uuid(), lpad((1000000 + i)::text, 15, '0'), (1000000 + i)::text, gen_random_uuid() from generate_series(1, $1::int) i
       returning person_id)
     insert into resident_tax.person_state (person_id, version, change_id, reason, changed_on, number_ref, status, name, name_kana, birth_date,
       sex, address, postal_code, municipality_code, household_number, relationship, became_resident_on, removed_on, address_protected,
       name_key, kana_key, address_key, recorded_at, event_id)
     select person_id, 1, gen_random_uuid(), 'load', '2010-04-01', gen_random_uuid(), 'resident', '目黒 花子', 'メグロ ハナコ', '1980-04-02',
       'female', '東京都目黒区上目黒二丁目19番15号', '1538573', '131105', '1', '世帯主', '2010-04-01', null, false, '目黒花子', 'メグロハナコ',
       '上目黒2-19-15', now(), gen_random_uuid() from p`,
    [n],
  );
}
const [personTable, levyTable] = migration.tables;
const oldPersons = (n: number) => persons(n).map((number) => [number, '目黒　花子', '1980-04-02']);
const oldLevies = (n: number) =>
  persons(n).map((number, i) => [number, 2025, 60_000 + i, 40_000, i % 3 === 0 ? 0 : 100_000 + i]);
const statementOf = (people: readonly (readonly string[])[], levies: ReturnType<typeof oldLevies>) => [
  {
    table: 'persons',
    ...figuresOf(
      people.map(([key]) => ({ key: key!, totals: {} })),
      [],
    ),
  },
  {
    table: 'levies',
    ...figuresOf(
      levies.map(([number, year, ward, metropolis, paid]) => ({
        key: `${number}/${year}`,
        totals: { 区民税額: Number(ward), 都民税額: Number(metropolis), 収納済額: Number(paid) },
      })),
      levyTable!.totals,
    ),
  },
];
async function takenOver(x: TaxTest, n: number, levies = oldLevies(n)) {
  const people = oldPersons(n);
  const statement = statementOf(people, oldLevies(n));
  const { migrationId } = unwrap(await migration.open(x.deps, keeper, { oldSystem: '旧住民税システム', statement }));
  for (const [table, rows] of [
    [personTable!, people],
    [levyTable!, levies],
  ] as const) {
    const file = { migrationId, table: table.id, bytes: csv(table.columns, rows) };
    assert.deepEqual(unwrap(await migration.takeFile(x.deps, keeper, file)), { rows: rows.length });
    assert.deepEqual(await migration.takeFile(x.deps, keeper, file), err('taken-before'));
  }
  const run = unwrap(await runBatch(x.deps, keeper, migration.loadRun, { migrationId }));
  return { migrationId, run };
}
const lineOf = async (x: TaxTest, migrationId: string) => unwrap(await migration.list(x.deps, chief, { migrationId }));

test('AC-38 移行: 一万人の旧データは表ごとに件数・番号・金額の合計が一致して初めて完了でき、完了から旧環境の消去期限が始まり、過ぎれば知らせる', async () => {
  await using x = await taxTest();
  await aRegister(x, 10_000);
  const { migrationId, run } = await takenOver(x, 10_000);
  assert.equal(run.state, 'done');
  assert.deepEqual(await migration.close(x.deps, chief, { migrationId }), err('not-compared'));
  assert.deepEqual(unwrap(await migration.compare(x.deps, keeper, { migrationId })), { agrees: true });
  const found = (await lineOf(x, migrationId)).rows[0]!.found!;
  assert.deepEqual(
    found.map(({ table, found: { rows, totals } }) => ({ table, rows, totals })),
    [
      { table: 'persons', rows: 10_000, totals: {} },
      {
        table: 'levies',
        rows: 10_000,
        totals: { 区民税額: 649_995_000, 都民税額: 400_000_000, 収納済額: paidOf(10_000) },
      },
    ],
  );
  // It is the tables that count, at the moment of the closing, not the comparison of before.
  await x.t.owner("update resident_tax.migrated_levy set ward_yen = ward_yen + 1 where addressee_number = '1000007'");
  assert.deepEqual(await migration.close(x.deps, chief, { migrationId }), err('differs'));
  await x.t.owner("update resident_tax.migrated_levy set ward_yen = ward_yen - 1 where addressee_number = '1000007'");
  const erasure = {
    migrationId,
    method: '物理破壊',
    erasedOn: Temporal.PlainDate.from('2026-07-02'),
    witness: '立会 花子',
    certificate: '消去-1',
  };
  assert.deepEqual(await migration.recordErasure(x.deps, keeper, erasure), err('not-closed'));
  const { eraseByOn } = unwrap(await migration.close(x.deps, chief, { migrationId }));
  assert.equal(eraseByOn.toString(), '2026-07-01');
  assert.deepEqual(await migration.close(x.deps, chief, { migrationId }), err('closed'));
  // What was taken over ends with its year, like what was made here.
  const [ending] = await x.t.owner<{ levies: number }>(
    "select count(*)::int as levies from resident_tax.ending_rows('2100-01-01', null, null) where table_name = 'resident_tax.migrated_levy'",
  );
  assert.equal(ending?.levies, 10_000);

  x.t.deps.civilClock.set(Temporal.PlainDate.from('2026-07-01'));
  assert.deepEqual((await lineOf(x, migrationId)).overdue, []);
  x.t.deps.civilClock.set(Temporal.PlainDate.from('2026-07-02'));
  assert.deepEqual((await lineOf(x, migrationId)).overdue, [migrationId]);
  const record = (more: Partial<typeof erasure>) => migration.recordErasure(x.deps, keeper, { ...erasure, ...more });
  assert.deepEqual(await record({ certificate: ' ' }), err('not-whole'));
  assert.deepEqual(await record({ witness: 'keeper-1' }), err('witness-is-recorder'));
  assert.deepEqual(await record({ erasedOn: Temporal.PlainDate.from('2026-05-31') }), err('not-in-time-order'));
  assert.deepEqual(await record({ erasedOn: Temporal.PlainDate.from('2026-07-03') }), err('not-in-time-order'));
  unwrap(await record({}));
  assert.deepEqual(await record({}), err('recorded-before'));
  assert.deepEqual((await lineOf(x, migrationId)).overdue, []);
});
const paidOf = (n: number): number =>
  Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0 : 100_000 + i)).reduce((a, b) => a + b, 0);

mechanismTest(
  'retention.migration-closing',
  'AC-38 一人、一円、一つの番号でも違えば移行は完了できず、別人の行は引き継がれない',
  async () => {
    await using x = await taxTest();
    await aRegister(x, 6);
    const levies = oldLevies(6);
    levies[2]![2] = Number(levies[2]![2]) + 1;
    const { migrationId } = await takenOver(x, 6, levies);
    assert.deepEqual(unwrap(await migration.compare(x.deps, keeper, { migrationId })), { agrees: false });
    assert.deepEqual(
      (await lineOf(x, migrationId)).rows[0]!.found!.map(({ differing }) => differing),
      [[], ['区民税額']],
    );
    assert.deepEqual(await migration.close(x.deps, chief, { migrationId }), err('differs'));
  },
);

test('AC-38 名前や生年月日の違う人、知らない番号、二度ある行、数でない金額は、番号付きで除かれて残りが読み込まれ、移行は閉じない', async () => {
  await using x = await taxTest();
  await aRegister(x, 5);
  const statement = statementOf(oldPersons(5), oldLevies(5));
  const { migrationId } = unwrap(await migration.open(x.deps, keeper, { oldSystem: '旧住民税システム', statement }));
  const people = oldPersons(5);
  people[1]![1] = '目黒 太郎';
  people[2]![2] = '1980-04-03';
  people[3]![0] = '9999999';
  people.push(people[0]!);
  const levies: (string | number)[][] = [...oldLevies(5), oldLevies(1)[0]!];
  levies[4]![2] = '1,000円';
  const take = (table: string, bytes: Uint8Array) => migration.takeFile(x.deps, keeper, { migrationId, table, bytes });
  assert.deepEqual(await take('levies', csv(['宛名番号'], [['1']])), err('columns-differ'));
  unwrap(await take('persons', csv(personTable!.columns, people)));
  assert.equal(unwrap(await runBatch(x.deps, keeper, migration.loadRun, { migrationId })).state, 'blocked');
  unwrap(
    await take(
      'levies',
      csv(
        levyTable!.columns,
        levies.map((r) => r.map((c) => `"${c}"`)),
      ),
    ),
  );
  assert.equal(unwrap(await runBatch(x.deps, keeper, migration.loadRun, { migrationId })).state, 'done');
  const rejects = await x.t.owner<{ row: string }>(
    "select step_no || ' ' || row_number || ' ' || code as row from jobs.reject order by step_no, row_number",
  );
  assert.deepEqual(
    rejects.map(({ row }) => row),
    [
      '1 2 other-person',
      '1 3 other-person',
      '1 4 unknown-person',
      '1 6 key-twice',
      '2 2 person-not-taken-over',
      '2 3 person-not-taken-over',
      '2 4 person-not-taken-over',
      '2 5 not-a-figure',
      '2 6 key-twice',
    ],
  );
  assert.deepEqual(unwrap(await migration.compare(x.deps, keeper, { migrationId })), { agrees: false });
});

test('AC-37 AC-38 画面: 課長が記録を確認して月を閉じ、記録担当が移行を始めて照合し、課長が完了し、消去を記録する（axe違反なし）', async () => {
  await using x = await taxTest();
  unwrap(await irregular.registerFirst(x.deps, worker, null));
  const { settle } = await aHeldPerson(x);
  unwrap(await settle());
  // A second one, so that what stands twice on the page would be found.
  unwrap(await (await aHeldPerson(x)).settle());
  await aRegister(x, 3);
  x.t.deps.civilClock.set(Temporal.PlainDate.from('2026-07-01'));
  const rolesOf = async (_: unknown, { staffId }: { staffId: string }) => [
    { 'chief-1': 'levy-chief', 'keeper-1': 'record-keeper' }[staffId] ?? '',
  ];
  const allowed = createRights(rights, 'meguro', { rolesOf });
  const deps = { ...x.deps, rights: allowed };
  const state = { actor: chief };
  const faults: unknown[] = [];
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Resident tax' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () => ({ actor: state.actor, displayName: '試験 花子', csrfSecret: new Uint8Array(32).fill(7) }),
    },
    mayOpen: (actor, right) => allowed.allows(undefined as never, actor, right),
    stylesheet: await buildStylesheet(),
    random: systemRandom,
    onError: (error) => faults.push(error),
  });
  addIrregularPages(app, deps, irregular);
  addMigrationPages(app, deps, migration, async (actor, migrationId) => {
    unwrap(await runBatch(deps, actor, migration.loadRun, { migrationId }));
  });
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const url = `http://rtx.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      const looked = async (name: string): Promise<void> => {
        await expectAccessible(page);
        await screenshot(page, `resident-tax-${name}`);
      };
      const press = (name: string) => page.getByRole('button', { name }).click();
      await page.goto(`${url}/irregular?month=2026-06`);
      await looked('irregular');
      for (const _ of [1, 2]) {
        await page.getByText('確認する', { exact: true }).last().click();
        await page.getByLabel('適正', { exact: true }).last().check();
        await page.getByRole('button', { name: '確認を記録する' }).last().click();
        await page.getByText('確認を記録しました').waitFor();
      }
      await page.locator('summary', { hasText: '改定する' }).last().click();
      await page.getByLabel('手順').last().fill('1 所管課に書面で照会する');
      await page.getByRole('button', { name: '改定する' }).last().click();
      await page.getByText('必要資料によらない賦課の開始（第2版）').waitFor();
      await press('この月の点検を終える');
      await page.getByText('点検済み: 2件').waitFor();

      state.actor = keeper;
      const tables = statementOf(oldPersons(3), oldLevies(3));
      const upload = (name: string, mimeType: string, buffer: Buffer) => ({ name, mimeType, buffer });
      await page.goto(`${url}/migrations`);
      await page.getByLabel('旧システム', { exact: false }).first().fill('旧住民税システム');
      const json = JSON.stringify({ format: 'musubi-migration-1', tables });
      const stated = page.getByLabel('旧システムの申告書');
      await stated.setInputFiles(upload('statement.json', 'application/json', Buffer.from('{"format":')));
      await press('始める');
      await page.getByText('申告書（JSON）を読めません').waitFor();
      await page.getByLabel('旧システム', { exact: false }).first().fill('旧住民税システム');
      await stated.setInputFiles(upload('statement.json', 'application/json', Buffer.from(json)));
      await press('始める');
      await page.getByText('移行を始めました').waitFor();
      for (const [table, rows] of [
        [personTable!, oldPersons(3)],
        [levyTable!, oldLevies(3)],
      ] as const) {
        await page
          .getByLabel(`${table.label}（CSV`)
          .setInputFiles(upload('t.csv', 'text/csv', csv(table.columns, rows)));
        await press(`${table.label}を受け取る`);
        await page.getByText('3件を受け取りました').waitFor();
      }
      await press('読み込む');
      await page.getByText('読込みを始めました').waitFor();
      await press('照合する');
      await page.getByText('全ての表が一致しました').waitFor();
      await looked('migration');
      const address = page.url();
      state.actor = chief;
      await page.goto(address);
      await press('移行を完了する');
      await page.getByText('旧環境の消去の期限が始まりました').waitFor();
      x.t.deps.civilClock.set(Temporal.PlainDate.from('2026-08-02'));
      state.actor = keeper;
      await page.goto(`${url}/migrations`);
      await page.getByText('消去の期限を過ぎた移行が1件あります').waitFor();
      await looked('migrations');
      await page.goto(address);
      await page.getByLabel('消去の方法').fill('物理破壊');
      await page.getByLabel('消去した日').fill('2026-08-01');
      await page.getByLabel('立会人').fill('立会 花子');
      await page.getByLabel('消去証明書の番号').fill('消去-1');
      await press('消去を記録する');
      await page.getByText('旧環境の消去を記録しました').waitFor();
    });
  } finally {
    server.close();
  }
  assert.deepEqual(faults, []);
});
