import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { at, withClient } from '@musubi/kernel/db/provision.ts';
import { measureBulk } from './register/bulk.ts';
import { appPassword, database, measureLoad, requireDisk } from './register/load.ts';
import { measureLookup } from './register/lookup.ts';
import { type LoadedRegister, run as runNotices } from './register/notices.ts';
import { prepareFiles } from './register/prepare.ts';
import { run as runReconcile } from './register/reconcile.ts';
import { measureSearch } from './register/search.ts';

export interface RegisterOptions {
  /** The whole of Tokyo, 14,000,000, where nothing is said. */
  readonly residents?: number | undefined;
  /** For the run that looks at correctness: shorter measurements, and a server that does not wait for the disk. */
  readonly brief?: boolean;
}

export interface RegisterBench {
  readonly name: 'register';
  readonly figures: Readonly<Record<string, number>>;
  readonly floor: Readonly<Record<string, number>>;
  readonly checks: Readonly<Record<string, boolean>>;
}

/** A register of Tokyo's size: loaded from prepared files, asked, searched, changed, given in bulk and compared. */
export async function run(options: RegisterOptions = {}): Promise<RegisterBench> {
  const residents = options.residents ?? 14_000_000;
  const prepared = fileURLToPath(new URL(`../.musubi/bench/register-${residents}`, import.meta.url));
  await mkdir(path.dirname(prepared), { recursive: true });
  await requireDisk(path.dirname(prepared), residents);
  say('people are prepared');
  const files = await prepareFiles(prepared, residents);
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-register-'));
  await chmod(home, 0o711); // the database server may run as another user
  const brief = options.brief === true;
  const postgres = path.join(home, 'postgres');
  const server = await startEmbedded({ directory: postgres, unsafeFast: brief, settings: settingsFor(residents) });
  try {
    const keysDirectory = path.join(home, 'keys');
    const load = await step('load', () => measureLoad(server.adminUrl, { files, residents, keysDirectory }));
    const { adminUrl, pid: serverPid } = server;
    const ctx: LoadedRegister = { adminUrl, serverPid, database, appPassword, residents, keysDirectory, home };
    const search = await step('searches', () =>
      measureSearch(ctx, brief ? { full: 200, partial: 60 } : { full: 8_000, partial: 1_000 }),
    );
    const lookup = await step('look-ups', () =>
      measureLookup(ctx, brief ? { warmMs: 200, forMs: 2_000 } : { warmMs: 6_000, forMs: 15_000 }),
    );
    const bulk = await step('bulk provision', () =>
      measureBulk(ctx, brief ? 2_000 : Math.min(100_000, Math.floor(residents / 2))),
    );
    const notices = await step('notices', () => runNotices(ctx, brief ? 800 : 40_000));
    const reconcile = await step('reconciliation', () => runReconcile(ctx));
    const tied = await step('rows and log', () => stillTied(ctx));
    return {
      name: 'register',
      figures: rounded({
        residents,
        load_min: load.seconds / 60,
        disk_gb: load.bytes / 1e9,
        lookup_per_s: lookup.product.perSecond,
        lookup_p50_ms: lookup.product.p50,
        lookup_p99_ms: lookup.product.p99,
        lookup_cpu_ms: lookup.product.cpuMs,
        lookup_ratio: lookup.product.p50 / lookup.floor.p50,
        search_per_s: search.full.perSecond,
        search_p50_ms: search.full.p50,
        search_p99_ms: search.full.p99,
        partial_p95_ms: search.partial.p95,
        notices_per_s: notices.notices_per_s,
        drain_per_s: notices.drain_per_s,
        bulk_100k_s: bulk.bulk_100k_s,
        bulk_keys: bulk.keys,
        reconcile_s: reconcile.reconcile_s,
        reconcile_found: reconcile.reconcile_found,
        reconcile_false: reconcile.reconcile_false,
        reconcile_mb: reconcile.reconcile_mb,
        reconcile_records: reconcile.records,
      }),
      floor: rounded({
        lookup_per_s: lookup.floor.perSecond,
        lookup_p50_ms: lookup.floor.p50,
        lookup_p99_ms: lookup.floor.p99,
        lookup_cpu_ms: lookup.floor.cpuMs,
      }),
      checks: {
        everyone_loaded: load.counts.rows === residents && load.counts.numbers === residents,
        rows_tied_to_log: tied,
        every_lookup_right: Object.keys(lookup.product.wrong).length === 0,
        ...search.checks,
        ...notices.checks,
        ...bulk.checks,
        reconcile_exact: reconcile.reconcile_found === 50 && reconcile.reconcile_false === 0,
      },
    };
  } finally {
    await server.stop();
    if (process.env.MUSUBI_BENCH_KEEP === undefined) await rm(home, { recursive: true, force: true });
    else say(`kept in ${home}`);
  }
}

/** What an operator of such a register sets: it fits in memory, and a load writes far more than a checkpoint's worth. */
const settingsFor = (residents: number): Readonly<Record<string, string>> =>
  residents < 1_000_000
    ? {}
    : { shared_buffers: '2GB', max_wal_size: '16GB', checkpoint_timeout: '30min', effective_cache_size: '12GB' };

/** One file of the load, some envelopes of notices, the order: digests made by the program are those of the log, from rows to root. */
async function stillTied({ adminUrl, database: name }: LoadedRegister): Promise<boolean> {
  return withClient(at(adminUrl, name), async (client) => {
    const { rows } = await client.query<{ same: boolean; kinds: number }>(
      `with some as (
         (select * from audit.fact_batch where event_id in (select event_id from prefectural_juki.loaded_file) order by count limit 1)
         union all (select * from audit.fact_batch where fact_table = 'prefectural_juki.identification' and count <= 100 limit 3)
         union all (select * from audit.fact_batch where fact_table = 'prefectural_juki.provision_record' order by count limit 3)
         union all (select * from audit.fact_batch where fact_table = 'prefectural_juki.provision_record' order by count desc limit 1))
       select bool_and(b.root = audit.merkle_root(array(
                select audit.fact_leaf(b.fact_table, l.fact_key, l.digest) from audit.batch_leaves(b.fact_table, b.event_id) as l))) as same,
              count(distinct b.fact_table)::int as kinds
         from some as b`,
    );
    return rows[0]?.same === true && rows[0].kinds === 2;
  });
}

const say = (what: string): void =>
  console.error(`register: ${what} (after ${Math.round(performance.now() / 1_000)} s)`);

/** Tells what each step gave when it ends: at fourteen million the whole takes its time. */
async function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  say(what);
  const result = await run();
  say(`${what}: ${JSON.stringify(result)}`);
  return result;
}

const rounded = (values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Math.round(value * 100) / 100]));
