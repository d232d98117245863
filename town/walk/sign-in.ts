import { request } from 'node:http';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { townPasswords } from '../plan/organisations.ts';

/** Browsers that hold a training authenticator. */
const enrolled = new WeakSet<BrowserContext>();

/** Which of the town's passwords is a person's, as far as this process knows. */
const passwordTurns = new Map<string, number>();

async function enterPassword(page: Page, staffId: string): Promise<void> {
  for (let turn = passwordTurns.get(staffId) ?? 0; ; turn++) {
    const password = townPasswords[turn];
    if (password === undefined) throw new Error(`no password of the town is that of ${staffId}`);
    await page.getByLabel('職員ID').fill(staffId);
    await page.getByLabel('パスワード').fill(password);
    const answered = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().includes('/login/'));
    await page.getByRole('button', { name: '次へ' }).click();
    const status = (await answered).status();
    passwordTurns.set(staffId, turn);
    if (status >= 300 && status < 400) return;
  }
}

/** A password holds for 180 days and to the end of the fiscal year at most: whoever signs in later chooses the next one. */
async function changePassword(page: Page, staffId: string): Promise<void> {
  const turn = (passwordTurns.get(staffId) ?? 0) + 1;
  const password = townPasswords[turn];
  if (password === undefined) throw new Error('the town has no further password');
  for (const entry of await page.locator('main input[type="password"]').all()) await entry.fill(password);
  await press(page, '変更して続ける');
  passwordTurns.set(staffId, turn);
}

/** Signs in at a page of a system as a member of staff would: password, then the training authenticator of this browser. */
export async function signInAt(page: Page, url: string, staffId: string): Promise<void> {
  await page.goto(url);
  if (!/\/login\//.test(page.url())) return;
  const { origin } = new URL(url);
  // The directory's own pages stand at the address of the sign-in itself.
  const isInside = (to: URL): boolean => to.origin === origin && !/^\/(sign-in|login|oidc)\b/.test(to.pathname);
  await enterPassword(page, staffId);
  await page.waitForURL((to) => /\/(register|second-factor|password)$/.test(to.pathname) || isInside(to));
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
  await page.waitForURL((to) => to.pathname.endsWith('/password') || isInside(to));
  if (page.url().endsWith('/password')) await changePassword(page, staffId);
  await page.waitForURL(isInside);
}

/** Loads the page anew. A page that shows progress does so by itself, and may be at it in this moment. */
export async function seeAgain(page: Page): Promise<void> {
  await page.reload().catch(() => page.waitForLoadState());
}

/** A field of the page's form, by its name. */
export const field = (page: Page, name: string): Locator => page.locator(`main [name="${name}"]`);
/** Presses the button with this name. */
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).first().click();

/** One choice of a group of radio buttons. */
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
  } catch (error) {
    // What the page says is the first thing that whoever reads the failure asks for.
    const said = await page
      .locator('main')
      .textContent({ timeout: 1_000 })
      .catch(() => null);
    throw new Error(`${(error as Error).message}\n${page.url()}\n${said?.trim().slice(0, 600)}`, { cause: error });
  } finally {
    await page.close();
  }
}
