import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { type Result, unwrap } from '@musubi/kernel/result/result.ts';
import { compareAgain } from '../service/intake/compare-again.ts';
import { readReport, readWork } from '../service/intake/read-work.ts';
import { type Decision, decideLink, resolveReport } from '../service/intake/resolve-report.ts';
import {
  anIntake,
  arrive,
  changeOf,
  clerk,
  fileReports,
  type IntakeTest,
  job,
  people,
  register,
  type Someone,
  staff,
} from './an-intake.ts';

const chief = staff('chief-1');
const word = <V, E>(result: Result<V, E>): E | 'ok' => (result.ok ? 'ok' : result.error);
const [taro, other] = people(2, 'matching') as [Someone, Someone];

/** One report filed as `filed`, beside those registered; gives the report's id and the persons'. */
async function filedOne(i: IntakeTest, filed: Someone, registered: readonly Someone[], withNumber = true) {
  const ids = await register(i.deps, registered);
  await fileReports(i.deps, [filed, withNumber ? {} : { individualNumber: undefined }]);
  const [row] = await i.t.owner<{ id: string; state: string; step: number }>(
    'select report_id as id, state, last_step as step from resident_tax.report_state',
  );
  return { reportId: row!.id, state: row!.state, seenStep: row!.step, personId: ids.get(taro.no)! };
}
const stateOf = async (i: IntakeTest) =>
  (
    await i.t.owner<{ state: string; person: string | null }>(
      'select state, person_id as person from resident_tax.report_state',
    )
  )[0];
const link = (personId: string): Decision => ({ kind: 'link', personId, reason: 'document-checked' });

const partial = [
  ['個人番号と生年月日だけ一致', { ...taro, name: '別名　太郎' }, true],
  ['個人番号と氏名だけ一致', { ...taro, bornOn: '1999-09-09' }, true],
  ['氏名と生年月日だけ一致 (同姓同名・同一生年月日)', { ...taro, number: other.number }, true],
  ['氏名・生年月日・住所が一致、個人番号の記載なし', taro, false],
] as const;
for (const [title, filed, withNumber] of partial) {
  test(`INC-50 INC-53 一部の一致では結び付けない: ${title}`, async () => {
    await using i = await anIntake();
    const { state } = await filedOne(i, filed, [taro], withNumber);
    assert.equal(state, 'candidates');
    assert.equal((await stateOf(i))?.person, null);
  });
}

mechanismTest(
  'matching.no-partial-link',
  '個人番号・氏名・生年月日のすべてが一致しなければ自動では結び付かない',
  async () => {
    await using i = await anIntake();
    const { state } = await filedOne(i, { ...taro, name: '別名　太郎' }, [taro]);
    assert.equal(state, 'candidates');
  },
);

test('AC-03 番号は一致し氏名が違う: 確認の記録と二人目の確認があって初めて結び付く', async () => {
  await using i = await anIntake();
  const { reportId, seenStep, personId } = await filedOne(i, { ...taro, name: '目黒　次郎' }, [taro]);
  const command = { reportId, seenStep, decision: link(personId) };
  assert.equal(word(await resolveReport(i.deps, clerk, command)), 'note-missing');
  const proposed = unwrap(await resolveReport(i.deps, clerk, { ...command, note: '戸籍の写しで改氏を確認' }));
  assert.equal(proposed.state, 'awaiting-second');
  assert.equal(word(await decideLink(i.deps, clerk, { reportId, decision: 'approved' })), 'approver-is-requester');
  assert.equal(word(await decideLink(i.deps, chief, { reportId, decision: 'rejected' })), 'note-missing');
  assert.equal(unwrap(await decideLink(i.deps, chief, { reportId, decision: 'approved' })).state, 'linked');
  assert.deepEqual(await stateOf(i), { state: 'linked', person: personId });
  assert.equal(
    word(await decideLink(i.deps, staff('chief-2'), { reportId, decision: 'approved' })),
    'nothing-proposed',
  );
  const steps = await i.t.owner<{ step: string; by: string }>(
    'select step, decided_by as by from resident_tax.match_step order by step_no',
  );
  assert.deepEqual(
    steps.map((s) => [s.step, s.by]),
    [
      ['compared', 'rule'],
      ['link-proposed', 'clerk-1'],
      ['linked', 'chief-1'],
    ],
  );
});

test('突合 差し戻された提案は作業一覧に戻り、改めて決められる', async () => {
  await using i = await anIntake();
  const { reportId, seenStep, personId } = await filedOne(i, { ...taro, name: '目黒　次郎' }, [taro]);
  unwrap(await resolveReport(i.deps, clerk, { reportId, seenStep, decision: link(personId), note: '電話で確認' }));
  unwrap(await decideLink(i.deps, chief, { reportId, decision: 'rejected', note: '書類がない' }));
  assert.deepEqual(await stateOf(i), { state: 'candidates', person: null });
  const closed = await resolveReport(i.deps, clerk, {
    reportId,
    seenStep: seenStep + 2,
    decision: { kind: 'rejected', reason: 'payer-withdrew' },
    note: '提出元が誤りと回答',
  });
  assert.equal(unwrap(closed).state, 'rejected');
});

mechanismTest(
  'matching.no-partial-link',
  'INC-43 同姓同名・同一生年月日でも住所が履歴にもなければ、誰が求めても結び付けない',
  async () => {
    await using i = await anIntake();
    const stranger = { ...taro, number: other.number, address: '神奈川県横浜市中区日本大通１' };
    const { reportId, seenStep, personId } = await filedOne(i, stranger, [taro]);
    const given = await resolveReport(i.deps, clerk, {
      reportId,
      seenStep,
      decision: link(personId),
      note: '同じ人だと思う',
    });
    assert.equal(word(given), 'link-refused');
    const refusals = await i.t.owner(`select 1 from audit.intake_event where body like '%link-refused%'`);
    assert.equal(refusals.length, 1);
  },
);

mechanismTest('matching.clerk-resolves', '特定できない報告書は職員だけが決める', async () => {
  await using i = await anIntake();
  const { reportId, seenStep } = await filedOne(i, taro, [other]);
  const decision = { kind: 'not-resident', reason: 'lived-elsewhere' } as const;
  assert.equal(word(await resolveReport(i.deps, job, { reportId, seenStep, decision, note: 'なし' })), 'not-staff');
});

test('INC-43 転居した本人は住所の履歴で見つかり、二人目の確認で結び付く', async () => {
  await using i = await anIntake();
  const { reportId, personId } = await filedOne(i, taro, [taro], false);
  unwrap(await arrive(i.deps, changeOf(i.deps, taro, { address: '東京都目黒区八雲1-1-1' }, '2025-06-01')));
  unwrap(await compareAgain(i.deps, clerk, { reportId, seenStep: 1 }));
  const { candidates, state } = unwrap(await readReport(i.deps, clerk, { reportId }));
  assert.deepEqual(candidates[0]?.agrees, ['name', 'birth-date', 'former-address']);
  assert.equal(candidates[0]?.demand, 'second-person');
  const decision = link(personId);
  unwrap(
    await resolveReport(i.deps, clerk, { reportId, seenStep: state.lastStep, decision, note: '住民票の履歴を確認' }),
  );
  unwrap(await decideLink(i.deps, chief, { reportId, decision: 'approved' }));
  assert.deepEqual(await stateOf(i), { state: 'linked', person: personId });
});

test('氏名を改めた人は以前の氏名で見つかり、番号と生年月日が一致すれば担当者一人で結び付く', async () => {
  await using i = await anIntake();
  await register(i.deps, [taro]);
  unwrap(await arrive(i.deps, changeOf(i.deps, taro, { name: '新姓　一郎' }, '2025-06-01')));
  const { reportId, seenStep, state } = await filedOne(i, taro, []);
  assert.equal(state, 'candidates');
  const [person] = await i.t.owner<{ id: string }>('select person_id as id from resident_tax.person');
  const decision: Decision = { kind: 'link', personId: person!.id, reason: 'name-changed' };
  assert.equal(unwrap(await resolveReport(i.deps, clerk, { reportId, seenStep, decision })).state, 'linked');
});

test('INC-54 一つの番号を二人が持つとき、その番号ではどちらにも結び付かない', async () => {
  await using i = await anIntake();
  const twin = { ...other, number: taro.number };
  const { state } = await filedOne(i, taro, [taro, twin]);
  assert.equal(state, 'candidates');
});

test('二人の職員が同時に決めても一人だけが決め、もう一人は知らされる', async () => {
  await using i = await anIntake();
  const { reportId, seenStep } = await filedOne(i, taro, [other]);
  const decide = (who: string) =>
    resolveReport(i.deps, staff(who), {
      reportId,
      seenStep,
      decision: { kind: 'not-resident', reason: 'lived-elsewhere' },
      note: '転入前の住所地を確認',
    });
  const words = (await Promise.all([decide('clerk-1'), decide('clerk-2')])).map(word).sort();
  assert.deepEqual(words, ['already-resolved', 'ok']);
  assert.equal((await i.t.owner(`select 1 from resident_tax.match_step where step = 'not-resident'`)).length, 1);
});

test('見ていた内容が変わっていれば決定は通らない、候補にない人には結び付かない', async () => {
  await using i = await anIntake();
  const { reportId, seenStep, personId } = await filedOne(i, { ...taro, name: '目黒　次郎' }, [taro, other]);
  unwrap(await compareAgain(i.deps, clerk, { reportId, seenStep }));
  const command = { reportId, decision: link(personId), note: '確認した' };
  assert.equal(word(await resolveReport(i.deps, clerk, { ...command, seenStep })), 'changed-meanwhile');
  const [stranger] = await i.t.owner<{ id: string }>(
    `select person_id as id from resident_tax.person where person_id <> '${personId}'`,
  );
  const toStranger = { ...command, seenStep: seenStep + 1, decision: link(stranger!.id) };
  assert.equal(word(await resolveReport(i.deps, clerk, toStranger)), 'not-a-candidate');
});

test('RTX-F2.3 後から登録された人は再突合で3項目一致により結び付く', async () => {
  await using i = await anIntake();
  const { reportId, seenStep, state } = await filedOne(i, taro, [other]);
  assert.equal(state, 'none');
  assert.equal(
    unwrap(
      await readWork(i.deps, clerk, {
        state: null,
        reasonCode: null,
        kana: null,
        payer: null,
        sort: 'kana',
        descending: false,
        limit: 10,
        offset: 0,
      }),
    ).total,
    1,
  );
  const ids = await register(i.deps, [taro]);
  assert.equal(unwrap(await compareAgain(i.deps, clerk, { reportId, seenStep })).state, 'linked');
  assert.deepEqual(await stateOf(i), { state: 'linked', person: ids.get(taro.no) });
});
