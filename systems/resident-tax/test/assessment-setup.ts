import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Charge, chargeBatch } from '@musubi/contracts/collections/charge.ts';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type ActDeps, type Actor, act } from '@musubi/kernel/db/act.ts';
import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';
import { json } from '@musubi/kernel/db/sql.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import {
  type LocalGovernmentCode,
  parseLocalGovernmentCode,
} from '@musubi/kernel/identifiers/local-government-code.ts';
import { irregularSchema } from '@musubi/kernel/irregular/schema-set.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { jobsSchema } from '@musubi/kernel/jobs/schema.ts';
import { migrationSchema } from '@musubi/kernel/migration/schema-set.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { unsalted } from '@musubi/kernel/streams/envelope.ts';
import { createOutbox, type Outbox } from '@musubi/kernel/streams/outbox.ts';
import { streamsSchema } from '@musubi/kernel/streams/schema.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { type SealedId, SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import { addressKeyOf, nameKeyOf } from '../domain/identity-keys.ts';
import { decideSubmission } from '../service/assessment/decide.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderAssessmentRun } from '../service/assessment/order-run.ts';
import { assessmentRun } from '../service/assessment/run.ts';
import { submitAssessments } from '../service/assessment/submit.ts';
import { chargeNext } from '../service/charges/hand-over.ts';
import type { NoticeDeps } from '../service/notices/notice-deps.ts';
import type { ElectronicDeps } from '../service/special-notices/electronic.ts';
import type { SpecialNoticeDeps } from '../service/special-notices/special-notice-run.ts';
import { residentTaxSchema } from '../store/schema-set.ts';

export const staff = (staffId: string): Extract<Actor, { kind: 'staff' }> => ({
  kind: 'staff',
  organisation: 'meguro',
  staffId,
  sessionId: `session-${staffId}`,
});
export const clerk = staff('clerk-1');
export const chief = staff('chief-1');

/** What these tests' databases hold. */
export const taxSchemas = [
  auditSchema,
  vaultSchema,
  sealedSchema,
  streamsSchema,
  jobsSchema,
  approvalsSchema,
  irregularSchema,
  migrationSchema,
  residentTaxSchema,
];

/** Nobody is under protection, unless a test says so. */
export const nobodyProtected: NoticeDeps['protections'] = async () =>
  ok({ isProtected: () => false, count: 0, asOf: '' });

/** Where nothing is sent to payers: a call is a fault of the test. */
export const noPortal: ElectronicDeps['noticeLine'] = {
  peers: { call: () => Promise.reject(new Error('no portal here')) },
  certificateOf: () => Promise.reject(new Error('no portal here')),
  identity: {} as never,
  trust: {} as never,
  eltax: 'eltax/eltax',
  now: () => Temporal.Instant.from('2026-06-01T00:00:00Z'),
};

export interface TaxTest extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: ActDeps & {
    readonly vault: Vault;
    /** No notice bears a number, unless a test says so. */
    readonly numberRules: SpecialNoticeDeps['numberRules'];
    readonly sealed: SealedStore;
    readonly outbox: Outbox;
    readonly municipality: LocalGovernmentCode;
    readonly collections: string;
    readonly protections: NoticeDeps['protections'];
  };
}

/** A database of the system with its log and sealed store, civil date 1 June 2026. `more`: schemas of kernel modules besides. */
export async function taxTest(more: readonly SchemaSet[] = []): Promise<TaxTest> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-tax-'));
  const sink = auditSink({ instance: 'meguro/resident-tax', random: seededRandom('salts') });
  const t = await testDatabase([...taxSchemas.slice(0, -1), ...more, residentTaxSchema], { audit: sink });
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'key-store'), keys, keepBackupDays: 7 });
  const vault = new Vault({ keys, machineClock: t.deps.machineClock, newId: t.deps.newId });
  const sealed = new SealedStore({ keyStore, machineClock: t.deps.machineClock, newId: t.deps.newId });
  return {
    t,
    deps: {
      ...t.deps,
      audit: vault.audited(sealed.audited(sink)),
      vault,
      numberRules: [],
      sealed,
      outbox: createOutbox({ ...t.deps, payloads: sealedPayloads(sealed, t.deps.machineClock) }),
      municipality: unwrap(parseLocalGovernmentCode('131105')),
      collections: 'meguro/collections',
      protections: nobodyProtected,
    },
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      keyStore[Symbol.dispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface AReport {
  /** A salary report where it is left out; what a return says is in `columns.items`. */
  readonly kind?: 'tax-return';
  readonly payerName?: string;
  readonly paidYen: number;
  /** Columns of the unified CSV by name. */
  readonly columns?: Readonly<Record<string, unknown>>;
}

export interface APerson {
  readonly name?: string;
  readonly born?: string;
  readonly sex?: 'male' | 'female' | 'other';
  readonly becameResidentOn?: string;
  readonly address?: string;
  readonly reports: readonly AReport[];
}

/** Registers a person with linked reports of 令和7年分, as the intake leaves them. */
export const aPerson = act('test.a-person', {
  right: ['resident-tax', 'person', 'update'],
  async run(tx, deps: ActDeps, person: APerson) {
    const [personId, numberRef] = [deps.newId(), deps.newId()];
    const serial = `${Number.parseInt(personId.slice(-11), 16) % 1e12}`.padStart(15, '0');
    const at = deps.machineClock.now();
    const name = person.name ?? '目黒 花子';
    const address = person.address ?? '東京都目黒区上目黒二丁目19番15号';
    const since = person.becameResidentOn ?? '2010-04-01';
    await tx`insert into resident_tax.person (person_id, org_person_number, addressee_number, event_id)
             values (${personId}, ${serial}, ${serial}, ${tx.eventId})`;
    await tx`
      insert into resident_tax.person_state (person_id, version, change_id, reason, changed_on, number_ref, status, name, name_kana,
        birth_date, sex, address, postal_code, municipality_code, household_number, relationship, became_resident_on, removed_on,
        address_protected, name_key, kana_key, address_key, recorded_at, event_id)
      values (${personId}, 1, ${deps.newId()}, 'load', ${since}, ${numberRef}, 'resident', ${name}, 'メグロ ハナコ',
        ${person.born ?? '1980-04-02'}, ${person.sex ?? 'female'}, ${address}, '1538573', '131105', '1', '世帯主', ${since}, null,
        false, ${nameKeyOf(name)}, 'メグロハナコ', ${addressKeyOf(address)}, ${at}, ${tx.eventId})`;
    const reportIds: string[] = [];
    const intake = [];
    for (const report of person.reports) {
      const [reportId, intakeId, deliveryId] = [deps.newId(), deps.newId(), deps.newId()];
      reportIds.push(reportId);
      intake.push(intakeId);
      const payer = report.payerName ?? '株式会社目黒製作所';
      await tx`
        insert into resident_tax.announced_delivery (delivery_id, reception_no, procedure, income_year, payer_number, payer_name,
          record_count, announced_on, event_id)
        values (${deliveryId}, ${deliveryId}, 'salary-payment-report', 2025, '1234567890123', ${payer}, 1, ${deps.civilClock.today()}, ${tx.eventId})`;
      await tx`
        insert into resident_tax.intake (intake_id, delivery_id, reception_no, cover, income_year, sealed_ref, size_bytes, masked_digest,
          record_count, received_on, received_at, event_id)
        values (${intakeId}, ${deliveryId}, ${deliveryId}, '-', 2025, ${deps.newId()}, 1, ${new Uint8Array(32)}, 1,
          ${deps.civilClock.today()}, ${at}, ${tx.eventId})`;
      await tx`insert into resident_tax.intake_outcome (intake_id, outcome, accepted_count, rejected_count, decided_at, event_id)
               values (${intakeId}, 'taken-in', 1, 0, ${at}, ${tx.eventId})`;
      await tx`
        insert into resident_tax.report (report_id, kind, intake_id, row_number, income_year, submission_kind, payer_name, name, kana,
          born_on, address, paid_yen, columns, name_key, address_key, event_id)
        values (${reportId}, ${report.kind ?? 'salary-payment-report'}, ${intakeId}, 1, 2025, 'new', ${payer}, ${name}, 'ﾒｸﾞﾛ ﾊﾅｺ',
          ${person.born ?? '1980-04-02'}, ${address}, ${report.paidYen},
          ${json({ incomeYearInEra: '07', incomeAfterDeductionYen: report.paidYen, ...report.columns })}, ${name}, ${address}, ${tx.eventId})`;
      await tx`
        insert into resident_tax.match_step (report_id, step_no, step, decided_by, person_id, reason_code, at, event_id)
        values (${reportId}, 1, 'linked', 'job:match', ${personId}, 'certain', ${at}, ${tx.eventId})`;
      await tx`insert into resident_tax.report_state (report_id, state, person_id, last_step, changed_at)
               values (${reportId}, 'linked', ${personId}, 1, ${at})`;
    }
    tx.record({
      event: 'test.person',
      subject: personId,
      facts: ['person', 'person_state', 'announced_delivery', 'intake', 'intake_outcome', 'report', 'match_step'].map(
        (table) => `resident_tax.${table}`,
      ),
    });
    return ok({ personId, reportIds });
  },
});

/** Orders a run as the clerk and works it to its end as the instance does. */
export async function assessAll(deps: ActDeps, fiscalYear = 2026) {
  const { orderId } = unwrap(await orderAssessmentRun(deps, clerk, { fiscalYear }));
  return { orderId, end: unwrap(await runBatch(deps, worker, assessmentRun, { orderId, fiscalYear })) };
}

/** Every open draft of the year, decided by the chief. */
export async function decideAll(deps: ActDeps, fiscalYear = 2026): Promise<string> {
  const { submissionId } = unwrap(await submitAssessments(deps, clerk, { fiscalYear, assessmentIds: null }));
  unwrap(await decideSubmission(deps, chief, { submissionId, decision: 'approve', reason: '' }));
  return submissionId;
}

/** Charges what was decided and tells collections, as the instance's loop does. */
export async function chargeAll(deps: TaxTest['deps']): Promise<void> {
  while ((await chargeNext(deps)) === 'more');
}

/** What collections was told, oldest first. */
export const sentCharges = act('test.sent-charges', {
  right: ['resident-tax', 'charge', 'update'],
  async run(tx, deps: TaxTest['deps'], _command: undefined) {
    const sent = await tx<{ ref: string }>`
      select payload_ref as ref from streams.outgoing where family = 'collections.charge-batch' order by entered_at, message_id`;
    const charges: Charge[] = [];
    for (const { ref } of sent) {
      const opened = unwrap(await deps.sealed.open(tx, ref as SealedId, 'resident-tax/test'));
      charges.push(...chargeBatch.parse(JSON.parse(unsalted(opened.toString()))).charges);
    }
    tx.record({ event: 'test.sent-charges' });
    return ok(charges);
  },
});
