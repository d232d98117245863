import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { Interrupted, reconcile } from '@musubi/municipal-juki/service/reconcile.ts';
import {
  approveRepair,
  dueScope,
  readDifferences,
  readRuns,
  repairDue,
  requestRepair,
} from '@musubi/municipal-juki/service/reconciliation-repair.ts';
import { readRuns as readPrefecturalRuns } from '@musubi/prefectural-juki/service/reconciliation-list.ts';
import { type Chain, clerk, startChain } from './chain-world.ts';
import { aPerson, enqueueRaw, inCountry, inTokyo, loadPersons, noticeOf } from './notices-kit.ts';

const chain: Chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const register = chain.member('meguro/resident-register');
const mcs = chain.member('meguro/municipal-juki');
const tokyo = chain.member('tokyo/prefectural-juki');
const persons = Array.from({ length: 300 }, (_, i) =>
  aPerson({ name: `試験　${String.fromCodePoint(0x4e00 + i)}`, address: `東京都目黒区目黒一丁目${i + 1}番` }),
);
await loadPersons(chain, register, persons);
await loadPersons(chain, chain.member('setagaya/resident-register'), [aPerson(), aPerson()]);
const operator = clerk('meguro', 'S-1');
const supervisor = clerk('meguro', 'S-2');
const run = (scope: 'monthly' | 'full' = 'monthly') => reconcile(mcs.host.peers, mcs.deps, operator, scope);
const page = { offset: 0, limit: 50 };

/** One record missing in Tokyo, one surplus there, one that differs. */
async function plant([missing, surplus, differing]: readonly [number, number, number]): Promise<void> {
  const code = (i: number): string => persons[i]!.residentRecordCode;
  // 都では転出したことになっている。
  await tokyo.t.owner(
    `update prefectural_juki.identification set status = 'removed', deleted_flag = true, retention_flag = 'removed', change_reason = 'moved-out'
      where resident_record_code = $1`,
    [code(missing)],
  );
  await register.t.owner(
    `update resident_register.resident set status = 'removed', removed_on = '2026-05-01', reason = 'removed-ex-officio' where resident_record_code = $1`,
    [code(surplus)],
  );
  await tokyo.t.owner(
    `update prefectural_juki.identification set address = '古い住所', name_furigana = 'フルイ' where resident_record_code = $1`,
    [code(differing)],
  );
}

test('003 scenario 25 U7 JPS-F6 MCS-F3 欠落・余剰・相違が一件ずつ: その三件だけが種類ごとに報告され、双方に記録され、二人目の承認で訂正の通知が出て、次は一致する', async () => {
  assert.deepEqual((await run()).differences, []);
  await plant([1, 2, 3]);
  const found = await run();
  const shown = found.differences.map((d) => [d.kind, d.residentRecordCode, d.items]);
  assert.deepEqual(shown.toSorted(), [
    ['differing', persons[3]!.residentRecordCode, ['nameKana', 'address']],
    ['missing', persons[1]!.residentRecordCode, []],
    ['surplus', persons[2]!.residentRecordCode, []],
  ]);
  assert.deepEqual([found.records, found.compared], [299, 299]);
  // 双方の一覧に載る。
  const [here] = unwrap(await readRuns(mcs.deps, operator, page)).rows;
  assert.deepEqual([here!.runId, here!.differences], [found.runId, 3]);
  const [there] = unwrap(await readPrefecturalRuns(tokyo.deps, clerk('tokyo'), page)).rows;
  assert.deepEqual([there!.runId, there!.missing, there!.surplus, there!.differing], [found.runId, 1, 1, 1]);
  assert.equal(unwrap(await readDifferences(mcs.deps, operator, { runId: found.runId, ...page })).total, 3);
  // 求めた本人は承認できない。承認がなければ何も出ない。
  const about = { runId: found.runId };
  assert.deepEqual(await approveRepair(mcs.deps, supervisor, about), { ok: false, error: 'not-requested' });
  unwrap(await requestRepair(mcs.deps, operator, about));
  assert.deepEqual(await requestRepair(mcs.deps, operator, about), { ok: false, error: 'already-requested' });
  assert.equal(await repairDue(mcs.host.peers, mcs.deps, operator), 0);
  assert.deepEqual(await approveRepair(mcs.deps, operator, about), { ok: false, error: 'approver-is-requester' });
  unwrap(await approveRepair(mcs.deps, supervisor, about));
  assert.equal(await repairDue(mcs.host.peers, mcs.deps, operator), 3);
  assert.equal(await repairDue(mcs.host.peers, mcs.deps, operator), 0);
  await chain.pump();
  assert.deepEqual((await run()).differences, []);
  assert.equal((await inTokyo(chain, persons[1]!.residentRecordCode))?.change_reason, 'entered-ex-officio');
  assert.equal((await inTokyo(chain, persons[2]!.residentRecordCode))?.status, 'removed');
  assert.equal((await inTokyo(chain, persons[3]!.residentRecordCode))?.address, persons[3]!.address);
  assert.deepEqual(
    [
      (await inCountry(chain, persons[1]!.residentRecordCode))?.status,
      (await inCountry(chain, persons[2]!.residentRecordCode))?.status,
    ],
    ['resident', 'removed'],
  );
  assert.deepEqual(chain.errors, []);
});

test('003 scenario 25 途中で止まった整合性確認は、相違を一件も報告しない。やり直せば見つかる', async () => {
  await plant([11, 12, 13]);
  const all = mcs.host.peers;
  for (let steps = 1; steps <= 7; steps++) {
    let left = steps;
    const cut: Pick<typeof all, 'call'> = {
      call: (async (...args: Parameters<typeof all.call>) => {
        if (left-- === 0) return { ok: false, error: 'unavailable' };
        return all.call(...args);
      }) as typeof all.call,
    };
    await assert.rejects(reconcile(cut, mcs.deps, operator, 'monthly'), Interrupted);
    const [last] = unwrap(await readRuns(mcs.deps, operator, page)).rows;
    assert.deepEqual([last!.finishedAt, last!.differences], [null, 0], `${steps}`);
    if (steps === 7) continue;
    const [noted] = await tokyo.t.owner<{ n: number }>(
      `select count(*)::int as n from prefectural_juki.reconciliation_difference where run_id = $1`,
      [last!.runId],
    );
    assert.equal(noted!.n, 0);
  }
  const left = await tokyo.t.owner('select 1 from prefectural_juki.reconciliation_open');
  assert.ok(left.length <= 1);
  const again = await run();
  assert.deepEqual(again.differences.map((d) => d.kind).toSorted(), ['differing', 'missing', 'surplus']);
  assert.deepEqual(await tokyo.t.owner('select 1 from prefectural_juki.reconciliation_work'), []);
});

test('003 scenario 25 届く途中の通知は相違と数えない。届けば一致する', async () => {
  const person = persons[21]!;
  await register.t.owner(
    `update resident_register.resident set address = '新しい住所' where resident_record_code = $1`,
    [person.residentRecordCode],
  );
  const before = await run();
  assert.ok(before.differences.some((d) => d.residentRecordCode === person.residentRecordCode));
  await enqueueRaw(mcs, tokyo.id, [noticeOf(person, {}, { address: '新しい住所' })]);
  const meanwhile = await run();
  assert.equal(meanwhile.underWay, 1);
  assert.ok(!meanwhile.differences.some((d) => d.residentRecordCode === person.residentRecordCode));
  await chain.pump();
  assert.equal((await run()).underWay, 0);
});

test('003 A16 年一度の全件確認は個人番号も照合し、番号の違いを項目名で示す。ほかの区市町村のサーバは他の区の確認を始められない', async () => {
  const [one, two] = [persons[31]!, persons[32]!];
  const refs = await tokyo.t.owner<{ code: number; person_id: string; number_ref: string }>(
    'select resident_record_code as code, person_id, number_ref from prefectural_juki.identification where resident_record_code = any($1) order by 1',
    [[one.residentRecordCode, two.residentRecordCode]],
  );
  await tokyo.t.owner('begin');
  await tokyo.t.owner(
    'update prefectural_juki.identification set number_ref = gen_random_uuid() where person_id = $1',
    [refs[0]!.person_id],
  );
  await tokyo.t.owner('update prefectural_juki.identification set number_ref = $2 where person_id = $1', [
    refs[1]!.person_id,
    refs[0]!.number_ref,
  ]);
  await tokyo.t.owner('update prefectural_juki.identification set number_ref = $2 where person_id = $1', [
    refs[0]!.person_id,
    refs[1]!.number_ref,
  ]);
  await tokyo.t.owner('commit');
  const monthly = (await run()).differences.filter((d) => d.items.includes('individualNumber'));
  const full = (await run('full')).differences.filter((d) => d.items.includes('individualNumber'));
  assert.deepEqual(monthly, []);
  assert.deepEqual(
    full.map((d) => d.residentRecordCode).toSorted(),
    [one.residentRecordCode, two.residentRecordCode].toSorted(),
  );
  assert.deepEqual(
    full.map((d) => d.items),
    [['individualNumber'], ['individualNumber']],
  );
  const other = chain.member('setagaya/municipal-juki');
  await assert.rejects(
    reconcile(
      other.host.peers,
      { ...(other.deps as Parameters<typeof reconcile>[1]), municipalityCode: '131105' },
      clerk('setagaya'),
      'monthly',
    ),
    {
      word: 'not-your-municipality',
    },
  );
});

test('003 A16 月に一度、年度に一度は全件: 済んだ月には始めず、月が替われば始める', async () => {
  const job = { kind: 'job', name: 'municipal-juki.reconciliation' } as const;
  const due = async () => unwrap(await dueScope(mcs.deps, job, {}));
  assert.equal(await due(), undefined);
  chain.civilClock.set('2026-07-01');
  assert.equal(await due(), 'monthly');
  chain.civilClock.set('2027-04-01');
  assert.equal(await due(), 'full');
  chain.civilClock.set('2026-06-01');
});

mechanismTest(
  'juki.reconciliation',
  '003 scenario 25 届く途中の通知は相違にならず、訂正は求めた本人が承認できない',
  async () => {
    const person = persons[41]!;
    const [row] = await register.t.owner<{ n: number }>(
      'select sequence + 1 as n from resident_register.resident where resident_record_code = $1',
      [person.residentRecordCode],
    );
    const address = `東京都目黒区八雲${row!.n}番`;
    await register.t.owner(
      `update resident_register.resident set address = $2, sequence = $3 where resident_record_code = $1`,
      [person.residentRecordCode, address, row!.n],
    );
    await enqueueRaw(mcs, tokyo.id, [noticeOf(person, { sequence: row!.n }, { address })]);
    const found = await run();
    await chain.pump();
    assert.ok(!found.differences.some((d) => d.residentRecordCode === person.residentRecordCode));
  },
);

mechanismTest('juki.reconciliation', '003-III.7-R2-A02 訂正の通知は、求めた本人の承認では出ない', async () => {
  // 都の住所だけが古くなっている。
  await tokyo.t.owner(
    `update prefectural_juki.identification set address = '古い住所' where resident_record_code = $1`,
    [persons[42]!.residentRecordCode],
  );
  const { runId } = await run();
  unwrap(await requestRepair(mcs.deps, operator, { runId }));
  // The schema would refuse it too, without a word to the clerk and without a record of the attempt.
  const own = await approveRepair(mcs.deps, operator, { runId }).catch(() => undefined);
  assert.deepEqual(own, { ok: false, error: 'approver-is-requester' });
});
