import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { anEmigrant, aPerson, fuhyoNotice, sendFuhyo, startWorld } from './fuhyo-world.ts';

const stylesheet = await buildStylesheet({
  sources: [new URL('../web/', import.meta.url).pathname],
  cacheFolder: '.musubi/fuhyo-css',
});
const world = await startWorld({ stylesheet });
after(() => world[Symbol.asyncDispose]());
const server = createServer(getRequestListener(world.fuhyo.instance.pages!.fetch, { overrideGlobalObjects: false }));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

test('U11・FPS-F5 検索から記録、FPS-F2 照会・番号の引渡し・受領確認を、キーボードだけで行える（axe違反なし）', async () => {
  const person = await anEmigrant(world, { name: '海野　花子', nameKana: 'ウミノ　ハナコ' });
  const gone = aPerson({ name: '海野　消子', nameKana: 'ウミノ　ケシコ' });
  await sendFuhyo(world, fuhyoNotice(world, gone, 'entry', 1));
  await sendFuhyo(world, fuhyoNotice(world, gone, 'removal', 2));
  await sendFuhyo(world, fuhyoNotice(world, gone, 'removal', 3));
  await withPage(async (page) => {
    const good = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `fuhyo-${name}`);
    };
    const press = async (name: string): Promise<void> => {
      await page.getByRole('button', { name }).focus();
      await page.keyboard.press('Enter');
    };
    await page.goto(`${url}/`);
    await press('検索する');
    await page.getByRole('heading', { name: '入力内容を確かめてください' }).waitFor();
    await good('search-errors');
    await page.getByLabel('目的').selectOption('notice-check');
    await page.getByLabel('受付・文書番号').fill('受付1');
    await page.getByLabel('振り仮名').fill('うみの');
    await page.getByLabel('性別').selectOption('female');
    await press('検索する');
    await page.getByRole('link', { name: '海野　花子' }).waitFor();
    assert.equal(await page.getByText('海野　消子').count(), 0, 'removed persons need the other page');
    await good('hits');
    await page.getByRole('link', { name: '海野　花子' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('国外転出者').first().waitFor();
    await good('record');
    assert.ok(!(await page.content()).includes(person.individualNumber));
    assert.equal(await page.getByRole('heading', { name: '履歴' }).count(), 0);

    await page.goto(`${url}/inquiry`);
    await good('inquiry');
    await page.getByLabel('事務').selectOption('child-chronic-disease');
    await page.getByLabel('照会する部署・機関').fill('福祉局子供・子育て支援部');
    await page.getByLabel('受付・文書番号').fill('受付第7号');
    await page.getByLabel('氏名').fill('海野　花子');
    await page.getByLabel('生年月日').fill(person.birthDate);
    await page.getByRole('checkbox', { name: '個人番号' }).focus();
    await page.keyboard.press('Space');
    await press('照会する');
    await page.getByText('個人番号を一時保存しました').waitFor();
    await good('answer');
    assert.ok(!(await page.content()).includes(person.individualNumber));
    await press('個人番号を表示する');
    await page.getByRole('heading', { name: '個人番号の引渡し' }).waitFor();
    await good('number');
    const shown = (await page.content()).replaceAll(' ', '');
    assert.ok(shown.includes(person.individualNumber));
    const handedOver = page.url();
    await press('受領を確認し、番号を消去する');
    await page.getByText('受領を確認し、個人番号を消去しました').waitFor();
    assert.match(handedOver, /\/number$/);

    await page.goto(`${url}/keeping`);
    await page.getByText('一時保存している個人番号はありません').waitFor();
    await page.goto(`${url}/keeping?state=all`);
    await page.getByText('受領確認により消去').waitFor();
    await good('keeping');
    assert.ok(!(await page.content()).replaceAll(' ', '').includes(person.individualNumber));
    await page.goto(`${url}/notices?result=refused`);
    await page.getByText('FL-01').waitFor();
    await good('notices');
    await page.goto(`${url}/search-removed`);
    await page.getByLabel('目的').selectOption('disclosure');
    await page.getByLabel('受付・文書番号').fill('開示1');
    await page.getByLabel('振り仮名').fill('うみの');
    await page.getByLabel('生年月日').fill(gone.birthDate);
    await press('検索する');
    const removed = page.getByRole('link', { name: '海野　消子' });
    await removed.waitFor();
    await page.getByText('消除', { exact: true }).waitFor();
    // The page of those who may see removed persons shows history and provisions; the other one says that there is nobody.
    const whole = await removed.getAttribute('href');
    await removed.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '提供・移転の記録' }).waitFor();
    await page.getByRole('heading', { name: '履歴' }).waitFor();
    await good('record-whole');
    const other = await page.goto(`${url}${whole!.replace('/removed', '')}`);
    assert.equal(other?.status(), 404);
    await page.goto(`${url}/log-analysis`);
    await good('log-analysis');
    await page.goto(`${url}/corrections/new`);
    await good('correction-new');
    await page.getByLabel('手順').selectOption('附補-1');
    await page.getByLabel('根拠文書の番号').fill('起案8-12');
    await page.getByLabel('理由').fill('通知できないため');
    await page.getByLabel('記録の番号').fill(/[0-9a-f-]{36}/.exec(whole!)![0]);
    await page.getByLabel('住所', { exact: false }).first().fill('東京都目黒区駒場一丁目1番1号');
    await press('起案する');
    // The person was removed: nothing is left to be corrected by hand.
    await page.getByText('既に消除された方です').first().waitFor();
    await page.goto(`${url}/corrections`);
    await page.getByText('手作業の補正はありません').waitFor();
    await good('corrections');
  });
  assert.deepEqual(world.errors, []);
});

test('FPS-F2 画面はスクリプトなしでも動き、二度送った照会は一つで、登録のない照会先は断られる', async () => {
  const person = await anEmigrant(world, { name: '山野　花子' });
  await withPage(
    async (page) => {
      await page.goto(`${url}/inquiry`);
      await page.getByLabel('事務').selectOption('passport');
      await page.getByLabel('照会する部署・機関').fill('生活文化局');
      await page.getByLabel('受付・文書番号').fill('旅券1');
      await page.getByLabel('住民票コード').first().fill(person.residentRecordCode);
      await page.getByRole('checkbox', { name: '個人番号' }).check();
      await page.getByRole('button', { name: '照会する' }).click();
      await page.getByText('提供されない項目: 個人番号').waitFor();
      await page.reload();
      await page.getByText('提供されない項目: 個人番号').waitFor();
    },
    { scripts: false },
  );
  const rows = await world.fuhyo.t.owner<{ n: number }>(
    `select count(*)::int as n from fuhyo_link.inquiry where document = '旅券1'`,
  );
  assert.equal(rows[0]?.n, 1);
});
