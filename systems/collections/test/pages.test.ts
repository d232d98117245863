import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writePaymentFile } from '@musubi/contracts/payments/files.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { expectAccessible, withPage } from '@musubi/kernel/pages/testing.ts';
import { orderDebits, takeDebitResults } from '../service/files/debits.ts';
import { takeFile } from '../service/files/take-file.ts';
import { aSite } from './a-site.ts';
import { agency, aTown, bodyCode, byQr, chief, clerk, mustBeOk } from './a-town.ts';

test('002-COL 収納担当の一日: 収納データ、仮受、督促、還付、照会、年度末の繰越、窓口現金、振替不能、特別徴収の差異をキーボードで行える（実ブラウザー、axe違反なし）', async () => {
  await using w = await aTown();
  const paid = await w.charge({ person: 1 });
  const unpaid = await w.charge({ person: 2, total: 30_000 });
  const typo = await w.charge({ person: 3, total: 31_000 });
  const arrears = await w.charge({ person: 2, total: 20_000, fiscalYear: 2025, dueOn: '2025-06-30' });
  w.at('2026-07-20');
  await w.quiet('2026-06-25', '2026-07-18', (channel, day) => channel === 'common-tax' && day === '2026-07-01');
  const twice = [
    byQr(paid, '2026-06-29'),
    byQr(paid, '2026-06-30'),
    { ...byQr(typo, '2026-06-30'), key: `${typo.slip!.caseKey.slice(0, 19)}0` },
  ];
  const content = writePaymentFile({
    channel: 'common-tax',
    sender: 'eltax',
    bodyCode,
    businessOn: '2026-07-01',
    sequence: 1,
    payments: twice,
  });
  const counter = await w.charge({ person: 11, total: 15_000, dueOn: '2026-08-31' });
  const debit = await w.charge({ person: 12, total: 9_000, dueOn: '2026-07-20' });
  const monthly = { ...w.deps.schedules[0]!, channel: 'special-collection', name: '特別徴収' };
  const employers = { ...w.deps, schedules: [...w.deps.schedules, monthly] };
  const order = { batchId: w.deps.newId(), dueOn: '2026-07-20', debitOn: '2026-07-20' };
  const [asked] = await mustBeOk(orderDebits(w.deps, clerk, { ...order, persons: [debit.payer.orgPersonNumber] }));
  await mustBeOk(
    takeDebitResults(w.deps, clerk, {
      bank: '9999',
      debitOn: '2026-07-20',
      sha256: 'd'.repeat(64),
      bytes: 366,
      results: [{ row: 2, caseKey: asked!.caseKey, amount: 9_000, outcome: 'insufficient-funds' }],
    }),
  );
  await using site = await aSite(w);
  await withPage(async (page) => {
    // The frame around the contents is the same on every page: it is looked at once.
    let framed = false;
    const good = async (): Promise<void> => {
      await expectAccessible(page, framed ? 'main' : undefined);
      framed = true;
    };
    const press = async (name: string): Promise<void> => {
      await page.getByRole('button', { name }).first().focus();
      await page.keyboard.press('Enter');
    };
    // The reminder run is stopped by the file that is missing.
    await page.goto(`${site.url}/reminders`);
    await page.getByText('eL-QR（eltax） 7/1が未消込です').first().waitFor();
    await press('督促状を作成する');
    await page.getByRole('heading', { name: '入力内容を確かめてください' }).waitFor();
    await good();

    await page.goto(`${site.url}/files`);
    await page.getByText('未着').first().waitFor();
    const upload = async (bytes: Uint8Array): Promise<void> => {
      await page.locator('[name=channel]').selectOption('common-tax');
      await page
        .locator('[name=content]')
        .setInputFiles({ name: 'file.csv', mimeType: 'text/csv', buffer: Buffer.from(bytes) });
      await press('受け入れる');
    };
    await upload(content.subarray(0, 90));
    await page.getByText('ファイル全体を拒否しました').first().waitFor();
    await good();
    await upload(content);
    await page.getByText('受け入れました（3件').waitFor();
    await good();

    await page.goto(`${site.url}/suspense`);
    await good();
    await page.getByRole('link', { name: /^\d+$/ }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '候補' }).waitFor();
    await press('消し込む');
    await page.getByText('消し込む調定を選んでください').first().waitFor();
    await page.getByRole('radio').first().focus();
    await page.keyboard.press('Space');
    await page.getByLabel('理由').fill('領収書の写しで確認');
    await good();
    await press('消し込む');
    await page.getByText('消し込みました（31,000円').waitFor();

    await page.goto(`${site.url}/reminders`);
    await page.getByText('すべて消込済みです').waitFor();
    await press('督促状を作成する');
    await page.getByText('督促状を2通作成しました').waitFor();
    site.as = chief as Extract<Actor, { kind: 'staff' }>;
    await page.reload();
    await press('照合し直して印刷へ回す');
    await page.getByText('2通を印刷へ回しました').waitFor();
    await mustBeOk(w.pay('common-tax', '2026-07-19', [byQr(unpaid, '2026-07-19')]));
    await press('照合し直して発送する');
    await page.getByText('1通を発送しました。引抜き: 未納なし 1件').waitFor();
    await good();

    site.as = { ...site.as, staffId: 'collection-clerk-01' };
    await page.goto(`${site.url}/refunds`);
    await page.getByRole('link', { name: '起案する' }).first().focus();
    await page.keyboard.press('Enter');
    await press('起案する');
    await page.getByText('根拠資料を付けてください').first().waitFor();
    await page.getByLabel('過誤納（4号）').check();
    await page.getByLabel('事由の生じた日').fill('2026-06-30');
    await page.getByLabel('根拠資料').fill('収納データ 7月1日 3レコード目');
    await good();
    await press('起案する');
    await page.getByText('別の職員の決定を待ちます').waitFor();
    site.as = { ...site.as, staffId: 'collection-chief-01' };
    await page.reload();
    await press('承認する');
    await page.getByText('還付・充当を決定しました（支払 48,700円）').waitFor();
    await good();

    await page.goto(`${site.url}/`);
    await page.getByLabel('宛名番号、通知書番号又はカナ氏名の先頭').fill('0000000002');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: '目黒 2郎' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '令和7年度' }).waitFor();
    await page.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    await page.getByText('file:common-tax eltax 2026-07-19 row 2').first().waitFor();
    await good();

    await page.goto(`${site.url}/day`);
    await page.getByText('帳簿から作り直した残高と一致しています').waitFor();
    await good();
    await press('2025年度の未収額を2026年度へ繰り越す');
    await page.getByText('1件、20,000円を繰り越しました').waitFor();
    await press('2025年度の未収額を2026年度へ繰り越す');
    await page.getByText('すでに繰り越しています').waitFor();

    await page.goto(`${site.url}/ending-claims`);
    await page.getByText('消滅する徴収金はありません').waitFor();
    await good();
    await page.goto(`${site.url}/day`);
    await page.getByRole('link', { name: '2025年度の決算統計' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('現年課税分').first().waitFor();
    await good();

    site.as = { ...site.as, staffId: 'collection-clerk-01' };
    await page.goto(`${site.url}/accounts/${arrears.chargeId}`);
    await page
      .getByRole('link', { name: /滞納整理/ })
      .first()
      .focus();
    await page.keyboard.press('Enter');
    await press('時効の更新を記録する');
    await page.getByText('種類を選んでください').first().waitFor();
    await page.locator('[name=renewal]').selectOption('seizure');
    await page.locator('[name=onDay]').fill('2026-07-01');
    await page.locator('[name=evidence]').fill('差押調書');
    await press('時効の更新を記録する');
    await page.getByText('差押えを記録しました').waitFor();
    // 執行停止: told to the payer, and taken back only with a reason.
    await page.locator('[name=kind]').selectOption('execution-stopped');
    await page.locator('[name=fromOn]').fill('2026-07-02');
    await page.locator('[name=ground]').selectOption('livelihood');
    await page.locator('[name=reason]').fill('生活の状況を確かめた');
    await press('猶予・停止・分納を記録する');
    await page.getByText('執行停止通知書を送っていません').waitFor();
    await good();
    assert.match(
      String(await page.getByRole('link', { name: '執行停止通知書（PDF）' }).getAttribute('href')),
      /\/holds\/[0-9a-f-]{36}\/notices\/stop$/,
    );
    await press('執行停止を取り消す');
    await page.getByText('取消しの理由を入力してください').first().waitFor();
    await page.getByLabel('取消しの理由').fill('収入が増えた');
    await press('執行停止を取り消す');
    await page.getByText('執行停止取消通知書を送っていません').waitFor();
    await page.getByLabel('死亡日').fill('2026-06-01');
    await page.locator('[name=heirs]').fill('目黒 花子、1530051、東京都目黒区上目黒1-1、1/2');
    await page.locator('[name=heirEvidence]').fill('戸籍');
    await press('相続人を記録する');
    await page.getByText('相続分の合計が1になりません').first().waitFor();
    await page.locator('[name=heirs]').fill('目黒 花子、1530051、東京都目黒区上目黒1-1、1/1');
    await press('相続人を記録する');
    await page.getByText('以後の書類は代表者に送ります').waitFor();
    await good();

    // 窓口現金: taken by the clerk, counted and closed by the head of the section.
    await page.goto(`${site.url}/accounts/${counter.chargeId}`);
    await page.getByRole('link', { name: '窓口で領収' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('領収する額').fill('99,999');
    await press('領収する');
    await page.getByText('未納額以下の数字で入力してください').first().waitFor();
    await page.getByLabel('領収する額').fill('15,000');
    await good();
    await press('領収する');
    await page.getByText('領収しました').waitFor();
    await page.getByLabel('数えた現金').fill('15000');
    await press('この日を締める');
    await page.getByText('領収した職員はその日を締められません').first().waitFor();
    site.as = { ...site.as, staffId: 'collection-chief-01' };
    await page.goto(`${site.url}/cash`);
    await page.getByLabel('数えた現金').fill('15000');
    await good();
    await press('この日を締める');
    await page.getByText('窓口現金を締めました（1件、15,000円）').waitFor();

    // 口座振替の結果: what failed gets its slips.
    site.as = { ...site.as, staffId: 'collection-clerk-01' };
    await page.goto(`${site.url}/debit-results`);
    await press('納付書を作成する');
    await page.getByText('1件の納付書を作成しました').waitFor();
    await page.getByRole('link', { name: '通知を印刷する' }).waitFor();
    await good();

    for (const [person, total] of [
      [21, 8_300],
      [22, 12_400],
    ] as const)
      await w.charge({ person, total, method: 'special', instalment: 7, dueOn: '2026-08-10' });
    await mustBeOk(
      takeFile(employers, agency, {
        channel: 'special-collection',
        content: writePaymentFile({
          channel: 'special-collection',
          sender: 'agency-1',
          bodyCode,
          businessOn: '2026-07-19',
          sequence: 1,
          payments: [{ paidOn: '2026-07-19', amount: 8_300, key: '1234567', second: '2026-07' }],
        }),
      }),
    );
    // 特別徴収の差異: the employer paid for one of two.
    await page.goto(`${site.url}/suspense`);
    await page.getByRole('link', { name: /^\d+$/ }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'この月の対象者と照合する' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('理由').fill('納入内訳書');
    await press('内訳を確定して消し込む');
    await page.getByText('内訳の合計が納入額と一致しません').first().waitFor();
    await page.getByLabel('通知書番号 0000000022').fill('0');
    await good();
    await press('内訳を確定して消し込む');
    await page.getByText('消し込みました（8,300円）').waitFor();

    site.as = { ...site.as, staffId: 'collection-viewer-01' };
    const refused = await page.goto(`${site.url}/refunds`);
    assert.equal(refused?.status(), 403);
  });
  assert.deepEqual(site.faults, []);
});
