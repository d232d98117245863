import { glob, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareAuthority } from '@musubi/government-pki/ceremony.ts';
import { createRights, type RightsTable } from '@musubi/kernel/access/rights.ts';
import { createStaffAccess } from '@musubi/kernel/access/staff-access.ts';
import type { Act, ActDeps, Actor, Rights } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import type { Route } from '@musubi/kernel/http/server.ts';
import { operationsNav, withOperators } from '@musubi/kernel/operations/operators.ts';
import { createPageApp, type PageApp } from '@musubi/kernel/pages/app.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { OrganisationConfig } from '@musubi/kernel/serve/config.ts';
import type { Host, SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { mountOperations } from '@musubi/kernel/serve/operations.ts';
import { schemasTogether } from '@musubi/kernel/serve/schemas.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import { hostOf, instanceId } from '@musubi/town/plan/build-plan.ts';
import { organisations } from '@musubi/town/plan/organisations.ts';
import type { TownFacts } from '@musubi/town/plan/shape.ts';
import { loadDefinitions, systemNames } from '../../cli/definitions.ts';

/** Some act of some system. */
export type AnyAct = Act<ActDeps, unknown, unknown, string>;

/** One instance of the town, built by its own `main.ts` from the town's own settings, with its table of rights in force. */
export interface PlacedSystem {
  readonly id: string;
  readonly organisation: string;
  readonly system: string;
  readonly table: RightsTable;
  readonly rights: Rights;
  readonly deps: ActDeps;
  readonly identity: Identity;
  readonly pages: PageApp | undefined;
  readonly routes: readonly Route[];
  /** Acts and looks that its files export, by themselves or in what a factory made. */
  readonly acts: readonly AnyAct[];
  /** Every right that its sources write out, `system/function/level`: acts that a file keeps to itself are among them. */
  readonly written: ReadonlySet<string>;
}

export interface PlacedTown extends AsyncDisposable {
  readonly instances: readonly PlacedSystem[];
  /** The one database of them all, as its owner. */
  readonly owner: TestDatabase['owner'];
  /** Whom the pages of every instance take the reader for. */
  signIn(actor: Actor | undefined): void;
}

/** A staff member whose id names the roles that they hold. */
export const staffWith = (organisation: string, ...roles: string[]): Actor => ({
  kind: 'staff',
  organisation,
  staffId: `roles:${roles.join('+')}`,
  sessionId: 'session',
});

export const csrfSecret = new Uint8Array(32).fill(7);

/**
 * Builds every instance of the town in this process on one database (schemas have names of their own), without opening a
 * port and without running a loop.
 */
export async function placeTown(): Promise<PlacedTown> {
  const definitions = await loadDefinitions(systemNames);
  const t = await testDatabase(schemasTogether(definitions.values()));
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-rights-'));
  await writeFile(path.join(home, 'sign-in-secret'), 'x'.repeat(64));
  const authorityDirectory = path.join(home, 'authority');
  const now = Temporal.Now.instant();
  await prepareAuthority(
    {
      offlineDirectory: path.join(home, 'offline'),
      rootFile: path.join(home, 'root.pem'),
      authorityDirectory,
      identityDirectory: path.join(home, 'identity'),
    },
    now,
  );
  let actor: Actor | undefined;
  const every = organisations.flatMap((o) => o.instances.map((i) => ({ o, i, id: instanceId(o, i) })));
  const facts: TownFacts = {
    home,
    publicPort: 8080,
    residents: 10,
    seed: 'rights',
    authorityDirectory,
    originOf: (id) => {
      const found = every.find((e) => e.id === id);
      return `http://${found && hostOf(found.o, found.i)}:8080`;
    },
    expected: [],
  };
  const stops: (() => Promise<void>)[] = [];
  const place = placer(t, facts, await pkiFrom(now), () => actor, stops);
  const instances: PlacedSystem[] = [];
  for (const { o, i } of every) instances.push(await place(o, i, definitions.get(i.system)!));
  return {
    instances,
    owner: t.owner,
    signIn(given) {
      actor = given;
    },
    async [Symbol.asyncDispose]() {
      for (const stop of stops) await stop();
      await t[Symbol.asyncDispose]();
    },
  };
}

async function pkiFrom(now: Temporal.Instant) {
  const ceremony = await holdCeremony(now.subtract({ hours: 1 }));
  const validity = { from: now.subtract({ minutes: 30 }), until: now.add({ hours: 24 }) };
  return {
    trust: await trustWithCrl(ceremony, now.subtract({ minutes: 30 }), [], 1, 24),
    identityOf: (party: { organisation: string; system: string }) => issueIdentity(ceremony.issuing, party, validity),
  };
}

type Pki = Awaited<ReturnType<typeof pkiFrom>>;
type Planned = (typeof organisations)[number];

function placer(
  t: TestDatabase,
  facts: TownFacts,
  pki: Pki,
  reader: () => Actor | undefined,
  stops: (() => Promise<void>)[],
) {
  const actsOf = actFinder();
  return async (o: Planned, i: Planned['instances'][number], definition: SystemDefinition): Promise<PlacedSystem> => {
    const { organisation } = o;
    const id = instanceId(o, i);
    const table = withOperators(definition.rights);
    const rights = createRights(table, organisation, {
      rolesOf: async (_tx, { staffId }) => staffId.replace(/^roles:/, '').split('+'),
    });
    const deps: ActDeps = { ...t.deps, rights };
    const staff = createStaffAccess({
      organisation,
      system: i.system,
      machineClock: deps.machineClock,
      signIn: { issuer: facts.originOf(`${organisation}/staff-directory`), clientSecretFile: '', origin: 'http://x' },
    });
    staff.start(deps);
    const identity = await pki.identityOf({ organisation, system: i.system });
    let pages: PageApp | undefined;
    const host: Host = {
      organisation: configOf(o, facts),
      config: configOf(o, facts).instances.find((c) => c.system === i.system)!,
      id,
      deps,
      civilClock: deps.civilClock,
      identity,
      trust: pki.trust,
      // None of these is used before a request or a loop needs it.
      peers: {} as Host['peers'],
      vault: {} as Host['vault'],
      sealed: {} as Host['sealed'],
      notifications: {} as Host['notifications'],
      catalogues: new Map(),
      outbox: createOutbox({ ...deps, payloads: {} as Parameters<typeof createOutbox>[0]['payloads'] }),
      alarms: { raise() {} },
      certificateOf: async () => [],
      onError() {},
      async pages(options = {}) {
        pages = createPageApp({
          system: { id: definition.rights.system, name: definition.name.ja, gloss: definition.name.en },
          organisation: { id: organisation, name: o.name.ja, gloss: o.name.en },
          environment: trainingTown,
          mayOpen: staff.mayOpen(rights),
          stylesheet: { href: '/-/style.css', css: '' },
          random: deps.random,
          origin: 'http://x',
          ...staff.paths,
          ...options,
          nav: [...(options.nav ?? []), ...(options.session === undefined ? operationsNav(definition.rights) : [])],
          session: {
            async read() {
              const actor = reader();
              return actor && { actor, displayName: '試験', csrfSecret };
            },
          },
        });
        if (options.session === undefined) staff.mount(pages);
        return pages;
      },
    };
    const instance = await definition.start(host);
    const { routes = [], stop } = instance;
    mountOperations(host, definition.rights, instance);
    if (stop) stops.push(stop);
    const { acts, written } = await actsOf(i.system);
    return { id, organisation, system: i.system, table, rights, deps, identity, pages, routes, acts, written };
  };
}

function configOf(o: Planned, facts: TownFacts): OrganisationConfig {
  return {
    organisation: o.organisation,
    name: o.name,
    ...(o.code === undefined ? {} : { code: o.code }),
    town: true,
    civilDate: '2026-06-01',
    home: path.join(facts.home, o.process),
    webPort: 0,
    segments: {},
    publicPort: facts.publicPort,
    pki: { url: 'https://127.0.0.1:1', rootFile: path.join(facts.home, 'root.pem') },
    signIn: {
      issuer: o.instances.some((i) => i.system === 'staff-directory')
        ? facts.originOf(`${o.organisation}/staff-directory`)
        : 'http://x',
      clientSecretFile: path.join(facts.home, 'sign-in-secret'),
    },
    directory: Object.fromEntries(
      organisations.flatMap((each) => each.instances.map((i) => [instanceId(each, i), 'https://127.0.0.1:1'])),
    ),
    instances: o.instances.map((i) => {
      const host = hostOf(o, i);
      return {
        system: i.system,
        database: { url: 'unused' },
        port: 0,
        ...(host === undefined ? {} : { host }),
        witnesses: [],
        // Nobody works here: the tests say who asks.
        settings: { ...i.settings(facts), ...(i.system === 'staff-directory' ? { townStaff: [] } : {}) },
      };
    }),
  };
}

const root = path.resolve(fileURLToPath(import.meta.url), '../../..');

/** Finds what a system's files export that is an act: a function with its name and its right. */
function actFinder() {
  const found = new Map<string, ReturnType<typeof readActs>>();
  return (system: string): ReturnType<typeof readActs> => {
    const known = found.get(system) ?? readActs(system);
    found.set(system, known);
    return known;
  };
}

async function readActs(system: string): Promise<Pick<PlacedSystem, 'acts' | 'written'>> {
  const network = 'counterparts/information-providing-network';
  const folder = system === 'linkage-root' ? `${network}/root` : `{systems,counterparts}/${system}`;
  const acts = new Set<AnyAct>();
  const written = new Set<string>();
  for await (const file of glob(`${folder}/**/*.ts`, { cwd: root, exclude: (f) => f === 'node_modules' })) {
    if (/\.test\.ts$|\/test\/|\.d\.ts$|\/browser\//.test(file)) continue;
    if (system === 'information-providing-network' && file.startsWith(`${network}/root/`)) continue;
    const text = await readText(path.join(root, file));
    for (const [, ...right] of text.matchAll(/\[\s*'([a-z-]+)',\s*'([a-z-]+)',\s*'(read|update)',?\s*\]/g))
      written.add(right.join('/'));
    if (!/\bact\(|\blook\(/.test(text) && !makesActs.test(text)) continue;
    const exported: Record<string, unknown> = await import(path.join(root, file));
    for (const each of actsIn(exported, 3)) acts.add(each);
  }
  return { acts: [...acts].sort((a, b) => (a.actName < b.actName ? -1 : 1)), written };
}

const readText = (file: string): Promise<string> => readFile(file, 'utf8');
/** Modules of the kernel that make acts for a system: what a file builds with them is its acts as well. */
const makesActs =
  /@musubi\/kernel\/(corrections|disclosure|euc|irregular|jobs|log-analysis|media|migration|operations|receipts|retention)\//;

/** Acts among these values, and in the plain objects that factories give back. */
function* actsIn(values: object, depth: number): Generator<AnyAct> {
  for (const value of Object.values(values)) {
    if (isAct(value)) yield value;
    else if (depth > 0 && isPlain(value)) yield* actsIn(value, depth - 1);
  }
}
const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
const isAct = (value: unknown): value is AnyAct =>
  typeof value === 'function' && 'actName' in value && 'right' in value && Array.isArray(value.right);
