import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CertificateContent, certificateForms } from '@musubi/contracts/certificates/content.ts';
import type { KofuRequest } from '@musubi/contracts/certificates/kofu.ts';
import {
  type CertificateIssued,
  type CertificateRecord,
  certificateIssued,
} from '@musubi/contracts/certificates/records.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { unsalted } from '@musubi/kernel/streams/envelope.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import { streamsSchema } from '@musubi/kernel/streams/schema.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { type SealedId, SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { ConfirmRecord, StoreDeps } from '../deps.ts';
import { rights } from '../rights.ts';
import { applyRecord, registerCard } from '../service/records.ts';
import { convenienceCertificatesSchema } from '../store/schema-set.ts';

/** One for a test file: it holds the fonts. Close it at the end. */
export const typesetter = lazyTypesetter({ templatesFolder: certificateForms.pathname });

export const centre: Actor = { kind: 'system', organisation: 'jlis', system: 'certificate-centre', certificate: '-' };
export const taxSystem: Actor = { kind: 'system', organisation: 'meguro', system: 'resident-tax', certificate: '-' };
export const conductor: Actor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: '-' };
export const staff = (staffId: string): Actor => ({
  kind: 'staff',
  organisation: 'meguro',
  staffId,
  sessionId: `session-${staffId}`,
});

export interface Office extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: StoreDeps;
  readonly alarms: string[];
  /** What the tax system will say. */
  says: Awaited<ReturnType<ConfirmRecord>>;
  /** What happens while the tax system thinks. */
  meanwhile: () => Promise<void>;
  /** Milliseconds put before the clock of this machine. */
  ahead: number;
  told(): Promise<CertificateIssued[]>;
}

/** 21 November 2026, 12:00 in Tokyo. Staff have the role that their id names. */
export const noon = Temporal.Instant.from('2026-11-21T03:00:00Z');

export async function anOffice(): Promise<Office> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-cvs-'));
  const sink = auditSink({ instance: 'meguro/convenience-certificates', random: seededRandom('salts') });
  const t = await testDatabase([auditSchema, vaultSchema, sealedSchema, streamsSchema, convenienceCertificatesSchema], {
    audit: sink,
    rights: createRights(rights, 'meguro', { rolesOf: async (_tx, actor) => [actor.staffId] }),
    today: '2026-11-21',
  });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'key-store'), keys, keepBackupDays: 7 });
  // It stands still unless a test moves it: nothing may derive from time alone (INC-03).
  const machineClock = { now: () => noon.add({ milliseconds: office.ahead }) };
  const sealed = new SealedStore({ keyStore, machineClock, newId: t.deps.newId });
  const alarms: string[] = [];
  const deps: StoreDeps = {
    ...t.deps,
    machineClock,
    audit: sealed.audited(sink),
    sealed,
    outbox: createOutbox({ ...t.deps, machineClock, payloads: sealedPayloads(sealed, machineClock) }),
    typesetter,
    subjectCheckKey: new Uint8Array(32).fill(5),
    residentTax: 'meguro/resident-tax',
    feeYen: 300,
    limitMs: 8_000,
    keepsServiceHours: true,
    alarms: { raise: (code) => void alarms.push(code) },
    confirm: async () => {
      await office.meanwhile();
      return office.says;
    },
  };
  const readTold = act('test.told', {
    right: ['convenience-certificates', 'request', 'read'],
    async run(tx, d: StoreDeps, _command: undefined) {
      const sent = await tx<{
        ref: string;
      }>`select payload_ref as ref from streams.outgoing order by entered_at, message_id`;
      const told: CertificateIssued[] = [];
      for (const { ref } of sent) {
        const opened = unwrap(await d.sealed.open(tx, ref as SealedId, 'convenience-certificates/test'));
        told.push(certificateIssued.parse(JSON.parse(unsalted(opened.toString()))));
      }
      tx.record({ event: 'test.told' });
      return ok(told);
    },
  });
  const office: Office = {
    t,
    deps,
    alarms,
    says: 'counts',
    meanwhile: async () => {},
    ahead: 0,
    told: async () => unwrap(await readTold(deps, centre, undefined)),
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      keyStore[Symbol.dispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return office;
}

export const orgNumber = (i: number): string => `${i}`.padStart(15, '0');
export const serialOf = (i: number): string => (0xa000 + i).toString(16);
/** A name that no other person of the test has. */
export const nameOf = (i: number): string =>
  `交付 ${[Math.trunc(i / 10), i % 10].map((n) => 'アイウエオカキクケコサ'[n]).join('')}`;
const ulidLetters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const requestIdOf = (i: number): string =>
  `01JX000000000000000000${[15, 10, 5, 0].map((shift) => ulidLetters[(i >> shift) & 31]).join('')}`;

export const contentOf = (i: number): CertificateContent => ({
  kind: 'levy',
  fiscalYear: 2026,
  person: {
    name: nameOf(i),
    birthDate: '1980-04-02',
    addressOnLevyDate: `東京都目黒区上目黒${i}番地`,
    address: `東京都目黒区上目黒${i}番地`,
  },
  incomes: [{ label: '合計所得金額', yen: 1_000_000 + i }],
  deductions: [],
  bases: [],
  levy: [],
  annualYen: 100_000 + i * 100,
  dependants: '0人',
  remarks: [],
  issuer: { ward: '目黒区', title: '目黒区長', name: '見本 太郎' },
});

/** Tells the record of person `i`, the `n`-th of its year. */
export async function aRecord(
  { deps }: Office,
  i: number,
  more: Partial<CertificateRecord> & { readonly n?: number } = {},
): Promise<CertificateRecord> {
  const { n = 1, ...rest } = more;
  const message: CertificateRecord = {
    recordId: deps.newId(),
    orgPersonNumber: orgNumber(i),
    addresseeNumber: `${i}`,
    fiscalYear: 2026,
    version: `${i}${n}`.padStart(64, '0'),
    restriction: '0',
    content: contentOf(i),
    recordedAt: noon.toString(),
    ...rest,
  };
  unwrap(
    await applyRecord(deps, taxSystem, {
      message,
      messageId: deps.newId(),
      sender: 'meguro/resident-tax',
      family: 'certificates.record',
      number: 1,
      digest: new Uint8Array(32),
      bytes: 1,
    }),
  );
  return message;
}

export async function aHolder(office: Office, i: number): Promise<void> {
  await aRecord(office, i);
  unwrap(await registerCard(office.deps, conductor, { certSerial: serialOf(i), addresseeNumber: `${i}` }));
}

export const aRequest = (i: number, more: Partial<KofuRequest> = {}): KofuRequest => ({
  requestId: requestIdOf(i),
  requestedAt: '2026-11-21T12:00:00+09:00',
  kioskId: '7E-0012345',
  certType: '04',
  taxYear: '2026',
  copies: 1,
  certSerial: serialOf(i),
  certificateCheckedAt: '2026-11-21T11:59:30+09:00',
  identity: { kind: 'authSerial' },
  options: {},
  ...more,
});
