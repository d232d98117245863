import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import type { Page } from 'playwright-core';
import { townPassword, type World, world } from './world.ts';

let w: World;
before(async () => {
  w = await world();
});
after(async () => {
  await w?.[Symbol.asyncDispose]();
});

async function enterPassword(page: Page, staffId: string, password = townPassword): Promise<void> {
  await page.getByLabel('職員ID').fill(staffId);
  await page.getByLabel('パスワード').fill(password);
  await page.getByRole('button', { name: '次へ' }).click();
}

/** Signs in with password and the town's software authenticator, registering it in this browser. */
async function signIn(page: Page, url: string, staffId: string): Promise<void> {
  await page.goto(url);
  await enterPassword(page, staffId);
  await page.waitForURL(/\/(register|second-factor)$/);
  if (page.url().endsWith('/second-factor'))
    await page.getByRole('link', { name: 'このブラウザーに訓練用の認証器を作る' }).click();
  await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
  await page.waitForURL(url);
}

test('design §6 a clerk signs in with password and the training authenticator, and signs in again with the same one', async () => {
  await withPage(async (page, context) => {
    await page.goto(`${w.tax}/reports`);
    assert.deepEqual(w.errors, []);
    assert.match(page.url(), /^http:\/\/id\.meguro\.localhost:\d+\/login\//);
    await expectAccessible(page);
    await screenshot(page, 'directory-password');
    await enterPassword(page, 'tax-clerk-01');
    await page.waitForURL(/\/register$/);
    await expectAccessible(page);
    await screenshot(page, 'directory-register');
    await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
    await page.waitForURL(`${w.tax}/reports`);
    assert.match((await page.textContent('.who')) ?? '', /税務 太郎/);

    await context.clearCookies();
    await page.goto(`${w.tax}/reports`);
    await enterPassword(page, 'tax-clerk-01');
    await page.waitForURL(/\/second-factor$/);
    await expectAccessible(page);
    await screenshot(page, 'directory-second-factor');
    await page.getByRole('button', { name: '訓練用の認証器で確認する' }).click();
    await page.waitForURL(`${w.tax}/reports`);
  });
  assert.deepEqual(w.errors, []);
});

test('design §6 a passkey of a real authenticator is a second factor', async () => {
  await withPage(async (page, context) => {
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    // The administrator issued a password, so that a first passkey may be registered.
    await w.directoryDb.owner(
      `update staff_directory.password set enrol_until = now() + interval '1 hour' where staff_id = 'tax-clerk-02'`,
    );
    await page.goto(`${w.tax}/`);
    await enterPassword(page, 'tax-clerk-02');
    await page.getByRole('button', { name: '認証器を登録する', exact: true }).click();
    await page.waitForURL(`${w.tax}/`);
    await context.clearCookies();
    await page.goto(`${w.tax}/`);
    await enterPassword(page, 'tax-clerk-02');
    await page.getByRole('button', { name: '認証器で確認する', exact: true }).click();
    await page.waitForURL(`${w.tax}/`);
    const rows = await w.directoryDb.owner<{ methods: string[] }>(
      `select methods from staff_directory.sign_in where staff_id = 'tax-clerk-02' order by signed_in_at desc limit 1`,
    );
    assert.deepEqual(rows[0]?.methods, ['pwd', 'hwk']);
  });
});
