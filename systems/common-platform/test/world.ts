import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlatformResidentChange } from '@musubi/contracts/platform/persons.ts';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { backupSchema } from '@musubi/kernel/backup/schema-set.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { eucSchema } from '@musubi/kernel/euc/schema-set.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer, type PeerServer, type Route } from '@musubi/kernel/http/server.ts';
import { type IndividualNumber, makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { jobsSchema } from '@musubi/kernel/jobs/schema.ts';
import { mediaSchema } from '@musubi/kernel/media/schema-set.ts';
import { operationsSchema } from '@musubi/kernel/operations/schema-set.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { seededRandom, systemRandom } from '@musubi/kernel/random/random.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import { streamsSchema } from '@musubi/kernel/streams/schema.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import { type Deps, type Settings, settings as settingsSchema } from '../deps.ts';
import { routes } from '../http/routes.ts';
import { rights } from '../rights.ts';
import { commonPlatformSchema } from '../schema-set.ts';

export const schemas = [
  auditSchema,
  vaultSchema,
  sealedSchema,
  streamsSchema,
  approvalsSchema,
  mediaSchema,
  eucSchema,
  jobsSchema,
  backupSchema,
  operationsSchema,
  commonPlatformSchema,
];

const now = Temporal.Now.instant();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
const ceremony = await holdCeremony(now);
export const trust = await trustWithCrl(ceremony, now);
const identities = new Map<string, Promise<Identity>>();
/** One identity for each peer of the test process. */
export function identityOf(id: string): Promise<Identity> {
  const [organisation = '', system = ''] = id.split('/');
  const known = identities.get(id) ?? issueIdentity(ceremony.issuing, { organisation, system }, validity);
  identities.set(id, known);
  return known;
}

export const systemActor = (id: string): Actor => {
  const [organisation = '', system = ''] = id.split('/');
  return { kind: 'system', organisation, system, certificate: 'test' };
};
export const staffActor = (staffId: string): Extract<Actor, { kind: 'staff' }> => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId,
  sessionId: staffId,
});
export const job: Actor = { kind: 'job', name: 'linkage' };

export interface World extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: Deps;
  /** A peer of the platform, over real TLS, as the one who calls it. */
  client(as: string): Promise<ReturnType<typeof createPeerClient>>;
  /** Starts a peer that the platform calls. */
  serve(id: string, peerRoutes: readonly Route[]): Promise<void>;
  readonly faults: unknown[];
}

const wardSettings = {
  mode: 'ward',
  register: 'meguro/resident-register',
  subscribers: ['meguro/resident-tax'],
  intermediateServer: 'meguro/intermediate-server',
  linkageVia: 'meguro/municipal-juki',
  nationalJuki: 'jlis/national-juki',
} as const;
const prefectureSettings = {
  mode: 'prefecture',
  intermediateServer: 'tokyo/intermediate-server',
  linkageVia: 'tokyo/prefectural-juki',
  nationalJuki: 'jlis/national-juki',
  taskBindings: [
    {
      system: 'child-chronic',
      kind: 'ask',
      code: 'MS2-009',
      ground: '主務省令第2条の表9の項',
      validFrom: '2024-05-27',
    },
    {
      system: 'child-chronic',
      kind: 'ask',
      code: 'MS2-010',
      ground: '主務省令第2条の表10の項',
      validFrom: '2020-04-01',
      validUntil: '2026-03-31',
    },
    { system: 'child-chronic', kind: 'lodge', code: 'TKX-0101', ground: '番号利用法 第22条', validFrom: '2024-05-27' },
  ],
} as const;

/** A platform on its own database and keys, its service under TLS, its rights in force; staff `c…` are clerks, `a…` approvers. */
export async function aPlatform(mode: 'ward' | 'prefecture' = 'ward', more: Partial<Settings> = {}): Promise<World> {
  const settings: Settings = {
    ...settingsSchema.parse(mode === 'ward' ? wardSettings : prefectureSettings),
    ...more,
  };
  const organisation = mode === 'ward' ? 'meguro' : 'tokyo';
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-platform-'));
  const t = await testDatabase(schemas);
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'store'), keys, keepBackupDays: 7 });
  const { machineClock, newId } = t.deps;
  const vault = new Vault({ keys, machineClock, newId });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const identity = await identityOf(`${organisation}/common-platform`);
  const addresses = new Map<string, string>();
  const clientOf = (of: Identity) =>
    createPeerClient({
      identity: of,
      trust,
      machineClock: systemMachineClock,
      directory: (peer) => addresses.get(peer),
    });
  const peers = clientOf(identity);
  const staffRoles = {
    rolesOf: async (_tx: unknown, { staffId }: { staffId: string }) =>
      ({
        a: ['approver'],
        c: ['person-clerk'],
        p: ['protected-address'],
        s: ['source-approver'],
        e: ['emergency-receiver'],
        x: ['extraction-clerk'],
        y: ['extraction-approver'],
        m: ['media-keeper'],
        z: ['statistics-clerk'],
      })[staffId[0] ?? ''] ?? [],
  };
  const deps: Deps = {
    ...t.deps,
    rights: createRights(rights, organisation, staffRoles),
    audit: vault.audited(sealed.audited(auditSink({ instance: partyId(identity), random: systemRandom }))),
    settings,
    town: true,
    vault,
    sealed,
    outbox: createOutbox({ payloads: sealedPayloads(sealed, machineClock), newId, machineClock, random: systemRandom }),
    peers,
    identity,
    certificateOf: async (peer, purpose) => (await identityOf(partyId(peer)))[purpose].chain,
  };
  const faults: unknown[] = [];
  const servers: PeerServer[] = [];
  const clients = [peers];
  const serve = async (id: string, peerRoutes: readonly Route[]): Promise<void> => {
    const server = createPeerServer({
      identity: await identityOf(id),
      trust,
      machineClock: systemMachineClock,
      routes: peerRoutes,
      onFault: (fault) => faults.push(fault),
    });
    servers.push(server);
    addresses.set(id, `https://127.0.0.1:${await server.listen(0)}`);
  };
  await serve(partyId(identity), routes(deps));
  return {
    t,
    deps,
    faults,
    serve,
    async client(as) {
      const client = clientOf(await identityOf(as));
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
      for (const server of servers) await server.close();
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const random = seededRandom('platform tests');
export const aNumber = (): IndividualNumber => makeIndividualNumber(random);

/** A change as the register tells it; only what a test changes needs to be said. */
export function aChange(
  w: World,
  more: Partial<Omit<PlatformResidentChange, 'state'>> & { state?: Partial<PlatformResidentChange['state']> } = {},
): PlatformResidentChange {
  const { state, ...rest } = more;
  return {
    changeId: w.deps.newId(),
    reason: 'moved-in',
    changedOn: '2026-05-01',
    addresseeNumber: '1000001',
    individualNumber: aNumber().digits(),
    ...rest,
    state: {
      status: 'resident',
      name: '目黒 花子',
      nameKana: 'メグロ ハナコ',
      birthDate: '1988-04-02',
      sex: 'female',
      address: '東京都目黒区上目黒二丁目19番15号',
      postalCode: '1530051',
      municipalityCode: '131105',
      householdNumber: '5001',
      relationship: '世帯主',
      becameResidentOn: '2026-05-01',
      removedOn: null,
      addressProtected: false,
      ...state,
    },
  };
}

let number = 0;
/** The change as the inbox hands it to its act. */
export const received = <M>(message: M, sender = 'meguro/resident-register') => ({
  message,
  messageId: '00000000-0000-7000-8000-000000000000',
  sender,
  family: 'platform.resident-change',
  number: ++number,
  digest: new Uint8Array(32),
  bytes: 0,
});
