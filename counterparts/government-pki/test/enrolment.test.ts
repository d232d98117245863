import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { startFaultRelay } from '@musubi/kernel/http/fault-relay.ts';
import { enrolEndpoint, pkiParty, revokeEndpoint } from '@musubi/kernel/pki/contract.ts';
import { keptRequest } from '@musubi/kernel/pki/identity-files.ts';
import { type Purpose, partyId, purposes } from '@musubi/kernel/pki/party.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { prepareAuthority } from '../ceremony.ts';
import { pkiWorld } from './pki-world.ts';

const world = await pkiWorld();
after(() => world[Symbol.asyncDispose]());
const { home, places, database, own, trust, url, expect, join } = world;

test('the ceremony happens once, and the root key is in no folder that the service reads', async () => {
  assert.equal(await prepareAuthority(places, Temporal.Now.instant()), false);
  assert.deepEqual(await readdir(places.offlineDirectory), ['root.key.pem']);
  assert.equal((await stat(path.join(places.offlineDirectory, 'root.key.pem'))).mode & 0o777, 0o600);
  assert.notEqual(
    await readFile(path.join(places.offlineDirectory, 'root.key.pem'), 'utf8'),
    await readFile(path.join(places.authorityDirectory, 'issuing.key.pem'), 'utf8'),
  );
});

test('an instance enrols with its token, keeps its keys to itself, and starts again without the authority', async () => {
  await expect('resident-tax', 'token-resident-tax-0001');
  const joined = await join('resident-tax', 'token-resident-tax-0001');
  const now = Temporal.Now.instant();
  for (const purpose of purposes) {
    const verdict = unwrap(joined.trust.verifyChain(joined.identity[purpose].chain, purpose, now));
    assert.equal(partyId(verdict), 'meguro/resident-tax');
    assert.equal((await stat(path.join(home, 'resident-tax', `${purpose}.key.pem`))).mode & 0o777, 0o600);
    assert.deepEqual(
      await joined.repository.fetch({ organisation: 'meguro', system: 'resident-tax' }, purpose),
      joined.identity[purpose].chain,
    );
  }
  await joined.repository[Symbol.asyncDispose]();
  const again = await join('resident-tax', undefined, 'https://127.0.0.1:1'); // nobody listens there
  assert.deepEqual(again.identity.tls.chain, joined.identity.tls.chain);
  await again.repository[Symbol.asyncDispose]();
});

test('a token is used once: the same requests get the same certificates, others are refused', async () => {
  await expect('common-platform', 'token-common-platform-01');
  const party = { organisation: 'meguro', system: 'common-platform' };
  const requestsIn = async (directory: string) => {
    const requests = {} as Record<Purpose, string>;
    for (const purpose of purposes)
      requests[purpose] = (await keptRequest(path.join(home, directory), purpose, party)).toString('base64url');
    return requests;
  };
  await using client = createPeerClient({
    trust,
    directory: () => url,
    machineClock: systemMachineClock,
  });
  const call = (token: string, requests: Record<Purpose, string>, system = 'common-platform') =>
    client.call(
      enrolEndpoint,
      partyId(pkiParty),
      {},
      { token, organisation: 'meguro', system, dnsNames: [], requests },
    );
  const mine = await requestsIn('a');
  const [first, second] = await Promise.all([
    call('token-common-platform-01', mine),
    call('token-common-platform-01', mine),
  ]);
  assert.ok(first.ok);
  assert.deepEqual(first, second);
  assert.deepEqual(await call('token-common-platform-01', await requestsIn('b')), err('token-used'));
  assert.deepEqual(await call('token-common-platform-01', mine, 'resident-tax'), err('token-unknown'));
  assert.deepEqual(await call('token-nobody-knows-this', mine), err('token-unknown'));
  const stored = await database.owner("select 1 from government_pki.certificate where system = 'common-platform'");
  assert.equal(stored.length, 4);
});

test('an expired token, one key for two purposes, and rubbish are refused and leave the token usable', async () => {
  await using client = createPeerClient({
    trust,
    directory: () => url,
    machineClock: systemMachineClock,
  });
  const party = { organisation: 'meguro', system: 'eltax' };
  const requests = {} as Record<Purpose, string>;
  for (const purpose of purposes)
    requests[purpose] = (await keptRequest(path.join(home, 'eltax'), purpose, party)).toString('base64url');
  const call = (token: string, asked: Record<Purpose, string>) =>
    client.call(enrolEndpoint, partyId(pkiParty), {}, { token, ...party, dnsNames: [], requests: asked });
  await expect('eltax', 'token-eltax-out-of-time', -1);
  assert.deepEqual(await call('token-eltax-out-of-time', requests), err('token-expired'));
  await expect('eltax', 'token-eltax-good-for-now');
  assert.deepEqual(
    await call('token-eltax-good-for-now', { ...requests, signing: requests.tls }),
    err('request-refused'),
  );
  assert.deepEqual(await call('token-eltax-good-for-now', { ...requests, signing: 'AAAA' }), err('request-refused'));
  assert.ok((await call('token-eltax-good-for-now', requests)).ok);
  assert.ok(database.events.some((event) => event.outcome === 'refused' && event.refusal === 'request-refused'));
});

test('an answer lost on the way costs nothing: enrolment over a relay that cuts ends with one set of certificates', async () => {
  await expect('child-chronic', 'token-child-chronic-0001');
  await using relay = await startFaultRelay({ port: Number(new URL(url).port) }, 'enrol', { cutPerMille: 120 });
  let joined: Awaited<ReturnType<typeof join>> | undefined;
  for (let start = 0; joined === undefined && start < 10; start++)
    joined = await join('child-chronic', 'token-child-chronic-0001', `https://127.0.0.1:${relay.port}`).catch(
      () => undefined,
    );
  assert.ok(joined);
  await joined.repository[Symbol.asyncDispose]();
  assert.equal(
    (await database.owner("select 1 from government_pki.certificate where system = 'child-chronic'")).length,
    4,
  );
});

test('revocation is the operator’s: another system is refused, then the next list names the certificate', async () => {
  await expect('municipal-juki', 'token-municipal-juki-001');
  const joined = await join('municipal-juki', 'token-municipal-juki-001');
  const directory = () => url;
  const command = { fingerprint: sha256Hex(joined.identity.signing.chain[0]!), reason: 'key-compromise' as const };
  await using itself = createPeerClient({
    identity: joined.identity,
    trust,
    directory,
    machineClock: systemMachineClock,
  });
  await using operator = createPeerClient({ identity: own, trust, directory, machineClock: systemMachineClock });
  await using nobody = createPeerClient({ trust, directory, machineClock: systemMachineClock });
  for (const client of [itself, nobody])
    assert.deepEqual(await client.call(revokeEndpoint, partyId(pkiParty), {}, command), err('not-authorised'));
  assert.deepEqual(
    await operator.call(revokeEndpoint, partyId(pkiParty), {}, { ...command, fingerprint: '0'.repeat(64) }),
    err('no-such-certificate'),
  );
  const done = unwrap(await operator.call(revokeEndpoint, partyId(pkiParty), {}, command));
  assert.equal(done.crlNumber, 3);

  const stop = new AbortController();
  const following = joined.follow(stop.signal, () => undefined, 20);
  const verdict = () => joined.trust.verifyChain(joined.identity.signing.chain, 'signing', Temporal.Now.instant());
  for (let i = 0; i < 100 && verdict().ok; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(verdict(), err('revoked'));
  stop.abort();
  await following;
});
