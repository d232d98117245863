import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { canonicalSerial } from '@musubi/kernel/pki/read.ts';
import * as x509 from '@musubi/kernel/pki/x509.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { type CardRefusal, checkCardSignature } from './card-signature.ts';

export interface CardCertificate {
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
  readonly serial: string;
}

/** 利用者証明用電子証明書 — and no other kind. @source formats: 公的個人認証 §2 */
const profile = {
  policy: '1.2.392.200149.8.5.1.3.30',
  usages: x509.KeyUsageFlags.digitalSignature,
  understood: new Set(['2.5.29.15', '2.5.29.32']),
  withoutSubjectAltName: true,
};

/**
 * @param authorityDer the authority for user authentication, pinned
 * @source formats: 公的個人認証 §6 J01 (chain, policy), J02 (dates), J03 (no 基本4情報 in it)
 */
export function checkCard(
  card: { readonly certificate: string; readonly signature: string },
  text: string,
  authorityDer: Uint8Array,
  at: Temporal.Instant,
): Result<CardCertificate, CardRefusal> {
  const checked = checkCardSignature(card, text, authorityDer, at, profile);
  if (!checked.ok) return checked;
  const { der, form } = checked.value;
  return ok({ fingerprint: sha256Hex(der), serial: canonicalSerial(form.serialNumber) });
}
