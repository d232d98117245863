import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { incidentSteps } from '../domain/registers/incident.ts';
import { differingEntries } from '../service/rebuild.ts';
import { reminderActor } from '../service/reminders.ts';
import {
  anActiveContract,
  anIncident,
  anOath,
  aPersonalFile,
  auditor,
  clerk,
  officer,
  second,
  site,
  third,
  world,
} from './world.ts';

const refused = (error: string) => ({ ok: false, error });

mechanismTest(
  'assurance.training-gate',
  '003-IV.2-S1-01 今年度の研修を修了しない者は取扱者に指定されない',
  async () => {
    await using w = await world();
    const oath = await w.made('oath', { ...anOath, affiliation: 'employee' });
    const course = await w.made('course', {
      name: '住基ネット操作者研修',
      kind: 'operator',
      heldOn: '2026-06-01',
      passMark: '80',
      audience: 'juki-operator-01\njuki-operator-02',
      material: '教材-1',
    });
    await w.done('course', course, 'hold', { report: '報告-1' }, officer);
    const attend = (staffId: string, score: string) =>
      w.made('attendance', { course, staffId, attendedOn: '2026-06-01', score });
    assert.deepEqual(
      await w.open('attendance', { course, staffId: 'juki-operator-09', attendedOn: '2026-06-01', score: '90' }),
      refused('not-on-list'),
    );
    const low = await attend('juki-operator-01', '79');
    const high = await attend('juki-operator-02', '80');
    const handler = { department: '振興企画課', duty: '本人確認情報の検索', oath };
    const failed = await w.made('handler', { ...handler, staffId: 'juki-operator-01', attendance: low });
    const borrowed = await w.made('handler', { ...handler, staffId: 'juki-operator-01', attendance: high });
    const trained = await w.made('handler', { ...handler, staffId: 'juki-operator-02', attendance: high });
    const designate = (id: string) => w.take('handler', id, 'designate', { fiscalYear: '2026' });
    assert.deepEqual(await designate(failed), refused('training-missing'));
    assert.deepEqual(await designate(borrowed), refused('training-missing'), "somebody else's attendance");
    assert.ok((await designate(trained)).ok);
    // Who has not finished is named by the record of the course.
    const { entry, naming } = await w.read('course', course);
    const { findRegister } = await import('../domain/registers.ts');
    const open = findRegister('course')!.lacking!.items(entry, (r) => naming[r] ?? [], w.deps.civilClock.today());
    assert.deepEqual(open, ['juki-operator-01']);
    // Next year the same attendance is not enough.
    w.t.deps.civilClock.set('2027-04-01');
    const next = await w.made('handler', { ...handler, staffId: 'juki-operator-02', attendance: high });
    assert.deepEqual(await w.take('handler', next, 'designate', { fiscalYear: '2027' }), refused('training-missing'));
  },
);

const aCampaign = {
  name: '令和8年度自己点検',
  dueOn: '2026-09-30',
  departments: '振興企画課\n市町村課',
  questions: '誓約書を提出したか\n媒体を金庫に保管しているか',
};

mechanismTest(
  'assurance.inspection-campaign',
  '003-IV.1-S1-02 全部署の回答と、「いいえ」ごとの指摘事項がそろうまで自己点検は終わらない',
  async () => {
    await using w = await world();
    const inspection = await w.made('inspection', aCampaign);
    const close = () => w.take('inspection', inspection, 'close', { report: '報告-1', reportedTo: '総務局長' });
    assert.deepEqual(await close(), refused('answers-missing'), 'nobody answered');
    await w.made('inspection-answer', { inspection, department: '振興企画課', answers: 'はい\nはい' });
    await w.made('inspection-answer', { inspection, department: '市町村課', answers: 'はい\nいいえ（書庫のみ）' });
    assert.deepEqual(await close(), refused('answers-missing'), 'an いいえ without a finding');
    const finding = { department: '市町村課', content: '金庫がない', owner: '管理係', dueOn: '2026-10-30' };
    await w.made('finding', { inspection, ...finding });
    assert.ok((await close()).ok);
  },
);

test('003-IV.1-S1-01 回答は設問と同じ数で、対象の部署からだけ受け付ける', async () => {
  await using w = await world();
  const inspection = await w.made('inspection', aCampaign);
  const answer = (department: string, answers: string) =>
    w.open('inspection-answer', { inspection, department, answers });
  assert.deepEqual(await answer('主税局', 'はい\nはい'), refused('not-on-list'));
  assert.deepEqual(await answer('市町村課', 'はい'), refused('answer-count'));
  assert.deepEqual(await answer('市町村課', 'はい\nたぶん'), refused('answer-count'));
});

mechanismTest(
  'assurance.audit-cycle',
  '003-IV.1-S2-01 指摘が残る監査は完了できず、期限を過ぎれば知らされる',
  async () => {
    await using w = await world();
    const audit = await w.made('audit', {
      name: '第三者監査',
      kind: 'external',
      auditor: '監査法人',
      plannedOn: '2026-06-15',
      scope: '住基ネット',
    });
    await w.done('audit', audit, 'perform', { performedOn: '2026-06-10', report: '監査-1' }, officer);
    const finding = await w.made('finding', {
      audit,
      department: '振興企画課',
      content: 'ログの点検に遅れ',
      owner: '振興調整担当',
      dueOn: '2026-07-31',
    });
    const close = () => w.take('audit', audit, 'close', { addressee: '総務局長', nextOn: '2027-06-15' });
    assert.deepEqual(await close(), refused('findings-open'));
    await w.done('finding', finding, 'correct', { correction: '週次に改めた', evidence: '点検記録-3' }, officer);
    assert.deepEqual(
      await w.take('finding', finding, 'confirm', { confirmedOn: '2026-06-10' }, officer),
      refused('second-person'),
    );
    await w.done('finding', finding, 'confirm', { confirmedOn: '2026-06-10' });
    assert.ok((await close()).ok);
  },
);

const aRelease = {
  system: 'prefectural-juki',
  version: '2.1.0',
  summary: '検索条件の追加',
  tester: 'governance-officer:02',
  run: 'run-20260610',
  resultDigest: 'a'.repeat(64),
  passed: '812',
  failed: '0',
  requirements: '187',
  covered: '187',
};

mechanismTest(
  'assurance.release-evidence',
  '003-III.7-R1-C32 失敗・未実施・要件の漏れがある変更、試験者自身による承認は通らない',
  async () => {
    await using w = await world();
    const approve = async (more: object, by = second) =>
      w.take(
        'release',
        await w.made('release', { ...aRelease, ...more }),
        'approve',
        { approvalDocument: '決裁-1' },
        by,
      );
    assert.deepEqual(await approve({}), refused('tester-approves'));
    const by = { tester: 'someone-else' };
    assert.deepEqual(await approve({ ...by, failed: '1' }), refused('tests-failed'));
    assert.deepEqual(await approve({ ...by, passed: '0' }), refused('tests-failed'));
    assert.deepEqual(await approve({ ...by, covered: '186' }), refused('coverage-missing'));
    assert.ok((await approve(by)).ok);
  },
);

mechanismTest('incident.steps', '003-III.7-R1-A13 すべての手順に結果か理由があるまで事故は完了しない', async () => {
  await using w = await world();
  const incident = await w.made('incident', anIncident);
  const close = () => w.take('incident', incident, 'close', { closingDocument: '決裁-9' }, second);
  const dues = new Map<string, string | null>();
  for (const id of Object.keys(incidentSteps)) {
    assert.deepEqual(await close(), refused('steps-missing'), id);
    dues.set(id, (await w.read('incident', incident)).entry.dueOn);
    await w.done('incident', incident, id, { [`${id}On`]: '2026-06-11', [`${id}Result`]: '実施した' }, officer);
  }
  assert.equal(dues.get('containment'), '2026-06-10', '直ちに封じ込め');
  assert.equal(dues.get('report-office'), '2026-06-11', '情報政策課へは翌開庁日まで');
  assert.equal(dues.get('report-early'), '2026-06-15', '速報は5日以内');
  assert.equal(dues.get('report-final'), '2026-07-10', '確報は30日以内');
  assert.ok((await close()).ok);
});

const aLeakInquiry = {
  receivedOn: '2026-06-10',
  channel: 'phone',
  kind: 'leak',
  about: '他人宛ての通知が届いた',
  content: '封筒に別の書類が入っていた',
  owner: '管理係',
};

test('AC-41 漏えいの問合せは事故を開き、情報政策課への報告日・原因・再発防止策のどれか一つでも欠ければ完了できない', async () => {
  await using w = await world();
  const question = await w.made('question', aLeakInquiry, clerk);
  const { entry, targets } = await w.read('question', question, clerk);
  assert.equal(targets.incident?.register, 'incident', 'the record of the question leads to the incident');
  const incident = entry.values.incident ?? '';
  const opened = await w.read('incident', incident);
  assert.equal(opened.entry.heading, '他人宛ての通知が届いた');
  assert.equal(opened.entry.dueOn, '2026-06-10', 'due at once');
  const close = () => w.take('incident', incident, 'close', { closingDocument: '決裁-9' }, second);
  const needed = ['report-office', 'cause', 'prevention'] as const;
  for (const id of Object.keys(incidentSteps).filter((i) => !needed.some((n) => n === i)))
    await w.done('incident', incident, id, { [`${id}On`]: '2026-06-10', [`${id}Result`]: '実施した' }, officer);
  const words = (await w.read('incident', incident)).entry.dueWhat;
  assert.equal(words, '情報政策課に報告する');
  // Neither a result without its day nor two of the three are enough.
  const halves = await w.take('incident', incident, 'cause', { causeResult: '封入の確認漏れ' }, officer);
  assert.deepEqual(halves, refused('values-faulty'));
  for (const id of needed) {
    assert.deepEqual(await close(), refused('steps-missing'), `before ${id}`);
    await w.done('incident', incident, id, { [`${id}On`]: '2026-06-10', [`${id}Result`]: '実施した' }, officer);
  }
  const closed = await close();
  assert.ok(closed.ok);
  const [kept] = await w.t.owner<{ on: string }>(
    `select field_values->>'report-officeOn' as on from governance.current where entry_id = '${incident}'`,
  );
  assert.equal(kept?.on, '2026-06-10');
  await w.done('question', question, 'answer', { answeredOn: '2026-06-10', answer: '回収した' }, clerk);
  await w.done('question', question, 'close', { closingNote: '回答済み' }, clerk);
  for (const register of ['question', 'incident'])
    assert.deepEqual(await differingEntries(w.deps, reminderActor, { register }), { ok: true, value: [] });
});

mechanismTest(
  'disclosure.contact-log',
  '003-V.1-S1-05 問合せは回答を記録して完了し、漏えいの申出は事故の記録なしに完了しない',
  async () => {
    await using w = await world();
    // Taken as a complaint; that it is about a leak was found while answering.
    const question = await w.made('question', { ...aLeakInquiry, kind: 'complaint' }, clerk);
    const { changes } = (await w.read('question', question, clerk)).entry;
    const revised = { entryId: question, values: aLeakInquiry, reason: '漏えいの申出と分かった', changes };
    assert.ok((await w.acts('question').revise(w.deps, clerk, revised)).ok);
    const close = (more: object = {}) =>
      w.take('question', question, 'close', { closingNote: '回答済み', ...more }, clerk);
    assert.deepEqual(await close(), refused('answer-missing'));
    await w.done('question', question, 'answer', { answeredOn: '2026-06-10', answer: '回収した' }, clerk);
    assert.deepEqual(await close(), refused('incident-missing'));
    const incident = await w.made('incident', anIncident);
    assert.ok((await close({ incident })).ok);
  },
);

mechanismTest(
  'media.location-register',
  '003-III.7-R1-C09 文書・帳票はどこに誰が持つかが分かり、保存期限より前に廃棄できない',
  async () => {
    await using w = await world();
    const place = await w.made('place', { name: '金庫1', room: '本庁舎9階', lock: 'safe', responsible: '管理係長' });
    const other = await w.made('place', { name: '書庫2', room: '本庁舎9階', lock: 'cabinet', responsible: '管理係長' });
    const paper = await w.made('paper', {
      kind: 'form',
      name: '開示請求書つづり',
      serial: 'F-0001',
      madeOn: '2026-04-01',
      place,
      holder: '管理係',
      keepUntil: '2026-06-10',
    });
    await w.done('paper', paper, 'move', { place: other, holder: '振興係', movedOn: '2026-06-10' }, officer);
    const { entry, targets, history } = await w.read('paper', paper);
    assert.equal(entry.values.holder, '振興係');
    assert.equal(targets.place?.heading, '書庫2');
    assert.equal(history.length, 2, 'the former place stays in the history');
    const dispose = (disposedOn: string) =>
      w.take('paper', paper, 'dispose', { method: 'dissolve', disposedOn, certificate: '溶解-1' });
    assert.deepEqual(await dispose('2026-06-10'), refused('before-keep-until'));
    assert.ok((await dispose('2026-06-11')).ok);
  },
);

mechanismTest(
  'media.stock-taking',
  '003-III.7-R3-B04 帳票の数が台帳と違えば、説明なしに照合を終えられない',
  async () => {
    await using w = await world();
    const place = await w.made('place', { name: '金庫1', room: '本庁舎9階', lock: 'safe', responsible: '管理係長' });
    const taking = await w.made('stock-taking', { place, period: '第24週', dueOn: '2026-06-12', expected: '40' });
    const counted = { counted: '39', countedOn: '2026-06-10' };
    assert.deepEqual(await w.take('stock-taking', taking, 'agree', counted), refused('difference-unexplained'));
    await w.done('stock-taking', taking, 'explain', { ...counted, explanation: '1枚は監査に貸出し中' });
  },
);

mechanismTest(
  'backup.approved-only',
  '003-III.4-R0-A04 計画外の複製・移動は承認された作業票がなければ始められず、報告と照合値で閉じる',
  async () => {
    await using w = await world();
    const contract = await anActiveContract(w);
    const ticket = await w.made('copy-ticket', {
      system: 'prefectural-juki',
      what: 'move',
      reason: '機器の更改',
      contract,
      plannedOn: '2026-06-20',
      storage: '暗号化した記憶装置',
    });
    const digest = 'b'.repeat(64);
    const start = () => w.take('copy-ticket', ticket, 'start', { digestBefore: digest }, officer);
    assert.deepEqual(await start(), refused('not-approved'));
    await w.done('copy-ticket', ticket, 'approve', { approvalDocument: '決裁-3' });
    assert.ok((await start()).ok);
    const report = { digestAfter: digest, report: '作業報告-1', copyErased: '更改後に消去' };
    await w.done('copy-ticket', ticket, 'close', report);
  },
);

test('003-IV.1-S2-01 U24 監査を行う者はすべてを読めるが何も書けず、読んだことも記録に残る', async () => {
  await using w = await world();
  const incident = await w.made('incident', anIncident);
  assert.equal((await w.read('incident', incident, auditor)).entry.entryId, incident);
  assert.deepEqual(await w.open('incident', anIncident, auditor), refused('not-authorised'));
  assert.deepEqual(
    await w.take('incident', incident, 'facts', { factsOn: '2026-06-10', factsResult: 'x' }, auditor),
    refused('not-authorised'),
  );
  const reads = await w.t.owner(
    `select 1 from audit.intake_event where body like '%incident.read%' and body like '%auditor:01%'`,
  );
  assert.equal(reads.length, 1);
});

mechanismTest(
  'disclosure.file-register',
  '002-V.1-03 公表する個人情報ファイル簿の記録項目は登録表から作られ、書き漏れた項目もシステムも残らない',
  async () => {
    await using w = await world();
    await using s = await site(w);
    const file = await w.made('personal-file', aPersonalFile);
    assert.deepEqual(
      await w.take('personal-file', file, 'publish', { publicationDocument: '決裁-1' }, officer),
      refused('second-person'),
    );
    await w.done('personal-file', file, 'publish', { publicationDocument: '決裁-1' });
    const elsewhere = await w.made('personal-file', { ...aPersonalFile, system: 'no-such' });
    assert.deepEqual(
      await w.take('personal-file', elsewhere, 'publish', { publicationDocument: '決裁-2' }),
      refused('no-such-system'),
    );
    assert.deepEqual(
      await w.take('personal-file', file, 'end', { endReason: '更改' }, third),
      refused('still-declared'),
    );
    // Nobody is signed in: the page is for everybody, and says no name of staff.
    const response = await s.app.fetch(new Request(`${s.url}/files`));
    assert.equal(response.status, 200);
    const text = await response.text();
    const [, after = ''] = text.split('記録項目（3）');
    for (const item of ['氏名', '個人番号', '通知票の写し']) assert.ok(after.includes(`<li>${item}</li>`), item);
    // What nobody wrote a file of is named.
    assert.match(text, /ファイル簿を作成中のシステムがあります（1）/);
    assert.match(text, /<li>fuhyo-link<\/li>/);
  },
);

mechanismTest(
  'exchange.tested-interface',
  '002-III.6-R3-01 中間サーバーとの連携に触れる変更は、適合試験の報告がなければ承認されない',
  async () => {
    await using w = await world();
    const touched = { ...aRelease, tester: 'someone-else', interface: 'intermediate-server' };
    const approve = (id: string) => w.take('release', id, 'approve', { approvalDocument: '決裁-4' });
    const without = await w.made('release', touched);
    assert.deepEqual(await approve(without), refused('conformance-missing'));
    const report = { conformanceDigest: 'b'.repeat(64), conformancePassed: '41' };
    const failing = await w.made('release', { ...touched, ...report, conformanceFailed: '1' });
    assert.deepEqual(await approve(failing), refused('conformance-missing'));
    const unstated = await w.made('release', { ...touched, ...report });
    assert.deepEqual(await approve(unstated), refused('conformance-missing'));
    assert.ok((await approve(await w.made('release', { ...touched, ...report, conformanceFailed: '0' }))).ok);
  },
);
