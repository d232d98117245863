import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { carriersOf, renderCarriers, requirementSets, testTitles } from './requirements/carriers.ts';

const root = path.resolve(import.meta.dirname, '..');

test('003 §8: every scenario is carried by a test under its number', async () => {
  const all = await testTitles(root);
  const [scenarios] = requirementSets.filter(({ title }) => title === '003 acceptance scenarios');
  assert.deepEqual(
    scenarios!.ids.filter((id) => carriersOf(all, id).length === 0),
    [],
  );
});

test('the page of requirements and tests says what the tests’ titles say', async () => {
  const page = await readFile(path.join(root, 'docs/status/requirements.md'), 'utf8');
  assert.equal(page, renderCarriers(await testTitles(root)));
});

test('an id is found in a list of numbers, and not in a longer number', () => {
  const title = { file: 'x.test.ts', title: '003 scenario 21・22 and AC-12' };
  assert.deepEqual(carriersOf([title], '003 scenario 22'), ['x.test.ts']);
  assert.deepEqual(carriersOf([title], '003 scenario 2'), []);
  assert.deepEqual(carriersOf([title], 'AC-1'), []);
});
