import { verify, X509Certificate } from 'node:crypto';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { canonicalSerial } from '@musubi/kernel/pki/read.ts';
import * as x509 from '@musubi/kernel/pki/x509.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export interface CardCertificate {
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
  readonly serial: string;
}

export type CardRefusal = 'certificate-refused' | 'certificate-expired' | 'signature-wrong';

/** 利用者証明用電子証明書 — and no other kind. @source formats: 公的個人認証 §2 */
const profile = { policy: '1.2.392.200149.8.5.1.3.30', keyBits: 2048 };
/** keyUsage, certificatePolicies: a critical extension beyond these must be refused. @source RFC 5280 §4.2 */
const understood = new Set(['2.5.29.15', '2.5.29.32']);

/**
 * Chain, profile, dates, signature, in this order; revocation is asked of jpki afterwards.
 * @param authorityDer the authority for user authentication, pinned
 * @source formats: 公的個人認証 §6 J01 (chain, policy), J02 (dates), J03 (no 基本4情報 in it)
 */
export function checkCard(
  card: { readonly certificate: string; readonly signature: string },
  text: string,
  authorityDer: Uint8Array,
  at: Temporal.Instant,
): Result<CardCertificate, CardRefusal> {
  const der = Buffer.from(card.certificate, 'base64');
  let node: X509Certificate;
  let form: x509.X509Certificate;
  try {
    node = new X509Certificate(der);
    form = new x509.X509Certificate(new Uint8Array(der));
  } catch {
    return err('certificate-refused');
  }
  const authority = new X509Certificate(Buffer.from(authorityDer));
  // Bytes after the certificate would give one certificate several fingerprints.
  if (!node.raw.equals(der) || !node.checkIssued(authority) || !node.verify(authority.publicKey) || node.ca)
    return err('certificate-refused');
  if (!fitsProfile(node, form)) return err('certificate-refused');
  const now = at.epochMilliseconds;
  if (now < form.notBefore.getTime() || now > form.notAfter.getTime()) return err('certificate-expired');
  if (!verify('sha256', Buffer.from(text), node.publicKey, Buffer.from(card.signature, 'base64')))
    return err('signature-wrong');
  return ok({ fingerprint: sha256Hex(der), serial: canonicalSerial(form.serialNumber) });
}

function fitsProfile(node: X509Certificate, form: x509.X509Certificate): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = node.publicKey;
  if (asymmetricKeyType !== 'rsa' || asymmetricKeyDetails?.modulusLength !== profile.keyBits) return false;
  if (form.getExtension(x509.KeyUsagesExtension)?.usages !== x509.KeyUsageFlags.digitalSignature) return false;
  if (form.getExtension('2.5.29.17') !== null) return false;
  const policies = form.getExtension(x509.CertificatePolicyExtension)?.policies ?? [];
  if (policies.length !== 1 || policies[0] !== profile.policy) return false;
  return form.extensions.every((extension) => !extension.critical || understood.has(extension.type));
}
