import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { plainTypesetter } from '@musubi/kernel/disclosure/testing.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { clerk } from '@musubi/national-juki/test/chain-world.ts';
import { recordMovedWithin } from '@musubi/resident-register/service/change-resident.ts';
import { rowsAPart, writeBulkMedium } from '../service/bulk-orders.ts';
import { bulkBatch } from '../service/bulk-run.ts';
import { type CounterDeps, prefecturalDisclosure } from '../service/disclosure.ts';
import { inquire } from '../service/inquiry.ts';
import { printAnswer } from '../service/provisions.ts';
import { readPerson, readPersonWhole, searchPersons } from '../service/search.ts';
import { bulkWorld, staff } from './bulk-world.ts';
import { fourItemsOf, operator, startInquiryWorld } from './inquiry-world.ts';

/* 利用停止 (個人情報の保護に関する法律 第98条、第100条): what a decision at the counter does to every way out of the register. */

const world = await startInquiryWorld();
after(() => world[Symbol.asyncDispose]());
const { tokyo } = world;
const deps: CounterDeps & typeof world.deps = {
  ...world.deps,
  sealed: tokyo.host.sealed,
  typesetter: plainTypesetter,
  subjectCheckKey: randomBytes(32),
};
const counter = prefecturalDisclosure({
  authority: { title: '東京都知事', name: '見本　花子' },
  office: { name: '振興企画課', telephone: '03-0000-0000', address: '東京都新宿区西新宿二丁目8番1号' },
});
const byClerk = clerk('tokyo', 'S-1');
const byManager = clerk('tokyo', 'M-1');

async function stopped(person: LoadedPerson, scope = 'all', tasks: readonly string[] = [], at = deps): Promise<string> {
  const { requestId } = unwrap(
    await counter.receive(at, byClerk, {
      kind: 'stop-of-use',
      channel: 'counter',
      role: 'self',
      name: person.name,
      nameKana: '',
      birthDate: person.birthDate,
      sex: person.sex,
      address: person.address,
      requesterName: person.name,
      requesterAddress: person.address,
      scope: '利用及び提供の停止',
      keptAt: '金庫A-1',
    }),
  );
  unwrap(await counter.checkIdentity(at, byClerk, { requestId, documents: ['passport'], proxyProof: null }));
  unwrap(await counter.match(at, byClerk, { requestId }));
  const stop = { scope, tasks };
  unwrap(await counter.propose(at, byClerk, { requestId, decision: { word: 'granted', stop } }));
  unwrap(await counter.decide(at, byManager, { requestId }));
  return requestId;
}
async function lifted(requestId: string): Promise<void> {
  unwrap(await counter.proposeLift(deps, byClerk, { requestId, reason: '本人の申出' }));
  unwrap(await counter.lift(deps, byManager, { requestId }));
}

let made = 0;
const aName = (): string => `停止　花子${++made}`;
const document = (): string => `停止-${++made}`;
/** Two answers that differ in nothing but the number of the inquiry. */
const untold = (answer: { readonly inquiryId: string }): object => ({ ...answer, inquiryId: '' });
const personIdOf = async (person: LoadedPerson): Promise<string> => {
  const [row] = await tokyo.t.owner<{ person_id: string }>(
    'select person_id from prefectural_juki.identification where resident_record_code = $1',
    [person.residentRecordCode],
  );
  return row!.person_id;
};

test('利用停止の決定の後の照会は、該当なしと同じ回答を受け、提供の記録にだけ停止と残り、解除の後は再び答える', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task({ codeGround: 'act-28-2013-supplementary-22-7', numberGround: 'number-act-9-1' });
  const nobody = unwrap(await world.ask({ task: task.code, key: fourItemsOf({ ...person, name: aName() }) }));
  assert.equal(unwrap(await world.ask({ task: task.code, key: fourItemsOf(person) })).result, 'given');
  const requestId = await stopped(person);
  const no = document();
  const keys = [
    fourItemsOf(person),
    { kind: 'code', residentRecordCode: person.residentRecordCode },
    { kind: 'number', individualNumber: person.individualNumber },
  ] as const;
  for (const key of keys)
    assert.deepEqual(untold(unwrap(await world.ask({ task: task.code, document: no, key }))), untold(nobody), key.kind);
  const personId = await personIdOf(person);
  assert.deepEqual(
    (await world.records(no)).map((r) => [r.result, r.refusal, r.items, r.person_id]),
    keys.map(() => ['refused', 'not-identified:stopped', [], personId]),
  );
  await lifted(requestId);
  assert.equal(unwrap(await world.ask({ task: task.code, key: fourItemsOf(person) })).result, 'given');
});

test('他道府県まで照会できる事務でも、停止された者は全国サーバに問い合わせず、回答は全国にもいない者と同じである', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task({ includesOtherPrefectures: true });
  const nobody = unwrap(await world.ask({ task: task.code, key: fourItemsOf({ ...person, name: aName() }) }));
  const asked = async (): Promise<number> => {
    const [row] = await tokyo.t.owner<{ n: number }>(
      'select count(*)::int as n from prefectural_juki.national_inquiry',
    );
    return row!.n;
  };
  await stopped(person);
  const before = await asked();
  const answer = unwrap(await world.ask({ task: task.code, key: fourItemsOf(person) }));
  assert.deepEqual(untold(answer), untold(nobody));
  assert.equal(await asked(), before);
});

test('移転だけの停止は部署の端末の一覧・閲覧・照会・再印刷を止め、他の執行機関への提供と登録簿の管理は続く', async () => {
  const person = await world.person({ name: aName() });
  const department = await world.task({ peer: null });
  const agency = await world.task();
  const personId = await personIdOf(person);
  const purpose = { task: department.code, document: document() };
  const items = { name: person.name, birthDate: person.birthDate };
  const terminal = () =>
    inquire(deps, operator, {
      inquiryId: deps.newId(),
      taskCode: department.code,
      document: purpose.document,
      operator: '',
      key: fourItemsOf(person),
      items: null,
      useEntryId: null,
    });
  const given = unwrap(await terminal());
  assert.ok(given.kind === 'given');
  await stopped(person, 'use');
  assert.deepEqual(unwrap(await searchPersons(deps, operator, { items, purpose })), { hits: [], tooMany: false });
  assert.deepEqual(await readPerson(deps, operator, { personId, purpose }), err('no-such-person'));
  assert.equal(unwrap(await terminal()).kind, 'not-identified');
  assert.deepEqual(await printAnswer(deps, operator, { provisionId: given.provisionId }), err('nothing-to-print'));
  assert.equal(unwrap(await world.ask({ task: agency.code, key: fourItemsOf(person) })).result, 'given');
  const keeping = { personId, purpose: { task: 'notice-check', document: '調査-1' } };
  assert.equal(unwrap(await readPersonWhole(deps, byManager, keeping)).name, person.name);
});

test('事務を限った停止はその事務だけに及び、二つの停止の一方の解除は他方を残す', async () => {
  const person = await world.person({ name: aName() });
  const [one, two] = [await world.task(), await world.task()];
  const first = await stopped(person, 'provision', [one.code]);
  const result = async (code: string) => unwrap(await world.ask({ task: code, key: fourItemsOf(person) })).result;
  assert.deepEqual([await result(one.code), await result(two.code)], ['not-identified', 'given']);
  const second = await stopped(person, 'provision');
  await lifted(first);
  assert.deepEqual([await result(one.code), await result(two.code)], ['not-identified', 'not-identified']);
  await lifted(second);
  assert.deepEqual([await result(one.code), await result(two.code)], ['given', 'given']);
});

test('停止の後の異動の通知は反映され、停止は新しい記録にも及ぶ (住民基本台帳法30条の6)', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task();
  await stopped(person);
  const ward = world.chain.member('meguro/resident-register');
  const [resident] = await ward.t.owner<{ person_id: string; sequence: number }>(
    'select person_id, sequence from resident_register.resident where resident_record_code = $1',
    [person.residentRecordCode],
  );
  const address = '東京都目黒区目黒本町三丁目1番1号';
  const on = Temporal.PlainDate.from('2026-06-01');
  const move = { changedOn: on, filedOn: on, address, postalCode: null };
  const { person_id, sequence } = resident!;
  unwrap(await recordMovedWithin(ward.deps, clerk('meguro'), { personId: person_id, version: sequence, ...move }));
  await world.chain.pump();
  const personId = await personIdOf(person);
  const [row] = await tokyo.t.owner<{ address: string }>(
    'select address from prefectural_juki.identification where person_id = $1',
    [personId],
  );
  assert.equal(row!.address, address);
  const moved = unwrap(await world.ask({ task: task.code, key: fourItemsOf({ ...person, address }) }));
  assert.equal(moved.result, 'not-identified');
});

test('照会と決裁が同時でも、どの照会も全部の項目か該当なしのどちらかであり、決裁の後に始まった照会は何も受けない', async () => {
  const person = await world.person({ name: aName() });
  const task = await world.task();
  const no = document();
  const ask = () => world.ask({ task: task.code, document: no, key: fourItemsOf(person) });
  const deciding = stopped(person);
  const during = await Promise.all(Array.from({ length: 6 }, ask));
  await deciding;
  const after = await Promise.all(Array.from({ length: 3 }, ask));
  for (const answer of during) {
    const { result, items } = unwrap(answer);
    assert.equal(Object.keys(items).length, result === 'given' ? 4 : 0);
  }
  assert.deepEqual(
    after.map((answer) => unwrap(answer).result),
    ['not-identified', 'not-identified', 'not-identified'],
  );
  const refusals = (await world.records(no)).filter((r) => r.refusal === 'not-identified:stopped');
  assert.equal(refusals.length, [...during, ...after].filter((a) => unwrap(a).result !== 'given').length);
});

test('一括提供: 停止は照合の前でも後でも、ファイルに該当なしとして現れ、提供の記録には停止と残る', async () => {
  for (const moment of ['before', 'between'] as const) {
    await using w = await bulkWorld();
    const [a, b] = w.residents;
    const filler = Array.from({ length: rowsAPart - 1 }, (_, i) => `D,F${i},,${b!.number},,,,,`);
    const orderId = await w.ordered([`D,A-1,,${a!.number},,,,,`, ...filler, `D,A-2,,${b!.number},,,,,`]);
    unwrap(await w.approve(orderId));
    const office = { ...w.deps, rights: { allows: async () => true }, typesetter: plainTypesetter };
    const bulkDeps = { ...office, subjectCheckKey: randomBytes(32) } as unknown as typeof deps;
    const asLoaded = { ...a!, sex: 'male', individualNumber: a!.number } as unknown as LoadedPerson;
    if (moment === 'before') await stopped(asLoaded, 'provision', [], bulkDeps);
    else {
      const halt = new AbortController();
      const { vault } = w.deps;
      const stopping = Object.create(vault, {
        holdersOfMany: {
          value(...given: Parameters<typeof vault.holdersOfMany>) {
            halt.abort();
            return vault.holdersOfMany(...given);
          },
        },
        revealMany: { value: vault.revealMany.bind(vault) },
      }) as typeof vault;
      const half = { ...w.deps, vault: stopping };
      const run = await runBatch(half, staff('op-1'), bulkBatch, { order: orderId }, { signal: halt.signal });
      assert.equal(unwrap(run).state, 'stopped');
      await stopped(asLoaded, 'provision', [], bulkDeps);
    }
    assert.equal(unwrap(await w.run(orderId)).state, 'done');
    const { files } = unwrap(await writeBulkMedium(w.deps, staff('op-1'), { orderId }));
    const lines = (await w.decrypted(files[0]!.bytes)).trimEnd().split('\r\n');
    assert.equal(lines[1], `D,${orderId},A-1,1,,,,,,,,`, moment);
    assert.equal(lines.at(-1), `T,${rowsAPart + 1},${rowsAPart}`);
    const rows = await w.t.owner(
      'select result, refusal, cardinality(items) as items from prefectural_juki.provision_record where person_id = $1',
      [a!.personId],
    );
    assert.deepEqual(rows, [{ result: 'refused', refusal: 'stopped', items: 0 }], moment);
  }
});
