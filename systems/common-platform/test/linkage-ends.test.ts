import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askAnotherBody } from '@musubi/contracts/exchange/endpoints.ts';
import { endLinkage } from '@musubi/contracts/exchange/linkage-life.ts';
import { protectionsAgree, protectionsNow } from '@musubi/contracts/platform/protection-client.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { registerTaskBindings } from '../service/check-binding.ts';
import { approveCorrection, proposeCorrection } from '../service/corrections.ts';
import { decideLinkageEnds, endLinkages, proposeLinkageEnds, showLinkageEnds } from '../service/end-linkage.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { aChange, aPlatform, received, staffActor, systemActor, type World } from './world.ts';

const register = systemActor('meguro/resident-register');
const job = { kind: 'job', name: 'withdrawal' } as const;
const staffOf = (id: string) => ({ ...staffActor(id), organisation: 'meguro' });
const [clerk, approver] = [staffOf('c1'), staffOf('a1')];
const page = { offset: 0, limit: 10 };
const removed = { status: 'removed', removedOn: '2017-04-01' } as const;

async function take(w: World, change: ReturnType<typeof aChange>): Promise<string> {
  unwrap(await takeResidentChange(w.deps, register, received(change)));
  const [row] = await w.t.owner<{ id: string }>(
    'select person_id as id from common_platform.standing_binding where addressee_number = $1',
    [change.addresseeNumber],
  );
  return row!.id;
}
/** As after the first linkage round. */
const held = (w: World) =>
  w.t.owner("update common_platform.linkage set state = 'held', acquired_on = '2016-01-01', requested_at = now()");
const states = async (w: World) =>
  (
    await w.t.owner<{ s: string }>(
      "select state || coalesce(' ' || word, '') as s from common_platform.linkage order by person_id",
    )
  ).map((r) => r.s);

/** The intermediate server, with a line that can be down. */
async function aServer(w: World, ...more: Route[]) {
  const state = { down: false, ended: [] as { orgPersonNumber: string; reason: string; requestId: string }[] };
  await w.serve('meguro/intermediate-server', [
    route(endLinkage, async ({ body }) => {
      if (state.down) throw new Error('down');
      state.ended.push(body);
      return ok({ ended: true });
    }),
    ...more,
  ]);
  return state;
}

async function aDeparted(w: World) {
  const change = aChange(w, { addresseeNumber: '1000001' });
  const personId = await take(w, change);
  await held(w);
  const gone = { ...change, changeId: w.deps.newId(), changedOn: '2026-05-02', state: { ...change.state, ...removed } };
  await take(w, gone);
  return { personId, change };
}

test('design §3 住民でなくなって7年を過ぎた方の符号と副本は、別の職員の承認で消去され、線が切れても続きから行う', async () => {
  await using w = await aPlatform();
  const server = await aServer(w);
  const { personId } = await aDeparted(w);
  await take(
    w,
    aChange(w, {
      addresseeNumber: '1000002',
      state: { name: '碑 文子', nameKana: 'ヒ フミコ', birthDate: '1970-01-01' },
    }),
  );
  await held(w);
  const view = unwrap(await showLinkageEnds(w.deps, clerk, page));
  assert.deepEqual([view.total, view.rows[0]!.personId], [1, personId]);
  assert.deepEqual(await proposeLinkageEnds(w.deps, approver, {}), err('not-authorised'));
  const { approvalId } = unwrap(await proposeLinkageEnds(w.deps, clerk, {}));
  assert.deepEqual(await proposeLinkageEnds(w.deps, clerk, {}), err('already-proposed'));
  const both = { ...w.deps, rights: { allows: async () => true } };
  assert.deepEqual(await decideLinkageEnds(both, clerk, { approvalId, approve: true }), err('approver-is-requester'));
  const decide = () => decideLinkageEnds(w.deps, approver, { approvalId, approve: true });
  const two = await Promise.all([decide(), decide()]);
  assert.deepEqual(two.map((r) => r.ok).sort(), [false, true]);
  server.down = true;
  assert.equal(unwrap(await endLinkages(w.deps, job)), 1);
  assert.equal(server.ended.length, 0);
  server.down = false;
  await w.t.owner("update common_platform.linkage_end_work set next_try_at = '2020-01-01'");
  unwrap(await endLinkages(w.deps, job));
  assert.deepEqual(
    server.ended.map((e) => e.reason),
    ['deleted'],
  );
  assert.deepEqual(await states(w), ['refused ended', 'held']);
  assert.equal(unwrap(await endLinkages(w.deps, job)), 0);
  assert.deepEqual(await w.t.owner('select state, tries from common_platform.linkage_end_work'), [
    { state: 'done', tries: 2 },
  ]);
});

test('design §3 起案の後に再び住民となった方の符号は消去しない。差し戻しでは何も消えない', async () => {
  await using w = await aPlatform();
  const server = await aServer(w);
  const { change } = await aDeparted(w);
  const first = unwrap(await proposeLinkageEnds(w.deps, clerk, {}));
  assert.deepEqual(
    await decideLinkageEnds(w.deps, approver, { ...first, approve: false }),
    ok({ ended: 0, stayed: 1 }),
  );
  const { approvalId } = unwrap(await proposeLinkageEnds(w.deps, clerk, {}));
  await take(w, { ...change, changeId: w.deps.newId(), changedOn: '2026-05-03' });
  assert.deepEqual(
    await decideLinkageEnds(w.deps, approver, { approvalId, approve: true }),
    ok({ ended: 0, stayed: 1 }),
  );
  assert.equal(unwrap(await endLinkages(w.deps, job)), 0);
  assert.deepEqual([server.ended, await states(w)], [[], ['held']]);
});

test('INC-53 番号が誤りだった方の符号は消去され、消去が済むまでその方については照会が出ない', async () => {
  let asked = 0;
  const taskBindings = [
    {
      system: 'resident-tax',
      kind: 'ask' as const,
      code: 'MS2-048',
      ground: '根拠',
      validFrom: '2020-01-01',
      validUntil: null,
    },
  ];
  await using w = await aPlatform('ward', { taskBindings });
  unwrap(await registerTaskBindings(w.deps, { kind: 'job', name: 'start' }, {}));
  const server = await aServer(
    w,
    route(askAnotherBody, async () => {
      asked++;
      return err('no-linkage-code');
    }),
  );
  const survivor = await take(w, aChange(w, { addresseeNumber: '1000001' }));
  const ended = await take(w, aChange(w, { addresseeNumber: '1000002' }));
  await held(w);
  const proposal = {
    kind: 'merge' as const,
    personId: survivor,
    targetId: ended,
    numberGoes: 'wrong' as const,
    evidence: '戸籍',
    reason: '番号の取り違え',
  };
  const { approvalId } = unwrap(await proposeCorrection(w.deps, clerk, proposal));
  unwrap(await approveCorrection(w.deps, approver, { approvalId, approve: true }));
  const tax = await w.client('meguro/resident-tax');
  const numbers = await w.t.owner<{ n: string; id: string }>(
    'select org_person_number as n, person_id as id from common_platform.person',
  );
  const numberOf = (id: string) => numbers.find((n) => n.id === id)!.n;
  const ask = (orgPersonNumber: string) =>
    tax.call(
      askAnotherBody,
      'meguro/common-platform',
      {},
      {
        requestId: w.deps.newId(),
        asker: { system: 'resident-tax', caseReference: 'C-1' },
        orgPersonNumber,
        procedure: 'MS2-048',
        informationCode: 'TKX-0023',
        items: ['保護の実施'],
        condition: { asOf: '2026-05-01' },
        provider: 'tokyo',
      },
    );
  assert.deepEqual(await ask(numberOf(ended)), err('unknown-person'));
  assert.equal(asked, 0);
  assert.deepEqual(await ask(numberOf(survivor)), err('no-linkage-code')); // the other goes on
  assert.equal(unwrap(await endLinkages(w.deps, job)), 1);
  assert.deepEqual(
    server.ended.map((e) => [e.orgPersonNumber, e.reason]),
    [[numberOf(ended), 'wrong-person']],
  );
});

test('INC-45 住所を印字する前に支援措置を尋ねる: 本人のもの、知らない番号、つながらないときは印字しない', async () => {
  await using w = await aPlatform();
  const guarded = await take(w, aChange(w, { addresseeNumber: '1000001', state: { addressProtected: true } }));
  const plain = await take(
    w,
    aChange(w, {
      addresseeNumber: '1000002',
      state: { name: '碑 文子', nameKana: 'ヒ フミコ', birthDate: '1970-01-01' },
    }),
  );
  const numbers = await w.t.owner<{ n: string; id: string }>(
    'select org_person_number as n, person_id as id from common_platform.person',
  );
  const numberOf = (id: string) => numbers.find((n) => n.id === id)!.n;
  const tax = await w.client('meguro/resident-tax');
  const access = { peers: tax, platform: 'meguro/common-platform', system: 'resident-tax' };
  const stranger = '999999999999999';
  // More than one message holds.
  const many = [
    numberOf(guarded),
    numberOf(plain),
    ...Array.from({ length: 600 }, (_, i) => `${800_000_000_000_000 + i}`),
    stranger,
  ];
  const now = unwrap(await protectionsNow(access, many));
  assert.deepEqual(
    [guarded, plain].map((id) => now.isProtected(numberOf(id))),
    [true, false],
  );
  assert.ok(now.isProtected(stranger));
  assert.equal(now.count, 602);
  assert.deepEqual(await protectionsAgree(access, [numberOf(guarded)]), ok(true));
  assert.deepEqual(await protectionsAgree(access, [numberOf(plain)]), ok(false));
  const asAnother = { ...access, system: 'collections' };
  assert.deepEqual(await protectionsNow(asAnother, [numberOf(plain)]), err('protections-unavailable'));
  const nowhere = { ...access, platform: 'meguro/nothing' };
  assert.deepEqual(await protectionsNow(nowhere, [numberOf(plain)]), err('protections-unavailable'));
});
