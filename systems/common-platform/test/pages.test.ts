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
import { takeResidentChange } from '../service/take-resident-change.ts';
import { heldRecordPages } from '../web/held-records.ts';
import { personPages } from '../web/persons.ts';
import { aChange, aPlatform, received, staffActor, systemActor } from './world.ts';

test('002 検索、記録、不一致の確認、別の職員の承認を画面で行える（実ブラウザー、axe違反なし）', async () => {
  await using w = await aPlatform();
  const take = async (change: ReturnType<typeof aChange>) =>
    unwrap(await takeResidentChange(w.deps, systemActor('meguro/resident-register'), received(change)));
  const first = aChange(w);
  await take(first);
  await take(
    aChange(w, { individualNumber: first.individualNumber, state: { name: '世田谷 華子', birthDate: '1988-04-20' } }),
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
    mayOpen: async (actor, right) =>
      actor.kind === 'staff' && roleMay(rights, actor.staffId.startsWith('a') ? 'approver' : 'person-clerk', right),
    stylesheet: await buildStylesheet({ sources: [path.join(import.meta.dirname, '../web')] }),
    random: systemRandom,
    onError: (error) => w.faults.push(error),
  });
  personPages(app, w.deps);
  heldRecordPages(app, w.deps);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((done) => server.once('listening', done));
  const url = `http://platform.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      const good = async (name: string): Promise<void> => {
        await expectAccessible(page);
        await screenshot(page, `common-platform-${name}`);
      };
      await page.goto(url);
      await good('counts');
      await page.goto(`${url}/persons`);
      await page.getByLabel('団体内統合宛名番号').fill('12345678901234');
      await page.getByRole('button', { name: '検索する' }).click();
      await page.getByText('桁と検査数字を確かめてください').waitFor();
      await page.getByLabel('団体内統合宛名番号').fill('');
      await page.getByLabel('氏名または氏名かなの先頭').fill('めぐろ');
      await page.getByRole('button', { name: '検索する' }).click();
      await page.getByRole('link', { name: /^[0-9]{15}$/ }).waitFor();
      await good('search');
      await page.getByRole('link', { name: /^[0-9]{15}$/ }).click();
      await page.getByText('取得待ち').waitFor();
      assert.ok(!(await page.content()).includes(first.individualNumber));
      await good('person');
      await page.goto(`${url}/held-records`);
      await good('held-records');
      await page.getByRole('rowheader').getByRole('link').click();
      await page.getByText('世田谷 華子').waitFor();
      await good('held-record');
      await page.getByLabel('同じ方と確認した').check();
      await page.getByLabel('確認した資料').fill('戸籍謄本');
      await page.getByRole('textbox', { name: '理由' }).fill('婚姻');
      await page.getByRole('button', { name: '承認を依頼する' }).click();
      await page.getByText('起案しました').waitFor();
      state.actor = as('a1');
      await page.goto(`${url}/approvals`);
      await page.getByRole('link', { name: /^案件/ }).click();
      await good('approval');
      await page.getByRole('button', { name: '承認する' }).click();
      await page.getByText('承認し、記録に反映しました').waitFor();
    });
  } finally {
    server.close();
  }
  const [person] = await w.t.owner('select name from common_platform.particulars');
  assert.deepEqual(person, { name: '世田谷 華子' });
  assert.deepEqual(w.faults, []);
});
