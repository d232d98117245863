import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { collectProvision, inquire, provide } from '@musubi/contracts/exchange/endpoints.ts';
import { exportP256, generateP256 } from '@musubi/kernel/crypto/p256.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { askAnotherBody } from '../service/ask-another-body.ts';
import { fetchList } from '../service/fetch-list.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';
import { altered, aPermit, aStatement, codeAt, nonceText } from './messages.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
for (const each of [world.meguro, world.tokyo])
  unwrap(await fetchList(depsOf(world, each), { kind: 'job', name: 'test' }));
const asTokyo = world.clientOf(world.tokyo.identity);
const asNetwork = world.clientOf(world.network.identity);
type Inquire = { statement: string; linkageCode: string; nonce: string };
const toNetwork = ({ statement, linkageCode, nonce }: Inquire) =>
  asTokyo.call(inquire, 'ins/information-providing-network', {}, { statement, linkageCode, nonce });
const toWard = (body: Inquire & { permit: string }) => asNetwork.call(provide, 'meguro/intermediate-server', {}, body);
const tax = { 課税区分: '課税', 市町村民税所得割額: 1_000 };
const { ward, prefecture } = await world.person(tax);
const [own, wards] = [await codeAt(world.tokyo, prefecture), await codeAt(world.meguro, ward)];

/** How often a word stands in the network's records of refusals. */
const recorded = async (word: string): Promise<number> => {
  const [row] = await world.network.t.owner<{ n: number }>(
    'select count(*)::int as n from information_providing_network.refusal where refusal = $1',
    [word],
  );
  return row!.n;
};
const provisionRecords = async (inquiryNumber: string): Promise<string[]> => {
  const rows = await world.meguro.t.owner<{ said: string }>(
    'select coalesce(result, refusal) as said from intermediate_server.exchange_record where inquiry_number = $1 order by recorded_at',
    [inquiryNumber],
  );
  return rows.map(({ said }) => said);
};

test('design §4.3 the network refuses a statement that is not the asker’s own, whole and canonical, and records it', async () => {
  const before = await recorded('bad-signature');
  const good = aStatement(world, own);
  const forged = aStatement(world, own, {}, world.meguro.identity);
  assert.deepEqual(await toNetwork(forged), err('bad-signature'));
  assert.deepEqual(
    await toNetwork(aStatement(world, own, { asker: 'meguro', provider: 'setagaya' })),
    err('bad-signature'),
  );
  const otherItems = altered(good.statement, (p) => Object.assign(p, { items: ['合計所得金額'] }));
  assert.deepEqual(await toNetwork({ ...good, statement: otherItems }), err('bad-signature'));
  const swapped = altered(good.statement, (p) => Object.assign(p, { answerKey: exportP256(generateP256().publicKey) }));
  assert.deepEqual(await toNetwork({ ...good, statement: swapped }), err('bad-signature'));
  assert.equal(await recorded('bad-signature'), before + 4);
  const [header, , signature] = good.statement.split('.');
  const notCanonical = [header, Buffer.from('{"v": 1}').toString('base64url'), signature].join('.');
  assert.deepEqual(await toNetwork({ ...good, statement: notCanonical }), err('not-canonical'));
});

test('design §4.3 the commitment binds the statement to the code; another body’s code is no code of the asker', async () => {
  const good = aStatement(world, own);
  assert.deepEqual(await toNetwork({ ...good, nonce: nonceText() }), err('commitment-mismatch'));
  assert.deepEqual(await toNetwork({ ...good, linkageCode: wards }), err('commitment-mismatch'));
  assert.deepEqual(await toNetwork(aStatement(world, wards)), err('not-your-linkage-code'));
  assert.equal(await recorded('not-your-linkage-code'), 1);
});

test('design §4.3 a statement is fresh and its number is used once', async () => {
  const old = world.machineClock.now().subtract({ minutes: 6 }).toString();
  assert.deepEqual(await toNetwork(aStatement(world, own, { at: old })), err('statement-too-old'));
  const ahead = world.machineClock.now().add({ minutes: 6 }).toString();
  assert.deepEqual(await toNetwork(aStatement(world, own, { at: ahead })), err('statement-too-old'));
  const once = aStatement(world, own);
  assert.ok((await toNetwork(once)).ok);
  assert.deepEqual(await toNetwork(once), err('inquiry-number-used'));
  assert.equal(await recorded('inquiry-number-used'), 1);
});

mechanismTest('exchange.permit-once', '002-IMS 同じ許可は一度だけ（同時に二つ来ても）', async () => {
  const asked = aStatement(world, own);
  const permitted = aPermit(world, asked, wards);
  const both = await Promise.all([toWard(permitted), toWard(permitted)]);
  assert.equal(both.filter((each) => each.ok).length, 1);
  assert.deepEqual(await toWard(permitted), err('permit-used'));
  assert.deepEqual((await provisionRecords(asked.said.inquiryNumber)).sort(), ['00', 'permit-used', 'permit-used']);
});

test('design §4.3 a second permit for the same inquiry is refused too', async () => {
  const asked = aStatement(world, own);
  assert.ok((await toWard(aPermit(world, asked, wards))).ok);
  assert.deepEqual(await toWard(aPermit(world, asked, wards)), err('permit-used'));
});

mechanismTest('exchange.permit-in-time', '002-IMS 期限を過ぎた許可では提供しない', async () => {
  const at = world.machineClock.now();
  const late = {
    issuedAt: at.subtract({ minutes: 6 }).toString(),
    acceptUntil: at.subtract({ minutes: 1 }).toString(),
  };
  const asked = aStatement(world, own);
  assert.deepEqual(await toWard(aPermit(world, asked, wards, late)), err('permit-expired'));
  const long = { acceptUntil: at.add({ hours: 5 }).toString() };
  assert.deepEqual(await toWard(aPermit(world, aStatement(world, own), wards, long)), err('permit-expired'));
  assert.deepEqual(await provisionRecords(asked.said.inquiryNumber), ['permit-expired']);
});

mechanismTest(
  'exchange.permit-required',
  '002-IMS 情報提供ネットワークが署名した許可がなければ提供しない',
  async () => {
    const asked = aStatement(world, own);
    const selfMade = aPermit(world, asked, wards, {}, world.tokyo.identity);
    assert.deepEqual(await toWard(selfMade), err('bad-signature'));
  },
);

mechanismTest('exchange.signature-chain', '002-IMS 許可が別の照会のものなら提供しない', async () => {
  const asked = aStatement(world, own);
  const other = aStatement(world, own);
  const permitted = aPermit(world, other, wards, { inquiryNumber: asked.said.inquiryNumber });
  assert.deepEqual(await toWard({ ...permitted, statement: asked.statement }), err('permit-names-other-statement'));
});

mechanismTest('exchange.own-list-check', '002-IMS 許可が真正でも自らの照合リストになければ提供しない', async () => {
  const asked = aStatement(world, own, { procedure: 'MS2-777' });
  assert.deepEqual(await toWard(aPermit(world, asked, wards)), err('own-list-refuses'));
  assert.deepEqual(await provisionRecords(asked.said.inquiryNumber), ['own-list-refuses']);
});

test('design §4.3 the provider believes nothing that it has not verified', async () => {
  const asked = aStatement(world, own);
  const permitted = aPermit(world, asked, wards);
  const swapped = altered(asked.statement, (p) =>
    Object.assign(p, { answerKey: exportP256(generateP256().publicKey) }),
  );
  assert.deepEqual(await toWard({ ...permitted, statement: swapped }), err('bad-signature'));
  assert.deepEqual(
    await toWard({ ...permitted, permit: altered(permitted.permit, (p) => Object.assign(p, { provider: 'meguro ' })) }),
    err('bad-signature'),
  );
  assert.deepEqual(await toWard({ ...permitted, linkageCode: own }), err('commitment-mismatch'));
  assert.deepEqual(await toWard(aPermit(world, asked, wards, { provider: 'setagaya' })), err('permit-not-for-you'));
  const stranger = aStatement(world, own, {}, world.identities.tokyoPlatform);
  assert.deepEqual(await toWard(aPermit(world, stranger, wards)), err('bad-signature'));
  assert.deepEqual(await toWard(aPermit(world, aStatement(world, own), own)), err('no-linkage-code'));
});

test('許可なき経路: 照会機関は提供者に直接求めることができない', async () => {
  const asked = aStatement(world, own);
  const direct = await asTokyo.call(provide, 'meguro/intermediate-server', {}, aPermit(world, asked, wards));
  assert.deepEqual(direct, err('not-authorised'));
  const root = await asTokyo.call(
    (await import('@musubi/contracts/exchange/endpoints.ts')).turnLinkageCode,
    'ins/linkage-root',
    {},
    { from: 'tokyo', to: 'meguro', linkageCode: own, inquiryNumber: world.newId() },
  );
  assert.deepEqual(root, err('not-authorised'));
});

mechanismTest('exchange.answer-binding', '002-IMS 自らの照会に属しない回答は受け取らない', async () => {
  // A network that answers our inquiry with the permit and answer of another one.
  const other = aStatement(world, own);
  const permitted = aPermit(world, other, wards);
  const answered = unwrap(await toWard(permitted));
  const liar = await world.serveAs(world.network.identity, [
    route(inquire, async () => ok({ ...answered, permit: permitted.permit })),
  ]);
  const deps = {
    ...depsOf(world, world.tokyo),
    peers: world.clientOf(world.tokyo.identity, { 'ins/information-providing-network': liar }),
  };
  const platform = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: '-' } as const;
  const question = world.question(prefecture, { items: ['課税区分'] });
  // With the guard away the other answer still does not open with this inquiry's key; a result without content would pass.
  assert.deepEqual(await askAnotherBody(deps, platform, question), err('answer-not-verified'));
  const empty = await world.person();
  const none = aStatement(world, await codeAt(world.tokyo, empty.prefecture));
  const nonePermit = aPermit(world, none, await codeAt(world.meguro, empty.ward));
  const without = unwrap(await toWard(nonePermit));
  const liar2 = await world.serveAs(world.network.identity, [
    route(inquire, async () => ok({ ...without, permit: nonePermit.permit })),
  ]);
  const deps2 = {
    ...deps,
    peers: world.clientOf(world.tokyo.identity, { 'ins/information-providing-network': liar2 }),
  };
  assert.deepEqual(await askAnotherBody(deps2, platform, world.question(prefecture)), err('answer-not-verified'));
});

test('design §4.3 a lost answer is collected inside its term and not after', async () => {
  const asked = aStatement(world, own);
  const permitted = aPermit(world, asked, wards);
  const first = unwrap(await toWard(permitted));
  const permitNumber = JSON.parse(Buffer.from(permitted.permit.split('.')[1]!, 'base64url').toString())
    .permitNumber as string;
  const again = { inquiryNumber: asked.said.inquiryNumber, permitNumber };
  const collect = (body: typeof again) => asNetwork.call(collectProvision, 'meguro/intermediate-server', {}, body);
  assert.deepEqual(await collect(again), ok(first));
  assert.deepEqual(await collect({ ...again, permitNumber: world.newId() }), err('no-such-inquiry'));
  world.wait({ seconds: 90 });
  assert.deepEqual(await collect(again), err('answer-term-over'));

  const never = aStatement(world, own);
  const late = aPermit(world, never, wards);
  const number = JSON.parse(Buffer.from(late.permit.split('.')[1]!, 'base64url').toString()).permitNumber as string;
  const asked2 = { inquiryNumber: never.said.inquiryNumber, permitNumber: number };
  for (let i = 0; i < 2; i++) assert.deepEqual(await collect(asked2), err('no-such-inquiry'));
  assert.deepEqual(await toWard(late), err('permit-used'), 'withdrawn by whoever asked for its answer first');
});
