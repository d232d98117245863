import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberOutsidePerson as endpoint } from '@musubi/contracts/platform/outside-persons.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { checkDigitOf } from '../domain/org-person-number.ts';
import { approveCorrection, proposeCorrection } from '../service/corrections.ts';
import { approveDecision, listHeldCases, proposeDecision } from '../service/held-records.ts';
import { endOutsideNumber, readOutsidePerson, readOutsidePersons } from '../service/outside-persons.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { aChange, aPlatform, received, staffActor, systemActor, type World } from './world.ts';

const random = seededRandom('outside persons');
const clerk = { ...staffActor('c1'), organisation: 'meguro' } as const;
const approver = { ...staffActor('a1'), organisation: 'meguro' } as const;
const saburo = {
  system: 'resident-tax',
  individualNumber: makeIndividualNumber(random).digits(),
  name: '鈴木 三郎',
  nameKana: 'スズキ サブロウ',
  birthDate: '1975-11-03',
  sex: 'male' as const,
  address: '東京都世田谷区太子堂四丁目1番1号',
  municipalityCode: '131121',
  ground: '地方税法第294条第3項（目黒区の事務所に居住）',
};

async function aWard() {
  const w = await aPlatform();
  const client = await w.client('meguro/resident-tax');
  const ask = (more: Partial<typeof saburo> & { requestId?: string } = {}) =>
    client.call(endpoint, 'meguro/common-platform', {}, { requestId: w.deps.newId(), ...saburo, ...more });
  return { w, ask, [Symbol.asyncDispose]: () => w[Symbol.asyncDispose]() };
}
const counts = async (w: World) =>
  (
    await w.t.owner<{ numbers: number; persons: number }>(
      'select (select count(*) from common_platform.outside_number)::int as numbers, (select count(*) from common_platform.person)::int as persons',
    )
  )[0];
const register = systemActor('meguro/resident-register');
const movesIn = (w: World, more: { name?: string; address?: string } = {}) =>
  aChange(w, {
    individualNumber: saburo.individualNumber,
    addresseeNumber: '1000777',
    state: {
      name: saburo.name,
      nameKana: saburo.nameKana,
      birthDate: saburo.birthDate,
      sex: 'male',
      address: '東京都目黒区中町一丁目1番1号',
      ...more,
    },
  });

test('AC-05 住登外者宛名番号と団体内統合宛名番号は、繰り返し・同時の届出でも一度だけ付き、業務の宛名番号として紐付く', async () => {
  await using ward = await aWard();
  const { w, ask } = ward;
  const requestId = w.deps.newId();
  const [first, second] = await Promise.all([ask({ requestId }), ask()]);
  const [a, b] = [unwrap(first), unwrap(second)];
  assert.match(a.outsideNumber, /^9[0-9]{14}$/);
  assert.equal(Number(a.outsideNumber[14]), checkDigitOf(a.outsideNumber.slice(0, 14)));
  assert.deepEqual([a.outsideNumber, a.orgPersonNumber], [b.outsideNumber, b.orgPersonNumber]);
  assert.deepEqual([a.known, b.known].sort(), [false, true]);
  assert.equal(unwrap(await ask({ requestId })).outsideNumber, a.outsideNumber);
  assert.deepEqual(await counts(w), { numbers: 1, persons: 1 });
  const bound = await w.t.owner('select system, addressee_number as n from common_platform.standing_binding');
  assert.deepEqual(bound, [{ system: 'resident-tax', n: a.outsideNumber }]);
  // What is asked for is a linkage code as well, so that the person can be lodged and asked about.
  assert.deepEqual(await w.t.owner('select state from common_platform.linkage'), [{ state: 'wanted' }]);
  const listed = unwrap(await readOutsidePersons(w.deps, clerk, { name: 'スズキ', offset: 0, limit: 10 }));
  assert.deepEqual(
    listed.rows.map((r) => [r.outsideNumber, r.municipalityCode, r.step]),
    [[a.outsideNumber, '131121', 'begun']],
  );
  const [dump] = await w.t.owner<{ text: string }>(
    'select (select jsonb_agg(to_jsonb(x)) from common_platform.outside_step x)::text || (select jsonb_agg(to_jsonb(x)) from audit.intake_event x)::text || (select jsonb_agg(to_jsonb(x)) from common_platform.particulars x)::text as text',
  );
  assert.ok(!dump!.text.includes(saburo.individualNumber));
  assert.deepEqual(w.faults, []);
});

test('002 CIP-F3 検査用数字の誤り、4情報の不一致、別の業務、住民である方、同じ届出番号の別人には番号を付けない', async () => {
  await using ward = await aWard();
  const { w, ask } = ward;
  const wrong = `${saburo.individualNumber.slice(0, 11)}${(Number(saburo.individualNumber[11]) + 1) % 10}`;
  assert.deepEqual(await ask({ individualNumber: wrong }), err('invalid-number'));
  assert.deepEqual(await ask({ system: 'collections' }), err('not-your-business'));
  assert.deepEqual(await counts(w), { numbers: 0, persons: 0 });

  const requestId = w.deps.newId();
  unwrap(await ask({ requestId }));
  assert.deepEqual(await ask({ birthDate: '1975-11-13' }), err('particulars-disagree'));
  assert.equal(unwrap(await listHeldCases(w.deps, clerk, { state: 'open', offset: 0, limit: 10 })).total, 1);
  const another = makeIndividualNumber(random).digits();
  assert.deepEqual(await ask({ requestId, individualNumber: another }), err('request-key-reused'));
  assert.deepEqual(await counts(w), { numbers: 1, persons: 1 });

  const hanako = aChange(w);
  unwrap(await takeResidentChange(w.deps, register, received(hanako)));
  const { name, nameKana, birthDate, address } = hanako.state;
  const asResident = { individualNumber: hanako.individualNumber, name, nameKana, birthDate, address };
  assert.deepEqual(await ask({ ...asResident, sex: 'female' } as never), err('is-resident'));
  assert.deepEqual(await counts(w), { numbers: 1, persons: 2 });
});

test('002 CIP-F3 転入した住登外者は、職員の確認の後に団体内統合宛名番号を引き継ぎ、住登外者宛名番号は終わる', async () => {
  await using ward = await aWard();
  const { w, ask } = ward;
  const given = unwrap(await ask());
  // The address differs as it must: number and name alone never join two records by themselves.
  assert.equal(unwrap(await takeResidentChange(w.deps, register, received(movesIn(w)))), 'held');
  const [held] = unwrap(await listHeldCases(w.deps, clerk, { state: 'open', offset: 0, limit: 10 })).rows;
  assert.deepEqual([held!.why, held!.differing], ['particulars-differ', ['address']]);
  const { approvalId } = unwrap(
    await proposeDecision(w.deps, clerk, {
      caseId: held!.caseId,
      decision: 'same-person',
      evidence: '転入届と転出証明書',
      reason: '世田谷区からの転入',
    }),
  );
  unwrap(await approveDecision(w.deps, approver, { approvalId, approve: true }));
  assert.deepEqual(await counts(w), { numbers: 1, persons: 1 });
  const after = unwrap(await readOutsidePerson(w.deps, clerk, { outsideNumber: given.outsideNumber }));
  assert.deepEqual(
    [after.line.step, after.line.why, after.line.orgPersonNumber],
    ['ended', 'moved-in', given.orgPersonNumber],
  );
  const sent = await w.t.owner("select receiver from streams.outgoing where family = 'platform.person-change'");
  assert.deepEqual(sent, [{ receiver: 'meguro/resident-tax' }]);
  // Registered here now: no number of an outsider.
  const now = { address: '東京都目黒区中町一丁目1番1号' };
  assert.deepEqual(await ask(now), err('is-resident'));
});

test('002 CIP-F3 職員が終えた番号は、再び届け出られた同じ方に戻り、ほかの方には付かない', async () => {
  await using ward = await aWard();
  const { w, ask } = ward;
  const { outsideNumber } = unwrap(await ask());
  const end = (evidence: string) =>
    endOutsideNumber(w.deps, clerk, { outsideNumber, why: 'not-needed' as const, evidence });
  assert.deepEqual(await end(''), err('evidence-missing'));
  unwrap(await end('調査票'));
  assert.deepEqual(await end('調査票'), err('already-ended'));
  assert.deepEqual(
    await endOutsideNumber(w.deps, approver, { outsideNumber, why: 'died', evidence: 'x' }),
    err('not-authorised'),
  );
  const again = unwrap(await ask());
  assert.deepEqual([again.outsideNumber, again.known], [outsideNumber, true]);
  const { history } = unwrap(await readOutsidePerson(w.deps, clerk, { outsideNumber }));
  assert.deepEqual(
    history.map((h) => [h.step, h.why]),
    [
      ['begun', 'asked'],
      ['ended', 'not-needed'],
      ['begun', 'asked'],
    ],
  );
});

test('INC-53 二重登録の統合では生き残る方に番号が一つ残り、統合の取消しで元に戻る', async () => {
  await using ward = await aWard();
  const { w, ask } = ward;
  const first = unwrap(await ask());
  // The same man under a wrong number: a clerk decided that it was somebody else, which was wrong.
  const other = makeIndividualNumber(random).digits();
  assert.deepEqual(await ask({ individualNumber: other }), err('particulars-disagree'));
  const [held] = unwrap(await listHeldCases(w.deps, clerk, { state: 'open', offset: 0, limit: 10 })).rows;
  const proposed = unwrap(
    await proposeDecision(w.deps, clerk, {
      caseId: held!.caseId,
      decision: 'separate-person',
      evidence: '給与支払報告書',
      reason: '別人との回答',
    }),
  );
  unwrap(await approveDecision(w.deps, approver, { approvalId: proposed.approvalId, approve: true }));
  const second = unwrap(await ask({ individualNumber: other }));
  assert.notEqual(second.outsideNumber, first.outsideNumber);
  const idOf = async (outsideNumber: string) =>
    unwrap(await readOutsidePerson(w.deps, clerk, { outsideNumber })).line.personId;
  const [survivor, ended] = [await idOf(first.outsideNumber), await idOf(second.outsideNumber)];
  const correct = async (kind: 'merge' | 'undo', personId: string, targetId: string) => {
    const { approvalId } = unwrap(
      await proposeCorrection(w.deps, clerk, {
        kind,
        personId,
        targetId,
        numberGoes: kind === 'merge' ? 'wrong' : null,
        evidence: '住民票の写し',
        reason: '同じ方',
      }),
    );
    return unwrap(await approveCorrection(w.deps, approver, { approvalId, approve: true })).correctionId!;
  };
  const standing = () =>
    w.t.owner<{ n: string; p: string }>(
      "select outside_number as n, person_id as p from common_platform.outside_standing where step = 'begun' order by stepped_at",
    );
  const correction = await correct('merge', survivor, ended);
  assert.deepEqual(await standing(), [{ n: first.outsideNumber, p: survivor }]);
  await correct('undo', survivor, correction);
  assert.deepEqual(await standing(), [
    { n: first.outsideNumber, p: survivor },
    { n: second.outsideNumber, p: ended },
  ]);
});
