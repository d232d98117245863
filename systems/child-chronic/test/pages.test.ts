import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import pg from 'pg';
import { takeUpDeferred } from '../service/ask-tax.ts';
import { aNumber, answerTo, approver, aWorld, refuse, schemas, viewer } from './world.ts';

test('001 画面で受付・照会・起案・承認まで行える（実ブラウザー、axe違反なし）', async () => {
  await using w = await aWorld();
  const site = await w.pages();
  const number = aNumber().digits();
  await withPage(async (page) => {
    const good = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `child-chronic-${name}`);
    };
    await page.goto(`${site.url}/cases/new`);
    await page.getByRole('button', { name: '受け付ける' }).click();
    await page.getByRole('heading', { name: '入力内容を確かめてください' }).waitFor();
    await good('intake-errors');
    await page.getByLabel('更新').check();
    await page.getByLabel('申請日').fill('2026-07-01');
    await page.getByLabel('患者の氏名必須').fill('目黒 一郎');
    await page.getByLabel('患者の氏名かな').fill('メグロ イチロウ');
    await page.getByLabel('患者の生年月日').fill('2018-06-01');
    await page.getByLabel('保護者').check();
    await page.getByLabel('申請者の氏名必須').fill('目黒 花子');
    await page.getByLabel('申請者の氏名かな').fill('メグロ ハナコ');
    await page.getByLabel('申請者の生年月日').fill('1988-04-02');
    await page.getByLabel('女').check();
    await page.getByLabel('申請者の住所').fill('東京都目黒区上目黒二丁目19番15号');
    await page.locator('[name=individualNumber]').fill(number);
    await page.locator('[name=individualNumberAgain]').fill(number);
    await page.getByLabel('番号確認書類').selectOption('card');
    await page.getByLabel('個人番号カード', { exact: true }).check();
    await page.getByLabel('申請者が、様式の利用目的と記入上の注意を確かめた').check();
    await page.getByLabel('患者の医療保険').selectOption('employee-dependent');
    await page.getByLabel('病状の区分').selectOption('general');
    await page.getByLabel('申請書に書かれた市町村民税の区分').selectOption('taxed');
    await page.getByLabel('申請書に書かれた所得割額').fill('60,000');
    await page.getByRole('button', { name: '受け付ける' }).click();
    await page.getByText('申請者の宛名を登録しました').waitFor();
    await good('case-new');

    w.platform.answer = refuse('no-linkage-code');
    // The body that the applicant's address names is chosen beforehand: asking is one press.
    assert.equal(await page.getByRole('radio', { name: '目黒区' }).isChecked(), true);
    await page.getByRole('button', { name: '照会する' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('対象者の符号がまだ取得されていません').first().waitFor();
    await good('case-refused');

    // INC-11: no room now. The clerk leaves with number and time, and the same inquiry is taken up; no other can be asked beside it.
    w.platform.answer = refuse('congested');
    w.platform.turn = { receptionNumber: 41, expectedAt: '2026-07-15T01:05:00Z', state: 'waiting' };
    await page.getByRole('button', { name: '照会する' }).click();
    await page
      .getByText('後で回答を確かめてください。受付番号は41、7月15日10時05分ごろに行われる見込みです。')
      .waitFor();
    assert.equal(await page.getByRole('button', { name: '照会する' }).count(), 0);
    await page.goto(`${page.url()}`);
    await page.getByText('順番を待っています。受付番号は41').waitFor();
    await good('case-in-turn');

    w.platform.answer = async (ask) => ({ ok: true, value: answerTo(ask) });
    w.platform.turn = undefined;
    assert.deepEqual(unwrap(await takeUpDeferred(w.deps, { kind: 'job', name: 'deferred-inquiries' })), 1);
    assert.equal(w.platform.asked.at(-1)!.requestId, w.platform.asked.at(-2)!.requestId);
    assert.equal(w.platform.asked.at(-1)!.asker.staffId, 'officer1', 'asked for the clerk whose inquiry it is');
    await page.reload();
    await page.getByText('81,000円').first().waitFor();
    const text = await page.locator('main').textContent();
    for (const shown of ['7b1f2f0e-0000-4000-8000-000000000001', '009-TKX-0001-W', 'Ⅴ 一般所得2', '10,000円'])
      assert.ok(text?.includes(shown), shown);
    assert.ok(!(await page.content()).includes(number));
    assert.ok(text?.includes('相違 1件'));
    await good('case-answered');
    await page.getByRole('link', { name: '提供元の署名と許可証（証跡）を確かめる' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('提供元の署名と許可証を確かめました').waitFor();
    await good('evidence');
    await page.goBack();

    await page.getByRole('button', { name: 'この階層区分で起案する' }).click();
    await page.getByText('回答によって判定する理由を入力してください').waitFor();
    await page.getByLabel('申請書と異なる回答によって判定する理由').fill('課税の決定が正しく、申請書は記入誤り');
    await page.getByRole('button', { name: 'この階層区分で起案する' }).click();
    await page.getByText('承認を待っています').waitFor();
    site.as = approver;
    await page.goto(`${site.url}/approvals`);
    await good('approvals');
    await page.getByRole('link', { name: /申請 2026-/ }).click();
    await good('approval');
    await page.getByRole('button', { name: '差し戻す' }).click();
    await page.getByText('差し戻す理由を入力してください').first().waitFor();
    await good('approval-error');
    await page.getByRole('button', { name: '承認する' }).click();
    await page.getByText('階層区分を決定しました').waitFor();
    site.as = viewer;
    await page.goto(`${site.url}/`);
    await page.getByText('決定 Ⅴ 一般所得2').waitFor();
    await good('cases');
    assert.equal(await page.getByRole('link', { name: '申請を受け付ける' }).count(), 0);
    await page.getByRole('link', { name: /^2026-/ }).click();
    await page.getByText('決定しました').first().waitFor();
    assert.equal(await page.getByRole('button', { name: '照会する' }).count(), 0);
    await good('case-decided');
    const refused = await page.goto(`${site.url}/approvals`);
    assert.equal(refused?.status(), 403);
  });
  assert.deepEqual(w.faults, []);
});

test('design §2.7: every column of the system is declared', async () => {
  await using t = await testDatabase(schemas);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  const { rows } = await client.query(
    "select count(*)::int as n from information_schema.tables where table_schema = 'child_chronic' and table_type = 'BASE TABLE'",
  );
  await client.end();
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('child_chronic.')),
    [],
  );
  const own = JSON.parse(await readFile(new URL('../store/catalogue.json', import.meta.url), 'utf8'));
  assert.equal(Object.keys(own).length, rows[0].n, 'and nothing that is no longer there');
});
