import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner } from './an-earner.ts';
import { assess } from './assess.ts';
import { type AssessmentId, decide, draft, type StaffId, sendBack, submit } from './assessment.ts';
import { type DocumentIdentity, matchPerson, type RegisteredIdentity } from './matching.ts';

const born = Temporal.PlainDate.from('1980-04-01');
const document: DocumentIdentity = {
  numberDigest: 'd1',
  nameKey: '目黒太郎',
  bornOn: born,
  addressKey: '目黒区上目黒2-19-15',
};
const person = (personId: string, change: Partial<RegisteredIdentity<string>> = {}): RegisteredIdentity<string> => ({
  personId,
  numberDigest: 'd1',
  nameKey: '目黒太郎',
  otherNameKeys: [],
  bornOn: born,
  addressKey: '目黒区上目黒2-19-15',
  formerAddressKeys: [],
  ...change,
});

test('AC-01 個人番号・氏名・生年月日がすべて一致すれば同一人とする（住所は転居で変わり得る）', () => {
  assert.deepEqual(
    matchPerson(document, [
      person('a', { addressKey: 'elsewhere' }),
      person('b', { numberDigest: 'd2', nameKey: '別人' }),
    ]),
    {
      outcome: 'certain',
      personId: 'a',
    },
  );
});

for (const [what, change, difference] of [
  ['氏名', { nameKey: '目黒次郎' }, 'name'],
  ['生年月日', { bornOn: Temporal.PlainDate.from('1980-04-02') }, 'birth-date'],
  ['個人番号', { numberDigest: 'd2' }, 'number'],
  ['個人番号の登録', { numberDigest: null }, 'number-missing'],
  ['旧氏', { nameKey: '品川太郎', otherNameKeys: ['目黒太郎'] }, undefined],
] as const) {
  test(`AC-03 一部一致（${what}が相違）では紐付けず候補とする`, () => {
    const match = matchPerson(document, [person('a', change)]);
    assert.equal(match.outcome, 'candidates');
    if (match.outcome === 'candidates' && difference !== undefined)
      assert.deepEqual(match.candidates[0]?.differs, [difference]);
  });
}

test('INC-43 氏名と生年月日だけが同じ人は、住所が一致しなければ理由付きの候補にとどまる', () => {
  const match = matchPerson({ ...document, numberDigest: null }, [
    person('a', { addressKey: '別の住所' }),
    person('b', { addressKey: '他', formerAddressKeys: ['目黒区上目黒2-19-15'] }),
  ]);
  assert.deepEqual(match, {
    outcome: 'candidates',
    candidates: [
      { personId: 'b', agrees: ['name', 'birth-date', 'former-address'], differs: ['number-missing'] },
      { personId: 'a', agrees: ['name', 'birth-date'], differs: ['number-missing', 'address'] },
    ],
  });
});

test('INC-50 家族の個人番号が書かれていても紐付けず、番号の主を候補に示す', () => {
  const match = matchPerson(document, [
    person('child', { nameKey: '目黒花子', bornOn: Temporal.PlainDate.from('2015-05-05') }),
    person('parent', { numberDigest: 'd9' }),
  ]);
  assert.equal(match.outcome, 'candidates');
  if (match.outcome === 'candidates')
    assert.deepEqual(
      match.candidates.map((c) => c.personId),
      ['child', 'parent'],
    );
});

test('INC-54 一つの個人番号が二人にあるときは誰にも紐付けない', () => {
  assert.equal(matchPerson(document, [person('a'), person('b')]).outcome, 'candidates');
  assert.equal(matchPerson(document, [person('a'), person('b', { nameKey: '目黒太朗' })]).outcome, 'candidates');
});

test('AC-05 誰とも一致しなければ調査に回す', () => {
  assert.deepEqual(matchPerson(document, [person('a', { numberDigest: 'x', nameKey: '別人' })]), { outcome: 'none' });
});

test('賦課決定: 起案者は決裁できず、差戻しには理由が要る', () => {
  const input = anEarner();
  const drafted = draft({
    assessmentId: 'a1' as AssessmentId,
    input,
    result: assess(input, ratesForYear(2026), null),
    draftedBy: 's1' as StaffId,
  });
  const waiting = submit(drafted);
  const on = Temporal.PlainDate.from('2026-05-10');
  assert.deepEqual(decide(waiting, 's1' as StaffId, on), { ok: false, error: 'approver-is-drafter' });
  const decided = decide(waiting, 's2' as StaffId, on);
  assert.equal(decided.ok && decided.value.state, 'decided');
  assert.deepEqual(sendBack(waiting, ' '), { ok: false, error: 'no-reason' });
  const back = sendBack(waiting, '扶養の確認');
  assert.equal(back.ok && back.value.returnedBecause, '扶養の確認');
});
