import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Deps as NetworkDeps } from '@musubi/information-providing-network/deps.ts';
import { compareRecords, compareSinceLast } from '@musubi/information-providing-network/service/compare-records.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { fetchList } from '../service/fetch-list.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job = { kind: 'job', name: 'test' } as const;
for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));
const network = {
  ...world.network.deps,
  peers: world.network.host.peers,
  bodies: new Map(
    ['meguro', 'tokyo'].map((id) => [
      id,
      { kind: id === 'tokyo' ? 'prefecture' : 'ward', ims: `${id}/intermediate-server` },
    ]),
  ),
} as unknown as NetworkDeps;
const span = () => {
  const now = world.machineClock.now();
  return { from: now.subtract({ hours: 1 }), until: now.add({ minutes: 1 }) };
};
const kindsOf = async () =>
  new Map(
    unwrap(await compareRecords(network, job, span())).found.map(({ inquiryNumber, kind }) => [inquiryNumber, kind]),
  );

test('design §4.3 突合: 三者の記録が一致していれば何も見つからず、仕込んだ不一致はすべて見つかる', async () => {
  const asked: string[] = [];
  for (let i = 0; i < 8; i++) {
    const { prefecture } = await world.person({ 課税区分: '課税', 市町村民税所得割額: i }, { blocked: i === 7 });
    asked.push(unwrap(await world.ask(world.question(prefecture))).inquiryNumber);
  }
  const nobody = await world.person();
  assert.equal(unwrap(await world.ask(world.question(nobody.prefecture))).result, '50');
  assert.deepEqual(
    await world.ask(world.question(nobody.prefecture, { items: ['給与収入金額'] })),
    err('item-not-on-list'),
  );
  assert.deepEqual([...(await kindsOf())], []);

  const record = 'intermediate_server.exchange_record';
  await world.meguro.t.owner(`delete from ${record} where inquiry_number = $1`, [asked[0]]);
  await world.tokyo.t.owner(`delete from ${record} where inquiry_number = $1`, [asked[1]]);
  await world.meguro.t.owner(`update ${record} set result = '20' where inquiry_number = $1`, [asked[2]]);
  await world.tokyo.t.owner(`update ${record} set result = '50' where inquiry_number = $1`, [asked[3]]);
  await world.network.t.owner('delete from information_providing_network.outcome where inquiry_number = $1', [
    asked[4],
  ]);
  await world.network.t.owner('delete from information_providing_network.outcome where inquiry_number = $1', [
    asked[5],
  ]);
  await world.network.t.owner('delete from information_providing_network.inquiry where inquiry_number = $1', [
    asked[5],
  ]);
  assert.deepEqual(
    await kindsOf(),
    new Map([
      [asked[0], 'missing-at-provider'],
      [asked[1], 'missing-at-asker'],
      [asked[2], 'results-differ'],
      [asked[3], 'results-differ'],
      [asked[4], 'missing-at-network'],
      [asked[5], 'missing-at-network'],
    ]),
  );
  const page = await (await world.network.pages.fetch(new Request('http://ins/comparisons'))).text();
  assert.match(page, /提供者に記録がない/);
});

test('応答のない機関があれば、その側について何も言わず、次の突合は同じ時から始まる', async () => {
  world.wait({ hours: 2 });
  const there = world.directory.get('meguro/intermediate-server')!;
  world.directory.set('meguro/intermediate-server', 'https://127.0.0.1:1');
  const first = await compareSinceLast(network, job);
  assert.deepEqual(first?.unreached, ['meguro']);
  assert.deepEqual(
    first?.found.filter(({ kind }) => kind !== 'missing-at-network'),
    [],
  );
  world.directory.set('meguro/intermediate-server', there);
  const second = await compareSinceLast(network, job);
  assert.deepEqual(second?.unreached, []);
  assert.ok(second!.compared >= first!.compared);
});
