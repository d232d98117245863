import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { type DirectoryGrant, directoryGrant } from '@musubi/kernel/access/directory-grant.ts';
import { applyGrant } from '@musubi/kernel/access/grants.ts';
import { createPassing } from '@musubi/kernel/access/passing.ts';
import { passwordPolicy } from '@musubi/kernel/access/password.ts';
import { createRights, type RightsTable } from '@musubi/kernel/access/rights.ts';
import { accessSchema } from '@musubi/kernel/access/schema.ts';
import { type SessionPolicy, sessionPolicy } from '@musubi/kernel/access/session.ts';
import { createStaffAccess } from '@musubi/kernel/access/staff-access.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { SettableCivilClock, systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import type { ActDeps, Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { createPageApp, type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { err } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { definition } from '../main.ts';
import { staffDirectorySchema } from '../store/schema-set.ts';

export const townPassword = 'Kunren-no-machi-2026';

const townStaff: readonly {
  readonly staffId: string;
  readonly displayName: string;
  readonly position: string;
  readonly kind?: 'employee' | 'contractor';
  readonly roles: readonly { readonly system: string; readonly role: string }[];
}[] = [
  {
    staffId: 'dir-admin-01',
    displayName: '目黒 管子',
    position: '情報政策課',
    roles: [{ system: 'staff-directory', role: 'directory-administrator' }],
  },
  {
    staffId: 'dir-head-01',
    displayName: '目黒 長一',
    position: '情報政策課長',
    roles: [{ system: 'staff-directory', role: 'directory-approver' }],
  },
  {
    staffId: 'tax-clerk-01',
    displayName: '税務 太郎',
    position: '税務課',
    roles: [{ system: 'resident-tax', role: 'tax-clerk' }],
  },
  {
    staffId: 'tax-clerk-02',
    displayName: '税務 花子',
    position: '税務課',
    roles: [{ system: 'resident-tax', role: 'tax-clerk' }],
  },
  {
    staffId: 'tax-clerk-03',
    displayName: '税務 三郎',
    position: '税務課',
    roles: [{ system: 'resident-tax', role: 'tax-clerk' }],
  },
];

const taxRights: RightsTable = {
  system: 'resident-tax',
  staff: { 'tax-clerk': [['report', 'update']] },
  peers: [],
  jobs: [],
};

/** The real clock, with time that can be let pass. */
class PassingClock {
  #offset = Temporal.Duration.from({ seconds: 0 });
  now(): Temporal.Instant {
    return systemMachineClock.now().add(this.#offset);
  }
  pass(duration: Temporal.DurationLike): void {
    this.#offset = this.#offset.add(duration);
  }
}

async function taxSystem(pages: Host['pages']): Promise<PageApp> {
  const app = await pages();
  page(app, 'GET', '/', 'signed-in', (p) => p.view({ title: '個人住民税', gloss: 'Resident tax' }, html`<p>始め</p>`));
  page(app, 'GET', '/reports', ['resident-tax', 'report', 'read'], (p) =>
    p.view(
      { title: '給与支払報告書', gloss: 'Reports' },
      html`<p>端末 ${p.session.actor.kind === 'staff' ? (p.session.actor.terminalId ?? 'なし') : ''}</p>`,
    ),
  );
  return app;
}

/** The system that trusts the directory, where it is not the small tax system of these tests. */
export interface ServedSystem {
  readonly system: string;
  readonly host: string;
  readonly rights: RightsTable;
  /** Its own, with the kernel's schemas; whoever made it disposes of it. */
  readonly database: TestDatabase;
  readonly session?: Partial<SessionPolicy>;
  /** Adds its pages. */
  mount(pages: Host['pages'], deps: ActDeps): Promise<PageApp>;
}
export interface WorldOptions {
  readonly terminals?: 'required' | 'recorded';
  readonly served?: ServedSystem;
  /** Default meguro. */
  readonly organisation?: string;
  /** Instead of the tax office's people. */
  readonly staff?: readonly (typeof townStaff)[number][];
  /** What people of a contractor may hold; default nothing. */
  readonly contractorRoles?: Deps['contractorRoles'];
}

/** A directory and one system that trusts it, on one loopback port under their own names, each with its database. */
export async function world(options: WorldOptions = {}) {
  const { served, organisation = 'meguro' } = options;
  const directoryHost = `id.${organisation}.localhost`;
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-directory-'));
  const listeners = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
  const server = createServer((request, response) => {
    const listener = listeners.get((request.headers.host ?? '').replace(/:\d+$/, ''));
    if (listener) return listener(request, response);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const originOf = (host: string): string => `http://${host}:${port}`;
  const clientSecretFile = path.join(home, 'sign-in-secret');
  await writeFile(clientSecretFile, randomBytes(32).toString('base64url'));
  const townPasswordFile = path.join(home, 'town-password');
  await writeFile(townPasswordFile, townPassword);
  const issuer = originOf(directoryHost);

  const machineClock = new PassingClock();
  const civilClock = new SettableCivilClock('2026-06-01');
  const stylesheet = await buildStylesheet({
    sources: [fileURLToPath(new URL('../web/', import.meta.url))],
    cacheFolder: path.join(tmpdir(), 'musubi-directory-css'),
  });
  const directoryDb = await testDatabase([auditSchema, accessSchema, approvalsSchema, staffDirectorySchema]);
  const taxDb = served?.database ?? (await testDatabase([auditSchema, accessSchema]));
  const errors: unknown[] = [];
  const alarms: string[] = [];
  const alarmsTo: Deps['alarms'] = { raise: (code) => alarms.push(code) };

  const instance = (system: string, host: string, t: typeof taxDb, table: RightsTable) => {
    const access = createStaffAccess({
      organisation,
      system,
      machineClock,
      policy: { ...sessionPolicy, ...(system === served?.system ? served.session : {}) },
      signIn: { issuer, clientSecretFile, origin: originOf(host) },
      onError: (error) => errors.push(error),
    });
    const rights = createRights(table, organisation, access.roles);
    const deps: ActDeps = {
      db: t.db,
      machineClock,
      civilClock,
      random: systemRandom,
      newId: uuidV7Maker(machineClock, systemRandom),
      rights,
      audit: auditSink({ instance: `${organisation}/${system}`, random: systemRandom }),
    };
    access.start(deps);
    const pages: Host['pages'] = async (more = {}) => {
      const app = createPageApp({
        system: { id: table.system, name: system, gloss: system },
        organisation: { id: organisation, name: organisation === 'tokyo' ? '東京都' : '目黒区', gloss: organisation },
        environment: trainingTown,
        session: access.reader,
        mayOpen: access.mayOpen(rights),
        opensPage: access.opensPage,
        stylesheet,
        random: systemRandom,
        origin: originOf(host),
        ...access.paths,
        onError: (error) => errors.push(error),
        ...more,
      });
      access.mount(app);
      return app;
    };
    return { access, deps, pages };
  };

  const servedHost = served?.host ?? 'rtx.meguro.localhost';
  const servedSystem = served?.system ?? 'resident-tax';
  const tax = instance(servedSystem, servedHost, taxDb, served?.rights ?? taxRights);
  const taxPages = served ? await served.mount(tax.pages, tax.deps) : await taxSystem(tax.pages);
  listeners.set(servedHost, getRequestListener(taxPages.fetch, { overrideGlobalObjects: false }));

  // The stream between the two: the message as it stands in the outbox, applied by the system's own handler when told to.
  const sent: DirectoryGrant[] = [];
  const directoryActor: Actor = {
    kind: 'system',
    organisation,
    system: 'staff-directory',
    certificate: 'test',
  };
  const apply = applyGrant(organisation);
  const deliver = async (): Promise<void> => {
    for (const [number, message] of sent.splice(0).entries()) {
      const received = {
        message,
        messageId: tax.deps.newId(),
        sender: `${organisation}/staff-directory`,
        family: 'directory.grant',
        number,
        digest: new Uint8Array(32),
        bytes: 1,
      };
      const applied = await apply({ ...tax.deps, rights: { allows: async () => true } }, directoryActor, received);
      if (!applied.ok) throw new Error(applied.error);
    }
  };

  const directory = instance('staff-directory', directoryHost, directoryDb, definition.rights);
  const outbox = {
    async enqueue(_tx: unknown, { message }: { message: unknown }) {
      sent.push(directoryGrant.parse(message));
      return 'message';
    },
  } as unknown as Deps['outbox'];
  const started = await definition.start({
    organisation: {
      organisation,
      name: { ja: '目黒区', en: 'Meguro City' },
      town: true,
      home,
      signIn: { issuer, clientSecretFile },
      instances: [
        { system: 'staff-directory', host: directoryHost },
        { system: servedSystem, host: servedHost },
      ],
    },
    config: {
      system: 'staff-directory',
      host: directoryHost,
      settings: {
        townStaff: options.staff ?? townStaff,
        contractorRoles: options.contractorRoles ?? [],
        townPasswordFile,
        ...(options.terminals ? { terminals: options.terminals } : {}),
      },
    },
    deps: directory.deps,
    outbox,
    alarms: alarmsTo,
    // What the system's own route answers the directory, without the wire between them.
    peers: {
      call: async (_endpoint: unknown, peer: string) =>
        peer.endsWith(`/${servedSystem}`)
          ? tax.access.routes[0]!.handle({ actor: directoryActor } as never)
          : err('peer-unreachable'),
    },
    pages: directory.pages,
    onError: (error: unknown) => errors.push(error),
  } as unknown as Host);
  if (started.web) listeners.set(directoryHost, started.web);
  await deliver();

  return {
    directoryDb,
    taxDb,
    machineClock,
    civilClock,
    errors,
    alarms,
    issuer,
    directoryDeps: directory.deps,
    /** For use cases called past the pages: as the directory's own, whoever acts. */
    useCases: {
      ...directory.deps,
      rights: { allows: async () => true },
      outbox,
      alarms: alarmsTo,
      passing: createPassing(directory.deps),
      organisation,
      systems: [servedSystem],
      contractorRoles: options.contractorRoles ?? [],
      policy: passwordPolicy,
      webauthn: { rpId: directoryHost, rpName: directoryHost, origin: issuer },
      town: true,
      terminals: 'recorded',
    } satisfies Deps as Deps,
    tax: originOf(servedHost),
    servedDeps: tax.deps,
    deliver,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await directoryDb[Symbol.asyncDispose]();
      if (!served) await taxDb[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}
export type World = Awaited<ReturnType<typeof world>>;
