import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerPerson as registerEndpoint } from '@musubi/contracts/platform/persons.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { approveDecision, listHeldCases, proposeDecision, showHeldCase } from '../service/held-records.ts';
import { readPerson, searchPersons } from '../service/read-persons.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { takeResidentLoad } from '../service/take-resident-load.ts';
import { aChange, aNumber, aPlatform, received, staffActor, systemActor, type World } from './world.ts';

const register = systemActor('meguro/resident-register');
const clerk = { ...staffActor('c1'), organisation: 'meguro' } as const;
const approver = { ...staffActor('a1'), organisation: 'meguro' } as const;
const take = async (w: World, change: ReturnType<typeof aChange>) =>
  unwrap(await takeResidentChange(w.deps, register, received(change)));
const persons = (w: World) =>
  w.t.owner<{ person_id: string; org_person_number: string; name: string; address: string }>(
    'select p.person_id, p.org_person_number, d.name, d.address from common_platform.person p left join common_platform.particulars d using (person_id) order by made_at',
  );
const outgoing = (w: World) =>
  w.t.owner<{ receiver: string; family: string }>('select receiver, family from streams.outgoing order by entered');
const openCases = async (w: World) =>
  unwrap(await listHeldCases(w.deps, clerk, { state: 'open', offset: 0, limit: 10 })).rows;

test('CIP-F4 CIP-F6 住民の異動から団体内統合宛名番号を付け、業務システムへ転送する', async () => {
  await using w = await aPlatform();
  const change = aChange(w);
  assert.equal(await take(w, change), 'new');
  const [person] = await persons(w);
  assert.match(person!.org_person_number, /^[0-9]{15}$/);
  assert.ok(!person!.org_person_number.includes(change.individualNumber.slice(0, 8)));
  assert.deepEqual(await outgoing(w), [{ receiver: 'meguro/resident-tax', family: 'platform.person-change' }]);
  const bindings = await w.t.owner('select system, addressee_number from common_platform.binding order by system');
  assert.deepEqual(bindings, [
    { system: 'resident-register', addressee_number: '1000001' },
    { system: 'resident-tax', addressee_number: '1000001' },
  ]);
  // The number stands in the vault alone.
  const dump = await w.t.owner<{ text: string }>(
    'select (select jsonb_agg(to_jsonb(x)) from common_platform.particulars x)::text || (select jsonb_agg(to_jsonb(x)) from audit.entry x)::text as text',
  );
  assert.ok(!(dump[0]?.text ?? '').includes(change.individualNumber));
});

test('design 4.0: the same change again is applied once; a new state closes the former one and keeps the person', async () => {
  await using w = await aPlatform();
  const change = aChange(w);
  await take(w, change);
  assert.equal(await take(w, change), 'repeated');
  const moved = aChange(w, {
    individualNumber: change.individualNumber,
    reason: 'moved-within',
    changedOn: '2026-05-20',
    state: { address: '東京都目黒区中町一丁目1番1号' },
  });
  assert.equal(await take(w, moved), 'changed');
  const all = await persons(w);
  assert.equal(all.length, 1);
  assert.equal(all[0]!.address, '東京都目黒区中町一丁目1番1号');
  const [history] = await w.t.owner<{ n: number }>(
    'select count(*)::int as n from common_platform.particulars_history',
  );
  assert.equal(history!.n, 1);
  assert.equal((await outgoing(w)).length, 2);
});

test('a load that arrives after a newer single change does not bring the old state back', async () => {
  await using w = await aPlatform();
  const newer = aChange(w, { changedOn: '2026-05-20', state: { address: '東京都目黒区中町一丁目1番1号' } });
  await take(w, newer);
  const load = aChange(w, { individualNumber: newer.individualNumber, changedOn: '2026-04-01' });
  const taken = unwrap(await takeResidentLoad(w.deps, register, received({ loadId: w.deps.newId(), persons: [load] })));
  assert.deepEqual([taken.older, taken.updated, taken.numbered], [1, 0, 0]);
  assert.equal((await persons(w))[0]!.address, '東京都目黒区中町一丁目1番1号');
});

test('INC-50 同姓同名・同じ生年月日の別人（双子を含む）は別の宛名のまま', async () => {
  await using w = await aPlatform();
  await take(w, aChange(w, { addresseeNumber: '1000001' }));
  assert.equal(await take(w, aChange(w, { addresseeNumber: '1000002' })), 'new');
  const all = await persons(w);
  assert.equal(all.length, 2);
  assert.notEqual(all[0]!.org_person_number, all[1]!.org_person_number);
});

mechanismTest(
  'matching.no-partial-link',
  'INC-50 個人番号が同じで4情報が一部違う記録は紐付けず、職員の確認待ちにする',
  async () => {
    await using w = await aPlatform();
    const mother = aChange(w, { addresseeNumber: '1000001' });
    await take(w, mother);
    // The child's record came with the mother's number.
    const child = aChange(w, {
      addresseeNumber: '1000002',
      individualNumber: mother.individualNumber,
      state: {
        name: '目黒 一郎',
        nameKana: 'メグロ イチロウ',
        birthDate: '2020-06-01',
        sex: 'male',
        relationship: '子',
      },
    });
    assert.equal(await take(w, child), 'held');
    const all = await persons(w);
    assert.deepEqual(
      all.map((p) => p.name),
      ['目黒 花子'],
    );
    const [held] = await openCases(w);
    assert.equal(held!.why, 'particulars-differ');
    assert.deepEqual(held!.differing, ['name', 'name-kana', 'birth-date', 'sex']);
    assert.equal((await outgoing(w)).length, 1);
  },
);

test('INC-54 別の宛名の方の個人番号が来たら採用しない。後から届いた異動も追い越さない', async () => {
  await using w = await aPlatform();
  const a = aChange(w, { addresseeNumber: '1000001' });
  const b = aChange(w, {
    addresseeNumber: '1000002',
    state: { name: '中村 健', nameKana: 'ナカムラ ケン', sex: 'male' },
  });
  await take(w, a);
  await take(w, b);
  const wrong = aChange(w, { ...b, changeId: w.deps.newId(), individualNumber: a.individualNumber, state: b.state });
  assert.equal(await take(w, wrong), 'held');
  const later = aChange(w, {
    ...b,
    changeId: w.deps.newId(),
    state: { ...b.state, address: '東京都目黒区中町二丁目2番2号' },
  });
  assert.equal(await take(w, later), 'held');
  const [held] = await openCases(w);
  assert.deepEqual([held!.why, held!.changes], ['number-of-another', 2]);
  // Two persons are never merged: only the source can correct this.
  const merge = { caseId: held!.caseId, decision: 'same-person', evidence: '免許証', reason: '同じ方' } as const;
  assert.deepEqual(await proposeDecision(w.deps, clerk, merge), { ok: false, error: 'not-possible' });
});

mechanismTest('matching.clerk-resolves', '002 職員が確認し、別の職員が承認して初めて反映される', async () => {
  await using w = await aPlatform();
  const first = aChange(w, { addresseeNumber: '1000001' });
  await take(w, first);
  const married = aChange(w, {
    addresseeNumber: '1000001',
    individualNumber: first.individualNumber,
    state: { name: '世田谷 華子', nameKana: 'セタガヤ ハナコ', birthDate: '1988-04-20' },
  });
  assert.equal(await take(w, married), 'held');
  const moved = {
    ...married,
    changeId: w.deps.newId(),
    state: { ...married.state, address: '東京都目黒区中町一丁目1番1号' },
  };
  const [held] = await openCases(w);
  const proposal = {
    caseId: held!.caseId,
    decision: 'same-person',
    evidence: '戸籍謄本',
    reason: '婚姻と生年月日の訂正',
  } as const;
  const { approvalId } = unwrap(await proposeDecision(w.deps, clerk, proposal));
  assert.deepEqual(await proposeDecision(w.deps, clerk, proposal), { ok: false, error: 'already-proposed' });
  assert.deepEqual(await approveDecision(w.deps, clerk, { approvalId, approve: true }), {
    ok: false,
    error: 'not-authorised',
  });
  // A record that arrives meanwhile must be looked at before the decision.
  assert.equal(await take(w, moved), 'held');
  assert.deepEqual(await approveDecision(w.deps, approver, { approvalId, approve: true }), {
    ok: false,
    error: 'more-arrived',
  });
  unwrap(await approveDecision(w.deps, approver, { approvalId, approve: false }));
  const again = unwrap(await proposeDecision(w.deps, clerk, proposal));
  const two = await Promise.all([
    approveDecision(w.deps, approver, { approvalId: again.approvalId, approve: true }),
    approveDecision(w.deps, { ...approver, staffId: 'a2' }, { approvalId: again.approvalId, approve: true }),
  ]);
  assert.deepEqual(two.map((r) => r.ok).sort(), [false, true]);
  const all = await persons(w);
  assert.deepEqual(
    all.map((p) => [p.name, p.address]),
    [['世田谷 華子', '東京都目黒区中町一丁目1番1号']],
  );
  assert.equal((await outgoing(w)).length, 3);
  assert.equal((await openCases(w)).length, 0);
  const shown = unwrap(await showHeldCase(w.deps, clerk, { caseId: held!.caseId }));
  assert.equal(shown.held.decided, 'same-person');
});

test('002 個人番号の変更: 氏名と生年月日が同じなら新しい番号を持ち、以前の番号は他人のものにならない', async () => {
  await using w = await aPlatform();
  const before = aChange(w);
  await take(w, before);
  const after = aChange(w, { individualNumber: aNumber().digits(), reason: 'number-changed' });
  assert.equal(await take(w, after), 'number-changed');
  assert.equal((await persons(w)).length, 1);
  const stranger = aChange(w, { addresseeNumber: '1000009', individualNumber: before.individualNumber });
  assert.equal(await take(w, stranger), 'held');
});

test('two records of one new person at once make one person', async () => {
  await using w = await aPlatform();
  const change = aChange(w);
  const other = aChange(w, { addresseeNumber: '1000002', individualNumber: change.individualNumber });
  const outcomes = await Promise.all([take(w, change), take(w, other)]);
  assert.deepEqual(outcomes.sort(), ['new', 'same']);
  assert.equal((await persons(w)).length, 1);
});

test('a register of another body, a wrong check digit and a prefecture take no register change', async () => {
  await using w = await aPlatform();
  const foreign = await takeResidentChange(w.deps, systemActor('setagaya/resident-register'), received(aChange(w)));
  assert.deepEqual(foreign, { ok: false, error: 'not-authorised' });
  const spoofed = await takeResidentChange(w.deps, register, received(aChange(w), 'setagaya/resident-register'));
  assert.deepEqual(spoofed, { ok: false, error: 'not-your-register' });
  const wrong = await takeResidentChange(w.deps, register, received(aChange(w, { individualNumber: '123456789019' })));
  assert.deepEqual(wrong, { ok: false, error: 'invalid-number' });
  assert.equal((await persons(w)).length, 0);
});

const applicant = (w: World, more: object = {}) => ({
  requestId: w.deps.newId(),
  system: 'child-chronic',
  individualNumber: aNumber().digits(),
  name: '目黒 花子',
  nameKana: 'メグロ ハナコ',
  birthDate: '1988-04-02',
  sex: 'female' as const,
  address: '東京都目黒区上目黒2-19-15',
  ...more,
});

test('001 LNK-F2 業務システムの申請者に番号を付ける。繰り返しは同じ番号、部分一致は断って確認待ちにする', async () => {
  await using w = await aPlatform('prefecture');
  const client = await w.client('tokyo/child-chronic');
  const call = (body: ReturnType<typeof applicant>) => client.call(registerEndpoint, 'tokyo/common-platform', {}, body);
  const first = applicant(w);
  const made = unwrap(await call(first));
  assert.equal(made.known, false);
  assert.deepEqual(unwrap(await call(first)), made);
  assert.deepEqual(unwrap(await call({ ...first, requestId: w.deps.newId(), name: '目黒　花子' })), {
    ...made,
    known: true,
  });
  assert.deepEqual(await call({ ...first, individualNumber: aNumber().digits() }), {
    ok: false,
    error: 'request-key-reused',
  });
  const refused = { ok: false, error: 'particulars-disagree' };
  assert.deepEqual(await call({ ...first, requestId: w.deps.newId(), birthDate: '1988-04-03' }), refused);
  // All particulars of a registered person with another number: perhaps a slip in the number.
  assert.deepEqual(await call({ ...first, requestId: w.deps.newId(), individualNumber: aNumber().digits() }), refused);
  assert.equal((await persons(w)).length, 1);
  const [cases] = await w.t.owner<{ n: number }>('select count(*)::int as n from common_platform.held_case');
  assert.equal(cases!.n, 2);
  assert.deepEqual(await call(applicant(w, { individualNumber: '123456789019' })), {
    ok: false,
    error: 'invalid-number',
  });
  assert.deepEqual(await call(applicant(w, { system: 'resident-tax' })), { ok: false, error: 'not-your-business' });
  const stranger = await w.client('meguro/resident-tax');
  const foreign = await stranger.call(
    registerEndpoint,
    'tokyo/common-platform',
    {},
    applicant(w, { system: 'resident-tax' }),
  );
  assert.deepEqual(foreign, { ok: false, error: 'not-authorised' });
  assert.deepEqual(w.faults, []);
});

test('002 宛名の検索と記録の閲覧は対象者とともに記録される', async () => {
  await using w = await aPlatform();
  await take(w, aChange(w));
  const found = unwrap(await searchPersons(w.deps, clerk, { name: 'めぐろ' }));
  assert.equal(found.length, 1);
  assert.deepEqual(await searchPersons(w.deps, clerk, { name: '目' }), { ok: false, error: 'too-wide' });
  const record = unwrap(await readPerson(w.deps, clerk, { personId: found[0]!.personId }));
  assert.equal(record.versions.length, 1);
  assert.deepEqual(await readPerson(w.deps, { ...clerk, staffId: 'x' }, { personId: found[0]!.personId }), {
    ok: false,
    error: 'not-authorised',
  });
  const [seen] = await w.t.owner<{ n: number }>('select count(*)::int as n from audit.subject where subject = $1', [
    found[0]!.personId,
  ]);
  assert.ok(seen!.n >= 4);
});
