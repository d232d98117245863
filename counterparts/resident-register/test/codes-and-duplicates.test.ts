import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { type TellRoot, tellSuccessions } from '@musubi/national-juki/service/successions.ts';
import { doDueWork } from '../jobs/loops.ts';
import { loadTown } from '../service/load-town.ts';
import { decidePending } from '../service/pending-changes.ts';
import { startWard, stepsOf, supervisor, tanaka } from './ward-world.ts';

/* Codes and numbers that are changed, and two records of one person. */

const ward = await startWard();
after(() => ward[Symbol.asyncDispose]());
const { deps, chain } = ward;
const { obtain, pendingOf, approve, quiet } = stepsOf(ward);

test('住基法30条の4・番号法7条2項 コードと番号の変更は、承認と全国サーバの付番を経て三つの台帳で同時に替わり、前のものは履歴に残る', async () => {
  const [p] = await ward.load({});
  const first = p!.residentRecordCode;
  const more = { changedOn: '2026-06-01', filedOn: '2026-06-01' };
  const filed = pendingOf(await ward.file(first, 'code-change', {}, more));
  assert.equal(await doDueWork(deps, obtain), 0);
  unwrap(await approve(filed));
  assert.equal(await doDueWork(deps, obtain), 1);
  assert.equal(await doDueWork(deps, obtain), 0);
  await chain.pump();
  const [row] = await ward.meguro.t.owner<{ code: string; number_ref: string; sequence: number }>(
    `select resident_record_code as code, number_ref, sequence from resident_register.resident where person_id =
       (select person_id from resident_register.resident_history where resident_record_code = $1)`,
    [first],
  );
  assert.notEqual(row!.code, first);
  assert.equal((await ward.atTokyo(row!.code))?.status, 'resident');
  assert.equal(await ward.atTokyo(first), undefined);
  assert.equal((await ward.inCountry(row!.code))?.status, 'resident');
  unwrap(await approve(pendingOf(await ward.file(row!.code, 'number-change', {}, more))));
  assert.equal(await doDueWork(deps, obtain), 1);
  await chain.pump();
  const now = await ward.now(row!.code);
  assert.notEqual(now.number_ref, row!.number_ref);
  assert.equal((await ward.inCountry(row!.code))?.change_reason, 'number-change');
  assert.equal((await ward.atTokyo(row!.code))?.change_reason, 'number-change');
  quiet();
});

/** The same person twice: another code and number, the name written with another character. */
async function registeredTwice(more: { readonly birthDate?: string } = {}) {
  const person = { birthDate: '1988-08-08', ...more };
  const [a] = await ward.load({ ...person, name: '渡辺　恵', nameKana: 'ワタナベ　メグミ' });
  const [b] = await ward.load({ ...person, name: '渡邉　恵', nameKana: 'ワタナベ　メグミ' });
  return [a!.residentRecordCode, b!.residentRecordCode] as const;
}
const random = seededRandom('duplicates');
const codesOfOwn = () => ({
  individualNumber: makeIndividualNumber(random).digits(),
  residentRecordCode: makeResidentRecordCode(random),
});
const jlis = chain.member('jlis/national-juki');
const successions = async (tell: TellRoot) =>
  unwrap(await tellSuccessions(jlis.deps, { kind: 'job', name: 'successions' }, tell)).left;

/** What the prefecture keeps of two records of one person, and how their pages show it. */
async function linked(ended: string, kept: string) {
  const { tokyo } = ward;
  const rows = await tokyo.t.owner<{ kind: string; ended: string; kept: string; on: string }>(
    `select l.kind, lpad(e.resident_record_code::text, 11, '0') as ended, lpad(s.resident_record_code::text, 11, '0') as kept,
            l.changed_on::text as "on"
       from prefectural_juki.duplicate_link l join prefectural_juki.identification e on e.person_id = l.person_id
            join prefectural_juki.identification s on s.person_id = l.survivor_person_id and l.survivor_code = $1
      where e.resident_record_code = $2 order by l.noted_at`,
    [kept, ended],
  );
  const pageOf = async (code: string): Promise<string> => {
    const { person_id: id } = (await ward.atTokyo(code))!;
    const path = `/removed/persons/${id}?task=notice-check&document=1`;
    return (await tokyo.instance.pages!.fetch(new Request(`http://tokyo.localhost${path}`))).text();
  };
  const [endedPage, keptPage] = [await pageOf(ended), await pageOf(kept)];
  return { rows: rows.map((r) => [r.kind, r.ended, r.kept, r.on]), endedPage, keptPage };
}

test('住基法8条・施行令12条 二重登録: 一方を職権消除し残す記録を示すと、都・全国・符号の根まで同じ結び付きが一度だけ届き、両方の履歴が残る', async () => {
  await successions(async () => ok({ bodies: 0 }));
  const [kept, ended] = await registeredTwice();
  const survivor = await ward.now(kept);
  const filed = await ward.file(ended, 'removed-ex-officio', {}, { duplicateOf: kept });
  assert.equal((await ward.now(ended)).status, 'resident', 'nothing before the second person');
  const pendingId = pendingOf(filed);
  assert.deepEqual(await approve(pendingId, tanaka), err('approver-is-requester'));
  unwrap(await approve(pendingId));
  assert.deepEqual(await approve(pendingId), err('already-decided'));
  // The national server dies after its commit: the notice comes again and is applied once.
  const { wire } = ward.tokyo;
  let cut = 0;
  ward.tokyo.wire = {
    async send(to, envelope, signal) {
      const answer = await wire.send(to, envelope, signal);
      if (to === jlis.id && cut++ === 0) throw new Error('the answer was lost');
      return answer;
    },
  };
  const rests = () =>
    chain.pump().then(
      () => true,
      () => false,
    );
  assert.equal(await rests(), false, 'the answer is lost, the notice waits to be sent again');
  ward.tokyo.wire = wire;
  for (let tries = 0; !(await rests()); tries++) {
    assert.ok(tries < 100, 'the notice does not arrive');
    await delay(100);
  }
  assert.deepEqual(
    [await ward.now(ended), await ward.atTokyo(ended), await ward.inCountry(ended)].map((r) => r?.status),
    ['removed', 'removed', 'removed'],
  );
  assert.equal((await ward.atTokyo(kept))?.change_id, survivor.change_id);
  assert.deepEqual(await ward.now(kept), survivor);
  const kept2 = await ward.inCountry(kept);
  assert.deepEqual([kept2?.status, kept2?.change_id], ['resident', survivor.change_id]);
  const links = await ward.meguro.t.owner(
    'select survivor_code from resident_register.duplicate where person_id = $1',
    [(await ward.now(ended)).person_id],
  );
  assert.deepEqual(links, [{ survivor_code: kept }]);
  const here = await linked(ended, kept);
  assert.deepEqual(here.rows, [['merged', ended, kept, '2026-05-20']]);
  assert.match(here.endedPage, new RegExp(`この記録を消除しました。残した記録: <a [^>]+>住民票コード ${kept}`));
  assert.match(here.keptPage, new RegExp(`この記録を残しました。消除した記録: <a [^>]+>住民票コード ${ended}`));
  const [history] = await ward.tokyo.t.owner<{ n: number }>(
    'select count(*)::int as n from prefectural_juki.identification_history where resident_record_code = $1',
    [ended],
  );
  assert.equal(history!.n, 1);

  const told: object[] = [];
  assert.equal(await successions(async () => err('later')), 1, 'the root is out of reach: it waits');
  const telling: TellRoot = async ({ successionId: _, ...change }) => {
    told.push(change);
    return ok({ bodies: 1 });
  };
  assert.deepEqual([await successions(telling), await successions(telling)], [0, 0]);
  assert.deepEqual(told, [{ kind: 'merged', endedCode: ended, survivorCode: kept, on: '2026-05-20' }]);

  // The ended code is of no use any more, and its end can be taken back where it was wrong.
  assert.equal((await ward.file(ended, 'moved-within', { address: '東京都目黒区八雲二丁目' })).ok, false);
  unwrap(await approve(pendingOf(await ward.file(ended, 'restored-ex-officio', {}, { changedOn: '2026-05-21' }))));
  await chain.pump();
  assert.equal((await ward.inCountry(ended))?.status, 'resident');
  await successions(telling);
  assert.deepEqual(told.slice(1), [{ kind: 'undone', endedCode: ended, survivorCode: kept, on: '2026-05-21' }]);
  const undone = await linked(ended, kept);
  assert.deepEqual(undone.rows, [...here.rows, ['undone', ended, kept, '2026-05-21']]);
  assert.match(undone.endedPage, /消除を取り消し、この記録を回復しました/);
  // Removed for another reason afterwards, it ends for nobody.
  unwrap(await approve(pendingOf(await ward.file(ended, 'removed-ex-officio', {}, { changedOn: '2026-05-22' }))));
  await chain.pump();
  await successions(telling);
  assert.equal(told.length, 2);
  quiet();
});

test('NCS-F4 JPS-X13 二重登録: 別人・自分自身・誤ったコード・消除済みの記録・どこにもない記録を残す記録にはできず、拒んだ理由が区に返る', async () => {
  const [kept, ended] = await registeredTwice();
  const [other] = await ward.load({ birthDate: '1988-08-09' });
  const to = (duplicateOf: string, reason: 'removed-ex-officio' | 'death' = 'removed-ex-officio') =>
    ward.file(ended, reason, {}, { duplicateOf });
  assert.deepEqual(await to(ended), err('survivor-is-the-same-record'));
  assert.deepEqual(await to(other!.residentRecordCode), err('survivor-differs'));
  assert.deepEqual(await to(`${kept.slice(0, 10)}${(Number(kept[10]) + 1) % 10}`), err('survivor-code-wrong'));
  assert.deepEqual(await to(kept, 'death'), err('survivor-code-wrong'));

  // Decided again when it is carried out: meanwhile the record that was to stay has gone.
  const waiting = pendingOf(await to(kept));
  unwrap(await ward.file(kept, 'death'));
  assert.deepEqual(await approve(waiting), err('survivor-differs'));
  unwrap(
    await decidePending(deps, supervisor, { pendingId: waiting, decision: 'return', reason: '残す記録が消除された' }),
  );

  // What this ward cannot know, the others do: a record of another ward with another birthday, and a code that nobody has.
  const setagaya = chain.member('setagaya/resident-register');
  const stranger = { ...other!, ...codesOfOwn(), birthDate: '1970-01-01' };
  const load = { loadId: setagaya.newId(), chunk: 0, persons: [stranger] };
  const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
  assert.equal(unwrap(await loadTown(setagaya.deps, conductor, load)).accepted, 1);
  await chain.pump();
  const returned = async (survivor: string) => {
    unwrap(await approve(pendingOf(await to(survivor))));
    await chain.pump();
    const { change_id } = await ward.now(ended);
    return ward.meguro.t.owner<{ rule: string }>(
      'select rule from resident_register.returned_notice where change_id = $1',
      [change_id],
    );
  };
  assert.deepEqual(await returned(stranger.residentRecordCode), [{ rule: 'L-19' }]);
  assert.equal((await ward.atTokyo(ended))?.status, 'resident');
  const [, second] = await registeredTwice({ birthDate: '1977-07-07' });
  const nobody = codesOfOwn().residentRecordCode;
  const unknown = await ward.file(second, 'removed-ex-officio', {}, { duplicateOf: nobody });
  unwrap(await approve(pendingOf(unknown)));
  await chain.pump();
  assert.equal((await ward.inCountry(second))?.status, 'resident');
  const rules = await ward.meguro.t.owner('select rule from resident_register.returned_notice where change_id = $1', [
    (await ward.now(second)).change_id,
  ]);
  assert.deepEqual(rules, [{ rule: 'N-06' }]);
  const noted = await ward.tokyo.t.owner(
    'select rule, municipality_code from prefectural_juki.national_refusal where change_id = $1',
    [(await ward.now(second)).change_id],
  );
  assert.deepEqual(noted, [{ rule: 'N-06', municipality_code: '131105' }]);
  assert.equal(await successions(async () => err('later')), 0, 'the root hears nothing of what was refused');
  assert.deepEqual(
    chain.alarms.splice(0).map(({ id, code }) => `${id} ${code}`),
    ['meguro/municipal-juki stream-message-refused', 'tokyo/prefectural-juki stream-message-refused'],
  );
  quiet();
});
