import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { provide } from '@musubi/contracts/exchange/endpoints.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { formToken } from '@musubi/kernel/pages/security.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { runExpiry } from '../jobs/expire-results.ts';
import { decideHeld } from '../service/decide-held.ts';
import { fetchList } from '../service/fetch-list.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';
import { aPermit, aStatement, codeAt } from './messages.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
for (const each of [world.meguro, world.tokyo])
  unwrap(await fetchList(depsOf(world, each), { kind: 'job', name: 'test' }));
const tax = { 課税区分: '課税', 市町村民税所得割額: 7_700 };
const placed = () => [world.meguro, world.tokyo, world.network, world.root];

test('design §4.7 the log of each of the four verifies after answers, refusals, held ones and expiry; a changed result is named', async () => {
  const { ward, prefecture } = await world.person(tax);
  const { inquiryNumber } = unwrap(await world.ask(world.question(prefecture)));
  await world.ask(world.question(prefecture, { procedure: 'MS2-777' }));
  const asked = aStatement(world, await codeAt(world.tokyo, prefecture));
  const permitted = aPermit(world, asked, await codeAt(world.meguro, ward));
  const asNetwork = world.clientOf(world.network.identity);
  for (let i = 0; i < 2; i++) await asNetwork.call(provide, 'meguro/intermediate-server', {}, permitted);
  const code = await codeAt(world.tokyo, prefecture);
  const noOne = aPermit(world, aStatement(world, code), code);
  assert.deepEqual(await asNetwork.call(provide, 'meguro/intermediate-server', {}, noOne), err('no-linkage-code'));
  const held = await world.person(tax, { blocked: true });
  unwrap(await world.ask(world.question(held.prefecture)));
  world.civilClock.set('2026-08-01');
  await runExpiry(depsOf(world, world.tokyo));
  world.civilClock.set('2026-06-10');
  const later = unwrap(await world.ask(world.question(prefecture)));
  assert.notEqual(later.inquiryNumber, inquiryNumber);

  for (const each of placed()) {
    const logKey = await world.sealLog(each);
    const report = await verifyInstance(each.t.db, { instance: each.host.id, logKey });
    assert.deepEqual(report.defects, [], each.host.id);
  }
  await world.tokyo.t.owner(
    `update intermediate_server.inquiry_result set items = '{"市町村民税所得割額": 1}' where inquiry_number = $1`,
    [later.inquiryNumber],
  );
  const logKey = await world.sealLog(world.tokyo);
  const report = await verifyInstance(world.tokyo.t.db, { instance: world.tokyo.host.id, logKey });
  assert.match(JSON.stringify(report.defects), /inquiry_result/);
});

test('design §4.2 ネットワークの運用者が画面で団体の鍵を更新する', async () => {
  const session = {
    actor: { kind: 'staff', organisation: 'ins', staffId: 's-1', sessionId: 'x-1' },
    displayName: '',
    csrfSecret: new Uint8Array(32),
  } as const;
  const post = (organisation: string) =>
    world.network.pages.fetch(
      new Request('http://ins/keys', {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: 'http://ins',
          'sec-fetch-site': 'same-origin',
        },
        body: new URLSearchParams({ _token: formToken(session), organisation }).toString(),
      }),
    );
  assert.equal((await world.network.pages.fetch(new Request('http://ins/keys'))).status, 200);
  assert.equal((await post('setagaya')).status, 303);
  assert.equal((await post('osaka')).status, 422);
  const rows = await world.root.t.owner('select organisation, version from linkage_root.key_rotation');
  assert.deepEqual(rows, [{ organisation: 'setagaya', version: 2 }]);
});

test('002-IMS-F5 記録は番号と日で探せる; the network shows counts, records, list and plans a stop that holds', async () => {
  const { prefecture } = await world.person(tax);
  const { inquiryNumber } = unwrap(await world.ask(world.question(prefecture)));
  const read = async (at: (typeof world)['meguro'], path: string): Promise<string> => {
    const response = await at.pages.fetch(new Request(`http://x${path}`));
    assert.equal(response.status, 200, path);
    return response.text();
  };
  for (const at of [world.meguro, world.tokyo]) {
    assert.match(await read(at, `/records?number=${inquiryNumber}`), /MS2-009/);
    assert.doesNotMatch(await read(at, '/records?on=2020-01-01'), /MS2-009/);
    assert.doesNotMatch(await read(at, '/records'), new RegExp(prefecture));
    assert.match(await read(at, '/'), /符号/);
  }
  assert.match(await read(world.network, '/'), /meguro/);
  assert.match(await read(world.network, '/records?asker=tokyo'), new RegExp(inquiryNumber));
  assert.match(await read(world.network, '/list'), /009-TKX-0001-W/);

  const now = world.machineClock.now().toZonedDateTimeISO('Asia/Tokyo').toPlainDateTime();
  const text = (at: Temporal.PlainDateTime) => at.toString({ smallestUnit: 'minute' }).replace('T', ' ');
  const session = {
    actor: { kind: 'staff', organisation: 'ins', staffId: 's-1', sessionId: 'x-1' },
    displayName: '',
    csrfSecret: new Uint8Array(32),
  } as const;
  const plan = (from: string, until: string) =>
    world.network.pages.fetch(
      new Request('http://x/maintenance', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://x' },
        body: new URLSearchParams({
          _token: formToken(session),
          provider: 'meguro',
          from,
          until,
          reason: '保守',
        }).toString(),
      }),
    );
  assert.equal((await plan('2026-13-45 10:00', text(now))).status, 422);
  assert.equal((await plan(text(now), text(now.subtract({ hours: 1 })))).status, 422);
  assert.equal((await plan(text(now.subtract({ hours: 1 })), text(now.add({ hours: 1 })))).status, 303);
  assert.match(await read(world.network, '/maintenance'), /保守/);
  assert.deepEqual(await world.ask(world.question(prefecture)), err('under-maintenance'));
  world.wait({ hours: 2 });
  assert.equal(unwrap(await world.ask(world.question(prefecture))).result, '00');
});

test('002 IMS-F9, 001 IMS-S3 職員は役割の画面だけを開け、役割のない職員には何も開かず、業務処理も拒まれて記録される', async () => {
  const opened = async (roles: readonly string[]): Promise<string[]> => {
    world.sit('meguro/intermediate-server', 'm-7001', roles);
    const lists = world.meguro.pages.pages.filter(({ method, path }) => method === 'GET' && !path.includes(':'));
    const found = [];
    for (const { path } of lists) if ((await world.read(world.meguro, path)).status === 200) found.push(path);
    return found;
  };
  assert.deepEqual(await opened([]), []);
  const read = await opened(['audit-reader']);
  assert.ok(read.includes('/records') && !read.includes('/held') && !read.includes('/copies'), read.join(' '));
  const analyst = await opened(['log-analyst']);
  assert.ok(analyst.includes('/log-analysis') && !analyst.includes('/records'), analyst.join(' '));
  assert.ok((await opened(['ims-operator'])).includes('/held'));

  // Taken away between the page and the button: the act asks anew.
  const actor = world.sit('meguro/intermediate-server', 'm-7001', []);
  const before = await world.eventsOf(world.meguro, 'provision.decide-held.refused');
  assert.deepEqual(
    await decideHeld(depsOf(world, world.meguro), actor, {
      inquiryNumber: world.newId(),
      decision: 'release',
      reason: '-',
    }),
    err('not-authorised'),
  );
  const after = await world.eventsOf(world.meguro, 'provision.decide-held.refused');
  assert.equal(after.length, before.length + 1);
  assert.equal(after.at(-1)!.actor.staffId, 'm-7001');
});
