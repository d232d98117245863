import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import type { Values } from '../domain/register.ts';
import { contracts } from '../domain/registers/contractor.ts';
import { keepReminders } from '../jobs/reminders.ts';
import { openMonthlyReports, reminderActor, takeUseFigure } from '../service/reminders.ts';
import {
  aContract,
  anActiveContract,
  anAdmittedWorker,
  anIssuedOrder,
  anOath,
  confirmedRules,
  fileDocuments,
  officer,
  second,
  third,
  world,
} from './world.ts';

const refused = (error: string) => ({ ok: false, error });

mechanismTest(
  'contractor.documents',
  '003-III.4-R0-A01 誓約書・体制図・連絡先・認証の写しがそろうまで契約は稼働しない',
  async () => {
    await using w = await world();
    const contract = await w.made('contract', aContract);
    const activate = () => w.take('contract', contract, 'activate', { checkedDocument: '決裁-1' });
    assert.deepEqual(await activate(), refused('documents-missing'));
    await fileDocuments(w, contract);
    assert.ok((await activate()).ok);
  },
);

test('003-III.4-R0-A02 認証は番号と有効期限を必ず登録し、期限の20開庁日前に更新を求め、切れたものは数えない', async () => {
  await using w = await world();
  const contract = await w.made('contract', aContract);
  const bare = { contract, kind: 'privacy-mark', document: 'pm', datedOn: '2026-04-01' };
  assert.deepEqual(await w.open('contract-document', bare), refused('expiry-missing'));
  await fileDocuments(w, contract);
  const { naming } = await w.read('contract', contract);
  const mark = naming['contract-document']?.find((d) => d.values.kind === 'privacy-mark');
  assert.equal(mark?.dueOn, '2026-08-28');
  w.t.deps.civilClock.set('2026-10-01');
  assert.deepEqual(
    await w.take('contract', contract, 'activate', { checkedDocument: '決裁-1' }),
    refused('documents-missing'),
  );
});

mechanismTest(
  'contractor.subcontract-approval',
  '003-III.4-R0-A25 再委託は年度ごとに、業務・分担・誓約書を確かめて別の職員が承認する',
  async () => {
    await using w = await world();
    const contract = await anActiveContract(w);
    const asked = {
      contract,
      subcontractor: '運用サービス株式会社',
      fiscalYear: '2026',
      work: '監視',
      division: '夜間の一次監視',
      supervision: '月次の点検',
      records: 'none',
      applicationDocument: '申請-1',
    };
    const forbidding = await w.made('contract', { ...aContract, subcontracting: 'forbidden' });
    assert.deepEqual(
      await w.open('subcontract', { ...asked, contract: forbidding }),
      refused('subcontracting-forbidden'),
    );
    const approve = (id: string, by = second) =>
      w.take('subcontract', id, 'approve', { consentDocument: '承認-1' }, by);
    const unsworn = await w.made('subcontract', asked);
    assert.deepEqual(await approve(unsworn), refused('subcontract-incomplete'));
    const oath = { oathOn: '2026-06-01', oathDocument: '誓約-7' };
    const reaching = await w.made('subcontract', { ...asked, ...oath, records: 'handled' });
    assert.deepEqual(await approve(reaching), refused('subcontract-incomplete'), 'no more than the contractor itself');
    const sworn = await w.made('subcontract', { ...asked, ...oath });
    assert.deepEqual(await approve(sworn, officer), refused('second-person'));
    assert.ok((await approve(sworn)).ok);
    assert.equal((await w.read('subcontract', sworn)).entry.dueOn, '2027-03-31');
    assert.deepEqual(await w.open('subcontract', { ...asked, fiscalYear: '2029' }), refused('not-this-year'));
  },
);

mechanismTest(
  'contractor.named-workers',
  '003-III.4-R0-A24 従事できるのは、名簿にあり誓約書を出した者だけである',
  async () => {
    await using w = await world();
    const contract = await anActiveContract(w);
    const oath = await w.made('oath', anOath);
    const listed = { contract, company: '機構', name: '運用 一郎', workplace: '集約センター', oath };
    const admit = async (id: string) =>
      w.take('worker', id, 'admit', { admittedOn: '2026-06-10', rule: await confirmedRules(w, id) });
    const worker = await w.made('worker', listed);
    await w.done('oath', oath, 'end', { endedOn: '2026-06-09', reason: '契約終了' });
    assert.deepEqual(await admit(worker), refused('oath-missing'));
    const again = await w.made('oath', { ...anOath, signedOn: '2026-06-10' });
    assert.ok((await admit(await w.made('worker', { ...listed, oath: again }))).ok);
  },
);

test('003-III.4-R0-A22 再委託先の従事者は、その年度の承認がなければ従事できない', async () => {
  await using w = await world();
  const contract = await anActiveContract(w);
  const oath = await w.made('oath', anOath);
  const subcontract = await w.made('subcontract', {
    contract,
    subcontractor: '運用サービス株式会社',
    fiscalYear: '2026',
    work: '監視',
    division: '夜間',
    supervision: '月次',
    records: 'none',
    applicationDocument: '申請-1',
    oathOn: '2026-06-01',
    oathDocument: '誓約-7',
  });
  const worker = await w.made('worker', {
    contract,
    subcontract,
    company: '運用サービス',
    name: '監視 次郎',
    workplace: '集約センター',
    oath,
  });
  const rule = await confirmedRules(w, worker);
  const admit = () => w.take('worker', worker, 'admit', { admittedOn: '2026-06-10', rule }, third);
  assert.deepEqual(await admit(), refused('subcontract-not-approved'));
  await w.done('subcontract', subcontract, 'approve', { consentDocument: '承認-1' });
  w.t.deps.civilClock.set('2027-04-01');
  assert.deepEqual(await admit(), refused('subcontract-not-approved'), 'consent ended with the fiscal year');
  w.t.deps.civilClock.set('2027-03-31');
  assert.ok((await admit()).ok);
});

mechanismTest(
  'contractor.reports',
  '003-III.4-R0-A09 月次報告は期限があり、記録への接続が0件でなければ適正と確認できない',
  async () => {
    await using w = await world('2026-06-01');
    await anActiveContract(w);
    const figure = { system: 'prefectural-juki', month: '2026-05', recordAccesses: 2, searches: 0, signIns: 41 };
    const peer = { kind: 'system', organisation: 'tokyo', system: 'prefectural-juki', certificate: 'x' } as const;
    assert.ok((await takeUseFigure(w.deps, peer, figure)).ok);
    assert.deepEqual(await openMonthlyReports(w.deps, reminderActor, null), { ok: true, value: 0 }, 'not on the first');
    w.t.deps.civilClock.set('2026-06-02');
    assert.deepEqual(await openMonthlyReports(w.deps, reminderActor, null), { ok: true, value: 1 });
    assert.deepEqual(await openMonthlyReports(w.deps, reminderActor, null), { ok: true, value: 0 }, 'once a month');
    const [report] = await w.t.owner<{ entry_id: string; due_on: string }>(
      `select entry_id, due_on::text from governance.current where register = 'contractor-report'`,
    );
    assert.equal(report?.due_on, '2026-06-05', '第5開庁日');
    const id = report!.entry_id;
    const said = { document: '報告-5', receivedOn: '2026-06-04', recordAccesses: '0', searches: '0' };
    await w.done('contractor-report', id, 'receive', said, officer);
    const accept = () => w.take('contractor-report', id, 'accept', { reviewNote: '確認' });
    assert.deepEqual(await accept(), refused('accesses-not-zero'), 'the log says two, whatever was reported');
    const finding = { finding: '2件の接続', correctBy: '2026-06-20' };
    assert.deepEqual(await w.take('contractor-report', id, 'find', finding), refused('accesses-not-zero'));
  },
);

test('003-III.4-R0-A06 接続0件の報告は別の職員が確認して閉じ、指摘は是正の証拠で閉じる', async () => {
  await using w = await world();
  const contract = await anActiveContract(w);
  const awaited = { contract, kind: 'security', period: '2026-Q1', dueOn: '2026-06-30' };
  const said = { document: '報告-5', receivedOn: '2026-06-10', recordAccesses: '0', searches: '0' };
  const good = await w.made('contractor-report', awaited);
  await w.done('contractor-report', good, 'receive', said, officer);
  assert.deepEqual(
    await w.take('contractor-report', good, 'accept', { reviewNote: '確認' }, officer),
    refused('second-person'),
  );
  await w.done('contractor-report', good, 'accept', { reviewNote: '0件を確認' });
  const bad = await w.made('contractor-report', awaited);
  await w.done('contractor-report', bad, 'receive', said, officer);
  await w.done('contractor-report', bad, 'find', { finding: '施錠の記録漏れ', correctBy: '2026-06-20' });
  assert.equal((await w.read('contractor-report', bad)).entry.dueOn, '2026-06-20');
  await w.done('contractor-report', bad, 'close', { correction: '手順を改めた', evidence: '報告-6' }, third);
  assert.equal((await w.read('contractor-report', bad)).entry.state, 'closed');
});

mechanismTest('contractor.closing', '委託終了時の確認: 報告・従事者・再委託が残る契約は終了できない', async () => {
  await using w = await world();
  const contract = await anActiveContract(w);
  const report = await w.made('contractor-report', { contract, kind: 'work', period: '2026', dueOn: '2026-06-30' });
  const close = () => w.take('contract', contract, 'close', { returned: '消去証明-1', closedOn: '2026-06-10' }, third);
  assert.deepEqual(await close(), refused('open-items'));
  const said = { document: '報告-5', receivedOn: '2026-06-10', recordAccesses: '0', searches: '0' };
  await w.done('contractor-report', report, 'receive', said, officer);
  await w.done('contractor-report', report, 'accept', { reviewNote: '確認' });
  assert.ok((await close()).ok);
  assert.deepEqual(await close(), refused('step-not-possible'), 'a repeat changes nothing');
});

const aPackage = {
  kind: 'bulk',
  content: '納税通知書 300通',
  purpose: '印刷',
  package: 'P-1',
  records: '300',
  persons: 'real',
  eraseBy: '2026-06-20',
};

mechanismTest(
  'contractor.release-request',
  '002-III.4 委託先には、別の職員が承認した資料だけを、承認された件数だけ渡せる',
  async () => {
    await using w = await world();
    const contract = await anActiveContract(w);
    const handed = await w.made('handed-data', { contract, ...aPackage });
    const hand = (handedRecords: string) =>
      w.take('handed-data', handed, 'hand', { handedOn: '2026-06-10', handedRecords, receipt: '受領-1' });
    assert.deepEqual(await hand('300'), refused('handing-not-approved'));
    const approval = { approvalDocument: '承認-1' };
    assert.deepEqual(await w.take('handed-data', handed, 'approve', approval, officer), refused('second-person'));
    await w.done('handed-data', handed, 'approve', approval);
    assert.deepEqual(await hand('299'), refused('handed-count-differs'));
    assert.ok((await hand('300')).ok);
    assert.deepEqual(await hand('300'), refused('step-not-possible'), 'handed over once');
  },
);

mechanismTest(
  'contractor.closing',
  'INC-65 消去報告のない資料が一つでもあれば契約は終了できず、期限の翌日に担当へ知らされ、届けられた複製の数だけ消去が要る',
  async () => {
    await using w = await world();
    const contract = await anActiveContract(w, { monthly: 'no' });
    // Real persons never go out as test data.
    const test = { ...aPackage, kind: 'test', package: 'T-1', content: '試験用 20通', records: '20' };
    assert.deepEqual(await w.open('handed-data', { contract, ...test }), refused('test-with-persons'));
    const kinds = [
      { ...test, persons: 'synthetic' },
      aPackage,
      { ...aPackage, kind: 'reprint', package: 'R-1', content: '再作成 2通', records: '2' },
    ];
    const handed: string[] = [];
    for (const values of kinds) {
      const id = await w.made('handed-data', { contract, ...values });
      await w.done('handed-data', id, 'approve', { approvalDocument: '承認-1' });
      const given = { handedOn: '2026-06-10', handedRecords: values.records, receipt: '受領-1' };
      await w.done('handed-data', id, 'hand', given, officer);
      handed.push(id);
    }
    const [trial, bulk, reprint] = handed as [string, string, string];
    const certify = (id: string, erasedCopies: string, erasedOn = '2026-06-10') =>
      w.take('handed-data', id, 'certify', { erasedOn, erasedCopies, certificate: '消去証明-1' });
    // The contractor copied the bulk data to a second server and said so: both are to be erased.
    await w.done('handed-data', bulk, 'copy', { copies: '1', copyPlace: '第二サーバ' }, officer);
    const fewer = { copies: '0', copyPlace: '第二サーバ' };
    assert.deepEqual(await w.take('handed-data', bulk, 'copy', fewer, officer), refused('copies-fewer'));
    assert.deepEqual(await certify(bulk, '1'), refused('copies-left'));
    assert.deepEqual(await certify(bulk, '2', '2026-06-11'), refused('in-the-future'));
    assert.ok((await certify(bulk, '2')).ok);
    assert.ok((await certify(reprint, '1')).ok);

    const close = () => w.take('contract', contract, 'close', { returned: '消去-1', closedOn: '2026-06-21' }, third);
    assert.deepEqual(await close(), refused('data-not-returned'));
    // The contract's record names what is left, by kind, to whoever keeps the register.
    const { entry, naming } = await w.read('contract', contract);
    const lacking = contracts.lacking?.items(entry, (r) => naming[r] ?? [], w.deps.civilClock.today());
    assert.deepEqual(lacking, ['消去報告のない資料：試験データ 1']);
    w.t.deps.civilClock.set('2026-06-20');
    await keepReminders(w.deps, { on: '' });
    const overdue = async () =>
      (
        await w.t.owner<{ entry_id: string }>(
          `select o.entry_id from governance.overdue_raised o join governance.entry e using (entry_id)
            where e.register = 'handed-data'`,
        )
      ).map((r) => r.entry_id);
    assert.deepEqual(await overdue(), [], 'its last day runs');
    w.t.deps.civilClock.set('2026-06-21');
    await keepReminders(w.deps, { on: '' });
    assert.deepEqual(await overdue(), [trial]);
    assert.ok(w.alarms.some((a) => a.code === 'governance.overdue'));
    assert.ok((await certify(trial, '1')).ok);
    assert.ok((await close()).ok);
  },
);

mechanismTest(
  'input.item-checks',
  '002-III.4-C-01 データ入力の受託者は、作業した日・時刻・処理・件数を読める形で記録するまで作業を終えられない',
  async () => {
    await using w = await world();
    const contract = await anActiveContract(w);
    const worker = await anAdmittedWorker(w, contract);
    const order = await anIssuedOrder(w, contract, worker);
    const end = () => w.take('work-order', order, 'end', { endedOn: '2026-06-10', result: '全件入力' });
    assert.deepEqual(await end(), refused('work-unrecorded'));
    const work = {
      workedOn: '2026-06-10',
      workedFrom: '09:30',
      workedUntil: '17:15',
      processing: '初回入力',
      pieces: '412',
    };
    const record = (more: Values) => w.take('work-order', order, 'record', { ...work, ...more });
    for (const more of [{ workedFrom: '9時半' }, { pieces: '約四百' }, { workedOn: '2026-06-31' }, { processing: '' }])
      assert.deepEqual(await record(more), refused('values-faulty'));
    assert.deepEqual(await record({ workedUntil: '09:30' }), refused('times-reversed'));
    assert.deepEqual(await record({ workedOn: '2026-06-09' }), refused('outside-order'));
    assert.deepEqual(await record({ workedOn: '2026-06-11' }), refused('in-the-future'));
    await w.done('work-order', order, 'record', work);
    await w.done('work-order', order, 'record', { ...work, workedFrom: '18:00', workedUntil: '19:00', pieces: '40' });
    const { history } = await w.read('work-order', order);
    assert.equal(history.filter((h) => h.what === 'record').length, 2, 'each piece of work stays');
    assert.ok((await end()).ok);
  },
);
