import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareAuthority } from '@musubi/government-pki/ceremony.ts';
import { definition as pki } from '@musubi/government-pki/main.ts';
import { definition as network } from '@musubi/information-providing-network/main.ts';
import { definition as root } from '@musubi/information-providing-network/root/main.ts';
import { definition as ims } from '@musubi/intermediate-server/main.ts';
import { provisionDatabase } from '@musubi/kernel/db/provision.ts';
import { writePrivately } from '@musubi/kernel/pki/identity.ts';
import { organisationConfig } from '@musubi/kernel/serve/config.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';

const cli = fileURLToPath(new URL('../../cli/musubi.ts', import.meta.url));

export const civilDate = '2026-06-10';
/** Parties that the bench itself plays; they enrol like any other. */
export const callers = ['tokyo/common-platform', 'meguro/common-platform', 'jlis/national-juki'] as const;

const organisations = { meguro: { kind: 'ward' }, tokyo: { kind: 'prefecture' } };
const witnesses: Readonly<Record<string, readonly string[]>> = {
  ins: ['tokyo/intermediate-server', 'meguro/intermediate-server'],
  tokyo: ['meguro/intermediate-server', 'ins/information-providing-network'],
  meguro: ['tokyo/intermediate-server', 'ins/information-providing-network'],
};

interface Place {
  readonly id: string;
  readonly definition: SystemDefinition;
  readonly settings: Readonly<Record<string, unknown>>;
}
const places: readonly Place[] = [
  { id: 'ins/linkage-root', definition: root, settings: { organisations } },
  { id: 'ins/information-providing-network', definition: network, settings: { organisations } },
  {
    id: 'meguro/intermediate-server',
    definition: ims,
    settings: {
      organisations,
      owners: { 'TKX-0001': 'resident-tax' },
      askers: {},
      autoRelease: { 'TKX-0001': { rejectedAtMost: 0, leftOutAtMost: 10_000 } },
    },
  },
  {
    id: 'tokyo/intermediate-server',
    definition: ims,
    settings: {
      organisations,
      owners: {},
      askers: { 'MS2-009': 'child-chronic' },
      // What is measured is inquiries, not the queue before them.
      capacity: { underWay: 128, perProvider: 128, waiting: 0 },
    },
  },
];
const pkiId = 'government/government-pki';

export interface Places {
  readonly directory: Readonly<Record<string, string>>;
  readonly rootFile: string;
  /** One-time tokens of the callers. */
  readonly tokens: Readonly<Record<string, string>>;
  databaseOf(id: string): string;
  /** Of the organisations' processes. */
  pids(): readonly number[];
  /** Ends a process at once, wherever it is, and starts it again; resolves when it serves. */
  killAndStart(id: string): Promise<void>;
  stop(): Promise<void>;
}

export interface PlacesOptions {
  /** Folder for a CPU profile of each process, written when it stops. */
  readonly profile?: string | undefined;
  /** Gives the port under which the others reach a place that serves on `port`: something may stand between. */
  readonly reachedAt?: (id: string, port: number) => Promise<number>;
}

/**
 * The PKI, both intermediate servers, the network and the root process, each in an operating-system process of its own as
 * `musubi serve` runs it: log, witnesses, revocation lists and all.
 */
export async function startPlaces(home: string, adminUrl: string, options: PlacesOptions = {}): Promise<Places> {
  const { profile, reachedAt } = options;
  const all = [pkiId, ...places.map((p) => p.id)];
  const ports = await freePorts(all.length * 2);
  const directory: Record<string, string> = {};
  for (const [i, id] of all.entries()) {
    const port = id === pkiId || reachedAt === undefined ? ports[i]! : await reachedAt(id, ports[i]!);
    directory[id] = `https://127.0.0.1:${port}`;
  }
  const tokens = Object.fromEntries(
    [...places.map((p) => p.id), ...callers].map((id) => [id, randomBytes(24).toString('base64url')]),
  );
  const pkiHome = path.join(home, 'government');
  const rootFile = path.join(pkiHome, 'root.pem');
  const authorityDirectory = path.join(pkiHome, 'authority');
  await prepareAuthority(
    {
      offlineDirectory: path.join(home, 'offline-root'),
      rootFile,
      authorityDirectory,
      identityDirectory: path.join(pkiHome, 'government-pki', 'identity'),
    },
    Temporal.Now.instant(),
  );
  const expected = Object.entries(tokens).map(([id, token]) => {
    const [organisation, system] = id.split('/') as [string, string];
    const tokenHash = createHash('sha256').update(token).digest('hex');
    return { organisation, system, tokenHash, expiresAt: '2099-12-31T00:00:00Z' };
  });

  const configOf = async ({ id, definition, settings }: Place): Promise<string> => {
    const [organisation, system] = id.split('/') as [string, string];
    // One home a process, the root's too: it stands apart from the network that uses it.
    const own = id === pkiId ? pkiHome : path.join(home, id.replace('/', '-'));
    await mkdir(own, { recursive: true, mode: 0o700 });
    const url = await provisionDatabase(adminUrl, {
      database: databaseOf(id),
      appPassword: randomBytes(24).toString('base64url'),
      schemas: [...kernelSchemas, ...definition.schemas],
    });
    const config = organisationConfig.parse({
      organisation,
      name: { ja: organisation, en: organisation },
      town: true,
      civilDate,
      home: own,
      webPort: ports[all.length + all.indexOf(id)],
      publicPort: 8080,
      pki: { url: directory[pkiId], rootFile },
      directory,
      instances: [
        {
          system,
          database: { url },
          port: ports[all.indexOf(id)],
          ...(tokens[id] === undefined ? {} : { enrolmentToken: tokens[id] }),
          witnesses: witnesses[organisation] ?? [],
          settings,
        },
      ],
    });
    const file = path.join(own, 'config.json');
    await writePrivately(file, JSON.stringify(config));
    return file;
  };

  const running = new Map<string, ChildProcess>();
  const stop = async (): Promise<void> => {
    await Promise.all([...running.values()].map(endOf));
  };
  const start = async (place: Place): Promise<void> => {
    await serve(place, await configOf(place));
  };
  const files = new Map<string, string>();
  const serve = async (place: Pick<Place, 'id'>, file: string): Promise<void> => {
    files.set(place.id, file);
    const name = place.id.replace('/', '-');
    const profiling =
      profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}.cpuprofile`];
    const child = spawn(process.execPath, [...profiling, cli, 'serve', file], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    running.set(place.id, child);
    const log = createWriteStream(path.join(home, `${name}.log`), { mode: 0o600, flags: 'a' });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message) => message === 'ready' && resolve());
      child.once('exit', (code) => reject(new Error(`${place.id} ended with ${code}; see ${name}.log`)));
    });
  };
  try {
    await start({ id: pkiId, definition: pki, settings: { authorityDirectory, expected } });
    // The network first: the servers fetch its list when they start.
    await Promise.all([start(places[0]!), start(places[1]!)]);
    await Promise.all(places.slice(2).map(start));
  } catch (error) {
    await stop();
    throw error;
  }
  const pids = (): number[] => [...running.values()].flatMap(({ pid }) => pid ?? []);
  const killAndStart = async (id: string): Promise<void> => {
    const child = running.get(id)!;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await serve({ id }, files.get(id)!);
  };
  return { directory, rootFile, tokens, databaseOf, pids, killAndStart, stop };
}

const databaseOf = (id: string): string => `bench_${id.replaceAll(/[/-]/g, '_')}`;

/** Asks it to stop, and ends it where it does not. */
async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), 8_000);
  await ended;
  clearTimeout(forced);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
