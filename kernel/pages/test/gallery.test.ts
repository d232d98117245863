import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expectAccessible, screenshot, withPage } from '../testing.ts';
import { serveGallery } from './serve-gallery.ts';

let origin = '';
let close = async () => {};
before(async () => ({ origin, close } = await serveGallery()));
after(() => close());

const paths = [
  '/',
  '/list',
  '/list?employer=nobody',
  '/search',
  '/record',
  '/form',
  '/confirm',
  '/approvals',
  '/approval',
  '/approval?error',
  '/batch',
  '/batch?state=done',
  '/audit',
  '/document',
  '/chart',
  '/empty',
  '/closed',
  '/broken',
  '/nowhere',
];

test('issue A pages: every part of the kit is free of axe violations, wide and at 200 %', async () => {
  await withPage(async (page) => {
    for (const path of paths) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(origin + path);
      await expectAccessible(page);
      await screenshot(page, `gallery${path}`);
      // 200 % zoom of a 1280 pixel screen is a layout of 640 pixels: nothing but tables in their own frame may scroll sideways.
      await page.setViewportSize({ width: 640, height: 450 });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(overflow, 0, `${path} scrolls sideways at 200 %`);
    }
  });
});

test('issue A pages: a form with faults names each, leads to each field, and keeps what was typed', async () => {
  await withPage(async (page) => {
    await page.goto(`${origin}/form`);
    await page.getByLabel('氏名').fill('青木 一郎');
    await page.getByLabel('前年の給与収入').fill('三百万');
    await page.getByRole('button', { name: '確認へ進む' }).click();
    assert.match(await page.title(), /^エラー: /);
    const summary = page.getByRole('alert');
    assert.deepEqual(await summary.getByRole('listitem').allTextContents(), [
      '異動事由を選んでください',
      '異動日を入力してください',
      '町名を選んでください',
      '前年の給与収入は数字で入力してください',
      '確かめた書類を選んでください',
    ]);
    assert.equal(await summary.evaluate((element) => element === document.activeElement), true);
    assert.equal(await page.getByLabel('氏名').inputValue(), '青木 一郎');
    await summary.getByRole('link', { name: '町名を選んでください' }).click();
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'f-town');
    await expectAccessible(page);
    await screenshot(page, 'gallery_form_errors');
    await page.getByLabel('転入').check();
    await page.getByLabel('異動日').fill('2026-04-01');
    await page.getByLabel('町名').selectOption('上目黒');
    await page.getByLabel('前年の給与収入').fill('３，０００，０００');
    await page.getByLabel('転出証明書').check();
    await page.getByRole('button', { name: '確認へ進む' }).click();
    await page.getByText('入力を受け付けました。').waitFor();
    await page.reload();
    assert.equal(await page.getByText('入力を受け付けました。').count(), 0, 'a flash message shows once');
  });
});

test('issue A pages: filter, order and paging work without scripts, and the address is the state', async () => {
  await withPage(
    async (page) => {
      await page.goto(`${origin}/list`);
      await page.getByLabel('相違の種類').selectOption('該当者なし');
      await page.getByRole('button', { name: '絞り込む' }).click();
      assert.match((await page.getByRole('status').textContent()) ?? '', /^45 件のうち 1～20 件目/);
      await page.getByRole('link', { name: '支払金額' }).click();
      await page.getByRole('link', { name: '支払金額' }).click();
      assert.equal(await page.getByRole('columnheader', { name: '支払金額' }).getAttribute('aria-sort'), 'descending');
      await page.getByRole('link', { name: '次へ' }).click();
      const address = new URL(page.url());
      assert.deepEqual(Object.fromEntries(address.searchParams), {
        difference: '該当者なし',
        sort: 'incomeYen.desc',
        size: '20',
        page: '2',
      });
      assert.match((await page.getByRole('status').textContent()) ?? '', /21～40 件目/);
    },
    { scripts: false },
  );
});

test('issue A pages: the first stop of the keyboard leads to the body, and every stop shows where it is', async () => {
  await withPage(async (page) => {
    await page.goto(`${origin}/list`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), '本文へ進む');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => ({
      inMain: document.activeElement?.closest('main') !== null,
      outline: getComputedStyle(document.activeElement as Element).outlineStyle,
    }));
    assert.deepEqual(stop, { inMain: true, outline: 'solid' });
  });
});

test('issue A batch runs: a running batch is asked again by script, and by the browser where there is none', async () => {
  await withPage(async (page) => {
    await page.goto(`${origin}/batch`);
    await page.waitForRequest((request) => request.url() === `${origin}/batch` && request.resourceType() === 'fetch', {
      timeout: 6000,
    });
    await page.getByText('178件 / 300件').waitFor();
  });
  const text = await (await fetch(`${origin.replace('rtx.meguro.localhost', '127.0.0.1')}/batch`)).text();
  assert.match(text, /<noscript><meta http-equiv="refresh" content="5"><\/noscript>/);
});
