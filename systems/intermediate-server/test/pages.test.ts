import assert from 'node:assert/strict';
import { randomUUID, X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import { announceCopyFile, copyFilePart, headerOf, putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import { reportSuccession } from '@musubi/contracts/exchange/linkage-life.ts';
import { sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { prepareAuthority } from '@musubi/government-pki/ceremony.ts';
import { definition as pki } from '@musubi/government-pki/main.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { checkFiles } from '../service/check-file.ts';
import { fetchList } from '../service/fetch-list.ts';
import { type ExchangeWorld, exchangeWorld, type Placed } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';

const job = { kind: 'job', name: 'test' } as const;

async function lodgeFile(
  world: ExchangeWorld,
  person: string,
  { kind, levy }: { kind: 'full' | 'comparison'; levy: string },
): Promise<void> {
  const header = headerOf('TKX-0001');
  const cells: Record<string, string> = {
    団体内統合宛名番号: person,
    有効開始: '2026-06-02',
    更新区分: '1',
    自動応答不可: '0',
    不開示: '0',
    課税区分: '課税',
    市町村民税所得割額: levy,
  };
  const content = copyFilePart('TKX-0001', [header.map((name) => cells[name] ?? '').join(',')]);
  const file = {
    fileId: randomUUID(),
    kind,
    system: 'resident-tax',
    informationCode: 'TKX-0001',
    condition: { taxYear: 2026 },
    validFrom: '2026-06-02',
    rows: 1,
    digest: sha256Hex(Buffer.from(sha256Hex(Buffer.from(content)))),
  };
  const platform = world.clients.meguroPlatform;
  unwrap(await platform.call(announceCopyFile, 'meguro/intermediate-server', {}, file));
  unwrap(
    await platform.call(putCopyFilePart, 'meguro/intermediate-server', {}, { fileId: file.fileId, part: 1, content }),
  );
  await checkFiles(depsOf(world, world.meguro), job);
}

async function merge(world: ExchangeWorld, endedCode: string, survivorCode: string): Promise<void> {
  const requestId = world.newId();
  const plaintext = Buffer.from(
    canonicalJson({ v: 1, requestId, kind: 'merged', endedCode, survivorCode, on: '2026-06-10' }),
  );
  const recipient = new X509Certificate(world.root.identity.encryption.chain[0]!).publicKey;
  const sealed = sealJwe({ recipient, typ: sealedTypes.rootSuccession, plaintext });
  unwrap(await world.clients.register.call(reportSuccession, 'ins/linkage-root', {}, { requestId, sealed }));
}

test('002 IMS-F1, IMS-F6 画面: 副本ファイルの公開と符号の事案の決定をキーボードだけで行える（実ブラウザー、axe違反なし）', async () => {
  await using world = await exchangeWorld({
    stylesheet: await buildStylesheet({
      sources: [
        path.join(import.meta.dirname, '../web'),
        path.join(import.meta.dirname, '../../../counterparts/government-pki/web'),
      ],
    }),
  });
  for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));
  const [one, other] = [await world.person({ 課税区分: '課税', 市町村民税所得割額: 1 }), await world.person()];
  await lodgeFile(world, one.ward, { kind: 'full', levy: '123400' });
  await merge(world, one.residentRecordCode, other.residentRecordCode);
  const servers: Server[] = [];
  const serve = async ({ pages }: Placed): Promise<string> => {
    const server = createServer(getRequestListener((request) => pages.fetch(request)));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://localhost:${(server.address() as AddressInfo).port}`;
  };
  const authorityDirectory = path.join(world.home, 'authority');
  await prepareAuthority(
    {
      authorityDirectory,
      offlineDirectory: path.join(world.home, 'offline'),
      rootFile: path.join(world.home, 'root.pem'),
      identityDirectory: path.join(world.home, 'government-pki'),
    },
    world.machineClock.now(),
  );
  const authority = await world.place(pki, 'government', { authorityDirectory });
  // Its register knows nothing of the world's own certificates: nobody asks it about them.
  world.directory.delete('government/government-pki');
  const [url, networkUrl, authorityUrl] = [
    await serve(world.meguro),
    await serve(world.network),
    await serve(authority),
  ];
  try {
    await withPage(async (page) => {
      const decide = async (choice: string, reason: string): Promise<void> => {
        await page.getByLabel(choice).focus();
        await page.keyboard.press('Space');
        await page.keyboard.press('Tab');
        await page.getByLabel(/^理由/).focus();
        await page.keyboard.type(reason);
        await page.getByRole('button', { name: '決定する' }).focus();
        await page.keyboard.press('Enter');
      };
      const seen = async (name: string): Promise<void> => {
        await expectAccessible(page);
        await screenshot(page, `ims-${name}`);
      };
      await page.goto(`${url}/copies`);
      await page.getByText('公開待ち').waitFor();
      await seen('copies');
      await page.getByRole('table').getByRole('link').first().focus();
      await page.keyboard.press('Enter');
      await page.getByText('123,400').waitFor();
      await seen('copy-file');
      await page.getByRole('button', { name: '決定する' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: '入力内容を確かめてください' }).waitFor();
      await page.goBack();
      await decide('公開する（この時から照会に応じる）', '件数を原簿と照合した');
      await page.getByText('公開しました。').waitFor();

      await lodgeFile(world, one.ward, { kind: 'comparison', levy: '123500' });
      await page.goto(`${url}/comparisons`);
      await page.getByText('不一致').first().waitFor();
      await seen('comparisons');
      await page.getByRole('table').getByRole('link').first().focus();
      await page.keyboard.press('Enter');
      await page.getByText('市町村民税所得割額').waitFor();
      await page.getByLabel(/^修正の理由/).focus();
      await page.keyboard.type('原簿の訂正が届いていなかった');
      await seen('comparison');
      await page.getByRole('button', { name: '修正を起案する' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('別の職員の承認を待ちます').waitFor();
      await page.goto(`${url}/copy-of-person`);
      await page.getByLabel(/^団体内統合宛名番号/).fill(one.ward);
      await page.getByLabel(/^特定個人情報/).selectOption('TKX-0001');
      await page.getByLabel(/^年度/).fill('2026');
      await page.getByLabel(/^確認の理由/).fill('原本との照合');
      await page.getByRole('button', { name: '表示する' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('123,400').waitFor();
      await seen('copy-of-person');
      world.sit('ins/information-providing-network', 'n-1', ['network-operator']);
      await page.goto(`${networkUrl}/list-drafts`);
      await page.getByRole('heading', { name: '改定の案をつくる' }).waitFor();
      await seen('list-drafts');

      // At the authority: one asks for the ward's server, another decides.
      world.sit('government/government-pki', 'g-1001', ['pki-operator']);
      await page.goto(authorityUrl);
      await page.getByRole('heading', { name: '失効リスト' }).waitFor();
      await seen('authority');
      await page.goto(`${authorityUrl}/certificates?party=government`);
      await page.getByRole('table').getByRole('link').first().focus();
      await page.keyboard.press('Enter');
      await page.getByLabel(/^このシステムの有効な証明書すべて/).focus();
      await page.keyboard.press('Space');
      await page.getByLabel(/^理由/).selectOption('key-compromise');
      await page.getByLabel(/^経緯/).fill('媒体の紛失');
      await seen('certificate');
      await page.getByRole('button', { name: '失効を申請する' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('認証局自身の証明書は、ここでは失効させられません').waitFor();

      await page.goto(`${url}/linkage-cases`);
      await seen('cases');
      await page.getByRole('table').getByRole('link').first().focus();
      await page.keyboard.press('Enter');
      await page.getByText(one.ward).waitFor();
      await seen('case');
      await decide('別人である', '住基に確認した');
      await page.getByText('決定しました。').waitFor();
      await page.getByText('別人').first().waitFor();
      await page.goto(`${url}/orders`);
      await page.getByText('一括照会はまだありません。').waitFor();
      await seen('orders');
      await page.goto(`${url}/log-analysis`);
      await page.getByRole('heading', { name: 'ログ分析' }).first().waitFor();
      await seen('log-analysis');
      await page.goto(`${url}/operations`);
      await page.getByText('証明書').first().waitFor();
      await seen('operations');
    });
    assert.equal(
      unwrap(await world.ask(world.question(one.prefecture))).result,
      '50',
      'not merged here; the network follows the register',
    );
  } finally {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  }
});
