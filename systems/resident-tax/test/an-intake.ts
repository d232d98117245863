import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DeliveryCover } from '@musubi/contracts/eltax/delivery.ts';
import type { PersonChange } from '@musubi/contracts/platform/persons.ts';
import type { WageReportRecord } from '@musubi/contracts/wage-report/layout.ts';
import {
  readSalaryPaymentReports,
  writeSalaryPaymentReports,
} from '@musubi/contracts/wage-report/salary-payment-report.ts';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { toEraDate } from '@musubi/kernel/calendar/eras.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { type IndividualNumber, makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { irregularSchema } from '@musubi/kernel/irregular/schema-set.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { jobsSchema } from '@musubi/kernel/jobs/schema.ts';
import { seededRandom, systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import { streamsSchema } from '@musubi/kernel/streams/schema.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { toFullWidthAscii } from '@musubi/kernel/text/width.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { announceDeliveries } from '../service/intake/announce-deliveries.ts';
import { receiveDelivery } from '../service/intake/receive-delivery.ts';
import { takeIn } from '../service/intake/take-in.ts';
import { applyPersonChange } from '../service/persons/apply-person-change.ts';
import { residentTaxSchema } from '../store/schema-set.ts';

export const schemas = [
  auditSchema,
  vaultSchema,
  sealedSchema,
  streamsSchema,
  jobsSchema,
  approvalsSchema,
  irregularSchema,
  residentTaxSchema,
];
export const staff = (staffId: string): Actor => ({
  kind: 'staff',
  organisation: 'meguro',
  staffId,
  sessionId: staffId,
});
export const clerk = staff('clerk-1');
export const job: Actor = { kind: 'job', name: 'resident-tax.intake' };
const platform: Actor = { kind: 'system', organisation: 'meguro', system: 'common-platform', certificate: 'test' };
export const meguro = unwrap(parseLocalGovernmentCode('131105'));

export interface IntakeTest extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: Deps;
}

/** A database with all that an instance has, and keys in a folder of their own. */
export async function anIntake(): Promise<IntakeTest> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-rtx-'));
  const sink = auditSink({ instance: 'meguro/resident-tax', random: systemRandom });
  const t = await testDatabase(schemas, { audit: sink, today: '2026-02-02' });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const { machineClock, newId, random } = t.deps;
  const vault = new Vault({ keys, machineClock, newId });
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'key-store'), keys, keepBackupDays: 7 });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const outbox = createOutbox({ payloads: sealedPayloads(sealed, machineClock), newId, machineClock, random });
  const audit = vault.audited(sealed.audited(sink));
  return {
    t,
    deps: { ...t.deps, audit, vault, sealed, outbox, municipality: meguro },
    async [Symbol.asyncDispose]() {
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface Someone {
  readonly no: number;
  readonly number: IndividualNumber;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: string;
  readonly address: string;
}

const surnames = ['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', '山本', '中村', '小林', '加藤'];
const surnameKana = ['ｻﾄｳ', 'ｽｽﾞｷ', 'ﾀｶﾊｼ', 'ﾀﾅｶ', 'ｲﾄｳ', 'ﾜﾀﾅﾍﾞ', 'ﾔﾏﾓﾄ', 'ﾅｶﾑﾗ', 'ｺﾊﾞﾔｼ', 'ｶﾄｳ'];
const givenNames = ['一郎', '花子', '健', '美咲', '翔', '葵', '大輔', '由美', '誠', '恵子'];
const givenKana = ['ｲﾁﾛｳ', 'ﾊﾅｺ', 'ｹﾝ', 'ﾐｻｷ', 'ｼｮｳ', 'ｱｵｲ', 'ﾀﾞｲｽｹ', 'ﾕﾐ', 'ﾏｺﾄ', 'ｹｲｺ'];

/** Invented people, the same for the same seed: no two of them share name and birth date. */
export function people(count: number, seed = 'people of the intake'): Someone[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => ({
    no: i + 1,
    number: makeIndividualNumber(random),
    name: `${surnames[i % 10]}　${givenNames[Math.trunc(i / 10) % 10]}`,
    kana: `${surnameKana[i % 10]} ${givenKana[Math.trunc(i / 10) % 10]}`,
    bornOn: Temporal.PlainDate.from('1960-01-05')
      .add({ days: i * 37 })
      .toString(),
    address: `東京都目黒区上目黒${(i % 5) + 1}－${(i % 20) + 1}－${(i % 9) + 1}`,
  }));
}

export function changeOf(
  deps: Deps,
  who: Someone,
  over: Partial<PersonChange['state']> = {},
  changedOn = '2020-04-01',
): PersonChange {
  return {
    changeId: deps.newId(),
    reason: 'load',
    changedOn,
    orgPersonNumber: `${who.no}`.padStart(15, '0'),
    addresseeNumber: `${1_000_000 + who.no}`,
    individualNumber: who.number.digits(),
    state: {
      status: 'resident',
      name: who.name,
      nameKana: who.kana,
      birthDate: who.bornOn,
      sex: 'female',
      address: who.address,
      postalCode: '1530051',
      municipalityCode: '131105',
      householdNumber: `${who.no}`,
      relationship: '世帯主',
      becameResidentOn: '2020-04-01',
      removedOn: null,
      addressProtected: false,
      ...over,
    },
  };
}

let streamNumber = 0;
export const arrive = (deps: Deps, message: PersonChange) =>
  applyPersonChange(deps, platform, {
    message,
    messageId: deps.newId(),
    sender: 'meguro/common-platform',
    family: 'platform.person-change',
    number: ++streamNumber,
    digest: new Uint8Array(32),
    bytes: 1,
  });

export async function register(deps: Deps, everyone: readonly Someone[]): Promise<Map<number, string>> {
  const ids = new Map<number, string>();
  for (const who of everyone) {
    const arrived = unwrap(await arrive(deps, changeOf(deps, who)));
    ids.set(who.no, arrived!.personId);
  }
  return ids;
}

const conformance = new URL('../../../contracts/wage-report/conformance/', import.meta.url);
export const conformanceFile = (name: string): Buffer => readFileSync(new URL(name, conformance));

/** The columns of the conformance file, as a record to be changed. */
export async function sampleColumns(): Promise<WageReportRecord> {
  const found: WageReportRecord[] = [];
  await readSalaryPaymentReports([conformanceFile('valid/147-columns-reiwa-7.txt')], {
    municipality: meguro,
    each: (o) => void (o.accepted && found.push(o.value.columns)),
  });
  return found[0]!;
}

export function recordOf(
  sample: WageReportRecord,
  who: Someone,
  over: Partial<WageReportRecord> = {},
): WageReportRecord {
  const born = toEraDate(Temporal.PlainDate.from(who.bornOn));
  const two = (n: number): string => `${n}`.padStart(2, '0');
  const family = Object.fromEntries(
    Object.keys(sample)
      .filter((name) => /^(spousePerson|dependant[1-4]|young[1-4]|further)/.test(name))
      .map((name) => [name, undefined]),
  );
  return {
    ...sample,
    ...family,
    name: who.name,
    kana: who.kana,
    // The register writes house numbers in half width, the file must not.
    address: toFullWidthAscii(who.address),
    individualNumber: who.number,
    recipientNumber: `E${who.no}`,
    bornEra: born.era,
    bornYear: two(born.year),
    bornMonth: two(born.month),
    bornDay: two(born.day),
    ...over,
  } as WageReportRecord;
}

export const fileOf = (records: readonly WageReportRecord[]): Buffer =>
  Buffer.from(unwrap(writeSalaryPaymentReports(records)).bytes);

export function coverOf(
  deps: Deps,
  file: Uint8Array,
  records: number,
  over: Partial<DeliveryCover> = {},
): DeliveryCover {
  const deliveryId = deps.newId();
  return {
    v: 1,
    deliveryId,
    receptionNumber: `20260131${`${Number.parseInt(deliveryId.slice(-8), 16) % 100_000_000}`.padStart(8, '0')}`,
    receivedAt: '2026-01-31T01:00:00Z',
    procedure: 'salary-payment-report',
    incomeYear: 2025,
    payer: { corporateNumber: '9013201000015', name: '見本商事株式会社' },
    municipality: '131105',
    records,
    summary: null,
    fileSha256: createHash('sha256').update(file).digest('hex'),
    fileLength: file.length,
    ...over,
  };
}

/** Files salary reports and takes them in, as a round of the intake does it; gives the file's id. */
export async function fileReports(
  deps: Deps,
  ...reports: readonly (readonly [Someone, Partial<WageReportRecord>?])[]
): Promise<string> {
  const sample = await sampleColumns();
  const file = fileOf(reports.map(([who, over]) => recordOf(sample, who, over)));
  const { intakeId } = unwrap(await receive(deps, coverOf(deps, file, reports.length), file));
  await takeInFile(deps, intakeId);
  return intakeId;
}

/** Takes a received file in, to its end. */
export async function takeInFile(deps: Deps, intakeId: string): Promise<void> {
  assert.equal(unwrap(await runBatch(deps, job, takeIn, { intakeId })).state, 'done');
}

/** Announced and received, as a round of the intake does it. */
export async function receive(deps: Deps, cover: DeliveryCover, file: Uint8Array) {
  const { deliveryId, receptionNumber, procedure, incomeYear, records, payer } = cover;
  const announced = {
    deliveryId,
    receptionNumber,
    procedure,
    incomeYear,
    records,
    payerNumber: payer.corporateNumber,
    payerName: payer.name,
  };
  unwrap(await announceDeliveries(deps, job, { deliveries: [announced] }));
  return receiveDelivery(deps, job, { cover, coverJws: 'signed elsewhere', file });
}
