import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { startFaultRelay } from '@musubi/kernel/http/fault-relay.ts';
import { enrolEndpoint, pkiParty } from '@musubi/kernel/pki/contract.ts';
import { keptRequest } from '@musubi/kernel/pki/identity-files.ts';
import { type Purpose, partyId, purposes } from '@musubi/kernel/pki/party.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { prepareAuthority } from '../ceremony.ts';
import { operations } from '../service/operations.ts';
import { decideRevocation, requestRevocation } from '../service/revoke.ts';
import { showAuthority, showCertificates } from '../service/show.ts';
import { pkiWorld, staff } from './pki-world.ts';

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

test('C 失効は二人で行う: 申請だけでは何も失効せず、本人は決定できず、別の職員の決定が次の失効リストに載る', async () => {
  await expect('municipal-juki', 'token-municipal-juki-001');
  const joined = await join('municipal-juki', 'token-municipal-juki-001');
  const { deps } = world;
  const command = {
    fingerprint: sha256Hex(joined.identity.signing.chain[0]!),
    scope: 'holder',
    reason: 'key-compromise',
    explanation: '代表端末の盗難',
  } as const;
  const other = { kind: 'system', organisation: 'meguro', system: 'municipal-juki', certificate: '-' } as const;
  assert.deepEqual(await requestRevocation(deps, other, command), err('not-authorised'));
  assert.deepEqual(await requestRevocation(deps, staff('g-1002'), command), err('not-authorised'));
  const operator = staff('g-1001');
  const unknown = { ...command, fingerprint: '0'.repeat(64) };
  assert.deepEqual(await requestRevocation(deps, operator, unknown), err('no-such-certificate'));
  const authority = { ...command, fingerprint: sha256Hex(own.tls.chain[0]!) };
  assert.deepEqual(await requestRevocation(deps, operator, authority), err('own-certificate'));

  const list = async (): Promise<number> => unwrap(await showAuthority(deps, operator, null)).authority!.listNumber;
  const before = await list();
  const { requestId } = unwrap(await requestRevocation(deps, staff('g-1003'), command));
  assert.deepEqual(
    await requestRevocation(deps, operator, { ...command, scope: 'certificate' }),
    err('already-requested'),
  );
  assert.equal(await list(), before, 'nothing is revoked by asking');
  const decide = (by: string, approve = true) => decideRevocation(deps, staff(by), { requestId, approve });
  assert.deepEqual(await decide('g-1001'), err('not-authorised'));
  assert.deepEqual(await decide('g-1003'), err('approval-refused'), 'not by who asked, whatever roles');
  // Two officers at once: one decision.
  const both = await Promise.all([decide('g-1002'), decide('g-1002')]);
  assert.deepEqual(both.filter(({ ok }) => ok).length, 1);
  assert.equal(await list(), before + 1);
  const lines = unwrap(
    await showCertificates(deps, operator, { party: 'meguro/municipal-juki', limit: 50, offset: 0 }),
  );
  assert.deepEqual(
    lines.rows.map(({ purpose, state, reason }) => `${purpose} ${state} ${reason}`).sort(),
    [...purposes].sort().map((purpose) => `${purpose} revoked key-compromise`),
  );
  assert.deepEqual(await requestRevocation(deps, operator, command), err('already-revoked'));

  const stop = new AbortController();
  const following = joined.follow(stop.signal, () => undefined, 20);
  const verdict = () => joined.trust.verifyChain(joined.identity.signing.chain, 'signing', Temporal.Now.instant());
  for (let i = 0; i < 100 && verdict().ok; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(verdict(), err('revoked'));
  stop.abort();
  await following;
});

test('C 差し戻された申請では失効せず、期限の近い証明書と決定待ちは警報になり、誰も引き受けなければ責任者へ上がる', async () => {
  await expect('fuhyo-link', 'token-fuhyo-link-000001');
  const { identity } = await join('fuhyo-link', 'token-fuhyo-link-000001');
  let ahead = Temporal.Duration.from({ hours: 0 });
  const deps = { ...world.deps, machineClock: { now: () => systemMachineClock.now().add(ahead) } };
  const command = {
    fingerprint: sha256Hex(identity.tls.chain[0]!),
    scope: 'certificate',
    reason: 'superseded',
    explanation: '取替え',
  } as const;
  const { requestId } = unwrap(await requestRevocation(deps, staff('g-1001'), command));
  const job = { kind: 'job', name: 'operations' } as const;
  const open = async (): Promise<string[]> =>
    unwrap(await operations.read(deps, staff('g-1002'), {}))
      .alerts.filter(({ closedAt }) => closedAt === null)
      .map(({ about, escalatedTo }) => `${about}${escalatedTo === null ? '' : ` → ${escalatedTo}`}`)
      .sort();
  unwrap(await operations.watch(deps, job));
  assert.deepEqual(await open(), ['失効の申請の決定待ち']);
  ahead = Temporal.Duration.from({ minutes: 20 });
  assert.equal(unwrap(await operations.watch(deps, job)).escalated, 1);
  assert.deepEqual(await open(), ['失効の申請の決定待ち → pki-officer']);
  unwrap(await decideRevocation(deps, staff('g-1002'), { requestId, approve: false }));
  unwrap(await operations.watch(deps, job));
  assert.deepEqual(await open(), []);
  const { rows } = unwrap(
    await showCertificates(deps, staff('g-1001'), { party: 'meguro/fuhyo-link', limit: 50, offset: 0 }),
  );
  assert.deepEqual(new Set(rows.map(({ state }) => state)), new Set(['standing']));
  // 710 days on, nobody renewed: every holder with certificates that end is named, and the list is overdue.
  ahead = Temporal.Duration.from({ hours: 24 * 710 });
  unwrap(await operations.watch(deps, job));
  const found = await open();
  assert.ok(
    found.includes('期限の近い証明書 meguro/fuhyo-link') && found.includes('失効リストの更新の遅れ'),
    found.join(),
  );
  assert.ok(!found.includes('期限の近い証明書 meguro/municipal-juki'), 'what was revoked is nobody’s to renew');
  assert.equal(
    unwrap(
      await showCertificates(deps, staff('g-1001'), {
        state: 'ending',
        party: 'meguro/fuhyo-link',
        limit: 1,
        offset: 0,
      }),
    ).total,
    4,
  );
});
