import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import { announceCopyFile, copyFileStatus, headerOf, putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import { askAnotherBody, deferredInquiry } from '@musubi/contracts/exchange/endpoints.ts';
import { addOrderPersons, orderInquiries, orderResults } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { readLinkageFile, writeLinkageFile } from '@musubi/contracts/platform/file-linkage.ts';
import { sendNotice, tellNoticeStates } from '@musubi/contracts/portal/notices.ts';
import { roleMay } from '@musubi/kernel/access/rights.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { mediaUseCases } from '@musubi/kernel/media/acts.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { rights } from '../rights.ts';
import { registerTaskBindings } from '../service/check-binding.ts';
import { askResultsByMedium, decideResultsByMedium, writeResultsByMedium } from '../service/results-by-medium.ts';
import { takeLinkageFile } from '../service/take-linkage-file.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { fileLinkagePages } from '../web/file-linkage.ts';
import { aChange, aPlatform, received, staffActor, systemActor, type World } from './world.ts';

const platform = 'meguro/common-platform';
const ground = '主務省令第2条の表';
const bindings = [
  { system: 'resident-tax', kind: 'ask' as const, code: 'MS2-048' },
  { system: 'resident-tax', kind: 'lodge' as const, code: 'TKX-0001' },
].map((b) => ({ ...b, ground, validFrom: '2020-01-01', validUntil: null }));

/** A ward's platform with one person of the tax office and a server that takes whatever reaches it. */
async function aRelay() {
  const mediumOffices = [{ system: 'resident-tax', department: '税務課' }];
  const w = await aPlatform('ward', { taskBindings: bindings, mediumOffices });
  unwrap(await registerTaskBindings(w.deps, { kind: 'job', name: 'start' }, {}));
  unwrap(await takeResidentChange(w.deps, systemActor('meguro/resident-register'), received(aChange(w))));
  const [person] = await w.t.owner<{ n: string }>('select org_person_number as n from common_platform.person');
  const came: { id: string; body: unknown }[] = [];
  const take = <T>(id: string, body: unknown, answer: T) => {
    came.push({ id, body });
    return ok(answer);
  };
  const state = 'receiving' as const;
  /** What the server holds of an order; a test says when it is done. */
  const held: { results: ResponseOf<typeof orderResults> } = {
    results: { state: 'waiting', done: 0, persons: 1, rows: [] },
  };
  await w.serve('meguro/intermediate-server', [
    route(askAnotherBody, async ({ body }) => {
      came.push({ id: 'ask', body });
      return err('congested');
    }),
    route(deferredInquiry, async ({ body }) =>
      take('deferred', body, { receptionNumber: 41, expectedAt: '2026-06-01T01:05:00Z', state: 'waiting' as const }),
    ),
    route(orderInquiries, async ({ body }) => take('order', body, { missing: body.persons })),
    route(addOrderPersons, async ({ body }) => take('persons', body, { missing: 0 })),
    route(orderResults, async ({ body }) => take('results', body, held.results)),
    route(announceCopyFile, async ({ body }) => take('file', body, { parts: 1 })),
    route(putCopyFilePart, async ({ body }) => take('part', body, { missing: 0 })),
    route(copyFileStatus, async ({ body }) =>
      take('status', body, { state, accepted: 0, rejected: [], rejectedInAll: 0 }),
    ),
    route(sendNotice, async ({ body }) => take('notice', body, { accepted: true as const })),
    route(tellNoticeStates, async ({ body }) => take('states', body, { states: [] })),
  ]);
  const tax = await w.client('meguro/resident-tax');
  return { w, came, tax, person: person!.n, held, ids: () => came.map((c) => c.id) };
}
/** One relay for the tests of messages: what came to it before is another test's. */
const shared = await aRelay();
after(() => shared.w[Symbol.asyncDispose]());
const fresh = () => {
  shared.came.length = 0;
  return shared;
};

const anOrder = (w: World) => ({
  orderId: w.deps.newId(),
  asker: { system: 'resident-tax', caseReference: '定期照会' },
  procedure: 'MS2-048' as const,
  informationCode: 'TKX-0023' as const,
  items: ['保護の実施'],
  condition: { asOf: '2026-05-01' },
  provider: 'tokyo',
  persons: 1,
  notBefore: '2026-06-01',
});
const aNotice = (w: World, orgPersonNumber: string) => ({
  noticeId: w.deps.newId(),
  system: 'resident-tax',
  orgPersonNumber,
  kind: '納付' as const,
  subject: '口座振替のご案内',
  body: '第1期の納期限は6月30日です。',
  attachments: [],
  openFrom: '2026-06-01',
  openUntil: '2026-12-31',
});
const aFile = (w: World) => ({
  fileId: w.deps.newId(),
  system: 'resident-tax',
  kind: 'difference' as const,
  informationCode: 'TKX-0001' as const,
  condition: { taxYear: 2026 },
  validFrom: '2026-06-01',
  rows: 1,
  digest: '0'.repeat(64),
});
const partFor = (...persons: string[]) =>
  [headerOf('TKX-0001').join(','), ...persons.map((p) => `${p},2026-06-01,1,0,0`)]
    .map((line) => `${line}\r\n`)
    .join('');

test('002 IMS-F2, 001 LNK-F5 一括照会の予約・対象者・結果は基盤を通り、名指しできるのは自分の予約だけ', async () => {
  const { w, tax, person, ids } = fresh();
  const order = anOrder(w);
  assert.deepEqual(await tax.call(orderInquiries, platform, {}, order), ok({ missing: 1 }));
  assert.deepEqual(await tax.call(orderInquiries, platform, {}, order), ok({ missing: 1 })); // a repeat goes on
  assert.deepEqual(
    await tax.call(orderInquiries, platform, {}, { ...anOrder(w), procedure: 'MS2-009' }),
    err('not-your-business'),
  );
  const { orderId } = order;
  const persons = { orderId, from: 1, orgPersonNumbers: [person] };
  assert.deepEqual(await tax.call(addOrderPersons, platform, {}, persons), ok({ missing: 0 }));
  assert.equal(unwrap(await tax.call(orderResults, platform, {}, { orderId, after: 0, limit: 10 })).state, 'waiting');
  const other = { ...persons, orderId: w.deps.newId() };
  assert.deepEqual(await tax.call(addOrderPersons, platform, {}, other), err('no-such-order'));
  assert.deepEqual(ids(), ['order', 'order', 'persons', 'results']);
  const [facts] = await w.t.owner<{ n: number }>(
    `select count(*)::int as n from common_platform.relayed_matter where kind = 'inquiry-order'`,
  );
  assert.equal(facts!.n, 1);
});

mechanismTest(
  'transfer.bound-person',
  '001 LNK-F3 一人でも自分の業務の方と確かめられない対象者・副本・お知らせは中間サーバーに届かない',
  async () => {
    const { w, tax, person, ids } = await aRelay();
    await using _ = w;
    const stranger = '999999999999999';
    const doubted = await aPersonInDoubt(w);
    const order = anOrder(w);
    unwrap(await tax.call(orderInquiries, platform, {}, order));
    const add = (n: string) =>
      tax.call(addOrderPersons, platform, {}, { orderId: order.orderId, from: 1, orgPersonNumbers: [person, n] });
    const file = aFile(w);
    unwrap(await tax.call(announceCopyFile, platform, {}, file));
    const put = (n: string) =>
      tax.call(putCopyFilePart, platform, {}, { fileId: file.fileId, part: 1, content: partFor(person, n) });
    for (const n of [doubted, stranger]) {
      assert.deepEqual(await add(n), err('unknown-person'));
      assert.deepEqual(await put(n), err('unknown-person'));
      assert.deepEqual(await tax.call(sendNotice, platform, {}, aNotice(w, n)), err('unknown-person'));
    }
    assert.deepEqual(ids(), ['order', 'file']);
  },
);

/** A person of whom the tax office's link was ended. */
async function aPersonInDoubt(w: World): Promise<string> {
  const change = aChange(w, {
    addresseeNumber: '1000009',
    state: { name: '碑 文子', nameKana: 'ヒ フミコ', birthDate: '1970-01-01' },
  });
  unwrap(await takeResidentChange(w.deps, systemActor('meguro/resident-register'), received(change)));
  const [row] = await w.t.owner<{ n: string; id: string }>(
    `select p.org_person_number as n, p.person_id as id from common_platform.person p join common_platform.standing_binding b using (person_id)
      where b.addressee_number = '1000009' limit 1`,
  );
  await w.t.owner(
    `insert into common_platform.binding_end (binding_id, correction_id, ended_at, event_id)
       select binding_id, gen_random_uuid(), now(), gen_random_uuid() from common_platform.binding where person_id = $1`,
    [row!.id],
  );
  return row!.n;
}

test('INC-11 混雑で順番を待つ照会の受付番号と見込みの時刻は、照会した業務にだけ伝えられる', async () => {
  const { w, tax, person, ids } = fresh();
  const { orderId: requestId, persons: _persons, notBefore: _notBefore, ...question } = anOrder(w);
  const asked = { ...question, requestId, orgPersonNumber: person };
  assert.deepEqual(await tax.call(askAnotherBody, platform, {}, asked), err('congested'));
  const turn = unwrap(await tax.call(deferredInquiry, platform, {}, { requestId, system: 'resident-tax' }));
  assert.deepEqual(turn, { receptionNumber: 41, expectedAt: '2026-06-01T01:05:00Z', state: 'waiting' });
  const others = [
    { requestId: w.deps.newId(), system: 'resident-tax' },
    { requestId, system: 'collections' },
  ];
  for (const other of others)
    assert.deepEqual(await tax.call(deferredInquiry, platform, {}, other), err('not-deferred'));
  const child = await w.client('meguro/child-chronic');
  assert.deepEqual(
    await child.call(deferredInquiry, platform, {}, { requestId, system: 'child-chronic' }),
    err('not-deferred'),
  );
  assert.deepEqual(ids(), ['ask', 'deferred']);
});

test('001 LNK-F4 副本ファイルは届け出た業務の情報だけを、その業務の方だけについて通す。内容は残らない', async () => {
  const { w, tax, person, came } = fresh();
  const file = aFile(w);
  assert.deepEqual(
    await tax.call(announceCopyFile, platform, {}, { ...aFile(w), informationCode: 'TKX-0014' }),
    err('not-your-information'),
  );
  assert.deepEqual(await tax.call(announceCopyFile, platform, {}, file), ok({ parts: 1 }));
  const content = partFor(person);
  const part = { fileId: file.fileId, part: 1, content };
  assert.deepEqual(await tax.call(putCopyFilePart, platform, {}, part), ok({ missing: 0 }));
  assert.equal((came.at(-1)!.body as { content: string }).content, content); // byte for byte
  assert.equal(unwrap(await tax.call(copyFileStatus, platform, {}, { fileId: file.fileId })).state, 'receiving');
  const none = { fileId: w.deps.newId() };
  assert.deepEqual(await tax.call(copyFileStatus, platform, {}, none), err('no-such-file'));
  const [row] = await w.t.owner<{ text: string }>(
    'select jsonb_agg(to_jsonb(x))::text as text from common_platform.relayed_matter x',
  );
  assert.ok(!row!.text.includes(person));
});

test('002 IMS-F12 お知らせは送る業務の名で、その業務の方にだけ送られ、基盤には内容も宛先も残らない', async () => {
  const { w, tax, person, came } = fresh();
  const notice = aNotice(w, person);
  assert.deepEqual(await tax.call(sendNotice, platform, {}, notice), ok({ accepted: true }));
  assert.deepEqual(came.at(-1)!.body, notice);
  assert.deepEqual(
    await tax.call(sendNotice, platform, {}, { ...notice, system: 'collections' }),
    err('not-your-business'),
  );
  assert.deepEqual(await tax.call(sendNotice, platform, {}, { ...notice, kind: '案内' }), err('notice-id-used'));
  const states = { system: 'resident-tax', noticeIds: [notice.noticeId] };
  assert.deepEqual(await tax.call(tellNoticeStates, platform, {}, states), ok({ states: [] }));
  assert.deepEqual(
    await tax.call(tellNoticeStates, platform, {}, { ...states, system: 'collections' }),
    err('not-your-business'),
  );
  for (const t of ['common_platform.relayed_matter', 'audit.intake_event']) {
    const [row] = await w.t.owner<{ text: string }>(`select jsonb_agg(to_jsonb(x))::text as text from ${t} x`);
    for (const told of [notice.subject, notice.body, person])
      assert.ok(!row!.text.includes(told), `${t} holds ${told}`);
  }
});

/* ---- 媒体での連携 (design §4.6) ---- */

const keeper = {
  ...staffActor('m1'),
  organisation: 'meguro',
  terminalId: 'T-1',
  terminalKind: 'representative' as const,
};
const approver = { ...staffActor('y1'), organisation: 'meguro' };

/** A medium lent to the tax office by two people, and the office's way to encrypt to the platform. */
async function aLentMedium(w: World) {
  const media = mediaUseCases('common-platform');
  const { recipient } = unwrap(await media.makeKey(w.deps, keeper, {}));
  const lend = async (serial: string) => {
    unwrap(await media.register(w.deps, keeper, { serial, kind: 'designated-dvd-rw', place: '鍵付き保管庫' }));
    const dueOn = w.deps.civilClock.today().add({ days: 5 });
    const asked = { serial, department: '税務課', purpose: '連携', document: `貸出-${serial}`, dueOn };
    const { lendingId } = unwrap(await media.requestLending(w.deps, keeper, asked));
    unwrap(await media.decideLending(w.deps, approver, { lendingId, decision: 'approved' }));
    unwrap(await media.lend(w.deps, keeper, { lendingId }));
  };
  await lend('DVD-1');
  const encryptTo = async (key: string, content: Uint8Array) => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(key);
    return encrypter.encrypt(content);
  };
  const identity = await generateIdentity();
  const office = { identity, recipientKey: await identityToRecipient(identity) };
  return { media, lend, encrypt: (content: Uint8Array) => encryptTo(recipient, content), encryptTo, office };
}
const anOrderFile = (order: ReturnType<typeof anOrder>, persons: readonly string[]) =>
  writeLinkageFile([
    { message: 'exchange.order-inquiries', body: { ...order, persons: persons.length } },
    {
      message: 'exchange.add-order-persons',
      body: { orderId: order.orderId, from: 1, orgPersonNumbers: [...persons] },
    },
  ]);
const theResults = (persons: readonly string[]): ResponseOf<typeof orderResults> => ({
  state: 'done',
  done: persons.length,
  persons: persons.length,
  rows: persons.map((orgPersonNumber, i) => ({
    row: i + 1,
    orgPersonNumber,
    inquiryNumber: '019a0000-0000-7000-8000-000000000001',
    result: '00',
    refusal: null,
    validFrom: '2026-04-01',
    items: { 保護の実施: '受給中' },
  })),
});

test('LNK-X5 回線のない業務の照会ファイルを媒体で受け付け、結果は照会した部署の鍵だけで開く暗号化ファイルとして、別の職員の承認の後に媒体で返す（実ブラウザー、axe違反なし）', async () => {
  const { w, person, came, held, ids } = await aRelay();
  await using _ = w;
  const { media, lend, encrypt, office } = await aLentMedium(w);
  const state: { actor: typeof keeper | typeof approver } = { actor: keeper };
  const app = createPageApp({
    system: { id: 'common-platform', name: '共通連携基盤', gloss: 'Common platform' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () => ({ actor: state.actor, displayName: '試験 花子', csrfSecret: new Uint8Array(32).fill(7) }),
    },
    mayOpen: async (actor, right) =>
      actor.kind === 'staff' && roleMay(rights, actor.staffId === 'm1' ? 'media-keeper' : 'extraction-approver', right),
    stylesheet: await buildStylesheet({ sources: [path.join(import.meta.dirname, '../web')] }),
    random: systemRandom,
    onError: (error) => w.faults.push(error),
  });
  fileLinkagePages(app, w.deps);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((done) => server.once('listening', done));
  const url = `http://platform.meguro.localhost:${(server.address() as AddressInfo).port}/file-linkage`;
  const order = anOrder(w);
  let result = Buffer.alloc(0);
  try {
    await withPage(async (page) => {
      const press = async (name: string) => {
        await page.getByRole('button', { name, exact: true }).focus();
        await page.keyboard.press('Enter');
      };
      await page.goto(url);
      await page.getByLabel('業務').selectOption('resident-tax');
      await page.getByLabel('媒体番号').fill('DVD-1');
      const buffer = Buffer.from(await encrypt(anOrderFile(order, [person])));
      await page.getByLabel('ファイル').setInputFiles({ name: 'a.age', mimeType: 'application/octet-stream', buffer });
      await press('読み込む');
      await page.getByText('1件を中間サーバーへ渡しました').waitFor();
      assert.deepEqual(ids(), ['order', 'persons']);
      assert.deepEqual(came[0]!.body, order);

      // The office's key is registered on paper; before, and before every person has a result, nothing is asked for.
      const ask = () => askResultsByMedium(w.deps, keeper, { orderId: order.orderId, settleByOn: tomorrow });
      const tomorrow = w.deps.civilClock.today().add({ days: 1 });
      assert.deepEqual(await ask(), err('not-done-yet'));
      held.results = theResults([person]);
      assert.deepEqual(await ask(), err('receiver-without-key'));
      const { recipientKey } = office;
      unwrap(await media.registerKey(w.deps, keeper, { receiver: '税務課', recipientKey, document: '鍵届-1' }));
      await page.goto(url);
      await page.getByText('結果を媒体で返す').focus();
      await page.keyboard.press('Enter');
      await page.getByLabel('媒体の返却・消去の期限').fill(tomorrow.toString());
      await press('承認を依頼する');
      await page.getByText('別の職員に承認を依頼しました').waitFor();
      const [asked] = await w.t.owner<{ id: string }>('select carry_id as id from common_platform.results_by_medium');
      const write = { carryId: asked!.id, serial: 'DVD-2' };
      const fetched = came.length;
      assert.deepEqual(await writeResultsByMedium(w.deps, keeper, write), err('not-approved'));
      assert.equal(came.length, fetched);
      assert.deepEqual(await decideResultsByMedium(w.deps, keeper, { ...write, approve: true }), err('not-authorised'));

      state.actor = approver;
      await page.goto(url);
      await expectAccessible(page);
      await press('結果の持出しを承認する');
      await page.getByText('承認しました').waitFor();
      assert.deepEqual(
        await writeResultsByMedium(w.deps, { ...keeper, terminalKind: 'business' }, write),
        err('not-authorised'),
      );
      assert.deepEqual(await writeResultsByMedium(w.deps, keeper, write), err('no-such-medium'));
      await lend('DVD-2');
      held.results = theResults(['000000000000000', person]);
      assert.deepEqual(await writeResultsByMedium(w.deps, keeper, write), err('row-of-another-destination'));
      held.results = theResults([person]);

      state.actor = keeper;
      await page.goto(url);
      await expectAccessible(page);
      await screenshot(page, 'common-platform-file-linkage');
      await page.getByLabel('媒体番号').last().fill('DVD-2');
      const download = page.waitForEvent('download');
      await press('媒体に書き込む');
      result = await readFile(await (await download).path());
      assert.deepEqual(await writeResultsByMedium(w.deps, keeper, write), err('already-used'));
    });
  } finally {
    server.close();
  }
  // Only the office that asked opens it; it is the same format as the file that came.
  assert.ok(!result.includes('受給中'));
  const others = new Decrypter();
  others.addIdentity(await generateIdentity());
  await assert.rejects(others.decrypt(result));
  const own = new Decrypter();
  own.addIdentity(office.identity);
  assert.deepEqual(unwrap(readLinkageFile(await own.decrypt(result))), {
    kind: 'results',
    pages: [theResults([person])],
  });
  // LNK-X8: what was sealed on its way is ordered to be erased in the act that wrote it.
  const sealed = await w.t.owner<{ erased: boolean }>(
    `select exists (select from sealed.erasure e where e.unit = 'object:' || f.sealed_ref) as erased from media.file f`,
  );
  assert.deepEqual(sealed, [{ erased: true }]);
  const [output] = await w.t.owner<object>('select terminal, records, department, written_by from media.output');
  assert.deepEqual(output, { terminal: 'T-1', records: 1, department: '税務課', written_by: 'm1' });
  assert.deepEqual(w.faults, []);
});

test('001 LNK-F4 媒体の副本ファイルは、開けない・切れている・件数の合わない・他業務の・届出のないもの、一人でも自分の業務の方でない行のあるものを全体で退け、中間サーバーが応答しなければ同じ媒体をもう一度読み込む (design §4.6)', async () => {
  const { w, person, came, ids } = await aRelay();
  await using _ = w;
  const { encrypt, encryptTo, office } = await aLentMedium(w);
  const take = async (
    content: Uint8Array,
    more: { serial?: string; deps?: typeof w.deps; actor?: typeof keeper } = {},
  ) =>
    takeLinkageFile(more.deps ?? w.deps, more.actor ?? keeper, {
      serial: more.serial ?? 'DVD-1',
      system: 'resident-tax',
      bytes: await encrypt(content),
    });
  const copies = (persons: readonly string[], more: Partial<ReturnType<typeof aFile>> = {}) => {
    const body = { ...aFile(w), rows: persons.length, ...more };
    const { fileId } = body;
    return writeLinkageFile([
      { message: 'exchange.announce-copy-file', body },
      { message: 'exchange.put-copy-file-part', body: { fileId, part: 1, content: partFor(...persons) } },
    ]);
  };
  const whole = copies([person]);

  // Not at a station, not on a medium lent to that office, not encrypted, not to us: nothing is read.
  const bytes = await encrypt(whole);
  const raw = (given: Uint8Array, serial = 'DVD-1') =>
    takeLinkageFile(w.deps, keeper, { serial, system: 'resident-tax', bytes: given });
  assert.deepEqual(
    await take(whole, { actor: { ...keeper, terminalKind: 'business' as never } }),
    err('not-authorised'),
  );
  assert.deepEqual(await raw(bytes, 'DVD-9'), err('no-such-medium'));
  assert.deepEqual(await raw(whole), err('not-encrypted'));
  assert.deepEqual(await raw(await encryptTo(office.recipientKey, whole)), err('not-for-us-or-damaged'));
  assert.deepEqual(await raw(bytes.subarray(0, -9)), err('not-for-us-or-damaged'));
  assert.deepEqual(
    await takeLinkageFile(w.deps, keeper, { serial: 'DVD-1', system: 'accounts', bytes }),
    err('no-medium-office'),
  );

  // Opened, and refused as a whole: the medium holds data from then on, and the refusal stands in the list and in the log.
  const refusals = [
    [Buffer.from('氏名,住所\n'), 'cut-off-or-altered', 0],
    [whole.subarray(0, -2), 'cut-off-or-altered', 0],
    [copies([person], { rows: 2_001 }), 'counts-differ', 0],
    [copies([person], { system: 'collections' }), 'not-this-business', 0],
    [copies([person], { informationCode: 'TKX-0014' as never }), 'not-your-information', 0],
    [copies([person, '999999999999999', '888888888888888']), 'unknown-person', 2],
  ] as const;
  for (const [content, word, faulty] of refusals)
    assert.deepEqual(unwrap(await take(content)), { outcome: 'refused', word, faulty });
  assert.deepEqual(ids(), []);
  const [log] = await w.t.owner<{ n: number }>(
    `select count(*)::int as n from audit.intake_event where body like '%bulk.refused%'`,
  );
  assert.equal(log!.n, refusals.length);
  const states = await w.t.owner<{ state: string }>('select state from media.current_medium()');
  assert.deepEqual(states, [{ state: 'loaded' }]);

  // The server is silent: nothing was kept, the same medium is put in again; once through it is not taken twice.
  const silent = { ...w.deps, settings: { ...w.deps.settings, intermediateServer: 'meguro/nobody' } };
  const once = (deps: typeof w.deps) =>
    takeLinkageFile(deps, keeper, { serial: 'DVD-1', system: 'resident-tax', bytes });
  assert.deepEqual(unwrap(await once(silent)), { outcome: 'not-now' });
  assert.deepEqual(unwrap(await once(w.deps)), { outcome: 'passed', persons: 1 });
  assert.deepEqual(await once(w.deps), err('imported-before'));
  assert.deepEqual(ids(), ['file', 'part']);
  assert.equal((came[1]!.body as { content: string }).content, partFor(person));
  const intake = await w.t.owner<{ text: string }>(
    'select jsonb_agg(to_jsonb(i))::text as text from common_platform.medium_intake i',
  );
  assert.ok(!intake[0]!.text.includes(person));
});
