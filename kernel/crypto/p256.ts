import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { err, ok, type Result } from '../result/result.ts';
import { decodeBase64url } from './base64url.ts';
import { sha256Base64url } from './digest.ts';

/** A public key on P-256 in exactly this form. @source RFC 7518 §6.2.1 */
export interface P256Jwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

export type P256KeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

export const generateP256 = (): P256KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** @throws TypeError where the key is not on P-256: a defect of the caller. */
export function exportP256(key: KeyObject): P256Jwk {
  const jwk = key.export({ format: 'jwk' });
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256' || jwk.x === undefined || jwk.y === undefined) {
    throw new TypeError('not a P-256 key');
  }
  return { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y };
}

/**
 * Takes a public key from a peer: exactly {kty, crv, x, y}, coordinates of 32 bytes, a point on the curve. A point off
 * the curve would let a peer learn a private key bit by bit (RFC 7518 §8, invalid curve attack); OpenSSL refuses it here.
 */
export function importP256(jwk: unknown): Result<KeyObject, 'invalid-key'> {
  if (!isP256Jwk(jwk)) return err('invalid-key');
  for (const coordinate of [jwk.x, jwk.y]) {
    const bytes = decodeBase64url(coordinate);
    if (!bytes.ok || bytes.value.byteLength !== 32) return err('invalid-key');
  }
  try {
    return ok(createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y }, format: 'jwk' }));
  } catch {
    return err('invalid-key');
  }
}

function isP256Jwk(value: unknown): value is P256Jwk {
  if (typeof value !== 'object' || value === null || Object.keys(value).sort().join() !== 'crv,kty,x,y') return false;
  const { kty, crv, x, y } = value as Record<string, unknown>;
  return kty === 'EC' && crv === 'P-256' && typeof x === 'string' && typeof y === 'string';
}

/** True for a key this profile may use; keys from certificates and files pass here before use. */
export const isP256 = (key: KeyObject): boolean =>
  key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';

/** The key's name in `kid`. @source RFC 7638 §3 */
export function thumbprint(key: KeyObject | P256Jwk): string {
  const { crv, kty, x, y } = 'kty' in key ? key : exportP256(key);
  return sha256Base64url(JSON.stringify({ crv, kty, x, y }));
}
