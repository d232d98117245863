import { verify, X509Certificate } from 'node:crypto';
import * as x509 from '@musubi/kernel/pki/x509.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/* What both certificates of a card have in common: 利用者証明用 (sign-in) and 署名用 (applications). */

export type CardRefusal = 'certificate-refused' | 'certificate-expired' | 'signature-wrong';

/** What tells one kind of certificate from the other. @source formats: 公的個人認証 §2 */
export interface CardProfile {
  readonly policy: string;
  /** All of these key usages and no other. */
  readonly usages: x509.KeyUsageFlags;
  /** Extensions that may be critical; any other must be refused. @source RFC 5280 §4.2 */
  readonly understood: ReadonlySet<string>;
  /** Sign-in certificates bear no 基本4情報. */
  readonly withoutSubjectAltName?: boolean;
}

const keyBits = 2048;

/**
 * Chain, profile, dates, signature over exactly this text, in this order; revocation is asked of jpki afterwards.
 *
 * @param authorityDer the authority for this kind of certificate, pinned
 */
export function checkCardSignature(
  signed: { readonly certificate: string; readonly signature: string },
  text: string,
  authorityDer: Uint8Array,
  at: Temporal.Instant,
  profile: CardProfile,
): Result<{ readonly der: Buffer; readonly form: x509.X509Certificate }, CardRefusal> {
  const der = Buffer.from(signed.certificate, 'base64');
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
  if (!fits(node, form, profile)) return err('certificate-refused');
  const now = at.epochMilliseconds;
  if (now < form.notBefore.getTime() || now > form.notAfter.getTime()) return err('certificate-expired');
  if (!verify('sha256', Buffer.from(text), node.publicKey, Buffer.from(signed.signature, 'base64')))
    return err('signature-wrong');
  return ok({ der, form });
}

function fits(node: X509Certificate, form: x509.X509Certificate, profile: CardProfile): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = node.publicKey;
  if (asymmetricKeyType !== 'rsa' || asymmetricKeyDetails?.modulusLength !== keyBits) return false;
  if (form.getExtension(x509.KeyUsagesExtension)?.usages !== profile.usages) return false;
  if (profile.withoutSubjectAltName && form.getExtension('2.5.29.17') !== null) return false;
  const policies = form.getExtension(x509.CertificatePolicyExtension)?.policies ?? [];
  if (policies.length !== 1 || policies[0] !== profile.policy) return false;
  return form.extensions.every((extension) => !extension.critical || profile.understood.has(extension.type));
}
