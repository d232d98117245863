import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { peerMay, roleMay } from '@musubi/kernel/access/rights.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { definition } from '../main.ts';
import { rights } from '../rights.ts';
import { aTown, schedules } from './a-town.ts';

type Declared = PageApp['pages'][number];

test('design §6 the instance starts from its settings; every page and route asks for a right that somebody holds', async () => {
  await using w = await aTown();
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-collections-'));
  const declared: Declared[] = [];
  const pages = { declare: (page: Declared) => void declared.push(page) } as unknown as PageApp;
  const host = {
    deps: w.deps,
    organisation: { organisation: 'meguro', code: '131105', name: { ja: '目黒区', en: 'Meguro City' }, home },
    config: { system: 'collections', settings: { schedules } },
    pages: async () => pages,
    onError: () => {},
  } as unknown as Host;
  const instance = await definition.start(host);
  assert.ok(declared.length >= 20);
  for (const { path, right } of declared) {
    assert.ok(Array.isArray(right));
    const held = Object.keys(rights.staff).some((role) => roleMay(rights, role, right as [string, string, 'read']));
    assert.ok(held, `${path} ${String(right)}`);
  }
  assert.equal(instance.routes?.length, 7);
  for (const { endpoint } of instance.routes ?? []) {
    const held = ['accounts', 'payments', 'eltax', 'resident-tax'].some((system) =>
      peerMay(rights, 'meguro', { organisation: 'meguro', system }, endpoint.right),
    );
    assert.ok(held, endpoint.id);
  }
  assert.deepEqual(
    instance.handlers?.map((h) => h.handler.family),
    ['collections.charge', 'collections.charge-batch'],
  );
  assert.ok(
    peerMay(rights, 'meguro', { organisation: 'meguro', system: 'resident-tax' }, ['collections', 'charge', 'update']),
  );
  assert.ok(
    !peerMay(rights, 'meguro', { organisation: 'setagaya', system: 'resident-tax' }, [
      'collections',
      'charge',
      'update',
    ]),
  );
  await assert.rejects(
    definition.start({ ...host, organisation: { organisation: 'meguro' } } as Host),
    /local government code/,
  );
});
