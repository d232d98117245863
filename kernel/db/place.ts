import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** Any constant will do, as long as every version of the program uses the same one; locks are kept apart by database. */
const placeLock = 4_206_003;

/** The one place in which a process may serve from a database. */
export interface Place {
  /** False while its connection is away: nobody knows then who holds it, so nothing may be answered. */
  isHeld(): boolean;
  release(): Promise<void>;
}

export interface PlaceOptions {
  readonly url: string;
  /** Names this process among the connections of the database. */
  readonly holder: string;
  /** How long one that is ending may take to leave. */
  readonly patienceMs: number;
  /** Another process holds the place that this one lost with its connection. */
  readonly onDisplaced: () => void;
}

/**
 * Takes the place, for as long as this process has its connection: a lock of the session, so that a process that dies leaves it at
 * once. One that loses the connection holds nothing until it has the place again.
 *
 * @returns the holder's name where another one has it
 */
export async function takePlace(
  options: PlaceOptions,
): Promise<{ readonly place: Place } | { readonly takenBy: string }> {
  const until = performance.now() + options.patienceMs;
  let held: pg.Client | undefined;
  let isReleased = false;

  const keep = (client: pg.Client): void => {
    held = client;
    client.once('end', () => {
      held = undefined;
      if (!isReleased) void again();
    });
  };
  const again = async (): Promise<void> => {
    while (!isReleased) {
      const tried = await attempt(options).catch(() => undefined);
      if (typeof tried === 'string') return options.onDisplaced();
      if (tried !== undefined) {
        if (isReleased) await tried.end();
        else keep(tried);
        return;
      }
      await delay(250);
    }
  };

  for (;;) {
    const tried = await attempt(options);
    if (typeof tried !== 'string') {
      keep(tried);
      break;
    }
    if (performance.now() >= until) return { takenBy: tried };
    await delay(100);
  }
  return {
    place: {
      isHeld: () => held !== undefined,
      async release() {
        isReleased = true;
        await held?.end();
      },
    },
  };
}

/** The connection that holds the place, or the name of who has it. */
async function attempt({ url, holder }: PlaceOptions): Promise<pg.Client | string> {
  const client = new pg.Client({ connectionString: url, application_name: holder, keepAlive: true });
  // A connection that breaks ends; what follows from that is decided there.
  client.on('error', () => {});
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [placeLock]);
      if (rows[0]!.got) return client;
      const [other] = (
        await client.query<{ pid: number; name: string }>(
          `select a.pid, a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
            where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and l.objid = $1
              and l.database = (select oid from pg_database where datname = current_database())`,
          [placeLock],
        )
      ).rows;
      if (other !== undefined && other.name !== holder) {
        await client.end();
        return other.name;
      }
      // Our own connection of before: the server has not seen yet that it is gone.
      if (other !== undefined) await client.query('select pg_terminate_backend($1)', [other.pid]);
      await delay(20);
    }
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}
