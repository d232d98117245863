import { createPublicKey, type KeyObject } from 'node:crypto';
import { err, ok, type Result } from '../result/result.ts';
import { isPartyName, type Party, type Purpose, partyDnsName } from './party.ts';
import * as x509 from './x509.ts';

/** A certificate authority while its key is at hand. */
export interface Authority {
  readonly key: KeyObject;
  readonly certificate: Buffer;
}

export interface Validity {
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
}

const es256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const ed25519 = { name: 'Ed25519' };
/** The certificate library speaks of moments as Date: for what is handed to it, here and where cards are made. */
export const dateOf = (instant: Temporal.Instant): Date => new Date(instant.epochMilliseconds);
const name = (parts: readonly (readonly [string, string])[]): x509.JsonName =>
  parts.map(([type, value]) => ({ [type]: [value] }));
const authorityName = (label: string): x509.JsonName =>
  name([
    ['C', 'JP'],
    ['O', 'government'],
    ['CN', label],
  ]);
const certificateBytes = (certificate: x509.X509Certificate): Buffer => Buffer.from(certificate.rawData);

async function signingKey(key: KeyObject): Promise<CryptoKey> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return crypto.subtle.importKey('pkcs8', pkcs8, key.asymmetricKeyType === 'ed25519' ? ed25519 : es256, false, [
    'sign',
  ]);
}

async function publicKeyOf(key: KeyObject): Promise<CryptoKey> {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return crypto.subtle.importKey('spki', spki, key.asymmetricKeyType === 'ed25519' ? ed25519 : es256, true, ['verify']);
}

const caUsage = (): x509.Extension =>
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true);

/** The root: self-signed, one level of issuing authorities below it. */
export async function issueRoot(key: KeyObject, serial: string, label: string, validity: Validity): Promise<Buffer> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial,
    name: authorityName(label),
    notBefore: dateOf(validity.from),
    notAfter: dateOf(validity.until),
    signingAlgorithm: es256,
    keys: { privateKey: await signingKey(key), publicKey: await publicKeyOf(key) },
    extensions: [new x509.BasicConstraintsExtension(true, 1, true), caUsage()],
  });
  return certificateBytes(certificate);
}

/** An issuing authority under the root; it signs leaves and revocation lists only. */
export async function issueAuthority(
  root: Authority,
  key: KeyObject,
  serial: string,
  label: string,
  validity: Validity,
): Promise<Buffer> {
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: authorityName(label),
    issuer: new x509.X509Certificate(new Uint8Array(root.certificate)).subjectName,
    notBefore: dateOf(validity.from),
    notAfter: dateOf(validity.until),
    signingAlgorithm: es256,
    signingKey: await signingKey(root.key),
    publicKey: await publicKeyOf(key),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true), caUsage()],
  });
  return certificateBytes(certificate);
}

/** Key usages per purpose: exactly these, so that a certificate of one purpose never serves another. @source RFC 5280 §4.2.1.3 */
export const usagesOf: Readonly<Record<Purpose, number>> = {
  tls: x509.KeyUsageFlags.digitalSignature,
  signing: x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation,
  encryption: x509.KeyUsageFlags.keyAgreement,
  log: x509.KeyUsageFlags.digitalSignature,
};

export interface LeafOrder {
  readonly party: Party;
  readonly purpose: Purpose;
  readonly publicKey: KeyObject;
  /** Hexadecimal, 16 random bytes with the top bit clear. */
  readonly serial: string;
  readonly validity: Validity;
  /** Further DNS names, for TLS: `localhost` in the town, the host's name in real use. */
  readonly dnsNames?: readonly string[];
}

/** Subject C=JP, O=<organisation>, OU=<system>. */
export async function issueLeaf(authority: Authority, order: LeafOrder): Promise<Buffer> {
  const { party, purpose } = order;
  if (!isPartyName(party.organisation) || !isPartyName(party.system)) throw new TypeError('party names are DNS labels');
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(usagesOf[purpose], true),
  ];
  if (purpose === 'tls') {
    extensions.push(
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(
        [...new Set([partyDnsName(party), ...(order.dnsNames ?? [])])].map((value) => ({
          type: 'dns' as const,
          value,
        })),
      ),
    );
  }
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: order.serial,
    subject: name([
      ['C', 'JP'],
      ['O', party.organisation],
      ['OU', party.system],
    ]),
    issuer: new x509.X509Certificate(new Uint8Array(authority.certificate)).subjectName,
    notBefore: dateOf(order.validity.from),
    notAfter: dateOf(order.validity.until),
    signingAlgorithm: es256,
    signingKey: await signingKey(authority.key),
    publicKey: await publicKeyOf(order.publicKey),
    extensions,
  });
  return certificateBytes(certificate);
}

export interface CrlOrder {
  /** Rises by one with every list. */
  readonly number: number;
  readonly thisUpdate: Temporal.Instant;
  readonly nextUpdate: Temporal.Instant;
  readonly revoked: readonly { readonly serial: string; readonly at: Temporal.Instant }[];
}

/** A signed, numbered revocation list. @source RFC 5280 §5 */
export async function issueCrl(authority: Authority, order: CrlOrder): Promise<Buffer> {
  const number = order.number.toString(16);
  const bytes = Buffer.from(number.length % 2 === 0 ? number : `0${number}`, 'hex');
  const positive = bytes[0]! & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  const crl = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(new Uint8Array(authority.certificate)).subjectName,
    thisUpdate: dateOf(order.thisUpdate),
    nextUpdate: dateOf(order.nextUpdate),
    signingAlgorithm: es256,
    signingKey: await signingKey(authority.key),
    extensions: [new x509.Extension(crlNumberOid, false, Buffer.concat([Buffer.of(2, positive.length), positive]))],
    entries: order.revoked.map(({ serial, at }) => ({ serialNumber: serial, revocationDate: dateOf(at) })),
  });
  return Buffer.from(crl.rawData);
}
export const crlNumberOid = '2.5.29.20';

/** PKCS #10 request for a key: proof that the sender holds it. The names in it are not used. */
export async function makeRequest(key: KeyObject, party: Party): Promise<Buffer> {
  const keys = { privateKey: await signingKey(key), publicKey: await publicKeyOf(key) };
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: name([
      ['C', 'JP'],
      ['O', party.organisation],
      ['OU', party.system],
    ]),
    keys,
    signingAlgorithm: key.asymmetricKeyType === 'ed25519' ? ed25519 : es256,
  });
  return Buffer.from(request.rawData);
}

/** The key of a request, once the request's own signature stands and the key fits the purpose. */
export async function readRequest(
  der: Uint8Array,
  purpose: Purpose,
): Promise<Result<KeyObject, 'malformed' | 'wrong-signature' | 'wrong-key-kind'>> {
  let request: x509.Pkcs10CertificateRequest;
  let key: KeyObject;
  try {
    request = new x509.Pkcs10CertificateRequest(new Uint8Array(der));
    key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
  } catch {
    return err('malformed');
  }
  if (!fitsPurpose(key, purpose)) return err('wrong-key-kind');
  return (await request.verify().catch(() => false)) ? ok(key) : err('wrong-signature');
}

/** P-256 for all but the log, whose checkpoints are signed with Ed25519. */
export function fitsPurpose(key: KeyObject, purpose: Purpose): boolean {
  if (purpose === 'log') return key.asymmetricKeyType === 'ed25519';
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}
