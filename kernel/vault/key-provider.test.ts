import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { currentKeyVersion, fileKeyProvider } from './key-provider.ts';

test('keys are files that only their owner reads, made once however many start', async (t) => {
  const directory = path.join(await mkdtemp(path.join(tmpdir(), 'musubi-keys-')), 'keys');
  t.after(() => rm(path.dirname(directory), { recursive: true }));
  const providers = await Promise.all([1, 2, 3].map(() => fileKeyProvider(directory)));
  assert.deepEqual(await Promise.all(providers.map((p) => currentKeyVersion(p, 'vault-cipher'))), [1, 1, 1]);
  const keys = await Promise.all(providers.map((p) => p.key('vault-cipher', 1)));
  assert.deepEqual(keys[1], keys[0]);
  assert.deepEqual(keys[2], keys[0]);
  assert.deepEqual(await readdir(directory), ['vault-cipher.v1.key']);
  const file = path.join(directory, 'vault-cipher.v1.key');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);

  await chmod(file, 0o640);
  await assert.rejects(providers[0]!.key('vault-cipher', 1), { code: 'key-file-readable-by-others' });
  await assert.rejects(providers[0]!.key('vault-digest', 1), { code: 'key-missing' });
  await providers[0]!.destroy('vault-cipher', 1);
  assert.deepEqual(await providers[0]!.versions('vault-cipher'), []);
});
