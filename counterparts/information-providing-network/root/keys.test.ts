import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { linkageCodeOf, rootBehind, rootOf, versionOf } from './domain/linkage-code.ts';
import { fileRootKeys } from './keys.ts';

const folder = () => mkdtemp(path.join(tmpdir(), 'musubi-root-keys-'));

test('design §4.2 keys are made once, private to the process, and found again after a restart', async () => {
  const directory = await folder();
  const keys = await fileRootKeys(directory);
  const [one, two] = await Promise.all([keys.rootKey(), keys.rootKey()]);
  assert.deepEqual(Buffer.from(one), Buffer.from(two));
  await keys.versions('meguro');
  for (const name of await readdir(directory))
    assert.equal((await stat(path.join(directory, name))).mode & 0o777, 0o600);
  assert.deepEqual(Buffer.from(await (await fileRootKeys(directory)).rootKey()), Buffer.from(one));
});

test('design §3 a key file that others may read is refused', { skip: process.platform === 'win32' }, async () => {
  const directory = await folder();
  await (await fileRootKeys(directory)).rootKey();
  await chmod(path.join(directory, 'root.key'), 0o644);
  await assert.rejects((await fileRootKeys(directory)).rootKey(), /readable by others/);
});

test('design §4.2 after a rotation of one body’s key codes of both versions open, and no other body’s key moved', async () => {
  const keys = await fileRootKeys(await folder());
  const root = rootOf(await keys.rootKey(), '12345678901');
  const [version] = await keys.versions('meguro');
  const before = linkageCodeOf(root, 'meguro', version!, (await keys.bodyKey('meguro', version!))!);
  assert.equal(await keys.rotate('meguro'), 2);
  const after = linkageCodeOf(root, 'meguro', 2, (await keys.bodyKey('meguro', 2))!);
  for (const code of [before, after]) {
    const key = (await keys.bodyKey('meguro', versionOf(code)!))!;
    assert.deepEqual(rootBehind(code, 'meguro', key), { ok: true, value: root });
  }
  assert.deepEqual(await keys.versions('tokyo'), [1]);
  assert.equal(await keys.bodyKey('meguro', 3), undefined);
});
