import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { takePlace } from '@musubi/kernel/db/place.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { holdCeremony, issueIdentity } from '@musubi/kernel/pki/authority.ts';
import { pemOf } from '@musubi/kernel/pki/identity.ts';
import { writeIdentity } from '@musubi/kernel/pki/identity-files.ts';
import { issueCrl } from '@musubi/kernel/pki/issue.ts';
import { writeKeptCrl } from '@musubi/kernel/pki/join.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import type { Composition } from '@musubi/kernel/serve/composition.ts';
import type { OrganisationConfig } from '@musubi/kernel/serve/config.ts';
import { addProcessPage } from '@musubi/kernel/serve/process-page.ts';
import { StartRefused, startProcess } from '@musubi/kernel/serve/process-starts.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import pg from 'pg';
import { definition } from '../main.ts';

/* Processes as an operator starts them: `musubi serve CONFIG`, each with ports of its own, over one database. */

const cli = fileURLToPath(new URL('../../../cli/musubi.ts', import.meta.url));
const party = { organisation: 'meguro', system: 'convenience-certificates' };
const schemas = [...kernelSchemas, ...definition.schemas];
const home = await mkdtemp(path.join(tmpdir(), 'musubi-inc-06-'));
const t = await testDatabase(schemas, {
  audit: auditSink({ instance: 'meguro/convenience-certificates', random: systemRandom }),
});
const started: ChildProcess[] = [];
after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await t[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

interface Process {
  readonly config: OrganisationConfig;
  readonly child: ChildProcess;
  /** `ready`, or its exit code. */
  readonly outcome: Promise<'ready' | number | null>;
  said(): string;
}

const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

async function joined(name: string): Promise<string> {
  const now = systemMachineClock.now();
  const until = now.add({ hours: 24 });
  const { root, issuing } = await holdCeremony(now);
  const folder = path.join(home, name, party.system, 'identity');
  await writeIdentity(folder, await issueIdentity(issuing, party, { from: now.subtract({ hours: 1 }), until }));
  const crl = await issueCrl(issuing, { number: 1, thisUpdate: now, nextUpdate: until, revoked: [] });
  await writeKeptCrl(folder, { crl, issuer: issuing.certificate });
  await writeFile(path.join(home, name, 'root.pem'), pemOf(root.certificate));
  return path.join(home, name);
}

/** Another machine, as far as a process can tell: folder, keys and ports of its own; only the database is the same. */
async function aProcess(name: string, settings: Readonly<Record<string, unknown>> = {}): Promise<Process> {
  const folder = await joined(name);
  const config: OrganisationConfig = {
    organisation: 'meguro',
    name: { ja: '目黒区', en: 'Meguro City' },
    town: true,
    home: folder,
    webPort: await freePort(),
    publicPort: 8_080,
    pki: { url: `https://127.0.0.1:${await freePort()}`, rootFile: path.join(folder, 'root.pem') },
    segments: {},
    directory: {},
    instances: [
      {
        system: party.system,
        database: { url: t.url },
        port: await freePort(),
        host: 'cvs.localhost',
        witnesses: [],
        settings: { ...settings },
      },
    ],
  };
  const file = path.join(folder, 'config.json');
  await writeFile(file, JSON.stringify(config));
  const child = spawn(process.execPath, [cli, 'serve', file], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const outcome = new Promise<'ready' | number | null>((resolve) => {
    child.once('message', () => resolve('ready'));
    child.once('close', (code) => resolve(code));
  });
  return { config, child, outcome, said: () => said };
}

/** Asked for its first page without being signed in: it says so, or nobody is there. */
const answers = ({ config }: Process): Promise<number | 'nobody'> =>
  new Promise((resolve) => {
    const call = request({ port: config.webPort, headers: { host: 'cvs.localhost' } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.once('error', () => resolve('nobody')).end();
  });
const events = async (): Promise<Record<string, string>[]> =>
  (
    await t.owner<{ detail: Record<string, string> }>(
      `select body::jsonb -> 'detail' as detail from audit.intake_event where body::jsonb ->> 'event' = 'deployment.refused'
       union all select body::jsonb -> 'detail' from audit.entry where body::jsonb ->> 'event' = 'deployment.refused'`,
    )
  ).map((row) => row.detail);

test('INC-06 同じデータベースに二つのプロセスを同時に起動しても一つだけが応じ、他方は起動済みのものを示して終わる', async () => {
  const both = [await aProcess('a'), await aProcess('b', { feeYen: 200 })];
  const outcomes = await Promise.all(both.map((p) => p.outcome));
  assert.deepEqual(outcomes.toSorted(), [2, 'ready'], both.map((p) => p.said()).join('\n'));
  const [one, other] = outcomes[0] === 'ready' ? both : both.toReversed();
  assert.match(other!.said(), /この構成では複数起動できません（起動済み: .+設定 [0-9a-f]{12}）/);
  assert.deepEqual([await answers(one!), await answers(other!)], [401, 'nobody']);
  const [refused, ...more] = await events();
  assert.deepEqual(more, []);
  assert.equal(refused!.why, 'already-running');
  assert.equal(refused!.program, refused!.runningProgram, 'the same build');
  assert.notEqual(refused!.configuration, refused!.runningConfiguration, 'another fee');

  // Its connection is cut off, as by a database that fails over: it answers again only once the place is its own again.
  await t.owner(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1`, [
    refused!.beside,
  ]);
  for (let tries = 0; (await answers(one!)) !== 401; tries++) {
    assert.ok(tries < 100, 'it does not come back');
    await delay(50);
  }
  one!.child.kill('SIGKILL');
  await once(one!.child, 'exit');
});

const deps = { ...t.deps, machineClock: systemMachineClock };
const of = (more: Partial<Composition> = {}): Composition => ({
  program: 'aaaaaaaaaaaa',
  rates: 'bbbbbbbbbbbb',
  forms: 'cccccccccccc',
  schema: 'dddddddddddd',
  configuration: 'eeeeeeeeeeee',
  ...more,
});
const start = (composition: Composition) =>
  startProcess({ deps, url: t.url, of: composition, schemas, patienceMs: 0, onDisplaced: () => assert.fail() });

test('INC-06 版・税率表・様式・データベース・設定のどれが違っても二つ目は拒まれ、両方の要約値が記録に残り、運用担当の画面に出る', async (c) => {
  const before = new Set((await events()).map((e) => e.startId));
  const place = await start(of());
  c.after(() => place.release());
  const others = [
    {},
    { program: '111111111111' },
    { rates: '222222222222' },
    { forms: '333333333333' },
    { schema: '444444444444' },
    { configuration: '555555555555' },
  ];
  for (const other of others)
    await assert.rejects(start(of(other)), (e) => e instanceof StartRefused && e.why === 'already-running');
  const refused = (await events()).filter((e) => !before.has(e.startId));
  assert.equal(refused.length, others.length);
  for (const [i, { runningProgram, runningRates, runningForms, runningSchema, runningConfiguration, ...own }] of refused
    .toSorted((a, b) => others.findIndex((o) => is(a, o)) - others.findIndex((o) => is(b, o)))
    .entries()) {
    assert.ok(is(own, others[i]!));
    const running = { runningProgram, runningRates, runningForms, runningSchema, runningConfiguration };
    assert.deepEqual(Object.values(running), Object.values(of()));
  }
  const shown = await page();
  assert.match(shown, /起動を拒んだものが6件あります/);
  for (const digest of [...Object.values(of()), '111111111111', '555555555555']) assert.ok(shown.includes(digest));
  assert.match(shown, /稼働中/);

  // The place is left with the process, and is then another's.
  await place.release();
  assert.equal(place.isHeld(), false);
  const next = await start(of({ program: '666666666666' }));
  assert.equal(next.isHeld(), true);
  await next.release();
});

test('INC-06 接続を失った間に別のプロセスが起動していれば、元のプロセスは応じることをやめて終わる', async (c) => {
  const displaced: string[] = [];
  const options = { url: t.url, patienceMs: 0 };
  const taken = await takePlace({ ...options, holder: 'first', onDisplaced: () => void displaced.push('first') });
  assert.ok('place' in taken);
  // A third party waits for the place in the very moment in which the connection breaks.
  const quick = new pg.Client({ connectionString: t.url, application_name: 'quick' });
  await quick.connect();
  c.after(() => quick.end());
  const got = quick.query('select pg_advisory_lock(4206003)');
  while ((await t.owner(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).length === 0)
    await delay(10);
  await t.owner(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'first'`);
  await got;
  while (displaced.length === 0) await delay(10);
  assert.deepEqual([displaced, taken.place.isHeld()], [['first'], false]);
});

const is = (detail: Record<string, string>, other: Partial<Composition>): boolean =>
  Object.entries(of(other)).every(([key, value]) => detail[key] === value);

async function page(): Promise<string> {
  const actor = { kind: 'staff', organisation: 'meguro', staffId: 'S-901', sessionId: 's' } as const;
  const app = createPageApp({
    system: { id: 'convenience-certificates', name: definition.name.ja, gloss: definition.name.en },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () => ({ actor, displayName: '運用 守', position: '運用担当', csrfSecret: new Uint8Array(32) }),
    },
    mayOpen: async () => true,
    stylesheet: { href: '/-/style.css', css: '' },
    random: systemRandom,
  });
  addProcessPage(app, deps);
  const answer = await app.fetch(new Request('http://cvs.localhost/process'));
  assert.equal(answer.status, 200);
  return answer.text();
}

test('INC-06 データベースの版がプログラムと合わないものは、ほかに起動していなくても応じない', async () => {
  await t.owner(
    `insert into musubi.migration (set_name, number, file, checksum) values ('serve', 99, '0099_later.sql', 'x')`,
  );
  await assert.rejects(start(of()), (error) => {
    assert.ok(error instanceof StartRefused);
    assert.match(error.message, /データベースの版がこのプログラムと合いません（serve\/0099_later\.sql）/);
    return error.why === 'other-schema';
  });
  assert.ok((await events()).some((e) => e.why === 'other-schema' && e.program === of().program));
  await t.owner(`delete from musubi.migration where number = 99`);
  await (await start(of())).release();
});
