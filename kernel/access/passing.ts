import type { ActDeps } from '../db/act.ts';
import { withTransaction } from '../db/database.ts';
import { json } from '../db/sql.ts';

/**
 * What passes between two requests of a sign-in and then expires. No facts and nothing to answer for later: what came
 * of it is an event of the act that used it.
 */
export interface Passing {
  put(kind: string, key: string, payload: object, ttlSeconds: number, family?: string): Promise<void>;
  get<P extends object>(kind: string, key: string): Promise<P | undefined>;
  /** The first who takes it has it. */
  take<P extends object>(kind: string, key: string): Promise<P | undefined>;
  find<P extends object>(kind: string, field: string, value: string): Promise<P | undefined>;
  /** Marks it used, once: `consumed` in its payload, seconds since the epoch. */
  consume(kind: string, key: string): Promise<void>;
  remove(kind: string, key: string): Promise<void>;
  /** Everything that belongs together (an OpenID Connect grant). */
  removeFamily(family: string): Promise<void>;
}

export function createPassing({ db, machineClock }: Pick<ActDeps, 'db' | 'machineClock'>): Passing {
  const run = <T>(body: Parameters<typeof withTransaction<T>>[2]): Promise<T> =>
    withTransaction(db, 'access.passing', body);
  return {
    put: (kind, key, payload, ttlSeconds, family) =>
      run(async (tx) => {
        const now = machineClock.now();
        await tx`delete from access.passing where expires_at < ${now}`;
        await tx`insert into access.passing (kind, key, payload, family, expires_at)
          values (${kind}, ${key}, ${json(payload)}, ${family ?? null}, ${now.add({ seconds: Math.max(1, Math.trunc(ttlSeconds)) })})
          on conflict (kind, key) do update set payload = excluded.payload, family = excluded.family, expires_at = excluded.expires_at`;
      }),
    get: (kind, key) =>
      run(async (tx) => {
        const rows = await tx<{ payload: never }>`select payload from access.passing
          where kind = ${kind} and key = ${key} and expires_at >= ${machineClock.now()}`;
        return rows[0]?.payload;
      }),
    take: (kind, key) =>
      run(async (tx) => {
        const rows = await tx<{ payload: never }>`delete from access.passing
          where kind = ${kind} and key = ${key} and expires_at >= ${machineClock.now()} returning payload`;
        return rows[0]?.payload;
      }),
    find: (kind, field, value) =>
      run(async (tx) => {
        const rows = await tx<{ payload: never }>`select payload from access.passing
          where kind = ${kind} and payload ->> ${field} = ${value} and expires_at >= ${machineClock.now()}`;
        return rows[0]?.payload;
      }),
    consume: (kind, key) =>
      run(async (tx) => {
        const consumed = Math.floor(machineClock.now().epochMilliseconds / 1000);
        await tx`update access.passing set payload = payload || ${json({ consumed })}::jsonb
          where kind = ${kind} and key = ${key}`;
      }),
    remove: (kind, key) =>
      run(async (tx) => {
        await tx`delete from access.passing where kind = ${kind} and key = ${key}`;
      }),
    removeFamily: (family) =>
      run(async (tx) => {
        await tx`delete from access.passing where family = ${family}`;
      }),
  };
}
