import { type ActDeps, type Actor, act } from '../db/act.ts';
import { withTransaction } from '../db/database.ts';
import { type Notifications, runLoop } from '../db/listen.ts';
import type { Tx } from '../db/sql.ts';
import { countExpiredRequestKeys, sweepRequestKeys } from '../http/idempotency.ts';
import { ok, unwrap } from '../result/result.ts';
import type { KeyStore, KeyStoreUpkeep } from '../vault/key-store/key-store.ts';
import { carryOutErasures, countOpenErasures } from '../vault/sealed/erasure.ts';

export interface HousekeepingOptions {
  readonly deps: ActDeps;
  /** Of the organisation: its instances share it, and the first to come takes the day's backup. */
  readonly keyStore: KeyStore & KeyStoreUpkeep;
  readonly onError: (error: unknown, where: string) => void;
}

const job: Actor = { kind: 'job', name: 'housekeeping' };
const erasuresAtOnce = 100;
/** How often the loop looks whether the civil date has moved, or tries again what failed. */
const lookMs = 60_000;

type HouseDeps = ActDeps & { readonly keyStore: KeyStore };

const carryOut = act('sealed.carry-out-erasures', {
  right: ['sealed', 'erasure', 'update'],
  async run(tx, deps: HouseDeps, _command: null) {
    const carriedOut = await carryOutErasures(tx, deps, erasuresAtOnce);
    tx.record({ event: 'erasures.carried-out', detail: { count: carriedOut } });
    return ok(carriedOut);
  },
});

const sweep = act('http.sweep-request-keys', {
  right: ['http', 'request-key', 'update'],
  async run(tx, { machineClock }: ActDeps, _command: null) {
    const swept = await sweepRequestKeys(tx, machineClock.now());
    tx.record({ event: 'request-keys.swept', detail: { count: swept } });
    return ok(swept);
  },
});

const noteBackup = act('vault.note-key-store-upkeep', {
  right: ['vault', 'key-store', 'update'],
  async run(
    tx,
    _deps: ActDeps,
    done: { readonly taken: number; readonly keptUntil: string; readonly expired: number },
  ) {
    tx.record({ event: 'key-store.backed-up', detail: done });
    return ok(undefined);
  },
});

interface Task {
  readonly name: string;
  run(options: HousekeepingOptions): Promise<void>;
}

/** Each stands alone: one that fails holds up none of the others. An act is made only where there is something to do. */
const tasks: readonly Task[] = [
  {
    name: 'erasures',
    async run({ deps, keyStore }) {
      while ((await read(deps, countOpenErasures)) > 0) {
        const done = unwrap(await carryOut({ ...deps, keyStore }, job, null));
        if (done === 0) return;
      }
    },
  },
  {
    name: 'key-store-backup',
    async run({ deps, keyStore }) {
      const today = deps.civilClock.today();
      // Outside any transaction; the key store itself remembers what it made, also where the note below fails.
      const taken = await keyStore.backupOfDay(deps.machineClock.now(), today);
      const expired = await keyStore.expireBackups(today);
      if (taken === undefined && expired.length === 0) return;
      const keptUntil = taken?.expiresOn.toString() ?? '';
      unwrap(await noteBackup(deps, job, { taken: taken ? 1 : 0, keptUntil, expired: expired.length }));
    },
  },
  {
    name: 'request-keys',
    async run({ deps }) {
      if ((await read(deps, (tx) => countExpiredRequestKeys(tx, deps.machineClock.now()))) > 0)
        unwrap(await sweep(deps, job, null));
    },
  },
];

const read = (deps: ActDeps, query: (tx: Tx) => Promise<number>): Promise<number> =>
  withTransaction(deps.db, deps.newId(), query, { readOnly: true });

/**
 * The day's work of an instance: erasures that were ordered, the key store's backup and the end of old ones, request keys
 * past their time. `done` holds the civil date on which each task last ended well; what failed is reported and stays due.
 */
export async function keepHouse(options: HousekeepingOptions, done: Map<string, string>): Promise<void> {
  const today = options.deps.civilClock.today().toString();
  for (const task of tasks) {
    if (done.get(task.name) === today) continue;
    try {
      await task.run(options);
      done.set(task.name, today);
    } catch (error) {
      options.onError(error, `housekeeping-${task.name}`);
    }
  }
}

/** At the start, then once for each civil date, until `signal` aborts. */
export async function runHousekeeping(
  options: HousekeepingOptions,
  notifications: Notifications,
  signal: AbortSignal,
): Promise<void> {
  const done = new Map<string, string>();
  await runLoop({
    notifications,
    channel: 'housekeeping',
    signal,
    idleMs: lookMs,
    onError: (error) => options.onError(error, 'housekeeping'),
    async step() {
      await keepHouse(options, done);
      return 'idle';
    },
  });
}
