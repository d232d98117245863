import { decodeBase64url } from '@musubi/kernel/crypto/base64url.ts';
import { constantTimeEqual, sha256, sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { readJws, signatureStands, signJws } from '@musubi/kernel/crypto/jws.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Trust, VerifiedParty } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { z } from 'zod';

/* How a signed message of the exchange is written and read; the same on every side. */

/** `typ` of each signed message. */
export const messageTypes = {
  inquiry: 'musubi-inquiry',
  permit: 'musubi-permit',
  provision: 'musubi-provision',
  permissionList: 'musubi-permission-list',
  processingNumber: 'musubi-processing-number',
  personRequest: 'musubi-person-request',
  personOrder: 'musubi-person-order',
  linkageNotice: 'musubi-linkage-notice',
} as const;
/** `typ` of each sealed message. */
export const sealedTypes = {
  answer: 'musubi-answer',
  rootRequest: 'musubi-root-request',
  rootSuccession: 'musubi-root-succession',
  personAnswer: 'musubi-person-answer',
} as const;

export type SignedRefusal = 'not-canonical' | 'bad-signature';

/** A message with who signed it. */
export interface Signed<T> {
  readonly payload: T;
  readonly signer: VerifiedParty;
  /** The signer's certificates as they came, for asking again whether they still count. */
  readonly chain: readonly Uint8Array[];
  /** SHA-256 of the compact text, base64url: how another message names this one. */
  readonly digest: string;
}

export const signMessage = (identity: Pick<Identity, 'signing'>, typ: string, payload: object): string =>
  signJws({ key: identity.signing.key, typ, signer: { x5c: identity.signing.chain }, payload });

/** Form, chain, signature, schema, in this order; nothing of the content is looked at before the signature stands. */
export function readSigned<S extends z.ZodType>(
  compact: string,
  typ: string,
  schema: S,
  trust: Trust,
  at: Temporal.Instant,
): Result<Signed<z.infer<S>>, SignedRefusal> {
  const jws = readJws(compact, { typ });
  if (!jws.ok) return err(jws.error.startsWith('not-canonical') ? 'not-canonical' : 'bad-signature');
  const { signer } = jws.value;
  if (!('x5c' in signer)) return err('bad-signature');
  const party = trust.verifyChain(signer.x5c, 'signing', at);
  if (!party.ok || !signatureStands(jws.value, party.value.certificate.publicKey)) return err('bad-signature');
  const payload = schema.safeParse(jws.value.payload);
  if (!payload.success) return err('not-canonical');
  return ok({ payload: payload.data, signer: party.value, chain: signer.x5c, digest: sha256Base64url(compact) });
}

/**
 * The certificate by which a compact text says it was signed, not verified: to ask the authority about it before the text is
 * judged. Undefined where none can be read; the judging tells why.
 */
export function claimedCertificate(compact: string): Buffer | undefined {
  try {
    const header = JSON.parse(Buffer.from(compact.slice(0, compact.indexOf('.')), 'base64url').toString('utf8')) as {
      readonly x5c?: readonly unknown[];
    };
    const leaf = header.x5c?.[0];
    return typeof leaf === 'string' ? Buffer.from(leaf, 'base64') : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256(nonce ‖ linkage code) over the decoded bytes, base64url. @throws on texts that the schemas would have refused */
export function commitmentOf(nonce: string, linkageCode: string): string {
  const parts = [nonce, linkageCode].map((text) => {
    const bytes = decodeBase64url(text);
    if (!bytes.ok) throw new TypeError('commitment over a text that is not base64url');
    return bytes.value;
  });
  return sha256(Buffer.concat(parts)).toString('base64url');
}

/** Whether nonce and code open the commitment. */
export function opens(commitment: string, nonce: string, linkageCode: string): boolean {
  const parts = [nonce, linkageCode].map(decodeBase64url);
  if (!parts.every((part) => part.ok)) return false;
  return constantTimeEqual(Buffer.from(commitment), Buffer.from(commitmentOf(nonce, linkageCode)));
}
