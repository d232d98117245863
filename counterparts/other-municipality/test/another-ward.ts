import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BodiesLine } from '@musubi/contracts/eltax/between-bodies-client.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { PeerDeps } from '../deps.ts';
import { rights } from '../rights.ts';
import { otherMunicipalitySchema } from '../store/schema-set.ts';

export const schemas = [auditSchema, vaultSchema, sealedSchema, otherMunicipalitySchema];

export interface OtherWard extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: PeerDeps;
}

/** 世田谷区 as the far end of a line. */
export async function anotherWard(line: BodiesLine): Promise<OtherWard> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-body-'));
  const sink = auditSink({ instance: 'setagaya/other-municipality', random: seededRandom('salts') });
  const t = await testDatabase(schemas, {
    audit: sink,
    rights: createRights(rights, 'setagaya', { rolesOf: async () => [] }),
    today: '2026-03-02',
  });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'key-store'), keys, keepBackupDays: 7 });
  const sealed = new SealedStore({ keyStore, machineClock: t.deps.machineClock, newId: t.deps.newId });
  return {
    t,
    deps: {
      ...t.deps,
      audit: sealed.audited(sink),
      sealed,
      municipality: unwrap(parseLocalGovernmentCode('131121')),
      name: '世田谷区',
      line,
    },
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      keyStore[Symbol.dispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
