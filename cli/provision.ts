/**
 * Makes the databases that a configuration names, with roles and schemas, or brings them up to date:
 * `DATABASE_URL=postgres://… npm run -s node -- cli/provision.ts CONFIG`. Exit codes: 0 done, 2 it could not be done.
 */
import { parseArgs } from 'node:util';
import { provisionDatabase, rolesOf } from '@musubi/kernel/db/provision.ts';
import { type OrganisationConfig, readOrganisationConfig } from '@musubi/kernel/serve/config.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { loadDefinitions } from './definitions.ts';

/** What `database.url` of an instance says: its database, and the password of the role that the running system is. */
function wanted(id: string, url: string): { readonly database: string; readonly appPassword: string } {
  const { pathname, username, password } = new URL(url);
  const database = decodeURIComponent(pathname.slice(1));
  const { app } = rolesOf(database);
  if (decodeURIComponent(username) !== app) throw new Error(`${id}: database.url must sign in as ${app}`);
  if (password === '') throw new Error(`${id}: database.url has no password`);
  return { database, appPassword: decodeURIComponent(password) };
}

async function provision(config: OrganisationConfig, adminUrl: string): Promise<void> {
  const definitions = await loadDefinitions(config.instances.map((i) => i.system));
  for (const instance of config.instances) {
    const id = `${config.organisation}/${instance.system}`;
    const schemas = [...kernelSchemas, ...definitions.get(instance.system)!.schemas];
    await provisionDatabase(adminUrl, { ...wanted(id, instance.database.url), schemas });
    console.log(`✓ ${id}`);
  }
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
const [file] = positionals;
const adminUrl = process.env.DATABASE_URL;
if (values.help || file === undefined || adminUrl === undefined) {
  console.log('DATABASE_URL=postgres://… npm run -s node -- cli/provision.ts CONFIG');
  console.log('  DATABASE_URL: a role with CREATEDB and CREATEROLE on PostgreSQL 17 or newer.');
  process.exit(values.help ? 0 : 2);
}
try {
  await provision(await readOrganisationConfig(file), adminUrl);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
