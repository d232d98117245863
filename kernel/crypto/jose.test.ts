import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import * as jose from 'jose';
import { concatKdf, openJwe, sealJwe } from './jwe.ts';
import { openJws, readJws, signJws } from './jws.ts';
import { exportP256, generateP256, importP256, thumbprint } from './p256.ts';

const { privateKey, publicKey } = generateP256();
const typ = 'musubi-test+jws';
const seg = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const keyOf = (): KeyObject => publicKey;
const open = (text: string) => openJws(text, { typ }, keyOf);

/** A signature over whatever is given, as a careless peer would make it. */
async function joseJws(header: object, payload: string): Promise<string> {
  return new jose.CompactSign(Buffer.from(payload))
    .setProtectedHeader(header as jose.CompactJWSHeaderParameters)
    .sign(privateKey);
}

test('design §10: what we sign, jose verifies; what jose signs, we verify', async () => {
  const ours = signJws({ key: privateKey, typ, signer: { kid: 'k1' }, payload: { b: 2, a: '照会' } });
  const seen = await jose.compactVerify(ours, publicKey, { algorithms: ['ES256'] });
  assert.equal(Buffer.from(seen.payload).toString(), '{"a":"照会","b":2}');
  assert.deepEqual(seen.protectedHeader, { alg: 'ES256', typ, kid: 'k1' });

  const theirs = open(await joseJws({ typ, alg: 'ES256', kid: 'k1' }, '{"a":1}'));
  assert.ok(theirs.ok);
  assert.deepEqual(theirs.value.payload, { a: 1 });
  assert.deepEqual(theirs.value.signer, { kid: 'k1' });
});

test('RFC 7515 A.3: the ES256 example key and signature verify; its header is refused for want of our members', async () => {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  };
  const key = importP256(jwk);
  assert.ok(key.ok);
  const example =
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
  assert.ok(await jose.compactVerify(example, key.value));
  assert.deepEqual(readJws(example, { typ }), { ok: false, error: 'wrong-type' });
});

const signed = signJws({ key: privateKey, typ, signer: { kid: 'k1' }, payload: { a: 1 } });
const [header, payload, signature] = signed.split('.') as [string, string, string];
const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const strayBit = signature.slice(0, -1) + base64Alphabet[base64Alphabet.indexOf(signature.at(-1)!) ^ 1];
const h = (members: object): string => seg({ alg: 'ES256', typ, ...members });

for (const [text, word, why] of [
  [`${header}.${payload}`, 'malformed', 'two parts'],
  [`${signed}.`, 'malformed', 'four parts'],
  [`${signed}=`, 'not-canonical-base64url', 'padding'],
  [`${header}.${payload}.${strayBit}`, 'not-canonical-base64url', 'stray bits in the signature'],
  [`${header}.${payload}.${signature}\n`, 'not-canonical-base64url', 'line break'],
  [`${header}.${payload}.${signature.slice(0, -6)}`, 'wrong-length', 'short signature'],
  [`${header}.${payload}.${seg('x'.repeat(65))}`, 'wrong-length', 'long signature'],
  [`${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`, 'wrong-signature', 'r and s zero'],
  [`${header}.${seg('{"a":2}')}.${signature}`, 'wrong-signature', 'other payload'],
  [`${header}.${seg('{"a": 1}')}.${signature}`, 'not-canonical-json', 'white space in the payload'],
  [`${seg('{"alg":"ES256","alg":"ES256"}')}.${payload}.${signature}`, 'not-canonical-json', 'doubled header member'],
  [`${seg('[]')}.${payload}.${signature}`, 'malformed', 'header is a list'],
  [`${seg({ alg: 'none', typ, kid: 'k1' })}.${payload}.`, 'wrong-algorithm', 'alg none'],
  [
    `${seg({ alg: 'HS256', typ, kid: 'k1' })}.${payload}.${signature}`,
    'wrong-algorithm',
    'alg HS256 (public key as secret)',
  ],
  [`${h({ kid: 'k1', jwk: {} })}.${payload}.${signature}`, 'unknown-header-member', 'a key in the header'],
  [`${h({ kid: 'k1', crit: ['b64'], b64: false })}.${payload}.${signature}`, 'unknown-header-member', 'crit'],
  [`${h({})}.${payload}.${signature}`, 'missing-header-member', 'nobody named'],
  [`${h({ kid: 'k1', x5c: ['AA=='] })}.${payload}.${signature}`, 'wrong-header-member', 'two namings'],
  [`${h({ x5c: ['AB=='] })}.${payload}.${signature}`, 'not-canonical-base64url', 'x5c with stray bits'],
  [`${h({ x5c: [] })}.${payload}.${signature}`, 'wrong-header-member', 'empty chain'],
  [
    `${seg({ alg: 'ES256', typ: 'musubi-other+jws', kid: 'k1' })}.${payload}.${signature}`,
    'wrong-type',
    'another kind of message',
  ],
  ['x'.repeat(70_000), 'too-long', 'too long'],
] as const) {
  test(`JWS refused: ${why} → ${word}`, () => assert.deepEqual(open(text), { ok: false, error: word }));
}

test('a signature of another key, an unknown signer, and a P-384 key are refused', () => {
  assert.deepEqual(
    openJws(signed, { typ }, () => generateP256().publicKey),
    { ok: false, error: 'wrong-signature' },
  );
  assert.deepEqual(
    openJws(signed, { typ }, () => undefined),
    { ok: false, error: 'unknown-signer' },
  );
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  assert.deepEqual(
    openJws(signed, { typ }, () => p384.publicKey),
    { ok: false, error: 'wrong-signature' },
  );
});

test('RFC 7518 appendix C: Concat KDF', () => {
  const secret = Buffer.from([
    158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128, 106, 72,
    246, 218, 167, 121, 140, 254, 144, 196,
  ]);
  assert.equal(concatKdf(secret, 'A128GCM', 128, 'Alice', 'Bob').toString('base64url'), 'VqqN6vgjbSBcIijNcacQGg');
});

const jweTyp = 'musubi-test+jwe';
const openMine = (text: string) => openJwe(text, { privateKey, typ: jweTyp, members: ['inquiryNumber', 'permitHash'] });
const members = { inquiryNumber: 'i-1', permitHash: 'h-1' };
const sealed = sealJwe({ recipient: publicKey, typ: jweTyp, plaintext: Buffer.from('税額'), members });
const jwe = sealed.split('.') as [string, string, string, string, string];
const withHeader = (change: (header: Record<string, unknown>) => unknown): string =>
  [seg(change(JSON.parse(Buffer.from(jwe[0], 'base64url').toString()))), ...jwe.slice(1)].join('.');
const withPart = (at: number, part: string): string => jwe.with(at, part).join('.');

test('design §10: what we seal, jose opens; what jose seals, we open', async () => {
  const seen = await jose.compactDecrypt(sealed, privateKey);
  assert.equal(Buffer.from(seen.plaintext).toString(), '税額');
  assert.deepEqual(Object.keys(seen.protectedHeader), ['alg', 'enc', 'epk', 'typ', 'inquiryNumber', 'permitHash']);

  const theirs = await new jose.CompactEncrypt(Buffer.from('所得'))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: jweTyp, ...members })
    .encrypt(publicKey);
  const opened = openMine(theirs);
  assert.ok(opened.ok, JSON.stringify(opened));
  assert.equal(opened.value.plaintext.toString(), '所得');
  assert.deepEqual(opened.value.members, members);
});

const offCurve = {
  kty: 'EC',
  crv: 'P-256',
  x: Buffer.alloc(32, 1).toString('base64url'),
  y: Buffer.alloc(32, 1).toString('base64url'),
};
const infinity = {
  kty: 'EC',
  crv: 'P-256',
  x: Buffer.alloc(32).toString('base64url'),
  y: Buffer.alloc(32).toString('base64url'),
};
const good = exportP256(publicKey);
for (const [text, word, why] of [
  [withHeader((m) => ({ ...m, alg: 'ECDH-ES+A256KW' })), 'wrong-algorithm', 'key wrap'],
  [withHeader((m) => ({ ...m, enc: 'A128GCM' })), 'wrong-algorithm', 'shorter content key'],
  [withHeader((m) => ({ ...m, zip: 'DEF' })), 'unknown-header-member', 'compression'],
  [withHeader((m) => ({ ...m, apu: 'QQ' })), 'unknown-header-member', 'party name'],
  [withHeader(({ permitHash: _, ...m }) => m), 'missing-header-member', 'permit hash missing'],
  [withHeader((m) => ({ ...m, permitHash: 1 })), 'wrong-header-member', 'permit hash no text'],
  [withHeader((m) => ({ ...m, permitHash: 'h-2' })), 'cannot-open', 'another permit'],
  [withHeader((m) => ({ ...m, typ: 'x' })), 'wrong-type', 'another kind of message'],
  [withHeader((m) => JSON.stringify(m, null, 1)), 'not-canonical-json', 'white space in the header'],
  [withHeader((m) => ({ ...m, epk: offCurve })), 'invalid-key', 'point off the curve'],
  [withHeader((m) => ({ ...m, epk: infinity })), 'invalid-key', 'point (0, 0)'],
  [withHeader((m) => ({ ...m, epk: { ...good, x: good.x.slice(0, 42) } })), 'invalid-key', 'short coordinate'],
  [withHeader((m) => ({ ...m, epk: { ...good, d: 'AA' } })), 'invalid-key', 'private member in the key'],
  [withHeader((m) => ({ ...m, epk: { kty: 'OKP', crv: 'X25519', x: good.x } })), 'invalid-key', 'another curve'],
  [withHeader((m) => ({ ...m, epk: good })), 'cannot-open', 'another ephemeral key'],
  [withPart(1, 'AAAA'), 'wrong-length', 'an encrypted key'],
  [withPart(2, seg('x'.repeat(13))), 'wrong-length', 'long nonce'],
  [withPart(4, jwe[4].slice(0, 16)), 'wrong-length', 'short tag'],
  [withPart(3, `${jwe[3]}=`), 'not-canonical-base64url', 'padding'],
  [withPart(3, jwe[3].slice(0, 4)), 'cannot-open', 'cut content'],
  [jwe.slice(0, 4).join('.'), 'malformed', 'four parts'],
] as const) {
  test(`JWE refused: ${why} → ${word}`, () => assert.deepEqual(openMine(text), { ok: false, error: word }));
}

test('the recipient alone opens; a wrong key is one word', () => {
  assert.deepEqual(
    openJwe(sealed, { privateKey: generateP256().privateKey, typ: jweTyp, members: ['inquiryNumber', 'permitHash'] }),
    { ok: false, error: 'cannot-open' },
  );
  assert.throws(
    () => sealJwe({ recipient: publicKey, typ: jweTyp, plaintext: Buffer.alloc(0), members: { alg: 'x' } }),
    TypeError,
  );
});

test('RFC 7638: thumbprint as jose makes it', async () => {
  assert.equal(thumbprint(privateKey), await jose.calculateJwkThumbprint(await jose.exportJWK(publicKey)));
  assert.equal(
    thumbprint(createPublicKey(privateKey)),
    thumbprint(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))),
  );
});
