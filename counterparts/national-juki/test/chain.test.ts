import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { logSigner, rawPublicKey } from '@musubi/kernel/serve/audit-loops.ts';
import { obtainCodes } from '@musubi/resident-register/clients/code-assignment.ts';
import { doDueWork } from '@musubi/resident-register/jobs/loops.ts';
import { fileBirth, registerBirth } from '@musubi/resident-register/service/births.ts';
import {
  completeMovedOut,
  recordDeath,
  recordMovedOut,
  recordMovedWithin,
} from '@musubi/resident-register/service/change-resident.ts';
import { recordMovedIn } from '@musubi/resident-register/service/enter-resident.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { resolveReturned } from '@musubi/resident-register/service/returned.ts';
import { type Chain, clerk, startChain } from './chain-world.ts';

const chain: Chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const meguro = chain.member('meguro/resident-register');
const setagaya = chain.member('setagaya/resident-register');
const tokyo = chain.member('tokyo/prefectural-juki');
const jlis = chain.member('jlis/national-juki');
const random = seededRandom('juki-chain');
const day = (text: string) => Temporal.PlainDate.from(text);
const byMeguro = clerk('meguro');
const bySetagaya = clerk('setagaya');

const familyNames = ['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺'];
const aPerson = (i: number, more: Partial<LoadedPerson> = {}): LoadedPerson => ({
  individualNumber: makeIndividualNumber(random).digits(),
  residentRecordCode: makeResidentRecordCode(random),
  name: `${familyNames[i % familyNames.length]}　花子`,
  nameKana: 'サトウ　ハナコ',
  birthDate: `19${70 + (i % 20)}-04-0${1 + (i % 9)}`,
  sex: 'female',
  address: `東京都目黒区上目黒二丁目${i + 1}番1号`,
  postalCode: '1530051',
  household: `h${i}`,
  relationship: '世帯主',
  becameResidentOn: '2015-04-01',
  ...more,
});
const persons = Array.from({ length: 12 }, (_, i) => aPerson(i));
const loadId = meguro.newId();
const loaded = unwrap(
  await loadTown(
    meguro.deps,
    { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' },
    { loadId, chunk: 0, persons },
  ),
);
await chain.pump();

const inRegister = async (m: typeof meguro, code: string) =>
  (
    await m.t.owner<{ person_id: string; sequence: number; status: string; address: string; change_id: string }>(
      'select person_id, sequence, status, address, change_id from resident_register.resident where resident_record_code = $1',
      [code],
    )
  )[0];
const inTokyo = async (code: string) =>
  (
    await tokyo.t.owner<{ status: string; municipality_code: string; address: string; change_reason: string }>(
      'select status, municipality_code, address, change_reason from prefectural_juki.identification where resident_record_code = $1',
      [code],
    )
  )[0];
const inCountry = async (code: string) =>
  (
    await jlis.t.owner<{ status: string; municipality_code: string; change_reason: string }>(
      'select status, municipality_code, change_reason from national_juki.record where resident_record_code = $1',
      [code],
    )
  )[0];
const workList = (m: typeof meguro) =>
  m.t.owner<{
    return_id: string;
    kind: string;
    rule: string | null;
    present_at: string | null;
    other_municipality: string | null;
    items: string[];
  }>(
    `select return_id, kind, rule, present_at, other_municipality, items from resident_register.returned_notice n
      where not exists (select 1 from resident_register.returned_resolution r where r.return_id = n.return_id) order by returned_at`,
  );
const movedInOf = (person: LoadedPerson, more: object = {}) => ({
  changedOn: day('2026-05-28'),
  filedOn: day('2026-06-01'),
  residentRecordCode: person.residentRecordCode,
  individualNumber: person.individualNumber,
  name: person.name,
  nameKana: person.nameKana,
  birthDate: day(person.birthDate),
  sex: person.sex,
  address: '東京都世田谷区世田谷四丁目21番27号',
  postalCode: '1540017',
  relationship: '世帯主',
  ...more,
});

test('003 1.2 初期移行: 全員が区・都・全国に届き、受付＋拒否＝人数', async () => {
  assert.deepEqual(loaded, { accepted: 12, rejected: [], repeated: false });
  const [there] = await tokyo.t.owner<{ n: number }>('select count(*)::int as n from prefectural_juki.identification');
  const [national] = await jlis.t.owner<{ n: number }>('select count(*)::int as n from national_juki.record');
  assert.deepEqual([there!.n, national!.n], [12, 12]);
  const actor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
  const again = unwrap(await loadTown(meguro.deps, actor, { loadId, chunk: 0, persons }));
  assert.deepEqual(again, { ...loaded, repeated: true });
  const bad = { ...aPerson(90), individualNumber: '123456789017' };
  const second = { loadId, chunk: 1, persons: [bad, persons[0]!, aPerson(91)] };
  const rejects = unwrap(await loadTown(meguro.deps, actor, second));
  assert.deepEqual(rejects, {
    accepted: 1,
    rejected: [
      { row: 0, code: 'wrong-number' },
      { row: 1, code: 'held-by-another' },
    ],
    repeated: false,
  });
  await chain.pump();
  assert.deepEqual(chain.errors, []);
});

test('003 シナリオ1 出生: 全国サーバが付番し、区・都・全国に記録され、全国への通知は8項目だけ', async () => {
  const parent = (await inRegister(meguro, persons[0]!.residentRecordCode))!;
  const filed = unwrap(
    await fileBirth(meguro.deps, byMeguro, {
      name: '佐藤　あおい',
      nameKana: 'サトウ　アオイ',
      birthDate: day('2026-05-20'),
      sex: 'female',
      householdOf: parent.person_id,
      relationship: '子',
      filedOn: day('2026-06-01'),
    }),
  );
  const obtain = (requestId: string) =>
    obtainCodes(meguro.host, 'meguro/municipal-juki', { requestId, municipalityCode: '131105', ground: 'birth' });
  // 付番の後、登録の前に止まったとしても、同じ要求には同じ番号が返る。
  const first = unwrap(await obtain(filed.filingId));
  const second = unwrap(await obtain(filed.filingId));
  assert.equal(second.residentRecordCode, first.residentRecordCode);
  assert.ok(second.individualNumber.equals(first.individualNumber));
  assert.equal(await doDueWork(meguro.deps, obtain), 1);
  assert.equal(await doDueWork(meguro.deps, obtain), 0);
  const late = await registerBirth(meguro.deps, byMeguro, { filingId: filed.filingId, ...first });
  assert.deepEqual(late, { ok: false, error: 'already-registered' });
  await chain.pump();
  assert.equal((await inRegister(meguro, first.residentRecordCode))?.status, 'resident');
  assert.deepEqual(await inTokyo(first.residentRecordCode), {
    status: 'resident',
    municipality_code: '131105',
    address: persons[0]!.address,
    change_reason: 'birth',
  });
  assert.equal((await inCountry(first.residentRecordCode))?.change_reason, 'birth');
  const [provision] = await tokyo.t.owner<{ items: string[] }>(
    'select p.items from prefectural_juki.provision_record p join prefectural_juki.identification i using (person_id) where i.resident_record_code = $1',
    [first.residentRecordCode],
  );
  assert.equal(provision!.items.length, 8);
  assert.deepEqual(chain.errors, []);
});

test('003 シナリオ2 INC-54 現存する方の転入は都で拒まれ、区の返戻一覧に現存地とともに載り、現存地の区にも知らせる。取り下げると消除される', async () => {
  const person = persons[1]!;
  const entered = unwrap(await recordMovedIn(setagaya.deps, bySetagaya, movedInOf(person)));
  await chain.pump();
  assert.deepEqual(await inTokyo(person.residentRecordCode), {
    status: 'resident',
    municipality_code: '131105',
    address: person.address,
    change_reason: 'initial-load',
  });
  assert.equal((await inCountry(person.residentRecordCode))?.municipality_code, '131105');
  const [refused] = await workList(setagaya);
  assert.deepEqual(
    [refused!.kind, refused!.rule, refused!.present_at, refused!.items],
    ['refused', 'L-01', '131105', ['residentRecordCode']],
  );
  const [told] = await workList(meguro);
  assert.deepEqual([told!.kind, told!.other_municipality], ['claimed-elsewhere', '131121']);
  // 都の記録: 拒否も1行。区の送信一覧にも拒否が残る。
  const [journal] = await tokyo.t.owner<{ rule: string; result: string }>(
    'select rule, result from notice_journal.entry where change_id = $1',
    [entered.changeId],
  );
  assert.deepEqual(journal, { rule: 'L-01', result: 'refused' });
  assert.deepEqual(chain.alarms.splice(0), [{ id: 'setagaya/municipal-juki', code: 'stream-message-refused' }]);
  const command = { returnId: refused!.return_id, resolution: 'withdrawn', note: '本人確認の誤り' } as const;
  unwrap(await resolveReturned(setagaya.deps, bySetagaya, command));
  assert.deepEqual(await resolveReturned(setagaya.deps, bySetagaya, command), { ok: false, error: 'already-resolved' });
  assert.equal((await inRegister(setagaya, person.residentRecordCode))?.status, 'removed');
  assert.deepEqual(await workList(setagaya), []);
  assert.deepEqual(chain.errors, []);
});

test('住基法22条・24条 転出予定の方が転入すると、都・全国は転入先で現存し、転入通知で転出元が消除される', async () => {
  const person = persons[2]!;
  const before = (await inRegister(meguro, person.residentRecordCode))!;
  unwrap(
    await recordMovedOut(meguro.deps, byMeguro, {
      personId: before.person_id,
      version: before.sequence,
      changedOn: day('2026-06-05'),
      filedOn: day('2026-06-01'),
      movedTo: '東京都世田谷区',
    }),
  );
  await chain.pump();
  assert.equal((await inTokyo(person.residentRecordCode))?.status, 'moving-out');
  assert.equal((await inCountry(person.residentRecordCode))?.status, 'moving-out');
  chain.civilClock.set('2026-06-06');
  const moved = { changedOn: day('2026-06-05'), filedOn: day('2026-06-06') };
  unwrap(await recordMovedIn(setagaya.deps, bySetagaya, movedInOf(person, moved)));
  await chain.pump();
  const arrived = await inTokyo(person.residentRecordCode);
  assert.deepEqual([arrived?.status, arrived?.municipality_code], ['resident', '131121']);
  assert.equal((await inCountry(person.residentRecordCode))?.municipality_code, '131121');
  assert.equal((await inRegister(meguro, person.residentRecordCode))?.status, 'removed');
  assert.equal((await inRegister(setagaya, person.residentRecordCode))?.status, 'resident');
  assert.deepEqual(chain.errors, []);
});

test('住基法24条 転入通知が来ないまま転出予定日になれば、日次の処理で転出が確定する。転入と行き違っても記録は壊れない', async () => {
  const [stays, crosses] = [persons[3]!, persons[4]!];
  for (const person of [stays, crosses]) {
    const row = (await inRegister(meguro, person.residentRecordCode))!;
    const filing = { changedOn: day('2026-06-08'), filedOn: day('2026-06-06'), movedTo: '東京都世田谷区' };
    unwrap(await recordMovedOut(meguro.deps, byMeguro, { personId: row.person_id, version: row.sequence, ...filing }));
  }
  await chain.pump();
  chain.civilClock.set('2026-06-08');
  unwrap(
    await recordMovedIn(
      setagaya.deps,
      bySetagaya,
      movedInOf(crosses, { changedOn: day('2026-06-08'), filedOn: day('2026-06-08') }),
    ),
  );
  for (const family of ['juki.resident-change']) {
    await setagaya.relay('setagaya/municipal-juki', family);
    await chain.member('setagaya/municipal-juki').relay('tokyo/prefectural-juki', family);
  }
  // 転入通知はまだ戻っていない。区は予定日が来たので確定する。
  const row = (await inRegister(meguro, crosses.residentRecordCode))!;
  unwrap(await completeMovedOut(meguro.deps, byMeguro, { personId: row.person_id }));
  assert.equal(await doDueWork(meguro.deps, async () => ({ ok: false, error: 'unavailable' })), 1);
  await chain.pump();
  assert.deepEqual(
    [(await inTokyo(stays.residentRecordCode))?.status, (await inCountry(stays.residentRecordCode))?.status],
    ['removed', 'removed'],
  );
  const there = await inTokyo(crosses.residentRecordCode);
  assert.deepEqual([there?.status, there?.municipality_code], ['resident', '131121']);
  assert.deepEqual(chain.errors, []);
});

test('003 シナリオ3・9 転居と死亡が届き、前の記録は履歴に残り、消除者も残る', async () => {
  const person = persons[5]!;
  const row = (await inRegister(meguro, person.residentRecordCode))!;
  const filing = { personId: row.person_id, filedOn: day('2026-06-08') };
  unwrap(
    await recordMovedWithin(meguro.deps, byMeguro, {
      ...filing,
      version: 1,
      changedOn: day('2026-06-01'),
      address: '東京都目黒区目黒本町三丁目1番1号',
      postalCode: '1520002',
    }),
  );
  unwrap(await recordDeath(meguro.deps, byMeguro, { ...filing, version: 2, changedOn: day('2026-06-07') }));
  await chain.pump();
  const [history] = await tokyo.t.owner<{ reasons: string[] }>(
    `select array_agg(change_reason::text order by update_sequence_no) as reasons from prefectural_juki.identification_history where resident_record_code = $1`,
    [person.residentRecordCode],
  );
  assert.deepEqual(history!.reasons, ['initial-load', 'moved-within']);
  const now = await inTokyo(person.residentRecordCode);
  assert.deepEqual([now?.status, now?.change_reason], ['removed', 'death']);
  const again = await recordDeath(meguro.deps, byMeguro, { ...filing, version: 3, changedOn: day('2026-06-07') });
  assert.deepEqual(again, { ok: false, error: 'not-allowed-in-state' });
  assert.deepEqual(chain.errors, []);
});

test('規約6.11 二人の職員が同じ人を同時に変えると、一人だけが通り、もう一人は「変更された」と知らされる', async () => {
  for (let version = 1; version <= 5; version++) await twoAtOnce(version);
});

async function twoAtOnce(version: number): Promise<void> {
  const row = (await inRegister(meguro, persons[6]!.residentRecordCode))!;
  const filing = { personId: row.person_id, version, changedOn: day('2026-06-01'), filedOn: day('2026-06-08') };
  const results = await Promise.all([
    recordMovedWithin(meguro.deps, clerk('meguro', 'S-1'), {
      ...filing,
      address: '東京都目黒区碑文谷一丁目1番',
      postalCode: null,
    }),
    recordMovedWithin(meguro.deps, clerk('meguro', 'S-2'), {
      ...filing,
      address: '東京都目黒区八雲一丁目1番',
      postalCode: null,
    }),
  ]);
  assert.deepEqual(results.map((r) => (r.ok ? 'ok' : r.error)).sort(), ['changed-meanwhile', 'ok']);
  await chain.pump();
  assert.equal((await inTokyo(persons[6]!.residentRecordCode))?.change_reason, 'moved-within');
}

test('003 シナリオ6・8 同じ封書が二度届いても、返事が失われても、通知は一度だけ順に適用される', async () => {
  const row = (await inRegister(meguro, persons[7]!.residentRecordCode))!;
  const steps = ['一丁目', '二丁目', '三丁目'];
  for (const [i, step] of steps.entries()) {
    const filing = {
      personId: row.person_id,
      version: i + 1,
      changedOn: day('2026-06-02'),
      filedOn: day('2026-06-08'),
    };
    unwrap(
      await recordMovedWithin(meguro.deps, byMeguro, {
        ...filing,
        address: `東京都目黒区駒場${step}`,
        postalCode: null,
      }),
    );
  }
  const mcs = chain.member('meguro/municipal-juki');
  await meguro.relay(mcs.id, 'juki.resident-change');
  const real = mcs.wire;
  let sent = 0;
  mcs.wire = {
    async send(to, envelope, signal) {
      sent += 1;
      // 二度届けた上で、返事を失う。
      await real.send(to, envelope, signal);
      await real.send(to, envelope, signal);
      throw new Error('the answer was lost');
    },
  };
  const outcome = await mcs.relay(tokyo.id, 'juki.resident-change');
  assert.equal(outcome.kind, 'held');
  mcs.wire = real;
  await mcs.t.owner('update streams.outbound set not_before = null');
  await chain.pump();
  assert.equal(sent, 1);
  const [history] = await tokyo.t.owner<{ addresses: string[] }>(
    'select array_agg(address order by update_sequence_no) as addresses from prefectural_juki.identification_history where person_id = (select person_id from prefectural_juki.identification where resident_record_code = $1)',
    [persons[7]!.residentRecordCode],
  );
  assert.deepEqual(history!.addresses, [persons[7]!.address, '東京都目黒区駒場一丁目', '東京都目黒区駒場二丁目']);
  assert.equal((await inTokyo(persons[7]!.residentRecordCode))?.address, '東京都目黒区駒場三丁目');
  assert.deepEqual(chain.errors, []);
});

test('設計3 個人番号は、保管庫と封緘物のほかのどの表にも現れない', async () => {
  const numbers = persons.map((p) => p.individualNumber);
  for (const m of chain.members.values()) {
    const tables = await m.t.owner<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    for (const { name } of tables) {
      const [found] = await m.t.owner<{ n: number }>(
        `select count(*)::int as n from ${name} as t where to_jsonb(t)::text ~ $1`,
        [numbers.join('|')],
      );
      assert.equal(found!.n, 0, `${m.id} ${name}`);
    }
  }
});

test('設計4.7 すべての区・都・全国の記録は、監査ログの約束と一致する。後から一行を変えれば名指しされる', async () => {
  for (const m of chain.members.values()) {
    const signer = logSigner(m.host.identity);
    const sequencer = new Sequencer({ db: m.t.db, machineClock: systemMachineClock, signer });
    await sequencer.drain();
    await sequencer.checkpoint();
    const logKey = { name: signer.name, publicKey: rawPublicKey(m.host.identity.log.key) };
    const verify = () => verifyInstance(m.t.db, { instance: m.id, logKey });
    assert.deepEqual((await verify()).defects, [], m.id);
    if (m !== tokyo) continue;
    await m.t.owner(`update prefectural_juki.identification set address = '改ざん' where resident_record_code = $1`, [
      persons[8]!.residentRecordCode,
    ]);
    assert.equal((await verify()).ok, false);
  }
});
