import { type KeyObject, sign, verify } from 'node:crypto';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import { decodeBase64, decodeBase64url, encodeBase64url } from './base64url.ts';
import { canonicalJson, type JsonValue, parseCanonicalJsonBytes } from './canonical-json.ts';
import { type Header, readHeader, splitCompact } from './compact.ts';
import { isP256 } from './p256.ts';
import type { CryptoRefusal } from './refusal.ts';

/** Who signed: a certificate chain (leaf first, without the root) or the name of a key both sides know. */
export type Signer = { readonly x5c: readonly Uint8Array[] } | { readonly kid: string };

export interface JwsToSign {
  readonly key: KeyObject;
  /** `musubi-permit+jws`; keeps a message of one kind from passing for another. */
  readonly typ: string;
  readonly signer: Signer;
  /** Written as canonical JSON. */
  readonly payload: JsonValue | object;
}

/**
 * Compact JWS with exactly {alg: 'ES256', typ, x5c | kid}.
 * The signature is r ‖ s. ES256 signatures are not unique (s and n − s both verify): a digest that names this message
 * is made over the payload, or compared with the text that was received, never used to tell repeats apart.
 * @source RFC 7515 §3.1, RFC 7518 §3.4
 */
export function signJws({ key, typ, signer, payload }: JwsToSign): string {
  const named =
    'kid' in signer ? { kid: signer.kid } : { x5c: signer.x5c.map((der) => Buffer.from(der).toString('base64')) };
  const input = `${segment(JSON.stringify({ alg: 'ES256', typ, ...named }))}.${segment(canonicalJson(payload))}`;
  return `${input}.${encodeBase64url(sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }))}`;
}
const segment = (text: string): string => Buffer.from(text).toString('base64url');

/** A message whose form is right and whose signature is not yet checked. Nothing in it may be believed. */
export interface UnverifiedJws {
  readonly typ: string;
  readonly signer: Signer;
  readonly payload: JsonValue;
  readonly payloadBytes: Buffer;
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

export interface JwsLimits {
  readonly typ: string;
  /** Characters of the whole text; 64 KiB where none is given. */
  readonly maxLength?: number;
}

const members = new Set(['alg', 'typ', 'x5c', 'kid']);

/** Checks the form alone: profile, canonical encodings, lengths. */
export function readJws(compact: string, { typ, maxLength = 65_536 }: JwsLimits): Result<UnverifiedJws, CryptoRefusal> {
  const parts = splitCompact(compact, 3, maxLength);
  if (!parts.ok) return parts;
  const [headerPart, payloadPart, signaturePart] = parts.value as [string, string, string];
  const header = readSignerHeader(headerPart, typ);
  if (!header.ok) return header;
  const { signer } = header.value;
  const payloadBytes = decodeBase64url(payloadPart);
  if (!payloadBytes.ok) return payloadBytes;
  const signature = decodeBase64url(signaturePart);
  if (!signature.ok) return signature;
  if (signature.value.byteLength !== 64) return err('wrong-length');
  const payload = parseCanonicalJsonBytes(payloadBytes.value);
  if (!payload.ok) return payload;
  return ok({
    typ,
    signer,
    payload: payload.value,
    payloadBytes: payloadBytes.value,
    signingInput: Buffer.from(`${headerPart}.${payloadPart}`),
    signature: signature.value,
  });
}

interface SignerHeader {
  readonly typ: unknown;
  readonly signer: Signer;
}

/**
 * A peer signs all its messages of one kind under the same header, chain and all: what its text means is worked out once.
 * Only the form is remembered; chain, revocation and signature are asked for each message.
 */
function readSignerHeader(headerPart: string, typ: string): Result<SignerHeader, CryptoRefusal> {
  const isWrong = (said: unknown): boolean => enforced('transport.strict-message') && said !== typ;
  const known = rememberedHeaders.get(headerPart);
  if (known !== undefined) return isWrong(known.typ) ? err('wrong-type') : ok(known);
  const header = readHeader(headerPart, members);
  if (!header.ok) return header;
  if (header.value.alg !== 'ES256') return err('wrong-algorithm');
  if (isWrong(header.value.typ)) return err('wrong-type');
  const signer = readSigner(header.value);
  if (!signer.ok) return signer;
  const read = { typ: header.value.typ, signer: signer.value };
  if (headerPart.length > longestRemembered) return ok(read);
  if (rememberedHeaders.size >= rememberedAtMost) rememberedHeaders.delete(rememberedHeaders.keys().next().value!);
  rememberedHeaders.set(headerPart, read);
  return ok(read);
}
const rememberedAtMost = 256;
const longestRemembered = 8_192;
const rememberedHeaders = new Map<string, SignerHeader>();

function readSigner(header: Header): Result<Signer, CryptoRefusal> {
  const { x5c, kid } = header;
  if ((x5c === undefined) === (kid === undefined)) {
    return err(x5c === undefined ? 'missing-header-member' : 'wrong-header-member');
  }
  if (x5c === undefined) {
    return typeof kid === 'string' && kid !== '' && kid.length <= 200 ? ok({ kid }) : err('wrong-header-member');
  }
  if (!Array.isArray(x5c) || x5c.length === 0 || x5c.length > 4) return err('wrong-header-member');
  const chain: Buffer[] = [];
  for (const text of x5c) {
    if (typeof text !== 'string') return err('wrong-header-member');
    const der = decodeBase64(text);
    if (!der.ok) return der;
    chain.push(der.value);
  }
  return ok({ x5c: chain });
}

/** True when the signature stands under this public key. */
export function signatureStands(jws: UnverifiedJws, key: KeyObject): boolean {
  return isP256(key) && verify('sha256', jws.signingInput, { key, dsaEncoding: 'ieee-p1363' }, jws.signature);
}

/** The payload, once form and signature are right. `keyOf` resolves the signer: chain verification or a table of keys. */
export function openJws(
  compact: string,
  limits: JwsLimits,
  keyOf: (signer: Signer) => KeyObject | undefined,
): Result<{ readonly payload: JsonValue; readonly payloadBytes: Buffer; readonly signer: Signer }, CryptoRefusal> {
  const jws = readJws(compact, limits);
  if (!jws.ok) return jws;
  const key = keyOf(jws.value.signer);
  if (key === undefined) return err('unknown-signer');
  if (enforced('transport.signed-message') && !signatureStands(jws.value, key)) return err('wrong-signature');
  const { payload, payloadBytes, signer } = jws.value;
  return ok({ payload, payloadBytes, signer });
}
