import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { createRights, roleMay } from '@musubi/kernel/access/rights.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { clerk } from '@musubi/national-juki/test/chain-world.ts';
import type { Locator, Page } from 'playwright-core';
import { obtainCodes } from '../clients/code-assignment.ts';
import type { Deps } from '../deps.ts';
import { finishBirth } from '../jobs/loops.ts';
import { rights } from '../rights.ts';
import { recordMovedIn } from '../service/enter-resident.ts';
import { addPages } from '../web/pages.ts';
import { day, startWard } from './ward-world.ts';

/* A clerk's day without a mouse: every step by the keyboard, in a real browser, against the whole chain. */

const ward = await startWard();
after(() => ward[Symbol.asyncDispose]());
const { chain } = ward;
const roles: Readonly<Record<string, string>> = {
  'S-101': 'resident-clerk',
  'S-102': 'resident-clerk',
  'S-201': 'resident-supervisor',
  'S-301': 'protection-officer',
};
const deps: Deps = {
  ...ward.deps,
  rights: createRights(rights, 'meguro', { rolesOf: async (_tx, { staffId }) => [roles[staffId] ?? ''] }),
};
let signedIn = 'S-101';
const webFolder = fileURLToPath(new URL('../web/', import.meta.url));
const stylesheet = await buildStylesheet({
  sources: [webFolder],
  cacheFolder: fileURLToPath(new URL('../../../.musubi/css/', import.meta.url)),
});
const host = {
  pages: async (options = {}) =>
    createPageApp({
      system: { id: 'resident-register', name: '住民記録システム', gloss: 'Resident register' },
      organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
      environment: trainingTown,
      session: {
        read: async () => ({
          actor: clerk('meguro', signedIn) as never,
          displayName: `職員 ${signedIn}`,
          csrfSecret: new Uint8Array(32).fill(7),
        }),
      },
      mayOpen: async (actor, right) =>
        actor.kind === 'staff' && typeof right !== 'string' && roleMay(rights, roles[actor.staffId] ?? '', right),
      stylesheet,
      random: systemRandom,
      onError: (error: unknown) => void chain.errors.push(error as never),
      ...options,
    }),
};
const app = await addPages(host as never, deps, (actor, filingId) =>
  finishBirth(
    deps,
    actor,
    (requestId) =>
      obtainCodes(ward.meguro.host, 'meguro/municipal-juki', {
        requestId,
        municipalityCode: '131105',
        ground: 'birth',
      }),
    filingId,
  ),
);
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
after(() => server.close());
await new Promise((resolve) => server.once('listening', resolve));
const origin = `http://register.meguro.localhost:${(server.address() as AddressInfo).port}`;

/** Tabs until the element that is asked for has the focus; nothing is ever clicked. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 120; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${selector} on ${page.url()}`);
}
async function tabToLink(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 120; i++) {
    if (
      await page.evaluate(
        (n) => document.activeElement?.matches('a,button') === true && document.activeElement.textContent?.trim() === n,
        name,
      )
    )
      return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${name} on ${page.url()}`);
}
const press = async (page: Page, name: string): Promise<void> => {
  await tabToLink(page, name);
  // The next page has not got the mark of this one.
  await page.evaluate(() => document.documentElement.setAttribute('data-before', ''));
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    () => !document.documentElement.hasAttribute('data-before') && document.readyState === 'complete',
  );
};
const type = async (page: Page, field: string, text: string): Promise<void> => {
  await tabTo(page, `main [name="${field}"]`);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return page.locator(`main [name="${field}"]`).fill(text);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
};
const choose = async (page: Page, field: string, steps: number): Promise<void> => {
  await tabTo(page, `main [name="${field}"]`);
  await page.keyboard.press('Space');
  for (let i = 0; i < steps; i++) await page.keyboard.press('ArrowDown');
};
const textOf = async (part: Locator): Promise<string> => (await part.textContent()) ?? '';
const look = async (page: Page, name: string): Promise<void> => {
  await expectAccessible(page);
  await screenshot(page, `register-${name}`);
};
const open = async (page: Page, name: string): Promise<void> => {
  await page.goto(`${origin}/`);
  await type(page, 'name', name);
  await press(page, '検索する');
  await press(page, name);
  await page.waitForURL(/\/residents\//);
};

test('U6 窓口の一日: 検索、転居、確認、誤りの訂正、二人の競合、世帯変更、写し、承認を、キーボードだけで行える', async () => {
  const [p] = await ward.load({ name: '結城　遥', nameKana: 'ユウキ　ハルカ', sex: 'female' });
  const code = p!.residentRecordCode;
  await withPage(async (page) => {
    await page.goto(`${origin}/`);
    await look(page, 'search');
    await open(page, '結城　遥');
    await look(page, 'record');

    await press(page, '転居届');
    await press(page, '確認する');
    assert.match(await textOf(page.locator('.error-summary')), /住所を入力してください[\s\S]*本人確認を選んでください/);
    await look(page, 'moved-within-errors');
    await type(page, 'changedOn', '2026-05-30');
    await type(page, 'address', '東京都目黒区八雲二丁目3番4号');
    await choose(page, 'identityCheck', 0);
    await press(page, '確認する');
    assert.match(await textOf(page.locator('main')), /今の記録[\s\S]*異動の後[\s\S]*八雲二丁目/);
    await look(page, 'moved-within-confirm');
    assert.equal((await ward.now(code)).sequence, 1);
    await press(page, '転居を登録する');
    assert.match(await textOf(page.locator('main')), /八雲二丁目/);
    assert.equal((await ward.now(code)).sequence, 2);
    await look(page, 'receipt');

    // もう一人の職員が先に登録する。
    await press(page, '転居届');
    unwrap(await ward.file(code, 'name-reading', { name_kana: 'ユウキ　ハル' }));
    await type(page, 'address', '東京都目黒区駒場三丁目1番1号');
    await choose(page, 'identityCheck', 0);
    await press(page, '確認する');
    const both = await textOf(page.locator('main'));
    assert.match(both, /S-101[\s\S]*先に登録しました/);
    assert.match(both, /ユウキ　ハル/);
    assert.equal(await page.locator('[name=address]').inputValue(), '東京都目黒区駒場三丁目1番1号');
    await look(page, 'conflict');
    await press(page, '確認する');
    await press(page, '転居を登録する');
    assert.equal((await ward.now(code)).address, '東京都目黒区駒場三丁目1番1号');

    // 出生を届け出て、世帯主を替える。
    await press(page, '出生届（この世帯）');
    await type(page, 'name', '結城　空');
    await type(page, 'nameKana', 'ユウキ　ソラ');
    await type(page, 'birthDate', '2026-05-29');
    await choose(page, 'sex', 0);
    await type(page, 'relationship', '子');
    await press(page, '確認する');
    await press(page, '出生を登録する');
    assert.match(await textOf(page.locator('body')), /個人番号を付番しました/);
    await press(page, (await ward.now(code)).household_number);
    await look(page, 'household');

    // 職権修正は別の職員が承認する。
    await open(page, '結城　遥');
    await press(page, '職権修正');
    await type(page, 'name', '結城　春香');
    await type(page, 'document', '戸籍照合 第7号');
    await press(page, '確認する');
    await press(page, '承認を求める');
    assert.match(await textOf(page.locator('main')), /承認・付番を待っています/);
    assert.equal((await ward.now(code)).name, '結城　遥');
    signedIn = 'S-201';
    await page.goto(`${origin}/pending`);
    await look(page, 'pending');
    await press(page, '職権修正（結城　遥）');
    await look(page, 'approval');
    await press(page, '承認する');
    assert.equal((await ward.now(code)).name, '結城　春香');
    signedIn = 'S-101';

    await open(page, '結城　春香');
    await press(page, '住民票の写し');
    await choose(page, 'scope', 0);
    await choose(page, 'requester', 0);
    await type(page, 'requesterName', '結城　春香');
    await type(page, 'proof', '個人番号カード');
    await press(page, '確認する');
    await press(page, '交付する');
    assert.match(await textOf(page.locator('main')), /PDFを開く/);
    await look(page, 'certificate');
  });
  await chain.pump();
  assert.equal((await ward.atTokyo(code))?.status, 'resident');
  assert.deepEqual(chain.errors, []);
});

test('転入届: 個人番号は二度入力し、画面に出ず、違えば入力に戻る。スクリプトなしでも同じ', async () => {
  const { makeIndividualNumber } = await import('@musubi/kernel/identifiers/individual-number.ts');
  const { makeResidentRecordCode } = await import('@musubi/kernel/identifiers/resident-record-code.ts');
  const number = makeIndividualNumber(deps.random).digits();
  signedIn = 'S-101';
  await withPage(
    async (page) => {
      await page.goto(`${origin}/moved-in`);
      const fill = async (field: string, text: string) => page.locator(`main [name="${field}"]`).fill(text);
      await fill('changedOn', '2026-05-30');
      await fill('residentRecordCode', makeResidentRecordCode(deps.random));
      await fill('individualNumber', number);
      await fill('name', '転田　入子');
      await fill('nameKana', 'テンダ　イリコ');
      await fill('birthDate', '1999-09-09');
      await page.locator('[name=sex][value=female]').check();
      await fill('address', '東京都目黒区下目黒一丁目1番1号');
      await fill('relationship', '世帯主');
      await page.locator('[name=identityCheck][value=card]').check();
      await page.getByRole('button', { name: '確認する' }).click();
      assert.ok(!(await page.content()).includes(number));
      await fill('individualNumber', '123456789018');
      await page.getByRole('button', { name: '転入を登録する' }).click();
      assert.match(await textOf(page.locator('.error-summary')), /先の入力と異なります/);
      assert.equal(await page.locator('[name=name]').inputValue(), '転田　入子');
      await fill('individualNumber', number);
      await page.getByRole('button', { name: '確認する' }).click();
      await page.getByRole('button', { name: '戻って直す' }).click();
      assert.equal(await page.locator('[name=address]').inputValue(), '東京都目黒区下目黒一丁目1番1号');
      await fill('individualNumber', number);
      await page.getByRole('button', { name: '確認する' }).click();
      await fill('individualNumber', number);
      await page.getByRole('button', { name: '転入を登録する' }).click();
      await page.waitForURL(/\/residents\//);
    },
    { scripts: false },
  );
  assert.deepEqual(chain.errors, []);
});

test('INC-54 MCS-F5 返戻の作業: 規則と項目を見て、訂正して再送する。支援措置の方は住所が出ず、対象者一覧で決定できる', async () => {
  const [p, q] = await ward.load(
    { name: '戻川　直', nameKana: 'モドリカワ　ナオ' },
    { name: '守屋　凛', nameKana: 'モリヤ　リン' },
  );
  const elsewhere = chain.member('setagaya/resident-register');
  unwrap(
    await recordMovedIn(elsewhere.deps, clerk('setagaya'), {
      changedOn: day('2026-05-28'),
      filedOn: day('2026-06-01'),
      residentRecordCode: p!.residentRecordCode,
      individualNumber: p!.individualNumber,
      name: p!.name,
      nameKana: p!.nameKana,
      birthDate: day(p!.birthDate),
      sex: 'male',
      address: '東京都世田谷区世田谷四丁目21番27号',
      postalCode: null,
      relationship: '世帯主',
    }),
  );
  await chain.pump();
  chain.alarms.splice(0);
  const { change_id: changeId, person_id: personId } = await ward.now(p!.residentRecordCode);
  await ward.meguro.t.owner(
    `insert into resident_register.returned_notice (return_id, kind, person_id, change_id, refused_by, rule, items, returned_at, event_id)
     values ($1, 'refused', $2, $3, 'tokyo/prefectural-juki', 'L-11', '{name}', now(), $4)`,
    [deps.newId(), personId, changeId, deps.newId()],
  );
  await withPage(async (page) => {
    signedIn = 'S-101';
    await page.goto(`${origin}/returned`);
    assert.match(await textOf(page.locator('main')), /他団体からの転入通知[\s\S]*131121/);
    await look(page, 'returned');
    await page.locator('tbody tr', { hasText: 'L-11' }).locator('a').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/returned\//);
    await look(page, 'returned-entry');
    await press(page, '訂正して再送へ');
    await look(page, 'resend');
    await type(page, 'note', '届書どおりに確認');
    await press(page, '訂正して再送する');
    await page.waitForURL(/\/returned$/);

    await open(page, '守屋　凛');
    await press(page, '支援措置の申出');
    await choose(page, 'receivedFrom', 0);
    await tabTo(page, 'main [name="ground"]');
    await page.keyboard.press('ArrowDown');
    await type(page, 'opposingParty', '元配偶者');
    await type(page, 'consultedBody', '目黒警察署');
    await press(page, '確認する');
    await press(page, '申出を登録する');
    const hidden = await textOf(page.locator('main'));
    assert.match(hidden, /住所は表示しません/);
    assert.ok(!hidden.includes(q!.address));
    await look(page, 'protected-record');
    await press(page, '住民票の写し');
    await choose(page, 'scope', 0);
    await choose(page, 'requester', 0);
    await type(page, 'requesterName', '守屋');
    await type(page, 'proof', '運転免許証');
    await press(page, '確認する');
    await press(page, '交付する');
    assert.match(await textOf(page.locator('main')), /支援措置担当のみ扱えます/);
    assert.equal((await page.goto(`${origin}/protections`))?.status(), 403);
    signedIn = 'S-301';
    await page.goto(`${origin}/protections`);
    await look(page, 'protections');
    await press(page, '守屋　凛');
    await look(page, 'protection');
    await type(page, 'note', '相談機関の意見を確認');
    await press(page, '支援措置を決定する');
    assert.match(await textOf(page.locator('body')), /2027-05-31まで/);
    await page.goto(`${origin}/lift-lists`);
    await look(page, 'lift-lists');
    signedIn = 'S-101';
  });
  assert.deepEqual(chain.errors, []);
});
