import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mechanismTest } from '../enforcement/testing.ts';
import { err } from '../result/result.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from './authority.ts';
import { issueCrl } from './issue.ts';

const at = Temporal.Instant.from('2026-06-01T00:00:00Z');
const validity = { from: at.subtract({ hours: 1 }), until: at.add({ hours: 24 * 90 }) };

async function aTrust() {
  const ceremony = await holdCeremony(at);
  const identity = await issueIdentity(ceremony.issuing, { organisation: 'meguro', system: 'resident-tax' }, validity);
  return { ceremony, identity, trust: await trustWithCrl(ceremony, at) };
}

mechanismTest('transport.revoked-certificate', 'design §4.0 失効した証明書は通信にも署名にも使えない', async () => {
  const { ceremony, identity, trust } = await aTrust();
  const doomed = [identity.tls, identity.signing].map(({ chain }) => new X509Certificate(chain[0]!).serialNumber);
  const list = await issueCrl(ceremony.issuing, {
    number: 2,
    thisUpdate: at,
    nextUpdate: at.add({ hours: 24 }),
    revoked: doomed.map((serial) => ({ serial, at })),
  });
  assert.ok((await trust.acceptCrl(list, ceremony.issuing.certificate)).ok);
  assert.deepEqual(trust.verifyChain(identity.tls.chain, 'tls', at), err('revoked'));
  assert.deepEqual(trust.verifyChain(identity.signing.chain, 'signing', at), err('revoked'));
  assert.ok(trust.verifyChain(identity.encryption.chain, 'encryption', at).ok);
});

mechanismTest(
  'transport.revoked-certificate',
  'design §4.0 失効リストが古くなったら、新しいものが届くまで相手を信じない',
  async () => {
    const { identity, trust } = await aTrust();
    assert.ok(trust.verifyChain(identity.tls.chain, 'tls', at).ok);
    assert.deepEqual(trust.verifyChain(identity.tls.chain, 'tls', at.add({ hours: 24 * 60 })), err('revocation-stale'));
  },
);
