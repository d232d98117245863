import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceCopyFile, copyFileStatus, headerOf, putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import { addOrderPersons, orderInquiries, orderResults } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { sendNotice, tellNoticeStates } from '@musubi/contracts/portal/notices.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { registerTaskBindings } from '../service/check-binding.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { aChange, aPlatform, received, systemActor, type World } from './world.ts';

const platform = 'meguro/common-platform';
const ground = '主務省令第2条の表';
const bindings = [
  { system: 'resident-tax', kind: 'ask' as const, code: 'MS2-048' },
  { system: 'resident-tax', kind: 'lodge' as const, code: 'TKX-0001' },
].map((b) => ({ ...b, ground, validFrom: '2020-01-01', validUntil: null }));

/** A ward's platform with one person of the tax office and a server that takes whatever reaches it. */
async function aRelay() {
  const w = await aPlatform('ward', { taskBindings: bindings });
  unwrap(await registerTaskBindings(w.deps, { kind: 'job', name: 'start' }, {}));
  unwrap(await takeResidentChange(w.deps, systemActor('meguro/resident-register'), received(aChange(w))));
  const [person] = await w.t.owner<{ n: string }>('select org_person_number as n from common_platform.person');
  const came: { id: string; body: unknown }[] = [];
  const take = <T>(id: string, body: unknown, answer: T) => {
    came.push({ id, body });
    return ok(answer);
  };
  const state = 'receiving' as const;
  await w.serve('meguro/intermediate-server', [
    route(orderInquiries, async ({ body }) => take('order', body, { missing: body.persons })),
    route(addOrderPersons, async ({ body }) => take('persons', body, { missing: 0 })),
    route(orderResults, async ({ body }) =>
      take('results', body, { state: 'waiting' as const, done: 0, persons: 1, rows: [] }),
    ),
    route(announceCopyFile, async ({ body }) => take('file', body, { parts: 1 })),
    route(putCopyFilePart, async ({ body }) => take('part', body, { missing: 0 })),
    route(copyFileStatus, async ({ body }) =>
      take('status', body, { state, accepted: 0, rejected: [], rejectedInAll: 0 }),
    ),
    route(sendNotice, async ({ body }) => take('notice', body, { accepted: true as const })),
    route(tellNoticeStates, async ({ body }) => take('states', body, { states: [] })),
  ]);
  const tax = await w.client('meguro/resident-tax');
  return { w, came, tax, person: person!.n, ids: () => came.map((c) => c.id) };
}
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
  const { w, tax, person, ids } = await aRelay();
  await using _ = w;
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
  const [facts] = await w.t.owner<{ n: number }>('select count(*)::int as n from common_platform.relayed_matter');
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

test('001 LNK-F4 副本ファイルは届け出た業務の情報だけを、その業務の方だけについて通す。内容は残らない', async () => {
  const { w, tax, person, came } = await aRelay();
  await using _ = w;
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
  const { w, tax, person, came } = await aRelay();
  await using _ = w;
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
