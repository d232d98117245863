import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { serve } from '@hono/node-server';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { addMediaPages, mediaNav } from '@musubi/kernel/media/pages.ts';
import { mediaPrinter } from '@musubi/kernel/media/print.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import type { Locator, Page } from 'playwright-core';
import { addBulkPages, bulkNav } from '../web/bulk.ts';
import { addOutputPages, outputNav } from '../web/outputs.ts';
import { type BulkWorld, staff, waterworks } from './bulk-world.ts';

/** The pages of bulk orders, outputs and media, with the rights that the table gives to whoever `site.as` is. */
export async function bulkSite(w: BulkWorld) {
  const site = { as: staff('op-1'), url: '', faults: [] as unknown[] };
  const app = createPageApp({
    system: {
      id: 'prefectural-juki',
      name: '住民基本台帳ネットワーク都道府県サーバ',
      gloss: 'Prefectural resident register server',
    },
    organisation: { id: 'tokyo', name: '東京都', gloss: 'Tokyo Metropolis' },
    environment: trainingTown,
    session: {
      read: async () => ({
        actor: site.as,
        displayName: site.as.kind === 'staff' ? site.as.staffId : '',
        csrfSecret: new Uint8Array(32).fill(9),
      }),
    },
    mayOpen: (actor, right) =>
      typeof right === 'string'
        ? Promise.resolve(true)
        : w.deps.rights.allows(undefined as unknown as Tx, actor, right),
    stylesheet: await buildStylesheet({ sources: [path.join(import.meta.dirname, '../web')] }),
    random: systemRandom,
    onError: (error) => site.faults.push(error),
    nav: [...bulkNav, ...outputNav, ...mediaNav('prefectural-juki')],
  });
  const printer = mediaPrinter();
  addBulkPages(app, w.deps, (error) => site.faults.push(error));
  addOutputPages(app, w.deps);
  addMediaPages(app, w.deps, {
    system: 'prefectural-juki',
    office: '東京都総務局行政部振興企画課',
    printer,
    departments: async () => [waterworks, '主税局'],
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  site.url = `http://jps.tokyo.localhost:${(server.address() as AddressInfo).port}`;
  return Object.assign(site, {
    async [Symbol.asyncDispose]() {
      server.close();
      await printer[Symbol.asyncDispose]();
    },
  });
}

/** Goes on with the tabulator until this control has the focus: nothing here is done with a mouse. */
export async function reach(page: Page, control: Locator): Promise<void> {
  await control.first().waitFor();
  // Past the menu, as the page's first link offers it.
  if (await page.evaluate(() => document.activeElement === document.body)) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.getAttribute('href') === '#main'))
      await page.keyboard.press('Enter');
  }
  for (let presses = 0; presses < 120; presses++) {
    if (await control.first().evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`cannot be reached by keyboard: ${control}`);
}
export async function typeInto(page: Page, label: string | RegExp, text: string): Promise<void> {
  await reach(page, page.getByLabel(label));
  await page.keyboard.type(text);
}
/** A day in the segments of a date field. */
export async function typeDay(page: Page, label: string, day: string): Promise<void> {
  const [year = '', month = '', date = ''] = day.split('-');
  await reach(page, page.getByLabel(label));
  // The packaged browser asks for month, day, year whatever the page's language is.
  await page.keyboard.type(`${month}${date}${year}`);
}
export async function press(page: Page, control: Locator): Promise<void> {
  await reach(page, control);
  await page.keyboard.press('Enter');
}
