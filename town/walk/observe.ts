import { at, withClient } from '@musubi/kernel/db/provision.ts';
import type { Town } from '../open-town.ts';

/** Name of an instance's database on the town's server. */
export const databaseOf = (town: Town, instance: string): string => {
  const url = town.plan.databaseUrls.get(instance);
  if (!url) throw new Error(`there is no instance ${instance}`);
  return new URL(url).pathname.slice(1);
};

/** Address of an instance's database for the server's administrator: for looking and, in copies, for tampering. */
export const adminUrlOf = (town: Town, instance: string): string => at(town.adminUrl, databaseOf(town, instance));

/**
 * Looks into a database as an auditor with the administrator's rights would: for counts and for waiting until something
 * arrived. The walk changes nothing this way, except in copies.
 */
export const observe = <Row extends object>(
  town: Town,
  instance: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> =>
  withClient(adminUrlOf(town, instance), async (client) => (await client.query(sql, values)).rows as Row[]);

export async function count(town: Town, instance: string, sql: string, values: unknown[] = []): Promise<number> {
  const [row] = await observe<{ n: string | number }>(
    town,
    instance,
    `select count(*)::int as n from (${sql}) as counted`,
    values,
  );
  return Number(row?.n ?? 0);
}
