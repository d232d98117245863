import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { gcmSealer, openGcm, sealGcm } from './aead.ts';
import { constantTimeEqual, fingerprint, hkdfSha256, hmacSha256, sha256Hex } from './digest.ts';
import { openSiv, sealSiv } from './siv.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

test('FIPS 180-4, RFC 4231 §4.3 and RFC 5869 A.1 vectors', () => {
  assert.equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(
    hmacSha256(Buffer.from('Jefe'), 'what do ya want for nothing?').toString('hex'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
  const okm = hkdfSha256(Buffer.alloc(22, 0x0b), hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42);
  assert.equal(
    okm.toString('hex'),
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  );
});

test('RFC 5297 A.1: deterministic AES-SIV', () => {
  const key = hex('fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
  const aad = hex('101112131415161718191a1b1c1d1e1f2021222324252627');
  const sealed = sealSiv(key, hex('112233445566778899aabbccddee'), aad);
  assert.equal(sealed.toString('hex'), '85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c');
});

test('RFC 5297 A.2: several associated strings', () => {
  const key = hex('7f7e7d7c7b7a79787776757473727170 404142434445464748494a4b4c4d4e4f');
  const aad = [
    hex('00112233445566778899aabbccddeeff deaddadadeaddadaffeeddccbbaa99887766554433221100'),
    hex('102030405060708090a0'),
    hex('09f911029d74e35bd84156c5635688c0'),
  ];
  const sealed = sealSiv(key, Buffer.from('this is some plaintext to encrypt using SIV-AES'), ...aad);
  assert.equal(
    sealed.toString('hex'),
    '7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d',
  );
});

test('RFC 5297 §2.4 AES-256-SIV agrees with S2V and CTR written out from the RFC', () => {
  const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });
  fc.assert(
    fc.property(bytes(64, 64), bytes(1, 70), bytes(0, 40), (key, plaintext, aad) => {
      const sealed = sealSiv(key, plaintext, aad);
      assert.equal(sealed.toString('hex'), referenceSiv(key, plaintext, aad).toString('hex'));
      const opened = openSiv(key, sealed, aad);
      assert.ok(opened.ok && opened.value.equals(plaintext));
    }),
    { numRuns: 60 },
  );
});

test('a sealed value opens only whole, under its key and with its associated data', () => {
  for (const [seal, open, key] of [
    [sealGcm, openGcm, Buffer.alloc(32, 1)],
    [sealSiv, openSiv, Buffer.alloc(64, 1)],
  ] as const) {
    const aad = Buffer.from('v1|row-1');
    const sealed = seal(key, Buffer.from('某'), aad);
    const opened = open(key, sealed, aad);
    assert.ok(opened.ok && opened.value.toString() === '某');
    const refused = { ok: false, error: 'cannot-open' };
    assert.deepEqual(open(key, sealed, Buffer.from('v1|row-2')), refused);
    assert.deepEqual(open(Buffer.alloc(key.length, 2), sealed, aad), refused);
    for (let length = 0; length < sealed.length; length++)
      assert.deepEqual(open(key, sealed.subarray(0, length), aad), refused);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      assert.deepEqual(open(key, changed, aad), refused);
    }
  }
});

test('AES-GCM never repeats a sealed text, AES-SIV always does', () => {
  const [plain, aad] = [Buffer.from('a'), Buffer.from('b')];
  assert.notDeepEqual(sealGcm(Buffer.alloc(32), plain, aad), sealGcm(Buffer.alloc(32), plain, aad));
  assert.deepEqual(sealSiv(Buffer.alloc(64), plain, aad), sealSiv(Buffer.alloc(64), plain, aad));
  assert.throws(() => sealSiv(Buffer.alloc(64), Buffer.alloc(0), aad), RangeError);
  assert.throws(() => sealSiv(Buffer.alloc(16), plain, aad), RangeError);
});

test('NIST SP 800-38D §8.2.2 many objects sealed under one key have a nonce each, across the blocks in which nonces are drawn', () => {
  const [key, plain, aad] = [Buffer.alloc(32, 7), Buffer.from('a'), Buffer.from('b')];
  const seal = gcmSealer(key);
  const sealed = Array.from({ length: 600 }, () => seal(plain, aad));
  assert.equal(new Set(sealed.map((each) => each.toString('hex', 0, 12))).size, sealed.length);
  for (const each of sealed) assert.deepEqual(openGcm(key, each, aad), { ok: true, value: plain });
  assert.ok(!openGcm(key, sealed[0]!, plain).ok);
});

test('a fingerprint is the same for the same command and another for any other', () => {
  const on = Temporal.PlainDate.from('2026-04-01');
  assert.deepEqual(fingerprint({ a: 1, on }), fingerprint({ on: '2026-04-01', a: 1 }));
  assert.notDeepEqual(fingerprint({ a: 1 }), fingerprint({ a: '1' }));
  assert.throws(() => fingerprint({ a: 0.5 }), TypeError);
  assert.ok(constantTimeEqual(fingerprint([]), fingerprint([])));
  assert.ok(
    !constantTimeEqual(fingerprint([]), fingerprint({})) && !constantTimeEqual(Buffer.alloc(1), Buffer.alloc(2)),
  );
});

/** AES-256-SIV from RFC 5297 §2.4–2.6 and CMAC from RFC 4493, one associated string. */
function referenceSiv(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  const block = (input: Uint8Array): Buffer => {
    const cipher = createCipheriv('aes-256-ecb', key.subarray(0, 32), null).setAutoPadding(false);
    return Buffer.concat([cipher.update(input), cipher.final()]);
  };
  const xor = (a: Uint8Array, b: Uint8Array): Buffer => Buffer.from(a.map((byte, i) => byte ^ b[i]!));
  const dbl = (input: Uint8Array): Buffer => {
    const shifted = (BigInt(`0x${Buffer.from(input).toString('hex')}`) << 1n) & ((1n << 128n) - 1n);
    const value = input[0]! & 0x80 ? shifted ^ 0x87n : shifted;
    return Buffer.from(value.toString(16).padStart(32, '0'), 'hex');
  };
  const pad = (input: Uint8Array): Buffer => Buffer.concat([input, Buffer.from([0x80])], input.length + 1);
  const cmac = (message: Uint8Array): Buffer => {
    const k1 = dbl(block(Buffer.alloc(16)));
    const whole = message.length > 0 && message.length % 16 === 0;
    const padded = whole
      ? Buffer.from(message)
      : Buffer.concat([pad(message), Buffer.alloc(15 - (message.length % 16))]);
    const last = padded.length - 16;
    padded.set(xor(padded.subarray(last), whole ? k1 : dbl(k1)), last);
    let state: Buffer = Buffer.alloc(16);
    for (let at = 0; at < padded.length; at += 16) state = block(xor(state, padded.subarray(at, at + 16)));
    return state;
  };
  const d = xor(dbl(cmac(Buffer.alloc(16))), cmac(aad));
  let t: Buffer;
  if (plaintext.length >= 16) {
    t = Buffer.from(plaintext);
    t.set(xor(t.subarray(t.length - 16), d), t.length - 16);
  } else {
    t = xor(dbl(d), Buffer.concat([pad(plaintext), Buffer.alloc(15 - plaintext.length)]));
  }
  const v = cmac(t);
  const counter = Buffer.from(v);
  counter[8]! &= 0x7f;
  counter[12]! &= 0x7f;
  const ctr = createCipheriv('aes-256-ctr', key.subarray(32), counter);
  return Buffer.concat([v, ctr.update(plaintext), ctr.final()]);
}
