import type { BrowserContext, Page } from 'playwright-core';
import { townPassword } from '../plan/organisations.ts';

/** Signs in at a page of a system as a member of staff would: password, then the training authenticator of this browser. */
export async function signInAt(page: Page, url: string, staffId: string): Promise<void> {
  await page.goto(url);
  if (!/\/login\//.test(page.url())) return;
  await page.getByLabel('職員ID').fill(staffId);
  await page.getByLabel('パスワード').fill(townPassword);
  await page.getByRole('button', { name: '次へ' }).click();
  await page.waitForURL((to) => /\/(register|second-factor)$/.test(to.pathname) || to.href.startsWith(url));
  if (page.url().endsWith('/second-factor')) {
    const known = page.getByRole('button', { name: '訓練用の認証器で確認する' });
    if (await known.isVisible()) await known.click();
    else await page.getByRole('link', { name: 'このブラウザーに訓練用の認証器を作る' }).click();
  }
  if (page.url().endsWith('/register')) await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
  await page.waitForURL((to) => to.origin === new URL(url).origin && !to.pathname.startsWith('/sign-in'));
}

/** One page of a signed-in browser, closed after its use. */
export async function withTab<T>(context: BrowserContext, use: (page: Page) => Promise<T>): Promise<T> {
  const page = await context.newPage();
  try {
    return await use(page);
  } finally {
    await page.close();
  }
}
