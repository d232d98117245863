import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BodiesLine } from '@musubi/contracts/eltax/between-bodies-client.ts';
import type { FiledSummary } from '@musubi/contracts/eltax/delivery.ts';
import { payerParty } from '@musubi/contracts/eltax/submission.ts';
import { layoutFromReiwa7 } from '@musubi/contracts/wage-report/layout.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient, type PeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer, type ServerFault } from '@musubi/kernel/http/server.ts';
import { modulus9CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { type Party, partyId } from '@musubi/kernel/pki/party.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Filer, FilingOrder } from '../client/submit.ts';
import type { PeerDeps } from '../deps.ts';
import { routes } from '../http/routes.ts';
import { examineWaiting } from '../jobs/examination-loop.ts';
import { rights } from '../rights.ts';
import { eltaxSchema } from '../store/schema-set.ts';

const now = Temporal.Now.instant();
const ceremony = await holdCeremony(now);
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
const identityOf = (party: Party): Promise<Identity> => issueIdentity(ceremony.issuing, party, validity);

/** Corporate Numbers with fitting check digits, in the range that no registry gave out. */
const corporate = (body: string): string => `${modulus9CheckDigit(body)}${body}`;
export const payerNumber = corporate('999900000010');
export const otherNumber = corporate('999900000020');
const portalParty = { organisation: 'eltax', system: 'eltax' };
const identities: Record<string, Identity> & { portal: Identity } = {
  portal: await identityOf(portalParty),
  payer: await identityOf(payerParty(payerNumber)),
  otherPayer: await identityOf(payerParty(otherNumber)),
  meguro: await identityOf({ organisation: 'meguro', system: 'resident-tax' }),
  setagaya: await identityOf({ organisation: 'setagaya', system: 'resident-tax' }),
  stranger: await identityOf({ organisation: 'minato', system: 'resident-tax' }),
  otherBody: await identityOf({ organisation: 'setagaya', system: 'other-municipality' }),
};
export type Who = 'portal' | 'payer' | 'otherPayer' | 'meguro' | 'setagaya' | 'stranger' | 'townPayer' | 'otherBody';
export const identity = (who: Who): Identity => identities[who]!;

export interface Portal extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: PeerDeps & { readonly keyStore: SqliteKeyStore };
  readonly port: number;
  readonly faults: ServerFault[];
  /** A client with this certificate; `at` another port, such as a relay's. */
  peers(who: Who, at?: number): PeerClient;
  filer(who: Who, at?: number): Promise<Filer>;
  /** A municipality's end of the line to the others. */
  bodiesLine(who: Who): BodiesLine;
  examine(): Promise<number>;
  newId(): string;
}

/**
 * The portal as it runs: real TLS, real database, real keys; the examination is called by hand. `setagaya`: which system receives for that
 * ward.
 */
export async function aPortal(townPayer?: Party, setagaya = 'setagaya/resident-tax'): Promise<Portal> {
  if (townPayer) identities.townPayer = await identityOf(townPayer);
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-eltax-'));
  const sink = auditSink({ instance: 'eltax/eltax', random: systemRandom });
  const t = await testDatabase([auditSchema, vaultSchema, sealedSchema, eltaxSchema], {
    audit: sink,
    rights: createRights(rights, 'eltax', { rolesOf: async () => [] }),
    today: '2026-01-30',
  });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'key-store'), keys, keepBackupDays: 7 });
  const newId = uuidV7Maker(systemMachineClock, systemRandom);
  const sealed = new SealedStore({ keyStore, machineClock: systemMachineClock, newId });
  const deps = {
    ...t.deps,
    newId,
    machineClock: systemMachineClock,
    audit: sealed.audited(sink),
    keyStore,
    sealed,
    identity: identities.portal,
    trust: await trustWithCrl(ceremony, now),
    certificateOf: async (peer: Party) =>
      Object.values(identities).find((i) => partyId(i) === partyId(peer))!.encryption.chain,
    destinations: new Map([
      ['meguro/resident-tax', unwrap(parseLocalGovernmentCode('131105'))],
      [setagaya, unwrap(parseLocalGovernmentCode('131121'))],
    ]),
  };
  const faults: ServerFault[] = [];
  const server = createPeerServer({
    identity: identities.portal,
    trust: deps.trust,
    machineClock: systemMachineClock,
    routes: routes(deps),
    limits: { closeTimeoutMs: 500 },
    onFault: (fault) => faults.push(fault),
  });
  const port = await server.listen(0);
  const clientTrust = await trustWithCrl(ceremony, now);
  const clients: PeerClient[] = [];
  const peers = (who: Who, at = port): PeerClient => {
    const client = createPeerClient({
      identity: identity(who),
      trust: clientTrust,
      machineClock: systemMachineClock,
      directory: () => `https://127.0.0.1:${at}`,
      backoffBaseMs: 1,
      timeoutMs: 3_000,
    });
    clients.push(client);
    return client;
  };
  return {
    t,
    deps,
    port,
    faults,
    newId,
    peers,
    filer: async (who, at) => ({
      identity: identity(who),
      peers: peers(who, at),
      trust: clientTrust,
      machineClock: systemMachineClock,
      portal: 'eltax/eltax',
    }),
    bodiesLine: (who) => ({
      peers: peers(who),
      identity: identity(who),
      trust: clientTrust,
      certificateOf: deps.certificateOf,
      eltax: 'eltax/eltax',
      now: () => systemMachineClock.now(),
    }),
    examine: () =>
      examineWaiting(deps, (error) => {
        throw error;
      }),
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
      await server.close();
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** One record of 147 columns with what the portal looks at; `name` makes records differ. */
export function aRecord(
  facts: { municipality?: string; payer?: string; year?: string; name?: string; form?: string; number?: string } = {},
): string {
  const columns = Array.from({ length: 147 }, () => '');
  columns[0] = facts.form ?? '315';
  columns[10] = facts.year ?? '07';
  columns[13] = facts.name ?? 'x';
  columns[columnOf.payerNumber] = facts.payer ?? payerNumber;
  columns[columnOf.individualNumber] = facts.number ?? '';
  columns[columnOf.municipality] = facts.municipality ?? '131105';
  return `${columns.join(',')}\r\n`;
}
const placeOf = (name: string): number => layoutFromReiwa7.fields.findIndex((field) => field.name === name);
const columnOf = {
  payerNumber: placeOf('payerNumber'),
  individualNumber: placeOf('individualNumber'),
  municipality: placeOf('municipality'),
};

export const aFile = (...records: string[]): Buffer => Buffer.from(records.join(''), 'latin1');

export const aSummary = (municipality: string, total: number): FiledSummary => ({
  designationNumber: null,
  municipality,
  specialCollection: total,
  ordinaryCollectionLeft: 0,
  ordinaryCollectionOther: 0,
  total,
});

export const anOrder = (portal: Portal, file: Buffer, more: Partial<FilingOrder> = {}): FilingOrder => ({
  submissionId: portal.newId(),
  payerName: '株式会社みどり商事',
  incomeYear: 2025,
  file,
  summaries: [],
  ...more,
});
