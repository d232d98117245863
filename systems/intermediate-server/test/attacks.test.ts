import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { connect } from 'node:tls';
import {
  askAnotherBody as askEndpoint,
  inquire,
  provide,
  turnLinkageCode,
} from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { exportP256, generateP256 } from '@musubi/kernel/crypto/p256.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { tlsOptions } from '@musubi/kernel/http/tls.ts';
import { issueCrl } from '@musubi/kernel/pki/issue.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { answerInquiry } from '../service/answer-inquiry.ts';
import { askAnotherBody } from '../service/ask-another-body.ts';
import { fetchList } from '../service/fetch-list.ts';
import { exchangeWorld, type Placed } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';
import { altered, aPermit, aStatement, codeAt } from './messages.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
for (const each of [world.meguro, world.tokyo])
  unwrap(await fetchList(depsOf(world, each), { kind: 'job', name: 'test' }));
const asTokyo = world.clientOf(world.tokyo.identity);
const asNetwork = world.clientOf(world.network.identity);
const asNetworkActor = {
  kind: 'system',
  organisation: 'ins',
  system: 'information-providing-network',
  certificate: '-',
} as const;
const tax = { 課税区分: '課税', 市町村民税所得割額: 1_000 };
const { ward, prefecture } = await world.person(tax);
const [own, wards] = [await codeAt(world.tokyo, prefecture), await codeAt(world.meguro, ward)];
type Message = { statement: string; permit: string; linkageCode: string; nonce: string };
const toWard = (body: Message) => asNetwork.call(provide, 'meguro/intermediate-server', {}, body);
const toNetwork = ({ statement, linkageCode, nonce }: Omit<Message, 'permit'>) =>
  asTokyo.call(inquire, 'ins/information-providing-network', {}, { statement, linkageCode, nonce });

/** Refused, and on record at the provider: as a record where the statement was somebody's, in the log in any case. */
async function refusedByWard(body: Message, word: string): Promise<void> {
  const events = async (): Promise<number> => {
    const [row] = await world.meguro.t.owner<{ n: number }>(
      `select count(*)::int as n from audit.intake_event where body like '%"refusal":"${word}"%'`,
    );
    return row!.n;
  };
  const before = await events();
  assert.deepEqual(await toWard(body), err(word));
  assert.equal(await events(), before + 1, `the refusal ${word} stands in the log`);
}
async function refusedByNetwork(body: Omit<Message, 'permit'>, word: string): Promise<void> {
  const count = async (): Promise<number> => {
    const [row] = await world.network.t.owner<{ n: number }>(
      'select count(*)::int as n from information_providing_network.refusal where refusal = $1',
      [word],
    );
    return row!.n;
  };
  const before = await count();
  assert.deepEqual(await toNetwork(body), err(word));
  assert.equal(await count(), before + 1);
}

test('C attack: a permit replayed, altered, for another body, expired (design §4.3)', async () => {
  const asked = aStatement(world, own);
  const good = aPermit(world, asked, wards);
  assert.ok((await toWard(good)).ok);
  await refusedByWard(good, 'permit-used');
  const next = aStatement(world, own);
  const changed = altered(aPermit(world, next, wards).permit, (p) => Object.assign(p, { listRow: 'x' }));
  await refusedByWard({ ...aPermit(world, next, wards), permit: changed }, 'bad-signature');
  await refusedByWard(aPermit(world, next, wards, { provider: 'setagaya' }), 'permit-not-for-you');
  const issuedAt = world.machineClock.now().subtract({ minutes: 6 });
  const late = { issuedAt: issuedAt.toString(), acceptUntil: issuedAt.add({ minutes: 5 }).toString() };
  await refusedByWard(aPermit(world, next, wards, late), 'permit-expired');
});

test('C attack: the code of another body, and a permit about another person (design §4.2)', async () => {
  await refusedByNetwork(aStatement(world, wards), 'not-your-linkage-code');
  const other = await world.person(tax);
  const asked = aStatement(world, own);
  const permitted = aPermit(world, asked, wards);
  // The network hands over another person's code with the permit of this one.
  await refusedByWard({ ...permitted, linkageCode: await codeAt(world.meguro, other.ward) }, 'commitment-mismatch');
  await refusedByWard(aPermit(world, aStatement(world, own), own), 'no-linkage-code');
});

test('C attack: the network swaps the asker’s key, or asks by itself (design §4.3)', async () => {
  const asked = aStatement(world, own);
  const answerKey = exportP256(generateP256().publicKey);
  const swapped = altered(asked.statement, (p) => Object.assign(p, { answerKey }));
  await refusedByWard({ ...aPermit(world, asked, wards), statement: swapped }, 'bad-signature');
  const ownStatement = signMessage(world.network.identity, messageTypes.inquiry, { ...asked.said, answerKey });
  await refusedByWard(aPermit(world, { ...asked, statement: ownStatement }, wards), 'bad-signature');
});

test('C attack: a row of the list that the provider does not have (design §4.3)', async () => {
  await refusedByWard(aPermit(world, aStatement(world, own, { procedure: 'MS2-777' }), wards), 'own-list-refuses');
});

test('C attack: an answer under another permit, by another body, or of another inquiry is not taken (design §4.3)', async () => {
  const other = aStatement(world, own);
  const otherPermit = aPermit(world, other, wards);
  const given = unwrap(await toWard(otherPermit));
  for (const answer of [
    { ...given, permit: otherPermit.permit },
    { ...given, evidence: signMessage(world.tokyo.identity, messageTypes.provision, {}), permit: otherPermit.permit },
  ]) {
    const liar = await world.serveAs(world.network.identity, [route(inquire, async () => ok(answer))]);
    const deps = {
      ...depsOf(world, world.tokyo),
      peers: world.clientOf(world.tokyo.identity, { 'ins/information-providing-network': liar }),
    };
    const platform = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' } as const;
    const question = world.question(prefecture);
    assert.deepEqual(await askAnotherBody(deps, platform, question), err('answer-not-verified'));
    const [record] = await world.tokyo.t.owner<{ refusal: string }>(
      `select r.refusal from intermediate_server.exchange_record r join intermediate_server.inquiry i using (inquiry_number)
        where i.request_id = $1`,
      [question.requestId],
    );
    assert.equal(record?.refusal, 'answer-not-verified');
  }
});

test('C attack: TLS below 1.3, and a connection without a certificate (design §4)', async () => {
  const { port } = new URL(world.directory.get('meguro/intermediate-server')!);
  const options = { ...tlsOptions(world.network.identity, world.trust), port: Number(port), host: '127.0.0.1' };
  const attempt = async (more: object): Promise<string> => {
    const socket = connect({ ...options, ...more, checkServerIdentity: () => undefined } as never);
    try {
      const [first] = await Promise.race([
        once(socket, 'error'),
        once(socket, 'close'),
        once(socket, 'end').then(() => ['end']),
      ]);
      return String((first as NodeJS.ErrnoException | undefined)?.code ?? first);
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    } finally {
      socket.destroy();
    }
  };
  assert.match(await attempt({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }), /VERSION|PROTOCOL|SSL/);
  assert.match(await attempt({ key: undefined, cert: undefined }), /CERTIFICATE_REQUIRED|ECONNRESET|end|false/);
});

test('C attack: another algorithm, no algorithm, a form that is not canonical (RFC 7515, design §10)', async () => {
  const asked = aStatement(world, own);
  const [header, payload, signature] = asked.statement.split('.') as [string, string, string];
  const read = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>;
  const withHeader = (changed: object): string =>
    [Buffer.from(JSON.stringify({ ...read, ...changed })).toString('base64url'), payload, signature].join('.');
  for (const [statement, word] of [
    [withHeader({ alg: 'none' }), 'bad-signature'],
    [withHeader({ alg: 'HS256' }), 'bad-signature'],
    [withHeader({ alg: 'ES384' }), 'bad-signature'],
    [withHeader({ typ: 'musubi-permit' }), 'bad-signature'],
    [[header, `${payload}=`, signature].join('.'), 'not-canonical'],
    [
      [header, Buffer.from(` ${Buffer.from(payload, 'base64url')}`).toString('base64url'), signature].join('.'),
      'not-canonical',
    ],
  ] as const) {
    const said = await toNetwork({ ...asked, statement });
    assert.ok(
      !said.ok && (said.error === word || said.error === 'bad-signature'),
      `${statement.slice(0, 20)}: ${word}`,
    );
    assert.equal((await toWard({ ...aPermit(world, asked, wards), statement })).ok, false);
  }
  assert.ok((await toNetwork(asked)).ok, 'and as it was it is taken');
});

mechanismTest('exchange.encrypted-to-asker', '001-III.6-R6-01 照会者の鍵でなければ、何も提供しない', async () => {
  // A point that is not on the curve: nobody has its private key.
  const answerKey = { kty: 'EC', crv: 'P-256', x: sha256Base64url('x'), y: sha256Base64url('y') } as const;
  const asked = aStatement(world, own, { answerKey });
  assert.deepEqual(await toWard(aPermit(world, asked, wards)), err('not-canonical'));
});

mechanismTest('exchange.inquiry-only', '004-III.6-R0-01 照会専用の機関は、許可が真正でも提供しない', async () => {
  const asked = aStatement(world, own);
  const deps = { ...depsOf(world, world.meguro), inquiryOnly: true };
  const network = {
    kind: 'system',
    organisation: 'ins',
    system: 'information-providing-network',
    certificate: '-',
  } as const;
  assert.deepEqual(
    await answerInquiry(deps, network, aPermit(world, asked, wards)),
    ok({ refusal: 'provider-unknown' }),
  );
});

mechanismTest('exchange.single-upstream', '002-III.6-R2-02 情報提供ネットワークのほかからは入手しない', async () => {
  const platform = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' } as const;
  const deps = { ...depsOf(world, world.tokyo), network: 'meguro/intermediate-server' };
  await assert.rejects(askAnotherBody(deps, platform, world.question(prefecture)), /network alone/);
});

test('C attack: a question without a case is not taken, and on record with who asked (001-III.6)', async () => {
  const platform = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' } as const;
  const asker = { system: 'child-chronic', staffId: 's-7', caseReference: '' };
  const asked = await askAnotherBody(depsOf(world, world.tokyo), platform, world.question(prefecture, { asker }));
  assert.deepEqual(asked, err('case-missing'));
  const rows = await world.tokyo.t.owner(
    `select 1 from audit.intake_event where body like '%inquiry.without-case%' and body like '%"staffId":"s-7"%'`,
  );
  assert.equal(rows.length, 1);
});

/** Everything that stands in a body's database, by row, with texts of base64url read too. */
async function dumpOf({ t }: Placed): Promise<string[]> {
  const tables = await t.owner<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const rows: string[] = [];
  for (const { name } of tables) {
    const found = await t.owner<{ row: string }>(`select to_jsonb(x)::text as row from ${name} x`);
    rows.push(...found.map(({ row }) => row));
  }
  return rows.map((row) =>
    row.replaceAll(/[A-Za-z0-9_-]{24,}/g, (text) => `${text} ${Buffer.from(text, 'base64url').toString('utf8')}`),
  );
}
/** Texts that could join two rows: numbers of inquiries and permits, codes, digests, commitments. */
const tokensIn = (row: string): Set<string> => new Set(row.match(/[0-9a-zA-Z_-]{20,}|[0-9]{11,}/g) ?? []);

test('C attack: two curious bodies join exactly the persons between whom an inquiry passed, and no others (design §4.3)', async () => {
  const asked = await world.person(tax);
  const notAsked = await world.person(tax);
  unwrap(await world.ask(world.question(asked.prefecture)));
  const [mine, theirs] = [await dumpOf(world.tokyo), await dumpOf(world.meguro)];
  const rowsAbout = (rows: readonly string[], person: string): Set<string> => {
    const all = new Set<string>();
    for (const row of rows.filter((each) => each.includes(person))) for (const token of tokensIn(row)) all.add(token);
    return all;
  };
  // Whatever all persons have in common joins nobody.
  const common = (a: string, b: string): string[] => {
    const everyone = new Set([
      ...rowsAbout(mine, notAsked.prefecture).intersection(rowsAbout(mine, asked.prefecture)),
      ...rowsAbout(theirs, notAsked.ward).intersection(rowsAbout(theirs, asked.ward)),
    ]);
    return [...rowsAbout(mine, a).intersection(rowsAbout(theirs, b))].filter((token) => !everyone.has(token));
  };
  assert.notEqual(common(asked.prefecture, asked.ward).length, 0, 'the inquiry’s number stands with both');
  assert.deepEqual(common(notAsked.prefecture, notAsked.ward), []);
  assert.deepEqual(common(notAsked.prefecture, asked.ward), []);
  assert.deepEqual(common(asked.prefecture, notAsked.ward), []);
});

test('C attack: a network operator with both databases joins no two inquiries of one person, and reads none (design §4.2)', async () => {
  const { prefecture: person } = await world.person({ ...tax, 市町村民税所得割額: 864_209_753 });
  const numbers = [];
  for (let i = 0; i < 2; i++) numbers.push(unwrap(await world.ask(world.question(person))).inquiryNumber);
  const stranger = unwrap(await world.ask(world.question(prefecture))).inquiryNumber;
  const rows = [...(await dumpOf(world.network)), ...(await dumpOf(world.root))];
  for (const row of rows) assert.doesNotMatch(row, /864209753/);
  const about = (number: string) => {
    const all = new Set<string>();
    for (const row of rows.filter((each) => each.includes(number))) for (const token of tokensIn(row)) all.add(token);
    return all;
  };
  const shared = about(numbers[0]!).intersection(about(numbers[1]!));
  const withStranger = about(numbers[0]!).intersection(about(stranger));
  assert.deepEqual(
    [...shared.difference(withStranger)],
    [],
    'two inquiries of one person share no more than those of two',
  );
});

test('C attack: a certificate revoked a minute ago speaks no more (design §4)', async () => {
  const asked = aStatement(world, own);
  const permitted = aPermit(world, asked, wards);
  const late = aPermit(world, aStatement(world, own), wards);
  const platform = world.clients.tokyoPlatform;
  assert.ok((await toWard(permitted)).ok, 'connections of before stand open');
  // One body of each hop: asker, network, root process, the platform behind the asker.
  const doomed: Pick<Placed['identity'], 'signing' | 'tls'>[] = [
    world.tokyo.identity,
    world.network.identity,
    world.root.identity,
    world.identities.tokyoPlatform,
  ];
  const serials = doomed.flatMap(({ signing, tls }) =>
    [signing, tls].map(({ chain }) => new X509Certificate(chain[0]!).serialNumber),
  );
  const at = world.machineClock.now().subtract({ minutes: 1 });
  const { issuing } = world.ceremony;
  const list = {
    number: 2,
    thisUpdate: at,
    nextUpdate: at.add({ hours: 24 * 200 }),
    revoked: serials.map((serial) => ({ serial, at })),
  };
  unwrap(await world.trust.acceptCrl(await issueCrl(issuing, list), issuing.certificate));
  assert.equal((await toNetwork(asked)).ok, false, 'the asker is not let in at the network');
  assert.equal((await toWard(late)).ok, false, 'the network not at the provider');
  assert.equal(
    (await platform.call(askEndpoint, 'tokyo/intermediate-server', {}, world.question(prefecture))).ok,
    false,
    'the platform not at its own server',
  );
  const turn = { from: 'tokyo', to: 'meguro', linkageCode: own, inquiryNumber: world.newId() };
  const turned = await asNetwork.call(turnLinkageCode, 'ins/linkage-root', {}, turn);
  assert.equal(turned.ok, false, 'nor do network and root process speak');
  // What was signed before and is carried by somebody whose certificate stands is refused all the same.
  const carried = await answerInquiry(depsOf(world, world.meguro), asNetworkActor, late);
  assert.deepEqual(carried, err('bad-signature'));
});
