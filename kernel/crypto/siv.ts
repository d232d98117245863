import { type CipherGCM, createCipheriv, createDecipheriv, type DecipherGCM } from 'node:crypto';
import { err, ok, type Result } from '../result/result.ts';

// The types know AES-SIV only by name; the calls are those of the other authenticated modes.
type SivCipher = Pick<CipherGCM, 'setAAD' | 'update' | 'final' | 'getAuthTag'>;
type SivDecipher = Pick<DecipherGCM, 'setAAD' | 'setAuthTag' | 'update' | 'final'>;

const tagLength = 16;

/** 64-byte keys are AES-256-SIV, which the product uses; 32-byte keys exist for the RFC's vectors. */
function algorithm(key: Uint8Array): string {
  if (key.byteLength === 64) return 'aes-256-siv';
  if (key.byteLength === 32) return 'aes-128-siv';
  throw new RangeError('AES-SIV: key of 64 (or 32) bytes');
}

/**
 * Deterministic sealing: the same input gives the same output, and nothing else does. tag (16) ‖ ciphertext.
 * For linkage codes, where the same person must get the same code from the same body's key.
 * @param key 64 bytes (AES-256-SIV)
 * @param plaintext at least one byte
 * @param aad one to 126 strings; order counts
 * @source RFC 5297
 */
export function sealSiv(key: Uint8Array, plaintext: Uint8Array, ...aad: readonly Uint8Array[]): Buffer {
  // Nothing in the product is empty when it is sealed; an empty value here is a defect of the caller.
  if (plaintext.byteLength === 0) throw new RangeError('AES-SIV: empty plaintext');
  const cipher = createCipheriv(algorithm(key), key, null) as unknown as SivCipher;
  for (const part of aad) cipher.setAAD(part);
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([cipher.getAuthTag(), body]);
}

/** Opens what {@link sealSiv} made under the same key and associated data. */
export function openSiv(
  key: Uint8Array,
  sealed: Uint8Array,
  ...aad: readonly Uint8Array[]
): Result<Buffer, 'cannot-open'> {
  const name = algorithm(key);
  if (sealed.byteLength <= tagLength) return err('cannot-open');
  const decipher = createDecipheriv(name, key, null) as unknown as SivDecipher;
  try {
    decipher.setAuthTag(sealed.subarray(0, tagLength));
    for (const part of aad) decipher.setAAD(part);
    const body = decipher.update(sealed.subarray(tagLength));
    return ok(Buffer.concat([body, decipher.final()]));
  } catch {
    return err('cannot-open');
  }
}
