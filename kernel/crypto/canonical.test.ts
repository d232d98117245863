import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64, decodeBase64url, encodeBase64url } from './base64url.ts';
import { canonicalJson, parseCanonicalJson, parseCanonicalJsonBytes } from './canonical-json.ts';
import { parseStrictJson } from './strict-json.ts';

for (const [text, why] of [
  ['Zh', 'stray bits after the last byte'],
  ['Zg==', 'padding'],
  ['Z', 'a length that no bytes have'],
  ['+/8', 'the other alphabet'],
  ['Z g', 'white space'],
  ['Zg\n', 'a line break'],
  ['Zg.', 'a foreign character'],
] as const) {
  test(`RFC 4648 §3.5 base64url is refused: ${why}`, () => {
    assert.deepEqual(decodeBase64url(text), { ok: false, error: 'not-canonical-base64url' });
  });
}

test('RFC 4648 §10 vectors decode, and every byte string has exactly one text', () => {
  for (const [plain, text] of [
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foobar', 'Zm9vYmFy'],
  ] as const) {
    const decoded = decodeBase64url(text);
    assert.ok(decoded.ok && decoded.value.toString() === plain);
  }
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ABQZabgwz019-_+/= '), maxLength: 8 }), (text) => {
      const decoded = decodeBase64url(text);
      return !decoded.ok || encodeBase64url(decoded.value) === text;
    }),
  );
});

test('RFC 7515 §4.1.6 certificates in x5c are padded base64, nothing else', () => {
  assert.ok(decodeBase64('Zm8=').ok);
  for (const text of ['Zm8', 'Zm9=', 'Zm8=\n', 'Zm-_']) assert.equal(decodeBase64(text).ok, false);
});

test('RFC 8785 §3.2 members are sorted by UTF-16 code units, escapes are the shortest', () => {
  const members = {
    '\u20ac': 'Euro',
    '\r': 'CR',
    '\ufb33': 'Dalet',
    '1': 'One',
    '\ud83d\ude00': 'Smiley',
    '\u0080': 'Control',
    '\u00f6': 'o',
  };
  assert.equal(
    canonicalJson(members),
    '{"\\r":"CR","1":"One","\u0080":"Control","\u00f6":"o","\u20ac":"Euro","\ud83d\ude00":"Smiley","\ufb33":"Dalet"}',
  );
  assert.equal(
    canonicalJson({ b: [1, -0, null, true], a: undefined, s: '"\\/\b\u000f髙' }),
    '{"b":[1,0,null,true],"s":"\\"\\\\/\\b\\u000f髙"}',
  );
});

test('values without a canonical text throw: fractions, unsafe integers, lone surrogates, instances', () => {
  for (const value of [0.5, 2 ** 53, Number.NaN, '\ud800', { '\udfff': 1 }, new Map(), 1n, undefined, () => 1]) {
    assert.throws(() => canonicalJson(value), TypeError);
  }
});

for (const [text, why] of [
  ['{"a":1,"a":1}', 'doubled member'],
  ['{"b":1,"a":1}', 'other order'],
  ['{ "a":1}', 'white space'],
  ['1.0', 'fraction'],
  ['1e3', 'exponent'],
  ['-0', 'negative zero'],
  ['9007199254740993', 'unsafe integer'],
  ['"\\u0041"', 'needless escape'],
  ['"\\ud800"', 'lone surrogate'],
  ['"\\/"', 'escaped solidus'],
  ['{"a":1', 'cut short'],
  ['\ufeff1', 'byte order mark'],
] as const) {
  test(`canonical JSON is refused: ${why}`, () => {
    assert.deepEqual(parseCanonicalJson(text), { ok: false, error: 'not-canonical-json' });
  });
}

test('canonical JSON comes back as it went', () => {
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  fc.assert(
    fc.property(value, (given) => {
      const text = canonicalJson(given);
      const parsed = parseCanonicalJson(text);
      assert.ok(parsed.ok);
      assert.equal(canonicalJson(parsed.value), text);
    }),
  );
});

test('broken UTF-8 is refused, not repaired', () => {
  for (const hex of ['22c0af22', '22ff22', '22eda08022', 'efbbbf2222']) {
    assert.equal(parseCanonicalJsonBytes(Buffer.from(hex, 'hex')).ok, false, hex);
  }
});

test('RFC 7493 JSON of a peer: a member stands once per object, nesting has a limit, spelling is free', () => {
  assert.deepEqual(parseStrictJson(' {"a" : {"a":1.5}, "b":["a","a:", "\\"a\\":"]} '), {
    ok: true,
    value: { a: { a: 1.5 }, b: ['a', 'a:', '"a":'] },
  });
  assert.deepEqual(parseStrictJson('{"a":1,"\\u0061" :2}'), { ok: false, error: 'json-member-doubled' });
  assert.deepEqual(parseStrictJson('['.repeat(33) + ']'.repeat(33)), { ok: false, error: 'json-too-deep' });
  assert.ok(parseStrictJson('['.repeat(32) + ']'.repeat(32)).ok);
  assert.deepEqual(parseStrictJson('{"a":"\\ud800"}'), { ok: false, error: 'json-not-well-formed' });
  assert.deepEqual(parseStrictJson('{'), { ok: false, error: 'malformed-json' });
});
