import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { dateOf } from '@musubi/kernel/pki/issue.ts';
import * as x509 from '@musubi/kernel/pki/x509.ts';
import { AsnConvert } from '@peculiar/asn1-schema';
import { CRLNumber } from '@peculiar/asn1-x509';
import type { CardProfile } from './profile.ts';

/** An authority of the cards while its key is at hand. */
export interface CardAuthority {
  readonly key: KeyObject;
  readonly certificate: Buffer;
}

const rsaSha256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

type NamePart = readonly [type: 'C' | 'O' | 'OU' | 'CN', text: string];
/** Names are UTF8String but for the country. */
const nameOf = (...parts: readonly NamePart[]): x509.Name =>
  new x509.Name(
    parts.map(
      ([type, text]): Record<string, { printableString?: string; utf8String?: string }[]> => ({
        [type]: [type === 'C' ? { printableString: text } : { utf8String: text }],
      }),
    ),
  );
const authorityName = (profile: CardProfile): x509.Name =>
  nameOf(
    ['C', 'JP'],
    ['O', 'JPKI'],
    ['OU', profile.authority],
    ['OU', 'Japan Agency for Local Authority Information Systems'],
  );

const publicOf = (key: KeyObject): KeyObject => (key.type === 'private' ? createPublicKey(key) : key);
const spki = (key: KeyObject) => publicOf(key).export({ type: 'spki', format: 'der' });
/** 160 bits of SHA-256, as RFC 7093 allows instead of SHA-1. */
const keyId = (key: KeyObject): string => sha256(spki(key)).subarray(0, 20).toString('hex');
const signingKey = (key: KeyObject): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), rsaSha256, false, ['sign']);
const publicKeyOf = (key: KeyObject): Promise<CryptoKey> =>
  crypto.subtle.importKey('spki', spki(key), rsaSha256, true, ['verify']);
const issuerKeyId = ({ certificate }: CardAuthority): x509.Extension =>
  new x509.AuthorityKeyIdentifierExtension(keyId(new X509Certificate(certificate).publicKey));

/** The self-signed authority of one kind. Its SAN names the service, as those of the real authorities do. */
export async function issueCardAuthority(
  profile: CardProfile,
  key: KeyObject,
  serial: string,
  validity: { readonly from: Temporal.Instant; readonly until: Temporal.Instant },
): Promise<CardAuthority> {
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial,
    name: authorityName(profile),
    notBefore: dateOf(validity.from),
    notAfter: dateOf(validity.until),
    signingAlgorithm: rsaSha256,
    keys: { privateKey: await signingKey(key), publicKey: await publicKeyOf(key) },
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dn', value: 'C=JP, O=公的個人認証サービス' }]),
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.SubjectKeyIdentifierExtension(keyId(key)),
    ],
  });
  return { key, certificate: Buffer.from(made.rawData) };
}

export interface CardCertificateOrder {
  readonly profile: CardProfile;
  readonly publicKey: KeyObject;
  /** Hexadecimal. */
  readonly serial: string;
  /** CN: an identifier, never a name. */
  readonly commonName: string;
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
  /** In a town: the policy of the test environment. */
  readonly training: boolean;
  /** subjectAltName of a signature certificate; a user-authentication certificate has none. */
  readonly particulars?: Buffer;
}

/** @source RFC 5280 §4, formats: 公的個人認証 §2 */
export async function issueCardCertificate(authority: CardAuthority, order: CardCertificateOrder): Promise<Buffer> {
  const { profile, particulars } = order;
  if (profile.particulars !== (particulars !== undefined))
    throw new TypeError(`a ${profile.kind} certificate ${profile.particulars ? 'bears' : 'never bears'} particulars`);
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: order.serial,
    issuer: authorityName(profile),
    subject: nameOf(['C', 'JP'], ['O', 'JPKI'], ['OU', profile.authority], ['CN', order.commonName]),
    notBefore: dateOf(order.from),
    notAfter: dateOf(order.until),
    signingAlgorithm: rsaSha256,
    signingKey: await signingKey(authority.key),
    publicKey: await publicKeyOf(order.publicKey),
    extensions: [
      new x509.KeyUsagesExtension(profile.keyUsage, true),
      new x509.CertificatePolicyExtension([order.training ? profile.policy.training : profile.policy.production], true),
      ...(particulars === undefined ? [] : [new x509.Extension('2.5.29.17', false, new Uint8Array(particulars))]),
      issuerKeyId(authority),
      new x509.SubjectKeyIdentifierExtension(keyId(order.publicKey)),
    ],
  });
  return Buffer.from(made.rawData);
}

export interface CardCrlOrder {
  readonly number: number;
  readonly thisUpdate: Temporal.Instant;
  readonly nextUpdate: Temporal.Instant;
  readonly revoked: readonly { readonly serial: string; readonly at: Temporal.Instant }[];
}

/** A numbered revocation list. @source RFC 5280 §5 */
export async function issueCardCrl(
  profile: CardProfile,
  authority: CardAuthority,
  order: CardCrlOrder,
): Promise<Buffer> {
  const list = await x509.X509CrlGenerator.create({
    issuer: authorityName(profile),
    thisUpdate: dateOf(order.thisUpdate),
    nextUpdate: dateOf(order.nextUpdate),
    signingAlgorithm: rsaSha256,
    signingKey: await signingKey(authority.key),
    extensions: [
      issuerKeyId(authority),
      new x509.Extension('2.5.29.20', false, AsnConvert.serialize(new CRLNumber(order.number))),
    ],
    entries: order.revoked.map(({ serial, at }) => ({ serialNumber: serial, revocationDate: dateOf(at) })),
  });
  return Buffer.from(list.rawData);
}
