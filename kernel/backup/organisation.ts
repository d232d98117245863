import path from 'node:path';
import type { MachineClock } from '../clocks/clock.ts';
import { tokyoCivilClock } from '../clocks/clock.ts';
import { at, markTown, provisionDatabase, withClient } from '../db/provision.ts';
import type { NewId } from '../ids/uuid.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { OrganisationConfig } from '../serve/config.ts';
import type { SystemDefinition } from '../serve/host.ts';
import { kernelSchemas } from '../serve/schemas.ts';
import type { BackupDeps } from './backup.ts';
import { dropInstanceDatabase, type Restored, type RestoreFault, restoreBackup } from './restore.ts';
import { runBackupDay, runDrill } from './run-day.ts';
import { BackupStore, type Drill, type Verified } from './store.ts';
import { backupWatchChannel } from './watch.ts';

/** What operations have and no running system: the server's administrator, the folder of the backups, and their key. */
export interface BackupOperations {
  readonly config: OrganisationConfig;
  readonly adminUrl: string;
  /** One folder a system below it. */
  readonly folder: string;
  /** 32 bytes, kept apart from folder and databases. */
  readonly key: Uint8Array;
  readonly definitions: ReadonlyMap<string, Pick<SystemDefinition, 'schemas'>>;
  readonly machineClock: MachineClock;
  readonly newId: NewId;
}

export interface BackupReport {
  readonly instance: string;
  readonly day: Result<{ readonly taken: Verified | undefined; readonly expired: number }, string>;
  readonly drill: Result<Drill, RestoreFault> | undefined;
}

type Instance = OrganisationConfig['instances'][number];

const databaseOf = ({ database }: Instance): string => decodeURIComponent(new URL(database.url).pathname.slice(1));
const depsOf = ({ adminUrl, folder, key, machineClock, newId }: BackupOperations, instance: Instance): BackupDeps => ({
  source: { adminUrl, database: databaseOf(instance) },
  store: new BackupStore(path.join(folder, instance.system), key),
  machineClock,
  newId,
});
const schemasOf = ({ definitions }: BackupOperations, { system }: Instance) => [
  ...kernelSchemas,
  ...(definitions.get(system)?.schemas ?? []),
];

/** The law's day at this instance: Tokyo's, in a town the one to which its conductor moved it. */
async function dayOf({ adminUrl, config }: BackupOperations, instance: Instance): Promise<Temporal.PlainDate> {
  if (!config.town) return tokyoCivilClock.today();
  return withClient(at(adminUrl, databaseOf(instance)), async (client) => {
    const { rows } = await client.query<{ on: string | null }>(
      'select max(civil_on)::text as "on" from serve.civil_date',
    );
    return Temporal.PlainDate.from(rows[0]?.on ?? config.civilDate ?? tokyoCivilClock.today());
  });
}

/** One instance after the other: the backup that is due, the end of old ones, and with `drill` a restore that is compared. */
export async function* backUpOrganisation(
  operations: BackupOperations,
  { keepDays, drill }: { readonly keepDays: number; readonly drill: boolean },
): AsyncGenerator<BackupReport> {
  const { config } = operations;
  for (const i of config.instances) {
    const instance = `${config.organisation}/${i.system}`;
    const deps = depsOf(operations, i);
    const today = await dayOf(operations, i);
    const day = await runBackupDay(deps, { instance, today, keepDays });
    const drilled = drill ? await runDrill(deps, { instance, today, schemas: schemasOf(operations, i) }) : undefined;
    await tellWatch(operations, i);
    yield { instance, day, drill: drilled };
  }
}

/** The instance looks each hour; told, it looks at once. */
const tellWatch = ({ adminUrl }: BackupOperations, instance: Instance): Promise<unknown> =>
  withClient(at(adminUrl, databaseOf(instance)), (client) =>
    client.query(`select pg_notify('${backupWatchChannel}', '')`),
  );

export interface RestoreOrder {
  readonly system: string;
  /** The newest verified one where none is named. */
  readonly backupId?: string | undefined;
  /** Name of the database that is made; the one in use stays as it is until the configuration names the other. */
  readonly into: string;
}
export interface RestoredInstance extends Restored {
  readonly instance: string;
  /** Address of the restored database for the application role, with the password that the instance has. */
  readonly url: string;
  readonly takenOn: string;
}

/**
 * 復元: a backup into a database made for it, beside the one in use. Whoever runs it compares the log with the rows next
 * (`musubi audit verify`), then names the new database in the configuration.
 */
export async function restoreInstance(
  operations: BackupOperations,
  order: RestoreOrder,
): Promise<Result<RestoredInstance, RestoreFault | 'no-such-instance' | 'database-exists'>> {
  const { config, adminUrl } = operations;
  const i = config.instances.find(({ system }) => system === order.system);
  if (!i) return err('no-such-instance');
  const instance = `${config.organisation}/${i.system}`;
  const { store } = depsOf(operations, i);
  const all = (await store.list()).filter((b) => b.manifest.instance === instance && b.verified);
  const chosen = order.backupId === undefined ? all.at(-1) : all.find((b) => b.manifest.backupId === order.backupId);
  if (!chosen) return err('no-such-backup');
  const exists = await withClient(adminUrl, (client) =>
    client.query('select 1 from pg_database where datname = $1', [order.into]),
  );
  if (exists.rowCount !== 0) return err('database-exists');
  const appPassword = decodeURIComponent(new URL(i.database.url).password);
  const database = order.into;
  const url = await provisionDatabase(adminUrl, { database, appPassword, schemas: schemasOf(operations, i) });
  if (config.town) await markTown(adminUrl, database);
  const restored = await restoreBackup(store, chosen.manifest.backupId, { adminUrl, database });
  if (restored.ok) return ok({ ...restored.value, instance, url, takenOn: chosen.manifest.takenOn });
  await dropInstanceDatabase(adminUrl, database);
  return restored;
}
