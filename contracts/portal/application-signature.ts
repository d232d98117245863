import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { canonicalSerial } from '@musubi/kernel/pki/read.ts';
import * as x509 from '@musubi/kernel/pki/x509.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { AsnConvert } from '@peculiar/asn1-schema';
import { DirectoryString, SubjectAlternativeName } from '@peculiar/asn1-x509';
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
  const particulars = san === null ? undefined : readParticulars(san.value);
  if (particulars === undefined) return err('particulars-missing');
  return ok({ fingerprint: sha256Hex(der), serial: canonicalSerial(form.serialNumber), particulars });
}

/** The particulars that a signature certificate bears, unverified: to fill a form, never to believe it. */
export function particularsOf(certificate: string): CardParticulars | undefined {
  try {
    const san = new x509.X509Certificate(new Uint8Array(Buffer.from(certificate, 'base64'))).getExtension('2.5.29.17');
    return san === null ? undefined : readParticulars(san.value);
  } catch {
    return undefined;
  }
}

/* ---- subjectAltName: otherName entries, read by their identifiers and not by position ---- */

/** UTF-8 texts of the card's otherName entries by identifier; undefined where they cannot be read or an identifier comes twice. */
function otherNames(san: ArrayBuffer): ReadonlyMap<string, string> | undefined {
  const texts = new Map<string, string>();
  try {
    for (const { otherName } of AsnConvert.parse(san, SubjectAlternativeName)) {
      if (otherName?.typeId.startsWith(particularsArc) !== true) continue;
      const text = AsnConvert.parse(otherName.value, DirectoryString).utf8String;
      if (text === undefined || texts.has(otherName.typeId)) return undefined;
      texts.set(otherName.typeId, text);
    }
  } catch {
    return undefined;
  }
  return texts;
}

function readParticulars(san: ArrayBuffer): CardParticulars | undefined {
  const texts = otherNames(san);
  if (texts === undefined) return undefined;
  const of = (last: number): string | undefined => texts.get(`${particularsArc}${last}`);
  const [name, sex, birth, address] = [of(1), of(3), of(4), of(5)];
  const day = /^[0-5]([0-9]{4})([0-9]{2})([0-9]{2})$/.exec(birth ?? '');
  const sexes = { 1: 'male', 2: 'female', 3: 'other' } as const;
  if (!name || !address || !day || !(sex === '1' || sex === '2' || sex === '3')) return undefined;
  return { name, address, birthDate: `${day[1]}-${day[2]}-${day[3]}`, sex: sexes[sex] };
}
