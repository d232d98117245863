import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { type ActEvent, Json, type SqlValue, type Tx } from './sql.ts';

/** How to reach one instance's database. `url` names the role that the running system is: never the owner. */
export interface DatabaseConfig {
  readonly url: string;
  /** At most 4 connections an instance (design §2.3). */
  readonly poolSize?: number;
  readonly statementTimeoutMs?: number;
  /** Taken on at sign-in: maintenance that works as the owner. Never for a running system. */
  readonly role?: string;
}

/** A pool of connections to one database, as one role. Statements run only inside `act`, `look` and the kernel's own machinery. */
export interface Database {
  readonly name: string;
  readonly pool: pg.Pool;
  readonly config: DatabaseConfig;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const types = new pg.TypeOverrides();
const text = (value: string): string => value;
const safeInteger = (value: string): number => {
  const n = Number(value);
  if (!Number.isSafeInteger(n)) throw new RangeError('int8 beyond 2^53');
  return n;
};
types.setTypeParser(20, safeInteger);
for (const oid of [1082, 1083, 1114, 1184, 1186, 1266]) types.setTypeParser(oid, text);

export function openDatabase(config: DatabaseConfig): Database {
  const pool = new pg.Pool({
    connectionString: config.url,
    max: config.poolSize ?? 4,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 20_000,
    types,
    pipeline: true,
    options: `-c timezone=UTC -c datestyle=ISO -c statement_timeout=${config.statementTimeoutMs ?? 60_000} -c idle_in_transaction_session_timeout=120000${config.role === undefined ? '' : ` -c role=${config.role}`}`,
  } as pg.PoolConfig);
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  const close = async (): Promise<void> => {
    if (!pool.ended) await pool.end();
  };
  return { name: new URL(config.url).pathname.slice(1), pool, config, close, [Symbol.asyncDispose]: close };
}

interface Prepared {
  readonly text: string;
  readonly name: string;
}
const prepared = new WeakMap<TemplateStringsArray, Prepared>();

function prepare(strings: TemplateStringsArray): Prepared {
  const known = prepared.get(strings);
  if (known) return known;
  const statement = strings.reduce((all, part, i) => (i === 0 ? part : `${all}$${i}${part}`), '');
  const made = { text: statement, name: createHash('sha256').update(statement).digest('base64url').slice(0, 40) };
  prepared.set(strings, made);
  return made;
}

function toParameter(value: SqlValue): unknown {
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? value.toString() : value;
  if (value instanceof Json) return JSON.stringify(value.value);
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map((v) => toParameter(v as SqlValue));
  return value.toString();
}

export interface TransactionOptions {
  readonly readOnly?: boolean;
  /** Set at the very beginning, in the message that begins: to go back to without losing the transaction. */
  readonly savepoint?: string;
  /** Its statements are planned once a session, also those over lists of any length: for many short transactions of one kind. */
  readonly plansOnce?: boolean;
}

/**
 * The kernel's transaction: `act` and `look` stand on it, and the kernel's own loops (relay, sequencer, jobs).
 * Systems must not call it (checks/boundaries). Commits when `body` returns, rolls back when it throws; throws too
 * when the server answers COMMIT with ROLLBACK, which a pipelined connection reports as success.
 */
export async function withTransaction<T>(
  db: Database,
  eventId: string,
  body: (tx: Tx, recorded: () => ActEvent | undefined, beforeCommit: (last: () => Promise<void>) => void) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const client = await db.pool.connect();
  let broken: Error | undefined;
  let open = true;
  let event: ActEvent | undefined;
  let issued = 0;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);

  const sql = async (strings: TemplateStringsArray, ...values: readonly SqlValue[]): Promise<object[]> => {
    if (!open) throw new Error('the transaction has ended');
    const statement = prepare(strings);
    together(client);
    const asked = client.query({ ...statement, values: values.map(toParameter) });
    issued += 1;
    return (await asked).rows;
  };
  const tx = Object.assign(sql, {
    eventId,
    record(next: ActEvent): void {
      if (event !== undefined) throw new Error('an act records one event');
      event = next;
    },
    async copyIn(statement: string, chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>) {
      return unpipelined(client, async () => {
        const stream = client.query(copyFrom(statement));
        // One piece ahead and no more: the next one is made while the server takes the one before.
        await pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 1 }), stream);
        return stream.rowCount ?? 0;
      });
    },
    copyOut(statement: string): Readable {
      const switchable = client as unknown as { pipeline: boolean };
      switchable.pipeline = false;
      const stream = client.query(copyTo(statement));
      void once(stream, 'close').then(
        () => {
          switchable.pipeline = true;
        },
        () => {},
      );
      return stream;
    },
    cursor:
      <Row extends object>(size: number) =>
      (strings: TemplateStringsArray, ...values: readonly SqlValue[]): AsyncIterable<Row[]> =>
        readInBlocks<Row>(client, size, prepare(strings).text, values.map(toParameter)),
  }) as unknown as Tx;

  try {
    // Not awaited: it travels with the first statement. Its failure shows as the failure of that statement.
    together(client);
    const savepoint = options.savepoint === undefined ? '' : `; savepoint ${options.savepoint}`;
    const plans = options.plansOnce ? '; set local plan_cache_mode = force_generic_plan' : '';
    client.query(`${options.readOnly ? 'begin read only' : 'begin'}${plans}${savepoint}`).catch(() => {});
    let last: (() => Promise<void>) | undefined;
    const result = await body(
      tx,
      () => event,
      (statements) => {
        last = statements;
      },
    );
    // One write and one wait for both. Where one of them fails the server answers COMMIT with ROLLBACK.
    const before = issued;
    const written = last?.();
    // Nothing was asked of the server that could stop the commit: then it is the promise that must say so.
    if (issued === before) await written;
    open = false;
    const [commit] = await Promise.all([client.query('commit'), written]);
    if (commit.command !== 'COMMIT')
      throw new Error(`the transaction was rolled back by the server: ${commit.command}`);
    return result;
  } catch (error) {
    open = false;
    if (broken === undefined) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
    }
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** What is asked within one turn of the loop leaves in one write: a system call for each statement costs more than the statement. */
function together(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** COPY cannot share a pipelined connection, so the pipeline is emptied and set aside for its duration. */
async function unpipelined<T>(client: pg.PoolClient, run: () => Promise<T>): Promise<T> {
  await client.query('select 1');
  const switchable = client as unknown as { pipeline: boolean };
  switchable.pipeline = false;
  try {
    return await run();
  } finally {
    switchable.pipeline = true;
  }
}

let cursors = 0;
async function* readInBlocks<Row extends object>(
  client: pg.PoolClient,
  size: number,
  statement: string,
  values: unknown[],
): AsyncGenerator<Row[]> {
  const name = `block_${++cursors}`;
  await client.query(`declare ${name} no scroll cursor for ${statement}`, values);
  try {
    for (;;) {
      const { rows } = await client.query(`fetch ${Math.trunc(size)} from ${name}`);
      if (rows.length === 0) return;
      yield rows as Row[];
      if (rows.length < size) return;
    }
  } finally {
    await client.query(`close ${name}`).catch(() => {});
  }
}
