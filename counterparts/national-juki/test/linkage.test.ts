import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, test } from 'node:test';
import {
  deriveLinkageCode,
  type LinkageRequest,
  requestLinkageCode,
  rootRequest,
} from '@musubi/contracts/exchange/endpoints.ts';
import { assignCodes, assignmentRequestType } from '@musubi/contracts/juki/assignment.ts';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { openJwe, sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { signJws } from '@musubi/kernel/crypto/jws.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { type Chain, startChain } from './chain-world.ts';

const chain: Chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const jlis = chain.member('jlis/national-juki');
const register = chain.member('meguro/resident-register');
const random = seededRandom('linkage');
const person: LoadedPerson = {
  individualNumber: makeIndividualNumber(random).digits(),
  residentRecordCode: makeResidentRecordCode(random),
  name: '佐藤　花子',
  nameKana: 'サトウ　ハナコ',
  birthDate: '1980-04-01',
  sex: 'female',
  address: '東京都目黒区上目黒二丁目1番1号',
  postalCode: null,
  household: 'h',
  relationship: '世帯主',
  becameResidentOn: '2015-04-01',
};
const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
unwrap(await loadTown(register.deps, conductor, { loadId: register.newId(), chunk: 0, persons: [person] }));
await chain.pump();

const delivered: { requestId: string; code: string; processingNumber: string }[] = [];
const root: Awaited<ReturnType<Chain['outsider']>> = await chain.outsider('ins/linkage-root', [
  route(deriveLinkageCode, async ({ body }) => {
    const opened = unwrap(
      openJwe(body.sealed, { privateKey: root.identity.encryption.key, typ: 'musubi-root-request' }),
    );
    const { residentRecordCode: code, processingNumber } = rootRequest.parse(JSON.parse(opened.plaintext.toString()));
    delivered.push({ requestId: body.requestId, code, processingNumber });
    return ok({ delivered: true });
  }),
]);
const ins = await chain.outsider('ins/information-providing-network');
const wardPlatform = await chain.outsider('meguro/common-platform');
const tokyoPlatform = await chain.outsider('tokyo/common-platform');
const strangers = await chain.outsider('tokyo/child-chronic');
const jpki = await chain.outsider('jlis/jpki');

const x5c = (identity: Identity) => ({ key: identity.signing.key, signer: { x5c: identity.signing.chain } });
const newId = () => jlis.host.deps.newId();

function aProcessingNumber(
  organisation: string,
  more: { signer?: Identity; untilMinutes?: number; number?: string } = {},
) {
  const at = Temporal.Now.instant();
  const payload = {
    v: 1,
    number: more.number ?? newId(),
    organisation,
    system: organisation === 'portal' ? 'mynaportal' : 'intermediate-server',
    issuedAt: at.toString(),
    until: at.add({ minutes: more.untilMinutes ?? 10 }).toString(),
  };
  return signJws({ ...x5c(more.signer ?? ins.identity), typ: 'musubi-processing-number', payload });
}

function aRequest(asker: Identity, processingNumber: string, about: object, requestId = newId()) {
  const content = { processingNumber, ...about } as LinkageRequest;
  const recipient = new X509Certificate(jlis.host.identity.encryption.chain[0]!).publicKey;
  const plaintext = Buffer.from(canonicalJson(content));
  const sealed = sealJwe({ recipient, typ: 'musubi-linkage-request', plaintext });
  const payload = { v: 1, requestId, sealed, processingNumber };
  const request = signJws({ ...x5c(asker), typ: 'musubi-linkage-request-envelope', payload });
  return { requestId, request };
}
const byNumber = { individualNumber: person.individualNumber };

test('設計4.2 CIP→MCS→NCS と LNK→JPS→NCS: 全国サーバだけが番号を住民票コードに変え、根の処理だけに渡す。途中には何も残らず、何も戻らない', async () => {
  for (const [platform, way] of [
    [wardPlatform, 'meguro/municipal-juki'],
    [tokyoPlatform, 'tokyo/prefectural-juki'],
  ] as const) {
    const processingNumber = aProcessingNumber(platform.identity.organisation);
    const asked = aRequest(platform.identity, processingNumber, byNumber);
    const answered = await platform.client.call(requestLinkageCode, way, {}, asked);
    assert.deepEqual(answered, ok({ accepted: true }));
    assert.deepEqual(delivered.pop(), {
      requestId: asked.requestId,
      code: person.residentRecordCode,
      processingNumber,
    });
  }
  assert.deepEqual(chain.errors, []);
});

test('設計4.2 ポータル: 公的個人認証は住民票コードで求める', async () => {
  const asked = aRequest(jpki.identity, aProcessingNumber('portal'), { residentRecordCode: person.residentRecordCode });
  assert.deepEqual(await jpki.client.call(requestLinkageCode, 'jlis/national-juki', {}, asked), ok({ accepted: true }));
  assert.equal(delivered.pop()?.code, person.residentRecordCode);
});

test('設計4.2 同じ要求の繰返しは同じ人を渡し、使われた処理通番の別の要求は拒まれる', async () => {
  const processingNumber = aProcessingNumber('meguro');
  const asked = aRequest(wardPlatform.identity, processingNumber, byNumber);
  const send = (body: typeof asked) => wardPlatform.client.call(requestLinkageCode, 'meguro/municipal-juki', {}, body);
  assert.ok((await send(asked)).ok);
  assert.ok((await send(asked)).ok);
  const other = await send(aRequest(wardPlatform.identity, processingNumber, byNumber));
  assert.deepEqual(other, { ok: false, error: 'processing-number-invalid' });
  const kept = await jlis.t.owner('select 1 from national_juki.linkage_request where request_id = $1', [
    asked.requestId,
  ]);
  assert.equal(kept.length, 1);
  delivered.length = 0;
});

mechanismTest(
  'exchange.signature-chain',
  '設計4.2 情報提供ネットワークが署名していない処理通番では、誰も割り当てられない',
  async () => {
    const me = wardPlatform.identity;
    const asked = aRequest(me, aProcessingNumber('meguro', { signer: me }), byNumber);
    const answer = await wardPlatform.client.call(requestLinkageCode, 'meguro/municipal-juki', {}, asked);
    const reached = delivered.splice(0).length;
    assert.deepEqual(answer, { ok: false, error: 'processing-number-invalid' });
    assert.equal(reached, 0);
  },
);

test('設計4.2 署名・処理通番・期限・団体・登録された事務のどれが欠けても拒まれ、根の処理には何も届かない', async () => {
  const me = wardPlatform.identity;
  const unknown = { individualNumber: makeIndividualNumber(seededRandom('unknown')).digits() };
  const cases: [string, ReturnType<typeof aRequest>, string][] = [
    [
      '期限切れ',
      aRequest(me, aProcessingNumber('meguro', { untilMinutes: -1 }), byNumber),
      'processing-number-invalid',
    ],
    ['INS以外の署名', aRequest(me, aProcessingNumber('meguro', { signer: me }), byNumber), 'processing-number-invalid'],
    ['他団体の処理通番', aRequest(me, aProcessingNumber('tokyo'), byNumber), 'processing-number-invalid'],
    ['知られていない番号', aRequest(me, aProcessingNumber('meguro'), unknown), 'no-such-person'],
    [
      '要求番号の付け替え',
      { ...aRequest(me, aProcessingNumber('meguro'), byNumber), requestId: newId() },
      'bad-signature',
    ],
  ];
  for (const [name, body, word] of cases) {
    const answered = await wardPlatform.client.call(requestLinkageCode, 'meguro/municipal-juki', {}, body);
    assert.deepEqual(answered, { ok: false, error: word }, name);
  }
  const business = aRequest(strangers.identity, aProcessingNumber('tokyo'), byNumber);
  const refused = await strangers.client.call(requestLinkageCode, 'tokyo/prefectural-juki', {}, business);
  assert.deepEqual(refused, { ok: false, error: 'not-authorised' });
  assert.deepEqual(delivered, []);
});

test('住基法30条の3 付番は、署名した住民記録システム本人にだけ答え、内容の異なる同じ要求番号は拒む', async () => {
  const requestId = newId();
  const request = (signer: Identity, ground: string, registerId = 'meguro/resident-register') =>
    signJws({
      ...x5c(signer),
      typ: assignmentRequestType,
      payload: { v: 1, requestId, register: registerId, municipalityCode: '131105', ground },
    });
  const ask = (compact: string) =>
    register.host.peers.call(assignCodes, 'meguro/municipal-juki', {}, { requestId, request: compact });
  const mine = register.host.identity;
  assert.ok((await ask(request(mine, 'birth'))).ok);
  assert.deepEqual(await ask(request(mine, 'first-entry')), { ok: false, error: 'request-reused' });
  assert.deepEqual(await ask(request(wardPlatform.identity, 'birth')), { ok: false, error: 'not-your-register' });
  assert.deepEqual(await ask(`${request(mine, 'birth').slice(0, -4)}AAAA`), { ok: false, error: 'bad-signature' });
});
