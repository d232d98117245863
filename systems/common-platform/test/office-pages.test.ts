import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { serve } from '@hono/node-server';
import { roleMay } from '@musubi/kernel/access/rights.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { rights } from '../rights.ts';
import { numberOutsidePerson } from '../service/outside-persons.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { applicationIncidentPages } from '../web/application-incidents.ts';
import { applicationPages } from '../web/applications.ts';
import { correctionPages } from '../web/corrections.ts';
import { emergencyPages } from '../web/emergencies.ts';
import { heldRecordPages } from '../web/held-records.ts';
import { linkageEndPages } from '../web/linkage-ends.ts';
import { outsidePersonPages } from '../web/outside-persons.ts';
import { personPages } from '../web/persons.ts';
import { protectionPages } from '../web/protections.ts';
import { transferRulePages } from '../web/transfer-rules.ts';
import { transferPages } from '../web/transfers.ts';
import { userBindingPages } from '../web/user-bindings.ts';
import { aChange, aNumber, aPlatform, received, staffActor, systemActor } from './world.ts';

const roles: Readonly<Record<string, string>> = {
  a: 'approver',
  c: 'person-clerk',
  p: 'protected-address',
  s: 'source-approver',
  e: 'emergency-receiver',
};

test('002 統合、紐付けの解除、表の変更、緊急時の移転、支援措置の反映を画面で行える（実ブラウザー、キーボード、axe違反なし）', async () => {
  await using w = await aPlatform();
  for (const addresseeNumber of ['1000001', '1000002'])
    unwrap(
      await takeResidentChange(
        w.deps,
        systemActor('meguro/resident-register'),
        received(aChange(w, { addresseeNumber, state: { addressProtected: addresseeNumber === '1000002' } })),
      ),
    );
  unwrap(
    await numberOutsidePerson(w.deps, systemActor('meguro/resident-tax'), {
      requestId: w.deps.newId(),
      system: 'resident-tax',
      individualNumber: aNumber().digits(),
      name: '鈴木 三郎',
      nameKana: 'スズキ サブロウ',
      birthDate: '1975-11-03',
      sex: 'male',
      address: '東京都世田谷区太子堂四丁目1番1号',
      municipalityCode: '131121',
      ground: '地方税法第294条第3項（家屋敷）',
    }),
  );
  const as = (staffId: string) => ({ ...staffActor(staffId), organisation: 'meguro' });
  const state = { actor: as('c1') };
  const app = createPageApp({
    system: { id: 'common-platform', name: '共通連携基盤', gloss: 'Common platform' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () => ({ actor: state.actor, displayName: '試験 花子', csrfSecret: new Uint8Array(32).fill(7) }),
    },
    mayOpen: async (actor, right) => actor.kind === 'staff' && roleMay(rights, roles[actor.staffId[0]!]!, right),
    stylesheet: await buildStylesheet({ sources: [path.join(import.meta.dirname, '../web')] }),
    random: systemRandom,
    onError: (error) => w.faults.push(error),
  });
  for (const add of [
    personPages,
    outsidePersonPages,
    heldRecordPages,
    correctionPages,
    transferPages,
    transferRulePages,
    emergencyPages,
    protectionPages,
    linkageEndPages,
    applicationPages,
    applicationIncidentPages,
    userBindingPages,
  ])
    add(app, w.deps);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((done) => server.once('listening', done));
  const url = `http://platform.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      const good = async (name: string): Promise<void> => {
        await expectAccessible(page);
        await screenshot(page, `common-platform-${name}`);
      };
      const open = async (where: string, staffId: string): Promise<void> => {
        state.actor = as(staffId);
        await page.goto(`${url}${where}`);
      };
      const press = async (name: string): Promise<void> => {
        await page.getByRole('button', { name }).first().focus();
        await page.keyboard.press('Enter');
      };

      await open('/look-alikes', 'c1');
      await good('look-alikes');
      await page.getByRole('rowheader').getByRole('link').first().focus();
      await page.keyboard.press('Enter');
      await page.getByText('支援措置により表示しません').waitFor();
      await good('look-alike');
      await page.getByLabel('同じ方である（左の番号に統合する）').focus();
      await page.keyboard.press('Space');
      await page.getByLabel('確認した資料').fill('戸籍謄本');
      await page.getByRole('textbox', { name: '理由' }).fill('二重に登録');
      await press('記録する・起案する');
      await page.getByText('個人番号の扱いを選んでください').first().waitFor();
      await page.getByLabel('統合される側の個人番号').selectOption('former');
      await press('記録する・起案する');
      await page.getByText('起案しました').waitFor();
      await open('/approvals', 'a1');
      await page.getByRole('link', { name: /^訂正/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: '訂正の承認' }).waitFor();
      await good('correction-approval');
      await press('承認する');
      await page.getByText('承認し、訂正しました').waitFor();
      await good('correction');

      await open('/corrections', 'c1');
      await good('corrections');
      await page.goto(`${url}/persons`);
      await page.getByLabel('氏名または氏名かなの先頭').fill('めぐろ');
      await press('検索する');
      await page.getByRole('link', { name: /^[0-9]{15}$/ }).click();
      await page
        .getByRole('link', { name: /誤った紐付けを解除する/ })
        .first()
        .click();
      await page.getByRole('heading', { name: '誤った紐付けの解除' }).waitFor();
      await good('unlink');
      await press('承認を依頼する');
      await page.getByText('確認した資料を入力してください').first().waitFor();

      await open('/outside-persons?step=begun', 'c1');
      await good('outside-persons');
      await page.getByRole('link', { name: /^9[0-9]{14}$/ }).focus();
      await page.keyboard.press('Enter');
      await press('番号を終了する');
      await page.getByText('終了の理由を選んでください').waitFor();
      await good('outside-person');
      await page.getByLabel('終了の理由').selectOption('not-needed');
      await page.getByLabel('確認した資料').fill('調査票（家屋敷の売却）');
      await press('番号を終了する');
      await page.getByText('番号を終了しました').waitFor();

      await open('/transfer-rules/new', 'c1');
      for (const [label, value] of [
        ['照会元の業務', 'resident-tax'],
        ['提供元の業務', 'welfare'],
        ['事務', 'ORD-020'],
        ['情報', 'WEL-001'],
        ['項目', '受給有無'],
        ['根拠（条例と項）', '番号条例 別表第二'],
        ['条例の改正', '令和8年'],
        ['施行日', '2030-04-01'],
        ['変更の理由', '条例の改正'],
      ] as const)
        await page.getByLabel(label, { exact: false }).first().fill(value);
      await page.getByLabel('この表による').check();
      await press('起案する');
      await page.getByText('次に試行します').waitFor();
      await press('直近の照会で試行し');
      await page.getByText('承認を依頼しました').waitFor();
      const draft = page.url();
      await open(draft.slice(url.length), 'a1');
      await good('transfer-rule');
      await press('承認する');
      await page.getByText('表に登載しました').waitFor();
      await good('transfer-rules');

      const lost = w.deps.newId();
      await w.t.owner(
        `insert into common_platform.application_incident values ('${lost}', 'RTX-102', now(), '2026-06-05', '2026-06-05', now(), '${lost}')`,
      );
      await open('/application-incidents', 'c1');
      await press('対応を記録する');
      await page.getByText('行った対応を入力してください').waitFor();
      await good('application-incidents');
      await page.getByLabel('行った対応').fill('受付番号で本人に連絡し、再申請を案内');
      await press('対応を記録する');
      await page.getByText('対応済み').waitFor();
      await open('/user-bindings', 'c1');
      for (const [label, value] of [
        ['業務', 'resident-tax'],
        ['職員番号', 'm-1001'],
        ['事務の記号', 'MS2-048'],
        ['開始日', w.deps.civilClock.today().toString()],
      ] as const)
        await page.getByLabel(label).first().fill(value);
      await press('申請する');
      await page.getByText('理由を入力してください').waitFor();
      await page.getByRole('textbox', { name: '理由必須' }).fill('課税担当への配属');
      await press('申請する');
      await page.getByText('別の職員の承認を待ちます').waitFor();
      await good('user-binding-proposed');
      await open('/user-bindings', 'a1');
      await press('承認する');
      await page.getByText('割り当てました').waitFor();
      await open('/user-bindings', 'c1');
      await page.getByLabel('終了の理由').fill('異動');
      await good('user-bindings');
      await press('終了する');
      await page.getByText('割当てを終了しました').waitFor();

      for (const [where, staffId, name] of [
        ['/transfers', 's1', 'transfers'],
        ['/emergency-transfers', 'c1', 'emergency-transfers'],
        ['/applications', 'c1', 'applications'],
        ['/linkage-ends', 'c1', 'linkage-ends'],
      ] as const) {
        await open(where, staffId);
        await good(name);
      }
      await open('/protections', 'p1');
      await page.getByText('未反映: meguro/resident-tax（1）').waitFor();
      await good('protections');
    });
  } finally {
    server.close();
  }
  assert.deepEqual(w.faults, []);
});
