import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { aContract, aPersonalFile, auditor, clerk, fileDocuments, officer, second, site, world } from './world.ts';

test('JPS-X14 契約の登録から書類の確認、稼働までを画面とキーボードだけで行える（axe違反なし）', async () => {
  await using w = await world();
  await using s = await site(w);
  await withPage(async (page) => {
    const good = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `governance-${name}`);
    };
    await page.goto(`${s.url}/`);
    await good('overview');
    await page.getByRole('link', { name: '委託契約', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('まだ登録がありません。').waitFor();
    await good('empty-list');
    await page.getByRole('link', { name: '登録する' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '登録する' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '入力内容を確かめてください' }).waitFor();
    await good('form-errors');
    for (const [label, value] of [
      ['受託者', aContract.contractor],
      ['委託の内容', aContract.subject],
      ['仕様書の文書番号', aContract.specification],
      ['契約の始まり', aContract.from],
      ['契約の終わり', aContract.until],
      ['作業の場所', aContract.place],
      ['緊急時の連絡先', aContract.contact],
    ] as const)
      await page.getByLabel(label).fill(value!);
    await page.getByLabel('なし（運用・監視のみ）').focus();
    await page.keyboard.press('Space');
    await page.getByLabel('書面による承認がある場合に限る').focus();
    await page.keyboard.press('Space');
    await page.getByLabel('求める', { exact: true }).focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: '登録する' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('2026-契約-0001を登録しました。').waitFor();
    await page.getByText('足りない書類・返っていない資料（4）').waitFor();
    await good('record');
    const contract = page.url().split('/').at(-1)!;
    await fileDocuments(w, contract);
    s.as = second;
    await page.reload();
    await page.getByRole('link', { name: '書類を確認して稼働させる' }).click();
    await page.getByLabel('確認した起案の文書番号').fill('決裁-1');
    await page.getByRole('button', { name: '書類を確認して稼働させる' }).click();
    await page.getByText('稼働中').first().waitFor();
    await good('record-active');
    await page.goto(`${s.url}/contract?state=active`);
    await good('list');
    await page.goto(`${s.url}/due?by=2027-12-31`);
    await page.getByText('更新後の写しを求める').waitFor();
    await good('due');
    await w.done('personal-file', await w.made('personal-file', aPersonalFile), 'publish', {
      publicationDocument: '決裁-7',
    });
    await page.goto(`${s.url}/files`);
    await page.getByRole('heading', { name: '本人確認情報ファイル' }).waitFor();
    await good('files');
    await page.goto(`${s.url}/contract/print`);
    await page.emulateMedia({ media: 'print' });
    assert.match(
      await page
        .locator('main')
        .textContent()
        .then((t) => t ?? ''),
      /地方公共団体情報システム機構/,
    );
    await screenshot(page, 'governance-print');
  });
});

test('design §6 画面は役割に応じて開き、監査の役割には書く手段がない；CSVは表計算の式を持たない', async () => {
  await using w = await world();
  await using s = await site(w);
  const contract = await w.made('contract', { ...aContract, subject: '=HYPERLINK("x")' });
  const get = async (path: string) => s.app.fetch(new Request(`${s.url}${path}`));
  s.as = clerk;
  assert.equal((await get('/contract')).status, 403);
  assert.equal((await get(`/contract/${contract}`)).status, 403);
  assert.equal((await get('/question')).status, 200);
  s.as = auditor;
  const record = await get(`/contract/${contract}`);
  assert.equal(record.status, 200);
  assert.doesNotMatch(await record.text(), /href="[^"]*\/(revise|activate|new)\b/);
  assert.equal((await get('/contract/new')).status, 403);
  assert.equal((await get('/contract/0190a000-0000-7000-8000-000000000000')).status, 404);
  // An entry is found under its own register alone.
  assert.equal((await get(`/oath/${contract}`)).status, 404);
  s.as = officer;
  const csv = await get('/contract/list.csv');
  assert.match(csv.headers.get('content-type') ?? '', /text\/csv/);
  assert.match(await csv.text(), /"'=HYPERLINK\(""x""\)"/);
  const listed = await w.t.owner(`select 1 from audit.intake_event where body like '%"purpose":"file"%'`);
  assert.equal(listed.length, 1, 'taking the list as a file is an event');
});
