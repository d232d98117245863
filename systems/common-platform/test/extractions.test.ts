import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { serve } from '@hono/node-server';
import { roleMay } from '@musubi/kernel/access/rights.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { readCsvCells } from '@musubi/kernel/euc/output.ts';
import { eucPages } from '@musubi/kernel/euc/pages.ts';
import type { Query } from '@musubi/kernel/euc/source.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { rights } from '../rights.ts';
import { extraction } from '../service/extractions.ts';
import { takeResidentLoad } from '../service/take-resident-load.ts';
import { aChange, aPlatform, received, staffActor, systemActor, type World } from './world.ts';

const as = (staffId: string) => ({ ...staffActor(staffId), organisation: 'meguro' });
const query = (more: Partial<Query> = {}): Query => ({
  source: 'persons',
  columns: ['number', 'name', 'address', 'status'],
  conditions: [],
  sortBy: null,
  ...more,
});
async function aRegister(persons: number): Promise<World> {
  const w = await aPlatform();
  const changes = Array.from({ length: persons }, (_, i) =>
    aChange(w, {
      addresseeNumber: `${1_000_001 + i}`,
      state: {
        name: `目黒 ${String.fromCodePoint(0x4e00 + i)}`,
        status: i % 10 === 9 ? 'removed' : 'resident',
        removedOn: i % 10 === 9 ? '2026-04-01' : null,
        addressProtected: i === 0,
      },
    }),
  );
  unwrap(
    await takeResidentLoad(
      w.deps,
      systemActor('meguro/resident-register'),
      received({ loadId: w.deps.newId(), persons: changes }),
    ),
  );
  return w;
}
const about = { title: '未申告者の確認', purpose: '個人住民税の調査' };

mechanismTest(
  'access.bulk-extraction',
  '002 W25 百件を超える抽出は別の職員の承認がなければ作られず、承認は一度だけ効く',
  async () => {
    await using w = await aRegister(101);
    const asked = unwrap(await extraction.ask(w.deps, as('x1'), { ...about, query: query() }));
    assert.notEqual(asked.approvalId, null);
    const { extractionId } = asked;
    const make = () => extraction.make(w.deps, as('x1'), { extractionId });
    assert.deepEqual(await make(), { ok: false, error: 'not-approved' });
    assert.deepEqual(await extraction.approve(w.deps, as('x1'), { extractionId, approve: true }), {
      ok: false,
      error: 'not-authorised',
    });
    unwrap(await extraction.approve(w.deps, as('y1'), { extractionId, approve: true }));
    assert.equal(unwrap(await make()).rows, 101);
    assert.deepEqual(await make(), { ok: false, error: 'already-made' });
    const outputs = await w.t.owner<{ n: number }>('select count(*)::int as n from euc.output');
    assert.equal(outputs[0]!.n, 1);
  },
);

test('002 W25 百件以下はすぐ抽出でき、支援措置の方の住所は出ず、依頼した本人だけが受け取る。三十日で無効になる', async () => {
  await using w = await aRegister(12);
  const conditions = [{ column: 'status', operator: 'is', value: 'resident' }] as const;
  const asked = unwrap(await extraction.ask(w.deps, as('x1'), { ...about, query: query({ conditions }) }));
  const { extractionId } = asked;
  assert.equal(asked.approvalId, null);
  assert.equal(unwrap(await extraction.make(w.deps, as('x1'), { extractionId })).rows, 11);
  assert.deepEqual(await extraction.handOut(w.deps, as('x2'), { extractionId, form: 'csv' }), {
    ok: false,
    error: 'no-such-request',
  });
  const { bytes } = unwrap(await extraction.handOut(w.deps, as('x1'), { extractionId, form: 'csv' }));
  const cells = readCsvCells(bytes)!;
  assert.deepEqual(cells[1], ['行', '団体内統合宛名番号', '氏名', '住所（支援措置の方は空欄）', '状態']);
  assert.equal(cells.filter((r) => r[3] === '').length, 1);
  const workbook = unwrap(await extraction.handOut(w.deps, as('x1'), { extractionId, form: 'xlsx' }));
  assert.deepEqual([...workbook.bytes.slice(0, 2)], [0x50, 0x4b]);
  const later = {
    ...w.deps,
    civilClock: { today: () => w.deps.civilClock.today().add({ days: 31 }) },
  };
  assert.deepEqual(await extraction.handOut(later, as('x1'), { extractionId, form: 'csv' }), {
    ok: false,
    error: 'list-expired',
  });
  const people = await w.t.owner<{ n: number }>(
    "select count(*)::int as n from audit.intake_event where body like '%extraction.made%'",
  );
  assert.equal(people[0]!.n, 1);
});

test('002 CIP-F5 個人の項目の権限がない職員は、それを出力にも条件にも使えない', async () => {
  await using w = await aRegister(3);
  assert.deepEqual(await extraction.count(w.deps, as('z1'), { query: query() }), {
    ok: false,
    error: 'personal-column',
  });
  const plain = query({ columns: ['number', 'status'] });
  assert.equal(unwrap(await extraction.count(w.deps, as('z1'), { query: plain })).rows, 3);
});

test('INC-72 消除された方が含まれる抽出は、件数とともにそう知らせる', async () => {
  await using w = await aRegister(20);
  const counted = unwrap(await extraction.count(w.deps, as('x1'), { query: query() }));
  assert.deepEqual(counted.cautions, ['消除者が含まれます: 2件']);
});

test('INC-21 作業して戻された一覧は、抽出したものと一致しなければ取り込まない', async () => {
  await using w = await aRegister(4);
  const { extractionId } = unwrap(await extraction.ask(w.deps, as('x1'), { ...about, query: query() }));
  unwrap(await extraction.make(w.deps, as('x1'), { extractionId }));
  const { bytes } = unwrap(await extraction.handOut(w.deps, as('x1'), { extractionId, form: 'csv' }));
  const back = (text: string) =>
    extraction.bringBack(w.deps, as('x1'), { extractionId, bytes: Buffer.from(text, 'utf8') });
  const text = Buffer.from(bytes).toString('utf8');
  assert.equal(unwrap(await back(text)).differing, 0);
  assert.equal(unwrap(await back(text.replace('住民\r\n2', '消除\r\n2'))).differing, 1);
  assert.deepEqual(await back(text.replace(extractionId, w.deps.newId())), { ok: false, error: 'other-extraction' });
});

test('002 CIP-F5 職員はキーボードだけで抽出を組み立て、別の職員が承認し、CSVを受け取る（実ブラウザー、axe違反なし）', async () => {
  await using w = await aRegister(105);
  const state = { actor: as('x1') };
  const roleOf = (id: string) => (id.startsWith('y') ? 'extraction-approver' : 'extraction-clerk');
  const app = createPageApp({
    system: { id: 'common-platform', name: '共通連携基盤', gloss: 'Common platform' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () => ({ actor: state.actor, displayName: '試験 花子', csrfSecret: new Uint8Array(32).fill(7) }),
    },
    mayOpen: async (actor, right) => actor.kind === 'staff' && roleMay(rights, roleOf(actor.staffId), right),
    stylesheet: await buildStylesheet({ sources: [path.join(import.meta.dirname, '../../../kernel/euc')] }),
    random: systemRandom,
    onError: (error) => w.faults.push(error),
  });
  eucPages(app, w.deps, extraction);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((done) => server.once('listening', done));
  const url = `http://platform.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      const good = async (name: string): Promise<void> => {
        await expectAccessible(page);
        await screenshot(page, `common-platform-${name}`);
      };
      const press = async (...keys: string[]): Promise<void> => {
        for (const key of keys) await page.keyboard.press(key);
      };
      await page.goto(`${url}/extractions`);
      await good('extractions');
      await page.getByRole('link', { name: '宛名' }).focus();
      await press('Enter');
      await page.getByLabel('団体内統合宛名番号').focus();
      await press('Space', 'Tab', 'Space');
      await page.getByLabel('項目', { exact: true }).first().focus();
      await press(...Array.from({ length: 10 }, () => 'ArrowDown'));
      await page.getByLabel('値', { exact: true }).first().focus();
      await page.keyboard.type('resident');
      await page.getByRole('button', { name: '件数を確かめる' }).focus();
      await press('Enter');
      await page.getByText('95件が見つかりました').waitFor();
      await good('extraction-builder');
      await page.getByLabel('項目', { exact: true }).first().selectOption('');
      await page.getByLabel('件名').focus();
      await page.keyboard.type('全員の一覧');
      await press('Tab');
      await page.keyboard.type('名簿の点検');
      await page.getByRole('button', { name: '抽出を依頼する' }).focus();
      await press('Enter');
      await page.getByText('別の職員に承認を依頼しました').waitFor();
      const address = page.url();
      state.actor = as('y1');
      await page.goto(address);
      await good('extraction-approval');
      await page.getByRole('button', { name: '承認する' }).focus();
      await press('Enter');
      await page.getByText('承認しました').waitFor();
      state.actor = as('x1');
      await page.goto(address);
      await page.getByRole('button', { name: '抽出する' }).focus();
      await press('Enter');
      await page.getByText('105件を抽出しました').waitFor();
      await good('extraction');
      const arrives = page.waitForEvent('download');
      await page.getByRole('button', { name: 'CSVで取得' }).focus();
      await press('Enter');
      assert.match((await arrives).suggestedFilename(), /\.csv$/);
    });
  } finally {
    server.close();
  }
  assert.deepEqual(w.faults, []);
});
