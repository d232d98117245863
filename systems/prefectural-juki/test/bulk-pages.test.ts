import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { bulkSite, press, reach, typeDay, typeInto } from './bulk-site.ts';
import { bulkWorld, serial, staff, taskCode } from './bulk-world.ts';
import { heldTask } from './held-task.ts';

test('003 scenario 18 画面: 媒体の登録から返却まで、一括提供の一巡をキーボードだけで行える（実ブラウザー、axe違反なし）', async () => {
  await using w = await bulkWorld();
  await using site = await bulkSite(w);
  const [a, b] = w.residents;
  await withPage(async (page) => {
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    const seen = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `bulk-${name}`);
    };
    const medium = `${site.url}/media/medium/${serial}`;

    await page.goto(`${site.url}/media`);
    await page.getByText('登録された媒体はありません').waitFor();
    await press(page, page.getByRole('link', { name: '媒体を登録する' }));
    await press(page, button('登録する'));
    await page.getByRole('heading', { name: '入力内容を確かめてください' }).waitFor();
    await seen('medium-errors');
    await typeInto(page, /^媒体番号/, serial);
    await reach(page, page.getByLabel('指定DVD-RW'));
    await page.keyboard.press('Space');
    await typeInto(page, /^保管場所/, '保管庫A');
    await press(page, button('登録する'));
    await press(page, page.getByRole('link', { name: '貸出しを申請する' }));
    await reach(page, page.getByLabel('貸出先'));
    await page.keyboard.press('ArrowDown');
    await typeInto(page, /^目的/, '一括提供');
    await typeInto(page, /^貸出申請書の番号/, '貸出-3');
    await typeDay(page, '返却期限', '2026-06-30');
    await seen('lend');
    await press(page, button('申請する'));
    await page.getByText('承認を待ちます').first().waitFor();
    assert.equal(await button('承認する').count(), 0);
    site.as = staff('mgr-1');
    await page.goto(`${site.url}/media/lendings`);
    await press(page, button('承認する'));
    await page.getByText('承認しました').waitFor();
    site.as = staff('op-1');
    await page.goto(`${site.url}/media/lendings`);
    await press(page, button('貸し出したことを記録する'));
    await page.getByText('貸出しを記録しました').waitFor();

    await page.goto(`${site.url}/bulk`);
    await page.getByText('進行中の一括提供はありません').waitFor();
    await press(page, page.getByRole('link', { name: '依頼文書を登録する' }));
    await typeInto(page, /^依頼文書番号/, '依頼-1');
    await typeInto(page, /^事務コード/, taskCode);
    await typeDay(page, '受付日', '2026-05-29');
    await typeInto(page, /^利用の目的/, '減免の確認');
    await typeInto(page, /^目的の対象の件数/, '2');
    await press(page, button('登録する'));
    await typeInto(page, /^媒体番号/, 'DVD-9999');
    await typeDay(page, '消去・返却の期限', '2026-06-30');
    await press(page, button('始める'));
    await page.getByText('登録された媒体ではありません').first().waitFor();
    await seen('order-refused');
    await reach(page, page.getByLabel(/^媒体番号/));
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(serial);
    await press(page, button('始める'));
    await page.getByText('一括提供を始めました').waitFor();
    const order = page.url();

    const choose = async (text: string): Promise<void> => {
      const chosen = page.waitForEvent('filechooser');
      await press(page, page.getByLabel(/^検索条件のリスト/));
      const buffer = Buffer.from(await w.encrypted(text));
      await (await chosen).setFiles({ name: 'list.csv.age', mimeType: 'application/octet-stream', buffer });
      await press(page, button('読み込む'));
    };
    const lines = [`D,A-1,,${a!.number},,,,,`, `D,A-2,,,${b!.name},,${b!.birthDate},,${b!.address}`];
    await choose(w.list(lines, { trailer: 3 }));
    await page.getByText('トレーラの件数が行の数と違います').first().waitFor();
    await choose(w.list(lines));
    await page.getByText('別の管理者の承認を待っています').waitFor();
    site.as = staff('mgr-1');
    await page.goto(order);
    await seen('approve');
    await press(page, button('2件の提供を承認する'));
    await page.getByText('承認しました').waitFor();
    site.as = staff('op-1');
    await page.goto(order);
    await press(page, button('照会を始める'));
    await button('媒体に書き込むファイルを作る').waitFor();
    assert.equal((await page.content()).includes(a!.number), false);
    const download = page.waitForEvent('download');
    await press(page, button('媒体に書き込むファイルを作る'));
    const saved = await (await download).path();
    const result = await w.decrypted(new Uint8Array(await readFile(saved)));
    assert.deepEqual(
      result
        .trimEnd()
        .split('\r\n')
        .map((line) => line.split(',').slice(2, 4).join(' '))
        .slice(1),
      ['A-1 0', 'A-2 0', '2'],
    );

    const record = async (section: string, fill: () => Promise<void>, submit: string): Promise<void> => {
      await page.goto(medium);
      await press(page, page.locator('summary', { hasText: section }));
      await fill();
      await press(page, button(submit));
    };
    await record('引渡しの記録', () => typeInto(page, /^引渡しの相手/, 'W-7'), '引渡しを記録する');
    await page.getByText('引渡しの記録をしました').waitFor();
    const receipt = async (records: string): Promise<void> => {
      await typeInto(page, /^受領した者/, 'W-7');
      await typeInto(page, /^受領書の番号/, '受領-1');
      await typeInto(page, /^受領側が数えた件数/, records);
      await typeInto(page, /^受領側の合計/, 'given=2');
    };
    await record('受領確認の記録', () => receipt('1'), '受領を記録する');
    await page.getByText('件数 2 に対し 1').first().waitFor();
    await seen('receipt-differs');
    await record('受領確認の記録', () => receipt('2'), '受領を記録する');
    await page.getByText('受領確認の記録をしました').waitFor();

    await page.goto(order);
    await press(page, button('サーバの控えを消去する'));
    await page.getByText('控えを消去しました').waitFor();
    await seen('order-done');
    await record(
      '消去の記録',
      async () => {
        await typeInto(page, /^消去した者/, 'W-7');
        await typeInto(page, /^消去の方法/, '全領域上書き');
        await typeInto(page, /^消去報告の番号/, '消去-1');
      },
      '消去を記録する',
    );
    await record(
      '返却・回収の記録',
      async () => {
        await reach(page, page.getByLabel('返却', { exact: true }));
        await page.keyboard.press('Space');
        await typeInto(page, /^返した者/, 'W-7');
        await typeInto(page, /^保管場所/, '保管庫A');
      },
      '返却を記録する',
    );
    await page.getByText('保管中（消去済）').first().waitFor();

    await page.goto(`${site.url}/media/stock-taking`);
    await press(page, button('今週の照合を始める'));
    await typeInto(page, /^数えた媒体の番号/, serial);
    await press(page, button('数を加える'));
    await page.getByText('差はありません').waitFor();
    await seen('stock-taking');
    await press(page, button('照合を終える'));
    await page.getByText('照合済').waitFor();
    for (const [path, name] of [
      ['/media', 'register'],
      ['/media/keys', 'keys'],
      ['/media/papers', 'papers'],
      ['/bulk?state=all', 'orders'],
    ] as const) {
      await page.goto(`${site.url}${path}`);
      await seen(name);
    }
  });
  const [{ id }] = (await w.t.owner<{ id: string }>('select hand_over_id as id from media.hand_over')) as [
    { id: string },
  ];
  for (const path of [`/media/slips/${id}`, '/media/ledger.pdf', '/media/stock-taking/report?month=2026-06']) {
    const response = await fetch(`${site.url.replace('jps.tokyo.localhost', '127.0.0.1')}${path}`);
    assert.equal(response.headers.get('content-type'), 'application/pdf', path);
    assert.equal(
      Buffer.from(await response.arrayBuffer())
        .subarray(0, 5)
        .toString(),
      '%PDF-',
    );
  }
  assert.deepEqual(site.faults, []);
});

test('003 scenario 20 画面: 100件を超える出力は承認を待ち、一度だけ表示される', async () => {
  await using w = await bulkWorld({ residents: 103 });
  await heldTask(w.deps, 'clerk-1');
  await using site = await bulkSite(w);
  await withPage(async (page) => {
    site.as = staff('clerk-1', 'business');
    await page.goto(`${site.url}/outputs`);
    await reach(page, page.getByLabel(/^事務/));
    await page.keyboard.press('ArrowDown');
    await typeInto(page, /^受付・文書番号/, '受付-5');
    await typeInto(page, /^振り仮名/, 'メグロ タロウ');
    await reach(page, page.getByLabel('性別'));
    await page.keyboard.press('ArrowDown');
    await press(page, page.getByRole('button', { name: '出力する', exact: true }));
    await page.getByText('102件の出力は承認を待ちます').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'bulk-outputs');
    site.as = staff('mgr-1', 'business');
    await page.goto(`${site.url}/outputs`);
    await press(page, page.getByRole('button', { name: '承認する' }));
    await page.getByText('承認しました').waitFor();
    site.as = staff('clerk-1', 'business');
    await page.goto(`${site.url}/outputs`);
    await press(page, page.getByRole('button', { name: '一度だけ出力する' }));
    await page.getByText(w.residents[0]!.address).first().waitFor();
    await expectAccessible(page);
    await page.goto(`${site.url}/outputs`);
    await page.getByText('出力済').waitFor();
    assert.equal(await page.getByRole('button', { name: '一度だけ出力する' }).count(), 0);
  });
  assert.deepEqual(site.faults, []);
});
