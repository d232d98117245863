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

/** Where the databases spent their time, function by function, in milliseconds. */
export async function writeFunctionTimes(
  adminUrl: string,
  places: Pick<Places, 'databaseOf'>,
  folder: string,
): Promise<void> {
  const times: Record<string, unknown> = {};
  for (const id of [...Object.keys(facts), 'ins/linkage-root']) {
    times[id] = await withClient(at(adminUrl, places.databaseOf(id)), async (client) => {
      const { rows } = await client.query(
        `select schemaname || '.' || funcname as function, calls::int, round(total_time::numeric, 1)::float as total_ms,
                round(self_time::numeric, 1)::float as self_ms from pg_stat_user_functions order by total_time desc limit 12`,
      );
      return rows;
    });
  }
  await writeFile(path.join(folder, 'database-functions.json'), JSON.stringify(times, null, 2));
}
