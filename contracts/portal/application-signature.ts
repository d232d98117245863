import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { canonicalSerial } from '@musubi/kernel/pki/read.ts';
import * as x509 from '@musubi/kernel/pki/x509.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type CardRefusal, checkCardSignature } from './card-signature.ts';

/* 署名用電子証明書 on an application: portal and body check it alike, each for itself. */

/** 基本4情報 as the card's certificate bears them. `birthDate` is ISO text. */
export interface CardParticulars {
  readonly name: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
}

export interface SignedBy {
  readonly fingerprint: string;
  readonly serial: string;
  readonly particulars: CardParticulars;
}

export type SignatureRefusal = CardRefusal | 'particulars-missing';

/** @source formats: 公的個人認証 §2 */
const policies = { production: '1.2.392.200149.8.5.1.1.20', training: '1.2.392.200149.8.5.1.0.20' } as const;
export type CardEnvironment = keyof typeof policies;
const understood = new Set(['2.5.29.15', '2.5.29.32', '2.5.29.17']);
const particularsArc = '1.2.392.200149.8.5.5.';

/**
 * Chain, profile (a training card only where training cards are taken), dates, signature over exactly this text, then who signed; revocation is asked of jpki afterwards.
 * @source formats: 公的個人認証 §6 J01, J02, J03 (SAN must be there), J05 (covers the data), J08 (no user-authentication certificate)
 */
export function checkApplicationSignature(
  signed: { readonly certificate: string; readonly signature: string },
  text: string,
  authorityDer: Uint8Array,
  at: Temporal.Instant,
  environment: CardEnvironment,
): Result<SignedBy, SignatureRefusal> {
  const checked = checkCardSignature(signed, text, authorityDer, at, {
    policy: policies[environment],
    usages: x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation,
    understood,
  });
  if (!checked.ok) return checked;
  const { der, form } = checked.value;
  const san = form.getExtension('2.5.29.17');
  const particulars = san === null ? undefined : readParticulars(Buffer.from(san.value));
  if (particulars === undefined) return err('particulars-missing');
  return ok({ fingerprint: sha256Hex(der), serial: canonicalSerial(form.serialNumber), particulars });
}

/** The particulars that a signature certificate bears, unverified: to fill a form, never to believe it. */
export function particularsOf(certificate: string): CardParticulars | undefined {
  try {
    const san = new x509.X509Certificate(new Uint8Array(Buffer.from(certificate, 'base64'))).getExtension('2.5.29.17');
    return san === null ? undefined : readParticulars(Buffer.from(san.value));
  } catch {
    return undefined;
  }
}

/* ---- subjectAltName: otherName entries, read by their identifiers and not by position ---- */

interface Element {
  readonly tag: number;
  readonly body: Buffer;
}

/** Elements of a DER value; undefined where a length is not canonical or points outside. */
function elements(bytes: Buffer): Element[] | undefined {
  const found: Element[] = [];
  for (let i = 0; i < bytes.length; ) {
    const tag = bytes[i]!;
    let length = bytes[i + 1] ?? 0x100;
    let at = i + 2;
    if (length === 0x81 || length === 0x82) {
      const size = length - 0x80;
      if (at + size > bytes.length) return undefined;
      length = bytes.readUIntBE(at, size);
      at += size;
      if (length < (size === 1 ? 0x80 : 0x100)) return undefined;
    } else if (length > 0x7f) return undefined;
    if (at + length > bytes.length) return undefined;
    found.push({ tag, body: bytes.subarray(at, at + length) });
    i = at + length;
  }
  return found;
}

function oidText(body: Buffer): string {
  const arcs: number[] = [Math.floor(body[0]! / 40), body[0]! % 40];
  let value = 0;
  for (const byte of body.subarray(1)) {
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) {
      arcs.push(value);
      value = 0;
    }
  }
  return arcs.join('.');
}

function readParticulars(san: Buffer): CardParticulars | undefined {
  const [sequence] = elements(san) ?? [];
  const texts = new Map<string, string>();
  for (const entry of (sequence?.tag === 0x30 && elements(sequence.body)) || []) {
    if (entry.tag !== 0xa0) continue;
    const [oid, value] = elements(entry.body) ?? [];
    const [text] = (value?.tag === 0xa0 && elements(value.body)) || [];
    if (oid?.tag !== 0x06 || text?.tag !== 0x0c) continue;
    const name = oidText(oid.body);
    if (texts.has(name)) return undefined;
    texts.set(name, text.body.toString('utf8'));
  }
  const of = (last: number): string | undefined => texts.get(`${particularsArc}${last}`);
  const [name, sex, birth, address] = [of(1), of(3), of(4), of(5)];
  const day = /^[0-5]([0-9]{4})([0-9]{2})([0-9]{2})$/.exec(birth ?? '');
  const sexes = { 1: 'male', 2: 'female', 3: 'other' } as const;
  if (!name || !address || !day || !(sex === '1' || sex === '2' || sex === '3')) return undefined;
  return { name, address, birthDate: `${day[1]}-${day[2]}-${day[3]}`, sex: sexes[sex] };
}
