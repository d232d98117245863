import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type askAnotherBody, deferredInquiry } from '@musubi/contracts/exchange/endpoints.ts';
import { deferredText } from '@musubi/contracts/exchange/refusal-words.ts';
import { messageTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { textOfPdf as textOf } from '@musubi/kernel/documents/testing.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import { err, ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import type { NoticeDeps } from '../service/notices/notice-deps.ts';
import { openNotice } from '../service/notices/notices.ts';
import { applyForReduction } from '../service/reductions/apply.ts';
import { askGround, type Turn } from '../service/reductions/ask-ground.ts';
import { decideReduction } from '../service/reductions/decide-reduction.ts';
import type { ReductionDeps } from '../service/reductions/functions.ts';
import { notifyReduction } from '../service/reductions/notify.ts';
import { fileObjection, listObjections, ruleOnObjection } from '../service/reductions/objections.ts';
import { proposeReduction } from '../service/reductions/propose.ts';
import { readReduction } from '../service/reductions/read.ts';
import {
  aPerson,
  assessAll,
  chargeAll,
  chief,
  clerk,
  decideAll,
  sentCharges,
  staff,
  taxTest,
} from './assessment-setup.ts';
import { office } from './notice-office.ts';

type Ask = RequestOf<typeof askAnotherBody>;
type Answer = ResponseOf<typeof askAnotherBody>;

const now = Temporal.Instant.from('2026-06-01T00:00:00Z');
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 * 300 }) };
const ceremony = await holdCeremony(now);
const issue = (organisation: string, system: string) =>
  issueIdentity(ceremony.issuing, { organisation, system }, validity);
const [network, welfare] = await Promise.all([
  issue('ins', 'information-providing-network'),
  issue('setagaya', 'intermediate-server'),
]);
const trust = await trustWithCrl(ceremony, now);
const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());

/** What the network and the provider sign of an answer. */
function answerTo(ask: Ask, result: Answer['result'], items: Answer['items']): Answer {
  const inquiryNumber = '018f0000-0000-7000-8000-000000000001';
  const permitNumber = '7b1f2f0e-0000-4000-8000-000000000001';
  const permit = signMessage(network, messageTypes.permit, {
    v: 1,
    permitNumber,
    inquiryNumber,
    statement: 'A'.repeat(43),
    provider: ask.provider,
    subjectCommitment: 'B'.repeat(43),
    listVersion: '2026-04-01',
    listRow: '048-TKX-0023-W',
    issuedAt: now.toString(),
    acceptUntil: now.add({ minutes: 5 }).toString(),
  });
  const evidence = signMessage(welfare, messageTypes.provision, {
    v: 1,
    inquiryNumber,
    permitNumber,
    permit: sha256Base64url(permit),
    answer: 'C'.repeat(43),
    result,
    eventId: '018f0000-0000-7000-8000-000000000002',
    at: now.toString(),
  });
  const { requestId, asker } = ask;
  return {
    requestId,
    asker,
    inquiryNumber,
    permitNumber,
    result,
    validFrom: '2026-06-10',
    items,
    permit,
    evidence,
    answeredAt: now.toString(),
  };
}

/** The office of tests; the platform answers what `says` holds, and `asked` is what reached it. */
async function anOffice() {
  const x = await taxTest();
  const asked: Ask[] = [];
  const says: { answer: (ask: Ask) => Result<Answer, string>; turn?: Turn } = {
    answer: (ask) => ok(answerTo(ask, '00', { 保護の実施: true })),
  };
  const call = async (endpoint: unknown, _peer: string, _params: unknown, ask: Ask) => {
    if (endpoint === deferredInquiry) return says.turn === undefined ? err('not-deferred') : ok(says.turn);
    asked.push(ask);
    return says.answer(ask);
  };
  const deps: ReductionDeps & NoticeDeps & typeof x.deps = {
    ...x.deps,
    typesetter,
    subjectCheckKey: new Uint8Array(32).fill(3),
    office,
    peers: { call: call as unknown as PeerClient['call'] },
    trust,
    commonPlatform: 'meguro/common-platform',
    network: 'ins/information-providing-network',
    inquiryBodies: [{ organisation: 'setagaya', name: '世田谷区', signer: 'setagaya/intermediate-server' }],
  };
  return { x, deps, asked, says, [Symbol.asyncDispose]: () => x[Symbol.asyncDispose]() };
}
type Office = Awaited<ReturnType<typeof anOffice>>;

async function levied({ deps }: Office) {
  const ordinary = { paidYen: 4_000_000, columns: { ordinaryCollection: true } };
  const { personId } = unwrap(await aPerson(deps, clerk, { reports: [ordinary] }));
  await assessAll(deps);
  await decideAll(deps);
  await chargeAll(deps);
  return personId;
}

const applied = async ({ deps }: Office, personId: string, ground = 'public-assistance', appliedOn = '2026-07-10') =>
  unwrap(
    await applyForReduction(deps, clerk, {
      personId,
      fiscalYear: 2026,
      ground,
      statement: '7月1日から生活扶助を受けています',
      appliedOn: Temporal.PlainDate.from(appliedOn),
    }),
  ).applicationId;

const ask = (o: Office, applicationId: string) =>
  askGround(o.deps, clerk, { applicationId, requestId: o.deps.newId(), provider: 'setagaya' });

const remitAll = { outcome: 'remit', tenths: 10, forestExempt: true, reason: '生活扶助の受給を確認' } as const;
const approve = { decision: 'approve', reason: '', overrideReason: '' } as const;

test('AC-16 減免と情報照会: 許可証のある回答がそのまま残り、「保護なし」では理由のない承認はできず、承認すると期別の税額が変わり、通知書と収納への変更が出る', async () => {
  await using o = await anOffice();
  const { deps, x } = o;
  const personId = await levied(o);
  const before = unwrap(await sentCharges(deps, clerk, undefined));
  x.t.deps.civilClock.set('2026-07-15');
  const applicationId = await applied(o, personId);

  // IMS obtains a permit first: what is stored is bound to it, and the row of the list is the ground.
  o.says.answer = (asked) => ok(answerTo(asked, '00', { 保護の実施: false, 保護の種類: '生活扶助' }));
  assert.deepEqual(unwrap(await ask(o, applicationId)), { refusal: undefined });
  assert.deepEqual(
    [o.asked[0]?.procedure, o.asked[0]?.informationCode, o.asked[0]?.condition],
    ['MS2-048', 'TKX-0023', { asOf: '2026-07-10' }],
  );
  const [stored] = await x.t.owner<{ text: string; same: boolean; ground: string }>(`
    select answer_text as text, answer_sha256 = sha256(convert_to(answer_text, 'UTF8')) as same, ground
      from resident_tax.reduction_answer`);
  assert.deepEqual(JSON.parse(stored!.text).items, { 保護の実施: false, 保護の種類: '生活扶助' });
  assert.ok(stored!.same && stored!.ground.endsWith('2026-04-01 048-TKX-0023-W'));
  await assert.rejects(
    x.t.owner(`update resident_tax.reduction_answer set answer_text = replace(answer_text, 'false', 'true')`),
    /violates check constraint/,
  );

  const { draftId } = unwrap(await proposeReduction(deps, clerk, { applicationId, ...remitAll }));
  assert.deepEqual(await decideReduction(deps, clerk, { draftId, ...approve }), err('approver-is-drafter'));
  assert.deepEqual(await decideReduction(deps, chief, { draftId, ...approve }), err('ground-not-confirmed'));
  assert.equal((await x.t.owner('select 1 from resident_tax.reduction_decision')).length, 0);

  // The approver's own reason lets it pass, and stays with the decision; of two at once one decides.
  const override = { draftId, ...approve, overrideReason: '福祉事務所の保護開始決定通知書（7月14日付け）を確認した' };
  const both = await Promise.all([
    decideReduction(deps, chief, override),
    decideReduction(deps, staff('chief-2'), override),
  ]);
  assert.deepEqual(both.map((done) => (done.ok ? done.value.outcome : done.error)).sort(), [
    'already-decided',
    'remitted',
  ]);
  const [decision] = await x.t.owner<{ override: string }>(
    'select override_reason as override from resident_tax.reduction_decision',
  );
  assert.match(decision!.override, /保護開始決定通知書/);
  const events = await x.t.owner(
    `select 1 from audit.intake_event where body like '%"reduction.decided-by-override"%'`,
  );
  assert.equal(events.length, 1);

  // What was due before the application stays; the others are nothing now, and collections is told as a change.
  await chargeAll(deps);
  const changes = unwrap(await sentCharges(deps, clerk, undefined)).slice(before.length);
  assert.deepEqual(changes.map((c) => [c.instalment, c.revision, c.decision.reason, c.items, c.slip]).sort(), [
    [2, 2, 'change', { wardTax: 0, metropolitanTax: 0, forestTax: 0 }, null],
    [3, 2, 'change', { wardTax: 0, metropolitanTax: 0, forestTax: 0 }, null],
    [4, 2, 'change', { wardTax: 0, metropolitanTax: 0, forestTax: 0 }, null],
  ]);

  const { documentId } = unwrap(await notifyReduction(deps, clerk, { draftId }));
  assert.deepEqual(await notifyReduction(deps, clerk, { draftId }), err('already-notified'));
  const text = (await textOf(unwrap(await openNotice(deps, clerk, { documentId })).pdf)).replaceAll(/\s/gu, '');
  const first = before.find((c) => c.instalment === 1)!;
  const owed = Object.values(first.items).reduce((sum, yen) => sum + yen, 0);
  for (const part of ['減免決定通知書', '生活扶助等を受けることになった', `${owed.toLocaleString('ja-JP')}円`])
    assert.ok(text.includes(part), part);
  assert.ok(!text.includes('領収証書'), 'nothing new to pay, so no slip');
});

test('AC-16 一部の減免: 残る税額の新しい納付書が付き、その後の更正でも減免した額は残る', async () => {
  await using o = await anOffice();
  const { deps, x } = o;
  const personId = await levied(o);
  x.t.deps.civilClock.set('2026-09-10');
  const applicationId = await applied(o, personId, 'income-lost', '2026-09-10');
  assert.deepEqual(await ask(o, applicationId), err('not-by-inquiry'));
  assert.deepEqual(await proposeReduction(deps, clerk, { applicationId, ...remitAll, tenths: 4 }), err('no-such-rate'));
  const { draftId } = unwrap(
    await proposeReduction(deps, clerk, { applicationId, ...remitAll, tenths: 5, forestExempt: false }),
  );
  assert.deepEqual(unwrap(await decideReduction(deps, chief, { draftId, ...approve })), { outcome: 'remitted' });
  const { documentId } = unwrap(await notifyReduction(deps, clerk, { draftId }));
  const text = await textOf(unwrap(await openNotice(deps, clerk, { documentId })).pdf);
  assert.equal(text.split('領収証書').length - 1, 2, 'a slip for each of the two due dates that changed');

  const yearOf = async () => {
    const rows = await x.t.owner<{ n: number; yen: number }>(`
      select c.instalment as n, r.amount_yen::int as yen from resident_tax.charge c join resident_tax.charge_revision r using (charge_id)
       where not exists (select 1 from resident_tax.charge_revision l where l.charge_id = r.charge_id and l.revision > r.revision)
       order by 1`);
    return rows.reduce((sum, { yen }) => sum + yen, 0);
  };
  const [{ remitted }] = (await x.t.owner<{ remitted: number }>(
    'select sum(ward_yen + metropolis_yen + forest_yen)::int as remitted from resident_tax.reduction_part',
  )) as [{ remitted: number }];
  const annual = async () => {
    const [row] = await x.t.owner<{ yen: number }>(
      'select annual_yen::int as yen from resident_tax.assessment order by version desc limit 1',
    );
    return row!.yen;
  };
  assert.equal(await yearOf(), (await annual()) - remitted);
  const late = {
    paidYen: 900_000,
    payerName: '副業株式会社',
    columns: { secondaryWithholding: true, incomeAfterDeductionYen: undefined },
  };
  const other = unwrap(await aPerson(deps, clerk, { reports: [late] }));
  await x.t.owner('update resident_tax.report_state set person_id = $1 where person_id = $2', [
    personId,
    other.personId,
  ]);
  await assessAll(deps);
  await decideAll(deps);
  await chargeAll(deps);
  assert.equal(await yearOf(), (await annual()) - remitted);
});

test('002 W14 減免の拒み方: 知らない事由、調定のない年度、納期限の過ぎた申請、起案後の変更、確かめられない回答', async () => {
  await using o = await anOffice();
  const { deps, x } = o;
  const personId = await levied(o);
  const command = {
    personId,
    fiscalYear: 2026,
    ground: 'disaster',
    statement: '床上浸水',
    appliedOn: Temporal.PlainDate.from('2026-06-01'),
  };
  const refused = async (more: Partial<typeof command>) => {
    const done = await applyForReduction(deps, clerk, { ...command, ...more });
    return done.ok ? 'taken' : done.error;
  };
  assert.equal(await refused({ ground: 'rich' }), 'unknown-ground');
  assert.equal(await refused({ statement: ' ' }), 'no-statement');
  assert.equal(await refused({ fiscalYear: 2025 }), 'no-levy-in-force');
  assert.equal(await refused({ appliedOn: Temporal.PlainDate.from('2026-06-02') }), 'applied-in-future');
  x.t.deps.civilClock.set('2027-02-02');
  assert.equal(await refused({ appliedOn: Temporal.PlainDate.from('2027-02-02') }), 'nothing-left-to-remit');

  x.t.deps.civilClock.set('2026-07-15');
  const applicationId = await applied(o, personId);
  // An answer that somebody else signed is not stored, and nobody who has not answered lets a remission through.
  o.says.answer = (asked) => ok({ ...answerTo(asked, '00', { 保護の実施: true }), result: '10' as const });
  assert.deepEqual(unwrap(await ask(o, applicationId)), { refusal: 'answer-not-verified' });
  o.says.answer = () => err('provider-unavailable');
  assert.deepEqual(unwrap(await ask(o, applicationId)), { refusal: 'provider-unavailable' });
  assert.equal((await x.t.owner('select 1 from resident_tax.reduction_answer')).length, 0);
  const view = unwrap(await readReduction(deps, clerk, { applicationId }));
  assert.deepEqual([view.support, view.inquiries.length], ['nothing-known', 2]);

  const { draftId } = unwrap(await proposeReduction(deps, clerk, { applicationId, ...remitAll }));
  assert.deepEqual(await proposeReduction(deps, clerk, { applicationId, ...remitAll }), err('awaits-approval'));
  assert.deepEqual(
    await decideReduction(deps, chief, { draftId, decision: 'return', reason: ' ', overrideReason: '' }),
    err('no-reason'),
  );
  const back = { draftId, decision: 'return', reason: '照会をやり直すこと', overrideReason: '' } as const;
  assert.deepEqual(unwrap(await decideReduction(deps, chief, back)), { outcome: 'returned' });

  // With a supporting answer it is decided; a charge that changed since the draft stops it.
  // In its turn first (INC-11): the same inquiry is taken up, no other is asked beside it.
  const inTurn = { applicationId, requestId: deps.newId(), provider: 'setagaya' };
  o.says.answer = () => err('congested');
  assert.deepEqual(unwrap(await askGround(deps, clerk, inTurn)), { refusal: 'congested' });
  // What the clerk is told of it: the number under which it waits, and when its turn is likely to come.
  const turn = { receptionNumber: 41, expectedAt: '2026-07-15T01:05:00Z', state: 'waiting' as const };
  o.says.turn = turn;
  assert.deepEqual(unwrap(await askGround(deps, clerk, inTurn)), { refusal: 'congested', turn });
  assert.equal(deferredText(turn), '受付番号は41、7月15日10時05分ごろに行われる見込みです。');
  assert.deepEqual(await ask(o, applicationId), err('already-asking'));
  o.says.answer = (asked) => ok(answerTo(asked, '00', { 保護の実施: true }));
  assert.deepEqual(unwrap(await askGround(deps, clerk, inTurn)), { refusal: undefined });
  const second = unwrap(await proposeReduction(deps, clerk, { applicationId, ...remitAll }));
  await x.t.owner(`insert into resident_tax.charge_revision
    select charge_id, 2, assessment_id, 'change', due_on, legal_due_on, ward_yen, metropolis_yen, forest_yen, amount_yen,
           designation_number, recorded_at, event_id
      from resident_tax.charge_revision join resident_tax.charge using (charge_id, event_id) where instalment = 4`);
  assert.deepEqual(await decideReduction(deps, chief, { draftId: second.draftId, ...approve }), err('charges-changed'));
  assert.equal((await x.t.owner('select 1 from resident_tax.reduction_charging')).length, 0);
});

mechanismTest(
  'input.ground-confirmed',
  '002-III.2-R2 AC-16 事由を裏付ける回答も理由の記録もない減免は承認できない',
  async () => {
    await using o = await anOffice();
    const personId = await levied(o);
    o.x.t.deps.civilClock.set('2026-07-15');
    const applicationId = await applied(o, personId);
    const { draftId } = unwrap(await proposeReduction(o.deps, clerk, { applicationId, ...remitAll }));
    assert.deepEqual(await decideReduction(o.deps, chief, { draftId, ...approve }), err('ground-not-confirmed'));
  },
);

test('行政不服審査法18条 審査請求: 3か月以内は受け付け、過ぎれば正当な理由が要り、裁決は別の職員が一度だけ入力する', async () => {
  await using o = await anOffice();
  const { deps, x } = o;
  await levied(o);
  const [levy] = await x.t.owner<{ id: string }>('select assessment_id as id from resident_tax.assessment_decision');
  const day = (text: string) => Temporal.PlainDate.from(text);
  const command = {
    assessmentId: levy!.id,
    knownOn: day('2026-06-12'),
    filedOn: day('2026-09-13'),
    claim: '扶養控除が認められていない',
    lateReason: '',
  };
  x.t.deps.civilClock.set('2026-09-20');
  assert.deepEqual(await fileObjection(deps, clerk, command), err('out-of-time'));
  assert.deepEqual(await fileObjection(deps, clerk, { ...command, filedOn: day('2026-06-11') }), err('wrong-dates'));
  const [one, two] = await Promise.all([
    fileObjection(deps, clerk, { ...command, filedOn: day('2026-09-12') }),
    fileObjection(deps, clerk, { ...command, filedOn: day('2026-09-12') }),
  ]);
  const objectionId = one.ok ? one.value.objectionId : unwrap(two).objectionId;
  assert.deepEqual([one.ok, two.ok].sort(), [false, true]);
  const ruling = { objectionId, outcome: 'upheld', ruledOn: day('2026-09-20'), reason: '扶養控除を認める' } as const;
  assert.deepEqual(await ruleOnObjection(deps, clerk, ruling), err('approver-is-drafter'));
  assert.deepEqual(unwrap(await ruleOnObjection(deps, chief, ruling)), { reassess: true });
  assert.deepEqual(await ruleOnObjection(deps, chief, ruling), err('already-ruled'));
  // After the ruling a second one may be filed; late with a reason it is taken and marked.
  const late = unwrap(await fileObjection(deps, clerk, { ...command, lateReason: '入院していた' }));
  assert.equal(late.inTime, false);
  const { counts, total } = unwrap(await listObjections(deps, chief, { fiscalYear: 2026, limit: 10, offset: 0 }));
  assert.deepEqual(
    [total, counts],
    [
      2,
      [
        { outcome: 'open', n: 1 },
        { outcome: 'upheld', n: 1 },
      ],
    ],
  );
});
