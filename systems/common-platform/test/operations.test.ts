import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { serve } from '@hono/node-server';
import { roleMay } from '@musubi/kernel/access/rights.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { operationsPages } from '@musubi/kernel/operations/pages.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { rights } from '../rights.ts';
import { operations } from '../service/operations.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { aChange, aPlatform, received, staffActor, systemActor, type World } from './world.ts';

const job: Actor = { kind: 'job', name: 'operations' };
const as = (staffId: string) => ({ ...staffActor(staffId), organisation: 'meguro' });
const watch = async (w: World) => unwrap(await operations.watch(w.deps, job));
const open = async (w: World) =>
  unwrap(await operations.read(w.deps, as('c1'), {})).alerts.filter((a) => a.code === 'queue-stuck');

/** A platform whose message to a business has waited for ten minutes. Test certificates end tomorrow, which is an alert too. */
async function aStuckQueue(): Promise<World> {
  const w = await aPlatform();
  unwrap(await takeResidentChange(w.deps, systemActor('meguro/resident-register'), received(aChange(w))));
  await w.t.owner("update streams.outgoing set entered_at = entered_at - interval '10 minutes'");
  return w;
}

test('C 運用: 滞りは警報になり、誰も対応しなければ名指しの役割に引き上げられ、解消すれば閉じる', async () => {
  await using w = await aStuckQueue();
  assert.equal((await watch(w)).opened > 0, true);
  assert.deepEqual(await watch(w), { opened: 0, closed: 0, escalated: 0 });
  const [alert] = await open(w);
  assert.deepEqual([alert!.about, alert!.detail.waiting], ['meguro/resident-tax platform.person-change', 1]);
  await w.t.owner("update operations.alert set opened_at = opened_at - interval '16 minutes'");
  assert.equal((await watch(w)).escalated > 0, true);
  assert.equal((await open(w))[0]!.escalatedTo, 'approver');
  unwrap(await operations.acknowledge(w.deps, as('a1'), { alertId: alert!.alertId, note: '業務側の再起動を依頼' }));
  assert.deepEqual(await operations.acknowledge(w.deps, as('c1'), { alertId: alert!.alertId, note: '同じ' }), {
    ok: false,
    error: 'already-acknowledged',
  });
  await w.t.owner("update streams.outgoing set number = 1, state = 'applied', settled_at = now()");
  assert.equal((await watch(w)).closed > 0, true);
  assert.notEqual((await open(w))[0]!.closedAt, null);
});

test('C 運用: 引き受けた警報は引き上げられず、権限のない職員は見ることも引き受けることもできない', async () => {
  await using w = await aStuckQueue();
  await watch(w);
  const [alert] = await open(w);
  const command = { alertId: alert!.alertId, note: '確認中' };
  assert.deepEqual(await operations.acknowledge(w.deps, as('s1'), command), { ok: false, error: 'not-authorised' });
  assert.deepEqual(await operations.read(w.deps, as('s1'), {}), { ok: false, error: 'not-authorised' });
  unwrap(await operations.acknowledge(w.deps, as('c1'), command));
  await w.t.owner("update operations.alert set opened_at = opened_at - interval '16 minutes'");
  await watch(w);
  assert.equal((await open(w))[0]!.escalatedAt, null);
});

test('C 運用: 状況の画面で警報をキーボードだけで引き受けられる（実ブラウザー、axe違反なし）', async () => {
  await using w = await aStuckQueue();
  await watch(w);
  await w.t.owner("update operations.alert set opened_at = opened_at - interval '16 minutes'");
  await watch(w);
  const app = createPageApp({
    system: { id: 'common-platform', name: '共通連携基盤', gloss: 'Common platform' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () => ({ actor: as('a1'), displayName: '試験 花子', csrfSecret: new Uint8Array(32).fill(7) }),
    },
    mayOpen: async (_actor, right) => roleMay(rights, 'approver', right),
    stylesheet: await buildStylesheet({ sources: [path.join(import.meta.dirname, '../../../kernel/operations')] }),
    random: systemRandom,
    onError: (error) => w.faults.push(error),
  });
  operationsPages(app, w.deps, operations);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((done) => server.once('listening', done));
  const url = `http://platform.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      await page.goto(`${url}/operations`);
      await page.getByText('誰も対応していない警報').waitFor();
      await expectAccessible(page);
      await screenshot(page, 'common-platform-operations');
      await page.getByLabel('対応の内容').first().focus();
      await page.keyboard.type('業務側の再起動を依頼');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText('対応を引き受けました').waitFor();
      await expectAccessible(page);
    });
  } finally {
    server.close();
  }
  assert.deepEqual(w.faults, []);
});
