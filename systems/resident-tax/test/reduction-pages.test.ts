import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { holdCeremony, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import type { Page } from 'playwright-core';
import { reductionNav, registerReductionPages } from '../reduction-module.ts';
import { rights as table } from '../rights.ts';
import { pensionPages } from '../web/pension-collection.ts';
import { aPerson, assessAll, chargeAll, chief, clerk, decideAll, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());
const stylesheet = await buildStylesheet();
const now = Temporal.Instant.from('2026-06-01T00:00:00Z');
const trust = await trustWithCrl(await holdCeremony(now), now);

const sessions: Record<string, PageSession> = {
  clerk: { actor: clerk, displayName: '賦課 一郎', position: '賦課担当', csrfSecret: new Uint8Array(32).fill(1) },
  chief: { actor: chief, displayName: '税務 課子', position: '税務課長', csrfSecret: new Uint8Array(32).fill(2) },
};
const roles: Record<string, string> = { 'clerk-1': 'levy-clerk', 'chief-1': 'levy-chief' };

async function looked(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await screenshot(page, `resident-tax-${name}`);
}

test('AC-16 画面: 減免の申請から照会、決裁、通知書までを二人の職員が進め、審査請求も受け付ける', async () => {
  await using x = await taxTest();
  const rights = createRights(table, 'meguro', { rolesOf: async (_tx, actor) => [roles[actor.staffId] ?? ''] });
  const deps = {
    ...x.deps,
    rights,
    typesetter,
    subjectCheckKey: new Uint8Array(32).fill(9),
    office,
    trust,
    peers: { call: (async () => err('provider-unavailable')) as unknown as PeerClient['call'] },
    commonPlatform: 'meguro/common-platform',
    network: 'ins/information-providing-network',
    inquiryBodies: [{ organisation: 'setagaya', name: '世田谷区', signer: 'setagaya/intermediate-server' }],
    pension: 'finance/pension',
  } as const;
  unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen: 4_000_000, columns: { ordinaryCollection: true } }] }));
  await assessAll(x.deps);
  await decideAll(x.deps);
  await chargeAll(x.deps);
  x.t.deps.civilClock.set('2026-07-15');
  const [levy] = await x.t.owner<{ id: string }>('select assessment_id as id from resident_tax.assessment_decision');

  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Resident tax' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: { read: async (request) => sessions[/who=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? ''] },
    mayOpen: (actor, right) => rights.allows(undefined as never, actor, right),
    stylesheet,
    random: systemRandom,
    nav: reductionNav,
    onError: (error) => console.error(error),
  });
  registerReductionPages(app, deps);
  pensionPages(app, deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const origin = `http://rtx.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page, context) => {
      const as = (who: string) => context.addCookies([{ name: 'who', value: who, url: origin }]);
      await as('clerk');
      await page.goto(`${origin}/assessments/${levy!.id}/reduction`);
      await looked(page, 'reduction-application');
      await page.getByLabel('生活扶助等を受けることになった').check();
      await page.getByLabel('申請の理由').fill('7月1日から生活扶助を受けています');
      await page.getByRole('button', { name: '申請を受け付ける' }).click();
      await page.getByText('申請を受け付けました').waitFor();
      const at = page.url();
      await page.getByRole('button', { name: '照会する' }).click();
      await page.getByText('照会を記録しました').waitFor();
      await page.getByLabel('減免する', { exact: true }).check();
      await page.getByLabel('免除する', { exact: true }).check();
      await page.getByRole('textbox', { name: /^理由/ }).fill('保護開始決定通知書を確認');
      await page.getByRole('button', { name: '決裁に回す' }).click();
      await page.getByText('別の職員の承認を待ちます').waitFor();
      await looked(page, 'reduction');
      assert.equal(await page.getByRole('button', { name: '決定する' }).count(), 0);

      await as('chief');
      await page.goto(at);
      await page.getByLabel('承認する').check();
      await page.getByRole('button', { name: '決定する' }).click();
      await page.getByText('回答によらず認める理由を入力してください').waitFor();
      await page.getByLabel('承認する').check();
      await page.getByLabel('回答によらず認める理由').fill('福祉事務所の保護開始決定通知書を確認した');
      await page.getByRole('button', { name: '決定する' }).click();
      await page.getByText('決定しました').waitFor();

      await as('clerk');
      await page.goto(at);
      await page.getByRole('button', { name: '減免決定通知書を作る' }).click();
      await page.getByText('減免決定通知書を作りました').waitFor();
      await page.getByRole('link', { name: /減免決定通知書 RTX-2026/ }).waitFor();
      await looked(page, 'reduction-decided');
      await page.goto(`${origin}/reductions?year=2026`);
      await page.getByRole('link', { name: '目黒 花子' }).waitFor();
      await looked(page, 'reductions');

      await page.goto(`${origin}/assessments/${levy!.id}/objection`);
      await page.getByLabel('処分があったことを知った日').fill('2026-06-12');
      await page.getByLabel('趣旨と理由').fill('扶養控除が認められていない');
      await page.getByRole('button', { name: '受け付ける' }).click();
      await page.getByText('審査請求を受け付けました').waitFor();
      await looked(page, 'objections');
      await page.goto(`${origin}/pension-collection?year=2026`);
      await page.getByText('この年度の依頼はまだありません').waitFor();
      await looked(page, 'pension-collection');
    });
  } finally {
    await new Promise<void>((done) => server.close(() => done()));
  }
});
