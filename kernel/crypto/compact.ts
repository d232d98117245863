import { err, ok, type Result } from '../result/result.ts';
import { decodeBase64url } from './base64url.ts';
import { decodeUtf8 } from './canonical-json.ts';
import type { CryptoRefusal } from './refusal.ts';

/** A protected header after the gate: a flat set of known members. */
export type Header = Readonly<Record<string, unknown>>;

/**
 * Reads a protected header. It must be minimal JSON: writing the parsed value again gives the same text, which leaves
 * no room for doubled members, white space or other escapes. Member order is free (libraries differ); the signature or
 * the cipher covers the text as it stands.
 */
export function readHeader(segment: string, allowed: ReadonlySet<string>): Result<Header, CryptoRefusal> {
  const bytes = decodeBase64url(segment);
  if (!bytes.ok) return bytes;
  const text = decodeUtf8(bytes.value);
  if (text === undefined) return err('not-canonical-json');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err('not-canonical-json');
  }
  if (JSON.stringify(value) !== text || !text.isWellFormed()) return err('not-canonical-json');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return err('malformed');
  for (const name of Object.keys(value)) if (!allowed.has(name)) return err('unknown-header-member');
  return ok(value as Header);
}

/** Splits a compact serialisation into exactly `count` parts. */
export function splitCompact(text: string, count: number, maxLength: number): Result<readonly string[], CryptoRefusal> {
  if (text.length > maxLength) return err('too-long');
  const parts = text.split('.', count + 1);
  return parts.length === count ? ok(parts) : err('malformed');
}
