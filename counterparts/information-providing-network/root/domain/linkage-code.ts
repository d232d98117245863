import { decodeBase64url, encodeBase64url } from '@musubi/kernel/crypto/base64url.ts';
import { hmacSha256 } from '@musubi/kernel/crypto/digest.ts';
import { openSiv, sealSiv } from '@musubi/kernel/crypto/siv.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** Length of what a linkage code seals, bytes. */
const rootLength = 32;

/**
 * root = HMAC(K_root, code): one person, one root, for ever; K_root never rotates (design §4.2).
 *
 * @param rootKey 32 bytes
 * @param residentRecordCode 11 digits
 */
export const rootOf = (rootKey: Uint8Array, residentRecordCode: string): Buffer =>
  hmacSha256(rootKey, `musubi/linkage-root/1\0${residentRecordCode}`);

/** Linkage code = version ‖ AES-SIV(K[organisation, version], root; AAD = organisation). The same person gets the same code. */
export function linkageCodeOf(root: Uint8Array, organisation: string, version: number, key: Uint8Array): string {
  return encodeBase64url(Buffer.concat([Buffer.of(version), sealSiv(key, root, Buffer.from(organisation))]));
}

/** The version of the key under which a code was made, or undefined where it is no code at all. */
export function versionOf(linkageCode: string): number | undefined {
  const bytes = decodeBase64url(linkageCode);
  if (!bytes.ok || bytes.value.length !== 1 + 16 + rootLength || bytes.value[0] === 0) return undefined;
  return bytes.value[0];
}

/** The root behind a code of this organisation; a code of another body does not open under its key and name. */
export function rootBehind(
  linkageCode: string,
  organisation: string,
  key: Uint8Array,
): Result<Buffer, 'not-your-linkage-code'> {
  const bytes = decodeBase64url(linkageCode);
  if (!bytes.ok) return err('not-your-linkage-code');
  const root = openSiv(key, bytes.value.subarray(1), Buffer.from(organisation));
  return root.ok && root.value.length === rootLength ? ok(root.value) : err('not-your-linkage-code');
}

/** One per person, the same in every record of the network, of no use to anyone who has no key of the root process. */
export const pseudonymOf = (pseudonymKey: Uint8Array, root: Uint8Array): string =>
  encodeBase64url(hmacSha256(pseudonymKey, root).subarray(0, 16));
