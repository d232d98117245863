import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { addOrderPersons, orderInquiries, orderResults } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { endLinkage } from '@musubi/contracts/exchange/linkage-life.ts';
import { provisionsOfPerson } from '@musubi/contracts/platform/corrections.ts';
import { proveEvent, verifyEventProof } from '@musubi/kernel/audit/event-proof.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { openGcm } from '@musubi/kernel/crypto/aead.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { carryOutErasures } from '@musubi/kernel/vault/sealed/erasure.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { Gate } from '../domain/gate.ts';
import { askDeferred, askOrDefer, showCongestion, tellDeferred } from '../service/defer-inquiry.ts';
import { runCopyRetention } from '../service/delete-copies.ts';
import { fetchList } from '../service/fetch-list.ts';
import { runOrders } from '../service/inquiry-orders.ts';
import { endLinkage as endLinkageAct } from '../service/linkage-life.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job = { kind: 'job', name: 'test' } as const;
for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));
const tax = (levy: number) => ({ 課税区分: '課税', 市町村民税所得割額: levy });
const tokyo = world.clients.tokyoPlatform;
const server = 'tokyo/intermediate-server';
const ward = depsOf(world, world.meguro);
const operator = { kind: 'staff', organisation: 'tokyo', staffId: 's-1', sessionId: 'x-1' } as const;
const platform = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' } as const;

function anOrder(persons: number, more: Record<string, unknown> = {}) {
  const { requestId: _, orgPersonNumber: __, ...question } = world.question('-');
  return { ...question, orderId: world.newId(), persons, notBefore: '2026-06-10', ...more };
}

test('002 IMS-F2, 一括照会 一人ずつ許可と記録のある照会になり、結果は行ごとに返る', async () => {
  const people = await Promise.all([
    world.person(tax(1)),
    world.person(tax(2)),
    world.person(tax(3), { blocked: true }),
  ]);
  const persons = [...people.map(({ prefecture }) => prefecture), '299999999999999'];
  const order = anOrder(4);
  assert.deepEqual(
    await tokyo.call(orderInquiries, server, {}, { ...order, asker: { ...order.asker, system: 'cook-register' } }),
    err('not-your-business'),
  );
  assert.deepEqual(await tokyo.call(orderInquiries, server, {}, order), ok({ missing: 4 }));
  assert.deepEqual(
    await tokyo.call(orderInquiries, server, {}, { ...order, provider: 'setagaya' }),
    err('order-repeated-with-other-content'),
  );
  const add = (from: number, orgPersonNumbers: string[]) =>
    tokyo.call(addOrderPersons, server, {}, { orderId: order.orderId, from, orgPersonNumbers });
  assert.deepEqual(await add(1, persons.slice(0, 2)), ok({ missing: 2 }));
  assert.deepEqual(await add(1, [...persons.slice(0, 2)].reverse()), err('rows-repeated-with-other-content'));
  assert.deepEqual(await add(4, ['1', '2']), err('rows-beyond-order'));
  const deps = depsOf(world, world.tokyo);
  assert.equal(await runOrders(deps, job), 0, 'an order without all its persons does not begin');
  assert.deepEqual(await add(3, persons.slice(2)), ok({ missing: 0 }));
  assert.deepEqual(await add(3, persons.slice(2)), ok({ missing: 0 }), 'a repeat');

  // Two rounds at once ask each person once.
  await Promise.all([runOrders(deps, job), runOrders(deps, job)]);
  await runOrders(deps, job);
  const read = unwrap(await tokyo.call(orderResults, server, {}, { orderId: order.orderId, after: 0, limit: 500 }));
  assert.equal(read.state, 'done');
  assert.deepEqual(
    read.rows.map(({ row, result, refusal, items }) => [row, result, refusal, items.市町村民税所得割額]),
    [
      [1, '00', null, 1],
      [2, '00', null, 2],
      [3, '60', null, undefined],
      [4, null, 'no-linkage-code', undefined],
    ],
  );
  const [count] = await world.network.t.owner<{ n: number }>(
    'select count(*)::int as n from information_providing_network.inquiry where inquiry_number = any ($1::uuid[])',
    [read.rows.flatMap(({ inquiryNumber }) => inquiryNumber ?? [])],
  );
  assert.equal(count!.n, 3);
});

test('予約した一括照会は指定日より前に照会しない。提供者が黙れば止まり、後で続ける', async () => {
  const { prefecture } = await world.person(tax(5));
  const order = anOrder(1, { notBefore: '2026-06-12' });
  unwrap(await tokyo.call(orderInquiries, server, {}, order));
  unwrap(
    await tokyo.call(addOrderPersons, server, {}, { orderId: order.orderId, from: 1, orgPersonNumbers: [prefecture] }),
  );
  const deps = depsOf(world, world.tokyo);
  assert.equal(await runOrders(deps, job), 0);
  world.civilClock.set('2026-06-12');
  const there = world.directory.get('meguro/intermediate-server')!;
  world.directory.set('meguro/intermediate-server', 'https://127.0.0.1:1');
  const state = async () =>
    unwrap(await tokyo.call(orderResults, server, {}, { orderId: order.orderId, after: 0, limit: 5 }));
  await runOrders(deps, job);
  world.directory.set('meguro/intermediate-server', there);
  world.wait({ seconds: 40 });
  await runOrders(deps, job);
  const { state: now, rows } = await state();
  assert.equal(now, 'done');
  // Told as unavailable by the network is a stated result; silence would have been asked again.
  assert.ok(rows[0]!.refusal === 'provider-unavailable' || rows[0]!.items.市町村民税所得割額 === 5);
  world.civilClock.set('2026-06-10');
});

async function carryOut(): Promise<void> {
  const carried = act('test.carry-out-erasures', {
    right: ['sealed', 'erasure', 'update'],
    async run(tx, deps: typeof ward) {
      const done = await carryOutErasures(tx, { ...deps, keyStore: world.meguro.keyStore });
      tx.record({ event: 'erasures.carried-out', detail: { done } });
      return ok(done);
    },
  });
  unwrap(await carried(ward, job, null));
}

async function openPageKey(ref: string) {
  let opened: Awaited<ReturnType<typeof ward.sealed.open>> | undefined;
  const reading = act('test.open-key', {
    right: ['sealed', 'object', 'read'],
    async run(tx, deps: typeof ward) {
      opened = await deps.sealed.open(tx, ref as SealedId, 'test');
      tx.record({ event: 'test.opened' });
      return ok(null);
    },
  });
  unwrap(await reading(ward, job, null));
  return opened!;
}

test('002 IMS-F10, design §3 期限の過ぎた副本は、以前の全ダンプからも復元できない。同じ頁の他の副本と記録は残る', async () => {
  const [old, kept] = [await world.person(), await world.person()];
  const copy = (row: number, orgPersonNumber: string, taxYear: number, levy: number) => ({
    row,
    orgPersonNumber,
    informationCode: 'TKX-0001',
    condition: { taxYear },
    validFrom: '2017-06-01',
    items: tax(levy),
    autoReplyBlocked: false,
    withheldFromPerson: false,
  });
  const batch = {
    batchId: world.newId(),
    system: 'resident-tax',
    kind: 'difference' as const,
    copies: [copy(1, old.ward, 2017, 771_001), copy(2, kept.ward, 2026, 771_002)],
  };
  unwrap(await world.clients.meguroPlatform.call(lodgeCopies, 'meguro/intermediate-server', {}, batch));
  const dump = await world.meguro.t.owner<{ sealed: Buffer; page_id: string; person: string; sealed_key: string }>(
    `select c.sealed, c.page_id, c.org_person_number as person, p.sealed_key
       from intermediate_server.lodged_copy c join intermediate_server.copy_page p using (page_id) where batch_id = $1 order by copy_no`,
    [batch.batchId],
  );
  const key = unwrap(await openPageKey(dump[0]!.sealed_key));
  const bound = Buffer.from([old.ward, 'TKX-0001', 'taxYear:2017', '2017-06-01'].join('\n'));
  assert.ok(openGcm(key, dump[0]!.sealed, bound).ok, 'before the term, who has the dump and the key store reads it');

  assert.equal(await runCopyRetention(ward, job), 1);
  await carryOut();
  assert.deepEqual(await openPageKey(dump[0]!.sealed_key), err('erased'), 'the page’s key is gone from the key store');
  const left = await world.meguro.t.owner<{ sealed: Buffer; page_id: string; person: string }>(
    'select sealed, page_id, org_person_number as person from intermediate_server.lodged_copy where batch_id = $1',
    [batch.batchId],
  );
  assert.deepEqual(
    left.map(({ person }) => person),
    [kept.ward],
  );
  assert.notEqual(left[0]!.page_id, dump[1]!.page_id);
  assert.equal(unwrap(await world.ask(world.question(kept.prefecture))).items.市町村民税所得割額, 771_002);
  assert.equal(await runCopyRetention(ward, job), 0);
  const differences = await world.meguro.t.owner(
    `select * from audit.fact_differences('intermediate_server.lodged_copy') where erased_event_id is null`,
  );
  assert.deepEqual(differences, [], 'the log agrees with what stands, and knows what went');
});

mechanismTest(
  'retention.owner-only',
  '001-III.6-RX-06 副本と符号の消去は、その団体の連携基盤の指示だけで行われ、運用者・委託先・他団体の指示では行われない',
  async () => {
    const { ward: person } = await world.person(tax(6));
    const deps = { ...ward, rights: { allows: async () => true } };
    const command = { requestId: world.newId(), orgPersonNumber: person, reason: 'deleted' as const };
    const operator = { kind: 'staff', organisation: 'meguro', staffId: 'op-1', sessionId: 'x-1' } as const;
    const contractor = { ...operator, affiliation: 'contractor' } as const;
    const foreign = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' } as const;
    for (const actor of [operator, contractor, foreign])
      assert.deepEqual(await endLinkageAct(deps, actor, command), err('not-owner'));
    const copies = await world.meguro.t.owner(
      'select 1 from intermediate_server.lodged_copy where org_person_number = $1',
      [person],
    );
    assert.equal(copies.length, 1);
  },
);

mechanismTest('exchange.asker-right', '002 IMS-F2 一括照会も、その事務手続を行う業務だけが依頼できる', async () => {
  const order = anOrder(1);
  const asker = { ...order.asker, system: 'cook-register' };
  assert.deepEqual(await tokyo.call(orderInquiries, server, {}, { ...order, asker }), err('not-your-business'));
});

test('001 IMS-F1, design §3 人の削除とともに副本も消え、以前の全ダンプからも復元できず、提供の記録と証明は残る', async () => {
  const { ward: person, prefecture, residentRecordCode } = await world.person(tax(4));
  const { inquiryNumber } = unwrap(await world.ask(world.question(prefecture)));
  const [before] = await world.meguro.t.owner<{ sealed: Buffer; sealed_key: string }>(
    `select c.sealed, p.sealed_key from intermediate_server.lodged_copy c join intermediate_server.copy_page p using (page_id)
      where org_person_number = $1`,
    [person],
  );
  const platform = world.clients.meguroPlatform;
  unwrap(
    await platform.call(
      endLinkage,
      'meguro/intermediate-server',
      {},
      { requestId: world.newId(), orgPersonNumber: person, reason: 'deleted' },
    ),
  );
  const copies = await world.meguro.t.owner(
    'select 1 from intermediate_server.lodged_copy where org_person_number = $1',
    [person],
  );
  assert.equal(copies.length, 0);
  await carryOut();
  // Whoever kept a dump of before has the sealed text and the reference of its key; the key itself is nowhere any more.
  assert.ok(before!.sealed.length > 0);
  const key = await openPageKey(before!.sealed_key);
  assert.deepEqual(key, err('erased'));
  const logKey = await world.sealLog(world.meguro);
  const report = await verifyInstance(world.meguro.t.db, { instance: 'meguro/intermediate-server', logKey });
  assert.deepEqual(report.defects, [], 'the log and every digest in it go on to verify');
  const [record] = await world.meguro.t.owner<{ event_id: string }>(
    'select event_id from intermediate_server.exchange_record where inquiry_number = $1',
    [inquiryNumber],
  );
  const proof = unwrap(await proveEvent(world.meguro.t.db, record!.event_id));
  assert.equal(
    (unwrap(verifyEventProof(proof, logKey)).event.detail as { inquiryNumber: string }).inquiryNumber,
    inquiryNumber,
  );
  // Nobody is found behind the code any more.
  assert.deepEqual(await world.ask(world.question(prefecture)), err('no-linkage-code'), residentRecordCode);
  const told = unwrap(
    await platform.call(
      provisionsOfPerson,
      'meguro/intermediate-server',
      {},
      { orgPersonNumber: person, informationCodes: ['TKX-0001'], from: '2026-06-01' },
    ),
  );
  assert.deepEqual(
    told.provisions.map((p) => [p.inquiryNumber, p.asker, p.result]),
    [[inquiryNumber, 'tokyo', '00']],
  );
});

test('INC-11 混雑: 容量を超える照会は受付番号と見込みの時刻で直ちに受け付けられ、順に自動的に照会され、受け付けたものはすべて回答・拒否・待ちのいずれかにある', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, () => world.person(tax(5_000))));
  const deps: Deps = {
    ...depsOf(world, world.tokyo),
    gate: new Gate({ underWay: 3, perProvider: 2, waiting: 40 }),
  };
  unwrap(await fetchList(deps, job));
  const counts = async () => {
    const c = unwrap(await showCongestion(deps, operator, null));
    assert.equal(c.taken, c.answered + c.held + c.refused + c.waiting, 'accepted = answered + refused + waiting');
    return c;
  };
  // Eight times what may be under way, all at once, H1; and a question whose person has no code.
  const questions = people.flatMap(({ prefecture }) => Array.from({ length: 4 }, () => world.question(prefecture)));
  questions.push(world.question('299999999999999'));
  const began = performance.now();
  const first = await Promise.all(questions.map((question) => askOrDefer(deps, platform, question)));
  const words = Map.groupBy(first, (answer) => (answer.ok ? answer.value.result : answer.error));
  assert.deepEqual([...words.keys()].sort(), ['00', 'congested']);
  const deferred = questions.filter((_question, i) => !first[i]!.ok);
  const before = await counts();
  assert.equal(before.waiting, deferred.length);
  assert.ok(before.oldestAt !== null && before.turnedAway === deferred.length && before.underWay === 0);
  // Each has a number and a time that was told; numbers are in the order of reception, no two alike.
  const told = [];
  for (const { requestId } of deferred)
    told.push(unwrap(await tellDeferred(deps, platform, { system: 'child-chronic', requestId })));
  assert.equal(new Set(told.map(({ receptionNumber }) => receptionNumber)).size, deferred.length);
  assert.ok(told.every(({ state, expectedAt }) => state === 'waiting' && Temporal.Instant.from(expectedAt)));
  assert.match((await world.read(world.tokyo, '/congestion')).text, /件の照会が順番を待っています/);
  // Other providers keep their room, and beyond what may wait nothing is taken.
  const [slow, other] = [deps.gate.enter('setagaya')!, deps.gate.enter('setagaya')!];
  assert.equal(deps.gate.enter('setagaya'), undefined);
  assert.equal(unwrap(await askOrDefer(deps, platform, world.question(people[0]!.prefecture))).result, '00');
  slow(1);
  other(1);
  const full = { ...deps, gate: new Gate({ underWay: 0, perProvider: 0, waiting: before.waiting }) };
  assert.deepEqual(await askOrDefer(full, platform, world.question(people[0]!.prefecture)), err('overloaded'));
  // Taken once: the same request has the same number, another content under it is refused, another's business too.
  const again = deferred[0]!;
  assert.deepEqual(await askOrDefer(full, platform, again), err('congested'));
  assert.deepEqual(await askOrDefer(full, platform, { ...again, items: ['課税区分'] }), err('request-key-reused'));
  const foreign = { ...world.question(again.orgPersonNumber), procedure: 'MS2-048' };
  assert.deepEqual(await askOrDefer(full, platform, foreign), err('not-your-business'));
  assert.equal((await counts()).taken, before.taken);

  // A stop in the middle, then two at once: every one is asked, none twice.
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 150);
  await askDeferred(deps, job, stop.signal);
  await counts();
  await Promise.all([askDeferred(deps, job), askDeferred(deps, job)]);
  for (let tries = 0; (await counts()).waiting > 0; tries++) {
    assert.ok(tries < 5, 'the queue drains');
    await askDeferred(deps, job);
  }
  const after = await counts();
  assert.deepEqual([after.waiting, after.refused, after.held], [0, 1, 0], 'only the one without a code has no answer');
  assert.equal(after.answered, deferred.length - 1);
  const took = performance.now() - began;
  assert.ok(took < 60_000, `bounded: ${Math.round(took)} ms`);
  // The business comes again with its request and has its answer; nothing is asked a second time.
  const asked = async () => (await world.tokyo.t.owner('select 1 from intermediate_server.inquiry')).length;
  const inquiries = await asked();
  for (const question of deferred.filter(({ orgPersonNumber }) => orgPersonNumber !== '299999999999999').slice(0, 5))
    assert.equal(unwrap(await askOrDefer(full, platform, question)).items.課税区分, '課税');
  assert.equal(await asked(), inquiries);
  assert.equal((await world.eventsOf(world.tokyo, 'inquiry.deferred')).length, deferred.length);
  assert.match((await world.read(world.tokyo, '/congestion')).text, /待っている照会はありません/);
});

// Last: without its guard a question stays behind.
mechanismTest('exchange.asker-right', 'INC-11 順番を待つ照会も、その事務手続を行う業務だけが頼める', async () => {
  const { prefecture } = await world.person(tax(6));
  const deps = { ...depsOf(world, world.tokyo), gate: new Gate({ underWay: 0, perProvider: 0, waiting: 40 }) };
  const question = world.question(prefecture);
  const asker = { ...question.asker, system: 'cook-register' };
  assert.deepEqual(await askOrDefer(deps, platform, { ...question, asker }), err('not-your-business'));
});
