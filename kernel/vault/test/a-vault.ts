import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { auditSchema } from '../../audit/schema-set.ts';
import { auditSink } from '../../audit/sink.ts';
import type { ActDeps, Actor, Right } from '../../db/act.ts';
import { act } from '../../db/act.ts';
import type { Tx } from '../../db/sql.ts';
import { type TestDatabase, testDatabase } from '../../db/testing.ts';
import { type IndividualNumber, makeIndividualNumber } from '../../identifiers/individual-number.ts';
import { seededRandom, systemRandom } from '../../random/random.ts';
import { ok, type Result, unwrap } from '../../result/result.ts';
import { fileKeyProvider, type KeyProvider } from '../key-provider.ts';
import { SqliteKeyStore } from '../key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '../schema-set.ts';
import { SealedStore } from '../sealed/sealed-store.ts';
import { Vault } from '../vault.ts';

export const clerk: Actor = { kind: 'staff', organisation: 'meguro', staffId: 's1', sessionId: 'x' };
export const right: Right = ['resident-tax', 'person', 'update'];

export interface VaultTest extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly directory: string;
  readonly keys: KeyProvider;
  readonly deps: ActDeps;
  readonly vault: Vault;
  readonly keyStore: SqliteKeyStore;
  readonly sealed: SealedStore;
  /** Runs a body as an act that ends well and is recorded. */
  inAct<V>(body: (tx: Tx) => Promise<V>): Promise<V>;
  attempt<V, E extends string>(body: (tx: Tx) => Promise<Result<V, E>>): Promise<Result<V, E | 'not-authorised'>>;
}

/** A database with audit log, vault and sealed store, and keys in a folder of their own. */
export async function aVault(): Promise<VaultTest> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-vault-'));
  const sinkOf = auditSink({ instance: 'meguro/resident-tax', random: systemRandom });
  const t = await testDatabase([auditSchema, vaultSchema, sealedSchema], { audit: sinkOf });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const vault = new Vault({ keys, machineClock: t.deps.machineClock, newId: t.deps.newId });
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'key-store'), keys, keepBackupDays: 7 });
  const sealed = new SealedStore({ keyStore, machineClock: t.deps.machineClock, newId: t.deps.newId });
  const deps: ActDeps = { ...t.deps, audit: vault.audited(sealed.audited(sinkOf)) };
  const attempt = <V, E extends string>(body: (tx: Tx) => Promise<Result<V, E>>) =>
    act<ActDeps, undefined, V, E>('test.use-numbers', {
      right,
      async run(tx) {
        const result = await body(tx);
        if (result.ok) tx.record({ event: 'numbers.used' });
        return result;
      },
    })(deps, clerk, undefined);
  return {
    t,
    directory,
    keys,
    deps,
    vault,
    keyStore,
    sealed,
    attempt,
    async inAct<V>(body: (tx: Tx) => Promise<V>) {
      return unwrap(await attempt<V, never>(async (tx) => ok(await body(tx))));
    },
    async [Symbol.asyncDispose]() {
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const random = seededRandom('vault tests');
export const aNumber = (): IndividualNumber => makeIndividualNumber(random);
