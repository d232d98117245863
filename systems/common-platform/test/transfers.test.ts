import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerPerson } from '@musubi/contracts/platform/persons.ts';
import { answerTransfer, type TransferRow, transferInside } from '@musubi/contracts/platform/transfers.ts';
import { duringServiceHours } from '@musubi/kernel/access/service-hours.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { relayed } from '../rights.ts';
import { commonPlatformSchema } from '../schema-set.ts';
import { approveTransfer, readTransfers } from '../service/approve-transfer.ts';
import {
  changeRules,
  type DraftRule,
  draftRule,
  readRules,
  registerTransferRules,
  tryRule,
} from '../service/change-rules.ts';
import { registerTaskBindings } from '../service/check-binding.ts';
import {
  askEmergency,
  confirmReceipt,
  emergencyTransfer,
  printSheet,
  readEmergencies,
} from '../service/emergency-transfer.ts';
import { transfer } from '../service/transfers.ts';
import { decideUserBinding, endUserBinding, proposeUserBinding, readUserBindings } from '../service/user-bindings.ts';
import { insertTransferOutcome } from '../store/transfers.ts';
import { aNumber, aPlatform, staffActor, systemActor, type World } from './world.ts';

const platform = 'tokyo/common-platform';
const rule = {
  asker: 'child-chronic',
  task: 'ORD-012',
  source: 'welfare',
  information: 'WEL-001',
  items: ['受給有無', '開始日'],
  ground: '東京都番号条例 別表第二 12の項',
  lawRevision: '令和6年条例第1号',
  approval: 'rule',
  validFrom: '2024-05-27',
  validUntil: null,
} as const;

/** A business that asks, a bureau that answers, and one person whom the asker knows. */
async function aBureau(approval: 'rule' | 'person' = 'rule', more: Parameters<typeof aPlatform>[1] = {}) {
  const w = await aPlatform('prefecture', {
    transferRules: [{ ...rule, items: [...rule.items], approval }],
    ...more,
  });
  unwrap(await registerTransferRules(w.deps, { kind: 'job', name: 'start' }, {}));
  const source = {
    asked: [] as RequestOf<typeof answerTransfer>[],
    answer: (q: RequestOf<typeof answerTransfer>): TransferRow[] =>
      q.rows.map((r) => ({ rowId: r.rowId, result: '00', items: { 受給有無: true, 開始日: '2021-08-19' } })),
  };
  await w.serve('tokyo/welfare', [
    route(answerTransfer, async ({ body }) => {
      source.asked.push(body);
      return ok({ rows: source.answer(body) });
    }),
  ]);
  const client = await w.client('tokyo/child-chronic');
  const { orgPersonNumber } = unwrap(
    await client.call(
      registerPerson,
      platform,
      {},
      {
        requestId: w.deps.newId(),
        system: 'child-chronic',
        individualNumber: aNumber().digits(),
        name: '目黒 花子',
        nameKana: 'メグロ ハナコ',
        birthDate: '1988-04-02',
        sex: 'female',
        address: '東京都目黒区上目黒二丁目19番15号',
      },
    ),
  );
  const question = (more: Partial<RequestOf<typeof transferInside>> = {}): RequestOf<typeof transferInside> => ({
    requestId: w.deps.newId(),
    asker: { system: 'child-chronic', staffId: 't-2001', caseReference: '2026-00001' },
    source: 'welfare',
    task: 'ORD-012',
    information: 'WEL-001',
    items: ['受給有無'],
    rows: [{ rowId: '家庭支援-0001/保護者', orgPersonNumber }],
    ...more,
  });
  const ask = (q: RequestOf<typeof transferInside>) => client.call(transferInside, platform, {}, q);
  return { w, source, question, ask, orgPersonNumber, [Symbol.asyncDispose]: () => w[Symbol.asyncDispose]() };
}
const as = (staffId: string) => staffActor(staffId);
const logged = async (w: World, event: string): Promise<number> =>
  (await w.t.owner('select 1 from audit.intake_event where body::jsonb @> $1::jsonb', [JSON.stringify({ event })]))
    .length;

const refused = (error: string) => ({ ok: false, error });

test('CIP-F2 LNK-X3 業務の間のデータ連携: 庁内照会は照会元の識別子を付けて、名指しされた方の項目だけを返す', async () => {
  await using b = await aBureau();
  const answer = unwrap(await b.ask(b.question()));
  assert.deepEqual(answer.rows, [{ rowId: '家庭支援-0001/保護者', result: '00', items: { 受給有無: true } }]);
  assert.equal(answer.ground, rule.ground);
  assert.equal(b.source.asked[0]!.approvedBy, 'rule');
  assert.deepEqual(b.w.faults, []);
});

mechanismTest(
  'transfer.rule-row',
  'LNK-X1 001-8.12 条例の表に行のない事務、行にない項目、終わった行では何も出ない',
  async () => {
    await using b = await aBureau();
    assert.deepEqual(await b.ask(b.question({ task: 'ORD-013' })), refused('no-rule-row'));
    assert.deepEqual(await b.ask(b.question({ information: 'WEL-002' })), refused('no-rule-row'));
    assert.deepEqual(await b.ask(b.question({ items: ['支給額'] })), refused('item-not-on-row'));
    assert.equal(b.source.asked.length, 0);
  },
);

test('001-8.12 業務の証明書と照会者が違う、紐付けのない方がいる、同じ番号で内容が違う照会は断る', async () => {
  await using b = await aBureau();
  const other = { ...b.question().asker, system: 'resident-tax' };
  assert.deepEqual(await b.ask(b.question({ asker: other })), refused('not-your-business'));
  const stranger = [{ rowId: '1', orgPersonNumber: '000000000000000' }];
  assert.deepEqual(await b.ask(b.question({ rows: stranger })), refused('unknown-person'));
  const first = b.question();
  unwrap(await b.ask(first));
  assert.deepEqual(await b.ask({ ...first, items: ['開始日'] }), refused('request-id-used'));
  assert.equal(unwrap(await b.ask(first)).state, 'answered');
});

mechanismTest(
  'access.task-binding',
  '001-8.12 事務に結び付いていない職員、名乗らない照会、期間の過ぎた職員の照会は連携サーバーで断られる',
  async () => {
    const bound = { system: 'child-chronic', code: 'ORD-012', validFrom: '2026-04-01', validUntil: null };
    await using b = await aBureau('rule', {
      userBindings: [
        { ...bound, staffId: 't-2001' },
        { ...bound, staffId: 't-2009', validUntil: '2026-05-31' },
        { ...bound, staffId: 't-2004', code: 'ORD-020' },
      ],
    });
    unwrap(await registerTaskBindings(b.w.deps, { kind: 'job', name: 'start' }, {}));
    const asker = { system: 'child-chronic', caseReference: '2026-00001' };
    const by = (staffId?: string) => b.ask(b.question({ asker: { ...asker, ...(staffId ? { staffId } : {}) } }));
    for (const staffId of ['t-2009', 't-2004', 't-9999', undefined])
      assert.deepEqual(await by(staffId), refused('not-your-business'), staffId ?? 'nobody');
    assert.equal(b.source.asked.length, 0);
    assert.equal(unwrap(await by('t-2001')).state, 'answered');
  },
);

test('LNK-X2 利用者の事務は申請と別の職員の承認で割り当てられ、終わりの日から照会できない', async () => {
  await using b = await aBureau('rule', {
    userBindings: [
      { system: 'child-chronic', staffId: 't-2009', code: 'ORD-012', validFrom: '2026-04-01', validUntil: null },
    ],
  });
  unwrap(await registerTaskBindings(b.w.deps, { kind: 'job', name: 'start' }, {}));
  const asker = { system: 'child-chronic', caseReference: '2026-00001' };
  const by = (staffId: string) => b.ask(b.question({ asker: { ...asker, staffId } }));
  const today = b.w.deps.civilClock.today();
  const wanted = {
    system: 'child-chronic',
    staffId: 't-2001',
    code: 'ORD-012',
    validFrom: today.toString(),
    validUntil: null,
    reason: '認定担当への配属',
  };
  const propose = (more: Partial<typeof wanted> = {}, who = 'c1') =>
    proposeUserBinding(b.w.deps, as(who), { ...wanted, ...more });
  assert.deepEqual(await propose({ reason: ' ' }), refused('reason-missing'));
  assert.deepEqual(await propose({ code: '何か' }), refused('unreadable'));
  assert.deepEqual(await propose({ validFrom: today.subtract({ days: 1 }).toString() }), refused('in-the-past'));
  assert.deepEqual(await propose({}, 'e1'), refused('not-authorised'));
  const { approvalId } = unwrap(await propose());
  assert.deepEqual(await by('t-2001'), refused('not-your-business'));
  const decide = (who: string, approve = true) => decideUserBinding(b.w.deps, as(who), { approvalId, approve });
  assert.deepEqual(await decide('c1'), refused('not-authorised'));
  // Who applied never grants, whatever roles they hold; of two who decide at once one does.
  const generous = { ...b.w.deps, rights: { allows: async () => true } };
  assert.deepEqual(
    await decideUserBinding(generous, as('c1'), { approvalId, approve: true }),
    refused('approver-is-requester'),
  );
  const both = await Promise.all([decide('a1'), decide('a2')]);
  assert.deepEqual(both.map((r) => r.ok).toSorted(), [false, true]);
  assert.equal(unwrap(await by('t-2001')).state, 'answered');
  assert.deepEqual(await propose(), refused('bound-already'));
  const { rows } = unwrap(await readUserBindings(b.w.deps, as('a1'), { all: false, offset: 0, limit: 10 }));
  assert.deepEqual(
    rows.map((r) => [r.staffId, r.proposedBy, r.decidedBy?.[0]]),
    [
      ['t-2001', 'c1', 'a'],
      ['t-2009', null, undefined],
    ],
  );
  const { userBindingId } = rows[0]!;
  unwrap(await endUserBinding(b.w.deps, as('c1'), { userBindingId, reason: '異動' }));
  assert.deepEqual(
    await endUserBinding(b.w.deps, as('c1'), { userBindingId, reason: '異動' }),
    refused('ended-before'),
  );
  assert.deepEqual(await by('t-2001'), refused('not-your-business'));
  // Without any row left in force the business stays bound by its clerks: nobody gets in by the end of the last one.
  unwrap(await endUserBinding(b.w.deps, as('c1'), { userBindingId: rows[1]!.userBindingId, reason: '異動' }));
  assert.deepEqual(await by('t-2009'), refused('not-your-business'));
});

test('LNK-X7 照会と拒否は誰が何の事務で誰に求めたかが七年残り、運用の役割では消すことも直すこともできない', async () => {
  await using b = await aBureau();
  unwrap(await b.ask(b.question()));
  assert.deepEqual(await b.ask(b.question({ task: 'ORD-013' })), refused('no-rule-row'));
  const [kept] = await b.w.t.owner<{ asker: string; staff: string; task: string; source: string }>(
    'select asker, staff_id as staff, task, source from common_platform.transfer',
  );
  assert.deepEqual(kept, { asker: 'child-chronic', staff: 't-2001', task: 'ORD-012', source: 'welfare' });
  assert.equal(await logged(b.w, 'common-platform.admit-transfer.refused'), 1);
  const relays = [
    'transfer',
    'transfer_outcome',
    'relayed_inquiry',
    'relayed_answer',
    'relayed_batch',
    'user_binding_end',
  ];
  const catalogue = await readCatalogue([commonPlatformSchema]);
  for (const table of relays) assert.equal(catalogue[`common_platform.${table}`]?.retention, 'exchange-7y', table);
  const changes = await b.w.t.owner<{ table: string }>(`
    select distinct table_name as table from information_schema.table_privileges
     where table_schema in ('common_platform', 'audit') and grantee <> grantor and privilege_type in ('DELETE', 'TRUNCATE', 'UPDATE')`);
  const open = new Set(changes.map((c) => c.table));
  for (const table of [...relays, 'entry', 'intake_event']) assert.ok(!open.has(table), table);
});

mechanismTest(
  'auth.service-hours',
  'LNK-X6 001-8.12 利用時間の外では、業務の照会も職員の操作も断られ、記録が残る。自らの仕事は続く',
  async () => {
    await using b = await aBureau();
    const { w } = b;
    const clock = { at: Temporal.Instant.from('2026-06-01T20:00:00+09:00') };
    const hours = { from: '08:00', until: '20:00', days: 'open-days' } as const;
    const closing = duringServiceHours(w.deps.rights, hours, {
      machineClock: { now: () => clock.at },
      functions: relayed,
    });
    const deps = { ...w.deps, rights: closing };
    const asker = systemActor('tokyo/child-chronic');
    assert.deepEqual(await transfer(deps, asker, b.question()), refused('not-authorised'));
    assert.deepEqual(await readRules(deps, as('c1'), {}), refused('not-authorised'));
    assert.equal(b.source.asked.length, 0);
    assert.equal(await logged(w, 'common-platform.admit-transfer.refused'), 1);
    assert.equal(await logged(w, 'common-platform.list-transfer-rules.refused'), 1);
    // What the platform does by itself is not bound to the hours.
    unwrap(await registerTransferRules(deps, { kind: 'job', name: 'start' }, {}));
    clock.at = Temporal.Instant.from('2026-06-01T19:59:00+09:00');
    assert.equal(unwrap(await transfer(deps, asker, b.question())).state, 'answered');
  },
);

mechanismTest(
  'transfer.named-persons-only',
  '002 II.5 提供元が余計な方や項目を送っても、名指しされた方と項目だけが届く',
  async () => {
    await using b = await aBureau();
    b.source.answer = (q) => [
      { rowId: q.rows[0]!.rowId, result: '00', items: { 受給有無: true, 開始日: '2021-08-19' } },
      { rowId: '別の方', result: '00', items: { 受給有無: true } },
    ];
    const { rows } = unwrap(await b.ask(b.question()));
    assert.deepEqual(rows, [{ rowId: '家庭支援-0001/保護者', result: '00', items: { 受給有無: true } }]);
  },
);

mechanismTest(
  'transfer.source-approval',
  '001-8.11 提供元の職員が明示的に承認するまで何も出ない。照会した職員は承認できない',
  async () => {
    await using b = await aBureau('person');
    const q = b.question({ asker: { system: 'child-chronic', staffId: 's9', caseReference: '2026-00001' } });
    const first = unwrap(await b.ask(q));
    assert.deepEqual([first.state, first.rows.length, b.source.asked.length], ['held', 0, 0]);
    const decision = { requestId: q.requestId, approved: true, reason: null };
    assert.deepEqual(await approveTransfer(b.w.deps, as('s9'), decision), refused('asker-cannot-approve'));
    assert.equal(
      unwrap(await readTransfers(b.w.deps, as('s1'), { held: true, offset: 0, limit: 10 })).rows[0]!.requestId,
      q.requestId,
    );
    unwrap(await approveTransfer(b.w.deps, as('s1'), decision));
    assert.deepEqual(await approveTransfer(b.w.deps, as('s2'), decision), refused('already-decided'));
    assert.equal(unwrap(await b.ask(q)).state, 'answered');
    assert.equal(b.source.asked[0]!.approvedBy, 'person');
  },
);

test('001-8.11 提供元が承認しない照会は理由とともに断られ、以後も出ない', async () => {
  await using b = await aBureau('person');
  const q = b.question();
  unwrap(await b.ask(q));
  const no = { requestId: q.requestId, approved: false };
  assert.deepEqual(await approveTransfer(b.w.deps, as('s1'), { ...no, reason: null }), refused('reason-missing'));
  unwrap(await approveTransfer(b.w.deps, as('s1'), { ...no, reason: '対象の事務に当たらない' }));
  assert.deepEqual(await b.ask(q), refused('source-refused'));
  assert.equal(b.source.asked.length, 0);
});

mechanismTest(
  'transfer.relay-only',
  '001 LNK-X8 中継した内容はどの表にも残らず、残そうとしても表が受け付けない',
  async (_t, point) => {
    await using b = await aBureau();
    const q = b.question();
    unwrap(await b.ask({ ...q, items: ['開始日'] }));
    const tables = await b.w.t.owner<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('common_platform', 'audit', 'http', 'streams')",
    );
    for (const { name } of tables) {
      const [row] = await b.w.t.owner<{ text: string | null }>(
        `select jsonb_agg(to_jsonb(x))::text as text from ${name} x`,
      );
      assert.ok(!(row?.text ?? '').includes('2021-08-19'), name);
    }
    await point.whenOff('systems/common-platform/store/schema/0005_transfers.sql', () =>
      b.w.t.owner('alter table common_platform.transfer_outcome drop constraint transfer_outcome_holds_no_payload'),
    );
    const keep = act('common-platform.test-keep', {
      right: ['common-platform', 'withdrawal', 'update'],
      async run(tx, deps: Deps, _command: object) {
        const routing = { answered: 1, rows: [{ 開始日: '2021-08-19' }] };
        await insertTransferOutcome(tx, {
          outcomeId: deps.newId(),
          requestId: q.requestId,
          routing,
          at: deps.machineClock.now(),
        });
        tx.record({ event: 'test.kept', facts: ['common_platform.transfer_outcome'] });
        return ok(null);
      },
    });
    await assert.rejects(() => keep(b.w.deps, { kind: 'job', name: 'test' }, {}), /transfer_outcome_holds_no_payload/);
  },
);

const draftOf = (more: Partial<DraftRule> = {}): DraftRule => ({
  ...rule,
  task: 'ORD-020',
  validFrom: '2027-04-01',
  reason: '条例の改正',
  ...more,
});
const lists = async (w: World) => unwrap(await readRules(w.deps, as('c1'), {}));

mechanismTest(
  'transfer.rule-change-approval',
  '002 III.5 表の変更は起案、試行、別の職員の承認を経て、施行日から効く。前の行は読める',
  async () => {
    await using b = await aBureau();
    const { w } = b;
    const { changeId } = unwrap(await draftRule(w.deps, as('c1'), draftOf()));
    const approve = (staffId: string) => changeRules(w.deps, as(staffId), { changeId, approve: true });
    assert.deepEqual(await approve('a1'), refused('not-tried'));
    unwrap(await b.ask(b.question()));
    unwrap(await tryRule(w.deps, as('c1'), { changeId }));
    assert.deepEqual((await lists(w)).drafts[0]!.trial?.tried, 1);
    assert.equal((await lists(w)).rules.length, 1);
    unwrap(await approve('a1'));
    assert.deepEqual(await approve('a2'), refused('already-decided'));
    const { rules, drafts } = await lists(w);
    assert.deepEqual([rules.length, drafts[0]!.state], [2, 'in-list']);
    // Its day has not come.
    assert.deepEqual(await b.ask(b.question({ task: 'ORD-020' })), refused('no-rule-row'));
  },
);

test('002 III.5 過去の日から効く行、終わりが始まりより前の行は起案できない', async () => {
  await using b = await aBureau();
  assert.deepEqual(await draftRule(b.w.deps, as('c1'), draftOf({ validFrom: '2020-04-01' })), refused('in-the-past'));
  assert.deepEqual(
    await draftRule(b.w.deps, as('c1'), draftOf({ validUntil: '2027-03-31' })),
    refused('ends-before-it-begins'),
  );
});

mechanismTest(
  'transfer.emergency-media',
  'AC-43 緊急時の移転は課長の承認がなければ印刷できず、受領書とともに一度だけ印刷され、受領が確かめられるまで一覧に残る',
  async () => {
    await using b = await aBureau();
    const { w } = b;
    // The section cannot ask: its line to the platform is down. The platform's own office prints for it.
    const [person] = await w.t.owner<{ id: string }>('select person_id as id from common_platform.person');
    const { emergencyId } = unwrap(
      await askEmergency(w.deps, as('c1'), {
        ruleId: (await lists(w)).rules[0]!.ruleId,
        personId: person!.id,
        medium: 'paper',
        ledgerEntry: '授受簿 2026-17',
        reason: '回線の障害。本日中に認定が必要',
      }),
    );
    const state = async () => unwrap(await readEmergencies(w.deps, as('c1'), {}))[0]!.state;
    const confirm = (staffId: string) => confirmReceipt(w.deps, as(staffId), { emergencyId });
    const print = () => printSheet(w.deps, as('c1'), { emergencyId });
    assert.deepEqual(await confirm('e1'), refused('not-approved'));
    assert.deepEqual(await print(), refused('not-approved'));
    assert.equal(b.source.asked.length, 0);
    assert.deepEqual(
      await emergencyTransfer(w.deps, as('c1'), { emergencyId, approve: true }),
      refused('not-authorised'),
    );
    unwrap(await emergencyTransfer(w.deps, as('a1'), { emergencyId, approve: true }));
    assert.equal(await state(), 'approved');
    assert.deepEqual(await confirm('e1'), refused('not-printed'));

    const sheet = unwrap(await print());
    assert.deepEqual(sheet.items, [
      ['受給有無', 'true'],
      ['開始日', '2021-08-19'],
    ]);
    assert.deepEqual([sheet.ledgerEntry, sheet.ground], ['授受簿 2026-17', rule.ground]);
    assert.deepEqual(await print(), refused('already-printed'));
    assert.equal(b.source.asked.length, 1);
    const [kept] = await w.t.owner<{ text: string }>(
      "select jsonb_agg(to_jsonb(x))::text as text from common_platform.emergency_step x where step = 'printed'",
    );
    assert.ok(kept!.text.includes(sheet.sha256) && !kept!.text.includes('2021-08-19'));

    assert.equal(await state(), 'printed');
    assert.deepEqual(await confirm('c1'), refused('asker-cannot-confirm'));
    unwrap(await confirm('e1'));
    assert.equal(await state(), 'received');
    assert.deepEqual(await confirm('e1'), refused('already-received'));
  },
);
