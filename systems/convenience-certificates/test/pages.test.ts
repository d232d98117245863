import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { answerRequest } from '../service/requests.ts';
import { degradedPages } from '../web/degraded.ts';
import { requestPages } from '../web/requests.ts';
import { aHolder, anOffice, aRequest, centre, staff, typesetter } from './an-office.ts';

after(() => typesetter.close());

test('AC-27 画面: 申請と結果を見て、税システムが止まっている間だけ縮退運用を始め、窓口で交付して終える', async () => {
  await using office = await anOffice();
  for (const i of [1, 2]) await aHolder(office, i);
  unwrap(await answerRequest(office.deps, centre, aRequest(1)));
  office.says = 'stale';
  unwrap(await answerRequest(office.deps, centre, aRequest(2)));
  office.ahead = 16 * 60_000;
  const sessions = Object.fromEntries(
    ['certificate-operator', 'certificate-clerk'].map((role, i) => [
      role,
      { actor: staff(role), displayName: '連携 操', position: '運用担当', csrfSecret: new Uint8Array(32).fill(i + 1) },
    ]),
  );
  const { rights } = office.deps;
  const app = createPageApp({
    system: {
      id: 'convenience-certificates',
      name: 'コンビニ交付システム',
      gloss: 'Certificates at convenience stores',
    },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async (request) => sessions[/who=([\w-]+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? ''] as never,
    },
    mayOpen: (actor, right) => rights.allows(undefined as never, actor, right),
    stylesheet: await buildStylesheet(),
    random: systemRandom,
    nav: [],
    onError: (error) => console.error(error),
  });
  requestPages(app, office.deps);
  degradedPages(app, office.deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const origin = `http://cvs.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page, context) => {
      const as = (who: string) => context.addCookies([{ name: 'who', value: who, url: origin }]);
      const shown = async (): Promise<string> => (await page.textContent('main')) ?? '';
      await as('certificate-operator');
      await page.goto(origin);
      assert.match(await shown(), /未確定[\s\S]*更新中/);
      await expectAccessible(page);
      await screenshot(page, 'convenience-certificates-requests');
      await page.goto(`${origin}/?open=yes`);
      assert.match(await shown(), /1\s*件/);

      await page.goto(`${origin}/degraded`);
      await page.getByLabel('理由').fill('個人住民税システムの障害');
      await page.getByRole('button', { name: '始める' }).click();
      assert.match(await shown(), /応答しています/);
      office.says = 'unreachable';
      await page.getByLabel('理由').fill('個人住民税システムの障害');
      await page.getByRole('button', { name: '始める' }).click();
      assert.match(await shown(), /縮退運用中です/);

      await as('certificate-clerk');
      await page.goto(`${origin}/degraded`);
      await expectAccessible(page);
      await screenshot(page, 'convenience-certificates-degraded');
      await page.getByLabel('宛名番号').fill('1');
      await page.getByLabel('本人確認').selectOption('licence');
      await page.getByRole('button', { name: '作る' }).click();
      assert.match(await shown(), /KD-2026-[0-9]{8}を作りました/);
      assert.equal((await page.goto(origin))?.status(), 403);
    });
  } finally {
    await new Promise<void>((done) => server.close(() => done()));
  }
});
