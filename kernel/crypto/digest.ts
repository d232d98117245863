import { createHmac, hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** 32 bytes. */
export const sha256 = (data: string | Uint8Array): Buffer => hash('sha256', data, 'buffer');

/** 64 hexadecimal digits. */
export const sha256Hex = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

/** 43 characters of base64url: how digests travel in messages. */
export const sha256Base64url = (data: string | Uint8Array): string => hash('sha256', data, 'base64url');

/** 32 bytes. @source RFC 2104 */
export const hmacSha256 = (key: Uint8Array, data: string | Uint8Array): Buffer =>
  createHmac('sha256', key).update(data).digest();

/**
 * A key of `length` bytes for one purpose, from key material.
 * @param info names the purpose, so that two purposes never share a key
 * @source RFC 5869
 */
export const hkdfSha256 = (
  material: Uint8Array,
  salt: string | Uint8Array,
  info: string | Uint8Array,
  length: number,
): Buffer => Buffer.from(hkdfSync('sha256', material, salt, info, length));

/** Compares secrets without telling where they differ. Lengths are no secret. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

/**
 * The digest of a command's canonical text (32 bytes): what an idempotency key is held against. Dates and moments are
 * written as ISO text first. Throws on values that have no canonical text.
 */
export const fingerprint = (command: unknown): Buffer => sha256(canonicalJson(command, textOf));

const textOf = (value: object): string | undefined => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url');
  return value instanceof Temporal.PlainDate || value instanceof Temporal.Instant ? value.toString() : undefined;
};
