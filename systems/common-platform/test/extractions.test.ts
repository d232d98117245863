import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { serve } from '@hono/node-server';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { readCsvCells } from '@musubi/kernel/euc/output.ts';
import { eucPages } from '@musubi/kernel/euc/pages.ts';
import type { Query } from '@musubi/kernel/euc/source.ts';
import { mediaUseCases } from '@musubi/kernel/media/acts.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { extraction } from '../service/extractions.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
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
async function aRegister(persons: number): Promise<World & { readonly people: ReturnType<typeof aChange>[] }> {
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
  return Object.assign(w, { people: changes });
}
const csvOf = (lines: readonly (readonly string[])[]): Buffer =>
  Buffer.from(lines.map((cells) => `${cells.join(',')}\r\n`).join(''), 'utf8');
const about = { title: '未申告者の確認', purpose: '個人住民税の調査' };

const at = (staffId: string, terminalKind: 'business' | 'representative') => ({
  ...as(staffId),
  terminalId: `T-${terminalKind}`,
  terminalKind,
});
/** A list that was asked for, approved by another and made. */
async function aList(w: World, more: Partial<Query> = {}): Promise<string> {
  const { extractionId } = unwrap(await extraction.ask(w.deps, as('x1'), { ...about, query: query(more) }));
  unwrap(await extraction.approve(w.deps, as('y1'), { extractionId, approve: true }));
  unwrap(await extraction.make(w.deps, as('x1'), { extractionId }));
  return extractionId;
}
const media = mediaUseCases('common-platform');
const keeper = at('m1', 'representative');
const keepMedium = async (w: World, serial: string) =>
  unwrap(await media.register(w.deps, keeper, { serial, kind: 'designated-dvd-rw', place: '鍵付き保管庫' }));
/** Lent with another person's approval. */
async function lendOut(w: World, serial: string): Promise<void> {
  const dueOn = w.deps.civilClock.today().add({ days: 5 });
  const lending = { serial, department: '情報政策課', purpose: '封入', document: '貸出-1', dueOn };
  const { lendingId } = unwrap(await media.requestLending(w.deps, keeper, lending));
  unwrap(await media.decideLending(w.deps, as('y1'), { lendingId, decision: 'approved' }));
  unwrap(await media.lend(w.deps, keeper, { lendingId }));
}
const refused = (error: string) => ({ ok: false, error });

mechanismTest(
  'access.bulk-extraction',
  'AC-30 個人に関する抽出は一件でも別の職員の承認がなければ作られず、承認は一度だけ効く',
  async () => {
    await using w = await aRegister(2);
    const asked = unwrap(await extraction.ask(w.deps, as('x1'), { ...about, query: query() }));
    assert.notEqual(asked.approvalId, null);
    const { extractionId } = asked;
    const make = () => extraction.make(w.deps, as('x1'), { extractionId });
    assert.deepEqual(await make(), refused('not-approved'));
    assert.deepEqual(
      await extraction.approve(w.deps, as('x1'), { extractionId, approve: true }),
      refused('not-authorised'),
    );
    unwrap(await extraction.approve(w.deps, as('y1'), { extractionId, approve: true }));
    assert.equal(unwrap(await make()).rows, 2);
    assert.deepEqual(await make(), refused('already-made'));
    const outputs = await w.t.owner<{ n: number }>('select count(*)::int as n from euc.output');
    assert.equal(outputs[0]!.n, 1);
  },
);

mechanismTest(
  'access.no-client-copy',
  'AC-30 個人に関する一覧は承認されていても端末に保存できず、個人に関しない一覧は保存できる',
  async () => {
    await using w = await aRegister(2);
    const extractionId = await aList(w);
    assert.deepEqual(
      await extraction.handOut(w.deps, at('x1', 'representative'), { extractionId, form: 'csv' }),
      refused('stays-on-server'),
    );
    const statistics = query({ source: 'inquiries', columns: ['system', 'outcome'] });
    const free = unwrap(await extraction.ask(w.deps, as('z1'), { ...about, query: statistics }));
    assert.equal(free.approvalId, null);
    unwrap(await extraction.make(w.deps, as('z1'), { extractionId: free.extractionId }));
    const book = unwrap(await extraction.handOut(w.deps, as('z1'), { extractionId: free.extractionId, form: 'xlsx' }));
    assert.deepEqual([...book.bytes.slice(0, 2)], [0x50, 0x4b]);
  },
);

test('AC-30 承認された一覧はサーバーに期限付きで置かれ、依頼した本人だけが画面で見る。支援措置の方の住所は出ない', async () => {
  await using w = await aRegister(12);
  const conditions = [{ column: 'status', operator: 'is', value: 'resident' }] as const;
  const extractionId = await aList(w, { conditions });
  const seen = (staffId: string, deps = w.deps) =>
    extraction.view(deps, as(staffId), { extractionId, offset: 0, limit: 50 });
  assert.deepEqual(await seen('x2'), refused('no-such-request'));
  const { labels, rows, total } = unwrap(await seen('x1'));
  assert.deepEqual(labels, ['行', '団体内統合宛名番号', '氏名', '住所（支援措置の方は空欄）', '状態']);
  assert.equal(total, 11);
  assert.equal(rows.filter((r) => r[3] === '').length, 1);
  const after = (days: number) => ({
    ...w.deps,
    civilClock: { today: () => w.deps.civilClock.today().add({ days }) },
  });
  unwrap(await seen('x1', after(30)));
  assert.deepEqual(await seen('x1', after(31)), refused('list-expired'));
  const looks = await w.t.owner<{ n: number }>(
    "select count(*)::int as n from audit.intake_event where body like '%extraction.viewed%'",
  );
  assert.equal(looks[0]!.n, 2);
});

test('AC-30 INC-73 媒体での持出しは、当日の内容で作り直して別の職員が承認し、媒体を扱う端末で、管理簿にあり貸し出された媒体にだけ、暗号化して書かれる。税の端末からは書けない', async () => {
  await using w = await aRegister(6);
  const extractionId = await aList(w, { conditions: [{ column: 'status', operator: 'is', value: 'resident' }] });
  // Since the list was made one has gone and one has come.
  const take = async (change: ReturnType<typeof aChange>) =>
    unwrap(await takeResidentChange(w.deps, systemActor('meguro/resident-register'), received(change)));
  const { state, ...who } = w.people[1]!;
  const died = { ...who, changeId: w.deps.newId(), reason: 'died', changedOn: '2026-05-20' } as const;
  await take({ ...died, state: { ...state, status: 'removed', removedOn: '2026-05-20' } });
  await take(aChange(w, { addresseeNumber: '1000099', state: { name: '目黒 新' } }));
  const today = w.deps.civilClock.today();
  const carry = () =>
    extraction.carry(w.deps, at('x1', 'business'), {
      extractionId,
      receiver: '封入業者',
      settleByOn: today.add({ days: 10 }),
    });
  assert.deepEqual(await carry(), refused('receiver-without-key'));
  const identity = await generateIdentity();
  const recipientKey = await identityToRecipient(identity);
  unwrap(await media.registerKey(w.deps, keeper, { receiver: '封入業者', recipientKey, document: '鍵届-1' }));
  const { handOverId, ...counts } = unwrap(await carry());
  assert.deepEqual(counts, { rows: 6, gone: 1, come: 1 });
  const decide = (staffId: string) =>
    extraction.decideCarry(w.deps, as(staffId), { extractionId, handOverId, approve: true });
  const write = (actor: ReturnType<typeof at>, serial: string, deps = w.deps) =>
    extraction.writeOut(deps, actor, { extractionId, handOverId, serial, department: '情報政策課' });
  assert.deepEqual(await write(keeper, 'DVD-9'), refused('not-approved'));
  assert.deepEqual(await decide('x1'), refused('not-authorised'));
  unwrap(await decide('y1'));
  // A tax terminal, an office machine without enrolment, a clerk at the station: nothing is written.
  assert.deepEqual(await write(at('m1', 'business'), 'DVD-1'), refused('not-authorised'));
  assert.deepEqual(await write(at('x1', 'representative'), 'DVD-1'), refused('not-authorised'));
  assert.deepEqual(await write(keeper, 'DVD-9'), refused('no-such-medium'));
  await keepMedium(w, 'DVD-1');
  assert.deepEqual(await write(keeper, 'DVD-1'), refused('not-lent-to-this-department'));
  await lendOut(w, 'DVD-1');
  const tomorrow = { ...w.deps, civilClock: { today: () => today.add({ days: 1 }) } };
  assert.deepEqual(await write(keeper, 'DVD-1', tomorrow), refused('list-expired'));
  const { bytes } = unwrap(await write(keeper, 'DVD-1'));
  assert.deepEqual(await write(keeper, 'DVD-1'), refused('not-in-this-state'));
  assert.doesNotMatch(Buffer.from(bytes).toString('latin1'), /1000099|extraction/);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const cells = readCsvCells(await decrypter.decrypt(bytes))!;
  assert.equal(cells.length, 8);
  assert.ok(cells.some((r) => r[2] === '目黒 新'));
  const outputs = await w.t.owner<object>('select terminal, records, department, written_by from media.output');
  assert.deepEqual(outputs, [{ terminal: 'T-representative', records: 6, department: '情報政策課', written_by: 'm1' }]);
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
  const extractionId = await aList(w);
  const { rows, labels } = unwrap(await extraction.view(w.deps, as('x1'), { extractionId, offset: 0, limit: 50 }));
  const bytes = csvOf([['#', extractionId], labels, ...rows]);
  const back = (text: string) =>
    extraction.bringBack(w.deps, as('x1'), { extractionId, bytes: Buffer.from(text, 'utf8') });
  const text = bytes.toString('utf8');
  assert.equal(unwrap(await back(text)).differing, 0);
  assert.equal(unwrap(await back(text.replace('住民\r\n2', '消除\r\n2'))).differing, 1);
  assert.deepEqual(await back(text.replace(extractionId, w.deps.newId())), { ok: false, error: 'other-extraction' });
});

test('AC-30 002 CIP-F5 職員はキーボードだけで抽出を組み立て、別の職員が承認し、画面で一覧を見て、媒体での持出しを依頼し、媒体を扱う端末で書き込む（実ブラウザー、axe違反なし）', async () => {
  await using w = await aRegister(30);
  const state: { actor: Extract<Actor, { kind: 'staff' }> } = { actor: as('x1') };
  const app = createPageApp({
    system: { id: 'common-platform', name: '共通連携基盤', gloss: 'Common platform' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () => ({ actor: state.actor, displayName: '試験 花子', csrfSecret: new Uint8Array(32).fill(7) }),
    },
    mayOpen: async (actor, right) =>
      typeof right === 'string' || w.deps.rights.allows(undefined as unknown as Tx, actor, right),
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
      await page.getByText('27件が見つかりました').waitFor();
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
      await page.getByText('30件を抽出しました').waitFor();
      await good('extraction');
      await page.getByRole('link', { name: '一覧を開く' }).focus();
      await press('Enter');
      await page.getByText('目黒').first().waitFor();
      await good('extraction-list');

      const identity = await generateIdentity();
      const recipientKey = await identityToRecipient(identity);
      unwrap(await media.registerKey(w.deps, keeper, { receiver: '封入業者', recipientKey, document: '鍵届-1' }));
      await keepMedium(w, 'DVD-1');
      await lendOut(w, 'DVD-1');
      const enter = async (label: string, text: string): Promise<void> => {
        await page.getByLabel(label).focus();
        await page.keyboard.type(text);
      };
      const submit = async (name: string): Promise<void> => {
        await page.getByRole('button', { name }).focus();
        await press('Enter');
      };
      await page.goto(address);
      await submit('持出しを依頼する');
      await page.getByText('入力').first().waitFor();
      await good('extraction-carry-refused');
      await enter('渡す相手', '封入業者');
      const due = w.deps.civilClock.today().add({ days: 10 });
      // The packaged browser asks for month, day, year whatever the page's language is.
      const [year, month, day] = due.toString().split('-');
      await enter('媒体の返却・消去の期限', `${month}${day}${year}`);
      await submit('持出しを依頼する');
      await page.getByText('別の職員に持出しの承認を依頼しました').waitFor();
      await page.getByText('承認待ち').first().waitFor();
      assert.equal(await page.getByRole('button', { name: '持出しを承認する' }).count(), 0);
      state.actor = as('y1');
      await page.goto(address);
      await submit('持出しを承認する');
      await page.getByText('持出しを承認しました').waitFor();
      // The keeper has the form at the terminal with the drive, and nowhere else.
      state.actor = at('m1', 'business');
      await page.goto(address);
      assert.equal(await page.getByRole('button', { name: '媒体に書き込む' }).count(), 0);
      state.actor = keeper;
      await page.goto(address);
      await good('extraction-write');
      await enter('媒体の番号', 'DVD-9');
      await enter('貸出先の部署', '情報政策課');
      await submit('媒体に書き込む');
      await page.getByText('登録のない媒体です').first().waitFor();
      await enter('媒体の番号', 'DVD-1');
      await enter('貸出先の部署', '情報政策課');
      const download = page.waitForEvent('download');
      await submit('媒体に書き込む');
      const bytes = new Uint8Array(await readFile((await (await download).path())!));
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      assert.equal(readCsvCells(await decrypter.decrypt(bytes))!.length, 32);
      await page.goto(address);
      await page.getByText('書込み済み').waitFor();
      await good('extraction-written');
    });
  } finally {
    server.close();
  }
  assert.deepEqual(w.faults, []);
});
