import { X509Certificate } from 'node:crypto';
import { sha256Hex } from '../crypto/digest.ts';
import { err, ok, type Result } from '../result/result.ts';
import { fitsPurpose, usagesOf } from './issue.ts';
import { isPartyName, type Party, type Purpose, partyDnsName } from './party.ts';
import * as x509 from './x509.ts';

export type ChainRefusal =
  | 'malformed'
  | 'unknown-issuer'
  | 'not-yet-valid'
  | 'expired'
  | 'wrong-usage'
  | 'revoked'
  | 'revocation-unknown'
  | 'revocation-stale';

/** What a chain says for good: everything but dates and revocation. */
export interface ReadChain {
  readonly party: Party;
  /** The narrowest of leaf, issuing authority and root. */
  readonly validFrom: Temporal.Instant;
  readonly validUntil: Temporal.Instant;
  /** SHA-256 of the issuing authority's certificate. */
  readonly issuerName: string;
  readonly serial: string;
  readonly fingerprint: string;
  readonly certificate: X509Certificate;
}

/** Reads leaf ← issuing authority ← root: signatures, constraints, usage, subject. @source RFC 5280 §6.1 */
export function readLeaf(
  leafDer: Uint8Array,
  issuerDer: Uint8Array,
  purpose: Purpose,
  root: X509Certificate,
): Result<ReadChain, ChainRefusal> {
  let leaf: X509Certificate;
  let issuer: X509Certificate;
  let leafForm: x509.X509Certificate;
  let issuerForm: x509.X509Certificate;
  try {
    leaf = new X509Certificate(leafDer);
    issuer = new X509Certificate(issuerDer);
    leafForm = new x509.X509Certificate(new Uint8Array(leafDer));
    issuerForm = new x509.X509Certificate(new Uint8Array(issuerDer));
  } catch {
    return err('malformed');
  }
  // Bytes after the certificate would give one certificate several fingerprints.
  if (!leaf.raw.equals(leafDer) || !issuer.raw.equals(issuerDer)) return err('malformed');
  if (!issuer.ca || !issuer.checkIssued(root) || !issuer.verify(root.publicKey)) return err('unknown-issuer');
  if ((usages(issuerForm) & x509.KeyUsageFlags.keyCertSign) === 0) return err('unknown-issuer');
  if (!leaf.checkIssued(issuer) || !leaf.verify(issuer.publicKey)) return err('unknown-issuer');

  if (leaf.ca || usages(leafForm) !== usagesOf[purpose] || !fitsPurpose(leaf.publicKey, purpose))
    return err('wrong-usage');
  const extended = leafForm.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [];
  const forTls =
    extended.includes(x509.ExtendedKeyUsage.serverAuth) && extended.includes(x509.ExtendedKeyUsage.clientAuth);
  if (purpose === 'tls' ? !forTls : extended.length > 0) return err('wrong-usage');
  if (leafForm.extensions.some((extension) => extension.critical && !understood.has(extension.type)))
    return err('wrong-usage');

  const party = readParty(leafForm);
  if (party === undefined) return err('malformed');
  if (purpose === 'tls' && leaf.checkHost(partyDnsName(party)) === undefined) return err('malformed');
  const periods = [leafForm, issuerForm, new x509.X509Certificate(new Uint8Array(root.raw))];
  return ok({
    party,
    validFrom: Temporal.Instant.fromEpochMilliseconds(Math.max(...periods.map((c) => c.notBefore.getTime()))),
    validUntil: Temporal.Instant.fromEpochMilliseconds(Math.min(...periods.map((c) => c.notAfter.getTime()))),
    issuerName: sha256Hex(issuerDer),
    serial: canonicalSerial(leafForm.serialNumber),
    fingerprint: sha256Hex(leafDer),
    certificate: leaf,
  });
}

/** basicConstraints, keyUsage, extKeyUsage, subjectAltName: a critical extension beyond these must be refused. @source RFC 5280 §4.2 */
const understood = new Set(['2.5.29.19', '2.5.29.15', '2.5.29.37', '2.5.29.17']);

const usages = (certificate: x509.X509Certificate): number =>
  certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;

function readParty(certificate: x509.X509Certificate): Party | undefined {
  const [organisation, ...otherOrganisations] = certificate.subjectName.getField('O');
  const [system, ...otherSystems] = certificate.subjectName.getField('OU');
  if (organisation === undefined || system === undefined || otherOrganisations.length + otherSystems.length > 0)
    return undefined;
  return isPartyName(organisation) && isPartyName(system) ? { organisation, system } : undefined;
}

/** Libraries differ on leading zeros and case. */
export const canonicalSerial = (hex: string): string => hex.toLowerCase().replace(/^0+(?=.)/, '');
