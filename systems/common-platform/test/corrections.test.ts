import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { provisionsOfPerson } from '@musubi/contracts/platform/corrections.ts';
import { registerPerson } from '@musubi/contracts/platform/persons.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { registerTaskBindings } from '../service/check-binding.ts';
import {
  approveCorrection,
  type ProposeCorrection,
  proposeCorrection,
  showCorrection,
} from '../service/corrections.ts';
import { findLookAlikes, noteDistinct } from '../service/duplicates.ts';
import { approveDecision, listHeldCases, proposeDecision } from '../service/held-records.ts';
import { readPerson } from '../service/read-persons.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { provisionsUnder, withdrawCopies } from '../service/withdraw-copies.ts';
import { aChange, aNumber, aPlatform, received, staffActor, systemActor, type World } from './world.ts';

const job = { kind: 'job', name: 'withdrawal' } as const;
const staffOf = (w: World, staffId: string) => ({
  ...staffActor(staffId),
  organisation: w.deps.settings.mode === 'ward' ? 'meguro' : 'tokyo',
});
const correct = async (w: World, what: Partial<ProposeCorrection>) => {
  const { approvalId } = unwrap(
    await proposeCorrection(w.deps, staffOf(w, 'c1'), {
      kind: 'unlink',
      personId: '',
      targetId: '',
      numberGoes: null,
      evidence: '住民票の写し',
      reason: '同姓同名の別人',
      ...what,
    }),
  );
  const done = unwrap(await approveCorrection(w.deps, staffOf(w, 'a1'), { approvalId, approve: true }));
  return done.correctionId!;
};
const registerOf = async (w: World, change: ReturnType<typeof aChange>) =>
  unwrap(await takeResidentChange(w.deps, systemActor('meguro/resident-register'), received(change)));
const personOf = async (w: World, addressee: string) => {
  const [row] = await w.t.owner<{ id: string }>(
    'select person_id as id from common_platform.standing_binding where addressee_number = $1 limit 1',
    [addressee],
  );
  return row!.id;
};

/** A prefecture's business that registered somebody and lodged copies about them. */
async function aLinkedPerson() {
  const w = await aPlatform('prefecture');
  unwrap(await registerTaskBindings(w.deps, { kind: 'job', name: 'start' }, {}));
  const copies = new Map<string, unknown>();
  const server = { down: false, batches: [] as RequestOf<typeof lodgeCopies>[] };
  await w.serve('tokyo/intermediate-server', [
    route(lodgeCopies, async ({ body }) => {
      if (server.down) throw new Error('down');
      server.batches.push(body);
      for (const c of body.copies) {
        const key = [c.orgPersonNumber, c.informationCode, JSON.stringify(c.condition), c.validFrom].join(' ');
        if (c.items === null) copies.delete(key);
        else copies.set(key, c.items);
      }
      return ok({ accepted: body.copies.length, rejected: [] });
    }),
    route(provisionsOfPerson, async ({ body }) =>
      ok({
        provisions: body.informationCodes.map((informationCode) => ({
          inquiryNumber: '018f0000-0000-7000-8000-000000000001',
          asker: 'meguro',
          procedure: 'MS2-048',
          informationCode,
          result: '00',
          providedAt: '2026-06-01T00:00:00Z',
        })),
      }),
    ),
  ]);
  const client = await w.client('tokyo/child-chronic');
  const request = {
    requestId: w.deps.newId(),
    system: 'child-chronic',
    individualNumber: aNumber().digits(),
    name: '目黒 花子',
    nameKana: 'メグロ ハナコ',
    birthDate: '1988-04-02',
    sex: 'female' as const,
    address: '東京都目黒区上目黒二丁目19番15号',
  };
  const register = (more: object = {}) =>
    client.call(registerPerson, 'tokyo/common-platform', {}, { ...request, ...more });
  const { orgPersonNumber } = unwrap(await register());
  const lodge = async (row: number, validFrom: string) =>
    client.call(
      lodgeCopies,
      'tokyo/common-platform',
      {},
      {
        batchId: w.deps.newId(),
        system: 'child-chronic',
        kind: 'difference',
        copies: [
          {
            row,
            orgPersonNumber,
            informationCode: 'TKX-0101',
            condition: {},
            validFrom,
            items: { 受給者番号: '0000017' },
            autoReplyBlocked: false,
            withheldFromPerson: false,
          },
        ],
      },
    );
  const [person] = await w.t.owner<{ person_id: string; binding_id: string }>(
    'select person_id, binding_id from common_platform.standing_binding',
  );
  return {
    w,
    server,
    copies,
    register,
    lodge,
    orgPersonNumber,
    personId: person!.person_id,
    bindingId: person!.binding_id,
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  };
}

test('INC-53 誤った紐付けを解除すると、副本が取り下げられ、提供先の一覧が出て、取消しで元に戻る', async () => {
  await using c = await aLinkedPerson();
  const { w } = c;
  unwrap(await c.lodge(1, '2026-05-01'));
  unwrap(await c.lodge(1, '2026-06-01'));
  assert.equal(c.copies.size, 2);
  const correctionId = await correct(w, { kind: 'unlink', personId: c.personId, targetId: c.bindingId });
  // Nothing more is asked or lodged under the wrong link, whatever happens to the withdrawal.
  assert.equal(unwrap(await c.lodge(2, '2026-06-10')).rejected[0]!.code, 'unknown-person');
  assert.deepEqual(await c.register(), { ok: false, error: 'particulars-disagree' });
  c.server.down = true;
  assert.equal(unwrap(await withdrawCopies(w.deps, job)), 1);
  assert.equal(c.copies.size, 2);
  c.server.down = false;
  await w.t.owner("update common_platform.copy_withdrawal set next_try_at = '2020-01-01Z'");
  assert.equal(unwrap(await withdrawCopies(w.deps, job)), 1);
  assert.equal(c.copies.size, 0);
  assert.equal(unwrap(await withdrawCopies(w.deps, job)), 0);
  const view = unwrap(await showCorrection(w.deps, staffOf(w, 'c1'), { correctionId }));
  assert.deepEqual(
    view.withdrawals.map(({ state, copies, word }) => ({ state, copies, word })),
    [{ state: 'done', copies: 2, word: null }],
  );
  const told = unwrap(await provisionsUnder(w.deps, staffOf(w, 'c1'), { correctionId }));
  assert.deepEqual(told.kind === 'found' && told.provisions.map((p) => [p.asker, p.informationCode]), [
    ['meguro', 'TKX-0101'],
  ]);
  const [event] = await w.t.owner<{ n: number }>(
    "select count(*)::int as n from audit.intake_event where body like '%identity.unlinked%'",
  );
  assert.equal(event!.n, 1);
  await correct(w, { kind: 'undo', personId: c.personId, targetId: correctionId });
  assert.equal(unwrap(await c.lodge(3, '2026-06-11')).accepted, 1);
});

test('INC-53 unlink ∘ link = nothing: the stores that say who is whose are as before the link', async () => {
  await using w = await aPlatform('prefecture');
  unwrap(await registerTaskBindings(w.deps, { kind: 'job', name: 'start' }, {}));
  const client = await w.client('tokyo/child-chronic');
  const person = {
    requestId: w.deps.newId(),
    system: 'child-chronic',
    individualNumber: aNumber().digits(),
    name: '目黒 花子',
    nameKana: 'メグロ ハナコ',
    birthDate: '1988-04-02',
    sex: 'female' as const,
    address: '東京都目黒区上目黒二丁目19番15号',
  };
  const { orgPersonNumber } = unwrap(await client.call(registerPerson, 'tokyo/common-platform', {}, person));
  const derived = () =>
    w.t.owner(
      `select p.org_person_number, (select array_agg(b.system) from common_platform.standing_binding b where b.person_id = p.person_id) as systems,
              (select count(*)::int from common_platform.relayed_copy c where c.person_id = p.person_id and not c.ended) as copies,
              (select d.name from common_platform.particulars d where d.person_id = p.person_id) as name
         from common_platform.person p order by p.org_person_number`,
    );
  const [first] = await w.t.owner<{ id: string; binding: string }>(
    'select person_id as id, binding_id as binding from common_platform.standing_binding',
  );
  await correct(w, { kind: 'unlink', personId: first!.id, targetId: first!.binding });
  const before = await derived();
  // The business links the person wrongly once more, and it is undone once more.
  const again = unwrap(
    await client.call(
      registerPerson,
      'tokyo/common-platform',
      {},
      {
        ...person,
        requestId: w.deps.newId(),
      },
    ),
  );
  assert.equal(again.orgPersonNumber, orgPersonNumber);
  const [second] = await w.t.owner<{ binding: string }>(
    'select binding_id as binding from common_platform.standing_binding',
  );
  await correct(w, { kind: 'unlink', personId: first!.id, targetId: second!.binding });
  assert.deepEqual(await derived(), before);
});

test('002 CIP-F4 二重登録の統合: 宛名番号は統合先へ移り、取消しで元の二人に戻る。履歴は残る', async () => {
  await using w = await aPlatform();
  await registerOf(w, aChange(w, { addresseeNumber: '1000001' }));
  await registerOf(w, aChange(w, { addresseeNumber: '1000002' }));
  const [survivor, ended] = [await personOf(w, '1000001'), await personOf(w, '1000002')];
  const pairs = unwrap(await findLookAlikes(w.deps, staffOf(w, 'c1'), { offset: 0, limit: 10 }));
  assert.equal(pairs.total, 1);
  assert.deepEqual([pairs.rows[0]!.personA, pairs.rows[0]!.personB].sort(), [survivor, ended].sort());
  const correctionId = await correct(w, {
    kind: 'merge',
    personId: survivor,
    targetId: ended,
    numberGoes: 'former',
  });
  assert.equal(await personOf(w, '1000002'), survivor);
  assert.equal(unwrap(await findLookAlikes(w.deps, staffOf(w, 'c1'), { offset: 0, limit: 10 })).total, 0);
  const record = unwrap(await readPerson(w.deps, staffOf(w, 'c1'), { personId: ended }));
  assert.deepEqual([record.bindings.length, record.versions.length], [0, 1]);
  await correct(w, { kind: 'undo', personId: survivor, targetId: correctionId });
  assert.equal(await personOf(w, '1000002'), ended);
  assert.equal(unwrap(await readPerson(w.deps, staffOf(w, 'c1'), { personId: ended })).versions.length, 2);
  const twice = await proposeCorrection(w.deps, staffOf(w, 'c1'), {
    kind: 'undo',
    personId: survivor,
    targetId: correctionId,
    numberGoes: null,
    evidence: '書類',
    reason: '理由',
  });
  assert.deepEqual(twice, { ok: false, error: 'not-possible' });
});

test('design §4.2 a number of a merged person that was wrong belongs to nobody; a former one is still recognised', async () => {
  await using w = await aPlatform();
  const outcomes: string[] = [];
  for (const numberGoes of ['wrong', 'former'] as const) {
    const base = numberGoes === 'wrong' ? 1_100_001 : 1_200_001;
    const name = numberGoes === 'wrong' ? '目黒 花子' : '碑 文子';
    const twin = aChange(w, { addresseeNumber: `${base + 1}`, state: { name } });
    await registerOf(w, aChange(w, { addresseeNumber: `${base}`, state: { name } }));
    await registerOf(w, twin);
    await correct(w, {
      kind: 'merge',
      personId: await personOf(w, `${base}`),
      targetId: await personOf(w, `${base + 1}`),
      numberGoes,
    });
    // The same number now comes with somebody else.
    outcomes.push(
      await registerOf(
        w,
        aChange(w, {
          addresseeNumber: `${base + 5}`,
          individualNumber: twin.individualNumber,
          state: { name: '中村 健', nameKana: 'ナカムラ ケン', sex: 'male', birthDate: '1970-01-01' },
        }),
      ),
    );
  }
  assert.deepEqual(outcomes, ['new', 'held']);
});

mechanismTest('matching.no-partial-link', 'INC-50 生年月日の違う二人は統合できない', async () => {
  await using w = await aPlatform();
  await registerOf(w, aChange(w, { addresseeNumber: '1000001' }));
  await registerOf(w, aChange(w, { addresseeNumber: '1000002', state: { birthDate: '1988-04-20' } }));
  const refused = await proposeCorrection(w.deps, staffOf(w, 'c1'), {
    kind: 'merge',
    personId: await personOf(w, '1000001'),
    targetId: await personOf(w, '1000002'),
    numberGoes: 'former',
    evidence: '書類',
    reason: '理由',
  });
  assert.deepEqual(refused, { ok: false, error: 'different-persons' });
});

test('002 CIP-F4 同じ方とした決定が誤りだったときは分離し、番号と状態を元の方に戻す', async () => {
  await using w = await aPlatform();
  const mother = aChange(w);
  await registerOf(w, mother);
  const other = aChange(w, {
    addresseeNumber: '1000007',
    individualNumber: mother.individualNumber,
    state: { name: '目黒 華子', address: '東京都目黒区中町一丁目1番1号' },
  });
  assert.equal(await registerOf(w, other), 'held');
  const [held] = unwrap(await listHeldCases(w.deps, staffOf(w, 'c1'), { state: 'open', offset: 0, limit: 5 })).rows;
  const proposal = { caseId: held!.caseId, decision: 'same-person', evidence: '電話', reason: '本人の申出' } as const;
  const { approvalId } = unwrap(await proposeDecision(w.deps, staffOf(w, 'c1'), proposal));
  const decided = unwrap(await approveDecision(w.deps, staffOf(w, 'a1'), { approvalId, approve: true }));
  const personId = decided.personId!;
  await correct(w, { kind: 'separate', personId, targetId: held!.caseId, numberGoes: 'stays' });
  const back = unwrap(await readPerson(w.deps, staffOf(w, 'c1'), { personId }));
  assert.equal(back.versions[0]!.state.name, '目黒 花子');
  assert.deepEqual(
    back.bindings.map((b) => b.addresseeNumber),
    ['1000001', '1000001'],
  );
  const made = await personOf(w, '1000007');
  assert.notEqual(made, personId);
  const numbers = await w.t.owner<{ person_id: string }>(
    'select distinct person_id from common_platform.person_number',
  );
  assert.deepEqual(
    numbers.map((n) => n.person_id),
    [personId],
  );
});

test('002 二人と確かめた似た記録は候補から消え、二度は記録されない', async () => {
  await using w = await aPlatform();
  await registerOf(w, aChange(w, { addresseeNumber: '1000001' }));
  await registerOf(w, aChange(w, { addresseeNumber: '1000002' }));
  const pair = { personA: await personOf(w, '1000001'), personB: await personOf(w, '1000002'), evidence: '母子手帳' };
  unwrap(await noteDistinct(w.deps, staffOf(w, 'c1'), pair));
  assert.deepEqual(
    await noteDistinct(w.deps, staffOf(w, 'c1'), { ...pair, personA: pair.personB, personB: pair.personA }),
    {
      ok: false,
      error: 'already-noted',
    },
  );
  assert.equal(unwrap(await findLookAlikes(w.deps, staffOf(w, 'c1'), { offset: 0, limit: 10 })).total, 0);
});

mechanismTest(
  'matching.clerk-resolves',
  '002 訂正は起案した職員が承認できず、起案の後に事情が変われば承認できない',
  async () => {
    await using c = await aLinkedPerson();
    const { w } = c;
    const command = {
      kind: 'unlink',
      personId: c.personId,
      targetId: c.bindingId,
      numberGoes: null,
      evidence: '書類',
      reason: '理由',
    } as const;
    const { approvalId } = unwrap(await proposeCorrection(w.deps, staffOf(w, 'c1'), command));
    assert.deepEqual(await proposeCorrection(w.deps, staffOf(w, 'c2'), command), {
      ok: false,
      error: 'already-proposed',
    });
    assert.deepEqual(await approveCorrection(w.deps, staffOf(w, 'c1'), { approvalId, approve: true }), {
      ok: false,
      error: 'not-authorised',
    });
    // The person's record changes under the proposal: the link that it names has gone.
    await w.t.owner(
      `insert into common_platform.binding_end (binding_id, correction_id, ended_at, event_id)
       values ($1, gen_random_uuid(), now(), gen_random_uuid())`,
      [c.bindingId],
    );
    const late = await approveCorrection(w.deps, staffOf(w, 'a1'), { approvalId, approve: true }).catch(
      () => 'broken' as const,
    );
    assert.deepEqual(late, { ok: false, error: 'no-longer-possible' });
  },
);
