import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { serve } from '@hono/node-server';
import { aBank } from '@musubi/banks/test/a-bank.ts';
import { roleMay } from '@musubi/kernel/access/rights.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { nav } from '../main.ts';
import { rights } from '../rights.ts';
import { takeApplication } from '../service/applications.ts';
import { applicationPages } from '../web/applications.ts';
import { bankPages } from '../web/bank-work.ts';
import { branchPages } from '../web/branches.ts';
import { mandatePages } from '../web/mandates.ts';
import { anOffice, clerk } from './an-office.ts';

test('002-ACC 口座の登録、口座振替の依頼と結果を画面で行える（実ブラウザー、axe違反なし）', async () => {
  await using o = await anOffice();
  await o.w.charge({ person: 1 });
  const receiptNumber = o.deps.newId();
  const content = {
    v: 1,
    receiptNumber,
    organisation: 'meguro',
    procedure: 'ACC-101',
    formVersion: '2026-04',
    applicant: { name: '目黒　太郎', birthDate: '1980-04-01', sex: 'male', address: '東京都目黒区' },
    fields: {
      使いみち: '還付',
      金融機関コード: '9999',
      支店コード: '001',
      預金種目: '普通',
      口座番号: '0000007',
      口座名義: 'メグロ タロウ',
    },
    at: '2026-06-10T00:00:00Z',
  };
  const application = {
    receiptNumber,
    procedure: 'ACC-101',
    formVersion: '2026-04',
    content: JSON.stringify(content),
    certificateSerial: '1f',
    orgPersonNumber: '000000000000001',
    acceptedAt: '2026-06-10T00:00:00Z',
  };
  const platform = { kind: 'system', organisation: 'meguro', system: 'common-platform', certificate: 'c' } as const;
  const taken = await takeApplication(o.deps, platform, { message: application } as Parameters<
    typeof takeApplication
  >[2]);
  assert.ok(taken.ok);
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-accounts-'));
  const faults: unknown[] = [];
  const app = createPageApp({
    system: { id: 'accounts', name: '口座管理システム', gloss: 'Bank accounts' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    nav,
    session: {
      read: async () => ({ actor: clerk, displayName: 'account-clerk-01', csrfSecret: new Uint8Array(32).fill(7) }),
    },
    mayOpen: async (_actor, right) => roleMay(rights, 'account-clerk', right),
    stylesheet: await buildStylesheet({
      sources: [path.join(import.meta.dirname, '../web')],
      cacheFolder: path.join(directory, 'css'),
    }),
    random: systemRandom,
    onError: (error) => faults.push(error),
  });
  const publicMoney = { ask: () => Promise.reject(new Error('nobody asks in this test')) };
  mandatePages(app, { ...o.deps, publicMoney });
  applicationPages(app, o.deps);
  branchPages(app, o.deps);
  bankPages(app, o.deps);
  const web = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const made = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(made));
  });
  const url = `http://acc.meguro.localhost:${(web.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      const good = async (name: string): Promise<void> => {
        await expectAccessible(page);
        await screenshot(page, `accounts-${name}`);
      };
      const press = async (name: string): Promise<void> => {
        await page.getByRole('button', { name }).first().focus();
        await page.keyboard.press('Enter');
      };
      await page.goto(`${url}/`);
      await page.getByLabel('宛名番号（15桁）').fill('000000000000001');
      await page.keyboard.press('Enter');
      await page.getByText('登録された口座はありません').waitFor();
      await page.getByRole('radio', { name: '口座振替' }).check();
      await page.locator('[name=bank]').fill('9999');
      await page.locator('[name=branch]').fill('999');
      await page.locator('[name=accountKind]').selectOption('ordinary');
      await page.locator('[name=accountNumber]').fill('0012345');
      await page.locator('[name=personKana]').fill('メグロ タロウ');
      await page.locator('[name=holderKana]').fill('めぐろ たろう');
      await page.locator('[name=source]').selectOption('paper');
      await page.locator('[name=fromOn]').fill('2026-06-01');
      await press('登録する');
      await page.getByText('この支店コードはありません').first().waitFor();
      await good('mandate-error');
      await page.locator('[name=branch]').fill('002');
      await press('登録する');
      await page.getByText('口座情報を登録しました').waitFor();
      await good('mandate');

      await page.goto(`${url}/debits`);
      await page.getByLabel('納期限').fill('2026-06-30');
      await page.getByLabel('引落日').fill('2026-06-30');
      await press('依頼ファイルを作成する');
      await page.getByText('1件の引落しを依頼するファイルを作成しました').waitFor();
      const coming = page.waitForEvent('download');
      await page.getByRole('link', { name: '依頼ファイル' }).click();
      const request = await readFile(await (await coming).path());
      await using bank = await aBank();
      const result = await bank.work(request);
      o.at('2026-07-02');
      const upload = async (content: Uint8Array): Promise<void> => {
        await page
          .locator('[name=content]')
          .setInputFiles({ name: 'r.txt', mimeType: 'text/plain', buffer: Buffer.from(content) });
        await press('結果を受け入れる');
      };
      await upload(request);
      await page.getByText('ファイル全体を拒否しました。Z07').first().waitFor();
      await good('debits-refused');
      await upload(result);
      await page.getByText('結果を受け入れました（振替済 1件、振替不能 0件）').waitFor();
      await good('debits');
      await page.goto(`${url}/branches`);
      await page.getByText('統廃合の登録はありません').waitFor();
      for (const [name, value] of [
        ['oldBank', '9999'],
        ['oldBranch', '002'],
        ['newBank', '9999'],
        ['newBranch', '999'],
        ['fromOn', '2026-07-01'],
        ['source', '金融機関の通知'],
      ] as const)
        await page.locator(`[name=${name}]`).fill(value);
      await press('統廃合を登録する');
      await page.getByText('この支店コードはありません').first().waitFor();
      await page.locator('[name=newBranch]').fill('003');
      await press('統廃合を登録する');
      await page.getByText('統廃合を登録しました').waitFor();
      await page.getByRole('cell', { name: '1件' }).waitFor();
      await good('branches');
      await page.goto(`${url}/`);
      await page.getByLabel('宛名番号（15桁）').fill('000000000000001');
      await page.keyboard.press('Enter');
      await page.getByText('統廃合前 9999-002').waitFor();
      await page.locator('[name=agreedOn]').fill('2026-07-02');
      await page.locator('[name=evidence]').fill('還付請求書の同意欄');
      await press('同意を記録する');
      await page.getByText('公金受取口座の利用の同意を記録しました').waitFor();
      await good('public-money');
      await page.goto(`${url}/applications`);
      await page.getByRole('link', { name: '目黒　太郎' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('[name=personKana]').fill('メグロ ハナコ');
      await press('この内容で登録する');
      await page.getByText('口座名義が本人と一致しません').first().waitFor();
      await good('application');
      await page.locator('[name=personKana]').fill('メグロ タロウ');
      await press('この内容で登録する');
      await page.getByText('口座情報を登録しました').waitFor();
      await page.getByText('処理を待っている申請はありません').waitFor();
      await page.goto(`${url}/transfers`);
      await page.getByLabel('振込指定日').fill('2026-07-15');
      await press('振込依頼を作成する');
      await page.getByText('新たに支払う還付金がありません').first().waitFor();
      await good('transfers');
    });
  } finally {
    web.close();
    await rm(directory, { recursive: true, force: true });
  }
  assert.deepEqual(faults, []);
});
