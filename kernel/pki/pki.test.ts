import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { holdCeremony, issueIdentity, trustWithCrl } from './authority.ts';
import { newKeyFor, newSerial } from './identity.ts';
import { issueCrl, issueLeaf, makeRequest, readRequest } from './issue.ts';
import { purposes } from './party.ts';
import { Trust, verifyChain } from './trust.ts';

const at = Temporal.Instant.from('2026-06-01T00:00:00Z');
const validity = { from: at.subtract({ hours: 1 }), until: at.add({ hours: 24 * 90 }) };
const party = { organisation: 'meguro', system: 'resident-tax' };
const ceremony = await holdCeremony(at);
const { issuing } = ceremony;
const trust = await trustWithCrl(ceremony, at);
const identity = await issueIdentity(issuing, party, validity);
const order = { party, purpose: 'signing' as const, publicKey: newKeyFor('signing'), validity };

test('design §4.0 a certificate names organisation and system, for its own purpose and no other', () => {
  for (const held of purposes) {
    for (const asked of purposes) {
      const result = verifyChain(identity[held].chain, trust, asked, at);
      if (held === asked) {
        assert.ok(result.ok, `${held}: ${JSON.stringify(result)}`);
        assert.deepEqual([result.value.organisation, result.value.system], ['meguro', 'resident-tax']);
        assert.equal(
          result.value.fingerprint,
          new X509Certificate(identity[held].chain[0]!).fingerprint256.replaceAll(':', '').toLowerCase(),
        );
      } else {
        assert.deepEqual(result, { ok: false, error: 'wrong-usage' }, `${held} as ${asked}`);
      }
    }
  }
});

test('before and after its term a certificate is refused', () => {
  const { chain } = identity.signing;
  assert.deepEqual(verifyChain(chain, trust, 'signing', validity.from.subtract({ seconds: 1 })), {
    ok: false,
    error: 'not-yet-valid',
  });
  assert.deepEqual(verifyChain(chain, trust, 'signing', validity.until.add({ seconds: 1 })), {
    ok: false,
    error: 'expired',
  });
});

test('a certificate of another root, a forged leaf, a lone leaf, rubbish and trailing bytes are refused', async () => {
  const other = await holdCeremony(at);
  const foreign = await issueIdentity(other.issuing, party, validity);
  assert.deepEqual(verifyChain(foreign.signing.chain, trust, 'signing', at), { ok: false, error: 'unknown-issuer' });
  const mixed = [foreign.signing.chain[0]!, issuing.certificate];
  assert.deepEqual(verifyChain(mixed, trust, 'signing', at), { ok: false, error: 'unknown-issuer' });
  const [leaf] = identity.signing.chain as [Buffer];
  assert.deepEqual(verifyChain([leaf], trust, 'signing', at), { ok: false, error: 'unknown-issuer' });
  assert.deepEqual(verifyChain([Buffer.from('x'), issuing.certificate], trust, 'signing', at), {
    ok: false,
    error: 'malformed',
  });
  assert.deepEqual(verifyChain([Buffer.concat([leaf, Buffer.of(0)]), issuing.certificate], trust, 'signing', at), {
    ok: false,
    error: 'malformed',
  });
});

test('a leaf cannot issue: a certificate signed by a leaf is refused', async () => {
  const sub = await issueLeaf(
    { key: identity.signing.key, certificate: identity.signing.chain[0]! },
    { ...order, serial: newSerial() },
  );
  assert.deepEqual(verifyChain([sub, identity.signing.chain[0]!], trust, 'signing', at), {
    ok: false,
    error: 'unknown-issuer',
  });
});

test('the root itself cannot stand in for an issuing authority, nor the wrong key kind for the log', async () => {
  const direct = await issueLeaf(ceremony.root, { ...order, serial: newSerial() });
  assert.ok(
    verifyChain([direct, ceremony.root.certificate], await trustWithCrl(ceremony, at), 'signing', at).ok === false,
  );
  const log = await issueLeaf(issuing, { ...order, purpose: 'log', serial: newSerial() });
  assert.deepEqual(verifyChain([log, issuing.certificate], trust, 'log', at), { ok: false, error: 'wrong-usage' });
});

test('RFC 5280 §5 revocation: unknown, fresh, revoked, stale, and never back to an older list', async () => {
  const { chain } = identity.encryption;
  const serial = new X509Certificate(chain[0]!).serialNumber;
  const young = new Trust(ceremony.root.certificate);
  const verdict = (moment = at) => verifyChain(chain, young, 'encryption', moment);
  const list = (number: number, revoked: string[], hours = 24) =>
    issueCrl(issuing, {
      number,
      thisUpdate: at,
      nextUpdate: at.add({ hours }),
      revoked: revoked.map((s) => ({ serial: s, at })),
    });

  assert.deepEqual(verdict(), { ok: false, error: 'revocation-unknown' });
  const first = await list(255, []);
  assert.deepEqual(await young.acceptCrl(first, issuing.certificate), { ok: true, value: 255 });
  assert.ok(verdict().ok);
  assert.deepEqual(verdict(at.add({ hours: 24 })), { ok: false, error: 'revocation-stale' });
  assert.deepEqual(await young.acceptCrl(await list(256, [serial]), issuing.certificate), { ok: true, value: 256 });
  assert.deepEqual(verdict(), { ok: false, error: 'revoked' });
  assert.deepEqual(verdict(at.add({ hours: 48 })), { ok: false, error: 'revoked' });
  assert.deepEqual(await young.acceptCrl(first, issuing.certificate), { ok: false, error: 'older-than-known' });
  assert.deepEqual(verdict(), { ok: false, error: 'revoked' });
});

test('a revocation list of somebody else, changed, or cut is refused', async () => {
  const list = await issueCrl(issuing, { number: 9, thisUpdate: at, nextUpdate: at.add({ hours: 1 }), revoked: [] });
  const other = await holdCeremony(at);
  const forged = await issueCrl(
    { ...issuing, key: other.issuing.key },
    { number: 10, thisUpdate: at, nextUpdate: at.add({ hours: 1 }), revoked: [] },
  );
  const young = new Trust(ceremony.root.certificate);
  assert.deepEqual(await young.acceptCrl(forged, issuing.certificate), { ok: false, error: 'wrong-signature' });
  assert.deepEqual(await young.acceptCrl(list, other.issuing.certificate), { ok: false, error: 'unknown-issuer' });
  assert.deepEqual(await young.acceptCrl(list.subarray(0, 50), issuing.certificate), { ok: false, error: 'malformed' });
  assert.deepEqual(await young.acceptCrl(list, identity.signing.chain[0]!), { ok: false, error: 'unknown-issuer' });
});

test('a request proves that its sender holds the key', async () => {
  for (const purpose of purposes) {
    const key = newKeyFor(purpose);
    const request = await makeRequest(key, party);
    assert.ok((await readRequest(request, purpose)).ok);
    const changed = Buffer.from(request);
    changed[changed.length - 1]! ^= 1;
    const refused = await readRequest(changed, purpose);
    assert.ok(!refused.ok);
    assert.deepEqual(await readRequest(request, purpose === 'log' ? 'tls' : 'log'), {
      ok: false,
      error: 'wrong-key-kind',
    });
  }
  assert.deepEqual(await readRequest(Buffer.from('x'), 'tls'), { ok: false, error: 'malformed' });
});
