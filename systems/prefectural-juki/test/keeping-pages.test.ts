import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { correctionNav } from '@musubi/kernel/corrections/pages.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { addRetentionPages, retentionNav } from '@musubi/kernel/retention/pages.ts';
import { retentionTemplates } from '@musubi/kernel/retention/retention.ts';
import { keepHouse } from '@musubi/kernel/serve/housekeeping.ts';
import { rights as table } from '../rights.ts';
import { registerRetention } from '../service/retention.ts';
import { addRecordCorrectionPages } from '../web/corrections.ts';
import { aRegister, job, keeper, manager, removedBy } from './retention-world.ts';

const typesetter = lazyTypesetter({ templatesFolder: fileURLToPath(retentionTemplates) });
after(() => typesetter.close());
const stylesheet = await buildStylesheet();
const sessions: Record<string, PageSession> = {
  keeper: { actor: keeper, displayName: '保守 一郎', csrfSecret: new Uint8Array(32).fill(1) },
  manager: { actor: manager, displayName: '決裁 花子', csrfSecret: new Uint8Array(32).fill(2) },
};

async function served() {
  const w = await aRegister('2026-06-01');
  const rights = createRights(table, 'tokyo', {
    rolesOf: async (_tx, actor) => [actor.staffId === 'K-1' ? 'record-keeper' : 'disclosure-manager'],
  });
  const deps = { ...w.deps, rights, typesetter };
  const app = createPageApp({
    system: { id: 'prefectural-juki', name: '都道府県サーバ', gloss: 'Prefectural register server' },
    organisation: { id: 'tokyo', name: '東京都', gloss: 'Tokyo' },
    environment: trainingTown,
    session: { read: async (request) => sessions[/who=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? ''] },
    mayOpen: (actor, right) => rights.allows(undefined as never, actor, right),
    stylesheet,
    random: systemRandom,
    nav: [...retentionNav('prefectural-juki'), ...correctionNav('prefectural-juki')],
    onError: (error) => console.error(error),
  });
  addRetentionPages(app, registerRetention, deps, '東京都知事');
  addRecordCorrectionPages(app, deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  return {
    w,
    deps,
    origin: `http://juki.tokyo.localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((done) => server.close(() => done()));
      await w[Symbol.asyncDispose]();
    },
  };
}

test('003 U25 保存期間の画面: 満了を見て起案し、別の職員が承認し、消去し、証明書を開く。補正の画面も同じく', async () => {
  await using s = await served();
  const dead = await s.w.person('亡子');
  const staying = await s.w.person('残子');
  await s.w.change(dead, removedBy('death'));
  await s.w.moveTo('2176-06-02');
  unwrap(await runBatch(s.w.deps, job, registerRetention.sealRun, { on: '2176-06-02' }));
  await withPage(async (page, context) => {
    const as = (who: string) => context.addCookies([{ name: 'who', value: who, url: s.origin }]);
    const press = async (name: string): Promise<void> => {
      await page.getByRole('button', { name, exact: true }).first().focus();
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    };
    await as('keeper');
    await page.goto(`${s.origin}/retention`);
    await expectAccessible(page);
    await press('満了した記録の消去を起案する');
    assert.equal(await page.getByRole('button', { name: '承認する' }).count(), 0);
    await as('manager');
    await page.goto(`${s.origin}/retention`);
    await press('承認する');
    await as('keeper');
    await page.goto(`${s.origin}/retention`);
    // 猶予期間: approved, and not yet to be carried out.
    assert.equal(await page.getByRole('button', { name: '消去する', exact: true }).count(), 0);
    await s.w.moveTo('2176-06-09');
    await page.goto(`${s.origin}/retention`);
    await press('消去する');
    await keepHouse({ deps: s.w.deps, keyStore: s.w.deps.keyStore, onError: (e) => assert.fail(String(e)) }, new Map());
    await page.goto(`${s.origin}/retention`);
    await expectAccessible(page);
    await screenshot(page, 'retention-erased');
    const certificate = await page.getByRole('link', { name: '消去証明書' }).getAttribute('href');
    const type = await page.evaluate(async (path) => (await fetch(path)).headers.get('content-type'), certificate!);
    assert.equal(type, 'application/pdf');

    await page.goto(`${s.origin}/corrections/new`);
    await expectAccessible(page);
    await screenshot(page, 'correction-new');
    await page.getByLabel('手順').selectOption('補正-1');
    await page.getByLabel('根拠文書の番号').fill('起案8-12');
    await page.getByLabel('理由').fill('通知できないため');
    await page.getByLabel('記録の番号').fill(staying.personId);
    await page.getByLabel('住所').first().fill('東京都目黒区駒場一丁目1番1号');
    await press('起案する');
    await page.getByText('起案しました').waitFor();
    assert.equal(await page.getByRole('button', { name: '承認する' }).count(), 0);
    await as('manager');
    await page.reload();
    await expectAccessible(page);
    await press('承認する');
    await page.getByText('承認しました').waitFor();
    await screenshot(page, 'correction-approved');
    await page.goto(`${s.origin}/corrections`);
    await expectAccessible(page);
  });
});
