import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { press, reach, typeDay, typeInto } from './bulk-site.ts';
import { inquirySite } from './inquiry-site.ts';
import { manager, operator, secondManager, startInquiryWorld } from './inquiry-world.ts';

const world = await startInquiryWorld();
const site = await inquirySite(world);
after(async () => {
  await site[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

test('TRM-F2 U10–U13 業務端末: 検索・選択・照会・印刷を、キーボードだけで行える（実ブラウザー、axe違反なし）', async () => {
  const person = await world.person();
  await world.task({
    peer: null,
    code: 'SHUZEI-01',
    name: '都税の減免',
    items: ['name', 'birthDate', 'sex', 'address'],
  });
  await withPage(async (page) => {
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    const seen = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `juki-${name}`);
    };
    site.as = operator;
    await page.goto(site.url);
    await typeInto(page, /^事務/, 'SHUZEI-01');
    await typeInto(page, /^受付・文書番号/, '8主課第12号');
    await typeInto(page, /^振り仮名/, 'たかはし');
    await typeDay(page, '生年月日', person.birthDate);
    await press(page, button('検索する'));
    await press(page, page.getByRole('link', { name: '照会する' }));
    await page.getByText('検索結果から選んだ方').waitFor();
    await seen('inquiry-form');
    await press(page, button('照会する'));
    await page.getByRole('heading', { name: '入力内容を確かめてください' }).waitFor();
    await seen('inquiry-errors');
    await typeInto(page, /^受付・文書番号/, '8主課第12号');
    await press(page, button('照会する'));
    await page.getByText('照会に回答がありました').waitFor();
    await page.getByText(person.address).waitFor();
    await seen('inquiry-answer');
    assert.equal(await page.getByText(person.individualNumber).count(), 0);
    // The answer itself prints blank; only the recorded print is on paper.
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.getByText(person.address).isVisible(), false);
    await page.emulateMedia({ media: 'screen' });
    await press(page, button('記録して印刷する'));
    await page.getByText('この印刷は記録されました').waitFor();
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.getByText(person.address).isVisible(), true);
    await seen('inquiry-print');
    await page.emulateMedia({ media: 'screen' });
  });
  const [record] = await world.records('8主課第12号');
  assert.deepEqual(
    [record!.result, record!.method, record!.key_kind, record!.operator_id, record!.terminal_id, record!.items],
    ['given', 'terminal', 'selected', 'S-301', 'T-1', ['name', 'birthDate', 'sex', 'address']],
  );
  const prints = await world.tokyo.t.owner('select printed_by, terminal_id from prefectural_juki.print_record');
  assert.deepEqual(prints, [{ printed_by: 'S-301', terminal_id: 'T-1' }]);
  assert.deepEqual(site.faults, []);
});

test('001-III.2-R2-11 使用通知から事務を登録し、ほかの職員が許可し、担当者を定め、終了する（キーボードだけ、axe違反なし）', async () => {
  await withPage(async (page) => {
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    const choose = async (label: RegExp, value: string) => {
      await reach(page, page.getByLabel(label));
      await page.getByLabel(label).selectOption(value);
    };
    const seen = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `juki-${name}`);
    };
    site.as = manager;
    await page.goto(`${site.url}/recipients`);
    await choose(/^種類/, 'agency');
    await typeInto(page, /^名称/, '下水道局');
    await typeInto(page, /^照会するシステム/, 'gesui/register-inquirer');
    await typeDay(page, '初日', '2020-04-01');
    await press(page, button('登録する'));
    await page.getByText('提供先を登録しました').waitFor();
    await seen('recipients');
    await page.goto(`${site.url}/tasks/new`);
    await seen('task-form');
    await typeInto(page, /^事務コード/, 'GESUI-01');
    await typeInto(page, /^事務の名称/, '受益者負担金の徴収');
    const recipient = await page.getByRole('option', { name: '下水道局' }).getAttribute('value');
    await choose(/^提供先・移転先/, recipient!);
    await choose(/^根拠の条文/, 'schedule-5');
    await typeInto(page, /^別表の項/, '7の項');
    for (const item of ['氏名', '住所', '個人番号']) {
      await reach(page, page.getByRole('checkbox', { name: item, exact: true }));
      await page.keyboard.press('Space');
    }
    await typeDay(page, '初日', '2020-04-01');
    await typeInto(page, /^使用通知/, '7下総第3号');
    await press(page, button('登録する'));
    await page.getByText('根拠の条文は、この種類の提供先のものではありません').first().waitFor();
    await choose(/^根拠の条文/, 'schedule-6');
    await press(page, button('登録する'));
    await page.getByText('番号利用法の根拠が必要です').first().waitFor();
    await choose(/^個人番号の根拠/, 'number-act-9-1');
    await press(page, button('登録する'));
    await page.getByText('ほかの職員の許可を待ちます').waitFor();
    assert.equal(await button('使用を許可する').count(), 0);
    site.as = secondManager;
    await page.reload();
    await press(page, button('使用を許可する'));
    await page.getByText('使用を許可しました').waitFor();
    await typeInto(page, /^職員番号/, 'S-305');
    await typeDay(page, '初日', '2026-06-01');
    await typeDay(page, '最終日', '2027-03-31');
    await press(page, button('担当者を定める'));
    await page.getByText('S-305（2026-06-01').waitFor();
    await seen('task');
    await page.goto(`${site.url}/tasks`);
    await page.getByText('受益者負担金の徴収').waitFor();
    await seen('tasks');
  });
  assert.deepEqual(site.faults, []);
});

test('001-III.2-R4-13 JPS-X10 使用簿の申出・承認・閉鎖、提供の記録、端末使用簿、統計（CSVも）を画面で扱える（axe違反なし）', async () => {
  const person = await world.person({ name: '統計　一郎', nameKana: 'トウケイ　イチロウ' });
  await world.task({
    peer: null,
    code: 'SHUZEI-02',
    name: '扶養の確認',
    items: ['name', 'individualNumber'],
    numberGround: 'number-act-9-1',
  });
  await withPage(async (page) => {
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    const seen = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `juki-${name}`);
    };
    site.as = operator;
    await page.goto(`${site.url}/uses`);
    await page.getByText('使用の申出はありません').waitFor();
    await press(page, page.getByRole('link', { name: '使用を申し出る' }));
    await reach(page, page.getByLabel(/^事務/));
    await page.getByLabel(/^事務/).selectOption('SHUZEI-02');
    await typeInto(page, /^使用の目的/, '扶養の確認');
    await typeInto(page, /^受付・文書番号/, '8主課第20号');
    await typeInto(page, /^人数の上限/, '2');
    await typeDay(page, '期限', '2026-06-10');
    await press(page, button('申し出る'));
    await page.getByText('使用を申し出ました').waitFor();
    await seen('uses');
    const entryId = (await page.getByRole('link', { name: /^[0-9a-f-]{36}$/ }).textContent())!;
    site.as = manager;
    await page.goto(`${site.url}/use-approvals/${entryId}`);
    await seen('use-approval');
    await press(page, button('承認する'));
    await page.getByText('使用を承認しました').waitFor();

    site.as = operator;
    await page.goto(`${site.url}/inquiry`);
    await reach(page, page.getByLabel(/^事務/));
    await page.getByLabel(/^事務/).selectOption('SHUZEI-02');
    await typeInto(page, /^受付・文書番号/, '8主課第20号');
    await typeInto(page, /^氏名/, person.name);
    await reach(page, page.getByLabel(/^生年月日/));
    await page.keyboard.type('04011980');
    await typeInto(page, /^住所/, person.address);
    await reach(page, page.getByRole('checkbox', { name: '個人番号', exact: true }));
    await page.keyboard.press('Space');
    await press(page, button('照会する'));
    await page.getByText('承認された使用簿の番号が必要です').first().waitFor();
    await typeInto(page, /^使用簿の番号/, entryId);
    await press(page, button('照会する'));
    await page.getByText(person.individualNumber).waitFor();
    await page.goto(`${site.url}/uses/${entryId}`);
    await typeInto(page, /^使用の結果/, '確認済み');
    await press(page, button('閉じる'));
    await page.getByText('使用簿を閉じました').waitFor();

    site.as = manager;
    await page.goto(`${site.url}/provisions`);
    await page.getByText('使用簿の承認なし').waitFor();
    await seen('provisions');
    await page.goto(`${site.url}/terminal-uses`);
    await page.getByText('SHUZEI-02').first().waitFor();
    await seen('terminal-uses');
    await page.goto(`${site.url}/statistics`);
    await page.getByText('市区町村・異動事由別の更新件数').waitFor();
    await seen('statistics');
  });
  const direct = site.url.replace('jps.tokyo.localhost', '127.0.0.1');
  // Fewer than ten: nothing of it is published, neither on the page nor in the file.
  const text = await (await fetch(`${direct}/statistics/updates.csv?from=2026-01-01&until=2026-12-31`)).text();
  assert.match(text, /市区町村/);
  assert.match(text, /131105,x,x\r\n/);
  const provisions = await (await fetch(`${direct}/statistics/provisions.csv?from=2020-01-01&until=2099-12-31`)).text();
  assert.match(provisions, /主税局課税部,SHUZEI-02,1,1/);
  assert.ok(!text.includes(person.name));
  assert.deepEqual(site.faults, []);
});
