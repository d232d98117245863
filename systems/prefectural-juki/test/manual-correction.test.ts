import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { clerk, startChain } from '@musubi/national-juki/test/chain-world.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import type { Deps } from '../deps.ts';
import {
  approveCorrection,
  type CorrectingDeps,
  correctRecord,
  proposeCorrection,
  readCorrections,
  reviewCorrection,
} from '../service/correct-record.ts';

const chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const meguro = chain.member('meguro/resident-register');
const tokyo = chain.member('tokyo/prefectural-juki');
const jlis = chain.member('jlis/national-juki');
const deps: CorrectingDeps = { ...(tokyo.deps as Deps), sealed: tokyo.host.sealed };
const keeper = clerk('tokyo', 'K-1');
const manager = clerk('tokyo', 'M-1');

const common = { procedureNo: '補正-1', reason: '区の障害により通知できないため', document: '起案8-12' };
async function aResident(): Promise<{ personId: string; code: string }> {
  const person = {
    individualNumber: makeIndividualNumber(systemRandom).digits(),
    residentRecordCode: makeResidentRecordCode(systemRandom),
    name: '見本　太郎',
    nameKana: 'ミホン　タロウ',
    birthDate: '1980-04-02',
    sex: 'male' as const,
    address: '東京都目黒区上目黒二丁目1番1号',
    postalCode: null,
    household: makeResidentRecordCode(systemRandom),
    relationship: '世帯主',
    becameResidentOn: '2015-04-01',
  };
  const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
  unwrap(await loadTown(meguro.deps, conductor, { loadId: meguro.newId(), chunk: 0, persons: [person] }));
  await chain.pump();
  return { personId: (await recordOf(person.residentRecordCode))!.person_id, code: person.residentRecordCode };
}
const recordOf = async (code: string) =>
  (
    await tokyo.t.owner<{ person_id: string; address: string; status: string; change_reason: string }>(
      'select person_id, address, status, change_reason from prefectural_juki.identification where resident_record_code = $1',
      [code],
    )
  )[0];

test('003-III.2-R3-A07 U17 手作業の訂正: 手順番号、理由、前後の値、別の職員の承認を経て記録が変わり、全国サーバに届き、確認の一覧に残る', async () => {
  const { personId, code } = await aResident();
  const set = { address: '東京都目黒区駒場一丁目1番1号' };
  const propose = (more: object) =>
    proposeCorrection(deps, keeper, { kind: 'correct', personId, ...common, set, ...more });
  assert.deepEqual(await propose({ procedureNo: '補正-9' }), err('procedure-unknown'));
  assert.deepEqual(await propose({ procedureNo: '補正-2', kind: 'remove' }), err('procedure-unknown'));
  assert.deepEqual(await propose({ document: ' ' }), err('reason-missing'));
  assert.deepEqual(await propose({ set: { address: '東京都目黒区上目黒二丁目1番1号' } }), err('nothing-changes'));
  assert.deepEqual(await propose({ set: { sex: '男' } }), err('wrong-value'));
  const { correctionId } = unwrap(await propose({}));
  assert.deepEqual(await correctRecord(deps, keeper, { correctionId }), err('not-approved'));
  assert.deepEqual(
    await approveCorrection(deps, keeper, { correctionId, decision: 'approved' }),
    err('approver-is-requester'),
  );
  unwrap(await approveCorrection(deps, manager, { correctionId, decision: 'approved' }));
  unwrap(await correctRecord(deps, keeper, { correctionId }));
  assert.deepEqual(await correctRecord(deps, keeper, { correctionId }), err('already-used'));
  await chain.pump();
  assert.equal((await recordOf(code))!.address, set.address);
  const [national] = await jlis.t.owner<{ address: string; change_reason: string }>(
    'select address, change_reason from national_juki.record where resident_record_code = $1',
    [code],
  );
  assert.deepEqual({ ...national }, { address: set.address, change_reason: 'corrected-ex-officio' });

  const review = unwrap(await readCorrections(deps, manager, { which: 'review', offset: 0, limit: 10 }));
  const line = review.rows.find((r) => r.correctionId === correctionId)!;
  assert.deepEqual(
    [line.before, line.after, line.procedureNo, line.proposedBy, line.decidedBy],
    [{ address: '東京都目黒区上目黒二丁目1番1号' }, set, '補正-1', 'K-1', 'M-1'],
  );
  const sign = (by: ReturnType<typeof clerk>) =>
    reviewCorrection(deps, by, { correctionId, byProcedure: true, note: '' });
  assert.deepEqual(await sign(keeper), err('own-work'));
  unwrap(await sign(manager));
  assert.deepEqual(await sign(manager), err('already-reviewed'));
  assert.deepEqual(chain.errors, []);
});

test('JPS-X11 削除と入力: 削除は消除として残り、入力は番号を封じて承認を待ち', async () => {
  const { personId, code } = await aResident();
  const { correctionId } = unwrap(await proposeCorrection(deps, keeper, { kind: 'remove', personId, ...common }));
  unwrap(await approveCorrection(deps, manager, { correctionId, decision: 'approved' }));
  unwrap(await correctRecord(deps, keeper, { correctionId }));
  assert.equal((await recordOf(code))!.status, 'removed');
  assert.deepEqual(
    await proposeCorrection(deps, keeper, { kind: 'remove', personId, ...common }),
    err('already-removed'),
  );

  const entered = {
    residentRecordCode: makeResidentRecordCode(systemRandom),
    individualNumber: makeIndividualNumber(systemRandom).digits(),
    municipalityCode: '131105',
    becameResidentOn: '2026-05-01',
    name_kanji: '入力　花子',
    name_furigana: 'ニュウリョク　ハナコ',
    birth_date: '1990-01-01',
    sex: 'female' as const,
    address: '東京都目黒区八雲一丁目1番1号',
  };
  const enter = unwrap(await proposeCorrection(deps, keeper, { kind: 'enter', ...common, entered }));
  const kept = await tokyo.t.owner<{ all: string }>(
    'select to_jsonb(c)::text as all from prefectural_juki.manual_correction c',
  );
  assert.ok(
    kept.every(({ all }) => !all.includes(entered.individualNumber)),
    'the number stands in no table in clear',
  );
  unwrap(await approveCorrection(deps, manager, { correctionId: enter.correctionId, decision: 'approved' }));
  unwrap(await correctRecord(deps, keeper, { correctionId: enter.correctionId }));
  assert.equal((await recordOf(entered.residentRecordCode))!.change_reason, 'entered-ex-officio');
  const twice = await proposeCorrection(deps, keeper, { kind: 'enter', ...common, entered });
  assert.deepEqual(twice, err('already-present'));
});

test('a notice that comes between proposal and execution: the correction fails, the notice stands', async () => {
  const { personId, code } = await aResident();
  const set = { address: '東京都目黒区駒場一丁目1番1号' };
  const one = unwrap(await proposeCorrection(deps, keeper, { kind: 'correct', personId, ...common, set }));
  const two = unwrap(
    await proposeCorrection(deps, keeper, {
      kind: 'correct',
      personId,
      ...common,
      set: { name_furigana: 'ミホン　ジロウ' },
    }),
  );
  for (const { correctionId } of [one, two])
    unwrap(await approveCorrection(deps, manager, { correctionId, decision: 'approved' }));
  const results = await Promise.all([one, two].map((c) => correctRecord(deps, keeper, c)));
  assert.deepEqual(results.map((r) => (r.ok ? 'done' : r.error)).sort(), ['changed-meanwhile', 'done']);
  assert.ok(await recordOf(code));
});

mechanismTest('juki.manual-correction', '003-III.2-R3-A07 承認のない手作業の訂正は行われない', async () => {
  const { personId, code } = await aResident();
  const set = { address: '東京都目黒区駒場一丁目1番1号' };
  const { correctionId } = unwrap(await proposeCorrection(deps, keeper, { kind: 'correct', personId, ...common, set }));
  assert.deepEqual(await correctRecord(deps, keeper, { correctionId }), err('not-approved'));
  assert.equal((await recordOf(code))!.address, '東京都目黒区上目黒二丁目1番1号');
});
