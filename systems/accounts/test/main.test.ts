import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleMay } from '@musubi/kernel/access/rights.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { definition } from '../main.ts';
import { rights } from '../rights.ts';
import { anOffice } from './an-office.ts';

type Declared = PageApp['pages'][number];

test('design §6 the instance starts from its settings; every page asks for a right that somebody holds', async () => {
  await using o = await anOffice();
  const declared: Declared[] = [];
  const host = {
    deps: o.deps,
    peers: {},
    organisation: { organisation: 'meguro', code: '131105' },
    config: { settings: { collector: o.deps.collector, trainingBank: true } },
    pages: async () => ({ declare: (page: Declared) => void declared.push(page) }) as unknown as PageApp,
  } as unknown as Host;
  await definition.start(host);
  assert.ok(declared.length >= 10);
  for (const { path, right } of declared)
    assert.ok(roleMay(rights, 'account-clerk', right as [string, string, 'read']), `${path} ${String(right)}`);
  await assert.rejects(definition.start({ ...host, config: { settings: {} } } as unknown as Host), /collector/);
});
