import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { findNumbers } from '@musubi/kernel/identifiers/number-forms.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { Deps } from '../deps.ts';
import { readFaults, readIntakes } from '../service/intake/read-intakes.ts';
import { receiveDelivery } from '../service/intake/receive-delivery.ts';
import { takeIn, takeInBy } from '../service/intake/take-in.ts';
import {
  anIntake,
  clerk,
  conformanceFile,
  coverOf,
  fileOf,
  type IntakeTest,
  job,
  people,
  receive,
  recordOf,
  register,
  type Someone,
  sampleColumns,
} from './an-intake.ts';

const run = async (deps: Deps, intakeId: string, batch = takeIn) =>
  unwrap(await runBatch(deps, job, batch, { intakeId }));
const states = (i: IntakeTest) =>
  i.t.owner<{ state: string; n: number }>(
    `select state, count(*)::int as n from resident_tax.report_state group by state order by state`,
  );

/** A file of all, a CSV line each; some lines broken in the ways of the conformance files. */
async function fileWithFaults(everyone: readonly Someone[]) {
  const sample = await sampleColumns();
  const parts = everyone.map((who) => fileOf([recordOf(sample, who)]));
  const broken = [
    'C01-bad-byte',
    'C03-private-use',
    'W02-a-column-too-few',
    'W03-other-form',
    'W04-no-name',
    'W05-half-width-in-a-name',
    'W05-letters-in-an-amount',
    'W06-check-digit',
    'W06-no-leading-zero',
    'W06-same-number-twice',
    'W07-other-municipality',
  ].map((name) => conformanceFile(`invalid/${name}.txt`));
  for (const [i, line] of broken.entries()) parts.splice(20 + i * 23, 0, line);
  return { file: Buffer.concat(parts), records: parts.length, broken: broken.length };
}

test('002-RTX-F2.1 002-RTX-F2.2 約300人分の給与支払報告書: 受入 + 不受理 = 件数、3項目一致だけが自動で結び付く', async () => {
  await using i = await anIntake();
  const everyone = people(290);
  await register(i.deps, everyone.slice(0, 280));
  // Three of those filed have another birth date than the register, two another name, one no number.
  const filed = everyone.map((who) => {
    if (who.no <= 3) return { ...who, bornOn: '1999-09-09' };
    return who.no <= 5 ? { ...who, name: '別名　太郎' } : who;
  });
  const { file, records, broken } = await fileWithFaults(filed);
  const received = unwrap(await receive(i.deps, coverOf(i.deps, file, records), file));
  assert.equal(received.refusal, undefined);
  assert.equal((await run(i.deps, received.intakeId)).state, 'done');

  const { rows } = unwrap(
    await readIntakes(i.deps, clerk, { state: null, incomeYear: 2025, ascending: false, limit: 50, offset: 0 }),
  );
  assert.equal(rows.length, 1);
  const [line] = rows;
  assert.deepEqual([line?.state, line?.accepted, line?.rejected], ['taken-in', 290, broken]);
  assert.equal(line!.accepted! + line!.rejected!, records);
  assert.deepEqual(await states(i), [
    { state: 'candidates', n: 5 },
    { state: 'linked', n: 275 },
    { state: 'none', n: 10 },
  ]);
  const wrong = await i.t.owner(`
    select 1 from resident_tax.report_state s join resident_tax.report r using (report_id)
      join resident_tax.person_state p using (person_id)
     where s.state = 'linked' and (r.name_key <> p.name_key or r.born_on <> p.birth_date)`);
  assert.equal(wrong.length, 0);

  const faults = unwrap(
    await readFaults(i.deps, clerk, {
      intakeId: received.intakeId,
      severity: 'reject',
      rule: null,
      limit: 100,
      offset: 0,
    }),
  );
  assert.deepEqual([...new Set(faults.rows.map((f) => f.rule))].sort(), [
    'C01',
    'C03',
    'W02',
    'W03',
    'W04',
    'W05',
    'W06',
    'W07',
  ]);
  assert.doesNotMatch(JSON.stringify(faults.rows), /[0-9]{6}|佐藤/);
});

test('design §9 個人番号は保管庫と封印された器のほかのどこにもない', async () => {
  await using i = await anIntake();
  const [first, second] = people(2, 'numbers') as [Someone, Someone];
  await register(i.deps, [first]);
  const sample = await sampleColumns();
  const file = fileOf([
    recordOf(sample, first, {
      remarks: `扶養（５）${second.number.digits().replace(/[0-9]/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0))}`,
      dependant1Name: '佐藤　子',
      dependant1Kana: 'サトウ　コ',
      dependant1Number: second.number,
    }),
    recordOf(sample, second, { payerNumber: first.number }),
  ]);
  const { intakeId } = unwrap(await receive(i.deps, coverOf(i.deps, file, 2), file));
  await run(i.deps, intakeId);
  const numbers = new Set([first, second].map((who) => who.number.digits()));
  const tables = await i.t.owner<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema in ('resident_tax', 'audit', 'jobs', 'streams', 'approvals', 'sealed', 'vault')`,
  );
  for (const { name } of tables) {
    const rows = await i.t.owner(`select to_jsonb(t) as row from ${name} t`);
    assert.deepEqual(findNumbers(Buffer.from(JSON.stringify(rows)), numbers), [], name);
  }
  const [held] = await i.t.owner<{ n: number }>(
    `select count(*)::int as n from resident_tax.report_relative where number_ref is not null`,
  );
  assert.equal(held?.n, 1);
});

const refusals = [
  ['途中で切れたファイル (W02)', 'cut-short', (f: Buffer) => ({ file: f.subarray(0, Math.trunc(f.length / 2)) })],
  ['総括表の人員とファイルの件数が違う', 'summary-total-differs', (f: Buffer) => ({ file: f, total: 4 })],
  ['受付の件数とファイルの件数が違う', 'record-count-differs', (f: Buffer) => ({ file: f, records: 4 })],
  ['他の団体あて', 'other-municipality', (f: Buffer) => ({ file: f, municipality: '131121' })],
  ['BOM', 'byte-order-mark', (f: Buffer) => ({ file: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), f]) })],
] as const;
for (const [title, word, change] of refusals) {
  test(`002-RTX-F2.1 ${title}: ファイル全体を理由を付けて拒否し、1件も取り込まない`, async () => {
    await using i = await anIntake();
    const sample = await sampleColumns();
    const whole = fileOf(people(3).map((who) => recordOf(sample, who)));
    const given = { records: 3, total: 3, municipality: '131105', ...change(whole) };
    const cover = coverOf(i.deps, given.file, given.records, {
      municipality: given.municipality,
      summary: {
        designationNumber: null,
        municipality: '131105',
        specialCollection: given.total,
        ordinaryCollectionLeft: 0,
        ordinaryCollectionOther: 0,
        total: given.total,
      },
    });
    const received = unwrap(await receive(i.deps, cover, given.file));
    assert.equal(received.refusal, word);
    const end = await run(i.deps, received.intakeId);
    assert.deepEqual([end.state, end.why], ['blocked', 'refused-whole']);
    assert.equal((await i.t.owner('select 1 from resident_tax.report')).length, 0);
    const [event] = await i.t.owner<{ body: string }>(
      `select body from audit.intake_event where body like '%intake.refused%'`,
    );
    assert.match(event?.body ?? '', new RegExp(word));
  });
}

test('INC-22 同じ配信を二度受けても一件、途中で壊れた配信は保管せず取り直す', async () => {
  await using i = await anIntake();
  const sample = await sampleColumns();
  const file = fileOf(people(3).map((who) => recordOf(sample, who)));
  const cover = coverOf(i.deps, file, 3);
  const broken = await receive(i.deps, cover, file.subarray(0, 100));
  assert.equal(!broken.ok && broken.error, 'damaged-on-the-way');
  assert.equal((await i.t.owner('select 1 from resident_tax.intake')).length, 0);
  const both = await Promise.all([receive(i.deps, cover, file), receive(i.deps, cover, file)]);
  const [a, b] = both.map((r) => unwrap(r));
  assert.equal(a?.intakeId, b?.intakeId);
  assert.notEqual(a?.isNew, b?.isNew);
  const unknown = await receiveDelivery(i.deps, job, { cover: coverOf(i.deps, file, 3), coverJws: 'x', file });
  assert.equal(!unknown.ok && unknown.error, 'not-announced');
});

mechanismTest('input.duplicate-file', '同じ内容のファイルは別の受付番号で来ても全体を拒否する', async () => {
  await using i = await anIntake();
  const sample = await sampleColumns();
  const everyone = people(3);
  const file = fileOf(everyone.map((who) => recordOf(sample, who)));
  const first = unwrap(await receive(i.deps, coverOf(i.deps, file, 3), file));
  await run(i.deps, first.intakeId);
  // Only one number differs: another file, although both look alike once their long numbers are masked.
  const other = fileOf(
    everyone.map((who) => recordOf(sample, who.no === 1 ? { ...who, number: people(9, 'x')[8]!.number } : who)),
  );
  assert.equal(unwrap(await receive(i.deps, coverOf(i.deps, other, 3), other)).refusal, undefined);
  const again = unwrap(await receive(i.deps, coverOf(i.deps, file, 3), file));
  assert.equal(again.refusal, 'same-file-again');
});

mechanismTest(
  'input.reject-list-balance',
  '不受理の1件ごとにリジェクトがあり、受入 + 不受理 = 件数でなければ終わらない',
  async () => {
    await using i = await anIntake();
    const sample = await sampleColumns();
    const file = Buffer.concat([
      fileOf(people(2).map((who) => recordOf(sample, who))),
      conformanceFile('invalid/W04-no-name.txt'),
    ]);
    const { intakeId } = unwrap(await receive(i.deps, coverOf(i.deps, file, 3), file));
    assert.equal((await run(i.deps, intakeId)).state, 'done');
    const rejects = await i.t.owner<{ row: number; code: string; field: string }>(
      'select row_number::int as row, code, field from jobs.reject',
    );
    assert.deepEqual(rejects, [{ row: 3, code: 'W04.missing', field: '支払を受ける者の氏名' }]);
  },
);

mechanismTest('input.source-bound', 'ほかの団体あてのファイルは取り込まない', async () => {
  await using i = await anIntake();
  const sample = await sampleColumns();
  const file = fileOf(people(1).map((who) => recordOf(sample, who)));
  const received = unwrap(await receive(i.deps, coverOf(i.deps, file, 1, { municipality: '131121' }), file));
  assert.equal(received.refusal, 'other-municipality');
});

test('design §5 途中で落ちた取込は、済んだ所の次から続き、二度取り込まない', async () => {
  await using i = await anIntake();
  const everyone = people(250);
  await register(i.deps, everyone);
  const sample = await sampleColumns();
  const file = fileOf(everyone.map((who) => recordOf(sample, who)));
  const { intakeId } = unwrap(await receive(i.deps, coverOf(i.deps, file, 250), file));
  // The machine dies in the second chunk: after the facts were written, before the commit.
  let chunks = 0;
  const dying: Deps = {
    ...i.deps,
    audit: {
      async write(tx, entry) {
        if (entry.event === 'intake.taken-in' && ++chunks >= 2) throw new Error('the machine stops');
        await i.deps.audit.write(tx, entry);
      },
    },
  };
  const died = await run(dying, intakeId, takeInBy(100));
  assert.deepEqual([died.state, died.why], ['failed', 'broken']);
  assert.equal((await i.t.owner('select 1 from resident_tax.report')).length, 100);
  const end = await run(i.deps, intakeId);
  assert.equal(end.state, 'done');
  assert.equal((await i.t.owner('select 1 from resident_tax.report')).length, 250);
  assert.deepEqual(await states(i), [{ state: 'linked', n: 250 }]);
  assert.equal((await run(i.deps, intakeId)).state, 'done');
  assert.equal((await i.t.owner('select 1 from resident_tax.report')).length, 250);
});

test('INC-23 取消と訂正は元の報告書に代わり、元がなければ担当者に回る', async () => {
  await using i = await anIntake();
  const [a, b, c] = people(3) as [Someone, Someone, Someone];
  await register(i.deps, [a, b, c]);
  const sample = await sampleColumns();
  const file = fileOf([
    recordOf(sample, a),
    recordOf(sample, b),
    recordOf(sample, a, { submissionKind: 'cancellation' }),
    recordOf(sample, b, { submissionKind: 'correction', paidYen: yen(1_234_000) }),
    recordOf(sample, c, { submissionKind: 'cancellation' }),
    recordOf(sample, b, { recipientNumber: 'again' }),
  ]);
  const { intakeId } = unwrap(await receive(i.deps, coverOf(i.deps, file, 6), file));
  assert.equal((await run(i.deps, intakeId)).state, 'done');
  const rows = await i.t.owner<{ row: number; state: string; reason: string }>(`
    select r.row_number as row, s.state, m.reason_code as reason from resident_tax.report_state s
      join resident_tax.report r using (report_id)
      join resident_tax.match_step m on m.report_id = s.report_id and m.step_no = s.last_step order by 1`);
  assert.deepEqual(
    rows.map((r) => [r.row, r.state, r.reason]),
    [
      [1, 'superseded', 'replaced-by-later-report'],
      [2, 'superseded', 'replaced-by-later-report'],
      [3, 'linked', 'three-agree'],
      [4, 'linked', 'three-agree'],
      [5, 'candidates', 'original-missing'],
      [6, 'candidates', 'same-payer-again'],
    ],
  );
});
