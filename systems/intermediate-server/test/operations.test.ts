import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { fetchList } from '../service/fetch-list.ts';
import { operations } from '../service/operations.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job: Actor = { kind: 'job', name: 'operations' };
const operator: Actor = { kind: 'staff', organisation: 'tokyo', staffId: 's-1', sessionId: 'x-1' };
const deps = depsOf(world, world.tokyo);
for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));

test('C 運用: 照会の件数と時間、期限の近い証明書が示され、誰も引き受けない警報は責任者へ上がる', async () => {
  const { prefecture } = await world.person({ 課税区分: '課税' });
  for (let i = 0; i < 3; i++) unwrap(await world.ask(world.question(prefecture)));
  const { state } = unwrap(await operations.read(deps, operator, {}));
  const inquiry = state.services.find(({ name }) => name === 'inquiry')!;
  assert.equal(inquiry.done, 3);
  assert.ok(inquiry.p50Ms !== null && inquiry.p50Ms < 10_000);
  assert.deepEqual(unwrap(await operations.watch(deps, job)), { escalated: 0, opened: 0, closed: 0 });

  // The world's certificates end in 300 days: at 280 they are about to.
  world.wait({ hours: 24 * 280 });
  assert.equal(unwrap(await operations.watch(deps, job)).opened, 4, 'one for each certificate');
  assert.equal(unwrap(await operations.watch(deps, job)).opened, 0);
  const { alerts } = unwrap(await operations.read(deps, operator, {}));
  const [first] = alerts;
  assert.equal(first!.code, 'certificate-ending');
  unwrap(await operations.acknowledge(deps, operator, { alertId: first!.alertId, note: '更新を確認する' }));
  world.wait({ minutes: 16 });
  assert.equal(unwrap(await operations.watch(deps, job)).escalated, 3, 'all but the one that was taken up');
  const page = await world.tokyo.pages.fetch(new Request('http://x/operations'));
  assert.match(await page.text(), /証明書の期限が近づいています/);
});
