import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Database } from './database.ts';

/** How long a loop sleeps at most when nothing wakes it (design §2.3); none polls faster than a second. */
export const fallbackMs = 5_000;

/**
 * One connection per instance that hears NOTIFY for all its loops. A lost connection is made again; while it is away
 * the loops run on their fallback.
 */
export class Notifications {
  readonly #db: Database;
  readonly #waiting = new Map<string, Set<() => void>>();
  #client: pg.Client | undefined;
  #closed = false;
  #connecting: Promise<void> | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  async #connect(): Promise<void> {
    if (this.#client || this.#closed) return;
    const client = new pg.Client({ connectionString: this.#db.config.url });
    client.on('error', () => {
      if (this.#client === client) this.#client = undefined;
    });
    client.on('end', () => {
      if (this.#client === client) this.#client = undefined;
    });
    client.on('notification', ({ channel }) => this.#wake(channel));
    await client.connect();
    for (const channel of this.#waiting.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    if (this.#closed) await client.end();
    else this.#client = client;
  }

  #wake(channel: string): void {
    const waiters = this.#waiting.get(channel);
    if (!waiters) return;
    for (const wake of [...waiters]) wake();
  }

  /** Begins to hear `channel`; call before the first look at the table, so that nothing is missed in between. */
  async hear(channel: string): Promise<void> {
    if (!this.#waiting.has(channel)) {
      this.#waiting.set(channel, new Set());
      await this.#client?.query(`listen ${pg.escapeIdentifier(channel)}`);
    }
    await this.#ensure();
  }

  async #ensure(): Promise<void> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    await this.#connecting.catch(() => {});
  }

  /** Sleeps until `channel` is notified, `signal` aborts or `timeoutMs` have passed. */
  async wait(channel: string, signal: AbortSignal, timeoutMs = fallbackMs): Promise<void> {
    if (signal.aborted) return;
    if (!this.#client) await this.#ensure();
    const stop = new AbortController();
    const wake = (): void => stop.abort();
    this.#waiting.get(channel)?.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    try {
      await delay(timeoutMs, undefined, { signal: stop.signal });
    } catch {
      // woken
    } finally {
      this.#waiting.get(channel)?.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting?.catch(() => {});
    await this.#client?.end().catch(() => {});
  }
}

/**
 * Runs `step` again and again: at once while it says there is more, else after the next NOTIFY on `channel`, else
 * after the fallback. A step that throws is reported and tried again after a pause that grows to 5 s.
 */
export async function runLoop(options: {
  readonly notifications: Notifications;
  readonly channel: string;
  readonly signal: AbortSignal;
  readonly step: () => Promise<'more' | 'idle'>;
  readonly onError: (error: unknown) => void;
  readonly idleMs?: number;
}): Promise<void> {
  const { notifications, channel, signal, step, onError } = options;
  await notifications.hear(channel);
  let failures = 0;
  // Armed before the step looks, so that a NOTIFY which comes while it works is not lost.
  while (!signal.aborted) {
    const armed = new AbortController();
    const stop = (): void => armed.abort();
    signal.addEventListener('abort', stop, { once: true });
    const next = notifications.wait(channel, armed.signal, options.idleMs ?? fallbackMs);
    try {
      const outcome = await step();
      failures = 0;
      if (outcome === 'more') armed.abort();
      await next;
    } catch (error) {
      if (!signal.aborted) onError(error);
      failures += 1;
      armed.abort();
      await next;
      await delay(Math.min(1_000 * failures, fallbackMs), undefined, { signal }).catch(() => {});
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
