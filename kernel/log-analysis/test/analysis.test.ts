import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { openSession, signInActor } from '../../access/session.ts';
import { checkCatalogue, readCatalogue } from '../../db/catalogue.ts';
import { testDatabase } from '../../db/testing.ts';
import { mechanismTest } from '../../enforcement/testing.ts';
import { seededRandom } from '../../random/random.ts';
import { analyseLog, analysisActor } from '../analysis.ts';
import { analysis, person, schemas, staff, type World, world } from './world.ts';

const clerk = staff('juki-operator-01');
const analyst = staff('analyst-01');
const officer = staff('officer-01');
const found = async (w: World) => (await w.cases()).map((c) => `${c.rule} ${c.staffId} ${c.events.length}`).sort();

test('design §2.7 every table and column is declared', async () => {
  await using t = await testDatabase(schemas);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((f) => f.startsWith('log_analysis.')),
    [],
  );
});

mechanismTest(
  'audit.unusual-use-alarm',
  '003-III.3-R2-A09 不審な利用は、期限のある事案になる：多数の検索、時間外、同じ人、自分・同僚、注意対象者、書類なし、拒否の繰り返し、受託者',
  async () => {
    await using w = await world();
    for (let i = 0; i < 29; i++) await w.search(staff('diligent-01'), 'R-1', person(i));
    for (let i = 0; i < 30; i++) await w.search(staff('many-01'), 'R-2', person(i));
    for (const who of ['curious-01', 'normal-01']) await w.search(staff(who), 'R-7', person(7));
    for (let i = 0; i < 5; i++) await w.read(staff('curious-01'), person(7));
    for (let i = 0; i < 4; i++) await w.read(staff('normal-01'), person(7));
    for (let i = 0; i < 3; i++) await w.search(staff('refused-01'), 'refuse');
    await w.search(staff('undocumented-01'), '', person(1));
    await analysis.watch(w.deps, analyst, {
      subject: person(50),
      staffId: null,
      reason: '報道',
      untilOn: '2026-07-01',
    });
    await analysis.watch(w.deps, analyst, {
      subject: person(51),
      staffId: 'x-01',
      reason: '職員',
      untilOn: '2026-07-01',
    });
    await w.search(staff('looker-01'), 'R-3', person(2), person(50));
    await w.search(staff('looker-02'), 'R-4', person(51));
    await w.read(staff('looker-02'), person(51));
    await w.read(staff('jlis-01', { affiliation: 'contractor' }), person(3));
    w.at('2026-06-02T14:00:00Z');
    await w.read(staff('night-01'), person(4));
    w.at('2026-06-06T01:00:00Z');
    await w.read(staff('saturday-01'), person(5));
    const scanned = await w.scan();
    assert.equal(scanned.left, 0);
    assert.deepEqual(await found(w), [
      'contractor jlis-01 1',
      'many-searches many-01 30',
      'no-document undocumented-01 1',
      'off-hours night-01 1',
      'off-hours saturday-01 1',
      'own-or-colleague looker-02 2',
      // A refused search says no document either; the refusals themselves are the case.
      'refused refused-01 3',
      'same-person curious-01 5',
      'unmatched jlis-01 1',
      'unmatched night-01 1',
      'unmatched saturday-01 1',
      'watched looker-01 1',
    ]);
    assert.equal((await w.cases())[0]?.dueOn, '2026-06-09', '5 open days');
  },
);

test('003-III.3-R2-A08 a window reaches back over earlier scans; a repeat and two at once open nothing twice', async () => {
  await using w = await world();
  for (let i = 0; i < 20; i++) await w.search(clerk, 'R-1', person(i));
  assert.deepEqual(await w.scan(), { uses: 20, cases: 0, left: 0 });
  for (let i = 20; i < 30; i++) await w.search(clerk, 'R-1', person(i));
  await w.sequencer.drain();
  const both = await Promise.all([0, 1].map(() => analysis.scan(w.deps, analysisActor, null)));
  assert.deepEqual(both.map((b) => b.ok && b.value.cases).sort(), [0, 1]);
  assert.deepEqual(await w.scan(), { uses: 0, cases: 0, left: 0 });
  assert.deepEqual(await found(w), ['many-searches juki-operator-01 30']);
});

test('the loop rests when staff did nothing: its own events are no reason to look again', async () => {
  await using w = await world();
  await w.search(clerk, '', person(1));
  const done = { on: '' };
  await w.sequencer.drain();
  assert.deepEqual(await analyseLog(analysis, w.deps, done), { cases: 1, overdue: 0 });
  await w.sequencer.drain();
  const before = (await w.t.owner('select 1 from log_analysis.scan')).length;
  await analyseLog(analysis, w.deps, done);
  assert.equal((await w.t.owner('select 1 from log_analysis.scan')).length, before);
});

test('INC-71 every view of a person follows a documented search that found this person, or becomes a case', async () => {
  const random = seededRandom('inc-71');
  await using w = await world();
  const expected = new Set<string>();
  for (let i = 0; i < 120; i++) {
    const who = `clerk-${1 + random.below(6)}`;
    const by = staff(who);
    const own = person(100 + i);
    const kind = random.below(5);
    if (kind > 1) await w.search(by, `R-${i}`, own, person(900));
    if (kind === 1) await w.search(by, '', own);
    await w.read(by, kind === 0 || kind === 1 ? own : kind === 2 ? person(500 + i) : own);
    if (kind <= 2) expected.add(`${who} ${kind === 2 ? person(500 + i) : own}`);
  }
  await w.scan();
  const raised = (await w.cases()).filter((c) => c.rule === 'unmatched').map((c) => `${c.staffId} ${c.subject}`);
  assert.deepEqual(raised.sort(), [...expected].sort());
  assert.ok(expected.size > 20);
});

mechanismTest(
  'audit.review',
  '003-III.3-R2-A10 事案は申請書等と照らし合わせて判断し、すべて済むまで点検に署名できない',
  async () => {
    await using w = await world();
    await w.search(clerk, '', person(1));
    await w.scan();
    const [only] = await w.cases(true);
    const caseId = only!.caseId;
    const opened = await analysis.openReviews(
      { ...w.deps, civilClock: { today: () => Temporal.PlainDate.from('2026-07-01') } },
      analysisActor,
      null,
    );
    assert.deepEqual(opened, { ok: true, value: { opened: true, overdue: 0 } });
    const reviews = await analysis.reviews(w.deps, officer, { limit: 5 });
    assert.ok(reviews.ok);
    const { reviewId } = reviews.value[0]!;
    const signed = () => analysis.signReview(w.deps, officer, { reviewId, note: '確認した' });
    assert.deepEqual(await signed(), { ok: false, error: 'cases-open' });
    const judge = (more: object) =>
      analysis.judge(w.deps, analyst, {
        caseId,
        verdict: 'justified',
        comparison: 'agrees',
        document: '',
        note: '確認',
        ...more,
      } as never);
    assert.deepEqual(await judge({}), { ok: false, error: 'document-missing' });
    assert.deepEqual(await judge({ comparison: 'no-document' }), { ok: false, error: 'comparison-differs' });
    assert.deepEqual(await judge({ document: 'R-9', comparison: 'differs' }), {
      ok: false,
      error: 'comparison-differs',
    });
    assert.ok((await judge({ document: 'R-9' })).ok);
    assert.ok((await signed()).ok);
    assert.deepEqual(await signed(), { ok: false, error: 'already-signed' });
  },
);

test('nobody judges a case of his own or signs over it; what was improper names its incident; a verdict stands once', async () => {
  await using w = await world();
  await w.search(clerk, '', person(1));
  await w.search(officer, '', person(1));
  await w.scan();
  const cases = await w.cases(true);
  const judge = (by: typeof clerk, staffId: string, more: object = {}) =>
    analysis.judge(w.deps, by, {
      caseId: cases.find((c) => c.staffId === staffId)!.caseId,
      verdict: 'improper',
      comparison: 'no-document',
      document: '',
      note: '聴き取り済み',
      ...more,
    } as never);
  assert.deepEqual(await judge(clerk, 'juki-operator-01'), { ok: false, error: 'own-case' });
  assert.deepEqual(await judge(analyst, 'juki-operator-01'), { ok: false, error: 'incident-missing' });
  const both = await Promise.all([0, 1].map(() => judge(analyst, 'juki-operator-01', { incident: '2026-事故-0001' })));
  assert.deepEqual(both.map((b) => (b.ok ? 'done' : b.error)).sort(), ['already-judged', 'done']);
  assert.ok((await judge(analyst, 'officer-01', { incident: '2026-事故-0002' })).ok);
  await analysis.openReviews(
    { ...w.deps, civilClock: { today: () => Temporal.PlainDate.from('2026-07-01') } },
    analysisActor,
    null,
  );
  const reviews = await analysis.reviews(w.deps, analyst, { limit: 1 });
  assert.ok(reviews.ok);
  assert.equal(reviews.value[0]?.improper, 2);
  const { reviewId } = reviews.value[0]!;
  assert.deepEqual(await analysis.signReview(w.deps, officer, { reviewId, note: 'x' }), {
    ok: false,
    error: 'own-case',
  });
  const nobody = { caseId: person(9), verdict: 'unclear', comparison: 'agrees', document: 'x', note: 'x' } as const;
  assert.deepEqual(await analysis.judge(w.deps, analyst, nobody), { ok: false, error: 'no-such-case' });
});

test('004-III.2-R2-06 an unsigned review past its tenth open day is raised once', async () => {
  await using w = await world();
  const on = (day: string) => ({ ...w.deps, civilClock: { today: () => Temporal.PlainDate.from(day) } });
  await analysis.openReviews(on('2026-07-01'), analysisActor, null);
  assert.deepEqual(await analysis.openReviews(on('2026-07-14'), analysisActor, null), {
    ok: true,
    value: { opened: false, overdue: 0 },
  });
  assert.deepEqual(await analysis.openReviews(on('2026-07-15'), analysisActor, null), {
    ok: true,
    value: { opened: false, overdue: 1 },
  });
  assert.deepEqual(await analysis.openReviews(on('2026-07-16'), analysisActor, null), {
    ok: true,
    value: { opened: false, overdue: 0 },
  });
});

mechanismTest(
  'incident.affected-persons',
  '003-III.7-R1-A13 U21 影響を受けた本人は、記録の範囲からもれなく抽出され、番号の付いていない記録が残る間は抽出されない',
  async () => {
    await using w = await world();
    await w.read(clerk, person(1));
    w.at('2026-06-02T02:00:00Z');
    await w.search(clerk, 'R-1', person(2), person(3));
    await w.read(staff('juki-operator-02'), person(3));
    await w.read(staff('juki-operator-02'), person(4));
    const range = {
      incident: '2026-事故-0001',
      fromAt: Temporal.Instant.from('2026-06-02T02:00:00Z'),
      untilAt: Temporal.Instant.from('2026-06-02T03:00:00Z'),
      staffId: null,
      terminalId: null,
    };
    assert.deepEqual(await analysis.listAffected(w.deps, analyst, range), { ok: false, error: 'log-not-complete' });
    await w.sequencer.drain();
    const list = await analysis.listAffected(w.deps, analyst, range);
    assert.ok(list.ok);
    assert.equal(list.value.persons, 3, 'the two of the search and the one read besides');
    const rows = await w.t.owner<{ subject: string; times: number }>(
      'select subject, times from log_analysis.affected_person order by subject',
    );
    assert.deepEqual(rows, [
      { subject: person(2), times: 1 },
      { subject: person(3), times: 2 },
      { subject: person(4), times: 1 },
    ]);
    await w.sequencer.drain();
    const one = await analysis.listAffected(w.deps, analyst, { ...range, staffId: 'juki-operator-01' });
    assert.ok(one.ok && one.value.persons === 2);
    const reversed = await analysis.listAffected(w.deps, analyst, { ...range, untilAt: range.fromAt });
    assert.deepEqual(reversed, { ok: false, error: 'range-reversed' });
  },
);

mechanismTest(
  'audit.reader-role',
  '003-IV.1-S2-01 操作の記録の持ち出しは、別の職員が承認した範囲と目的だけ、一度だけ行える',
  async () => {
    await using w = await world();
    await w.read(clerk, person(1));
    await w.sequencer.drain();
    const wanted = {
      staffId: null,
      fromAt: '2026-06-01T00:00:00Z',
      untilAt: '2026-06-03T00:00:00Z',
      purpose: '第三者監査',
    };
    const auditor = staff('auditor-01');
    const asked = await analysis.requestExport(w.deps, auditor, wanted);
    assert.ok(asked.ok);
    const { approvalId } = asked.value;
    const out = (more: object = {}) => analysis.exportLog(w.deps, auditor, { ...wanted, approvalId, ...more });
    assert.deepEqual(await out(), { ok: false, error: 'not-approved' });
    const decide = (by: typeof auditor) => analysis.decideExport(w.deps, by, { approvalId, decision: 'approved' });
    assert.deepEqual(await decide(auditor), { ok: false, error: 'approver-is-requester' });
    assert.ok((await decide(officer)).ok);
    assert.deepEqual(await out({ purpose: '別の目的' }), { ok: false, error: 'not-approved' });
    const lines = await out();
    assert.ok(lines.ok && lines.value.length > 0);
    assert.ok(!JSON.stringify(lines.value).includes(person(1)), 'ids of events, not of persons');
    assert.deepEqual(await out(), { ok: false, error: 'not-approved' });
  },
);

test('003-IV.1-S2-01 reading the log is an event of the log', async () => {
  await using w = await world();
  await w.read(clerk, person(1));
  await w.sequencer.drain();
  const range = {
    fromAt: Temporal.Instant.from('2026-06-01T00:00:00Z'),
    untilAt: Temporal.Instant.from('2026-06-03T00:00:00Z'),
  };
  const lines = await analysis.readLog(w.deps, staff('auditor-01'), {
    staffId: 'juki-operator-01',
    ...range,
    offset: 0,
    limit: 10,
  });
  assert.ok(lines.ok);
  assert.deepEqual(
    lines.value.map((l) => [l.who, l.act, l.outcome, l.terminalId]),
    [['juki-operator-01', 'register.read', 'done', 't-01']],
  );
  await w.sequencer.drain();
  const again = await analysis.readLog(w.deps, staff('auditor-01'), {
    staffId: 'auditor-01',
    ...range,
    offset: 0,
    limit: 10,
  });
  assert.ok(again.ok);
  assert.deepEqual(
    again.value.map((l) => l.event),
    ['log.read'],
  );
});

test('003-III.4-R0-A09 figures of contractors by month: accesses, searches and sign-ins, refused attempts too; others do not count', async () => {
  await using w = await world();
  const signIn = (staffId: string, affiliation: 'contractor' | 'employee') =>
    openSession(w.deps, signInActor, {
      staffId,
      displayName: '運用 一郎',
      accountUntil: Temporal.PlainDate.from('2027-03-31'),
      affiliation,
    });
  assert.ok((await signIn('jlis-01', 'contractor')).ok);
  assert.ok((await signIn('juki-operator-01', 'employee')).ok);
  await w.read(clerk, person(1));
  const figures = async (month: string) => {
    const found = await analysis.contractorFigures(w.deps, analyst, { month });
    assert.ok(found.ok);
    return found.value;
  };
  await w.scan();
  assert.deepEqual(await figures('2026-06'), { recordAccesses: 0, searches: 0, signIns: 1 });
  const contractor = staff('jlis-01', { affiliation: 'contractor' });
  await w.search(contractor, 'refuse');
  await w.read(contractor, person(1));
  await w.scan();
  assert.deepEqual(await figures('2026-06'), { recordAccesses: 1, searches: 1, signIns: 1 });
  assert.deepEqual(await figures('2026-05'), { recordAccesses: 0, searches: 0, signIns: 0 });
});
