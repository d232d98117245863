import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkageRequest, linkageRequestEnvelope, requestLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import { readSigned, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { linkCardHolder as endpoint } from '@musubi/contracts/portal/card.ts';
import { challengeText } from '@musubi/contracts/portal/card-file.ts';
import { parseCanonicalJsonBytes } from '@musubi/kernel/crypto/canonical-json.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer, route } from '@musubi/kernel/http/server.ts';
import { modulus11CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { SoftwareCard } from '../card/software-card.ts';
import { routesOf } from '../http/routes.ts';
import { issueCard } from '../service/issue-card.ts';
import { revoke } from '../service/revoke.ts';
import { aJpki, conductor, hanako } from './a-town.ts';

const body = '1000000000';
const residentRecordCode = `${body}${modulus11CheckDigit(body)}`;

/** jpki behind TLS, with a national server that opens what it gets as strictly as the real one. */
async function aWorld() {
  const now = Temporal.Now.instant();
  const machineClock = { now: () => Temporal.Now.instant() };
  const { root, issuing } = await holdCeremony(now);
  const trust = await trustWithCrl({ root, issuing }, now);
  const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 1 }) };
  const identityOf = (organisation: string, system: string) =>
    issueIdentity(issuing, { organisation, system }, validity);
  const [jpki, national, portal, tax, ins] = await Promise.all([
    identityOf('jlis', 'jpki'),
    identityOf('jlis', 'national-juki'),
    identityOf('portal', 'mynaportal'),
    identityOf('meguro', 'resident-tax'),
    identityOf('ins', 'information-providing-network'),
  ]);
  const t = await aJpki();
  const deps = { ...t.jpki, machineClock };
  const ports = new Map<string, number>();
  const directory = (peer: string) => (ports.has(peer) ? `https://127.0.0.1:${ports.get(peer)}` : undefined);
  const arrived: { code: string; requestId: string; processingNumber: string }[] = [];
  const nationalServer = createPeerServer({
    identity: national,
    trust,
    machineClock,
    routes: [
      route(requestLinkageCode, async ({ body: asked }) => {
        const outer = readSigned(
          asked.request,
          'musubi-linkage-request-envelope',
          linkageRequestEnvelope,
          trust,
          machineClock.now(),
        );
        if (!outer.ok || partyId(outer.value.signer) !== 'jlis/jpki') return err('bad-signature');
        const { sealed, processingNumber, requestId } = outer.value.payload;
        const inner = openJwe(sealed, { privateKey: national.encryption.key, typ: 'musubi-linkage-request' });
        const json = inner.ok ? parseCanonicalJsonBytes(inner.value.plaintext) : inner;
        const read = linkageRequest.safeParse(json.ok ? json.value : undefined);
        if (!read.success || !('residentRecordCode' in read.data)) return err('bad-signature');
        if (read.data.processingNumber !== processingNumber || requestId !== asked.requestId)
          return err('bad-signature');
        arrived.push({ code: read.data.residentRecordCode, requestId, processingNumber });
        return ok({ accepted: true as const });
      }),
    ],
  });
  ports.set('jlis/national-juki', await nationalServer.listen(0));
  // All ends share one process, which may wait long for its turn on a busy machine; no test here is of a slow peer.
  const calling = { trust, directory, machineClock, connectTimeoutMs: 60_000, timeoutMs: 60_000 };
  const peers = createPeerClient({ identity: jpki, ...calling });
  const host = { identity: jpki, peers, certificateOf: async () => national.encryption.chain };
  const server = createPeerServer({
    identity: jpki,
    trust,
    machineClock,
    routes: routesOf(deps, { host, nationalJuki: 'jlis/national-juki' }),
  });
  ports.set('jlis/jpki', await server.listen(0));
  const callers = {
    portal: createPeerClient({ identity: portal, ...calling }),
    tax: createPeerClient({ identity: tax, ...calling }),
  };
  return {
    t,
    deps,
    arrived,
    number: (n: number) => signMessage(ins, 'musubi-processing-number', { n }),
    ask: (who: keyof typeof callers, request: Parameters<typeof issueRequest>[0]) =>
      callers[who].call(endpoint, 'jlis/jpki', {}, issueRequest(request)),
    async [Symbol.asyncDispose]() {
      await Promise.all([peers, ...Object.values(callers)].map((client) => client.close()));
      await Promise.all([server, nationalServer].map((each) => each.close()));
      await t[Symbol.asyncDispose]();
    },
  };
}
const issueRequest = (request: {
  requestId: string;
  assertion: { certificate: string; challenge: string; signature: string };
  processingNumber: string;
}) => request;

async function show(card: SoftwareCard, minutes = 5, nonce = 'n') {
  const until = Temporal.Now.instant().add({ minutes }).toString();
  const challenge = challengeText({ origin: 'http://portal.localhost:1', until, nonce: nonce.repeat(43) });
  const signature = unwrap(await card.signChallenge('1234', challenge));
  return { certificate: Buffer.from(card.certificate()).toString('base64'), challenge, signature };
}

test('design §4.2: serial → Resident Record Code → national server, sealed to it alone; nothing comes back but yes', async () => {
  await using world = await aWorld();
  const { cardFile } = unwrap(await issueCard(world.deps, conductor, { ...hanako, residentRecordCode }));
  const card = unwrap(SoftwareCard.open(cardFile));
  const request = { requestId: world.deps.newId(), assertion: await show(card), processingNumber: world.number(1) };
  assert.deepEqual(await world.ask('portal', request), ok({ accepted: true }));
  const { requestId, processingNumber } = request;
  assert.deepEqual(world.arrived, [{ code: residentRecordCode, requestId, processingNumber }]);
  assert.deepEqual(await world.ask('portal', request), ok({ accepted: true })); // an answer lost on the way
  assert.equal((await world.t.owner('select 1 from jpki.card_linkage')).length, 1);

  const again = { ...request, requestId: world.deps.newId(), processingNumber: world.number(2) };
  assert.deepEqual(await world.ask('portal', again), err('assertion-used'));
  const other = { ...request, processingNumber: world.number(3) };
  assert.deepEqual(await world.ask('portal', other), err('assertion-used'));
  assert.deepEqual(await world.ask('tax', again), err('not-authorised'));
  assert.equal(world.arrived.length, 2);
});

test('no holder, no way: a forged or stale assertion, an unknown certificate and a revoked card reach nobody', async () => {
  await using world = await aWorld();
  const { cardFile, cardNumber } = unwrap(await issueCard(world.deps, conductor, { ...hanako, residentRecordCode }));
  const card = unwrap(SoftwareCard.open(cardFile));
  const ask = async (assertion: Awaited<ReturnType<typeof show>>) =>
    world.ask('portal', { requestId: world.deps.newId(), assertion, processingNumber: world.number(1) });
  const good = await show(card);
  assert.deepEqual(await ask({ ...good, signature: (await show(card, 5, 'm')).signature }), err('assertion-refused'));
  assert.deepEqual(await ask({ ...good, challenge: 'something else' }), err('assertion-refused'));
  assert.deepEqual(await ask(await show(card, -11)), err('assertion-refused'));
  assert.deepEqual(await ask(await show(card, 30)), err('assertion-refused'));
  await using elsewhere = await aJpki();
  const foreign = unwrap(await issueCard(elsewhere.jpki, conductor, { ...hanako, residentRecordCode }));
  assert.deepEqual(await ask(await show(unwrap(SoftwareCard.open(foreign.cardFile)))), err('assertion-refused'));
  unwrap(await revoke(world.deps, conductor, { cardNumber, reason: 'lost' }));
  assert.deepEqual(await ask(good), err('certificate-not-valid'));
  assert.deepEqual(world.arrived, []);
  const refused = await world.t.owner(
    `select 1 from audit.intake_event where body::jsonb->>'outcome' = 'refused' and body::jsonb->>'act' = 'jpki.accept-linkage'`,
  );
  assert.equal(refused.length, 6);
});
