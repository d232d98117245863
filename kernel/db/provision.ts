import pg from 'pg';
import { type Database, openDatabase } from './database.ts';
import { migrate, type SchemaSet } from './migrate.ts';

/** What one instance gets from a server: its own database and its own two roles. */
export interface Provision {
  /** Name of the database; the roles are `<database>_owner` and `<database>_app`. */
  readonly database: string;
  readonly appPassword: string;
  readonly schemas: readonly SchemaSet[];
}

export const rolesOf = (database: string): { owner: string; app: string } => ({
  owner: `${database}_owner`,
  app: `${database}_app`,
});

/**
 * Makes or brings up to date the database of one instance: owner role (cannot sign in), application role (can, owns
 * nothing), database, schemas. Safe to repeat. `adminUrl` names a role with CREATEDB and CREATEROLE.
 *
 * @returns the address for the application role
 */
export async function provisionDatabase(adminUrl: string, provision: Provision): Promise<string> {
  const { owner, app } = rolesOf(provision.database);
  await withClient(adminUrl, async (admin) => {
    await assertServer(admin);
    await createRole(admin, owner, 'nologin');
    await createRole(admin, app, 'login');
    await admin.query(`alter role ${id(app)} with login password ${pg.escapeLiteral(provision.appPassword)}`);
    await admin.query(`grant ${id(owner)} to current_user`);
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [provision.database]);
    if (rowCount === 0) {
      await admin.query(`create database ${id(provision.database)} owner ${id(owner)} template template0
        encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C.UTF-8'`);
      await admin.query(`revoke all on database ${id(provision.database)} from public`);
      await admin.query(`grant connect on database ${id(provision.database)} to ${id(app)}`);
    }
  });
  await withClient(at(adminUrl, provision.database), async (client) => {
    await client.query('create extension if not exists pg_trgm');
    await assertJapaneseSearch(client);
    await client.query(`set role ${id(owner)}`);
    await client.query('revoke all on schema public from public');
    await migrate(client, provision.schemas, { owner, app });
    await client.query('reset role');
    await watchLogins(client);
  });
  return appUrl(adminUrl, provision.database, provision.appPassword);
}

export function appUrl(adminUrl: string, database: string, password: string): string {
  const url = new URL(at(adminUrl, database));
  url.username = rolesOf(database).app;
  url.password = password;
  return url.href;
}

/**
 * The owner's side of a database, for maintenance that builds what the application role may only read (a first load). One
 * connection, no short time limit: never the running system.
 */
export const openAsOwner = (adminUrl: string, database: string): Database =>
  openDatabase({
    url: named(at(adminUrl, database)),
    role: rolesOf(database).owner,
    poolSize: 1,
    statementTimeoutMs: 3_600_000,
  });

async function createRole(admin: pg.Client, name: string, login: 'login' | 'nologin'): Promise<void> {
  await admin
    .query(`create role ${id(name)} ${login} nosuperuser nocreatedb nocreaterole`)
    .catch((error: { code?: string }) => {
      // 42710: it exists; 23505: another start made it at the same moment.
      if (error.code !== '42710' && error.code !== '23505') throw error;
    });
}

async function assertServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ v: number }>(`select current_setting('server_version_num')::int as v`);
  if ((rows[0]?.v ?? 0) < 170_000) throw new Error('PostgreSQL 17 or newer is needed (DATABASE_URL)');
}

/**
 * The server calls `db_sessions.note_login` at every sign-in, an administrator's too. Only a superuser can order that; where the
 * administrator is none, the instance says at its start that nobody watches.
 */
async function watchLogins(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ may: boolean; there: boolean }>(
    `select (select rolsuper from pg_roles where rolname = current_user)
              and to_regprocedure('db_sessions.note_login()') is not null as may,
            exists (select from pg_event_trigger where evtname = 'musubi_sessions') as there`,
  );
  if (!rows[0]?.may || rows[0].there) return;
  await client.query('alter function db_sessions.note_login() owner to current_user');
  await client.query('create event trigger musubi_sessions on login execute function db_sessions.note_login()');
  await client.query('alter event trigger musubi_sessions enable always');
}

/** With LC_CTYPE C trigram search ignores Japanese without a word; better not to start at all. */
async function assertJapaneseSearch(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ n: number }>(`select cardinality(show_trgm('東京')) as n`);
  if ((rows[0]?.n ?? 0) === 0)
    throw new Error('this database ignores Japanese in trigram search: it needs the locale C.UTF-8');
}

/**
 * The marker that says "this server's databases with our prefix are a town's and may be dropped". `--fresh` refuses a
 * server without it, so that a wrong DATABASE_URL costs nothing.
 */
export async function dropTown(adminUrl: string, prefix: string): Promise<string[]> {
  return withClient(adminUrl, async (admin) => {
    const { rows: found } = await admin.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [`${prefix}_`],
    );
    const dropped: string[] = [];
    for (const { datname } of found) {
      const marked = await withClient(at(adminUrl, datname), async (c) => {
        const { rows } = await c.query<{ t: string | null }>(`select to_regclass('musubi.town_marker')::text as t`);
        return rows[0]?.t != null;
      });
      if (!marked)
        throw new Error(`database ${datname} has the prefix of the town but not its marker: it is not dropped`);
      await admin.query(`drop database ${id(datname)} with (force)`);
      dropped.push(datname);
    }
    const { rows: roles } = await admin.query<{ rolname: string }>(
      `select rolname from pg_roles where starts_with(rolname, $1) and (rolname like '%\\_owner' or rolname like '%\\_app')`,
      [`${prefix}_`],
    );
    for (const { rolname } of roles) await admin.query(`drop role ${id(rolname)}`);
    return dropped;
  });
}

export async function markTown(adminUrl: string, database: string): Promise<void> {
  await withClient(at(adminUrl, database), async (c) => {
    await c.query(`set role ${id(rolesOf(database).owner)}`);
    await c.query('create table if not exists musubi.town_marker (marked_at timestamptz not null default now())');
  });
}

export const at = (url: string, database: string): string => {
  const next = new URL(url);
  next.pathname = `/${database}`;
  return next.href;
};

/** The product's own door, as it calls itself at the server (kernel/db-sessions). */
function named(url: string): string {
  const next = new URL(url);
  next.searchParams.set('application_name', 'musubi-maintenance');
  return next.href;
}

export async function withClient<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: named(url) });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

const id = (name: string): string => pg.escapeIdentifier(name);
