import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { createPeerServer, route } from '@musubi/kernel/http/server.ts';
import { pkiParty, renewEndpoint, statusEndpoint } from '@musubi/kernel/pki/contract.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { keptRequest } from '@musubi/kernel/pki/identity-files.ts';
import { makeRequest } from '@musubi/kernel/pki/issue.ts';
import { type Purpose, partyId, purposes } from '@musubi/kernel/pki/party.ts';
import { renewIdentity } from '@musubi/kernel/pki/renew.ts';
import { askStatus, readStatus } from '@musubi/kernel/pki/status.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { z } from 'zod';
import { operations } from '../service/operations.ts';
import { showAuthority } from '../service/show.ts';
import { pkiWorld, staff } from './pki-world.ts';

// What is issued first ends in a month, so that it is due; afterwards the usual two years.
const world = await pkiWorld({ certificateDays: 30 });
after(() => world[Symbol.asyncDispose]());

const spki = (identity: Identity, purpose: Purpose): string =>
  createPublicKey(identity[purpose].key).export({ format: 'der', type: 'spki' }).toString('hex');
const joinWith = async (system: string, token: string) => {
  await world.expect(system, token);
  return world.join(system, token);
};
const frozen = (identity: Identity): Identity => ({ ...identity });
const issuedTo = async (system: string): Promise<number> =>
  (await world.database.owner('select 1 from government_pki.certificate where system = $1', [system])).length;
const requestsOf = async (system: string, folder: string): Promise<Record<Purpose, string>> => {
  const requests = {} as Record<Purpose, string>;
  for (const purpose of purposes)
    requests[purpose] = (
      await keptRequest(path.join(world.home, folder), purpose, { organisation: 'meguro', system })
    ).toString('base64url');
  return requests;
};

test('design §1 証明書は期限の前に更新され、古いものも期限まで通用し、通信は途切れない', async () => {
  world.setTerms({ certificateDays: 30 });
  const joined = await joinWith('resident-tax', 'token-resident-tax-0001');
  const { identity } = joined;
  const before = frozen(identity);
  const ping = defineEndpoint({
    id: 'test.ping',
    method: 'POST',
    path: '/ping',
    right: ['test', 'ping', 'read'],
    request: z.strictObject({}),
    response: z.strictObject({ shown: z.string() }),
    errors: {},
  });
  const seen = new Set<string>();
  await using server = createPeerServer({
    identity,
    trust: joined.trust,
    machineClock: systemMachineClock,
    routes: [
      route(ping, async ({ actor }) => {
        if (actor.kind === 'system') seen.add(actor.certificate);
        return ok({ shown: '' });
      }),
    ],
  });
  const url = `https://127.0.0.1:${await server.listen(0)}`;
  await using client = createPeerClient({
    identity,
    trust: joined.trust,
    machineClock: systemMachineClock,
    directory: () => url,
  });
  const call = () => client.call(ping, 'meguro/resident-tax', {}, {});
  world.setTerms({ certificateDays: 730 });
  let renewed = false;
  const calls = async (): Promise<void> => {
    for (let i = 0; !renewed || i < 20; i++) assert.ok((await call()).ok);
  };
  await Promise.all([
    calls(),
    calls(),
    (async () => {
      assert.equal(await joined.renewIfDue(), true);
      renewed = true;
    })(),
  ]);
  for (let i = 0; i < 5; i++) assert.ok((await call()).ok);
  assert.deepEqual(
    [...seen].sort(),
    [before, identity].map(({ tls }) => sha256Hex(tls.chain[0]!)).sort(),
    'the old certificate, then the new one',
  );

  const now = Temporal.Now.instant();
  for (const purpose of purposes) {
    for (const each of [before, identity]) {
      const verdict = unwrap(joined.trust.verifyChain(each[purpose].chain, purpose, now));
      assert.equal(partyId(verdict), 'meguro/resident-tax');
    }
    const isKept = purpose === 'encryption' || purpose === 'log';
    assert.equal(spki(before, purpose) === spki(identity, purpose), isKept, purpose);
    const until = new X509Certificate(identity[purpose].chain[0]!).validToDate.getTime();
    assert.ok(until > now.add({ hours: 24 * 700 }).epochMilliseconds);
    assert.deepEqual(await joined.repository.fetch(identity, purpose), identity[purpose].chain);
  }
  assert.match(new X509Certificate(identity.tls.chain[0]!).subjectAltName ?? '', /DNS:localhost/);
  assert.equal(await joined.renewIfDue(), false, 'nothing is due now');
  await joined.repository[Symbol.asyncDispose]();
  const again = await world.join('resident-tax', undefined, 'https://127.0.0.1:1');
  assert.deepEqual(again.identity.tls.chain, identity.tls.chain, 'a start without the authority takes the new ones');
  await again.repository[Symbol.asyncDispose]();
});

test('design §1 更新の途中で止まっても、同じ証明書で続きから終わる', async () => {
  world.setTerms({ certificateDays: 30 });
  const first = await joinWith('collections', 'token-collections-00001');
  const old = first.identity.tls.chain;
  world.setTerms({ certificateDays: 730 });
  assert.equal(await first.renewIfDue(), true);
  const { chain } = first.identity.tls;
  await first.repository[Symbol.asyncDispose]();
  // As if it had stopped before the note that the new ones count.
  await rm(path.join(world.home, 'collections', 'current'));
  const second = await world.join('collections');
  assert.deepEqual(second.identity.tls.chain, old);
  assert.equal(await second.renewIfDue(), true);
  assert.deepEqual(second.identity.tls.chain, chain);
  assert.equal(await issuedTo('collections'), 8);
  await second.repository[Symbol.asyncDispose]();
});

test('design §1 更新の申請の拒否: 時期の前、使われた鍵、別の団体の証明書; 二つ同時の申請は一組だけ', async () => {
  world.setTerms({ certificateDays: 30 });
  const joined = await joinWith('accounts', 'token-accounts-00000001');
  await using client = world.clientOf(frozen(joined.identity), joined.trust);
  const call = (requests: Record<Purpose, string>) => client.call(renewEndpoint, partyId(pkiParty), {}, { requests });
  const party = { organisation: 'meguro', system: 'accounts' };
  const usedTls = (await makeRequest(joined.identity.tls.key, party)).toString('base64url');
  const fresh = await requestsOf('accounts', 'accounts-fresh');
  assert.deepEqual(await call({ ...fresh, tls: usedTls }), err('key-used-before'));
  assert.deepEqual(await call({ ...fresh, tls: fresh.signing }), err('request-refused'));
  world.setTerms({ certificateDays: 730 });
  const both = await Promise.all([call(fresh), call(fresh)]);
  assert.ok(both[0].ok);
  assert.deepEqual(both[0], both[1]);
  assert.equal(await issuedTo('accounts'), 8);
  assert.deepEqual(await call(await requestsOf('accounts', 'accounts-more')), err('not-due'));
  // The answer to these requests is theirs who made them.
  const other = await joinWith('common-platform', 'token-common-platform-01');
  await using stranger = world.clientOf(frozen(other.identity), other.trust);
  assert.deepEqual(await stranger.call(renewEndpoint, partyId(pkiParty), {}, { requests: fresh }), err('not-enrolled'));
  await joined.repository[Symbol.asyncDispose]();
  await other.repository[Symbol.asyncDispose]();
});

mechanismTest(
  'transport.revoked-certificate',
  'C attack: 失効したばかりの証明書は、失効リストが届く前でも更新に使えず、状態の照会に「失効」と答えられる',
  async () => {
    const run = `${Math.trunc(performance.now())}`;
    world.setTerms({ certificateDays: 30 });
    const system = `child-chronic-${run}`;
    const joined = await joinWith(system, `token-child-chronic-${run}`);
    await using client = world.clientOf(frozen(joined.identity), joined.trust);
    const by = { peers: client, trust: joined.trust, machineClock: systemMachineClock, random: systemRandom };
    const [tls] = joined.identity.tls.chain as [Buffer];
    assert.equal(unwrap(await askStatus(by, tls)).status, 'good');
    assert.equal(unwrap(await askStatus(by, Buffer.from('no certificate'))).status, 'unknown');

    await world.revoke(sha256Hex(tls));
    assert.ok(world.trust.verifyChain(joined.identity.tls.chain, 'tls', Temporal.Now.instant()).ok, 'no list yet');
    const told = unwrap(await askStatus(by, tls));
    assert.deepEqual([told.status, told.reason], ['revoked', 'key-compromise']);
    const { trust } = joined;
    const renewal = {
      directory: path.join(world.home, system),
      url: world.url,
      trust,
      machineClock: systemMachineClock,
    };
    assert.deepEqual(await renewIdentity(joined.identity, renewal), err('refused'));
    assert.equal(await issuedTo(system), 4);

    // An answer to another question, an old one, or one that another signed says nothing.
    const asked = { fingerprint: sha256Hex(tls), nonce: 'A'.repeat(22) };
    const counted = async () => {
      const seen = unwrap(await showAuthority(world.deps, staff('g-1001'), null)).statuses;
      const watched = unwrap(await operations.read(world.deps, staff('g-1001'), {})).state.services[0]!;
      assert.deepEqual([watched.done, watched.failed], [seen.good + seen.revoked, seen.unknown]);
      return seen;
    };
    const before = await counted();
    const { status } = unwrap(await client.call(statusEndpoint, partyId(pkiParty), {}, asked));
    const nobody = { fingerprint: '0'.repeat(64), nonce: asked.nonce };
    unwrap(await client.call(statusEndpoint, partyId(pkiParty), {}, nobody));
    // The operator sees how often which status was answered, and not of whom.
    const { good, revoked, unknown } = before;
    assert.deepEqual(await counted(), { good, revoked: revoked + 1, unknown: unknown + 1 });
    const now = Temporal.Now.instant();
    assert.ok(readStatus(status, asked, trust, now).ok);
    for (const refused of [
      readStatus(status, { ...asked, nonce: 'B'.repeat(22) }, trust, now),
      readStatus(status, asked, trust, now.add({ minutes: 5 })),
      readStatus(`${status.slice(0, -2)}AA`, asked, trust, now),
    ])
      assert.deepEqual(refused, err('answer-not-verified'));
    await joined.repository[Symbol.asyncDispose]();
    // Once the list is there, the connection itself is refused.
    await world.followList();
    await using late = world.clientOf(frozen(joined.identity), joined.trust);
    assert.equal((await late.call(statusEndpoint, partyId(pkiParty), {}, asked)).ok, false);
  },
);
