import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import type { Own } from './front.ts';
import { hostOf, instanceId } from './plan/build-plan.ts';
import { offices } from './plan/offices.ts';
import { organisations, townPassword } from './plan/organisations.ts';
import { startPage, type WalkState } from './start-page.ts';
import { isOnMap, places } from './start-page-map.ts';
import { purposes } from './start-page-words.ts';

const titles = [
  { id: '0', title: '町の人が二つの区に住み、各システムに届く' },
  { id: '1', title: '出生・転入・転出が全国に届き、あり得ない転入が差し戻される' },
  { id: '2', title: '事業者が給与支払報告書を送り、区に取り込まれる' },
];
const result = (id: string, ok: boolean, fault?: string) => ({
  id,
  title: titles[Number(id)]!.title,
  ok,
  evidence: ok ? { residents: 3000, households: 1412 } : {},
  seconds: 12.4,
  ...(fault === undefined ? {} : { fault }),
});
const fresh: WalkState = { titles, results: [], running: undefined };
const underway: WalkState = { titles, results: [result('0', true)], running: '1' };
const over: WalkState = { titles, results: titles.map((t) => result(t.id, true)), running: undefined };
const stopped: WalkState = {
  titles,
  results: [result('0', true), result('1', false, 'the notice <b>did</b> not come')],
  running: undefined,
};

let walk: WalkState = underway;
let own: Own;
let server: Server;
let origin = '';
let cacheFolder = '';
// The page takes no more of a definition than its name; the real ones would load every system into this test.
const definitions = new Map(
  [...new Set(organisations.flatMap((o) => o.instances.map((i) => i.system)))].map((system) => [
    system,
    { system, name: { ja: `${system}の名`, en: system } } as SystemDefinition,
  ]),
);

before(async () => {
  cacheFolder = await mkdtemp(path.join(tmpdir(), 'musubi-start-page-'));
  own = await startPage({ publicPort: 8080, cacheFolder, definitions, walk: () => walk });
  server = createServer((request, response) => {
    void own('musubi.localhost', request.url ?? '/').then((answer) => {
      response.writeHead(answer?.status ?? (answer ? 200 : 404), { 'content-type': answer?.type ?? 'text/plain' });
      response.end(answer?.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(cacheFolder, { recursive: true });
});

const instances = organisations.flatMap((o) => o.instances.map((i) => ({ o, i, id: instanceId(o, i) })));

test('design §8: every instance of the town stands on the map, and the map names none that is not there', () => {
  for (const { id, i } of instances) {
    assert.ok(isOnMap(id), `${id} is not on the map`);
    assert.ok(purposes[i.system], `${i.system} has no line that says what it does`);
  }
  const known = new Set(instances.map(({ id }) => id));
  for (const id of Object.keys(places)) assert.ok(known.has(id), `the map shows ${id}`);
});

test('design §8: boxes of the map do not lie over each other', () => {
  const boxes = Object.entries(places);
  for (const [a, { box: p }] of boxes) {
    for (const [b, { box: q }] of boxes) {
      if (a >= b) continue;
      const apart = p[0] + p[2] <= q[0] || q[0] + q[2] <= p[0] || p[1] + p[3] <= q[1] || q[1] + q[3] <= p[1];
      assert.ok(apart, `${a} lies over ${b}`);
    }
  }
});

test('issue A pages: map, walk and staff without axe violations, wide, at 200 % and in each state of the walk', async () => {
  await withPage(async (page) => {
    for (const [name, state] of Object.entries({ fresh, over, underway, stopped })) {
      walk = state;
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(origin);
      await expectAccessible(page);
      await screenshot(page, `start-page-${name}`);
      await page.setViewportSize({ width: 640, height: 900 });
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.equal(sideways <= 0, true, `${name}: the page itself scrolls sideways at 200 %`);
    }
    await expectAccessible(page);
  });
});

test('design §8: every system with pages is reached from the map and from the list, at its own host name', async () => {
  walk = over;
  await withPage(async (page) => {
    await page.goto(origin);
    const hrefs = async (selector: string) =>
      page.$$eval(selector, (links) => links.map((a) => a.getAttribute('href') ?? ''));
    const fromMap = await hrefs('svg a');
    const fromList = await hrefs('main section li a');
    for (const { o, i, id } of instances) {
      const host = hostOf(o, i);
      if (host === undefined) continue;
      assert.ok(fromMap.includes(`http://${host}:8080/`), `${id} cannot be reached from the map`);
      assert.ok(fromList.includes(`http://${host}:8080/`), `${id} cannot be reached from the list`);
    }
  });
});

test('design §6: everybody who can sign in is named with id and role, and the password once', async () => {
  const answer = await own('musubi.localhost', '/');
  for (const person of Object.values(offices).flat()) {
    assert.match(answer!.body, new RegExp(`<code>${person.staffId}</code>.*${person.displayName}`));
    for (const { role } of person.roles) assert.ok(answer!.body.includes(role), `${role} is not on the page`);
  }
  assert.equal(answer!.body.split(townPassword).length - 1, 1);
});

test('issue A: while the walk plays the page follows it, with scripts and without; where it stopped it says why', async () => {
  walk = fresh;
  await withPage(async (page) => {
    await page.goto(origin);
    await page.getByRole('status').getByText('まだ始まっていません').waitFor();
    walk = underway;
    await page.getByRole('status').getByText('実行中').waitFor({ timeout: 10_000 });
    assert.match((await page.getByRole('status').textContent()) ?? '', /実行中.*手順 1/);
    walk = over;
    await page.getByRole('status').getByText('すべての手順が終わりました').waitFor({ timeout: 10_000 });
    assert.equal(await page.locator('[data-live=running]').count(), 0);
  });
  walk = underway;
  await withPage(
    async (page) => {
      await page.goto(origin);
      walk = stopped;
      await page.getByText('手順 1 で止まりました。').waitFor({ timeout: 10_000 });
      // A fault is text, whatever it holds.
      assert.match((await page.locator('main .notice').textContent()) ?? '', /the notice <b>did<\/b> not come/);
    },
    { scripts: false },
  );
});

test('issue A: the start page answers for its own names and paths alone', async () => {
  assert.equal(await own('rtx.meguro.localhost', '/'), undefined);
  assert.equal(await own('musubi.localhost', '/nowhere'), undefined);
  assert.equal((await own('localhost', '/'))?.type, 'text/html; charset=utf-8');
});
