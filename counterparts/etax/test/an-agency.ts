import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient, type PeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer } from '@musubi/kernel/http/server.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { routes } from '../http/routes.ts';
import { rights } from '../rights.ts';
import { etaxSchema } from '../store/schema-set.ts';

export interface Agency extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: Deps;
  readonly trust: Trust;
  readonly identity: Identity;
  /** 目黒区 and another ward, of the same PKI, each with its own line. */
  readonly meguro: { readonly identity: Identity; readonly peers: PeerClient };
  readonly stranger: { readonly identity: Identity; readonly peers: PeerClient };
  /** Any other system of the PKI, with its own line. */
  line(organisation: string, system: string): Promise<{ readonly identity: Identity; readonly peers: PeerClient }>;
}

/** The tax agency as it runs: real TLS, real database, real keys. */
export async function anAgency(): Promise<Agency> {
  const now = Temporal.Now.instant();
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-etax-'));
  const sink = auditSink({ instance: 'eltax/etax', random: systemRandom });
  const t = await testDatabase([auditSchema, vaultSchema, sealedSchema, etaxSchema], {
    audit: sink,
    rights: createRights(rights, 'eltax', { rolesOf: async () => [] }),
    today: '2026-08-03',
  });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'key-store'), keys, keepBackupDays: 7 });
  const sealed = new SealedStore({
    keyStore,
    machineClock: systemMachineClock,
    newId: uuidV7Maker(systemMachineClock, systemRandom),
  });
  const ceremony = await holdCeremony(now);
  const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
  const identities = new Map<string, Identity>();
  const identityOf = async (organisation: string, system: string): Promise<Identity> => {
    const issued = await issueIdentity(ceremony.issuing, { organisation, system }, validity);
    identities.set(partyId(issued), issued);
    return issued;
  };
  const identity = await identityOf('eltax', 'etax');
  const trust = await trustWithCrl(ceremony, now);
  const deps: Deps = {
    ...t.deps,
    machineClock: systemMachineClock,
    audit: sealed.audited(sink),
    sealed,
    identity,
    trust,
    certificateOf: async (peer) => identities.get(partyId(peer))!.encryption.chain,
    municipalities: { '131105': 'meguro/resident-tax', '131121': 'setagaya/resident-tax' },
  };
  const server = createPeerServer({
    identity,
    trust,
    machineClock: systemMachineClock,
    routes: routes(deps),
    limits: { closeTimeoutMs: 500 },
    onFault: (fault) => {
      throw new Error(JSON.stringify(fault));
    },
  });
  const port = await server.listen(0);
  const clients: PeerClient[] = [];
  const line = async (organisation: string, system = 'resident-tax') => {
    const own = await identityOf(organisation, system);
    const peers = createPeerClient({
      identity: own,
      trust,
      machineClock: systemMachineClock,
      directory: () => `https://127.0.0.1:${port}`,
      backoffBaseMs: 1,
      timeoutMs: 3_000,
    });
    clients.push(peers);
    return { identity: own, peers };
  };
  const meguro = await line('meguro');
  const stranger = await line('setagaya');
  return {
    ...{ t, deps, trust, identity, meguro, stranger, line },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
