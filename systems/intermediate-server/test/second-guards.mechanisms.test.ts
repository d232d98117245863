import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { announceCopyFile, copyFilePart, headerOf, putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import {
  askAnotherBody as askEndpoint,
  collectProvision,
  inquire,
  lodgeCopies,
  provide,
} from '@musubi/contracts/exchange/endpoints.ts';
import { endLinkage } from '@musubi/contracts/exchange/linkage-life.ts';
import { inquiryStatement } from '@musubi/contracts/exchange/messages.ts';
import { messageTypes, sealedTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { provisionsOfPerson } from '@musubi/contracts/platform/corrections.ts';
import { askOwnRecords, personAnswer } from '@musubi/contracts/portal/records.ts';
import { standingSessionsRoute } from '@musubi/kernel/access/standing-sessions.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256Base64url, sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { openJwe, sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws } from '@musubi/kernel/crypto/jws.ts';
import { exportP256, generateP256, importP256 } from '@musubi/kernel/crypto/p256.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { certificateStatusType, pkiParty, statusEndpoint } from '@musubi/kernel/pki/contract.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import pg from 'pg';
import { askAnotherBody } from '../service/ask-another-body.ts';
import { announceFile } from '../service/copy-files.ts';
import { decideHeld } from '../service/decide-held.ts';
import { fetchList } from '../service/fetch-list.ts';
import { showCopy } from '../service/show-copy.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';
import { aPermit, aStatement, codeAt } from './messages.ts';

/* Guards that stand at a second place, each proved where it stands. */

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
for (const each of [world.meguro, world.tokyo])
  unwrap(await fetchList(depsOf(world, each), { kind: 'job', name: 'test' }));
const tax = { 課税区分: '課税', 市町村民税所得割額: 1_000 };
const platform = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' } as const;
const clerk = { kind: 'staff', organisation: 'meguro', staffId: 's-1', sessionId: 'x-1' } as const;

mechanismTest(
  'exchange.answer-binding',
  '004-III.6-R3-01 提供者が署名した回答でも、求めていない項目があれば受け取らない',
  async () => {
    const { ward, prefecture } = await world.person(tax);
    const wards = await codeAt(world.meguro, ward);
    // A provider that signs and seals all as it should, and gives more than was asked.
    const generous = await world.serveAs(world.network.identity, [
      route(inquire, async ({ body }) => {
        const read = unwrap(readJws(body.statement, { typ: messageTypes.inquiry }));
        const said = inquiryStatement.parse(read.payload);
        const { permit } = aPermit(world, { said, statement: body.statement }, wards);
        const prm = sha256Base64url(permit);
        const { inquiryNumber, informationCode, condition } = said;
        const content = {
          v: 1,
          inquiryNumber,
          informationCode,
          condition,
          validFrom: '2026-06-01',
          items: { 課税区分: '課税', 給与収入金額: 9 },
        };
        const answer = sealJwe({
          recipient: unwrap(importP256(said.answerKey)),
          typ: sealedTypes.answer,
          plaintext: Buffer.from(canonicalJson(content)),
          members: { inq: inquiryNumber, prm },
        });
        const { permitNumber } = JSON.parse(Buffer.from(permit.split('.')[1]!, 'base64url').toString()) as {
          permitNumber: string;
        };
        const evidence = signMessage(world.meguro.identity, messageTypes.provision, {
          v: 1,
          inquiryNumber,
          permitNumber,
          permit: prm,
          answer: sha256Base64url(answer),
          result: '00',
          eventId: world.newId(),
          at: world.machineClock.now().toString(),
        });
        return ok({ permit, evidence, answer });
      }),
    ]);
    const deps = {
      ...depsOf(world, world.tokyo),
      peers: world.clientOf(world.tokyo.identity, { 'ins/information-providing-network': generous }),
    };
    assert.deepEqual(
      await askAnotherBody(deps, platform, world.question(prefecture, { items: ['課税区分'] })),
      err('answer-not-verified'),
    );
  },
);

mechanismTest('exchange.permit-in-time', '002-III.6-R1-02 回答期限を過ぎた回答は、許可があっても渡さない', async () => {
  const { ward, prefecture } = await world.person(tax);
  const asked = aStatement(world, await codeAt(world.tokyo, prefecture));
  const permitted = aPermit(world, asked, await codeAt(world.meguro, ward));
  const asNetwork = world.clientOf(world.network.identity);
  unwrap(await asNetwork.call(provide, 'meguro/intermediate-server', {}, permitted));
  const { permitNumber } = JSON.parse(Buffer.from(permitted.permit.split('.')[1]!, 'base64url').toString()) as {
    permitNumber: string;
  };
  const { inquiryNumber } = asked.said;
  world.wait({ seconds: 90 });
  assert.deepEqual(
    await asNetwork.call(collectProvision, 'meguro/intermediate-server', {}, { inquiryNumber, permitNumber }),
    err('answer-term-over'),
  );
});

mechanismTest('exchange.copy-validation', '001-III.6-R7-02 予告と異なる副本ファイルは受け付けない', async () => {
  const header = headerOf('TKX-0001');
  const file = {
    fileId: randomUUID(),
    system: 'resident-tax',
    kind: 'difference' as const,
    informationCode: 'TKX-0001',
    condition: { taxYear: 2026 },
    validFrom: '2026-06-01',
    rows: 1,
    digest: sha256Hex(Buffer.from('another file')),
  };
  const client = world.clients.meguroPlatform;
  unwrap(await client.call(announceCopyFile, 'meguro/intermediate-server', {}, file));
  const content = copyFilePart('TKX-0001', [header.map(() => '').join(',')]);
  assert.deepEqual(
    await client.call(putCopyFilePart, 'meguro/intermediate-server', {}, { fileId: file.fileId, part: 1, content }),
    err('file-differs-from-announced'),
  );
});

mechanismTest('exchange.withheld', '002-H-III.6-R5-01 本人に不開示の提供は、本人の請求にも現れない', async () => {
  const { prefecture, residentRecordCode } = await world.person(tax, { withheld: true });
  const { inquiryNumber } = unwrap(await world.ask(world.question(prefecture)));
  await decideHeld(depsOf(world, world.meguro), clerk, { inquiryNumber, decision: 'release', reason: '法令による' });
  const pair = generateP256();
  const request = signMessage(world.identities.portal, messageTypes.personRequest, {
    v: 1,
    requestId: world.newId(),
    kind: 'records',
    answerKey: exportP256(pair.publicKey),
    from: '2026-04-01',
    until: '2027-03-31',
    at: world.machineClock.now().toString(),
  });
  const linkageCode = await world.portalCode(residentRecordCode);
  const told = unwrap(
    await world.clients.portal.call(askOwnRecords, 'ins/information-providing-network', {}, { request, linkageCode }),
  );
  const { answer } = told.answers.find(({ organisation }) => organisation === 'meguro')!;
  const opened = unwrap(
    openJwe(answer, { privateKey: pair.privateKey, typ: sealedTypes.personAnswer, members: ['req', 'org'] }),
  );
  const { records } = personAnswer.parse(JSON.parse(opened.plaintext.toString('utf8')));
  assert.deepEqual(
    records.filter(({ result }) => result === '00'),
    [],
  );
});

mechanismTest(
  'exchange.copy-path',
  '002-II.6-DEL-06 副本ファイルは自団体の連携基盤からだけ登録・終了できる',
  async () => {
    const file = {
      fileId: world.newId(),
      system: 'resident-tax',
      kind: 'full' as const,
      informationCode: 'TKX-0001',
      condition: { taxYear: 2026 },
      validFrom: '2026-06-01',
      rows: 1,
      digest: sha256Hex(Buffer.from('x')),
    };
    // An operator's session, and another body's platform, where the table of rights would let them by.
    const deps = { ...depsOf(world, world.meguro), rights: { allows: async () => true } };
    const foreign = { ...platform, organisation: 'tokyo' };
    for (const actor of [clerk, foreign])
      assert.deepEqual(await announceFile(deps, actor, file), err('not-your-information'));
  },
);

mechanismTest(
  'access.tenant-isolation',
  '001-III.6-RX-05, 002-III.6-RO-06, 004-III.6-RX-05 他団体の職員認証基盤には、自団体の職員の在席も知らされない',
  async () => {
    const deps = { ...depsOf(world, world.meguro), rights: { allows: async () => true } };
    const told = standingSessionsRoute('meguro', () => deps);
    const ask = (organisation: string) => {
      const actor = { ...platform, organisation, system: 'staff-directory' };
      return told.handle({ params: {}, body: {}, actor } as never);
    };
    assert.deepEqual(await ask('meguro'), ok({ sessions: [] }));
    assert.deepEqual(await ask('tokyo'), err('not-our-directory'));
  },
);

test('001-III.6-RX-05, 002-III.6-RO-06 別の団体の連携基盤・中間サーバー・職員は、番号を知っていても何も読めず書けない', async () => {
  const { ward, prefecture } = await world.person(tax);
  // Each body's own data stands in a database of its own, under roles of its own.
  const [here, there] = await Promise.all(
    [world.meguro, world.tokyo].map(
      async ({ t }) => (await t.owner<{ name: string }>('select current_database() as name'))[0]!.name,
    ),
  );
  assert.notEqual(here, there);
  assert.equal(
    (await world.tokyo.t.owner('select 1 from intermediate_server.linkage where org_person_number = $1', [ward]))
      .length,
    0,
  );
  const copies = () => world.meguro.t.owner('select count(*)::int as n from intermediate_server.lodged_copy');
  const before = await copies();
  const ims = 'meguro/intermediate-server';
  for (const client of [world.clients.tokyoPlatform, world.clientOf(world.tokyo.identity)]) {
    const asked = { ...world.question(prefecture), orgPersonNumber: ward };
    assert.deepEqual(await client.call(askEndpoint, ims, {}, asked), err('not-authorised'));
    const copy = {
      row: 1,
      orgPersonNumber: ward,
      informationCode: 'TKX-0001',
      condition: { taxYear: 2026 },
      validFrom: '2026-06-01',
      items: null,
      autoReplyBlocked: false,
      withheldFromPerson: false,
    };
    const batch = { batchId: world.newId(), system: 'resident-tax', kind: 'difference' as const, copies: [copy] };
    assert.deepEqual(await client.call(lodgeCopies, ims, {}, batch), err('not-authorised'));
    assert.deepEqual(
      await client.call(endLinkage, ims, {}, { requestId: world.newId(), orgPersonNumber: ward, reason: 'deleted' }),
      err('not-authorised'),
    );
    assert.deepEqual(
      await client.call(
        provisionsOfPerson,
        ims,
        {},
        { orgPersonNumber: ward, informationCodes: ['TKX-0001'], from: '2026-04-01' },
      ),
      err('not-authorised'),
    );
  }
  assert.deepEqual(await copies(), before);
  const stranger = { ...clerk, organisation: 'tokyo' };
  assert.deepEqual(
    await showCopy(depsOf(world, world.meguro), stranger, {
      person: ward,
      informationCode: 'TKX-0001',
      condition: 'taxYear:2026',
      reason: '確認',
    }),
    err('not-authorised'),
  );
});

mechanismTest(
  'exchange.result-immutable',
  'AC-19, 002 L549 保存された照会結果は、動いているシステムには書き換えられない',
  async (_t, point) => {
    const { prefecture } = await world.person(tax);
    const { inquiryNumber } = unwrap(await world.ask(world.question(prefecture)));
    const asSystem = new pg.Client({ connectionString: world.tokyo.t.url });
    await asSystem.connect();
    const { rows } = await asSystem.query<{ role: string }>('select current_user as role');
    await point.whenOff('systems/intermediate-server/store/schema/0001_intermediate_server.sql', () =>
      world.tokyo.t.owner(
        `grant update on intermediate_server.inquiry_result to ${pg.escapeIdentifier(rows[0]!.role)}`,
      ),
    );
    await asSystem
      .query("update intermediate_server.inquiry_result set items = '{}' where inquiry_number = $1", [inquiryNumber])
      .catch(() => {});
    await asSystem.end();
    const [kept] = await world.tokyo.t.owner(
      'select items from intermediate_server.inquiry_result where inquiry_number = $1',
      [inquiryNumber],
    );
    assert.deepEqual(kept, { items: tax });
  },
);

/** The authority with what it says of one certificate; every other stands. */
async function anAuthority(said: Map<string, 'revoked' | 'unknown'>): Promise<{ asked: number }> {
  const identity = await world.identityOf(pkiParty.organisation, pkiParty.system);
  const seen = { asked: 0 };
  const answering = route(statusEndpoint, async ({ body: { fingerprint, nonce } }) => {
    seen.asked += 1;
    const status = said.get(fingerprint) ?? 'good';
    const at = world.machineClock.now().toString();
    return ok({
      status: signMessage(identity, certificateStatusType, {
        ...{ v: 1, fingerprint, nonce, status, at },
        ...{ revokedAt: status === 'revoked' ? at : null, reason: null },
      }),
    });
  });
  world.directory.set(partyId(pkiParty), await world.serveAs(identity, [answering]));
  world.wait({ seconds: 6 });
  return seen;
}

mechanismTest(
  'transport.revoked-certificate',
  'decision 0007 いま失効した証明書の照会は、失効リストの前でも許可されない',
  async () => {
    const { prefecture } = await world.person(tax);
    const said = new Map<string, 'revoked' | 'unknown'>();
    const { identity } = world.tokyo;
    const seen = await anAuthority(said);
    assert.equal(unwrap(await world.ask(world.question(prefecture))).result, '00');
    assert.equal(unwrap(await world.ask(world.question(prefecture))).result, '00');
    assert.ok(seen.asked <= 4, 'asked for once, not for each inquiry');
    said.set(sha256Hex(identity.signing.chain[0]!), 'unknown');
    world.wait({ seconds: 6 });
    const refused = await world.ask(world.question(prefecture));
    said.clear();
    await anAuthority(said);
    assert.deepEqual(refused, err('bad-signature'));
  },
);

mechanismTest(
  'transport.revoked-certificate',
  'decision 0007 提供の直前に、許可と照会の署名の証明書がいま有効か確かめる',
  async () => {
    const { ward, prefecture } = await world.person(tax);
    const said = new Map<string, 'revoked' | 'unknown'>();
    await anAuthority(said);
    const asNetwork = world.clientOf(world.network.identity);
    const wards = await codeAt(world.meguro, ward);
    const give = async () => {
      const asked = aStatement(world, await codeAt(world.tokyo, prefecture));
      return asNetwork.call(provide, 'meguro/intermediate-server', {}, aPermit(world, asked, wards));
    };
    assert.ok((await give()).ok);
    said.set(sha256Hex(world.network.identity.signing.chain[0]!), 'unknown');
    world.wait({ seconds: 6 });
    const refused = await give();
    said.clear();
    world.wait({ seconds: 6 });
    assert.deepEqual(refused, err('bad-signature'));
    // Silence of the authority stops nobody: the lists hold.
    world.directory.delete(partyId(pkiParty));
    world.wait({ seconds: 6 });
    assert.ok((await give()).ok);
  },
);

// Last, for the world does not come back from it.
test('decision 0007 失効は取り消されず、二度と尋ねられない', async () => {
  const { prefecture } = await world.person(tax);
  const said = new Map<string, 'revoked' | 'unknown'>();
  const seen = await anAuthority(said);
  said.set(sha256Hex(world.tokyo.identity.signing.chain[0]!), 'revoked');
  assert.deepEqual(await world.ask(world.question(prefecture)), err('bad-signature'));
  said.clear();
  world.wait({ seconds: 6 });
  const { asked } = seen;
  assert.deepEqual(await world.ask(world.question(prefecture)), err('bad-signature'));
  assert.equal(seen.asked, asked);
});
