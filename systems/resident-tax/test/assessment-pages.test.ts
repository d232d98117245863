import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import { recallNotice } from '@musubi/contracts/eltax/special-notices.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { Notifications } from '@musubi/kernel/db/listen.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { BrowserContext, Page } from 'playwright-core';
import { type AssessmentDeps, assessmentNav, assessmentRights, registerAssessmentPages } from '../assessment-module.ts';
import { workOrders } from '../service/assessment/work-orders.ts';
import { irregular } from '../service/irregular/irregular.ts';
import { lodgeNext } from '../service/lodging/lodge.ts';
import { aPerson, chargeAll, chief, clerk, noPortal, type TaxTest, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());
const stylesheet = await buildStylesheet();

const sessions: Record<string, PageSession> = {
  clerk: {
    actor: clerk,
    displayName: '賦課 一郎',
    position: '税務課 賦課担当',
    csrfSecret: new Uint8Array(32).fill(1),
  },
  chief: { actor: chief, displayName: '税務 課子', position: '税務課長', csrfSecret: new Uint8Array(32).fill(2) },
};
const roles: Record<string, string> = { 'clerk-1': 'levy-clerk', 'chief-1': 'levy-chief' };

/** The portal, of which nothing was fetched. */
const portalAnswers: PeerClient['call'] = async (endpoint) =>
  (endpoint.id === recallNotice.id
    ? { ok: true, value: { recalledAt: '2026-06-01T00:00:00Z', fetched: false } }
    : { ok: false, error: 'no-such-notice' }) as never;

/** The pages of this module over the loopback; who is signed in stands in a cookie of the test. */
async function served(x: TaxTest) {
  const rights = createRights({ system: 'resident-tax', ...assessmentRights }, 'meguro', {
    rolesOf: async (_tx, actor) => [roles[actor.staffId] ?? ''],
  });
  const notifications = new Notifications(x.t.db);
  const deps: AssessmentDeps = {
    ...x.deps,
    rights,
    typesetter,
    subjectCheckKey: new Uint8Array(32).fill(9),
    office,
    notifications,
    noticeLine: { ...noPortal, peers: { call: portalAnswers } },
    restSeconds: 60,
    commonPlatform: 'meguro/common-platform' as AssessmentDeps['commonPlatform'],
    peers: {
      call: async (_endpoint, _peer, _params, body) => {
        const { copies } = body as unknown as { copies: readonly unknown[] };
        return { ok: true, value: { accepted: copies.length - 1, rejected: [{ row: 1, code: 'M04' }] } } as never;
      },
    },
    onError: (error) => {
      throw error;
    },
  };
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Resident tax' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: { read: async (request) => sessions[/who=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? ''] },
    mayOpen: (actor, right) => rights.allows(undefined as never, actor, right),
    stylesheet,
    random: systemRandom,
    nav: assessmentNav,
    onError: (error) => console.error(error),
  });
  registerAssessmentPages(app, deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const origin = `http://rtx.meguro.localhost:${(server.address() as AddressInfo).port}`;
  return {
    app,
    deps,
    origin,
    as: (context: BrowserContext, who: 'clerk' | 'chief') =>
      context.addCookies([{ name: 'who', value: who, url: origin }]),
    async [Symbol.asyncDispose]() {
      await new Promise<void>((done) => server.close(() => done()));
      await notifications.close();
    },
  };
}

async function looked(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await screenshot(page, `resident-tax-${name}`);
}

const ordinary = { ordinaryCollection: true };

test('002 W07 画面: 賦課計算、確認、決裁、通知書、副本までを二人の職員が進める', async () => {
  await using x = await taxTest();
  unwrap(await irregular.registerFirst(x.deps, { kind: 'job', name: 'start' }, null));
  const two = { paidYen: 2_000_000, columns: ordinary };
  unwrap(
    await aPerson(x.deps, clerk, {
      name: '目黒 太郎',
      reports: [{ paidYen: 4_000_000, columns: { ...ordinary, socialInsuranceYen: 600_000 } }],
    }),
  );
  unwrap(await aPerson(x.deps, clerk, { name: '碑文谷 光', reports: [{ paidYen: 5_000_000 }] }));
  unwrap(await aPerson(x.deps, clerk, { name: '洗足 渚', reports: [two, { ...two, payerName: '株式会社別' }] }));
  unwrap(await aPerson(x.deps, clerk, { name: '\u{2FFFD} 花', reports: [{ paidYen: 3_000_000, columns: ordinary }] }));
  await x.t.owner(
    `update resident_tax.report set payer_number = '1234567890123', recipient_number = 'A-1' where name = '碑文谷 光'`,
  );
  await using s = await served(x);
  const at = (path: string): string => `${s.origin}${path}`;

  await withPage(async (page, context) => {
    await s.as(context, 'clerk');
    await page.goto(at('/assessment-runs'));
    await looked(page, 'runs');
    await page.getByRole('button', { name: '計算を始める' }).click();
    await page.getByText('開始待ち').waitFor();
    await workOrders(s.deps);
    await page.reload();
    await page.getByText('終了').first().waitFor();
    await looked(page, 'run');

    await page.getByRole('link', { name: 'エラーの一覧を見る' }).click();
    await page.getByText('年末調整済みの報告書が2通以上あります').waitFor();
    await looked(page, 'held');
    await page.getByRole('link', { name: /報告書を確認する/ }).click();
    await page.getByRole('button', { name: '登録して起案する' }).click();
    await page.getByRole('alert').getByText('理由を入力してください').waitFor();
    await looked(page, 'settle');
    await page.getByLabel('株式会社別 2,000,000円').check();
    await page.getByLabel('確認の方法と理由').fill('2社目は誤って年末調整したものと勤務先に確認');
    await page.getByRole('button', { name: '登録して起案する' }).click();
    await page.getByText('確認の結果を登録し').waitFor();

    await page.goto(at('/assessments?year=2026&sort=annual.desc'));
    assert.equal(await page.getByRole('row').count(), 5);
    await looked(page, 'assessments');
    await page.getByRole('link', { name: '目黒 太郎' }).click();
    await page.getByText('175,500円').first().waitFor();
    await page.getByText('地方税法 第314条の6').first().waitFor();
    await looked(page, 'assessment');

    await page.goto(at('/assessments?year=2026'));
    await page.getByRole('button', { name: '起案をまとめて決裁に回す' }).click();
    await page.getByText('4件を決裁に回しました').waitFor();
    await page.getByText('自分の起案').waitFor();
    await page.getByRole('link', { name: /賦課決定/ }).click();
    await page.getByText('自分が起案したものは承認できません').waitFor();
    await looked(page, 'own-submission');
  });

  await withPage(async (page, context) => {
    await s.as(context, 'chief');
    await page.goto(at('/assessment-approvals'));
    await looked(page, 'approvals');
    await page.getByRole('link', { name: /賦課決定/ }).click();
    await page.getByRole('button', { name: '差し戻す' }).click();
    await page.getByText('理由を入力してください').waitFor();
    await looked(page, 'approval');
    await page.getByRole('button', { name: '4件を決定する' }).click();
    await page.getByText('4件を決定しました').waitFor();
    // The chief decides and drafts nothing.
    const asked = new Request(at('/assessment-runs'), { method: 'POST', headers: { cookie: 'who=chief' } });
    assert.equal((await s.app.fetch(asked)).status, 403);
  });

  await withPage(
    async (page, context) => {
      await s.as(context, 'clerk');
      await page.goto(at('/notice-runs'));
      await page.getByRole('button', { name: '作成を始める' }).click();
      await workOrders(s.deps);
      await page.reload();
      await page.getByText('印刷用データの合計は台帳と一致しています').waitFor();
      await page.getByRole('link', { name: 'エラーの一覧を見る' }).click();
      await page.getByText('印字できない文字があります').waitFor();
      await page.goto(at('/notices'));
      await page
        .getByRole('link', { name: /RTX-2026-/ })
        .first()
        .click();
      const path = `${new URL(page.url()).pathname}/pdf`;
      const pdf = await s.app.fetch(new Request(at(path), { headers: { cookie: 'who=clerk' } }));
      assert.equal(pdf.headers.get('content-type'), 'application/pdf');
      assert.equal(
        Buffer.from(await pdf.arrayBuffer())
          .subarray(0, 5)
          .toString(),
        '%PDF-',
      );
    },
    { scripts: false },
  );

  await withPage(async (page, context) => {
    await s.as(context, 'clerk');
    await page.goto(at('/notice-runs'));
    await page.getByRole('link', { name: /令和8年度/ }).click();
    await looked(page, 'notice-run');
    await page.getByRole('link', { name: 'エラーの一覧を見る' }).click();
    await looked(page, 'notice-rejects');
    await page.goto(at('/notices'));
    await looked(page, 'notices');
    await page
      .getByRole('link', { name: /RTX-2026-/ })
      .first()
      .click();
    await looked(page, 'notice');
    await page.goto(at('/special-notice-runs'));
    await page.getByRole('button', { name: '作成を始める' }).click();
    await page.getByText('開始待ち').waitFor();
    await chargeAll(x.deps);
    await workOrders(s.deps);
    await page.reload();
    await page.getByText('特別徴収義務者ごとの通知の作成').waitFor();
    await page.goto(at('/special-notices'));
    await page.getByText('株式会社目黒製作所').first().waitFor();
    await looked(page, 'special-notices');
    const href = await page.getByRole('link', { name: '義務者用（電子）' }).getAttribute('href');
    const zip = await s.app.fetch(new Request(at(href ?? ''), { headers: { cookie: 'who=clerk' } }));
    assert.equal(zip.headers.get('content-type'), 'application/zip');
    // 電子交付: who ordered the run does not let it go; the chief does.
    await page.getByRole('link', { name: /承認待ち.*目黒製作所/ }).click();
    await page.getByText('1234567890123').waitFor();
    await looked(page, 'notice-release');
    const mayNot = await page.getByRole('button', { name: /承認する/ }).count();
    assert.equal(mayNot, 0);
    await s.as(context, 'chief');
    await page.reload();
    await page.getByRole('button', { name: '1件の電子交付を承認する' }).click();
    await page.getByText('1件の電子交付を承認しました').waitFor();
    await s.as(context, 'clerk');
    await page.goto(at('/special-notices'));
    await page.getByRole('link', { name: /送信待ち/ }).click();
    await page.getByLabel('番号（表の左端）').fill('1');
    await page.getByLabel('本人を確認した書類').fill('運転免許証');
    await page.getByLabel('本人を確認した書類').press('Enter');
    await page.getByText('番号1の人のパスワード').waitFor();
    await page.getByRole('link', { name: '通知に戻る' }).click();
    await page.getByRole('button', { name: '配信を停止する' }).click();
    await page.getByLabel('配信を停止する理由').fill('異動届の事業所を誤って入力した');
    await page.getByRole('button', { name: '配信を停止する' }).click();
    await page.getByText('受領される前に配信を停止しました').waitFor();
    await looked(page, 'notice-way');
    // One name cannot be printed, and one notice was called back before anybody fetched it: the year stays open, and the page says who is missing.
    await page.goto(at('/notice-gaps?year=2026'));
    await page.getByText('通知のない賦課が2件あります').waitFor();
    await looked(page, 'notice-gaps');
    await page.goto(at('/assessments?year=2026'));
    await page.getByRole('link', { name: '目黒 太郎' }).click();
    await page.getByText('案件特定キー').waitFor();
    await looked(page, 'assessment-charged');
    await lodgeNext(s.deps);
    await page.goto(at('/lodged-copies'));
    await looked(page, 'lodged-copies');
    await page.getByRole('button', { name: '再送する' }).click();
    await page.getByText('次の送信で再送します').waitFor();
  });
  const opened = await x.t.owner(`select 1 from audit.intake_event where body like '%"notice.opened"%'`);
  assert.ok(opened.length >= 1);
});

test('issue A access: every page of the module declares a right, and an unknown id is not found', async () => {
  await using x = await taxTest();
  await using s = await served(x);
  for (const declared of s.app.pages) assert.ok(Array.isArray(declared.right), declared.path);
  const none = '00000000-0000-7000-8000-000000000000';
  for (const path of [
    `/assessments/${none}`,
    '/assessments/x',
    `/assessment-runs/${none}`,
    `/assessment-approvals/${none}`,
    '/notices/RTX-2026-999999',
    '/notices/x/pdf',
    `/assessment-holds/2026/${none}`,
    `/special-notices/${none}/package`,
    `/special-notices/${none}`,
    `/special-notice-runs/${none}`,
  ]) {
    const response = await s.app.fetch(new Request(`${s.origin}${path}`, { headers: { cookie: 'who=clerk' } }));
    assert.equal(response.status, 404, path);
  }
  const anonymous = await s.app.fetch(new Request(`${s.origin}/assessments`));
  assert.equal(anonymous.status, 401);
});
