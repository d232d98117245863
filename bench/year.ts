import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { SettableCivilClock, systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { openDatabase } from '@musubi/kernel/db/database.ts';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { at, provisionDatabase, withClient } from '@musubi/kernel/db/provision.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '@musubi/resident-tax/deps.ts';
import { worker } from '@musubi/resident-tax/service/assessment/functions.ts';
import { orderAssessmentRun, orderReassessmentRun } from '@musubi/resident-tax/service/assessment/order-run.ts';
import { assessmentRun } from '@musubi/resident-tax/service/assessment/run.ts';
import { makeCheckList } from '@musubi/resident-tax/service/checks/check-lists.ts';
import { compareWhatIf } from '@musubi/resident-tax/service/comparisons/compare.ts';
import { takeIn } from '@musubi/resident-tax/service/intake/take-in.ts';
import { applyPersonLoad } from '@musubi/resident-tax/service/persons/apply-person-load.ts';
import {
  clerk,
  coverOf,
  fileOf,
  job,
  meguro,
  receive,
  type Someone,
  sampleColumns,
  schemas,
} from '@musubi/resident-tax/test/an-intake.ts';
import { floorYear } from './floors/year.ts';
import { countingStatements, Stages } from './year/stages.ts';
import { changeOf, isStranger, reportOf, residents } from './year/ward.ts';

export interface YearBench {
  readonly name: 'year';
  readonly figures: Readonly<
    Record<
      | 'residents'
      | 'documents'
      | 'total_s'
      | 'intake_s'
      | 'assess_s'
      | 'checks_s'
      | 'intake_cpu_s'
      | 'assess_cpu_s'
      | 'reassess_s'
      | 'reassessed'
      | 'whatif_s'
      | 'rss_mb_max'
      | 'in'
      | 'accepted'
      | 'rejected',
      number
    >
  >;
  readonly floor: { readonly total_s: number };
  readonly checks: Readonly<
    Record<
      | 'every_document_accounted'
      | 'every_resident_assessed'
      | 'changes_alone_again'
      | 'what_if_whole'
      | 'rows_tied_to_log',
      boolean
    >
  >;
}

const database = 'bench_resident_tax';
const perFile = 10_000;
const fiscalYear = 2026;
const platform: Actor = { kind: 'system', organisation: 'meguro', system: 'common-platform', certificate: 'bench' };

/**
 * A ward's year: salary reports (three for two residents) from files to assessed, with the list of checks; a month's changes; a draft of
 * the rules over everybody. The register and the files are made before anything is measured.
 */
export async function run(options: { readonly residents?: number | undefined } = {}): Promise<YearBench> {
  const count = options.residents ?? 280_000;
  const profile = process.env.MUSUBI_BENCH_PROFILE;
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-year-'));
  await chmod(home, 0o711); // the database server may run as another user
  const server = await startEmbedded({
    directory: path.join(home, 'postgres'),
    settings: {
      shared_buffers: '512MB',
      max_wal_size: '4GB',
      synchronous_commit: 'on',
      ...(profile === undefined ? {} : countingStatements),
    },
  });
  try {
    const url = await provisionDatabase(server.adminUrl, { database, appPassword: 'bench', schemas });
    const owner = at(server.adminUrl, database);
    if (profile !== undefined) await withClient(owner, (client) => client.query('create extension pg_stat_statements'));
    const db = openDatabase({ url, statementTimeoutMs: 600_000 });
    const keys = await fileKeyProvider(path.join(home, 'keys'));
    const keyStore = await SqliteKeyStore.open({ directory: path.join(home, 'key-store'), keys, keepBackupDays: 7 });
    try {
      const deps = depsOf(db, keys, keyStore);
      return await measure(deps, owner, count, new Stages(owner, server.pid, profile));
    } finally {
      await db.close();
      keyStore[Symbol.dispose]();
    }
  } finally {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  }
}

function depsOf(db: Deps['db'], keys: Awaited<ReturnType<typeof fileKeyProvider>>, keyStore: SqliteKeyStore): Deps {
  const machineClock = systemMachineClock;
  const newId = uuidV7Maker(machineClock, systemRandom);
  const vault = new Vault({ keys, machineClock, newId });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const sink = auditSink({ instance: 'meguro/resident-tax', random: systemRandom });
  return {
    db,
    machineClock,
    civilClock: new SettableCivilClock('2026-05-01'),
    newId,
    random: systemRandom,
    rights: { allows: async () => true },
    audit: vault.audited(sealed.audited(sink)),
    vault,
    sealed,
    outbox: createOutbox({ payloads: sealedPayloads(sealed, machineClock), newId, machineClock, random: systemRandom }),
    municipality: meguro,
  };
}

async function measure(deps: Deps, owner: string, count: number, stages: Stages): Promise<YearBench> {
  const everyone = [...residents(count)];
  let loaded = 0;
  await stages.run(
    'register',
    async () => {
      await load(deps, everyone, (n) => (loaded = n));
      await withClient(owner, (client) => client.query('vacuum analyze').then(() => client.query('checkpoint')));
    },
    () => `${loaded} of ${count} persons`,
  );
  const sample = await sampleColumns();
  const reports = [
    ...everyone.map((who) => ({ who, kind: 'main' as const })),
    ...everyone.filter((who) => who.no % 2 === 0).map((who) => ({ who, kind: 'second' as const })),
  ];
  const files = (await stages.run('files', async () => filesOf(deps, sample, reports))).value;

  const peak = watchMemory();
  const began = performance.now();
  const intake = await stages.run('intake', () => takeAll(deps, files));
  const assess = await stages.run('levies', async () => {
    const { orderId } = unwrap(await orderAssessmentRun(deps, clerk, { fiscalYear }));
    unwrap(await runBatch(deps, worker, assessmentRun, { orderId, fiscalYear }));
  });
  const checked = await stages.run('checks', async () => unwrap(await makeCheckList(deps, clerk, { fiscalYear })));
  const totalSeconds = since(began);

  const changed = everyone.filter((who) => !isStranger(who.no)).slice(0, Math.min(5_000, Math.ceil(count / 10)));
  const late = fileOf(changed.map((who) => reportOf(sample, who, 'late')));
  await stages.run('late documents', () =>
    takeAll(deps, [{ cover: coverOf(deps, late, changed.length, payerOf(999)), file: late }]),
  );
  const again = await stages.run('month', async () => {
    const { orderId } = unwrap(await orderReassessmentRun(deps, clerk, { fiscalYear }));
    unwrap(await runBatch(deps, worker, assessmentRun, { orderId, fiscalYear }));
    return orderId;
  });
  const whatIf = await stages.run('what if', async () =>
    unwrap(
      await compareWhatIf(deps, clerk, {
        fiscalYear,
        title: '基礎控除48万円',
        changes: [{ figure: 'basicDeduction.0.value', value: 480_000 }],
      }),
    ),
  );
  const rss = peak();

  const counts = await countAll(owner, again.value);
  const strangerCount = everyone.filter((who) => isStranger(who.no)).length;
  const floor = await stages.run('floor', () =>
    floorYear(
      owner,
      files.map(({ file }) => file),
    ),
  );
  return {
    name: 'year',
    figures: {
      residents: count,
      documents: reports.length,
      total_s: round(totalSeconds),
      intake_s: round(intake.taken.seconds),
      assess_s: round(assess.taken.seconds),
      checks_s: round(checked.taken.seconds),
      intake_cpu_s: round(intake.taken.nodeCpu + intake.taken.databaseCpu),
      assess_cpu_s: round(assess.taken.nodeCpu + assess.taken.databaseCpu),
      reassess_s: round(again.taken.seconds),
      reassessed: counts.again,
      whatif_s: round(whatIf.taken.seconds),
      rss_mb_max: rss,
      in: counts.in,
      accepted: counts.accepted,
      rejected: counts.in - counts.accepted,
    },
    floor: { total_s: round(floor.value) },
    checks: {
      every_document_accounted: counts.in === reports.length + changed.length && counts.waiting >= strangerCount,
      every_resident_assessed: counts.assessed === count - strangerCount,
      changes_alone_again: counts.again === changed.length,
      what_if_whole: whatIf.value.compared === counts.assessed && whatIf.value.differing > 0,
      rows_tied_to_log: await stillTied(owner),
    },
  };
}

/** As payers file them: ten thousand reports each. */
function filesOf(
  deps: Deps,
  sample: Parameters<typeof reportOf>[0],
  reports: readonly { readonly who: Someone; readonly kind: 'main' | 'second' }[],
): { readonly cover: ReturnType<typeof coverOf>; readonly file: Buffer }[] {
  const files: { readonly cover: ReturnType<typeof coverOf>; readonly file: Buffer }[] = [];
  for (let from = 0; from < reports.length; from += perFile) {
    const piece = reports.slice(from, from + perFile);
    const file = fileOf(
      piece.map(({ who, kind }) => ({
        ...reportOf(sample, who, kind),
        ...(isStranger(who.no) ? { individualNumber: undefined } : {}),
      })) as never,
    );
    files.push({ cover: coverOf(deps, file, piece.length, payerOf(files.length)), file });
  }
  return files;
}

async function load(deps: Deps, everyone: readonly Someone[], progress: (loaded: number) => void): Promise<void> {
  for (let from = 0; from < everyone.length; from += 200) {
    const persons = everyone.slice(from, from + 200).map((who) => changeOf(deps.newId, who));
    unwrap(
      await applyPersonLoad(deps, platform, {
        message: { loadId: deps.newId(), persons },
        messageId: deps.newId(),
        sender: 'meguro/common-platform',
        family: 'platform.person-load',
        number: from / 200 + 1,
        digest: new Uint8Array(32),
        bytes: 1,
      }),
    );
    progress(from + persons.length);
  }
}

const payerOf = (n: number) => ({
  payer: { corporateNumber: `901320100${`${n}`.padStart(4, '0')}`, name: `見本商事${n}株式会社` },
});

/** Two files at once: while one waits for the database the other is read. */
async function takeAll(
  deps: Deps,
  files: readonly { readonly cover: ReturnType<typeof coverOf>; readonly file: Uint8Array }[],
): Promise<void> {
  const waiting = [...files];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { intakeId } = unwrap(await receive(deps, next.cover, next.file));
      unwrap(await runBatch(deps, job, takeIn, { intakeId }));
    }
  };
  await Promise.all([work(), work()]);
}

async function countAll(owner: string, orderId: string) {
  return withClient(owner, async (client) => {
    const { rows } = await client.query(
      `select (select sum(record_count) from resident_tax.intake)::int as "in",
              (select sum(accepted_count) from resident_tax.intake_outcome)::int as accepted,
              (select count(*) from resident_tax.report_state where state <> 'linked')::int as waiting,
              (select count(distinct person_id) from resident_tax.assessment)::int as assessed,
              (select count(*) from resident_tax.batch_order_item where order_id = $1)::int as again`,
      [orderId],
    );
    return rows[0] as { in: number; accepted: number; waiting: number; assessed: number; again: number };
  });
}

/** Every levy, and some chunks of documents and of their first steps: digests made by the program are those of the rows. */
async function stillTied(owner: string): Promise<boolean> {
  return withClient(owner, async (client) => {
    const { rows } = await client.query<{ same: boolean; kinds: number; different: number }>(
      `with chosen as (
         (select * from audit.fact_batch where fact_table = 'resident_tax.report' order by event_id limit 4)
         union all (select * from audit.fact_batch where fact_table = 'resident_tax.match_step' order by event_id limit 4))
       select bool_and(b.root = audit.merkle_root(array(
                select audit.fact_leaf(b.fact_table, l.fact_key, l.digest) from audit.batch_leaves(b.fact_table, b.event_id) as l))) as same,
              count(distinct b.fact_table)::int as kinds,
              (select count(*)::int from audit.fact_differences('resident_tax.assessment')) as different
         from chosen as b`,
    );
    return rows[0]?.same === true && rows[0].kinds === 2 && rows[0].different === 0;
  });
}

/** Peak resident memory of this process in megabytes, looked at ten times a second. */
function watchMemory(): () => number {
  let peak = 0;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 100);
  return () => {
    clearInterval(timer);
    look();
    return Math.round(peak / 1_048_576);
  };
}

const since = (began: number): number => (performance.now() - began) / 1_000;
const round = (value: number): number => Math.round(value * 100) / 100;
