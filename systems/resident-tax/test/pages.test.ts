import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { takeIn } from '../service/intake/take-in.ts';
import { registerCheckPages } from '../web/check-pages.ts';
import { registerCounterPages } from '../web/counter-pages.ts';
import { registerMatchingPages } from '../web/intake-matching-pages.ts';
import { registerIntakePages } from '../web/intake-pages.ts';
import { registerKeyingPages } from '../web/keying-pages.ts';
import { registerLevyInputPages } from '../web/levy-input-pages.ts';
import { registerPersonPages } from '../web/persons-pages.ts';
import {
  anIntake,
  clerk,
  conformanceFile,
  coverOf,
  fileOf,
  job,
  people,
  receive,
  recordOf,
  register,
  sampleColumns,
  staff,
} from './an-intake.ts';

const sessionOf = (staffId: string, seed: number): PageSession => ({
  actor: staffId === 'clerk-1' ? clerk : staff(staffId),
  displayName: staffId === 'clerk-1' ? '賦課 一郎' : '税務 課子',
  position: '税務課',
  csrfSecret: new Uint8Array(32).fill(seed),
});

/** The pages on a free port; who is signed in can be changed between two pages. */
async function served(deps: Deps) {
  let session = sessionOf('clerk-1', 1);
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Inhabitant tax on individuals' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: { read: async () => session },
    mayOpen: async () => true,
    stylesheet: await buildStylesheet({ sources: [fileURLToPath(new URL('../web/', import.meta.url))] }),
    random: deps.random,
    onError: (error) => console.error(error),
  });
  registerIntakePages(app, deps, { fetchNow: async () => ok({ received: 0, faults: [] }), resume: () => {} });
  registerMatchingPages(app, deps);
  registerPersonPages(app, deps);
  registerCheckPages(app, deps);
  registerKeyingPages(app, deps, () => {});
  registerCounterPages(app, deps, () => {});
  registerLevyInputPages(app, deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  return {
    origin: `http://rtx.meguro.localhost:${(server.address() as AddressInfo).port}`,
    signIn(staffId: string) {
      session = sessionOf(staffId, 2);
    },
    [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())),
  };
}

test('issue A walk 2・3 受領から突合まで画面でできる: リジェクトを読み、担当者が提案し、別の職員が確認する', async () => {
  await using i = await anIntake();
  const everyone = people(30);
  await register(i.deps, everyone);
  const sample = await sampleColumns();
  const filed = everyone.map((who) =>
    recordOf(
      sample,
      who.no === 1 ? { ...who, name: '目黒　次郎' } : who.no === 2 ? { ...who, bornOn: '1999-09-09' } : who,
      // A grown-up among those under 16: the checks find it.
      who.no === 3 ? { young1Name: everyone[3]!.name, young1Number: everyone[3]!.number } : {},
    ),
  );
  const broken = ['W04-no-name', 'W06-check-digit'].map((name) => conformanceFile(`invalid/${name}.txt`));
  const file = Buffer.concat([fileOf(filed), ...broken]);
  const cover = coverOf(i.deps, file, 32);
  const { intakeId } = unwrap(await receive(i.deps, cover, file));
  unwrap(await runBatch(i.deps, job, takeIn, { intakeId }));
  const waiting = coverOf(i.deps, file, 5);
  await i.t.owner(
    `insert into resident_tax.announced_delivery select '${waiting.deliveryId}', '2026013100000099', procedure, 2025, payer_number, payer_name, 5, announced_on, event_id from resident_tax.announced_delivery`,
  );
  await using s = await served(i.deps);
  await withPage(async (page) => {
    const look = async (name: string) => {
      await expectAccessible(page);
      await screenshot(page, `rtx-${name}`);
    };
    await page.goto(`${s.origin}/intakes`);
    assert.match((await page.textContent('main')) ?? '', /未取込の受付が1件あります/);
    await look('intakes');
    await page.getByRole('link', { name: cover.receptionNumber }).click();
    assert.match((await page.textContent('main')) ?? '', /32件 \/ 32件/);
    await look('intake');
    await page.getByRole('link', { name: /リジェクト一覧/ }).click();
    assert.equal(await page.getByRole('row').count(), 3);
    assert.match((await page.textContent('main')) ?? '', /W06.*個人番号.*検査用数字が一致しません/s);
    await look('rejects');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSVで保存する' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), `reject-${cover.receptionNumber}.csv`);

    await page.goto(`${s.origin}/matching`);
    assert.match((await page.textContent('main')) ?? '', /2 件のうち/);
    await look('matching');
    await page.getByRole('link', { name: '目黒　次郎' }).click();
    await look('matching-detail');
    await page.getByRole('button', { name: '決定する' }).click();
    assert.match(await page.title(), /^エラー: /);
    await look('matching-faults');
    await page.getByLabel(/に結び付ける/).check();
    await page.getByLabel('理由').selectOption('document-checked');
    await page.getByRole('button', { name: '決定する' }).click();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /確認した内容を入力してください/);
    await page.getByLabel('確認した内容').fill('戸籍の写しで改氏を確認');
    await page.getByRole('button', { name: '決定する' }).click();
    assert.match((await page.textContent('body')) ?? '', /二人目の確認を待ちます/);

    s.signIn('chief-1');
    await page.goto(`${s.origin}/matching?state=awaiting-second`);
    await page.getByRole('link', { name: '目黒　次郎' }).click();
    await look('matching-second');
    await page.getByLabel('同一人と認め、結び付ける').check();
    await page.getByRole('button', { name: '確定する' }).click();
    assert.match((await page.textContent('body')) ?? '', /本人を特定しました/);

    await page.goto(`${s.origin}/persons`);
    await look('persons');
    await page.getByLabel('氏名カナ').fill('サトウ');
    await page.getByRole('button', { name: '検索する' }).click();
    assert.equal(new URL(page.url()).search, '');
    await look('persons-found');
    await page.getByRole('link', { name: everyone[0]!.name }).first().click();
    assert.match((await page.textContent('main')) ?? '', /目黒商事/);
    await look('person');

    s.signIn('clerk-1');
    await page.goto(`${s.origin}/checks?year=2026`);
    await look('checks-none');
    await page.getByRole('button', { name: 'チェックリストを作る' }).click();
    assert.match((await page.textContent('body')) ?? '', /チェックリストを作りました（[0-9]+件）/);
    await look('checks');
    await page.getByRole('link', { name: '1', exact: true }).first().click();
    await look('check');
    await page.getByLabel('問題なし').check();
    await page.getByLabel('確認した内容（必須）').fill('本人に電話で確認した');
    await page.getByRole('button', { name: '記録する' }).click();
    assert.match((await page.textContent('body')) ?? '', /確認の結果を記録しました/);

    await page.goto(`${s.origin}/keying`);
    await page.getByLabel('年分（西暦）').fill('2025');
    await page.getByLabel('渡した帳票の枚数').fill('12');
    await page.getByLabel('委託先の法人番号').fill('4011305001653');
    await page.getByLabel('委託先の名称').fill('見本データ入力株式会社');
    await page.getByLabel('授受票に署名した委託先の担当者').fill('入力 次郎');
    await page.getByRole('button', { name: '発注を記録する' }).click();
    await look('keying-order');
    await page
      .getByLabel('納品された入力データ（WR01）')
      .setInputFiles({ name: 'wr01.csv', mimeType: 'text/csv', buffer: Buffer.from('WR01,1,1\r\n') });
    await page.getByRole('button', { name: '納品を受け取る' }).click();
    assert.match((await page.textContent('body')) ?? '', /別の発注番号の帳票があります[\s\S]*12枚のところ1枚　未解消/);
    await look('keying-refused');
    await page.goto(`${s.origin}/keying`);
    await look('keying');

    await page.goto(`${s.origin}/counter`);
    await page.getByLabel('年分（西暦）').fill('2025');
    await page.getByLabel('様式の年分（紙の右上）').fill('令和7年分');
    await page.getByLabel('番号を確認した書類').selectOption('card');
    await page.locator('input[name=identityDocuments][value=card]').check();
    await page.locator('input[name=individualNumber]').fill('123456789010');
    await page.getByRole('button', { name: '入力する' }).click();
    assert.match((await page.textContent('body')) ?? '', /検査用数字が一致しません[\s\S]*何も保管していません/);
    await look('counter-refused');

    await page.goto(`${s.origin}/levy-inputs?year=2026`);
    await page.getByRole('button', { name: '必要な資料として宣言する' }).click();
    await page.getByLabel('名簿ファイル（OL01）').setInputFiles({
      name: 'list.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('OL01,public-assistance,2025-01-01,0\n'),
    });
    await page.getByRole('button', { name: '名簿を受け取る' }).click();
    assert.match((await page.textContent('body')) ?? '', /基準日の違う名簿です/);
    await look('levy-inputs');
  });
  const [linked] = await i.t.owner<{ n: number }>(
    `select count(*)::int as n from resident_tax.report_state where state = 'linked'`,
  );
  assert.equal(linked?.n, 29);
});
