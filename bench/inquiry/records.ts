import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { at, withClient } from '@musubi/kernel/db/provision.ts';
import type { Places } from './places.ts';

export interface Records {
  /** Answered inquiries by side and table. */
  readonly counts: Readonly<Record<string, number>>;
  /** One digest over the sorted inquiry numbers of each: one value where all sides know the same. */
  readonly digests: ReadonlySet<string>;
  readonly keysLeft: number;
  /** Rows of fact tables that are not as the log has them. */
  readonly differences: number;
  /** Events that the log has not numbered. */
  readonly unnumbered: number;
}

const sides = [
  ['tokyo/intermediate-server', 'asker', `intermediate_server.exchange_record where role = 'asker' and result = '00'`],
  ['tokyo/intermediate-server', 'result', `intermediate_server.inquiry_result where result = '00'`],
  [
    'meguro/intermediate-server',
    'provider',
    `intermediate_server.exchange_record where role = 'provider' and result = '00'`,
  ],
  ['ins/information-providing-network', 'permit', 'information_providing_network.inquiry where true'],
  ['ins/information-providing-network', 'outcome', `information_providing_network.outcome where result = '00'`],
] as const;
/** Places of an inquiry whose databases are looked into. */
export const timedPlaces = [
  'tokyo/intermediate-server',
  'meguro/intermediate-server',
  'ins/information-providing-network',
  'ins/linkage-root',
] as const;
const facts = {
  'tokyo/intermediate-server': ['inquiry', 'inquiry_result', 'exchange_record'].map((t) => `intermediate_server.${t}`),
  'meguro/intermediate-server': ['accepted_permit', 'provision', 'exchange_record'].map(
    (t) => `intermediate_server.${t}`,
  ),
  'ins/information-providing-network': ['inquiry', 'outcome'].map((t) => `information_providing_network.${t}`),
} as const;

/** What stands on every side afterwards, read behind the systems' backs. */
export async function readRecords(adminUrl: string, places: Pick<Places, 'databaseOf'>): Promise<Records> {
  const one = <T>(id: string, statement: string): Promise<T> =>
    withClient(at(adminUrl, places.databaseOf(id)), async (client) => (await client.query(statement)).rows[0] as T);
  const counts: Record<string, number> = {};
  const digests = new Set<string>();
  for (const [id, side, from] of sides) {
    const row = await one<{ n: number; digest: string }>(
      id,
      `select count(*)::int as n, md5(coalesce(string_agg(inquiry_number::text, ',' order by inquiry_number), '')) as digest from ${from}`,
    );
    counts[side] = row.n;
    digests.add(row.digest);
  }
  let differences = 0;
  let unnumbered = 0;
  for (const [id, tables] of Object.entries(facts)) {
    for (const table of tables)
      differences += (await one<{ n: number }>(id, `select count(*)::int as n from audit.fact_differences('${table}')`))
        .n;
    for (let tries = 0; tries < 30; tries++) {
      const { n } = await one<{ n: number }>(id, 'select count(*)::int as n from audit.intake_event');
      if (n === 0) break;
      if (tries === 29) unnumbered += n;
      await delay(100);
    }
  }
  const { n: keysLeft } = await one<{ n: number }>(
    'tokyo/intermediate-server',
    'select count(*)::int as n from intermediate_server.inquiry_key',
  );
  return { counts, digests, keysLeft, differences, unnumbered };
}

/** When the logs of the exchange were signed, milliseconds since 1970. */
export async function checkpointMoments(adminUrl: string, places: Pick<Places, 'databaseOf'>): Promise<number[]> {
  const moments: number[] = [];
  for (const id of Object.keys(facts)) {
    const rows = await withClient(at(adminUrl, places.databaseOf(id)), async (client) => {
      const found = await client.query(
        'select extract(epoch from signed_at)::float8 * 1000 as at from audit.checkpoint',
      );
      return found.rows as { at: number }[];
    });
    moments.push(...rows.map((row) => row.at));
  }
  return moments;
}

/** Settings of a server whose times are written down. */
export const timedDatabase = {
  track_functions: 'all',
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
};

/** Where the databases of these places spent their time, milliseconds by function and by statement. */
export async function writeDatabaseTimes(
  adminUrl: string,
  places: Pick<Places, 'databaseOf'>,
  ids: readonly string[],
  folder: string,
): Promise<void> {
  await withClient(adminUrl, (client) => client.query('create extension if not exists pg_stat_statements'));
  const times: Record<string, unknown> = {};
  for (const id of ids) {
    const functions = await withClient(at(adminUrl, places.databaseOf(id)), async (client) => {
      const { rows } = await client.query(
        `select schemaname || '.' || funcname as function, calls::int, round(total_time::numeric, 1)::float as total_ms,
                round(self_time::numeric, 1)::float as self_ms from pg_stat_user_functions order by total_time desc limit 12`,
      );
      return rows;
    });
    const statements = await withClient(adminUrl, async (client) => {
      const { rows } = await client.query(
        `select left(regexp_replace(query, '\\s+', ' ', 'g'), 160) as statement, calls::int, rows::int, toplevel,
                round(total_exec_time::numeric, 1)::float as total_ms
           from pg_stat_statements where dbid = (select oid from pg_database where datname = $1)
          order by total_exec_time desc limit 40`,
        [places.databaseOf(id)],
      );
      return rows;
    });
    times[id] = { functions, statements };
  }
  await writeFile(path.join(folder, 'database-times.json'), JSON.stringify(times, null, 2));
}
