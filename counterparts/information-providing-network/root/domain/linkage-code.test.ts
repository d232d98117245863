import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { linkageCodeOf, pseudonymOf, rootBehind, rootOf, versionOf } from './linkage-code.ts';

const rootKey = randomBytes(32);
const keys = { meguro: randomBytes(64), tokyo: randomBytes(64) };
const person = fc.stringMatching(/^[0-9]{11}$/);

test('design §4.2 the code of a person differs per body, is the same again, and opens only under its own body', () => {
  fc.assert(
    fc.property(person, fc.integer({ min: 1, max: 255 }), (code, version) => {
      const root = rootOf(rootKey, code);
      const ward = linkageCodeOf(root, 'meguro', version, keys.meguro);
      assert.equal(ward, linkageCodeOf(root, 'meguro', version, keys.meguro));
      assert.notEqual(ward, linkageCodeOf(root, 'tokyo', version, keys.tokyo));
      assert.equal(versionOf(ward), version);
      assert.deepEqual(rootBehind(ward, 'meguro', keys.meguro), { ok: true, value: root });
      for (const [name, key] of [
        ['tokyo', keys.tokyo],
        ['tokyo', keys.meguro],
        ['meguro', keys.tokyo],
      ] as const)
        assert.deepEqual(rootBehind(ward, name, key), { ok: false, error: 'not-your-linkage-code' });
    }),
    { numRuns: 50 },
  );
});

test('design §4.2 a changed, cut or invented code is no code', () => {
  const code = linkageCodeOf(rootOf(rootKey, '12345678901'), 'meguro', 1, keys.meguro);
  const changed = Buffer.from(code, 'base64url');
  changed[20]! ^= 1;
  assert.equal(rootBehind(changed.toString('base64url'), 'meguro', keys.meguro).ok, false);
  assert.equal(versionOf(code.slice(0, -4)), undefined);
  assert.equal(versionOf(randomBytes(10).toString('base64url')), undefined);
  assert.equal(versionOf('§'), undefined);
});

test('design §4.2 two persons have two roots, codes and pseudonyms', () => {
  const pseudonymKey = randomBytes(32);
  fc.assert(
    fc.property(person, person, (a, b) => {
      fc.pre(a !== b);
      assert.notEqual(pseudonymOf(pseudonymKey, rootOf(rootKey, a)), pseudonymOf(pseudonymKey, rootOf(rootKey, b)));
    }),
    { numRuns: 50 },
  );
});
