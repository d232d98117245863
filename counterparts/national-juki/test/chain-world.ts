import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type MachineClock, SettableCivilClock, systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import type { ActDeps, Actor } from '@musubi/kernel/db/act.ts';
import { Notifications } from '@musubi/kernel/db/listen.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient, type PeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer, type PeerServer, type Route } from '@musubi/kernel/http/server.ts';
import { type NewId, uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { createPageApp, type PageApp } from '@musubi/kernel/pages/app.ts';
import type { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { type Party, partyId } from '@musubi/kernel/pki/party.ts';
import { type Random, systemRandom } from '@musubi/kernel/random/random.ts';
import type { Host, Instance, SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { deliverRoute, httpTransport } from '@musubi/kernel/streams/http.ts';
import { createInbox, withOwnDeps } from '@musubi/kernel/streams/inbox.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import type { Transport } from '@musubi/kernel/streams/ports.ts';
import { type RelayDeps, relayOnce } from '@musubi/kernel/streams/relay.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { signedCodec } from '@musubi/kernel/streams/signed-codec.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import { definition as municipalDefinition } from '@musubi/municipal-juki/main.ts';
import { definition as prefecturalDefinition } from '@musubi/prefectural-juki/main.ts';
import { definition as registerDefinition } from '@musubi/resident-register/main.ts';
import { definition as nationalDefinition } from '../main.ts';

/* The whole register chain with two wards: real TLS, signatures, encryption, databases, vaults and logs in one process. */

const now = systemMachineClock.now();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
const ceremony = await holdCeremony(now);
export const trust = await trustWithCrl(ceremony, now);
const partyOf = (id: string): Party => {
  const [organisation = '', system = ''] = id.split('/');
  return { organisation, system };
};
export const identityOf = (id: string): Promise<Identity> => issueIdentity(ceremony.issuing, partyOf(id), validity);

export const clerk = (organisation: string, staffId = 'S-101'): Actor => ({
  kind: 'staff',
  organisation,
  staffId,
  sessionId: `session-${staffId}`,
  terminalId: 'T-1',
});

export interface Member {
  readonly id: string;
  readonly t: TestDatabase;
  readonly host: Host;
  readonly instance: Instance;
  /** What its acts take, system settings included: the deps of its first handler. */
  /** Those of the member's own system, which have no type in common: whoever calls an act or reads one says which. */
  readonly deps: never;
  readonly newId: NewId;
  readonly server: PeerServer;
  readonly port: number;
  /** The wire to others; a test may put its own before it. */
  wire: Transport;
  relay(receiver: string, family: string): ReturnType<typeof relayOnce>;
  close(): Promise<void>;
}

export interface Chain extends AsyncDisposable {
  readonly civilClock: SettableCivilClock;
  /** Defects: stays empty. */
  readonly errors: unknown[];
  /** What people were told. */
  readonly alarms: { readonly id: string; readonly code: string }[];
  readonly members: ReadonlyMap<string, Member>;
  member(id: string): Member;
  /** Delivers until nothing is left on the way between members. */
  pump(): Promise<void>;
  /** Another party with a certificate: a client, and a server where it has routes. */
  outsider(
    id: string,
    routes?: readonly Route[],
  ): Promise<{ readonly identity: Identity; readonly client: PeerClient }>;
}

const plan: readonly (readonly [string, SystemDefinition, string | undefined, Record<string, unknown>])[] = [
  [
    'meguro/resident-register',
    registerDefinition,
    '131105',
    { municipalJuki: 'meguro/municipal-juki', commonPlatform: 'meguro/common-platform' },
  ],
  ['setagaya/resident-register', registerDefinition, '131121', { municipalJuki: 'setagaya/municipal-juki' }],
  ...['meguro', 'setagaya'].map(
    (ward) =>
      [
        `${ward}/municipal-juki`,
        municipalDefinition,
        ward === 'meguro' ? '131105' : '131121',
        {
          residentRegister: `${ward}/resident-register`,
          prefecturalJuki: 'tokyo/prefectural-juki',
          nationalJuki: 'jlis/national-juki',
        },
      ] as const,
  ),
  [
    'tokyo/prefectural-juki',
    prefecturalDefinition,
    '130001',
    {
      nationalJuki: 'jlis/national-juki',
      municipalities: { '131105': 'meguro/municipal-juki', '131121': 'setagaya/municipal-juki' },
    },
  ],
  ['jlis/national-juki', nationalDefinition, undefined, {}],
];

export interface ChainOptions {
  /** For acts, relays and leases; TLS and certificates go by the real time. */
  readonly machineClock?: MachineClock;
  /** The relays' random numbers; seeded in fault runs. */
  readonly random?: Random;
  /** Who sits before the pages of an organisation, changed as the test goes on; a clerk of its own otherwise. */
  readonly seats?: Map<string, Actor>;
  /** For pages that are looked at. */
  readonly stylesheet?: Stylesheet;
}
type Stylesheet = Awaited<ReturnType<typeof buildStylesheet>>;

export async function startChain(today = '2026-06-01', options: ChainOptions = {}): Promise<Chain> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-juki-'));
  const civilClock = new SettableCivilClock(today);
  const addresses = new Map<string, string>();
  const identities = new Map<string, Identity>();
  const errors: unknown[] = [];
  const alarms: { id: string; code: string }[] = [];
  const members = new Map<string, Member>();
  const closers: (() => Promise<unknown>)[] = [];
  const { machineClock = systemMachineClock, random = systemRandom, seats = new Map(), stylesheet } = options;
  const common = {
    seats,
    stylesheet,
    machineClock,
    random,
    directory,
    civilClock,
    addresses,
    identities,
    errors,
    alarms,
  };
  for (const [id, definition, code, settings] of plan)
    members.set(id, await startMember({ ...common, id, definition, code, settings }));
  const member = (id: string): Member => members.get(id)!;
  return {
    civilClock,
    errors,
    alarms,
    members,
    member,
    async pump() {
      for (let quiet = false, rounds = 0; !quiet; rounds++) {
        if (rounds > 100) throw new Error('the chain did not come to rest');
        quiet = true;
        for (const m of members.values()) {
          for (const { receiver, family } of await m.t.owner<{ receiver: string; family: string }>(
            'select receiver, family from streams.outbound',
          )) {
            // The supplements have a chain of their own (fuhyo-link/test/fuhyo-world.ts): here they wait.
            if (!members.has(receiver) || family.startsWith('fuhyo.')) continue;
            const outcome = await m.relay(receiver, family);
            if (outcome.kind === 'settled') quiet = false;
            if (outcome.kind === 'held') throw new Error(`${m.id} → ${receiver} ${family}: ${outcome.because}`);
          }
        }
      }
    },
    async outsider(id, routes = []) {
      const identity = identities.get(id) ?? (await identityOf(id));
      identities.set(id, identity);
      const client = createPeerClient({
        identity,
        trust,
        directory: (peer) => addresses.get(peer),
        machineClock: systemMachineClock,
      });
      closers.push(() => client.close());
      if (routes.length > 0) {
        const server = createPeerServer({ identity, trust, routes, machineClock: systemMachineClock });
        addresses.set(id, `https://127.0.0.1:${await server.listen(0)}`);
        closers.push(() => server.close());
      }
      return { identity, client };
    },
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close();
      for (const m of members.values()) await m.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface MemberStart {
  readonly id: string;
  readonly definition: SystemDefinition;
  readonly code: string | undefined;
  readonly settings: Record<string, unknown>;
  readonly directory: string;
  readonly civilClock: SettableCivilClock;
  readonly addresses: Map<string, string>;
  readonly identities: Map<string, Identity>;
  readonly errors: unknown[];
  readonly alarms: { id: string; code: string }[];
  readonly machineClock: MachineClock;
  readonly random: Random;
  readonly seats: ReadonlyMap<string, Actor>;
  readonly stylesheet: Stylesheet | undefined;
}

async function startMember(start: MemberStart): Promise<Member> {
  const { id, definition, directory, civilClock, addresses, identities, errors, alarms: told } = start;
  const { organisation, system } = partyOf(id);
  const { machineClock, random } = start;
  const newId = uuidV7Maker(machineClock, random);
  const identity = await identityOf(id);
  identities.set(id, identity);
  const home = path.join(directory, organisation, system);
  const keys = await fileKeyProvider(path.join(home, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(home, 'store'), keys, keepBackupDays: 7 });
  const vault = new Vault({ keys, machineClock, newId });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const t = await testDatabase([...kernelSchemas, ...definition.schemas]);
  const roles = Object.keys(definition.rights.staff);
  const rights = createRights(definition.rights, organisation, { rolesOf: async () => roles });
  const audit = vault.audited(sealed.audited(auditSink({ instance: id, random })));
  const deps: ActDeps = { db: t.db, machineClock, civilClock, newId, random, rights, audit };
  const peers = createPeerClient({
    identity,
    trust,
    machineClock: systemMachineClock,
    directory: (peer) => addresses.get(peer),
    tries: 1,
    breakerThreshold: 1_000,
  });
  const certificateOf: Host['certificateOf'] = async (party, purpose) => {
    const chain = identities.get(partyId(party))?.[purpose].chain;
    if (!chain) throw new Error(`no certificate of ${partyId(party)}`);
    return chain;
  };
  const codec = signedCodec({
    identity,
    trust,
    machineClock: systemMachineClock,
    encryptionChainOf: (peer) => certificateOf(partyOf(peer), 'encryption'),
  });
  const payloads = sealedPayloads(sealed, machineClock);
  const outbox = createOutbox({ payloads, newId, machineClock, random });
  const notifications = new Notifications(t.db);
  const alarms = { raise: (code: string) => void told.push({ id, code }) };
  const host = {
    organisation: { organisation, name: { ja: organisation, en: organisation }, town: true, code: start.code, home },
    config: { system, settings: start.settings },
    id,
    deps,
    civilClock,
    identity,
    trust,
    peers,
    outbox,
    vault,
    sealed,
    notifications,
    alarms,
    certificateOf,
    onError: (error: unknown, where: string) => void errors.push({ id, where, error }),
    pages: (options = {}): Promise<PageApp> => pagesOf(start, organisation, options),
  } as unknown as Host;
  const instance = await definition.start(host);
  const inbox = createInbox({
    deps,
    self: id,
    codec,
    handlers: (instance.handlers ?? []).map(({ handler, deps: own }) => withOwnDeps(handler, own)),
    alarms,
    onError: (error) => void errors.push({ id, error }),
  });
  const server = createPeerServer({
    identity,
    trust,
    machineClock: systemMachineClock,
    routes: [deliverRoute(inbox), ...(instance.routes ?? [])],
    onFault: (fault) => void errors.push({ id, fault }),
  });
  const port = await server.listen(0);
  addresses.set(id, `https://127.0.0.1:${port}`);
  const holder = newId();
  const member: Member = {
    id,
    t,
    host,
    instance,
    deps: (instance.handlers?.[0]?.deps ?? deps) as never,
    newId,
    server,
    port,
    wire: httpTransport(peers),
    relay(receiver, family) {
      const transport: Transport = { send: (to, envelope, signal) => member.wire.send(to, envelope, signal) };
      const relay: RelayDeps = { ...deps, self: id, payloads, codec, transport, alarms };
      return relayOnce(relay, { receiver, family }, holder, new AbortController().signal);
    },
    async close() {
      await server.close();
      await peers.close();
      await notifications.close();
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
    },
  };
  return member;
}

const noStylesheet = { css: '', href: '/-/style.css' } as unknown as Stylesheet;

/** Pages as somebody with every role of the system sees them. */
async function pagesOf(
  { definition, errors, seats, stylesheet = noStylesheet }: MemberStart,
  organisation: string,
  options: object,
): Promise<PageApp> {
  const csrfSecret = new Uint8Array(32).fill(1);
  return createPageApp({
    system: { id: definition.system, name: definition.name.ja, gloss: definition.name.en },
    organisation: { id: organisation, name: organisation, gloss: organisation },
    environment: trainingTown,
    session: {
      read: async () => ({
        actor: seats.get(organisation) ?? clerk(organisation),
        displayName: '田中 花子',
        csrfSecret,
      }),
    },
    mayOpen: async () => true,
    stylesheet,
    random: systemRandom,
    onError: (error) => void errors.push(error),
    ...options,
  });
}
