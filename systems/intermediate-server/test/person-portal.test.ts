import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type LodgedCopy, lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, sealedTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { noticesAnswer, sendNotice, tellNoticeStates } from '@musubi/contracts/portal/notices.ts';
import { informationAnswer } from '@musubi/contracts/portal/own-information.ts';
import { askOwnRecords } from '@musubi/contracts/portal/records.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { exportP256, generateP256 } from '@musubi/kernel/crypto/p256.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { carryOutErasures } from '@musubi/kernel/vault/sealed/erasure.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { z } from 'zod';
import { runNoticeRetention } from '../service/person-notices.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job = { kind: 'job', name: 'test' } as const;
const server = 'meguro/intermediate-server';
const platform = world.clients.meguroPlatform;
const ward = depsOf(world, world.meguro);

/** What the ward tells the person behind the code at the portal. */
async function askPortal<S extends z.ZodType>(
  linkageCode: string,
  schema: S,
  more: { kind: 'information' | 'notices'; from?: string; until?: string; opened?: string[] },
): Promise<z.infer<S>> {
  const pair = generateP256();
  const request = signMessage(world.identities.portal, messageTypes.personRequest, {
    v: 1,
    requestId: world.newId(),
    answerKey: exportP256(pair.publicKey),
    from: '2026-04-01',
    until: '2026-06-10',
    at: world.machineClock.now().toString(),
    ...more,
  });
  const told = unwrap(
    await world.clients.portal.call(askOwnRecords, 'ins/information-providing-network', {}, { request, linkageCode }),
  );
  const { answer } = told.answers.find(({ organisation }) => organisation === 'meguro')!;
  const members = ['req', 'org'] as const;
  const opened = unwrap(openJwe(answer, { privateKey: pair.privateKey, typ: sealedTypes.personAnswer, members }));
  return schema.parse(JSON.parse(opened.plaintext.toString('utf8')));
}

const pdf = (text: string) => {
  const bytes = Buffer.from(`%PDF-1.7 ${text}`);
  return {
    name: `${text}.pdf`,
    mediaType: 'application/pdf' as const,
    sha256: sha256Hex(bytes),
    content: bytes.toString('base64'),
  };
};
const lodge = async (copies: Partial<LodgedCopy>[]) =>
  unwrap(
    await platform.call(
      lodgeCopies,
      server,
      {},
      {
        batchId: world.newId(),
        system: 'resident-tax',
        kind: 'difference',
        copies: copies.map((more, i) => ({
          row: i + 1,
          orgPersonNumber: '-',
          informationCode: 'TKX-0001',
          condition: { taxYear: 2026 },
          validFrom: '2026-06-01',
          items: { 課税区分: '課税' },
          autoReplyBlocked: false,
          withheldFromPerson: false,
          ...more,
        })),
      },
    ),
  );

mechanismTest(
  'exchange.withheld',
  '002 IMS-F11, 番号利用法 附則第6条第3項 自己情報: 期間内の版が添付とともに本人にだけ示され、不開示のものは示されない',
  async () => {
    const { ward: person, residentRecordCode } = await world.person();
    const notice = pdf('決定通知書');
    const { accepted, rejected } = await lodge([
      { orgPersonNumber: person, validFrom: '2026-04-01', items: { 課税区分: '未申告' } },
      { orgPersonNumber: person, validFrom: '2026-06-01', items: { 課税区分: '課税' }, attachments: [notice] },
      {
        orgPersonNumber: person,
        condition: { taxYear: 2025 },
        validFrom: '2026-06-02',
        items: { 課税区分: '非課税' },
        withheldFromPerson: true,
      },
      { orgPersonNumber: person, condition: { taxYear: 2024 }, attachments: [{ ...notice, sha256: '0'.repeat(64) }] },
    ]);
    assert.deepEqual([accepted, rejected], [3, [{ row: 4, code: 'attachment-differs' }]]);
    const code = await world.portalCode(residentRecordCode);
    const { information } = await askPortal(code, informationAnswer, { kind: 'information' });
    assert.deepEqual(
      information.map((i) => [i.condition, i.validFrom, i.items.課税区分, i.attachments.map((a) => a.name)]),
      [
        ['taxYear:2026', '2026-06-01', '課税', ['決定通知書.pdf']],
        ['taxYear:2026', '2026-04-01', '未申告', []],
      ],
    );
    const early = await askPortal(code, informationAnswer, { kind: 'information', until: '2026-05-31' });
    assert.deepEqual(
      early.information.map((i) => i.validFrom),
      ['2026-04-01'],
    );
    const events = await world.meguro.t.owner(
      `select 1 from audit.intake_event where body like '%person.own-information-told%'`,
    );
    assert.ok(events.length >= 2);
    const dump = JSON.stringify(await world.meguro.t.owner('select * from intermediate_server.lodged_copy'));
    assert.doesNotMatch(dump, /決定通知書/, 'sealed at rest');
  },
);

test('001 IMS-F11 添付は本人のもので、ほかの機関への提供には含まれない', async () => {
  const { ward: person, prefecture } = await world.person();
  await lodge([{ orgPersonNumber: person, attachments: [pdf('本人用')] }]);
  const answer = unwrap(await world.ask(world.question(prefecture, { items: ['課税区分'] })));
  assert.deepEqual(answer.items, { 課税区分: '課税' });
});

type Notice = RequestOf<typeof sendNotice>;
const aNotice = (orgPersonNumber: string, more: Partial<Notice> = {}): Notice => ({
  noticeId: world.newId(),
  system: 'resident-tax',
  orgPersonNumber,
  kind: '納付',
  subject: '納税通知書をお送りしました',
  body: '第1期の納期限は6月30日です。',
  attachments: [pdf('納付のご案内')],
  openFrom: '2026-06-01',
  openUntil: '2026-06-30',
  ...more,
});
const send = (notice: Notice) => platform.call(sendNotice, server, {}, notice);
/** In the order of the ids. */
async function states(...noticeIds: string[]) {
  const told = unwrap(await platform.call(tellNoticeStates, server, {}, { system: 'resident-tax', noticeIds })).states;
  return noticeIds.map((id) => told.find(({ noticeId }) => noticeId === id)?.state);
}

test('002 IMS-F12 お知らせ: 登録、配信、開封、掲載期間の満了が状態になり、業務システムに示される', async () => {
  const { ward: person, residentRecordCode } = await world.person();
  const other = await world.person();
  const code = await world.portalCode(residentRecordCode);
  const notice = aNotice(person);
  const later = aNotice(person, { openFrom: '2026-06-20' });
  const foreign = aNotice(other.ward);
  const sent = await Promise.all([notice, notice, later, foreign].map(send));
  // Two at once with one id: one is taken; the other is a repeat, or comes again.
  assert.ok(sent.filter((s) => s.ok).length >= 3);
  assert.deepEqual(await send(notice), ok({ accepted: true }), 'a repeat');
  assert.deepEqual(await send({ ...notice, body: '別の文' }), err('notice-id-used'));
  assert.deepEqual(await states(notice.noticeId, later.noticeId), ['waiting', 'waiting']);

  const first = await askPortal(code, noticesAnswer, { kind: 'notices' });
  assert.deepEqual(
    first.notices.map((n) => [n.noticeId, n.state, n.subject, n.attachments[0]?.name]),
    [[notice.noticeId, 'delivered', notice.subject, '納付のご案内.pdf']],
  );
  assert.deepEqual(await states(notice.noticeId, later.noticeId), ['delivered', 'waiting']);
  // What another person was sent cannot be opened by this one.
  const second = await askPortal(code, noticesAnswer, { kind: 'notices', opened: [notice.noticeId, foreign.noticeId] });
  assert.deepEqual(
    second.notices.map((n) => n.state),
    ['opened'],
  );
  assert.deepEqual(await states(notice.noticeId, foreign.noticeId), ['opened', 'waiting']);
  const stranger = { system: 'child-chronic', noticeIds: [notice.noticeId] };
  assert.deepEqual(unwrap(await platform.call(tellNoticeStates, server, {}, stranger)).states, []);

  const [row] = await world.meguro.t.owner<{ content: string }>(
    'select content from intermediate_server.person_notice where notice_id = $1',
    [notice.noticeId],
  );
  world.civilClock.set('2026-07-01');
  try {
    assert.deepEqual(await states(notice.noticeId, later.noticeId, foreign.noticeId), ['opened', 'expired', 'expired']);
    assert.equal((await askPortal(code, noticesAnswer, { kind: 'notices' })).notices.length, 0);
    assert.equal(await runNoticeRetention(ward, job), 3);
    assert.equal(await runNoticeRetention(ward, job), 0);
    const gone = act('test.open-notice', {
      right: ['sealed', 'object', 'read'],
      async run(tx, deps: typeof ward) {
        await carryOutErasures(tx, { ...deps, keyStore: world.meguro.keyStore });
        const opened = await deps.sealed.open(tx, row!.content as SealedId, 'test');
        tx.record({ event: 'test.opened' });
        return ok(opened);
      },
    });
    assert.deepEqual(unwrap(await gone(ward, job, null)), err('erased'), 'no dump gives the text back');
  } finally {
    world.civilClock.set('2026-06-10');
  }
});

test('002 IMS-F12 お知らせの拒否: 業務でない、符号のない人、期間でない、内容と異なる添付', async () => {
  const { ward: person } = await world.person();
  assert.deepEqual(await send(aNotice(person, { system: 'cook-register' })), err('not-your-business'));
  assert.deepEqual(await send(aNotice('199999999999999')), err('no-linkage-code'));
  assert.deepEqual(
    await send(aNotice(person, { openFrom: '2026-07-02', openUntil: '2026-07-01' })),
    err('not-a-period'),
  );
  assert.deepEqual(
    await send(aNotice(person, { openFrom: '2026-05-01', openUntil: '2026-06-09' })),
    err('not-a-period'),
  );
  const attachments = [{ ...pdf('別'), sha256: '0'.repeat(64) }];
  assert.deepEqual(await send(aNotice(person, { attachments })), err('attachment-differs'));
  assert.deepEqual(
    await world.clients.tokyoPlatform.call(sendNotice, server, {}, aNotice(person)),
    err('not-authorised'),
    'another organisation’s platform',
  );
});
