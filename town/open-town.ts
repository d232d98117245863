import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmbeddedServer, startEmbedded, stopEmbedded } from '@musubi/kernel/db/embedded.ts';
import { dropTown, withClient } from '@musubi/kernel/db/provision.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { type BackupTimer, backupTimer } from './backups.ts';
import { type Own, startFront } from './front.ts';
import { buildPlan, type TownPlan } from './plan/build-plan.ts';
import { type Supervisor, startProcesses } from './supervisor.ts';

export interface TownOptions {
  /** Folder of everything that the town keeps. */
  readonly home: string;
  /** A server of one's own; an embedded one is started where none is given. */
  readonly databaseUrl: string | undefined;
  /** Begins anew: databases, keys and files of the town go. */
  readonly fresh: boolean;
  readonly publicPort: number;
  readonly residents: number;
  readonly seed: string;
  readonly definitions: ReadonlyMap<string, SystemDefinition>;
  /** First word of the names of databases and roles. */
  readonly prefix?: string;
  readonly own?: Own;
  readonly onProgress?: (stage: 'database' | 'schemas' | 'processes', done: number, of: number, what: string) => void;
}

export interface Town {
  readonly plan: TownPlan;
  readonly adminUrl: string;
  readonly supervisor: Supervisor;
  /** Where the write-ahead log stood at the start, on a server that others use too; undefined where all of it is the town's. */
  readonly walSince: string | undefined;
  /** Stands still until it is started: the walk is not slowed by it. */
  readonly backups: BackupTimer;
  /** `http://musubi.localhost:8080/` */
  readonly startPage: string;
  close(): Promise<void>;
}

/** The day on which a town's civil calendar starts: in fiscal year 2026, so that accounts do not expire on the way. */
export const firstCivilDate = '2026-04-20';

export const defaultHome = (): string =>
  process.env.MUSUBI_HOME ?? path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), '.musubi', 'town');

/** Starts everything: database server, databases, certificates, processes, and the port for people. */
export async function openTown(options: TownOptions): Promise<Town> {
  const { home, onProgress = () => {}, prefix = 'musubi' } = options;
  await mkdir(path.join(home, 'logs'), { recursive: true });
  onProgress('database', 0, 1, options.databaseUrl ? 'DATABASE_URL' : 'embedded');
  if (options.fresh && options.databaseUrl) await dropTown(options.databaseUrl, prefix);
  if (options.fresh) await removeHome(home);
  await mkdir(path.join(home, 'logs'), { recursive: true });
  const embedded: EmbeddedServer | undefined = options.databaseUrl
    ? undefined
    : await startEmbedded({ directory: path.join(home, 'postgres') });
  const adminUrl = options.databaseUrl ?? embedded!.adminUrl;
  onProgress('database', 1, 1, '');
  const walSince = embedded ? undefined : await lsnOf(adminUrl);
  const closers: (() => Promise<void>)[] = embedded ? [() => embedded.stop()] : [];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
    closers.length = 0;
  };
  try {
    const plan = await buildPlan({
      home,
      adminUrl,
      definitions: options.definitions,
      prefix,
      publicPort: options.publicPort,
      civilDate: firstCivilDate,
      seed: options.seed,
      residents: options.residents,
      onProgress: (done, of, what) => onProgress('schemas', done, of, what),
    });
    // The port for people first: a page that says what is still starting is better than none.
    const front = await startFront(plan, options.own ?? (async () => undefined));
    closers.push(() => front.close());
    const supervisor = await startProcesses(plan, (name, done, of) => onProgress('processes', done, of, name));
    closers.push(() => supervisor.stop());
    const backups = backupTimer(plan, adminUrl);
    closers.push(() => backups.stop());
    const startPage = `http://musubi.localhost:${options.publicPort}/`;
    return { plan, adminUrl, supervisor, walSince, backups, startPage, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function lsnOf(adminUrl: string): Promise<string> {
  const { rows } = await withClient(adminUrl, (c) =>
    c.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn'),
  );
  return rows[0]!.lsn;
}

/** A server of a town that still runs in the folder is stopped before its files go. */
async function removeHome(home: string): Promise<void> {
  await stopEmbedded(path.join(home, 'postgres'));
  await rm(home, { recursive: true, force: true });
}
