import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  beginLinkage,
  collectAnswer,
  deliverLinkageCode,
  inquire,
  linkageStatus,
  lodgeCopies,
  provide,
} from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, sealedTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { askOwnRecords, personAnswer, tellOwnRecords } from '@musubi/contracts/portal/records.ts';
import { schema as networkSchema } from '@musubi/information-providing-network/main.ts';
import { schema as rootSchema } from '@musubi/information-providing-network/root/main.ts';
import { eventProof, verifyEventProof } from '@musubi/kernel/audit/event-proof.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { exportP256, generateP256 } from '@musubi/kernel/crypto/p256.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { formToken } from '@musubi/kernel/pages/security.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import pg from 'pg';
import { runExpiry } from '../jobs/expire-results.ts';
import { schema } from '../main.ts';
import { askAnotherBody, collectWaiting } from '../service/ask-another-body.ts';
import { decideHeld } from '../service/decide-held.ts';
import { fetchList } from '../service/fetch-list.ts';
import { registerCopy } from '../service/register-copy.ts';
import { sendInquiry } from '../service/send-inquiry.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';
import { aStatement, codeAt } from './messages.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job = { kind: 'job', name: 'test' } as const;
for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));
const tax = { 課税区分: '課税', 市町村民税所得割額: 55_500 };
const clerk = { kind: 'staff', organisation: 'meguro', staffId: 's-1', sessionId: 'x-1' } as const;
const platform = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' } as const;
const toWard = world.clients.meguroPlatform;

mechanismTest('exchange.withheld', '002-IMS 自動応答不可の人は職員が確かめるまで提供しない', async () => {
  const { prefecture } = await world.person(tax, { blocked: true });
  const answer = unwrap(await world.ask(world.question(prefecture)));
  assert.equal(answer.result, '60');
  assert.deepEqual(answer.items, {});
});

test('002-IMS US-T04 職員が画面で決定すると、照会者が回答を受け取る', async () => {
  const { prefecture } = await world.person(tax, { blocked: true });
  const question = world.question(prefecture);
  const held = unwrap(await world.ask(question));
  assert.equal(held.result, '60');
  world.wait({ seconds: 31 });
  assert.equal(unwrap(await world.ask(question)).result, '60', 'before the decision it stays held');

  const list = await (await world.meguro.pages.fetch(new Request('http://ims/held'))).text();
  assert.match(list, new RegExp(held.inquiryNumber));
  const address = `http://ims/held/${held.inquiryNumber}`;
  assert.match(await (await world.meguro.pages.fetch(new Request(address))).text(), /55500/);
  const session = { actor: clerk, displayName: '', csrfSecret: new Uint8Array(32) };
  const posted = await world.meguro.pages.fetch(
    new Request(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'http://ims',
        'sec-fetch-site': 'same-origin',
      },
      body: new URLSearchParams({ _token: formToken(session), decision: 'release', reason: '本人に確認' }).toString(),
    }),
  );
  assert.equal(posted.status, 303);
  const answer = unwrap(await world.ask(question));
  assert.equal(answer.result, '00');
  assert.deepEqual(answer.items, tax);
  const twice = { inquiryNumber: held.inquiryNumber, decision: 'refuse', reason: 'x' } as const;
  assert.deepEqual(await decideHeld(depsOf(world, world.meguro), clerk, twice), err('decided-already'));
});

test('002-IMS 不開示と決めたものは20、期限の後は決められない', async () => {
  const { prefecture } = await world.person(tax, { withheld: true });
  const question = world.question(prefecture);
  const { inquiryNumber } = unwrap(await world.ask(question));
  const ward = depsOf(world, world.meguro);
  const both = await Promise.all(
    [1, 2].map(() => decideHeld(ward, clerk, { inquiryNumber, decision: 'refuse', reason: '支援措置' })),
  );
  assert.equal(both.filter((each) => each.ok).length, 1);
  world.wait({ seconds: 31 });
  assert.equal(unwrap(await world.ask(question)).result, '20');
  const late = await world.person(tax, { withheld: true });
  const held = unwrap(await world.ask(world.question(late.prefecture)));
  world.civilClock.set('2026-07-10');
  const decision = { inquiryNumber: held.inquiryNumber, decision: 'release', reason: 'x' } as const;
  assert.deepEqual(await decideHeld(ward, clerk, decision), err('answer-term-over'));
  world.civilClock.set('2026-06-10');
});

test('design §9 the answer is lost on its way back: the same request collects it, and another body cannot', async () => {
  const { prefecture } = await world.person(tax);
  const question = world.question(prefecture);
  const asTokyo = world.clientOf(world.tokyo.identity);
  let inquiryNumber = '';
  const breaksOff = await world.serveAs(world.network.identity, [
    route(inquire, async ({ body }) => {
      const said = unwrap(await asTokyo.call(inquire, 'ins/information-providing-network', {}, body));
      inquiryNumber = JSON.parse(Buffer.from(said.permit.split('.')[1]!, 'base64url').toString()).inquiryNumber;
      throw new Error('the line breaks after the provider has answered');
    }),
  ]);
  const peers = world.clientOf(world.tokyo.identity, { 'ins/information-providing-network': breaksOff });
  assert.deepEqual(
    await askAnotherBody({ ...depsOf(world, world.tokyo), peers }, platform, question),
    err('provider-unavailable'),
  );

  const asWard = world.clientOf(world.meguro.identity);
  assert.deepEqual(
    await asWard.call(collectAnswer, 'ins/information-providing-network', {}, { inquiryNumber }),
    err('no-such-inquiry'),
  );
  const [one, two] = await Promise.all([world.ask(question), world.ask(question)]);
  assert.deepEqual(unwrap(one).items, tax);
  assert.deepEqual(one, two, 'collected by two at once, kept once');
});

mechanismTest('exchange.records-on-all-sides', '002-IMS-F5 三者の記録は同じ番号で一致する', async () => {
  const { prefecture } = await world.person(tax);
  const answered = unwrap(await world.ask(world.question(prefecture)));
  const none = await world.person();
  const without = unwrap(await world.ask(world.question(none.prefecture)));
  for (const { inquiryNumber, result } of [answered, without]) {
    for (const { t } of [world.tokyo, world.meguro]) {
      const rows = await t.owner(
        `select asker, provider, procedure, information_code, items, result from intermediate_server.exchange_record where inquiry_number = $1`,
        [inquiryNumber],
      );
      const between = await world.network.t.owner(
        `select i.asker, i.provider, i.procedure, i.information_code, i.items, o.result
           from information_providing_network.inquiry i join information_providing_network.outcome o using (inquiry_number)
          where inquiry_number = $1`,
        [inquiryNumber],
      );
      assert.equal(rows.length, 1);
      assert.deepEqual(rows, between);
      assert.equal(rows[0]!.result, result);
    }
  }
});

mechanismTest('exchange.middle-cannot-read', '002-INS 暗号化されていない回答は中継されない', async () => {
  const { prefecture } = await world.person(tax);
  const honest = world.directory.get('meguro/intermediate-server')!;
  const talks = await world.serveAs(world.meguro.identity, [
    route(provide, async ({ body }) => {
      const permit = JSON.parse(Buffer.from(body.permit.split('.')[1]!, 'base64url').toString());
      const answer = '{"items":{"課税区分":"課税"}}';
      const evidence = signMessage(world.meguro.identity, messageTypes.provision, {
        v: 1,
        inquiryNumber: permit.inquiryNumber,
        permitNumber: permit.permitNumber,
        permit: sha256Base64url(body.permit),
        answer: sha256Base64url(answer),
        result: '00',
        eventId: world.newId(),
        at: world.machineClock.now().toString(),
      });
      return ok({ evidence, answer });
    }),
  ]);
  const asked = aStatement(world, await codeAt(world.tokyo, prefecture));
  world.directory.set('meguro/intermediate-server', talks);
  try {
    const { statement, linkageCode, nonce } = asked;
    const said = await world
      .clientOf(world.tokyo.identity)
      .call(inquire, 'ins/information-providing-network', {}, { statement, linkageCode, nonce });
    assert.deepEqual(said, err('answer-not-verified'));
  } finally {
    world.directory.set('meguro/intermediate-server', honest);
  }
});

mechanismTest('exchange.linkage-code-only', '002-IMS-F1 求めていない符号は受け取らない', async () => {
  const linkageCode = Buffer.alloc(49, 1).toString('base64url');
  const delivered = await world
    .clientOf(world.root.identity)
    .call(deliverLinkageCode, 'meguro/intermediate-server', {}, { processingNumber: world.newId(), linkageCode });
  assert.deepEqual(delivered, err('unknown-processing-number'));
});

mechanismTest('exchange.copy-path', '002-IMS-F6 副本は自団体の連携基盤からだけ登録できる', async () => {
  const deps = { ...depsOf(world, world.meguro), rights: { allows: async () => true } };
  const foreign = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' } as const;
  for (const actor of [foreign, clerk])
    assert.deepEqual(await registerCopy(deps, actor, lodgement([{}])), err('not-your-information'));
});

test('design §9 the provider out of reach: the inquiry ends on both sides, the key is destroyed, a new one succeeds', async () => {
  const { prefecture } = await world.person(tax);
  const question = world.question(prefecture);
  const address = world.directory.get('meguro/intermediate-server')!;
  world.directory.set('meguro/intermediate-server', 'https://127.0.0.1:1');
  for (let i = 0; i < 2; i++) assert.deepEqual(await world.ask(question), err('provider-unavailable'));
  const standing = `select count(*)::int as n from intermediate_server.inquiry_key k join intermediate_server.inquiry i using (inquiry_number) where i.request_id = $1`;
  assert.equal(
    (await world.tokyo.t.owner<{ n: number }>(standing, [question.requestId]))[0]?.n,
    1,
    'open as long as nobody answers',
  );
  world.directory.set('meguro/intermediate-server', address);
  assert.deepEqual(await world.ask(question), err('provider-unavailable'));
  const [row] = await world.tokyo.t.owner<{ keys: number; records: number }>(
    `select (select count(*)::int from intermediate_server.inquiry_key k join intermediate_server.inquiry i using (inquiry_number) where i.request_id = $1) as keys,
            (select count(*)::int from intermediate_server.exchange_record r join intermediate_server.inquiry i using (inquiry_number) where i.request_id = $1) as records`,
    [question.requestId],
  );
  assert.deepEqual(row, { keys: 0, records: 1 });
  assert.equal(unwrap(await world.ask(world.question(prefecture))).result, '00');
});

test('design §4.3, §9 the asker dies before its statement arrives: whoever comes again has an end at once, and a statement that comes late gets no permit', async () => {
  const { prefecture } = await world.person(tax);
  const question = world.question(prefecture);
  const deps = depsOf(world, world.tokyo);
  // Asked, and the process is gone: nothing left the house.
  const sent = unwrap(await sendInquiry(deps, platform, question));
  assert.ok(sent.kind === 'new');
  const provisions = async () =>
    (
      await world.meguro.t.owner<{ n: number }>('select count(*)::int as n from intermediate_server.accepted_permit')
    )[0]!.n;
  const before = await provisions();
  assert.deepEqual(await world.ask(question), err('provider-unavailable'));
  const { statement, linkageCode, nonce } = sent;
  const late = await world
    .clientOf(world.tokyo.identity)
    .call(inquire, 'ins/information-providing-network', {}, { statement, linkageCode, nonce });
  assert.deepEqual(late, err('inquiry-number-used'));
  assert.equal(await provisions(), before, 'the provider was never asked');
  assert.deepEqual(await world.ask(question), err('provider-unavailable'), 'the same end again');
  assert.deepEqual(unwrap(await world.ask(world.question(prefecture))).items, tax, 'asked anew');
});

test('design §4.3 a withdrawal binds its own server alone: another body cannot withdraw an inquiry that it knows of', async () => {
  const { prefecture } = await world.person(tax);
  const sent = unwrap(await sendInquiry(depsOf(world, world.tokyo), platform, world.question(prefecture)));
  assert.ok(sent.kind === 'new');
  const { inquiryNumber, statement, linkageCode, nonce } = sent;
  const network = 'ins/information-providing-network';
  const asWard = world.clientOf(world.meguro.identity);
  assert.deepEqual(await asWard.call(collectAnswer, network, {}, { inquiryNumber }), err('no-such-inquiry'));
  unwrap(await world.clientOf(world.tokyo.identity).call(inquire, network, {}, { statement, linkageCode, nonce }));
});

test('design §4.3 two at once with the same request have the same answer; one inquiry, one provision', async () => {
  const { prefecture } = await world.person(tax);
  const question = world.question(prefecture);
  const first = world.ask(question);
  const again = Array.from({ length: 3 }, async () => {
    for (;;) {
      const answer = await world.ask(question);
      if (answer.ok || answer.error !== 'request-in-progress') return answer;
    }
  });
  const answers = await Promise.all([first, ...again]);
  for (const answer of answers.filter((each) => each.ok))
    assert.deepEqual(
      answer,
      answers.find((each) => each.ok),
    );
  assert.ok(answers.filter((each) => each.ok).length >= 3);
  const number = unwrap(answers.find((each) => each.ok)!).inquiryNumber;
  assert.equal(
    (await world.meguro.t.owner('select 1 from intermediate_server.provision where inquiry_number = $1', [number]))
      .length,
    1,
  );
});

test('design §4.3 an inquiry that nobody comes back for ends by itself, and its key goes', async () => {
  const { prefecture } = await world.person(tax);
  const deps = depsOf(world, world.tokyo);
  const sent = unwrap(await sendInquiry(deps, platform, world.question(prefecture)));
  assert.ok(sent.kind === 'new');
  const keys = () =>
    world.tokyo.t.owner('select 1 from intermediate_server.inquiry_key where inquiry_number = $1', [
      sent.inquiryNumber,
    ]);
  await collectWaiting(deps, job);
  assert.equal((await keys()).length, 1, 'somebody may still be on the way with it');
  world.wait({ seconds: 90 });
  await collectWaiting(deps, job);
  assert.equal((await keys()).length, 0);
});

const personQuestion = () => {
  const pair = generateP256();
  const requestId = world.newId();
  const request = signMessage(world.identities.portal, messageTypes.personRequest, {
    v: 1,
    requestId,
    kind: 'records',
    answerKey: exportP256(pair.publicKey),
    from: '2026-04-01',
    until: '2027-03-31',
    at: world.machineClock.now().toString(),
  });
  return { pair, request, requestId };
};

test('design §4.4 the person sees the records of both bodies, each with a proof that verifies', async () => {
  const { prefecture, residentRecordCode } = await world.person(tax);
  const { inquiryNumber } = unwrap(await world.ask(world.question(prefecture)));
  const keys = { meguro: await world.sealLog(world.meguro), tokyo: await world.sealLog(world.tokyo) };
  const linkageCode = await world.portalCode(residentRecordCode);
  const { pair, request } = personQuestion();
  const told = unwrap(
    await world.clients.portal.call(askOwnRecords, 'ins/information-providing-network', {}, { request, linkageCode }),
  );
  const states = Object.fromEntries(told.answers.map(({ organisation, state }) => [organisation, state]));
  assert.deepEqual(states, { meguro: 'answered', setagaya: 'unavailable', tokyo: 'answered' });
  for (const body of ['meguro', 'tokyo'] as const) {
    const { answer } = told.answers.find(({ organisation }) => organisation === body)!;
    const opened = unwrap(
      openJwe(answer, { privateKey: pair.privateKey, typ: sealedTypes.personAnswer, members: ['req', 'org'] }),
    );
    const { records } = personAnswer.parse(JSON.parse(opened.plaintext.toString('utf8')));
    assert.deepEqual(
      records.map((r) => [r.inquiryNumber, r.role, r.result, r.asker, r.provider]),
      [[inquiryNumber, body === 'meguro' ? 'provider' : 'asker', '00', 'tokyo', 'meguro']],
    );
    const proof = eventProof.parse(JSON.parse(records[0]!.proof));
    const proven = unwrap(verifyEventProof(proof, keys[body]));
    assert.equal((proven.event.detail as { inquiryNumber: string }).inquiryNumber, inquiryNumber);
    assert.equal(proven.subject, undefined, 'the body’s person number does not leave it');
  }
  assert.deepEqual(
    await world.clients.portal.call(askOwnRecords, 'ins/information-providing-network', {}, { request, linkageCode }),
    err('bad-signature'),
    'the same request again is a replay',
  );
});

test('design §4.4 orders: another body’s, an expired one, a portal that is none, a code of a body', async () => {
  const { ward, residentRecordCode } = await world.person(tax);
  await world.portalCode(residentRecordCode);
  const linkageCode = await codeAt(world.meguro, ward);
  const asNetwork = world.clientOf(world.network.identity);
  const { request } = personQuestion();
  const order = (more: Record<string, unknown>, signer = world.network.identity) =>
    signMessage(signer, messageTypes.personOrder, {
      v: 1,
      request: sha256Base64url(request),
      organisation: 'meguro',
      linkageCode,
      until: world.machineClock.now().add({ minutes: 5 }).toString(),
      ...more,
    });
  const tell = (text: string) =>
    asNetwork.call(tellOwnRecords, 'meguro/intermediate-server', {}, { request, order: text });
  assert.ok((await tell(order({}))).ok);
  assert.deepEqual(await tell(order({ organisation: 'tokyo' })), err('order-not-for-you'));
  assert.deepEqual(await tell(order({ request: sha256Base64url('other') })), err('order-not-for-you'));
  assert.deepEqual(
    await tell(order({ until: world.machineClock.now().subtract({ minutes: 1 }).toString() })),
    err('order-expired'),
  );
  assert.deepEqual(await tell(order({}, world.tokyo.identity)), err('bad-signature'));
  assert.deepEqual(await tell(order({ linkageCode: `${linkageCode.slice(0, -4)}AAAA` })), err('no-such-person'));
  const body = { request: personQuestion().request, linkageCode };
  assert.deepEqual(
    await world.clients.portal.call(askOwnRecords, 'ins/information-providing-network', {}, body),
    err('not-your-linkage-code'),
  );
});

const lodgement = (copies: Record<string, unknown>[], more: Record<string, unknown> = {}) => ({
  batchId: world.newId(),
  system: 'resident-tax',
  kind: 'difference' as const,
  copies: copies.map((copy, i) => ({
    row: i + 1,
    orgPersonNumber: '100000000000999',
    informationCode: 'TKX-0001',
    condition: { taxYear: 2026 },
    validFrom: '2026-06-01',
    items: { 課税区分: '課税' },
    autoReplyBlocked: false,
    withheldFromPerson: false,
    ...copy,
  })),
  ...more,
});
const lodge = (body: ReturnType<typeof lodgement>) => toWard.call(lodgeCopies, 'meguro/intermediate-server', {}, body);

mechanismTest(
  'exchange.copy-validation',
  '002-IMS-F6 副本の行は一つずつ検査され、不備は行番号と符号で返る',
  async () => {
    const batch = lodgement([
      {},
      { orgPersonNumber: '12' },
      { informationCode: 'TKX-9999' },
      { condition: { asOf: '2026-06-01' } },
      { validFrom: '2026-12-01' },
      { items: {} },
      { items: { 年収: 1 } },
      { items: { 合計所得金額: -5 } },
      {},
    ]);
    assert.deepEqual(
      await lodge(batch),
      ok({
        accepted: 1,
        rejected: [
          'person-number-form',
          'unknown-information-code',
          'condition-missing',
          'valid-from-in-future',
          'no-items',
          'item-not-defined',
          'item-value',
          'row-repeated',
        ].map((code, i) => ({ row: i + 2, code })),
      }),
    );
  },
);

test('002-IMS-F6 同じ登録は二度行われず、内容の異なる再送は拒む; 他業務の情報は登録できない', async () => {
  const batch = lodgement([{ orgPersonNumber: '100000000000777' }]);
  assert.deepEqual(await lodge(batch), ok({ accepted: 1, rejected: [] }));
  assert.deepEqual(await lodge(batch), ok({ accepted: 1, rejected: [] }));
  const [row] = await world.meguro.t.owner<{ n: number }>(
    `select count(*)::int as n from intermediate_server.lodged_copy where org_person_number = '100000000000777'`,
  );
  assert.equal(row!.n, 1);
  assert.deepEqual(await lodge({ ...batch, kind: 'full' as 'difference' }), err('batch-repeated-with-other-content'));
  assert.deepEqual(await lodge(lodgement([{}], { system: 'collections' })), err('not-your-information'));
});

test('design §4.2 a code comes once, for its own processing number; status tells no code', async () => {
  const orgPersonNumber = '100000000000555';
  const peer = 'meguro/intermediate-server';
  const begun = unwrap(await toWard.call(beginLinkage, peer, {}, { requestId: world.newId(), orgPersonNumber }));
  assert.equal(begun.state, 'requested');
  unwrap(await world.derive(begun.processingNumber, '55555555555'));
  unwrap(await world.derive(begun.processingNumber, '55555555555'));
  assert.deepEqual(await world.derive(begun.processingNumber, '66666666666'), err('processing-number-invalid'));
  const states = unwrap(
    await toWard.call(linkageStatus, peer, {}, { orgPersonNumbers: [orgPersonNumber, '100000000000556'] }),
  );
  assert.deepEqual(states.states, [
    { orgPersonNumber, state: 'held', acquiredOn: '2026-06-10' },
    { orgPersonNumber: '100000000000556', state: 'none', acquiredOn: null },
  ]);
  assert.equal(
    unwrap(await toWard.call(beginLinkage, peer, {}, { requestId: world.newId(), orgPersonNumber })).state,
    'held',
  );
  // The same person under a second number of the body: not linked, a clerk's case.
  const second = unwrap(
    await toWard.call(beginLinkage, peer, {}, { requestId: world.newId(), orgPersonNumber: '100000000000557' }),
  );
  unwrap(await world.derive(second.processingNumber, '55555555555'));
  const conflicts = await world.meguro.t.owner(
    'select org_person_number, held_by from intermediate_server.linkage_conflict',
  );
  assert.deepEqual(conflicts, [{ org_person_number: '100000000000557', held_by: orgPersonNumber }]);
  world.wait({ minutes: 11 });
  const old = unwrap(
    await toWard.call(beginLinkage, peer, {}, { requestId: world.newId(), orgPersonNumber: '100000000000558' }),
  );
  world.wait({ minutes: 11 });
  assert.deepEqual(await world.derive(old.processingNumber, '77777777777'), err('processing-number-invalid'));
});

mechanismTest('exchange.answer-term', '002 L556 照会結果は期間経過後に消え、記録は残る', async () => {
  const { prefecture } = await world.person(tax);
  const question = world.question(prefecture);
  const { inquiryNumber } = unwrap(await world.ask(question));
  world.civilClock.set('2026-07-20');
  await runExpiry(depsOf(world, world.tokyo));
  world.civilClock.set('2026-06-10');
  const [row] = await world.tokyo.t.owner<{ results: number; records: number }>(
    `select (select count(*)::int from intermediate_server.inquiry_result where inquiry_number = $1) as results,
            (select count(*)::int from intermediate_server.exchange_record where inquiry_number = $1) as records`,
    [inquiryNumber],
  );
  assert.deepEqual(row, { results: 0, records: 1 });
  assert.deepEqual(await world.ask(question), err('request-key-too-old'));
});

test('design §2.7 every column stands in the catalogue', async () => {
  for (const [placed, own] of [
    [world.meguro, schema],
    [world.network, networkSchema],
    [world.root, rootSchema],
  ] as const) {
    const client = new pg.Client({ connectionString: placed.t.url });
    await client.connect();
    try {
      const faults = await checkCatalogue(client, await readCatalogue([own]));
      // The kernel's own tables are its own test's.
      assert.deepEqual(
        faults.filter((fault) => fault.startsWith(`${own.name.replaceAll('-', '_')}.`)),
        [],
      );
    } finally {
      await client.end();
    }
  }
});
