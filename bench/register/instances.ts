import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type MachineClock, SettableCivilClock, systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import { openDatabase } from '@musubi/kernel/db/database.ts';
import { Notifications } from '@musubi/kernel/db/listen.ts';
import { createPeerClient, type PeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer } from '@musubi/kernel/http/server.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { type Party, partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import type { Host, Instance, SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { deliverRoute, httpTransport } from '@musubi/kernel/streams/http.ts';
import { createInbox, withOwnDeps } from '@musubi/kernel/streams/inbox.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import type { EnvelopeCodec, Transport } from '@musubi/kernel/streams/ports.ts';
import { type RelayDeps, relayOnce } from '@musubi/kernel/streams/relay.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { signedCodec } from '@musubi/kernel/streams/signed-codec.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';

/* Instances as they run (TLS, signatures, encryption, vault, log, streams), without pages and loops: what the bench sends is all they do. */

export const civilDate = '2026-06-01';

export interface Registry {
  readonly trust: Trust;
  identityOf(id: string): Promise<Identity>;
  readonly addresses: Map<string, string>;
}

const partyOf = (id: string): Party => {
  const [organisation = '', system = ''] = id.split('/');
  return { organisation, system };
};

export async function openRegistry(): Promise<Registry> {
  const now = systemMachineClock.now();
  const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 48 }) };
  const ceremony = await holdCeremony(now);
  const issued = new Map<string, Promise<Identity>>();
  return {
    trust: await trustWithCrl(ceremony, now),
    addresses: new Map(),
    identityOf(id) {
      const identity = issued.get(id) ?? issueIdentity(ceremony.issuing, partyOf(id), validity);
      issued.set(id, identity);
      return identity;
    },
  };
}

export const codecOf = async (registry: Registry, id: string): Promise<EnvelopeCodec> =>
  signedCodec({
    identity: await registry.identityOf(id),
    trust: registry.trust,
    machineClock: systemMachineClock,
    encryptionChainOf: async (peer) => (await registry.identityOf(peer)).encryption.chain,
  });

export const clientOf = async (registry: Registry, id: string): Promise<PeerClient> =>
  createPeerClient({
    identity: await registry.identityOf(id),
    trust: registry.trust,
    directory: (peer) => registry.addresses.get(peer),
    machineClock: systemMachineClock,
    timeoutMs: 60_000,
    breakerThreshold: 1_000,
  });

export interface Running extends AsyncDisposable {
  readonly id: string;
  readonly host: Host;
  /** Those of the member's own system, which have no type in common: whoever calls an act or reads one says which. */
  readonly deps: never;
  relay(receiver: string, family: string): ReturnType<typeof relayOnce>;
}

export interface InstanceStart {
  readonly registry: Registry;
  readonly id: string;
  readonly definition: SystemDefinition;
  readonly databaseUrl: string;
  readonly home: string;
  readonly keysDirectory: string;
  readonly code?: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** For acts, relays and leases; TLS and certificates go by the real time. */
  readonly machineClock?: MachineClock;
  /** Any free one where nothing is said. */
  readonly port?: number;
  /** What every member of staff may be. */
  readonly staffRoles?: readonly string[];
  /** Stands between the relays and the wire. */
  readonly wire?: (honest: Transport) => Transport;
}

export async function startInstance(start: InstanceStart): Promise<Running> {
  const { registry, id, definition, home } = start;
  const { trust, addresses } = registry;
  const { organisation, system } = partyOf(id);
  const { machineClock = systemMachineClock } = start;
  const random = systemRandom;
  const civilClock = new SettableCivilClock(civilDate);
  const newId = uuidV7Maker(machineClock, random);
  const identity = await registry.identityOf(id);
  await mkdir(home, { recursive: true });
  const keys = await fileKeyProvider(start.keysDirectory);
  const keyStore = await SqliteKeyStore.open({ directory: path.join(home, 'store'), keys, keepBackupDays: 7 });
  const vault = new Vault({ keys, machineClock, newId });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const db = openDatabase({ url: start.databaseUrl });
  const audit = vault.audited(sealed.audited(auditSink({ instance: id, random })));
  const rights = createRights(definition.rights, organisation, { rolesOf: async () => start.staffRoles ?? [] });
  const deps: ActDeps = { db, machineClock, civilClock, newId, random, rights, audit };
  const peers = await clientOf(registry, id);
  const codec = await codecOf(registry, id);
  const payloads = sealedPayloads(sealed, machineClock);
  const notifications = new Notifications(db);
  const host = {
    organisation: { organisation, name: { ja: organisation, en: organisation }, town: true, code: start.code },
    config: { system, settings: start.settings },
    id,
    deps,
    civilClock,
    identity,
    trust,
    peers,
    outbox: createOutbox({ payloads, newId, machineClock, random }),
    vault,
    sealed,
    notifications,
    alarms: { raise: () => {} },
    certificateOf: async (party: Party) => (await registry.identityOf(partyId(party))).encryption.chain,
    onError: (error: unknown) => console.error(`${id}:`, error),
    // The bench opens no page.
    pages: async () => ({ declare: () => {}, pages: [] }) as never,
  } as unknown as Host;
  const instance: Instance = await definition.start(host);
  const inbox = createInbox({
    deps,
    self: id,
    codec,
    handlers: (instance.handlers ?? []).map(({ handler, deps: own }) => withOwnDeps(handler, own)),
    alarms: host.alarms,
    onError: (error) => console.error(`${id}:`, error),
  });
  const routes = [deliverRoute(inbox), ...(instance.routes ?? [])];
  const server = createPeerServer({ identity, trust, machineClock: systemMachineClock, routes });
  addresses.set(id, `https://127.0.0.1:${await server.listen(start.port ?? 0)}`);
  const holder = newId();
  const honest = httpTransport(peers);
  const transport = start.wire?.(honest) ?? honest;
  return {
    id,
    host,
    deps: (instance.handlers?.[0]?.deps ?? deps) as never,
    relay(receiver, family) {
      const relay: RelayDeps = { ...deps, self: id, payloads, codec, transport, alarms: host.alarms };
      return relayOnce(relay, { receiver, family }, holder, new AbortController().signal);
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await instance.stop?.();
      await peers.close();
      await notifications.close();
      keyStore[Symbol.dispose]();
      await db.close();
    },
  };
}
