import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { installChromium } from './chromium.ts';

const repository = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let running: Promise<Browser> | undefined;

/** One browser per test process, started at the first use and closed when the tests of the process are over. */
export function testBrowser(): Promise<Browser> {
  running ??= launch();
  return running;
}

/** Closes the browser of this process. `node:test` files need not call it; scripts must, or they never end. */
export async function closeTestBrowser(): Promise<void> {
  const browser = running;
  running = undefined;
  await (await browser)?.close();
}

async function launch(): Promise<Browser> {
  const { executable, libraries, fontConfig } = await installChromium();
  const options = (env: Record<string, string>) => ({
    executablePath: executable,
    headless: true,
    // Names such as rtx.meguro.localhost are the machine itself, whatever its resolver says.
    args: [
      '--host-resolver-rules=MAP *.localhost 127.0.0.1',
      // The sandbox needs user namespaces, which root and many containers do not have; only our own pages are opened.
      '--no-sandbox',
      '--disable-gpu',
      '--no-zygote',
      '--disable-background-networking',
      '--disable-component-update',
      '--font-render-hinting=none',
    ],
    env: { ...process.env, FONTCONFIG_FILE: fontConfig, ...env } as Record<string, string>,
  });
  try {
    return await chromium.launch(options({}));
  } catch (error) {
    if (!/shared librar/.test(String(error))) throw error;
    return chromium.launch(options({ LD_LIBRARY_PATH: libraries }));
  }
}

if (process.env.NODE_TEST_CONTEXT !== undefined) after(closeTestBrowser);

export interface PageOptions extends BrowserContextOptions {
  /** Default 1280 × 900. `scripts: false` shows the page as a browser without JavaScript does. */
  readonly scripts?: boolean;
}

/**
 * Opens a fresh browser context (own cookies) with one page, runs `body`, closes it. An error thrown by a script of
 * the page, a refused resource (content security policy) or a failed request of the same site fails the test.
 */
export async function withPage<T>(
  body: (page: Page, context: BrowserContext) => Promise<T>,
  options: PageOptions = {},
): Promise<T> {
  const browser = await testBrowser();
  const { scripts, ...rest } = options;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'ja-JP',
    timezoneId: 'Asia/Tokyo',
    javaScriptEnabled: scripts ?? true,
    ...rest,
  });
  const faults: string[] = [];
  try {
    context.on('weberror', (e) => faults.push(`script error: ${e.error().message}`));
    context.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|Refused to/.test(message.text()))
        faults.push(message.text());
    });
    const page = await context.newPage();
    // Only what never comes waits this long; a busy machine is slow to start a page.
    page.setDefaultTimeout(60_000);
    const result = await body(page, context);
    if (faults.length > 0) throw new Error(`the page reported faults:\n${faults.join('\n')}`);
    return result;
  } finally {
    await context.close();
  }
}

/**
 * Runs axe-core (WCAG 2.0 to 2.2, levels A and AA, and best practices) on the page; throws with rule, element and
 * what is wrong. `within` limits it to one part. Needs scripts on: axe runs inside the page.
 */
export async function expectAccessible(page: Page, within?: string): Promise<void> {
  // Evaluated through the debugger, so that the page's own content security policy stays as strict as it is.
  await page.evaluate(axeSource);
  const results = await page.evaluate(async (selector) => {
    const { axe } = globalThis as unknown as { axe: { run(context: unknown, options: unknown): Promise<AxeResults> } };
    return axe.run(selector ?? document, {
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
  }, within ?? null);
  if (results.violations.length === 0) return;
  const lines = results.violations.flatMap((violation) =>
    violation.nodes.map(
      (node) =>
        `${violation.id} (${violation.impact}): ${violation.help}\n    ${node.html.slice(0, 200)}\n    ${node.failureSummary?.replaceAll('\n', ' ')}`,
    ),
  );
  throw new Error(`${page.url()} is not accessible:\n  ${lines.join('\n  ')}`);
}

/** Saves the whole page as `.musubi/screenshots/NAME.png` (not in version control) and gives the file's path. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const folder = path.join(repository, '.musubi', 'screenshots');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${name.replaceAll(/[^\w.-]/g, '_')}.png`);
  await page.screenshot({ path: file, fullPage: true });
  return file;
}

/**
 * Draws the pages of a PDF with pdf.js, side by side, as `.musubi/screenshots/NAME.png`, and keeps the PDF beside it.
 * For the eye: tests read the text instead.
 */
export async function screenshotPdf(pdf: Uint8Array, name: string): Promise<string> {
  const build = path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/legacy/build/pdf.mjs'));
  const script = `import * as pdfjs from '/pdf.mjs';
    pdfjs.GlobalWorkerOptions.workerSrc = '/pdf.worker.mjs';
    const file = await pdfjs.getDocument({ url: '/document.pdf' }).promise;
    for (let n = 1; n <= file.numPages; n++) {
      const page = await file.getPage(n);
      const viewport = page.getViewport({ scale: 1.4 });
      const canvas = document.body.appendChild(document.createElement('canvas'));
      Object.assign(canvas, { width: viewport.width, height: viewport.height });
      await page.render({ canvas, canvasContext: canvas.getContext('2d'), viewport }).promise;
    }
    document.title = 'drawn';`;
  return withPage(
    async (page) => {
      await page.route('http://pdf.localhost/**', async (route) => {
        const { pathname } = new URL(route.request().url());
        if (pathname === '/document.pdf')
          return route.fulfill({ body: Buffer.from(pdf), contentType: 'application/pdf' });
        if (pathname !== '/')
          return route.fulfill({ path: path.join(build, path.basename(pathname)), contentType: 'text/javascript' });
        return route.fulfill({
          body: `<!doctype html><body><script type="module">${script}</script>`,
          contentType: 'text/html',
        });
      });
      await page.goto('http://pdf.localhost/');
      await page.waitForFunction(() => document.title === 'drawn');
      const file = await screenshot(page, name);
      await writeFile(file.replace(/png$/, 'pdf'), pdf);
      return file;
    },
    { viewport: { width: 1700, height: 1200 } },
  );
}

/** What a reader sees: without what is hidden or blanked, which stands in the document all the same. */
// biome-ignore lint/performance/useDomNodeTextContent: Playwright's method, not the DOM property; hidden text must not count
export const visibleText = (page: Page): Promise<string> => page.locator('body').innerText();
