import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inquire, provide } from '@musubi/contracts/exchange/endpoints.ts';
import { addOrderPersons, orderInquiries, orderResults } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { readListFile, writeListFile } from '@musubi/contracts/exchange/list-file.ts';
import { type PermissionList, permissionList } from '@musubi/contracts/exchange/messages.ts';
import { publishList } from '@musubi/information-providing-network/service/publish-list.ts';
import { closeWindow, planWindow } from '@musubi/information-providing-network/service/windows.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { answerInquiry } from '../service/answer-inquiry.ts';
import { askAnotherBody } from '../service/ask-another-body.ts';
import { fetchList, hearWindows } from '../service/fetch-list.ts';
import { runOrders } from '../service/inquiry-orders.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';
import { aPermit, aStatement, codeAt } from './messages.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job: Actor = { kind: 'job', name: 'test' };
const operator: Actor = { kind: 'staff', organisation: 'ins', staffId: 's-1', sessionId: 'x-1' };
const platform: Actor = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' };
const asNetworkActor: Actor = {
  kind: 'system',
  organisation: 'ins',
  system: 'information-providing-network',
  certificate: '-',
};
const [tokyo, meguro] = [depsOf(world, world.tokyo), depsOf(world, world.meguro)];
for (const each of [tokyo, meguro]) unwrap(await fetchList(each, job));
const { ward, prefecture } = await world.person({ 課税区分: '課税', 市町村民税所得割額: 7 });
const [own, wards] = [await codeAt(world.tokyo, prefecture), await codeAt(world.meguro, ward)];
const asTokyo = world.clientOf(world.tokyo.identity);
const asNetwork = world.clientOf(world.network.identity);
const file = fileURLToPath(import.meta.resolve('@musubi/contracts/exchange/permission-list/2026-04-01.json'));
const first = permissionList.parse(JSON.parse(await readFile(file, 'utf8')));
// As the network's own main.ts makes them, for what its operator does.
const networkDeps = {
  ...world.network.deps,
  identity: world.network.identity,
  trust: world.trust,
  peers: world.network.host.peers,
  lists: new Map(),
  bodies: new Map([
    ['meguro', { kind: 'ward', ims: 'meguro/intermediate-server' }],
    ['tokyo', { kind: 'prefecture', ims: 'tokyo/intermediate-server' }],
  ]),
} as unknown as Parameters<typeof publishList>[0];
const permitNow = () => aPermit(world, aStatement(world, own), wards);
const recorded = async (word: string, at = world.meguro): Promise<number> =>
  (await at.t.owner(`select 1 from audit.intake_event where body like '%"refusal":"${word}"%'`)).length;

test('002-INS-F1 照合リストの行は有効期間の日だけ効く; 先に公表された版は、その日から照会者・中継・提供者で同時に効く', async () => {
  const without = first.rows.filter((row) => row.row !== '009-TKX-0001-W');
  const old = first.rows.find((row) => row.row === '009-TKX-0001-W')!;
  const coming: PermissionList = {
    version: '2026-07-01',
    publishedOn: '2026-07-01',
    // The ward's row ends with the 4th; one with an item less begins on the 5th.
    rows: [
      ...without,
      { ...old, validUntil: '2026-07-04' },
      { ...old, row: '009-TKX-0001-W2', items: ['課税区分'], validFrom: '2026-07-05' },
    ],
  };
  unwrap(await publishList(networkDeps, { kind: 'job', name: 'start' }, coming));
  for (const each of [tokyo, meguro]) unwrap(await fetchList(each, job));
  for (const each of [world.tokyo, world.meguro])
    assert.deepEqual(
      await each.t.owner('select version from intermediate_server.permission_list order by published_on'),
      [{ version: '2026-04-01' }, { version: '2026-07-01' }],
      'the version to come is there before its day',
    );
  const listVersionOf = (permit: string): string =>
    JSON.parse(Buffer.from(permit.split('.')[1]!, 'base64url').toString('utf8')).listVersion;
  const asked = async () => unwrap(await world.ask(world.question(prefecture)));
  assert.equal(listVersionOf((await asked()).permit), '2026-04-01');
  // Nobody fetches anything on the day itself.
  world.civilClock.set('2026-07-01');
  for (const each of [tokyo, meguro]) each.heard.listConfirmedOn = '2026-07-01';
  assert.equal(listVersionOf((await asked()).permit), '2026-07-01');
  assert.deepEqual(
    await asNetwork.call(provide, 'meguro/intermediate-server', {}, permitNow()),
    err('list-stale'),
    'a permit under the version of before is refused by the provider',
  );
  world.civilClock.set('2026-07-05');
  assert.deepEqual(await world.ask(world.question(prefecture)), err('item-not-on-list'));
  unwrap(await world.ask(world.question(prefecture, { items: ['課税区分'] })));
  // A network that goes on to permit what ended is refused by the provider's own list.
  const late = aStatement(world, own, { items: ['市町村民税所得割額'] });
  assert.deepEqual(
    await asNetwork.call(
      provide,
      'meguro/intermediate-server',
      {},
      aPermit(world, late, wards, { listVersion: '2026-07-01' }),
    ),
    err('own-list-refuses'),
  );
  world.civilClock.set('2026-06-10');
});

mechanismTest(
  'exchange.own-list-check',
  'C attack: 古い照合リストは、照会者・中継・提供者のいずれでも拒まれ、記録される (番号利用法 第19条第8号)',
  async () => {
    // The asker: days without the network, and nothing leaves.
    const there = world.directory.get('ins/information-providing-network')!;
    world.directory.set('ins/information-providing-network', 'https://127.0.0.1:1');
    world.civilClock.set('2026-06-17');
    tokyo.heard.listConfirmedOn = '2026-06-10';
    try {
      const within = await askAnotherBody(tokyo, platform, world.question(prefecture));
      assert.deepEqual(within, err('provider-unavailable'), 'for a week the confirmed list counts');
      world.civilClock.set('2026-06-18');
      const before = await recorded('list-stale', world.tokyo);
      assert.deepEqual(await askAnotherBody(tokyo, platform, world.question(prefecture)), err('list-stale'));
      assert.equal(await recorded('list-stale', world.tokyo), before + 1);
    } finally {
      world.directory.set('ins/information-providing-network', there);
      world.civilClock.set('2026-06-10');
      tokyo.heard.listConfirmedOn = undefined;
    }
    // The provider: one that could not learn which list counts gives nothing.
    const before = await recorded('list-stale');
    const stale = { ...permitNow(), listIsStale: true };
    assert.deepEqual(unwrap(await answerInquiry(meguro, asNetworkActor, stale)), { refusal: 'list-stale' });
    const other = aPermit(world, aStatement(world, own), wards, { listVersion: '2025-04-01' });
    assert.deepEqual(unwrap(await answerInquiry(meguro, asNetworkActor, other)), { refusal: 'list-stale' });
    assert.equal(await recorded('list-stale'), before + 2);
  },
);

mechanismTest('exchange.list-row', 'C attack: 照会者が別の版の照合リストで照会すれば、中継されない', async () => {
  const { statement, linkageCode, nonce } = aStatement(world, own, { listVersion: '2025-04-01' });
  assert.deepEqual(
    await asTokyo.call(inquire, 'ins/information-providing-network', {}, { statement, linkageCode, nonce }),
    err('list-stale'),
  );
});

test('C 計画停止: 知らされ、期間中は中継されず、その語で拒まれ記録され、一括照会は休んで後で続く', async () => {
  const now = world.machineClock.now();
  const provided = async (): Promise<number> =>
    (await world.meguro.t.owner('select 1 from intermediate_server.accepted_permit')).length;
  const order = { ...world.question('-'), orderId: world.newId(), persons: 2, notBefore: '2026-06-10' };
  const { requestId: _r, orgPersonNumber: _o, ...given } = order;
  const server = 'tokyo/intermediate-server';
  unwrap(await world.clients.tokyoPlatform.call(orderInquiries, server, {}, given));
  const persons = { orderId: order.orderId, from: 1, orgPersonNumbers: [prefecture, prefecture] };
  unwrap(await world.clients.tokyoPlatform.call(addOrderPersons, server, {}, persons));
  const window = {
    provider: 'meguro',
    kind: 'planned',
    reason: '庁舎の停電',
    fromAt: now,
    untilAt: now.add({ hours: 2 }),
  } as const;
  assert.deepEqual(await planWindow(networkDeps, operator, { ...window, provider: 'osaka' }), err('provider-unknown'));
  assert.deepEqual(
    await planWindow(networkDeps, operator, {
      ...window,
      fromAt: now.subtract({ hours: 2 }),
      untilAt: now.subtract({ hours: 1 }),
    }),
    err('already-over'),
  );
  unwrap(await planWindow(networkDeps, operator, window));

  const before = await provided();
  assert.deepEqual(await world.ask(world.question(prefecture)), err('under-maintenance'));
  assert.equal(await provided(), before, 'nothing was relayed');
  const refused = `select 1 from information_providing_network.refusal where refusal = 'under-maintenance'`;
  assert.equal((await world.network.t.owner(refused)).length, 1);

  // Begun before the announcement was heard: refused for a time alone, asked anew later.
  await runOrders(tokyo, job);
  const again = await world.tokyo.t.owner('select refusal from intermediate_server.inquiry_order_again');
  assert.deepEqual(again, [{ refusal: 'under-maintenance' }, { refusal: 'under-maintenance' }]);
  assert.equal(await hearWindows(tokyo), true);
  assert.deepEqual(
    tokyo.heard.windows.map(({ provider, kind, reason }) => [provider, kind, reason]),
    [['meguro', 'planned', '庁舎の停電']],
  );
  assert.equal(await runOrders(tokyo, job), 0, 'it rests');
  assert.equal((await world.tokyo.t.owner('select 1 from intermediate_server.inquiry_order_again')).length, 2);

  world.wait({ hours: 3 });
  assert.equal(await runOrders(tokyo, job), 2, 'and goes on by itself');
  const { state, rows } = unwrap(
    await world.clients.tokyoPlatform.call(orderResults, server, {}, { orderId: order.orderId, after: 0, limit: 5 }),
  );
  assert.equal(state, 'done');
  assert.deepEqual(
    rows.map(({ result, items }) => [result, items.市町村民税所得割額]),
    [
      ['00', 7],
      ['00', 7],
    ],
  );
  assert.equal(new Set(rows.map(({ inquiryNumber }) => inquiryNumber)).size, 2);
});

test('C 障害: 全機関の停止を登録し、復旧を登録すれば直ちに中継される; 件数と接続機関の画面', async () => {
  const now = world.machineClock.now();
  const outage = {
    provider: null,
    kind: 'outage',
    reason: '回線の障害',
    fromAt: now,
    untilAt: now.add({ hours: 24 }),
  } as const;
  const { windowId } = unwrap(await planWindow(networkDeps, operator, outage));
  assert.deepEqual(await world.ask(world.question(prefecture)), err('under-maintenance'));
  const read = async (path: string): Promise<string> => {
    const response = await world.network.pages.fetch(new Request(`http://ins${path}`));
    assert.equal(response.status, 200, path);
    return response.text();
  };
  assert.match(await read('/maintenance'), /回線の障害/);
  unwrap(await closeWindow(networkDeps, operator, { windowId }));
  assert.deepEqual(await closeWindow(networkDeps, operator, { windowId }), err('not-found'));
  unwrap(await world.ask(world.question(prefecture)));
  assert.doesNotMatch(await read('/maintenance'), /回線の障害/);

  const month = now.toZonedDateTimeISO('Asia/Tokyo').toPlainDate().toPlainYearMonth();
  const statistics = await read(`/?month=${month}`);
  assert.match(statistics, /MS2-009/);
  assert.match(statistics, /under-maintenance/);
  assert.match(await read('/?month=2020-01'), /この月の照会はありません/);
  const bodies = await read('/bodies');
  assert.match(bodies, /meguro\/intermediate-server/);
  assert.match(bodies, /状態を確認できません/, 'no authority runs in this world, and the page says so');
  assert.match(await read('/list?on=2026-07-05'), /009-TKX-0001-W2/);
  assert.match(await read('/list'), /適用前/);
});

test('002 INS-F4, 001 INS-F1 照合リストの改定: 案をファイルで登録し、別の職員が公表し、その日から全機関で効く', async () => {
  const { prefecture } = await world.person({ 課税区分: '課税', 給与収入金額: 5_000_000 });
  const { network } = world;
  const seat = (staffId: string, ...roles: string[]) => world.sit('ins/information-providing-network', staffId, roles);
  const operator = () => seat('n-1', 'network-operator');
  operator();
  const today = world.civilClock.today();
  const day = today.add({ days: 2 }).toString();
  const current = await network.pages.fetch(new Request('http://page/list-file'));
  const { rows } = await readListFile(new Uint8Array(await current.arrayBuffer()));
  assert.ok(rows.length > 0);
  // 給与収入金額 becomes an item that a prefecture may ask a ward for.
  const revised = rows.map((row) =>
    row.row === '009-TKX-0001-W' ? { ...row, items: [...row.items, '給与収入金額'] } : row,
  );
  const file = (bytes: Uint8Array) => new File([Buffer.from(bytes)], 'list.csv', { type: 'text/csv' });
  const draft = (more: Record<string, string | File> = {}) =>
    world.post(network, '/list-drafts', {
      version: 'R8-2',
      publishedOn: day,
      file: file(writeListFile(revised)),
      reason: '主務省令の改正',
      ...more,
    });
  const broken = await draft({ file: file(Buffer.from('あ,い\r\n')) });
  assert.deepEqual([broken.status, /1行目/.test(broken.text)], [422, true]);
  assert.equal((await draft({ publishedOn: today.toString() })).status, 422);
  assert.equal((await draft({ file: file(writeListFile(rows)) })).status, 422, 'nothing would change');
  assert.equal((await draft({ reason: '' })).status, 422);
  const { location } = await draft();
  assert.match(location, /^\/list-drafts\/[0-9a-f-]{36}$/);
  assert.match((await world.read(network, location)).text, /変更[\s\S]*009-TKX-0001-W[\s\S]*項目/);

  const decide = () => world.post(network, `${location}/decision`, { decision: 'approve' });
  assert.equal((await decide()).status, 403, 'the operator has no right to approve');
  seat('n-1', 'network-operator', 'list-approver');
  await decide();
  const published = () =>
    network.t.owner("select 1 from information_providing_network.list_version where version = 'R8-2'");
  assert.equal((await published()).length, 0, 'nobody publishes what he drafted');
  seat('n-2', 'list-approver');
  const both = await Promise.all([decide(), decide()]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [303, 303],
  );
  assert.equal((await published()).length, 1);
  operator();
  assert.equal((await draft()).status, 422, 'the version stands and is not drafted again');

  for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));
  const question = () => world.question(prefecture, { items: ['給与収入金額'] });
  assert.deepEqual(await world.ask(question()), err('item-not-on-list'), 'not before its day');
  world.civilClock.set(day);
  assert.equal(unwrap(await world.ask(question())).result, '00');
  const operations = await world.read(network, '/operations');
  assert.match(operations.text, /照会の中継/);
});
