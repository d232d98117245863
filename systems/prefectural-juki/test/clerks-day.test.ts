import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { serve } from '@hono/node-server';
import { decideApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { makeReceivingKey, registerReceiverKey } from '@musubi/kernel/media/keys.ts';
import { lendMedium, registerMedium, requestLending } from '@musubi/kernel/media/ledger.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { reconcile } from '@musubi/municipal-juki/service/reconcile.ts';
import { clerk } from '@musubi/national-juki/test/chain-world.ts';
import { Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import type { Page } from 'playwright-core';
import { press, reach, typeDay, typeInto } from './bulk-site.ts';
import { type InquiryWorld, startInquiryWorld } from './inquiry-world.ts';

/* One day at 振興企画課, in a real browser, over the whole chain: nothing is done with a mouse. */

const seats = new Map<string, Actor>();
const sit = (staffId: string, terminalKind: 'business' | 'representative' = 'business'): void => {
  seats.set('tokyo', {
    kind: 'staff',
    organisation: 'tokyo',
    staffId,
    sessionId: `session-${staffId}`,
    terminalId: 'T-1',
    terminalKind,
  });
};

const stylesheet = await buildStylesheet({ sources: [path.join(import.meta.dirname, '../web')] });

async function aDay() {
  const w = await startInquiryWorld('2026-06-01', { seats, stylesheet });
  const server = serve({ fetch: w.tokyo.instance.pages!.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  return {
    w,
    url: `http://juki.tokyo.localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await w.tokyo.instance.stop?.();
      await w[Symbol.asyncDispose]();
    },
  };
}

/** What the media office did before: keys of 水道局 and of this office, a medium lent (its own pages: bulk-pages.test.ts). */
async function mediaFor(w: InquiryWorld): Promise<string> {
  const recipientKey = await identityToRecipient(await generateIdentity());
  const lending = {
    serial: 'DVD-0001',
    department: '水道局',
    purpose: '一括提供',
    document: '貸出-3',
    dueOn: Temporal.PlainDate.from('2026-06-30'),
    by: 'S-401',
  };
  const prepare = act('test.media', {
    right: ['serve', 'test', 'update'],
    async run(tx, deps: InquiryWorld['deps'], _c: null) {
      await registerReceiverKey(tx, deps, { receiver: '水道局', recipientKey, document: '鍵登録-1', by: 'S-900' });
      const { recipient } = await makeReceivingKey(tx, deps, { by: 'S-900' });
      unwrap(await registerMedium(tx, deps, { ...lending, kind: 'designated-dvd-rw', place: '保管庫A' }));
      const { lendingId, approvalId } = unwrap(await requestLending(tx, deps, lending));
      unwrap(await decideApproval(tx, deps, { approvalId, decision: 'approved', by: 'S-402' }));
      unwrap(await lendMedium(tx, deps, { lendingId, by: 'S-401' }));
      tx.record({ event: 'test.prepared' });
      return ok(recipient);
    },
  });
  const all = { ...w.deps, rights: { allows: async () => true } };
  return unwrap(await prepare(all, clerk('tokyo', 'S-900'), null));
}

test('003 §8 都の担当の一日をキーボードだけで: 検索、照会、一括提供、開示、補正、整合性確認', async () => {
  await using day = await aDay();
  const { w, url } = day;
  const person = await w.person({ name: '髙橋　花子', nameKana: 'タカハシ　ハナコ' });
  await w.task({ peer: null, code: 'SHUZEI-01', name: '都税の賦課徴収' });
  await w.task({ code: 'SUIDO-01', name: '料金の減免' });
  const ourKey = await mediaFor(w);
  await withPage(async (page) => {
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    const link = (name: string | RegExp) => page.getByRole('link', { name });
    const seen = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `day-${name}`);
    };
    const choose = async (label: string | RegExp, value: string): Promise<void> => {
      await reach(page, page.getByLabel(label));
      await page.getByLabel(label).selectOption(value);
    };

    // 検索 and 照会 at the business terminal.
    sit('S-301');
    await page.goto(`${url}/`);
    await choose(/^事務/, 'SHUZEI-01');
    await typeInto(page, /^受付・文書番号/, '8主課第1号');
    await typeInto(page, /^振り仮名/, 'たかはし');
    await typeDay(page, '生年月日', '1980-04-01');
    await press(page, button('検索する'));
    await link('髙橋　花子').waitFor();
    await seen('search');
    await press(page, link('髙橋　花子'));
    await page.getByText('上目黒二丁目19番15号').waitFor();
    await seen('record');
    await press(page, link('この方について照会する'));
    await choose(/^事務/, 'SHUZEI-01');
    await typeInto(page, /^受付・文書番号/, '8主課第1号');
    await press(page, button('照会する'));
    await page.getByText('照会に回答がありました').waitFor();
    await seen('answer');
    await press(page, button('記録して印刷する'));
    await page.getByText('この印刷は記録されました').waitFor();

    await bulkOrder(page, { w, url, ourKey, line: `D,A-1,,,${person.name},,${person.birthDate},,${person.address}` });
    await seen('bulk');
    await disclosure(page, url);
    await seen('disclosure');

    // 補正: proposed by one, approved by another, carried out.
    const [record] = await w.tokyo.t.owner<{ id: string }>(
      'select person_id as id from prefectural_juki.identification where resident_record_code = $1',
      [person.residentRecordCode],
    );
    sit('S-501');
    await page.goto(`${url}/corrections/new`);
    await choose('手順', '補正-1');
    await typeInto(page, '根拠文書の番号', '起案8-12');
    await typeInto(page, '理由', '通知できないため');
    await typeInto(page, '記録の番号', record!.id);
    await typeInto(page, '住所', '東京都目黒区駒場一丁目1番1号');
    await press(page, button('起案する'));
    await page.getByText('起案しました').waitFor();
    const correction = page.url();
    sit('S-502');
    await page.goto(correction);
    await press(page, button('承認する'));
    await page.getByText('承認しました').waitFor();
    sit('S-501');
    await page.goto(correction);
    await press(page, button('補正を実施する'));
    await page.getByText('補正を実施しました').waitFor();
    await seen('correction');

    // 整合性確認: the ward's run finds what was corrected here by hand, and the prefecture sees which items differ.
    const mcs = w.chain.member('meguro/municipal-juki');
    await w.chain.pump();
    const found = await reconcile(mcs.host.peers, mcs.deps, clerk('meguro', 'S-1'), 'monthly');
    assert.deepEqual(
      found.differences.map((d) => [d.kind, d.items]),
      [['differing', ['address']]],
    );
    sit('S-201');
    await page.goto(`${url}/reconciliations`);
    await seen('reconciliations');
    await press(page, page.locator('main table a').first());
    await page.getByRole('cell', { name: '住所', exact: true }).waitFor();
    await seen('reconciliation');
    await press(page, link('記録を見る'));
    await page.getByText('駒場一丁目1番1号').first().waitFor();
  });
  assert.deepEqual(w.chain.errors, []);
});

async function bulkOrder(
  page: Page,
  { w, url, ourKey, line }: { w: InquiryWorld; url: string; ourKey: string; line: string },
): Promise<void> {
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  sit('S-401', 'representative');
  await page.goto(`${url}/bulk`);
  await press(page, page.getByRole('link', { name: '依頼文書を登録する' }));
  await typeInto(page, /^依頼文書番号/, '依頼-1');
  await typeInto(page, /^事務コード/, 'SUIDO-01');
  await typeDay(page, '受付日', '2026-05-29');
  await typeInto(page, /^利用の目的/, '減免の確認');
  await typeInto(page, /^目的の対象の件数/, '1');
  await press(page, button('登録する'));
  await typeInto(page, /^媒体番号/, 'DVD-0001');
  await typeDay(page, '消去・返却の期限', '2026-06-30');
  await press(page, button('始める'));
  await page.getByText('一括提供を始めました').waitFor();
  const order = page.url();
  const encrypter = new Encrypter();
  encrypter.addRecipient(ourKey);
  const text = ['H,1,依頼-1,SUIDO-01,1', line, 'T,1'].map((l) => `${l}\r\n`).join('');
  const buffer = Buffer.from(await encrypter.encrypt(text));
  const chosen = page.waitForEvent('filechooser');
  await press(page, page.getByLabel(/^検索条件のリスト/));
  await (await chosen).setFiles({ name: 'list.csv.age', mimeType: 'application/octet-stream', buffer });
  await press(page, button('読み込む'));
  await page.getByText('1件を読み込みました').waitFor();
  sit('S-402', 'business');
  await page.goto(order);
  await press(page, button('1件の提供を承認する'));
  await page.getByText('承認しました').waitFor();
  sit('S-401', 'representative');
  await page.goto(order);
  await press(page, button('照会を始める'));
  await button('媒体に書き込むファイルを作る').waitFor();
  const download = page.waitForEvent('download');
  await press(page, button('媒体に書き込むファイルを作る'));
  assert.ok(await (await download).path());
  const [given] = await w.tokyo.t.owner<{ n: number }>(
    `select count(*)::int as n from prefectural_juki.provision_record where document = '依頼-1' and result = 'given'`,
  );
  assert.equal(given?.n, 1);
  await page.goto(order);
}

async function disclosure(page: Page, url: string): Promise<void> {
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const tick = async (role: 'radio' | 'checkbox', name: string): Promise<void> => {
    await reach(page, page.getByRole(role, { name }).first());
    await page.keyboard.press('Space');
  };
  sit('S-601');
  await page.goto(`${url}/disclosures`);
  await press(page, page.getByRole('link', { name: '請求を受け付ける' }));
  await typeInto(page, '本人の氏名', '髙橋　花子');
  await typeInto(page, '本人の振り仮名', 'タカハシ　ハナコ');
  await typeDay(page, '本人の生年月日', '1980-04-01');
  await tick('radio', '男');
  await page.keyboard.press('ArrowDown');
  await typeInto(page, '本人の住所', '東京都目黒区上目黒二丁目19番15号');
  await typeInto(page, '請求者の氏名', '髙橋　花子');
  await typeInto(page, '請求者の住所', '東京都目黒区上目黒二丁目19番15号');
  await typeInto(page, '請求の内容', '記録の全部');
  await typeInto(page, '請求書の保管場所', '書庫1');
  await press(page, button('受け付ける'));
  await page.getByText('で受け付けました').waitFor();
  const address = page.url();
  await tick('checkbox', '運転免許証');
  await press(page, button('本人確認を記録する'));
  await press(page, button('記録と突合する'));
  await tick('radio', '応じる');
  await press(page, button('起案する'));
  await page.getByText('決定の案を起案しました').waitFor();
  sit('S-602');
  await page.goto(address);
  await press(page, button('決裁する'));
  // The answer, not the page that is leaving: the next person sits down after it.
  await page.getByText('決裁しました').waitFor();
  sit('S-601');
  await page.goto(address);
  for (const paper of [
    '開示決定通知書を作成する',
    '本人確認情報開示書を作成する',
    '納付書を作成する',
    '納付を記録する',
    '交付して終了する',
  ]) {
    await press(page, button(paper));
    await page.waitForLoadState();
  }
  await page.getByText('この請求は終了しています').waitFor();
}
