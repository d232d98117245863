import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Actor, Right } from '@musubi/kernel/db/act.ts';
import type { OperationsDeps } from '@musubi/kernel/operations/operations.ts';
import { usualOperations } from '@musubi/kernel/operations/operators.ts';
import { formToken } from '@musubi/kernel/pages/security.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { loadDefinitions } from '../cli/definitions.ts';
import { covers, holdersOf, renderMatrix, type SystemView, systemsOf } from './rights/matrix.ts';
import { csrfSecret, type PlacedSystem, type PlacedTown, placeTown, staffWith } from './rights/placed-systems.ts';

let town: PlacedTown;
let systems: readonly SystemView[];
/** One instance of each system: what is asked of one is true of all, since they share table, pages and acts. */
let one: readonly PlacedSystem[];
before(async () => {
  town = await placeTown();
  systems = systemsOf(town.instances);
  one = [...Map.groupBy(town.instances, (i) => i.system).values()].map(([first]) => first!);
});
after(() => town[Symbol.asyncDispose]());

/** Pages that open without a session, each with its reason in the name: the sign-in itself and what it needs. */
const publicPages = [
  /^[a-z-]+ GET \/(sign-in|sign-in\/callback|session\/locked|session\/blank|signed-out)$/,
  /^staff-directory (GET|POST) \/login\/:uid(\/(second-factor|register|password))?$/,
  // How a person asks for their own record, and the forms for it.
  /^(prefectural-juki|fuhyo-link|resident-tax|child-chronic) GET \/guide(\/:kind)?$/,
  // 個人情報ファイル簿, which the law publishes.
  /^governance GET \/files$/,
  // Who must give a number, told before anybody asks for one.
  /^common-platform GET \/number-notice$/,
  /^mynaportal (POST \/sign-in|GET \/sign-in\/[a-z-]+\.js)$/,
];
/** Pages for whoever is signed in: they show nobody's data. */
const signedInPages = [/ POST \/sign-out$/, /^(staff-directory|common-platform|resident-tax|mynaportal) GET \/$/];
/** Routes answered without a certificate: what a newcomer needs to get one, and the public repository. */
const openRoutes = ['government-pki.certificate', 'government-pki.crl', 'government-pki.enrol'];
/** First words of rights in contracts that several systems serve; the function is the serving system's. */
const contractFamilies = ['exchange', 'juki'];

const isHeld = (view: SystemView, right: Right): boolean =>
  holdersOf(view.table).some(({ may }) => may.some((granted) => covers(granted, right)));

test('design §6: every page asks for a right that somebody holds, or stands on the list of open pages', () => {
  const faults: string[] = [];
  let seen = 0;
  for (const view of systems)
    for (const { method, path, right } of view.pages) {
      seen++;
      const name = `${view.system} ${method} ${path}`;
      if (right === 'public') {
        if (!publicPages.some((p) => p.test(name))) faults.push(`${name} is public`);
      } else if (right === 'signed-in') {
        if (!signedInPages.some((p) => p.test(name))) faults.push(`${name} opens to anyone signed in`);
      } else if (right[0] !== view.table.system) faults.push(`${name} asks for a right of ${right[0]}`);
      else if (!isHeld(view, right)) faults.push(`${name} asks for ${right.join('/')}, which nobody holds`);
    }
  assert.ok(seen > 150);
  assert.deepEqual(faults, []);
});

test('design §6: every route asks for a right that some peer holds, or is open for a reason', () => {
  const faults: string[] = [];
  for (const { system, table, endpoints } of systems)
    for (const { id, callers, right } of endpoints) {
      if (callers === 'anyone') {
        if (!openRoutes.includes(id)) faults.push(`${system} ${id} is open to anyone`);
        continue;
      }
      if (right[0] !== table.system && !contractFamilies.includes(right[0]))
        faults.push(`${system} ${id} asks for a right of ${right[0]}`);
      if (!table.peers.some((p) => p.may.some((granted) => covers(granted, right))))
        faults.push(`${system} ${id} asks for ${right.join('/')}, which no peer holds`);
    }
  assert.deepEqual(faults, []);
});

test('C 運用: every system where somebody works shows its operators’ view in the menu, to people who see nothing else by it', async () => {
  const faults: string[] = [];
  let seen = 0;
  for (const { system, organisation, table, pages } of one) {
    if (Object.keys(table.staff).length === 0 || pages === undefined) continue;
    seen++;
    const looking = Object.entries(table.staff).filter(([, may]) => may.some(([fn]) => fn === 'operations'));
    const acting = looking.filter(([, may]) => may.some(([fn, level]) => fn === 'alert' && level === 'update'));
    // An alert goes on to somebody: one role alone could not pass it to another.
    if (acting.length < 2) faults.push(`${system}: alerts have nobody to go to`);
    town.signIn(staffWith(organisation, looking[0]?.[0] ?? 'nobody'));
    const page = await pages.fetch(new Request('http://x/operations'));
    const text = await page.text();
    if (page.status !== 200) faults.push(`${system}: ${page.status}`);
    if (!/<a[^>]* href="\/operations"/.test(text)) faults.push(`${system}: the menu does not lead there`);
    if (!text.includes('証明書')) faults.push(`${system}: no certificates`);
  }
  assert.ok(seen >= 15);
  assert.deepEqual(faults, []);
});

test('C 運用: a batch that failed becomes an alert in whichever system it ran, and nobody’s silence keeps it there', async () => {
  const { deps, identity, organisation } = one.find(({ system }) => system === 'tax-documents')!;
  const definition = (await loadDefinitions(['tax-documents'])).get('tax-documents')!;
  const operations = usualOperations<OperationsDeps>(definition.rights)!;
  const told = { ...deps, identity };
  const job: Actor = { kind: 'job', name: 'operations' };
  const day =
    'insert into jobs.run (run_id, name, params, params_digest, state, why, started_by, started_on, started_at, ended_at, event_id)';
  await town.owner(
    `${day} values (gen_random_uuid(), 'tax-documents.images', '{}', sha256('a'), 'failed', 'broken', 'job', '2026-06-01', now(), now(), gen_random_uuid())`,
  );
  unwrap(await operations.watch(told, job));
  const read = async () =>
    unwrap(await operations.read(told, staffWith(organisation, 'system-operator'), {})).alerts.find(
      ({ code }) => code === 'run-failed',
    )!;
  assert.deepEqual([(await read()).about, (await read()).detail.failed], ['tax-documents.images', 1]);
  await town.owner("update operations.alert set opened_at = opened_at - interval '16 minutes'");
  assert.ok(unwrap(await operations.watch(told, job)).escalated > 0);
  assert.equal((await read()).escalatedTo, 'system-overseer');
  const { alertId } = await read();
  const clerk = staffWith(organisation, 'document-clerk');
  assert.deepEqual(await operations.acknowledge(told, clerk, { alertId, note: '再実行' }), {
    ok: false,
    error: 'not-authorised',
  });
  unwrap(await operations.acknowledge(told, staffWith(organisation, 'system-overseer'), { alertId, note: '再実行' }));
  await town.owner("update jobs.run set state = 'done', why = null where name = 'tax-documents.images'");
  unwrap(await operations.watch(told, job));
  assert.notEqual((await read()).closedAt, null);
});

test('design §6: every act asks for a right that somebody holds', () => {
  const faults = systems.flatMap((view) =>
    view.acts
      .filter(({ right }) => right[0] === view.table.system && !isHeld(view, right))
      .map(({ actName, right }) => `${view.system} ${actName} asks for ${right.join('/')}, which nobody holds`),
  );
  assert.deepEqual(faults, []);
});

test('design §6: every right of a table opens something', () => {
  const faults: string[] = [];
  for (const view of systems) {
    const asked = [
      ...view.pages.flatMap(({ right }) => (typeof right === 'string' ? [] : [right])),
      ...view.acts.map(({ right }) => right),
    ];
    for (const { who, may } of holdersOf(view.table))
      for (const granted of may)
        if (
          !asked.some((right) => granted[0] === right[1] && granted[1] === right[2]) &&
          !view.written.has([view.table.system, ...granted].join('/'))
        )
          faults.push(`${view.system}: ${who} holds ${granted.join(' ')}, which nothing asks for`);
  }
  assert.deepEqual(faults, []);
});

/** Asks for a page as this reader; parts of the path are filled with what names nothing. */
async function open(instance: PlacedSystem, page: { method: string; path: string }, reader: Actor): Promise<number> {
  town.signIn(reader);
  const token = formToken({ actor: reader, displayName: '試験', csrfSecret });
  const response = await instance.pages!.fetch(
    new Request(`http://x${page.path.replace(/:[a-zA-Z]+(\{[^}]*\})?/g, '0')}`, {
      method: page.method,
      headers: { origin: 'http://x', 'sec-fetch-site': 'same-origin' },
      ...(page.method === 'POST' ? { body: new URLSearchParams({ _token: token }) } : {}),
    }),
  );
  await response.body?.cancel();
  return response.status;
}

test('design §6: a role opens no page beyond its rights, and nobody of another organisation opens any', async () => {
  const faults: string[] = [];
  let refused = 0;
  for (const instance of one)
    for (const page of instance.pages?.pages ?? []) {
      if (typeof page.right === 'string') continue;
      const { organisation, table } = instance;
      const roles = Object.entries(table.staff);
      const without = roles.filter(([, may]) => !may.some((granted) => covers(granted, page.right as Right)));
      // Roles add up, so whoever holds all of them at once sees at least what any one of them opens.
      const strangers = [
        staffWith(organisation, 'no-such-role'),
        // The same roles elsewhere count for nothing here.
        staffWith('elsewhere', ...roles.map(([role]) => role)),
        ...(without.length > 0 ? [staffWith(organisation, ...without.map(([role]) => role))] : []),
      ];
      for (const stranger of strangers) {
        refused++;
        const status = await open(instance, page, stranger);
        if (status !== 403)
          faults.push(`${instance.system} ${page.method} ${page.path} ${JSON.stringify(stranger)}: ${status}`);
      }
    }
  assert.ok(refused > 400);
  assert.deepEqual(faults, []);
});

test('design §6: every act refuses what is not its organisation’s and not on its list, before it does anything', async () => {
  const faults: string[] = [];
  let refused = 0;
  for (const { system, table, deps, acts } of one)
    for (const each of acts) {
      if (each.right[0] !== table.system) continue;
      const strangers: readonly Actor[] = [
        ...Object.keys(table.staff).map((role) => staffWith('elsewhere', role)),
        { kind: 'system', organisation: 'elsewhere', system: 'unknown', certificate: '' },
        // A peer of another organisation comes in only where the table says so.
        ...table.peers
          .filter(({ organisation }) => organisation !== 'any')
          .map((p): Actor => ({ kind: 'system', organisation: 'elsewhere', system: p.system, certificate: '' })),
      ];
      for (const stranger of strangers) {
        refused++;
        const result: { ok: boolean; error?: unknown } = await each(deps, stranger, {});
        if (result.ok || result.error !== 'not-authorised') faults.push(`${system} ${each.actName} ${stranger.kind}`);
      }
    }
  assert.ok(refused > 200);
  assert.deepEqual(faults, []);
});

test('design §6: docs/status/rights.md is what the systems say now', async () => {
  const written = await readFile(new URL('../docs/status/rights.md', import.meta.url), 'utf8').catch(() => '');
  assert.ok(
    written === renderMatrix(systems),
    'docs/status/rights.md is stale: npm run -s node -- checks/rights/write-matrix.ts',
  );
});
