/*
 * The training card 訓練用のソフトウェアカード: a file in place of the chip. Written by jpki in a town, opened by who holds
 * it. This file runs as it is in Node and in browsers (WebCrypto, no imports), so that a PIN need not leave the browser.
 *
 * A file cannot protect itself: four digits are guessed in minutes by who has a copy, and a copied file starts with fresh
 * tries. It is for invented people only; real cards keep key and counter in their chip.
 */

export const cardFileFormat = 'musubi-training-card/1';

/** The two keys of a card; PIN form and tries. @source 公的個人認証サービス プロファイル仕様書 (formats: 公的個人認証 §2) */
export const cardKeys = {
  userAuthentication: { tries: 3, pin: /^[0-9]{4}$/ },
  signature: { tries: 5, pin: /^[0-9A-Z]{6,16}$/ },
} as const;
export type CardKeyName = keyof typeof cardKeys;

/** A certificate with its private key (PKCS #8) sealed by the PIN: PBKDF2-HMAC-SHA-256, AES-256-GCM. Bytes as base64. */
export interface SealedCardKey {
  readonly certificate: string;
  readonly salt: string;
  readonly iterations: number;
  readonly iv: string;
  readonly sealedKey: string;
}

export interface CardFile extends Readonly<Record<CardKeyName, SealedCardKey>> {
  readonly format: typeof cardFileFormat;
  /** 訓練用 */
  readonly notice: string;
  readonly cardNumber: string;
}

export const iterations = 310_000;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Undefined where the text is no card file. */
export function parseCardFile(text: string): CardFile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const card = value as Partial<Record<keyof CardFile, unknown>> | null;
  if (typeof card !== 'object' || card === null || card.format !== cardFileFormat) return undefined;
  if (typeof card.notice !== 'string' || typeof card.cardNumber !== 'string') return undefined;
  if (!/^[0-9a-f-]{36}$/.test(card.cardNumber)) return undefined;
  return isSealedKey(card.userAuthentication) && isSealedKey(card.signature) ? (card as CardFile) : undefined;
}

function isSealedKey(value: unknown): value is SealedCardKey {
  const key = value as Partial<SealedCardKey> | null;
  if (typeof key !== 'object' || key === null) return false;
  const texts = [key.certificate, key.salt, key.iv, key.sealedKey];
  // The bound keeps a prepared file from holding up the reader for hours.
  const steps = key.iterations;
  return (
    texts.every((t) => typeof t === 'string' && t.length < 16_384 && base64.test(t)) &&
    Number.isInteger(steps) &&
    steps! >= 10_000 &&
    steps! <= 1_000_000
  );
}

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export const textOf = (bytes: ArrayBuffer | Uint8Array): string =>
  btoa(Array.from(new Uint8Array(bytes as ArrayBuffer), (byte) => String.fromCharCode(byte)).join(''));

/** Seals and opens a card's key. */
export async function pinKey(pin: string, salt: Uint8Array<ArrayBuffer>, steps: number): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveKey']);
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: steps };
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** RSASSA-PKCS1-v1_5 with SHA-256 over the text, base64; undefined where the PIN is wrong. The tries are the caller's to count. */
export async function signWithSealedKey(sealed: SealedCardKey, pin: string, text: string): Promise<string | undefined> {
  const opener = await pinKey(pin, bytesOf(sealed.salt), sealed.iterations);
  let pkcs8: ArrayBuffer;
  try {
    pkcs8 = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytesOf(sealed.iv) }, opener, bytesOf(sealed.sealedKey));
  } catch {
    return undefined;
  }
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  return textOf(await crypto.subtle.sign(algorithm.name, key, new TextEncoder().encode(text)));
}

/** What a sign-in shows to the card: where, until when (ISO 8601 UTC), and 32 random bytes (base64url). */
export interface SignInChallenge {
  readonly origin: string;
  readonly until: string;
  readonly nonce: string;
}

/** The text that the card signs. It names the place, so that a signature made elsewhere serves nowhere else. */
export const challengeText = ({ origin, until, nonce }: SignInChallenge): string =>
  `musubi card sign-in 1\n${origin}\n${until}\n${nonce}\n`;

/** Reads exactly what `challengeText` writes. */
export function readChallenge(text: string): SignInChallenge | undefined {
  const match =
    /^musubi card sign-in 1\n(https?:\/\/[^\s/]{1,200})\n(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)\n([A-Za-z0-9_-]{43})\n$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, origin, until, nonce] = match as unknown as [string, string, string, string];
  return { origin, until, nonce };
}
