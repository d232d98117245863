import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { test } from 'node:test';
import { Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { assess } from '../domain/assess.ts';
import { recordingTrace } from '../domain/trace.ts';
import { replay } from '../domain/trace-replay.ts';
import { assessOne } from '../service/assessment/assess-one.ts';
import { decideSubmission } from '../service/assessment/decide.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderAssessmentRun, resumeRun } from '../service/assessment/order-run.ts';
import { listAssessments, readAssessment } from '../service/assessment/read.ts';
import { assessmentRun, assessmentRunBy } from '../service/assessment/run.ts';
import { readHeldPerson, settleReports } from '../service/assessment/settle.ts';
import { submitAssessments, withdrawSubmission } from '../service/assessment/submit.ts';
import { irregular } from '../service/irregular/irregular.ts';
import { inputFromJson } from '../store/assessment-input-json.ts';
import { type APerson, aPerson, assessAll, chief, clerk, decideAll, staff, taxTest } from './assessment-setup.ts';

const ordinary = { ordinaryCollection: true };

/** Computed by hand from the articles; 令和8年度, yen. Parts: 4 due dates, or June and the eleven months after. */
const byHand: readonly {
  readonly who: string;
  readonly person: APerson;
  readonly taxable: number;
  readonly perIncome: readonly [ward: number, metropolis: number];
  readonly annual: number;
  readonly parts: readonly number[];
  readonly status: string;
}[] = [
  {
    who: '給与400万円・社会保険料60万円、特別徴収',
    person: { reports: [{ paidYen: 4_000_000, columns: { socialInsuranceYen: 600_000 } }] },
    // 2,760,000 − (430,000 + 600,000) = 1,730,000; 103,800 − 1,500; 69,200 − 1,000
    taxable: 1_730_000,
    perIncome: [102_300, 68_200],
    annual: 175_500,
    parts: [14_900, ...Array.from({ length: 11 }, () => 14_600)],
    status: 'taxed',
  },
  {
    who: '給与500万円・配偶者・扶養1人・16歳未満1人、普通徴収',
    person: {
      reports: [
        {
          paidYen: 5_000_000,
          columns: {
            ...ordinary,
            socialInsuranceYen: 500_000,
            spouse: 'main-yes',
            otherDependantsMain: 1,
            dependantsUnder16: 1,
          },
        },
      ],
    },
    // 3,560,000 − (430,000 + 500,000 + 330,000 + 330,000) = 1,970,000; 118,200 − 4,500; 78,800 − 3,000
    taxable: 1_970_000,
    perIncome: [113_700, 75_800],
    annual: 194_500,
    parts: [50_500, 48_000, 48_000, 48_000],
    status: 'taxed',
  },
  {
    who: '前職100万円を含む給与300万円（前職の報告書も届いている）',
    person: {
      reports: [
        {
          paidYen: 3_000_000,
          columns: {
            ...ordinary,
            socialInsuranceYen: 450_000,
            otherPayerName: '有限会社前職',
            otherPayerPaidYen: 1_000_000,
          },
        },
        {
          payerName: '有限会社前職',
          paidYen: 1_000_000,
          columns: { incomeAfterDeductionYen: undefined, ...ordinary, socialInsuranceYen: 150_000 },
        },
      ],
    },
    // 2,020,000 − (430,000 + 450,000) = 1,140,000; 68,400 − 1,500; 45,600 − 1,000
    taxable: 1_140_000,
    perIncome: [66_900, 44_600],
    annual: 116_500,
    parts: [29_500, 29_000, 29_000, 29_000],
    status: 'taxed',
  },
  {
    who: '給与110万円（合計所得450,000円、非課税限度額ちょうど）',
    person: { reports: [{ paidYen: 1_100_000, columns: ordinary }] },
    taxable: 20_000,
    perIncome: [0, 0],
    annual: 0,
    parts: [],
    status: 'exempt',
  },
  {
    who: '令和8年2月に転入（賦課期日に住所なし）',
    person: { becameResidentOn: '2026-02-01', reports: [{ paidYen: 6_000_000, columns: ordinary }] },
    taxable: 3_930_000,
    perIncome: [0, 0],
    annual: 0,
    parts: [],
    status: 'not-taxable',
  },
];

test('002 W07 当初賦課: 手計算の表と1円まで一致し、資料に疑義のある人は職員の確認を待つ', async () => {
  await using x = await taxTest();
  const ids = new Map<string, string>();
  for (const row of byHand) ids.set(row.who, unwrap(await aPerson(x.deps, clerk, row.person)).personId);
  const two = { paidYen: 2_000_000, columns: ordinary };
  const held = unwrap(await aPerson(x.deps, clerk, { reports: [two, { ...two, payerName: '株式会社別' }] }));

  const { end, orderId } = await assessAll(x.deps);
  assert.equal(end.state, 'done');
  for (const row of byHand) {
    const [stored] = await x.t.owner<Record<string, unknown> & { assessment_id: string }>(
      'select * from resident_tax.assessment where person_id = $1',
      [ids.get(row.who)],
    );
    assert.ok(stored, row.who);
    const parts = await x.t.owner<{ amount_yen: string }>(
      'select amount_yen from resident_tax.instalment where assessment_id = $1 order by part_no',
      [stored.assessment_id],
    );
    assert.deepEqual(
      {
        taxable: Number(stored.taxable_yen),
        perIncome: [Number(stored.ward_per_income_yen), Number(stored.metropolis_per_income_yen)],
        annual: Number(stored.annual_yen),
        parts: parts.map((part) => Number(part.amount_yen)),
        status: stored.status,
        drafted: stored.drafted_by,
      },
      {
        taxable: row.taxable,
        perIncome: row.perIncome,
        annual: row.annual,
        parts: row.parts,
        status: row.status,
        drafted: 'clerk-1',
      },
      row.who,
    );
  }
  const steps = await x.t.owner('select total, in_count, out_count, rejected_count from jobs.step');
  assert.deepEqual(steps, [{ total: '6', in_count: '6', out_count: '5', rejected_count: '1' }]);
  const rejects = await x.t.owner('select code, ref from jobs.reject');
  assert.deepEqual(rejects, [{ code: 'two-year-end-adjusted-reports', ref: held.personId }]);
  const [event] = await x.t.owner<{ body: string }>(
    "select body from audit.intake_event where body like '%assessment.drafted%'",
  );
  assert.match(event?.body ?? '', new RegExp(`"order":"${orderId}"`));
});

test('002 W07 再計算: 資料が変わった人だけ新しい版になり、同じ指示は二度処理されない', async () => {
  await using x = await taxTest();
  const a = unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen: 4_000_000 }] }));
  unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen: 5_000_000 }] }));
  const first = await assessAll(x.deps);
  // The same order again: nothing happens.
  const again = unwrap(await runBatch(x.deps, worker, assessmentRun, { orderId: first.orderId, fiscalYear: 2026 }));
  assert.equal(again.state, 'done');
  await assessAll(x.deps);
  const versions = 'select person_id, version from resident_tax.assessment order by person_id, version';
  assert.equal((await x.t.owner(versions)).length, 2);

  // A further employer's report arrives for one of them.
  const b = unwrap(
    await aPerson(x.deps, clerk, { reports: [{ paidYen: 300_000, columns: { incomeAfterDeductionYen: undefined } }] }),
  );
  await x.t.owner('update resident_tax.report_state set person_id = $1 where person_id = $2', [a.personId, b.personId]);
  await assessAll(x.deps);
  const rows = await x.t.owner<{ person_id: string; version: number }>(versions);
  assert.deepEqual(
    rows.filter((row) => row.person_id === a.personId).map((row) => row.version),
    [1, 2],
  );
  assert.equal(rows.length, 3);
  const list = unwrap(
    await listAssessments(x.deps, clerk, {
      fiscalYear: 2026,
      state: null,
      status: null,
      collection: null,
      sort: 'annual.desc',
      limit: 10,
      offset: 0,
    }),
  );
  assert.equal(list.total, 2);
  const newest = list.rows.find((row) => row.personId === a.personId);
  const view = unwrap(await readAssessment(x.deps, clerk, { assessmentId: newest?.assessmentId ?? '' }));
  const revenue = view.differences.find((difference) => difference.id === 'salary-revenue');
  assert.deepEqual([revenue?.before, revenue?.now], [4_000_000, 4_300_000]);
});

test('conventions §6.5 理由: 保存した資料と版から、計算の理由が1バイトも違わず再現され、検算と一致する', async () => {
  await using x = await taxTest();
  unwrap(await aPerson(x.deps, clerk, byHand[1]?.person as APerson));
  await assessAll(x.deps);
  const [stored] = await x.t.owner<{ input: unknown; assessment_id: string }>(
    'select assessment_id, input from resident_tax.assessment',
  );
  const rates = ratesForYear(2026);
  const trace = recordingTrace(rates.version);
  assess(inputFromJson(stored?.input), rates, trace);
  const regenerated = assessOne(stored?.input);
  assert.equal(canonicalJson(regenerated.steps as never), canonicalJson(trace.steps as never));
  assert.deepEqual(replay(regenerated.steps, rates).faults, []);
  assert.ok(regenerated.explained.every((step) => step.law.includes('法') && step.title !== ''));
  const view = unwrap(await readAssessment(x.deps, clerk, { assessmentId: stored?.assessment_id ?? '' }));
  assert.equal(view.agrees, true);
});

test('002 W04 疑義の解消: 職員が理由を付けて合算する資料を決めると、その職員の起案として賦課が作られる', async () => {
  await using x = await taxTest();
  unwrap(await irregular.registerFirst(x.deps, worker, null));
  const two = { paidYen: 2_000_000, columns: ordinary };
  const person = unwrap(await aPerson(x.deps, clerk, { reports: [two, { ...two, payerName: '株式会社別' }] }));
  const special = unwrap(
    await aPerson(x.deps, clerk, {
      reports: [{ paidYen: 5_000_000, columns: { ...ordinary, spouse: 'main-no', spouseDeductionYen: 310_000 } }],
    }),
  );
  await assessAll(x.deps);
  const held = unwrap(await readHeldPerson(x.deps, clerk, { personId: person.personId, fiscalYear: 2026 }));
  assert.deepEqual(held.questions, ['two-year-end-adjusted-reports']);
  const settle = (more: Partial<Parameters<typeof settleReports>[2]>) =>
    settleReports(x.deps, clerk, {
      personId: person.personId,
      fiscalYear: 2026,
      seenReportIds: person.reportIds,
      leftOutIds: [],
      spouseIncomeYen: null,
      reason: '2社目は誤って年末調整したものと勤務先に確認',
      ...more,
    });
  assert.deepEqual(await settle({ reason: ' ' }), { ok: false, error: 'no-reason' });
  assert.deepEqual(await settle({ seenReportIds: person.reportIds.slice(1) }), { ok: false, error: 'reports-changed' });
  assert.deepEqual(await settle({ leftOutIds: person.reportIds }), { ok: false, error: 'no-report-left' });
  unwrap(await settle({ leftOutIds: person.reportIds.slice(1) }));
  assert.deepEqual(await settle({}).then((r) => r.ok || r.error), true);

  const needed = { ...(await readHeldPerson(x.deps, clerk, { personId: special.personId, fiscalYear: 2026 })) };
  assert.deepEqual(needed.ok && needed.value.questions, ['spouse-income-missing']);
  const base = { personId: special.personId, seenReportIds: special.reportIds };
  assert.deepEqual(await settle(base), { ok: false, error: 'spouse-income-needed' });
  unwrap(await settle({ ...base, spouseIncomeYen: 1_000_000 }));
  const rows = await x.t.owner<{ input: { incomes: { salaries: number[] }; spouse: { totalIncome: number } | null } }>(
    'select input from resident_tax.assessment order by person_id, version',
  );
  assert.deepEqual(
    rows.map((row) => [row.input.incomes.salaries, row.input.spouse?.totalIncome ?? null]),
    [
      [[2_000_000], null],
      [[2_000_000, 2_000_000], null],
      [[5_000_000], 1_000_000],
    ],
  );
});

test('INC-32 取込が終わっていない間は賦課を始められず、終わってから続きができる', async () => {
  await using x = await taxTest();
  unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen: 4_000_000 }] }));
  const gap = x.deps.newId();
  await x.t.owner(
    `insert into resident_tax.announced_delivery values ($1, 'R-1', 'salary-payment-report', 2025, '1234567890123', '株式会社目黒製作所', 1, '2026-02-01', $1)`,
    [gap],
  );
  const { orderId, end } = await assessAll(x.deps);
  assert.deepEqual([end.state, end.why], ['blocked', 'intake-not-finished']);
  assert.deepEqual(await orderAssessmentRun(x.deps, clerk, { fiscalYear: 2026 }), {
    ok: false,
    error: 'already-running',
  });
  await x.t.owner('delete from resident_tax.announced_delivery where delivery_id = $1', [gap]);
  unwrap(await resumeRun(x.deps, clerk, { orderId }));
  const { state } = unwrap(await runBatch(x.deps, worker, assessmentRun, { orderId, fiscalYear: 2026 }));
  assert.equal(state, 'done');
});

test('design §9 途中で落ちた賦課は、最後の区切りから続けられ、誰も二度計算されない', async () => {
  await using x = await taxTest();
  for (let i = 0; i < 23; i++) unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen: 3_000_000 + i * 10_000 }] }));
  const { orderId } = unwrap(await orderAssessmentRun(x.deps, clerk, { fiscalYear: 2026 }));
  const params = { orderId, fiscalYear: 2026 };
  const inTwenties = assessmentRunBy(20);
  // The process dies inside the second chunk: its audit intake throws, as a lost connection would.
  let chunks = 0;
  const dying = {
    ...x.deps,
    audit: {
      write: async (...args: Parameters<typeof x.deps.audit.write>) => {
        if (args[1].act === 'resident-tax.assess.assess' && ++chunks > 1) throw new Error('the process died');
        await x.deps.audit.write(...args);
      },
    },
  };
  const died = unwrap(await runBatch(dying, worker, inTwenties, params));
  assert.deepEqual([died.state, died.why], ['failed', 'broken']);
  const count = async () =>
    (await x.t.owner<{ n: number }>('select count(*)::int as n from resident_tax.assessment'))[0]?.n;
  assert.equal(await count(), 20);
  assert.equal(unwrap(await runBatch(x.deps, worker, inTwenties, params)).state, 'done');
  assert.equal(await count(), 23);
});

test('002 AC-12 決裁: 起案した職員は決定できず、二人が同時に承認しても一度だけ決定される', async () => {
  await using x = await taxTest();
  unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen: 4_000_000 }] }));
  await assessAll(x.deps);
  const submitted = () => submitAssessments(x.deps, clerk, { fiscalYear: 2026, assessmentIds: null });
  const [one, two] = await Promise.all([submitted(), submitted()]);
  const refused = [one, two].filter((result) => !result.ok);
  assert.deepEqual(refused, [{ ok: false, error: 'nothing-to-submit' }]);
  const { submissionId } = unwrap(one.ok ? one : two);
  const decide = (by = chief, decision: 'approve' | 'return' = 'approve', reason = '') =>
    decideSubmission(x.deps, by, { submissionId, decision, reason });
  assert.deepEqual(await decide(clerk), { ok: false, error: 'approver-is-drafter' });
  assert.deepEqual(await decide(chief, 'return'), { ok: false, error: 'no-reason' });
  const both = await Promise.all([decide(staff('chief-1')), decide(staff('chief-2'))]);
  assert.equal(both.filter((result) => result.ok).length, 1);
  assert.deepEqual(
    both.filter((result) => !result.ok),
    [{ ok: false, error: 'already-decided' }],
  );
  assert.equal((await x.t.owner('select * from resident_tax.assessment_decision')).length, 1);
  assert.deepEqual(await decide(), { ok: false, error: 'already-decided' });
  // Who submitted without having drafted decides nothing either; and the schema holds the drafter back by itself.
  await assert.rejects(
    x.t.owner(`insert into resident_tax.assessment_decision
      select assessment_id, '${submissionId}', drafted_by, drafted_by, '2026-06-01', now(), event_id from resident_tax.assessment`),
    /violates/,
  );
});

test('002 AC-12 差戻し・取下げ・差替え: 理由が残り、新しい版ができた提出は決定できない', async () => {
  await using x = await taxTest();
  const a = unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen: 4_000_000 }] }));
  await assessAll(x.deps);
  const submit = async () =>
    unwrap(await submitAssessments(x.deps, clerk, { fiscalYear: 2026, assessmentIds: null })).submissionId;
  const first = await submit();
  unwrap(await decideSubmission(x.deps, chief, { submissionId: first, decision: 'return', reason: '扶養の確認' }));
  const second = await submit();
  const b = unwrap(
    await aPerson(x.deps, clerk, { reports: [{ paidYen: 300_000, columns: { incomeAfterDeductionYen: undefined } }] }),
  );
  await x.t.owner('update resident_tax.report_state set person_id = $1 where person_id = $2', [a.personId, b.personId]);
  await assessAll(x.deps);
  assert.deepEqual(await decideSubmission(x.deps, chief, { submissionId: second, decision: 'approve', reason: '' }), {
    ok: false,
    error: 'superseded-meanwhile',
  });
  unwrap(await withdrawSubmission(x.deps, clerk, { submissionId: second, reason: '新しい報告書が届いたため' }));
  await decideAll(x.deps);
  const rows = await x.t.owner(
    'select version from resident_tax.assessment_decision join resident_tax.assessment using (assessment_id)',
  );
  assert.deepEqual(rows, [{ version: 2 }]);
});

test('design §4.7 賦課の金額が裏で書き換えられると、監査の検証がその賦課を名指しする', async () => {
  await using x = await taxTest();
  unwrap(await aPerson(x.deps, clerk, byHand[0]?.person as APerson));
  await assessAll(x.deps);
  await decideAll(x.deps);
  const key = testKey('musubi/meguro/resident-tax');
  const sequencer = new Sequencer({ db: x.t.db, machineClock: x.deps.machineClock, signer: key });
  await sequencer.drain();
  await sequencer.checkpoint();
  const verify = () => verifyInstance(x.t.db, { instance: 'meguro/resident-tax', logKey: key });
  assert.deepEqual((await verify()).defects, []);
  const [row] = await x.t.owner<{ assessment_id: string }>(`
    update resident_tax.assessment set ward_per_income_yen = ward_per_income_yen - 100, annual_yen = annual_yen - 100,
      instalment_yen[1] = instalment_yen[1] - 100
    returning assessment_id`);
  const { defects } = await verify();
  assert.deepEqual(
    defects.map((defect) => [defect.kind, defect.table, defect.key]),
    [['fact-altered', 'resident_tax.assessment', row?.assessment_id]],
  );
  // And the page says so: what is regenerated no longer agrees with what is stored.
  const view = unwrap(await readAssessment(x.deps, clerk, { assessmentId: row?.assessment_id ?? '' }));
  assert.equal(view.agrees, false);
});

function testKey(name: string) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 1)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { name, publicKey, sign: (bytes: Uint8Array): Buffer => sign(null, bytes, privateKey) };
}
