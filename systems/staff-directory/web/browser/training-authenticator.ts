/**
 * 訓練用の認証器: a WebAuthn authenticator in software (ES256, attestation "none") for the town. Its private key is
 * non-extractable, but it lives in this browser's storage and anybody at this browser can use it.
 * Runs in a browser and in Node alike; where keys are kept is given.
 */
export interface TrainingKeys {
  get(rpId: string, staffId: string): Promise<TrainingKey | undefined>;
  put(rpId: string, staffId: string, key: TrainingKey): Promise<void>;
}
export interface TrainingKey {
  readonly credentialId: string;
  readonly pair: CryptoKeyPair;
  readonly counter: number;
}

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
}
interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string;
  readonly allowCredentials?: readonly { readonly id: string }[];
}

const aaguid = '6d75737562694000800074726169' + '6e31';
const text = new TextEncoder();
const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const join = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};
export const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const fromBase64url = (word: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(word.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** CBOR (RFC 8949) as far as a "none" attestation goes: lengths below 65,536. */
const head = (major: number, n: number): Uint8Array =>
  n < 24
    ? Uint8Array.of((major << 5) | n)
    : n < 256
      ? Uint8Array.of((major << 5) | 24, n)
      : Uint8Array.of((major << 5) | 25, n >> 8, n & 255);
const cborBytes = (bytes: Uint8Array): Uint8Array => join(head(2, bytes.length), bytes);
const cborText = (word: string): Uint8Array => join(head(3, word.length), text.encode(word));

async function authenticatorData(
  rpId: string,
  counter: number,
  attested: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  // User present and verified; attested data where a key is made.
  const flags = 0x05 | (attested.length > 0 ? 0x40 : 0);
  const count = Uint8Array.of(counter >>> 24, (counter >>> 16) & 255, (counter >>> 8) & 255, counter & 255);
  return join(await sha256(text.encode(rpId)), Uint8Array.of(flags), count, attested);
}

const clientData = (type: string, challenge: string, origin: string): Uint8Array<ArrayBuffer> =>
  text.encode(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

/** Makes a key for this person and answers `navigator.credentials.create`, as JSON. */
export async function createCredential(keys: TrainingKeys, staffId: string, origin: string, options: CreationOptions) {
  const rpId = options.rp.id ?? new URL(origin).hostname;
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const id = crypto.getRandomValues(new Uint8Array(16));
  const credentialId = base64url(id);
  const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey);
  // COSE_Key: kty 2 (EC2), alg -7 (ES256), crv 1 (P-256), x, y.
  const cose = join(
    Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21),
    cborBytes(fromBase64url(jwk.x ?? '')),
    Uint8Array.of(0x22),
    cborBytes(fromBase64url(jwk.y ?? '')),
  );
  const attested = join(bytesOfHex(aaguid), Uint8Array.of(0, id.length), id, cose);
  const data = await authenticatorData(rpId, 0, attested);
  const attestation = join(
    Uint8Array.of(0xa3),
    cborText('fmt'),
    cborText('none'),
    cborText('attStmt'),
    Uint8Array.of(0xa0),
    cborText('authData'),
    cborBytes(data),
  );
  await keys.put(rpId, staffId, { credentialId, pair, counter: 0 });
  return {
    id: credentialId,
    rawId: credentialId,
    type: 'public-key' as const,
    clientExtensionResults: {},
    response: {
      clientDataJSON: base64url(clientData('webauthn.create', options.challenge, origin)),
      attestationObject: base64url(attestation),
    },
  };
}

/** Answers `navigator.credentials.get`, as JSON; undefined where this storage has no key that is asked for. */
export async function useCredential(keys: TrainingKeys, staffId: string, origin: string, options: RequestOptions) {
  const rpId = options.rpId ?? new URL(origin).hostname;
  const key = await keys.get(rpId, staffId);
  if (key === undefined || !options.allowCredentials?.some((c) => c.id === key.credentialId)) return undefined;
  const counter = key.counter + 1;
  await keys.put(rpId, staffId, { ...key, counter });
  const data = await authenticatorData(rpId, counter, new Uint8Array(0));
  const client = clientData('webauthn.get', options.challenge, origin);
  const signed = join(data, await sha256(client));
  const raw = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.pair.privateKey, signed));
  return {
    id: key.credentialId,
    rawId: key.credentialId,
    type: 'public-key' as const,
    clientExtensionResults: {},
    response: {
      clientDataJSON: base64url(client),
      authenticatorData: base64url(data),
      signature: base64url(derOf(raw)),
    },
  };
}

/** WebAuthn wants the signature as a DER sequence of two integers. */
function derOf(raw: Uint8Array): Uint8Array {
  const integer = (part: Uint8Array): Uint8Array => {
    let from = 0;
    while (from < part.length - 1 && part[from] === 0) from++;
    const digits = part.slice(from);
    const body = (digits[0] ?? 0) >= 0x80 ? join(Uint8Array.of(0), digits) : digits;
    return join(Uint8Array.of(0x02, body.length), body);
  };
  const body = join(integer(raw.slice(0, 32)), integer(raw.slice(32)));
  return join(Uint8Array.of(0x30, body.length), body);
}
