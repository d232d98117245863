import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import { mechanismTest } from '../../enforcement/testing.ts';
import { createPageApp, page } from '../app.ts';
import { buildStylesheet } from '../build-css.ts';
import { html } from '../html.ts';
import { trainingTown } from '../layout.ts';
import type { PageSession } from '../session.ts';
import { expectAccessible, screenshot, visibleText, withPage } from '../testing.ts';

const clerk: PageSession = {
  actor: { kind: 'staff', organisation: 'tokyo', staffId: 'S1', sessionId: 's1' },
  displayName: '田中 花子',
  csrfSecret: new Uint8Array(32).fill(1),
};
const right = ['prefectural-juki', 'search', 'read'] as const;
const record = html`<p class="record">住基 太郎 新宿区西新宿二丁目8番1号</p><p><input aria-label="検索語" value="x"></p>`;

async function recordApp(afterSeconds: number) {
  const app = createPageApp({
    system: { id: 'prefectural-juki', name: '都道府県サーバ', gloss: 'Prefectural server' },
    organisation: { id: 'tokyo', name: '東京都', gloss: 'Tokyo' },
    environment: trainingTown,
    session: { read: async () => clerk },
    mayOpen: async () => true,
    stylesheet: await buildStylesheet({ sources: [], cacheFolder: '.musubi/record-screen-css' }),
    random: { bytes: (n) => new Uint8Array(n), below: () => 0 },
    blank: { path: '/session/blank', afterSeconds },
  });
  page(app, 'GET', '/persons/1', right, (p) =>
    p.view({ title: '本人確認情報', gloss: 'Record', personal: true }, record),
  );
  page(app, 'GET', '/persons/1/print', right, (p) =>
    p.view({ title: '本人確認情報', gloss: 'Record', personal: { printRecord: 'E-0001' } }, record),
  );
  page(app, 'GET', '/notices', right, (p) => p.view({ title: '通知の記録', gloss: 'Journal' }, html`<p>件数 3</p>`));
  page(app, 'GET', '/session/blank', 'public', (p) =>
    p.view({ title: '画面を消しています', gloss: 'Blank' }, html`<a href="${p.query.get('return')}">続ける</a>`),
  );
  return app;
}

const closers: (() => Promise<void>)[] = [];
async function serve(afterSeconds: number): Promise<string> {
  const app = await recordApp(afterSeconds);
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
let origin = '';
/** The same pages, blank after two seconds. */
let hasty = '';
before(async () => {
  origin = await serve(180);
  hasty = await serve(2);
});
after(async () => {
  for (const close of closers) await close();
});

mechanismTest(
  'auth.idle-lock',
  '003-III.3-RX-A01 個人を表示する画面は、操作がなければ3分で消える (scripts or not)',
  async () => {
    const app = await recordApp(180);
    const text = async (path: string) => (await app.fetch(new Request(`http://juki.localhost${path}`))).text();
    const shown = await text('/persons/1?x=1');
    assert.match(
      shown,
      /<noscript><meta http-equiv="refresh" content="180; url=\/session\/blank\?return=%2Fpersons%2F1%3Fx%3D1">/,
    );
    assert.match(shown, /data-blank-after="180"/);
    assert.doesNotMatch(await text('/notices'), /data-blank-after|http-equiv="refresh"/);
  },
);

mechanismTest(
  'access.no-client-copy',
  '003 scenario 30: 個人を表示する画面は、記録した印刷のほかは何も印刷しない',
  async () => {
    const app = await recordApp(180);
    const text = async (path: string) => (await app.fetch(new Request(`http://juki.localhost${path}`))).text();
    assert.match(await text('/persons/1'), /<body class="record-screen print-blank"/);
    const granted = await text('/persons/1/print');
    assert.doesNotMatch(granted, /print-blank/);
    assert.match(granted, /印刷記録番号 E-0001/);
    assert.doesNotMatch(await text('/notices'), /record-screen/);
  },
);

test('003 scenario 30: print of a record screen gives nothing, a recorded print gives the record with its number', async () => {
  await withPage(async (page) => {
    await page.goto(`${origin}/persons/1`);
    await page.emulateMedia({ media: 'print' });
    const seen = await visibleText(page);
    assert.doesNotMatch(seen, /住基|新宿|田中/);
    assert.match(seen, /この画面は印刷できません/);
    await screenshot(page, 'record-screen-printed');
    await page.goto(`${origin}/persons/1/print`);
    const printed = await visibleText(page);
    assert.match(printed, /印刷記録番号 E-0001/);
    assert.match(printed, /住基 太郎/);
    await page.goto(`${origin}/notices`);
    assert.match(await visibleText(page), /件数 3/);
  });
});

test('003 scenario 30: copying a record screen gives nothing; what was typed may be copied', async () => {
  await withPage(async (page) => {
    await page.goto(`${origin}/persons/1`);
    await page.keyboard.press('Control+a');
    const copied = await page.evaluate(() => {
      const event = new ClipboardEvent('copy', { bubbles: true, cancelable: true });
      const kept = !document.querySelector('.record')?.dispatchEvent(event);
      return { selected: getSelection()?.toString() ?? '', kept };
    });
    assert.doesNotMatch(copied.selected, /住基|新宿/);
    assert.equal(copied.kept, true);
    const typed = await page.evaluate(() => {
      const event = new ClipboardEvent('copy', { bubbles: true, cancelable: true });
      return document.querySelector('input')?.dispatchEvent(event);
    });
    assert.equal(typed, true);
    await expectAccessible(page);
  });
});

test('003 scenario 30: the screen blanks after idle time, with scripts and without, and goes on where it was', async () => {
  for (const scripts of [true, false])
    await withPage(
      async (page) => {
        await page.goto(`${hasty}/notices`);
        await page.goto(`${hasty}/persons/1`);
        await page.waitForURL(/\/session\/blank\?return=/);
        assert.doesNotMatch(await page.content(), /住基 太郎/);
        await page.getByRole('link', { name: '続ける' }).click();
        await page.waitForURL(`${hasty}/persons/1`);
      },
      { scripts },
    );
});

test('design §6: who touches the page keeps it on the screen', async () => {
  await withPage(async (page) => {
    await page.goto(`${hasty}/persons/1`);
    for (let i = 0; i < 6; i++) {
      await page.waitForTimeout(450);
      await page.keyboard.press('ArrowDown');
    }
    assert.equal(page.url(), `${hasty}/persons/1`);
  });
});
