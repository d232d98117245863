import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { organisationConfig } from '@musubi/kernel/serve/config.ts';
import { offices } from '@musubi/town/plan/offices.ts';
import { organisations, townPassword } from '@musubi/town/plan/organisations.ts';
import { systemNames } from './definitions.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const pages = ['README.md', 'README.ja.md', 'docs/architecture.md', 'docs/running-one-system.md'];
const textOf = (page: string): Promise<string> => readFile(path.join(root, page), 'utf8');

test('README: every link inside the repository leads somewhere', async () => {
  for (const page of pages) {
    for (const [, target] of (await textOf(page)).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.ok(existsSync(path.join(root, path.dirname(page), target!)), `${page}: ${target}`);
    }
  }
});

test('README: every npm script it names is one', async () => {
  const { scripts } = JSON.parse(await textOf('package.json')) as { scripts: Record<string, string> };
  for (const page of pages) {
    for (const [, name] of (await textOf(page)).matchAll(/npm run (?:-s )?([a-z:]+)/g))
      assert.ok(name! in scripts, `${page}: npm run ${name}`);
  }
});

test('README: the size of the town is what is started', async () => {
  const systems = organisations.flatMap((o) => o.instances.map((i) => i.system));
  const size = [organisations.length, systems.length, new Set(systems).size] as const;
  const [processes, instances, kinds] = size;
  assert.ok(
    (await textOf('README.ja.md')).includes(`${processes} プロセス、${kinds} 種 ${instances} のシステム`),
    `${size}`,
  );
  const words = ['nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen'];
  const sentence = `${words[processes - 9]} processes, ${instances} instances of ${kinds} systems`;
  assert.ok((await textOf('README.md')).includes(sentence), sentence);
});

test('README: password and staff are those of the town', async () => {
  const known = new Set(
    Object.values(offices)
      .flat()
      .map((p) => p.staffId),
  );
  for (const page of ['README.md', 'README.ja.md']) {
    const text = await textOf(page);
    assert.ok(text.includes(townPassword), `${page} names another password`);
    for (const [, id] of text.matchAll(/`([a-z]-\d{4})`/g)) assert.ok(known.has(id!), `${page}: nobody is ${id}`);
    for (const system of new Set(organisations.flatMap((o) => o.instances.map((i) => i.system))))
      assert.ok(page === 'README.ja.md' || text.includes(system), `${page} is silent about ${system}`);
  }
});

test('README: the example of a configuration is one, and names systems that exist', async () => {
  const [, example] = /```json\n([\s\S]*?)```/.exec(await textOf('docs/running-one-system.md')) ?? [];
  const config = organisationConfig.parse(JSON.parse(example!));
  for (const { system, witnesses } of config.instances) {
    assert.ok(systemNames.includes(system));
    for (const witness of witnesses) assert.ok(witness in config.directory, `${witness} has no address`);
  }
});
