import { type CipherKey, createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { err, ok, type Result } from '../result/result.ts';

const ivLength = 12;
const tagLength = 16;

/**
 * Seals with AES-256-GCM under a fresh random nonce: nonce (12) ‖ ciphertext ‖ tag (16).
 * Under one key no more than 2^32 objects may be sealed so; data keys per object or per row stay far below.
 * @param key 32 bytes
 * @param aad what the ciphertext belongs to (key version, row identity): opening under another fails
 * @source NIST SP 800-38D §8.2.2, §8.3
 */
export function sealGcm(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  return sealUnder(key, randomBytes(ivLength), plaintext, aad);
}

/**
 * {@link sealGcm} for many objects under one key: nonces are drawn for hundreds at once, because drawing one costs as much as sealing
 * a short text.
 */
export function gcmSealer(key: Uint8Array): (plaintext: Uint8Array, aad: Uint8Array) => Buffer {
  const keyObject = createSecretKey(key);
  let nonces = Buffer.alloc(0);
  let at = 0;
  return (plaintext, aad) => {
    if (at === nonces.length) {
      nonces = randomBytes(ivLength * noncesAtOnce);
      at = 0;
    }
    const nonce = nonces.subarray(at, at + ivLength);
    at += ivLength;
    return sealUnder(keyObject, nonce, plaintext, aad);
  };
}
const noncesAtOnce = 256;

function sealUnder(key: CipherKey, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what {@link sealGcm} made. One word for every failure: wrong key, other associated data, changed or cut bytes. */
export function openGcm(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Result<Buffer, 'cannot-open'> {
  if (sealed.byteLength < ivLength + tagLength) return err('cannot-open');
  const nonce = sealed.subarray(0, ivLength);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.byteLength - tagLength));
  const body = decipher.update(sealed.subarray(ivLength, sealed.byteLength - tagLength));
  try {
    return ok(Buffer.concat([body, decipher.final()]));
  } catch {
    return err('cannot-open');
  }
}
