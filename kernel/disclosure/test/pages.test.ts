import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import type { Page } from 'playwright-core';
import { createRights } from '../../access/rights.ts';
import { createTypesetter } from '../../documents/typesetter.ts';
import { createPageApp } from '../../pages/app.ts';
import { buildStylesheet } from '../../pages/build-css.ts';
import { trainingTown } from '../../pages/layout.ts';
import type { PageSession } from '../../pages/session.ts';
import { expectAccessible, screenshot, withPage } from '../../pages/testing.ts';
import { systemRandom } from '../../random/random.ts';
import { unwrap } from '../../result/result.ts';
import { disclosureTemplates } from '../disclosure.ts';
import { addGuidePages } from '../guide-pages.ts';
import { addLedgerPages } from '../ledger-pages.ts';
import { addDisclosurePages, disclosureNav } from '../pages.ts';
import { aCounter, aRequest, counterClerk, manager } from '../testing.ts';

const typesetter = await createTypesetter({ templatesFolder: fileURLToPath(disclosureTemplates) });
after(() => typesetter.close());
const stylesheet = await buildStylesheet();
const sessions: Record<string, PageSession> = {
  clerk: { actor: counterClerk, displayName: '窓口 一郎', csrfSecret: new Uint8Array(32).fill(1) },
  manager: { actor: manager, displayName: '決裁 花子', csrfSecret: new Uint8Array(32).fill(2) },
};

async function served() {
  const counter = await aCounter({ typesetter });
  const rights = createRights(
    {
      system: 'prefectural-juki',
      staff: {
        clerk: [
          ['disclosure', 'update'],
          ['form-ledger', 'update'],
        ],
        manager: [
          ['disclosure', 'read'],
          ['disclosure-decision', 'update'],
        ],
      },
      peers: [],
      jobs: [],
    },
    'tokyo',
    { rolesOf: async (_tx, actor) => [actor.staffId === 'S-1' ? 'clerk' : 'manager'] },
  );
  const deps = { ...counter.deps, rights };
  const app = createPageApp({
    system: { id: 'prefectural-juki', name: '都道府県サーバ', gloss: 'Prefectural register server' },
    organisation: { id: 'tokyo', name: '東京都', gloss: 'Tokyo' },
    environment: trainingTown,
    session: { read: async (request) => sessions[/who=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? ''] },
    mayOpen: (actor, right) => rights.allows(undefined as never, actor, right),
    stylesheet,
    random: systemRandom,
    nav: disclosureNav('prefectural-juki'),
    onError: (error) => console.error(error),
  });
  addGuidePages(app, counter.counter, deps);
  addDisclosurePages(app, counter.counter, deps);
  addLedgerPages(app, counter.counter, deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  return {
    counter,
    origin: `http://juki.tokyo.localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((done) => server.close(() => done()));
      await counter[Symbol.asyncDispose]();
    },
  };
}

/** Goes to a control with the Tab key alone, as somebody without a mouse does. */
async function tabTo(
  page: Page,
  role: 'button' | 'textbox' | 'link' | 'radio' | 'checkbox' | 'combobox',
  name: string,
): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: false }).first();
  await wanted.waitFor();
  for (let i = 0; i < 120; i++) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not reach ${role} ${name}`);
}
const press = async (page: Page, role: 'button' | 'link', name: string): Promise<void> => {
  await tabTo(page, role, name);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
};
const typeIn = async (page: Page, label: string, text: string): Promise<void> => {
  await tabTo(page, 'textbox', label);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
};
const looked = async (page: Page, name: string): Promise<void> => {
  await expectAccessible(page);
  await screenshot(page, `disclosure-${name}`);
};

test('003 U8 開示窓口の一日を、キーボードだけで: 受付、本人確認、突合、起案、決裁、印刷、納付、交付', async () => {
  await using s = await served();
  await withPage(async (page, context) => {
    const as = (who: string) => context.addCookies([{ name: 'who', value: who, url: s.origin }]);
    await as('clerk');
    await page.goto(`${s.origin}/disclosures`);
    await press(page, 'link', '請求を受け付ける');
    await looked(page, 'receive');
    await typeIn(page, '本人の氏名', aRequest.name);
    await typeIn(page, '本人の振り仮名', aRequest.nameKana);
    await page.getByLabel('本人の生年月日').first().focus();
    await page.getByLabel('本人の生年月日').first().fill(aRequest.birthDate);
    await tabTo(page, 'radio', '男');
    await page.keyboard.press('Space');
    await typeIn(page, '本人の住所', aRequest.address);
    await typeIn(page, '請求者の氏名', aRequest.requesterName);
    await typeIn(page, '請求者の住所', aRequest.requesterAddress);
    await typeIn(page, '請求の内容', aRequest.scope);
    await typeIn(page, '請求書の保管場所', aRequest.keptAt);
    await press(page, 'button', '受け付ける');
    await page.getByText('で受け付けました').waitFor();
    const address = page.url();
    await looked(page, 'received');

    await tabTo(page, 'checkbox', '年金手帳');
    await page.keyboard.press('Space');
    await press(page, 'button', '本人確認を記録する');
    await page.getByText('本人確認書類が足りません').first().waitFor();
    await tabTo(page, 'checkbox', '運転免許証');
    await page.keyboard.press('Space');
    await press(page, 'button', '本人確認を記録する');
    await press(page, 'button', '記録と突合する');
    await tabTo(page, 'radio', '応じる');
    await page.keyboard.press('Space');
    await press(page, 'button', '起案する');
    assert.equal(await page.getByRole('button', { name: '決裁する' }).count(), 0, 'the clerk cannot decide');

    await as('manager');
    await page.goto(address);
    await press(page, 'button', '決裁する');
    assert.equal(await page.getByRole('button', { name: '開示書を作成する' }).count(), 0, 'the manager does not print');

    await as('clerk');
    await page.goto(address);
    await press(page, 'button', '開示決定通知書を作成する');
    await press(page, 'button', '本人確認情報開示書を作成する');
    await press(page, 'button', '納付書を作成する');
    await looked(page, 'to-pay');
    await press(page, 'button', '交付して終了する');
    await page.getByText('手数料の納付が記録されていません').first().waitFor();
    await press(page, 'button', '納付を記録する');
    await page.getByText('納付を記録しました').waitFor();
    await press(page, 'button', '交付して終了する');
    await page.getByText('この請求は終了しています').waitFor();
    await looked(page, 'closed');

    // 利用停止: its scope is chosen with the proposal, and it is lifted after the request is closed.
    const { deps, counter } = s.counter;
    const stop = { ...aRequest, kind: 'stop-of-use' } as const;
    const { requestId } = unwrap(await counter.receive(deps, counterClerk, stop));
    const documents = ['passport'] as const;
    unwrap(await counter.checkIdentity(deps, counterClerk, { requestId, documents, proxyProof: null }));
    unwrap(await counter.match(deps, counterClerk, { requestId }));
    await page.goto(`${s.origin}/disclosures/${requestId}`);
    await tabTo(page, 'radio', '応じる');
    await page.keyboard.press('Space');
    await press(page, 'button', '起案する');
    await page.getByText('停止する範囲を選んでください').first().waitFor();
    await looked(page, 'stop-proposal');
    await page.getByLabel('停止する範囲').selectOption('all');
    await press(page, 'button', '起案する');
    await page.getByText('利用及び提供の停止').first().waitFor();
    unwrap(await counter.decide(deps, manager, { requestId }));
    unwrap(await counter.print(deps, counterClerk, { requestId, formType: 'stop-decision' }));
    unwrap(await counter.handOver(deps, counterClerk, { requestId, method: 'counter' }));
    await page.goto(`${s.origin}/disclosures?which=stopped`);
    await press(page, 'link', '本受');
    await looked(page, 'stopped');
    await page.getByText('利用停止を解除する').click();
    await typeIn(page, '理由', '本人の申出');
    await press(page, 'button', '解除を起案する');
    unwrap(await counter.lift(deps, manager, { requestId }));
    await page.reload();
    await page.getByText('解除済み').waitFor();

    await page.goto(`${s.origin}/forms?which=all`);
    await looked(page, 'ledger');
    const serials = await page.getByRole('rowheader').allTextContents();
    assert.equal(serials.length, 6);
    await page.goto(`${s.origin}/questions`);
    await looked(page, 'questions');
    const serial = serials.find((x) => x.startsWith('本帳'))!.trim();
    const type = await page.evaluate(async (path) => {
      const answer = await fetch(path);
      return `${answer.status} ${answer.headers.get('content-type')} ${(await answer.arrayBuffer()).byteLength > 1000}`;
    }, `/sheets/${serial}`);
    assert.equal(type, '200 application/pdf true');
  });
});

test('開示請求等の手続と様式は、サインインせずに読めて、個人番号の欄も、だれの記録も、ない', async () => {
  await using s = await served();
  await withPage(async (page) => {
    assert.equal((await page.goto(`${s.origin}/guide`))!.status(), 200);
    const guide = (await page.textContent('main'))!;
    for (const part of [
      '開示請求書',
      '受付の日を含めて30日以内',
      '1枚につき10円',
      '運転免許証',
      '委任状',
      '03-0000-0000',
    ])
      assert.ok(guide.includes(part), part);
    await expectAccessible(page);
    await screenshot(page, 'disclosure-guide');
    const forms = await page
      .locator('main a[href^="/guide/"]')
      .evaluateAll((links) => links.map((l) => l.getAttribute('href')));
    assert.equal(forms.length, 4);
    for (const form of forms) {
      assert.equal((await page.goto(`${s.origin}${form}`))!.status(), 200);
      const text = (await page.textContent('main'))!;
      assert.ok(text.includes('個人番号は記入しないでください') && text.includes('生年月日'), form!);
      await expectAccessible(page);
    }
    assert.equal((await page.goto(`${s.origin}/guide/other`))!.status(), 404);
    assert.equal((await page.goto(`${s.origin}/disclosures`))!.status(), 401, 'the counter itself stays closed');
  });
});

test('pages work without scripts, and tell nothing to a reader without the right', async () => {
  await using s = await served();
  await withPage(
    async (page, context) => {
      await context.addCookies([{ name: 'who', value: 'manager', url: s.origin }]);
      await page.goto(`${s.origin}/disclosures`);
      assert.equal(await page.getByRole('link', { name: '請求を受け付ける' }).count(), 0);
      const refused = await page.goto(`${s.origin}/disclosures/new`);
      assert.equal(refused!.status(), 403);
      assert.equal((await page.goto(`${s.origin}/forms`))!.status(), 403);
      assert.equal((await page.goto(`${s.origin}/disclosures/0`))!.status(), 404);
    },
    { scripts: false },
  );
});
