import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { encodeBase64url } from '@musubi/kernel/crypto/base64url.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import type { renewEndpoint } from '@musubi/kernel/pki/contract.ts';
import { type Party, type Purpose, partyDnsName, partyId, purposes } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { certificateBy, certificatesOfHolder, certificatesOfRenewal, insertRenewal } from '../store/register.ts';
import type { Deps } from './deps.ts';
import { issue, readKeys } from './enrol.ts';

/** Days before its end from which a certificate may be renewed: nobody gathers certificates ahead. */
const renewableDays = 90;
/** A stolen old key must not live on under a new certificate: these are always new. */
const freshKeys: readonly Purpose[] = ['tls', 'signing'];
type Renewed = ResponseOf<typeof renewEndpoint>;

/**
 * 更新. Who asks is who the shown certificate names, by the register and not by the list of half a minute ago. The old certificates
 * stand until their own end.
 */
export const renew = act('government-pki.renew', {
  right: ['government-pki', 'renewal', 'update'],
  async run(
    tx,
    deps: Deps,
    command: RequestOf<typeof renewEndpoint> & {
      readonly party: Party;
      /** SHA-256 of the certificate that opened the connection. */
      readonly shown: string;
    },
  ): Promise<Result<Renewed, WordOf<typeof renewEndpoint>>> {
    const { party, shown } = command;
    const at = deps.machineClock.now();
    const known = await certificateBy(tx, shown);
    if (known === undefined || partyId(known) !== partyId(party)) return err('not-enrolled');
    if (enforced('transport.revoked-certificate') && known.revokedAt !== null) return err('certificate-revoked');
    const digest = fingerprint(command.requests);
    if (!(await insertRenewal(tx, { ...party, digest, shown, at }))) return repeat(tx, party, digest);

    const before = await certificatesOfHolder(tx, party);
    if (!isDue(before, at)) return err('not-due');
    const keys = await readKeys(command.requests);
    if (keys === undefined) return err('request-refused');
    const used = new Set(before.map(({ der }) => keyDigest(new X509Certificate(der).publicKey)));
    if (freshKeys.some((purpose) => used.has(keyDigest(keys[purpose])))) return err('key-used-before');

    const certificates = {} as Record<Purpose, string>;
    const names = dnsNamesOf(before.find(({ purpose }) => purpose === 'tls')?.der, party);
    for (const purpose of purposes)
      certificates[purpose] = encodeBase64url(
        await issue(tx, deps, party, purpose, keys[purpose], names, at, { renewal: digest }),
      );
    tx.record({
      event: 'certificates.renewed',
      facts: ['government_pki.renewal', 'government_pki.certificate'],
      detail: { organisation: party.organisation, system: party.system, shown },
    });
    return ok({ certificates, issuer: encodeBase64url(deps.issuing.certificate) });
  },
});

async function repeat(tx: Tx, party: Party, digest: Uint8Array): Promise<Result<Renewed, 'not-enrolled'>> {
  const rows = await certificatesOfRenewal(tx, digest);
  if (rows.length === 0 || rows.some((row) => partyId(row) !== partyId(party))) return err('not-enrolled');
  tx.record({ event: 'certificates.renewal-repeated' });
  const certificates = Object.fromEntries(rows.map(({ purpose, der }) => [purpose, encodeBase64url(der)]));
  return ok({ certificates: certificates as Record<Purpose, string>, issuer: encodeBase64url(rows[0]!.issuerDer) });
}

type Held = Awaited<ReturnType<typeof certificatesOfHolder>>[number];

/** The newest of some purpose ends soon, or was revoked. */
function isDue(held: readonly Held[], at: Temporal.Instant): boolean {
  const newest = purposes.map((purpose) => held.find((c) => c.purpose === purpose));
  return newest.some(
    (c) =>
      c === undefined ||
      c.revoked ||
      at.until(Temporal.Instant.from(c.validUntil.replace(' ', 'T'))).total('hours') < renewableDays * 24,
  );
}

const keyDigest = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');

/** Names besides the party's own, as its last TLS certificate had them: a renewal adds none. */
function dnsNamesOf(der: Uint8Array | undefined, party: Party): readonly string[] {
  const text = der === undefined ? '' : (new X509Certificate(der).subjectAltName ?? '');
  return text
    .split(', ')
    .flatMap((part) => (part.startsWith('DNS:') ? [part.slice(4)] : []))
    .filter((name) => name !== partyDnsName(party));
}
