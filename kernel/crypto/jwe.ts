import { createCipheriv, createDecipheriv, diffieHellman, type KeyObject, randomBytes } from 'node:crypto';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { readHeader, splitCompact } from './compact.ts';
import { sha256 } from './digest.ts';
import { exportP256, generateP256, importP256, isP256 } from './p256.ts';
import type { CryptoRefusal } from './refusal.ts';

/** Protected members beside the profile's own: `{ inquiryNumber, permitHash }`. Text only. */
export type JweMembers = Readonly<Record<string, string>>;

export interface JweToSeal {
  /** On P-256, from the recipient's certificate or from the signed inquiry. */
  readonly recipient: KeyObject;
  readonly typ: string;
  readonly plaintext: Uint8Array;
  readonly members?: JweMembers;
}

const profileMembers = ['alg', 'enc', 'epk', 'typ'] as const;

/**
 * Compact JWE with exactly {alg: 'ECDH-ES', enc: 'A256GCM', epk, typ} and the declared members; no apu, apv, zip or kid.
 * One curve, P-256, because recipients are named by X.509 certificates whose requests are signed with the same key.
 * @source RFC 7516 §3.1, RFC 7518 §4.6, §5.3
 */
export function sealJwe({ recipient, typ, plaintext, members = {} }: JweToSeal): string {
  if (!isP256(recipient)) throw new TypeError('JWE recipient: not a P-256 key');
  for (const name of profileMembers)
    if (name in members) throw new TypeError(`JWE member ${name} is the profile's own`);
  const ephemeral = generateP256();
  const key = contentKey(diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient }));
  const epk = exportP256(ephemeral.publicKey);
  const header = Buffer.from(JSON.stringify({ alg: 'ECDH-ES', enc: 'A256GCM', epk, typ, ...members })).toString(
    'base64url',
  );
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
  cipher.setAAD(Buffer.from(header));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return [header, '', encodeBase64url(iv), encodeBase64url(body), encodeBase64url(cipher.getAuthTag())].join('.');
}

export interface JweToOpen<Name extends string = never> {
  readonly privateKey: KeyObject;
  readonly typ: string;
  /** Names of the further members that must be there, all of them and no other. */
  readonly members?: readonly Name[];
  /** Characters of the whole text; 16 MiB where none is given. */
  readonly maxLength?: number;
}

export type OpenedJwe<Name extends string> = {
  readonly plaintext: Buffer;
  readonly members: Readonly<Record<Name, string>>;
};

/** Opens a message sealed to this key. `cannot-open` says only that key, header and content do not belong together. */
export function openJwe<const Name extends string = never>(
  compact: string,
  { privateKey, typ, members = [], maxLength = 16_777_216 }: JweToOpen<Name>,
): Result<OpenedJwe<Name>, CryptoRefusal> {
  const parts = splitCompact(compact, 5, maxLength);
  if (!parts.ok) return parts;
  const [headerPart, keyPart, ivPart, bodyPart, tagPart] = parts.value as [string, string, string, string, string];
  const header = readHeader(headerPart, new Set([...profileMembers, ...members]));
  if (!header.ok) return header;
  if (header.value.alg !== 'ECDH-ES' || header.value.enc !== 'A256GCM') return err('wrong-algorithm');
  if (enforced('transport.strict-message') && header.value.typ !== typ) return err('wrong-type');
  const given = pick(header.value, members);
  if (!given.ok) return given;
  const epk = importP256(header.value.epk);
  if (!epk.ok) return epk;
  if (keyPart !== '') return err('wrong-length'); // direct agreement has no encrypted key
  const iv = decodeBase64url(ivPart);
  const body = decodeBase64url(bodyPart);
  const tag = decodeBase64url(tagPart);
  if (!iv.ok || !body.ok || !tag.ok) return err('not-canonical-base64url');
  if (iv.value.byteLength !== 12 || tag.value.byteLength !== 16) return err('wrong-length');

  const key = contentKey(diffieHellman({ privateKey, publicKey: epk.value }));
  const decipher = createDecipheriv('aes-256-gcm', key, iv.value, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(headerPart));
  decipher.setAuthTag(tag.value);
  const plain = decipher.update(body.value);
  try {
    return ok({ plaintext: Buffer.concat([plain, decipher.final()]), members: given.value });
  } catch {
    return err('cannot-open');
  }
}

function pick<Name extends string>(
  header: Readonly<Record<string, unknown>>,
  names: readonly Name[],
): Result<Readonly<Record<Name, string>>, CryptoRefusal> {
  const given: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = header[name];
    if (value === undefined) return err('missing-header-member');
    if (typeof value !== 'string') return err('wrong-header-member');
    given[name] = value;
  }
  return ok(given as Record<Name, string>);
}

const contentKey = (secret: Buffer): Buffer => concatKdf(secret, 'A256GCM', 256);

/**
 * One round of the Concat KDF (one is enough up to 256 bits). Party names are empty in this profile; they are arguments
 * for the RFC's vector.
 * @source RFC 7518 §4.6.2, appendix C
 */
export function concatKdf(secret: Uint8Array, algorithm: string, bits: number, apu = '', apv = ''): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const named = (text: string): Buffer => Buffer.concat([number(Buffer.byteLength(text)), Buffer.from(text)]);
  const input = Buffer.concat([number(1), secret, named(algorithm), named(apu), named(apv), number(bits)]);
  return sha256(input).subarray(0, bits / 8);
}
