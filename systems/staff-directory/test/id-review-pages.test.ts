import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import type { Page } from 'playwright-core';
import { townPassword, type World, world } from './world.ts';

let w: World;
before(async () => {
  w = await world();
});
after(() => w?.[Symbol.asyncDispose]());

async function signIn(page: Page, path: string, staffId: string): Promise<void> {
  await page.goto(`${w.issuer}${path}`);
  await page.getByLabel('職員ID').fill(staffId);
  await page.getByLabel('パスワード').fill(townPassword);
  await page.getByRole('button', { name: '次へ' }).click();
  await page.waitForURL(/\/(register|second-factor)$/);
  await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
  await page.waitForURL(`${w.issuer}${path}`);
}

test('U19 照合情報等管理簿: 管理者が作り、所属長が確かめ、期限の前には締められない（実ブラウザー、axe違反なし）', async () => {
  await withPage(async (page) => {
    await signIn(page, '/id-reviews', 'dir-admin-01');
    await page.getByLabel('年度').fill('2026');
    await page.getByLabel('確認の期限').fill('2026-06-30');
    await page.getByRole('button', { name: '管理簿を作る' }).click();
    await page.getByText('管理簿を作りました。').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: /管理簿を締める/ }).click();
    await page.getByText('締められません').waitFor();
    await page.goto(`${w.issuer}/id-reviews`);
    await expectAccessible(page);
  });
  await withPage(async (page) => {
    await signIn(page, '/id-reviews', 'dir-head-01');
    await page.getByRole('link', { name: '2026年度' }).click();
    await page.locator('a[href$="/tax-clerk-01"]').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '登録する' }).click();
    await page.getByRole('heading', { name: '入力内容を確かめてください' }).waitFor();
    await expectAccessible(page);
    await page.getByLabel('引き続き必要（確認）').check();
    await page.getByRole('button', { name: '登録する' }).click();
    await page.getByText('確認の結果を登録しました。').waitFor();
    assert.match((await page.textContent('main')) ?? '', /自分のIDは別の職員が確認します/);
    await screenshot(page, 'directory-id-review');
    await page.goto(`${w.issuer}/id-ledger?staffId=tax-clerk-01`);
    const text = (await page.textContent('main')) ?? '';
    for (const what of ['発行', '権限の付与', '年次確認']) assert.ok(text.includes(what), what);
    await expectAccessible(page);
    await screenshot(page, 'directory-id-ledger');
  });
  assert.deepEqual(w.errors, []);
});
