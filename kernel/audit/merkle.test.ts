import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  consistencyPath,
  type Hash,
  inclusionPath,
  leafHash,
  rootOf,
  type SubtreeSource,
  sha256,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';

/** The eight inputs of the certificate-transparency reference tree, and its roots after 1 to 8 leaves. */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (h) => Buffer.from(h, 'hex'),
);
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const sourceOf =
  (leaves: readonly Hash[]): SubtreeSource =>
  async (height, index) =>
    rootOf(leaves.slice(index * 2 ** height, (index + 1) * 2 ** height));

test('RFC 6962 §2.1: the roots of the reference tree', async () => {
  const leaves = inputs.map(leafHash);
  assert.equal(rootOf([]).toString('hex'), sha256('').toString('hex'));
  for (const [i, root] of roots.entries()) {
    assert.equal(rootOf(leaves.slice(0, i + 1)).toString('hex'), root);
    assert.equal((await treeRoot(sourceOf(leaves), i + 1)).toString('hex'), root);
  }
});

test('RFC 6962 §2.1.1: the audit path of leaf 0 and of leaf 5 in the reference tree', async () => {
  const leaves = inputs.map(leafHash);
  assert.deepEqual(
    (await inclusionPath(sourceOf(leaves), 0, 8)).map((h) => h.toString('hex')),
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  );
  assert.deepEqual(
    (await inclusionPath(sourceOf(leaves), 5, 8)).map((h) => h.toString('hex')),
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  );
});

test('RFC 6962 §2.1.2: the proof from 6 to 8 leaves in the reference tree', async () => {
  assert.deepEqual(
    (await consistencyPath(sourceOf(inputs.map(leafHash)), 6, 8)).map((h) => h.toString('hex')),
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  );
});

test('every proof of every tree up to 70 leaves holds, and no proof holds for another leaf, root or size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), async (size, a, b) => {
      const leaves = Array.from({ length: size }, (_, i) => leafHash(`leaf ${i}`));
      const source = sourceOf(leaves);
      const root = rootOf(leaves);
      const index = a % size;
      const path = await inclusionPath(source, index, size);
      assert.ok(verifyInclusion(index, size, leaves[index]!, path, root));
      assert.ok(!verifyInclusion(index, size, leafHash('other'), path, root));
      assert.ok(!verifyInclusion(index, size, leaves[index]!, [...path, root], root));
      if (path.length > 0) assert.ok(!verifyInclusion(index, size, leaves[index]!, path.slice(1), root));
      const old = b % (size + 1);
      const oldRoot = rootOf(leaves.slice(0, old));
      const proof = await consistencyPath(source, old, size);
      assert.ok(verifyConsistency(old, size, oldRoot, root, proof));
      if (old > 0) assert.ok(!verifyConsistency(old, size, leafHash('x'), root, proof));
      if (old > 0) assert.ok(!verifyConsistency(old, size, oldRoot, leafHash('x'), proof));
    }),
    { numRuns: 120 },
  );
});
