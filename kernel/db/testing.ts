import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { SettableCivilClock, tickingClock } from '../clocks/clock.ts';
import { uuidV7Maker } from '../ids/uuid.ts';
import { seededRandom } from '../random/random.ts';
import type { ActDeps, AuditEntry, AuditSink, Rights } from './act.ts';
import { type Database, openDatabase } from './database.ts';
import { startEmbedded } from './embedded.ts';
import { readMigrations, type SchemaSet } from './migrate.ts';
import { appUrl, at, provisionDatabase, rolesOf, withClient } from './provision.ts';

/** What a test gets: a database of its own, cloned from the template of its schema sets. */
export interface TestDatabase extends AsyncDisposable {
  readonly db: Database;
  readonly url: string;
  /** Clocks that tick, seeded randomness, everyone allowed, events kept in `events` unless a sink is given. */
  readonly deps: ActDeps & { readonly civilClock: SettableCivilClock };
  /** What acts recorded, where no sink was given. */
  readonly events: AuditEntry[];
  /** Looks (or tampers) as the owner, behind the system's back. */
  owner<Row extends pg.QueryResultRow = Record<string, unknown>>(statement: string, values?: unknown[]): Promise<Row[]>;
}

export interface TestDatabaseOptions {
  readonly audit?: AuditSink;
  readonly rights?: Rights;
  readonly seed?: string;
  /** First reading of the machine clock. */
  readonly now?: string;
  readonly today?: string;
}

const root = path.resolve(fileURLToPath(import.meta.url), '../../..');
export const everyoneAllowed: Rights = { allows: async () => true };

export async function testDatabase(
  schemas: readonly SchemaSet[],
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const adminUrl = await testServer();
  const template = await templateFor(adminUrl, schemas);
  const name = `t_${randomBytes(8).toString('hex')}`;
  await withClient(adminUrl, (c) => c.query(`create database ${name} template ${template} strategy file_copy`));
  const url = at(appUrl(adminUrl, template, templatePassword), name);
  const db = openDatabase({ url });
  const owner = new pg.Client({ connectionString: at(adminUrl, name) });
  await owner.connect();
  const machineClock = tickingClock(options.now ?? '2026-06-01T00:00:00Z');
  const random = seededRandom(options.seed ?? 'test');
  const events: AuditEntry[] = [];
  const deps = {
    db,
    machineClock,
    civilClock: new SettableCivilClock(options.today ?? '2026-06-01'),
    random,
    newId: uuidV7Maker(machineClock, random),
    rights: options.rights ?? everyoneAllowed,
    audit: options.audit ?? {
      async write(_tx: unknown, entry: AuditEntry) {
        events.push(entry);
      },
    },
  };
  const dispose = async (): Promise<void> => {
    await db.close();
    await owner.end();
    await withClient(adminUrl, (c) => c.query(`drop database if exists ${name} with (force)`));
  };
  return {
    db,
    url,
    deps,
    events,
    async owner(statement, values) {
      return (await owner.query(statement, values)).rows as never;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

const templatePassword = 'template';
const templates = new Map<string, Promise<string>>();

function templateFor(adminUrl: string, schemas: readonly SchemaSet[]): Promise<string> {
  const key = schemas.map((s) => s.directory.href).join('|');
  let made = templates.get(key);
  if (!made) {
    made = makeTemplate(adminUrl, schemas);
    templates.set(key, made);
  }
  return made;
}

async function makeTemplate(adminUrl: string, schemas: readonly SchemaSet[]): Promise<string> {
  const migrations = await readMigrations(schemas);
  const digest = createHash('sha256').update(JSON.stringify(migrations.map((m) => [m.set, m.file, m.checksum])));
  const name = `template_${digest.digest('hex').slice(0, 24)}`;
  await withClient(adminUrl, async (c) => {
    // Two test processes must not build the same template at once.
    await c.query('select pg_advisory_lock(hashtext($1))', [name]);
    try {
      const { rows } = await c.query<{ ready: boolean }>(
        'select datistemplate as ready from pg_database where datname = $1',
        [name],
      );
      if (rows[0]?.ready) return;
      if (rows.length > 0) await c.query(`drop database ${name} with (force)`);
      await provisionDatabase(adminUrl, { database: name, appPassword: templatePassword, schemas });
      await c.query(`alter database ${name} with is_template true`);
    } finally {
      await c.query('select pg_advisory_unlock(hashtext($1))', [name]);
    }
  });
  return name;
}
/** The owner role of a template's clones; for tests that look at grants. */
export const templateRoles = rolesOf;

/**
 * The server for tests: the one that `npm test` started, else a shared one of this checkout that the first test file
 * starts and that stays up for the next.
 */
export async function testServer(): Promise<string> {
  const given = process.env.MUSUBI_TEST_POSTGRES;
  if (given) return given;
  const directory = path.join(process.env.MUSUBI_HOME ?? path.join(root, '.musubi'), 'test-postgres');
  await mkdir(directory, { recursive: true });
  const lock = path.join(directory, 'starting');
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch {
      // A starter that died leaves its lock behind.
      const heldSince = await stat(lock).then((found) => found.mtimeMs, nowMs);
      if (nowMs() - heldSince > 60_000) await rm(lock, { recursive: true, force: true });
      await delay(100);
    }
  }
  try {
    return (await startEmbedded({ directory, unsafeFast: true, detached: true })).adminUrl;
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}
const nowMs = (): number => Temporal.Now.instant().epochMilliseconds;
