import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import { certificateForms } from '@musubi/contracts/certificates/content.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { assessmentNav } from '../assessment-module.ts';
import { certificateNav } from '../certificate-module.ts';
import { rights as table } from '../rights.ts';
import { certificatePages } from '../web/certificates.ts';
import { comparisonPages } from '../web/comparisons.ts';
import { aPerson, assessAll, decideAll, staff, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';

const certificateTypesetter = lazyTypesetter({ templatesFolder: certificateForms.pathname });
after(() => certificateTypesetter.close());

test('002-RTX-F7.1 issue D 画面: 窓口で証明書を交付し、用紙を照合して渡す。保護された方には操作がない。試算の内訳を見る', async () => {
  await using x = await taxTest();
  const rights = createRights(table, 'meguro', { rolesOf: async (_tx, actor) => [actor.staffId] });
  const { personId } = unwrap(await aPerson(x.deps, staff('levy-clerk'), { reports: [{ paidYen: 4_000_000 }] }));
  await assessAll(x.deps);
  await decideAll(x.deps);
  const deps = {
    ...x.deps,
    rights,
    certificateTypesetter,
    subjectCheckKey: new Uint8Array(32).fill(9),
    office,
    certificateFeeYen: 300,
  };
  const sessions = Object.fromEntries(
    ['levy-clerk', 'protection-officer'].map((role, i) => [
      role,
      {
        actor: staff(role),
        displayName: '税務 窓子',
        position: '税務課 窓口担当',
        csrfSecret: new Uint8Array(32).fill(i + 1),
      },
    ]),
  );
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Resident tax' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async (request) => sessions[/who=([\w-]+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? ''],
    },
    mayOpen: (actor, right) => rights.allows(undefined as never, actor, right),
    stylesheet: await buildStylesheet(),
    random: systemRandom,
    nav: [...assessmentNav, ...certificateNav],
    onError: (error) => console.error(error),
  });
  certificatePages(app, deps);
  comparisonPages(app, deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const origin = `http://rtx.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page, context) => {
      const as = (who: string) => context.addCookies([{ name: 'who', value: who, url: origin }]);
      await as('levy-clerk');
      await page.goto(`${origin}/persons/${personId}/certificates`);
      await expectAccessible(page);
      await screenshot(page, 'resident-tax-certificate-issue');
      await page.getByLabel('本人確認').selectOption('licence');
      await page.getByLabel('使用目的').fill('奨学金の申込み');
      await page.getByRole('button', { name: '証明書を作る' }).click();
      await page.waitForURL(/\/certificates\/KZ-/);
      assert.match((await page.textContent('main')) ?? '', /手数料は300円/);
      await expectAccessible(page);
      await screenshot(page, 'resident-tax-certificate');
      const [issue] = await x.t.owner<{ code: string }>(
        'select subject_check as code from resident_tax.certificate_issue',
      );
      await page.getByLabel('最初のページの照合符号').fill('AAAAAA');
      await page.getByLabel('最後のページの照合符号').fill(issue?.code ?? '');
      await page.getByLabel('1部のページ数').fill('1');
      await page.getByRole('button', { name: '交付を記録する' }).click();
      assert.match((await page.textContent('main')) ?? '', /別の証明書のページが混ざっています/);
      await page.getByLabel('最初のページの照合符号').fill(issue?.code ?? '');
      await page.getByLabel('最後のページの照合符号').fill(issue?.code ?? '');
      await page.getByLabel('1部のページ数').fill('1');
      await page.getByRole('button', { name: '交付を記録する' }).click();
      assert.match((await page.textContent('main')) ?? '', /交付を記録しました/);
      await page.getByRole('link', { name: '発行時の記録から作り直して比べる' }).click();
      assert.match((await page.textContent('main')) ?? '', /1バイトも違いません/);

      await x.t.owner('update resident_tax.person_state set address_protected = true');
      await page.goto(`${origin}/persons/${personId}/certificates`);
      await page.getByLabel('本人確認').selectOption('licence');
      await page.getByLabel('使用目的').fill('奨学金の申込み');
      await page.getByRole('button', { name: '証明書を作る' }).click();
      assert.match((await page.textContent('main')) ?? '', /支援措置担当のみ扱えます/);
      assert.equal(await page.getByRole('button', { name: '支援措置担当として作る' }).count(), 0);
      await as('protection-officer');
      await page.goto(`${origin}/persons/${personId}/certificates`);
      assert.equal(await page.getByRole('button', { name: '支援措置担当として作る' }).count(), 1);
      await expectAccessible(page);

      await as('levy-clerk');
      await page.goto(`${origin}/comparisons`);
      await expectAccessible(page);
      await page.locator('form[action="/comparisons/what-if"]').getByLabel('名称').fill('基礎控除48万円');
      await page.getByLabel('改める数値（1行に1つ）').fill('basicDeduction.0.value = 480000');
      await page.getByRole('button', { name: '試算する' }).click();
      await page.waitForURL(/\/comparisons\/[0-9a-f]/);
      assert.match((await page.textContent('main')) ?? '', /1万円までの減/);
      await expectAccessible(page);
      await screenshot(page, 'resident-tax-what-if');
    });
  } finally {
    await new Promise<void>((done) => server.close(() => done()));
  }
});
