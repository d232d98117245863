import { err, ok, type Result } from '../result/result.ts';

export const encodeBase64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');

/**
 * Decodes base64url in its one canonical form: the URL alphabet, no padding, no line breaks, unused bits zero.
 * Node (and `jose` with it) also takes the other alphabet, padding, foreign characters and stray bits, so that many
 * texts would stand for the same bytes and a refused message could be sent again in another spelling.
 * @source RFC 4648 §3.2, §3.5, §5; RFC 7515 §2
 */
export function decodeBase64url(text: string): Result<Buffer, 'not-canonical-base64url'> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return err('not-canonical-base64url');
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? ok(bytes) : err('not-canonical-base64url');
}

/** Base64 with padding, as `x5c` carries certificates; as strict as {@link decodeBase64url}. @source RFC 4648 §4, RFC 7515 §4.1.6 */
export function decodeBase64(text: string): Result<Buffer, 'not-canonical-base64url'> {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return err('not-canonical-base64url');
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? ok(bytes) : err('not-canonical-base64url');
}
