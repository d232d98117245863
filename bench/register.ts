import { at, withClient } from '@musubi/kernel/db/provision.ts';
import { measureBulk } from './register/bulk.ts';
import { rounded, step, withRegister } from './register/home.ts';
import { measureLookup } from './register/lookup.ts';
import { type LoadedRegister, run as runNotices } from './register/notices.ts';
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
  const brief = options.brief === true;
  return withRegister({ residents, brief }, async (ctx, load) => {
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
  });
}

/** One file of the load, some envelopes of notices, the order: digests made by the program are those of the log, from rows to root. */
async function stillTied({ adminUrl, database: name }: LoadedRegister): Promise<boolean> {
  return withClient(at(adminUrl, name), async (client) => {
    const { rows } = await client.query<{ same: boolean; kinds: number }>(
      `with chosen as (
         (select * from audit.fact_batch where event_id in (select event_id from prefectural_juki.loaded_file) order by count limit 1)
         union all (select * from audit.fact_batch where fact_table = 'prefectural_juki.identification' and count <= 100 limit 3)
         union all (select * from audit.fact_batch where fact_table = 'streams.incoming' limit 3)
         union all (select * from audit.fact_batch where fact_table = 'prefectural_juki.provision_record' order by count limit 3)
         union all (select * from audit.fact_batch where fact_table = 'prefectural_juki.provision_record' order by count desc limit 1))
       select bool_and(b.root = audit.merkle_root(array(
                select audit.fact_leaf(b.fact_table, l.fact_key, l.digest) from audit.batch_leaves(b.fact_table, b.event_id) as l))) as same,
              count(distinct b.fact_table)::int as kinds
         from chosen as b`,
    );
    return rows[0]?.same === true && rows[0].kinds === 3;
  });
}
