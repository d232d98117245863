import { createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import {
  bits,
  der,
  explicit,
  integer,
  moment,
  nothing,
  octets,
  oid,
  printable,
  sequence,
  truth,
  utf8,
} from '../domain/der.ts';
import type { CardProfile } from './profile.ts';

/** An authority of the cards while its key is at hand. */
export interface CardAuthority {
  readonly key: KeyObject;
  readonly certificate: Buffer;
}

/** sha256WithRSAEncryption */
const rsaSha256 = (): Buffer => sequence(oid('1.2.840.113549.1.1.11'), nothing());
const oids = { c: '2.5.4.6', o: '2.5.4.10', ou: '2.5.4.11', cn: '2.5.4.3' } as const;
const part = (type: keyof typeof oids, text: string): Buffer =>
  der(0x31, sequence(oid(oids[type]), type === 'c' ? printable(text) : utf8(text)));
const authorityName = (profile: CardProfile): Buffer =>
  sequence(
    part('c', 'JP'),
    part('o', 'JPKI'),
    part('ou', profile.authority),
    part('ou', 'Japan Agency for Local Authority Information Systems'),
  );
const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [truth()] : []), octets(value));
const spki = (key: KeyObject): Buffer =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
/** RFC 5280 §4.2.1.2, method 1. */
const keyId = (key: KeyObject): Buffer => sha256(spki(key)).subarray(0, 20);

const signed = (tbs: Buffer, key: KeyObject): Buffer => sequence(tbs, rsaSha256(), bits(sign('sha256', tbs, key)));

interface Content {
  readonly serial: string;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

const certificate = (content: Content, signer: KeyObject): Buffer =>
  signed(
    sequence(
      explicit(0, integer('02')),
      integer(content.serial),
      rsaSha256(),
      content.issuer,
      sequence(moment(content.from), moment(content.until)),
      content.subject,
      spki(content.publicKey),
      explicit(3, sequence(...content.extensions)),
    ),
    signer,
  );

/** The self-signed authority of one kind. Its SAN names the service, as those of the real authorities do. */
export function issueCardAuthority(
  profile: CardProfile,
  key: KeyObject,
  serial: string,
  validity: { readonly from: Temporal.Instant; readonly until: Temporal.Instant },
): CardAuthority {
  const name = authorityName(profile);
  const service = sequence(part('c', 'JP'), part('o', '公的個人認証サービス'));
  const made = certificate(
    {
      serial,
      issuer: name,
      subject: name,
      ...validity,
      publicKey: key,
      extensions: [
        extension('2.5.29.15', true, bits(Buffer.of(0x06), 1)),
        extension('2.5.29.17', false, sequence(der(0xa4, service))),
        extension('2.5.29.19', true, sequence(truth())),
        extension('2.5.29.14', false, octets(keyId(key))),
      ],
    },
    key,
  );
  return { key, certificate: made };
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
export function issueCardCertificate(authority: CardAuthority, order: CardCertificateOrder): Buffer {
  const { profile } = order;
  if (profile.particulars !== (order.particulars !== undefined))
    throw new TypeError(`a ${profile.kind} certificate ${profile.particulars ? 'bears' : 'never bears'} particulars`);
  const usage = bits(Buffer.of(profile.keyUsage), profile.keyUsage === 0xc0 ? 6 : 7);
  const policy = sequence(sequence(oid(order.training ? profile.policy.training : profile.policy.production)));
  const issuerKey = new X509Certificate(authority.certificate).publicKey;
  return certificate(
    {
      serial: order.serial,
      issuer: authorityName(profile),
      subject: sequence(
        part('c', 'JP'),
        part('o', 'JPKI'),
        part('ou', profile.authority),
        part('cn', order.commonName),
      ),
      from: order.from,
      until: order.until,
      publicKey: order.publicKey,
      extensions: [
        extension('2.5.29.15', true, usage),
        extension('2.5.29.32', true, policy),
        ...(order.particulars === undefined ? [] : [extension('2.5.29.17', false, order.particulars)]),
        extension('2.5.29.35', false, sequence(der(0x80, keyId(issuerKey)))),
        extension('2.5.29.14', false, octets(keyId(order.publicKey))),
      ],
    },
    authority.key,
  );
}

export interface CardCrlOrder {
  readonly number: number;
  readonly thisUpdate: Temporal.Instant;
  readonly nextUpdate: Temporal.Instant;
  readonly revoked: readonly { readonly serial: string; readonly at: Temporal.Instant }[];
}

/** A numbered revocation list. @source RFC 5280 §5 */
export function issueCardCrl(profile: CardProfile, authority: CardAuthority, order: CardCrlOrder): Buffer {
  const entries = order.revoked.map(({ serial, at }) => sequence(integer(serial), moment(at)));
  const issuerKey = new X509Certificate(authority.certificate).publicKey;
  return signed(
    sequence(
      integer('01'),
      rsaSha256(),
      authorityName(profile),
      moment(order.thisUpdate),
      moment(order.nextUpdate),
      ...(entries.length === 0 ? [] : [sequence(...entries)]),
      explicit(
        0,
        sequence(
          extension('2.5.29.35', false, sequence(der(0x80, keyId(issuerKey)))),
          extension('2.5.29.20', false, integer(order.number.toString(16))),
        ),
      ),
    ),
    authority.key,
  );
}
