import { request } from 'node:http';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { townPassword } from '../plan/organisations.ts';

/** Browsers that hold a training authenticator. */
const enrolled = new WeakSet<BrowserContext>();

/** Signs in at a page of a system as a member of staff would: password, then the training authenticator of this browser. */
export async function signInAt(page: Page, url: string, staffId: string): Promise<void> {
  await page.goto(url);
  if (!/\/login\//.test(page.url())) return;
  await page.getByLabel('職員ID').fill(staffId);
  await page.getByLabel('パスワード').fill(townPassword);
  await page.getByRole('button', { name: '次へ' }).click();
  await page.waitForURL((to) => /\/(register|second-factor)$/.test(to.pathname) || to.href.startsWith(url));
  if (page.url().endsWith('/second-factor')) {
    if (enrolled.has(page.context())) {
      await page.getByRole('button', { name: '訓練用の認証器で確認する' }).click();
    } else {
      // A browser of an earlier walk held the authenticator that the directory knows: this one makes its own.
      await page.getByRole('link', { name: 'このブラウザーに訓練用の認証器を作る' }).click();
      await page.waitForURL(/\/register$/);
    }
  }
  if (page.url().endsWith('/register')) {
    await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
    enrolled.add(page.context());
  }
  await page.waitForURL((to) => to.origin === new URL(url).origin && !to.pathname.startsWith('/sign-in'));
}

/** A field of the page's form, by its name. */
export const field = (page: Page, name: string): Locator => page.locator(`main [name="${name}"]`);
/** One choice of a group of radio buttons. */
/** Presses the button with this name. */
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).first().click();

export const choice = (page: Page, name: string, value: string): Locator =>
  page.locator(`main [name="${name}"][value="${value}"]`);

/** Fetches a file with the cookies of a page's browser. Names under .localhost are the browser's to resolve, so the port is called. */
export async function download(page: Page, url: string): Promise<{ readonly status: number; readonly body: Buffer }> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const cookies = (await page.context().cookies(url)).map((c) => `${c.name}=${c.value}`).join('; ');
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path: pathname + search, headers: { host, cookie: cookies } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
      },
    );
    asked.on('error', (error) => reject(new Error(`${hostname} did not answer`, { cause: error })));
    asked.end();
  });
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
