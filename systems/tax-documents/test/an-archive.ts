import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FiledDocument } from '@musubi/contracts/tax-documents/filing.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { streamsSchema } from '@musubi/kernel/streams/schema.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { rights } from '../rights.ts';
import { receiveFiling } from '../service/receive-filing.ts';
import { taxDocumentsSchema } from '../store/schema-set.ts';

/** One for a test file: it holds the fonts. Close it at the end. */
export const typesetter = lazyTypesetter({ templatesFolder: new URL('../documents/', import.meta.url).pathname });

export const taxSystem: Actor = { kind: 'system', organisation: 'meguro', system: 'resident-tax', certificate: '-' };
/** Staff have the role that their id begins with: `document-clerk/1`. */
export const staff = (staffId: string): Actor => ({
  kind: 'staff',
  organisation: 'meguro',
  staffId,
  sessionId: staffId,
});

export interface Archive extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: Deps;
  /** Minutes put before the clock. */
  ahead: number;
}

export async function anArchive(): Promise<Archive> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-img-'));
  const sink = auditSink({ instance: 'meguro/tax-documents', random: seededRandom('salts') });
  const t = await testDatabase([auditSchema, vaultSchema, sealedSchema, streamsSchema, taxDocumentsSchema], {
    audit: sink,
    rights: createRights(rights, 'meguro', { rolesOf: async (_tx, actor) => [actor.staffId.split('/')[0] ?? ''] }),
    today: '2026-02-02',
  });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'key-store'), keys, keepBackupDays: 7 });
  const machineClock = { now: () => t.deps.machineClock.now().add({ minutes: archive.ahead }) };
  const sealed = new SealedStore({ keyStore, machineClock, newId: t.deps.newId });
  const archive: Archive = {
    t,
    deps: {
      ...t.deps,
      machineClock,
      audit: sealed.audited(sink),
      sealed,
      typesetter,
      imageKey: new Uint8Array(32).fill(7),
    },
    ahead: 0,
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      keyStore[Symbol.dispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return archive;
}

const random = seededRandom('numbers of filed documents');
export const numberOf = (): string => makeIndividualNumber(random).digits();

export function aFiling({ deps }: Archive, over: Partial<FiledDocument> = {}): FiledDocument {
  return {
    documentId: deps.newId(),
    kind: 'salary-payment-report',
    incomeYear: 2025,
    receptionNumber: '2026013100000001',
    rowNumber: 1,
    submissionKind: 'new',
    filedOn: null,
    payer: { name: '見本商事株式会社', corporateNumber: '9013201000015', individualNumber: null },
    name: '目黒　花子',
    kana: 'ﾒｸﾞﾛ ﾊﾅｺ',
    bornOn: '1980-04-02',
    address: '東京都目黒区上目黒２－１９－１５',
    individualNumber: numberOf(),
    columns: { paidYen: 4_000_000, socialInsuranceYen: 612_345, remarks: '普Ｃ', bornEra: 'showa', minor: false },
    relatives: [
      { kind: 'spouse', name: '目黒　太郎', residence: 'resident', bornOn: null, individualNumber: numberOf() },
      { kind: 'young', name: '目黒　小花', residence: 'non-resident', bornOn: null, individualNumber: null },
    ],
    ...over,
  };
}

let streamNumber = 0;
/** As it comes from a stream of `sender`. */
export const bring = (archive: Archive, message: FiledDocument, sender = 'meguro/resident-tax', actor = taxSystem) =>
  receiveFiling(archive.deps, actor, {
    message,
    messageId: archive.deps.newId(),
    sender,
    family: 'tax-documents.filing',
    number: ++streamNumber,
    digest: new Uint8Array(32),
    bytes: 1,
  });
