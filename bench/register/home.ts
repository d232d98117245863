import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { appPassword, database, measureLoad, requireDisk } from './load.ts';
import type { LoadedRegister } from './notices.ts';
import { type Municipality, municipalitiesOf } from './people.ts';
import { prepareFiles } from './prepare.ts';

export interface Wanted {
  readonly residents: number;
  /** Where they live, if not all over Tokyo; `name` keeps its prepared files apart. */
  readonly only?: { readonly name: string; readonly places: readonly Municipality[] };
  /** A server that does not wait for the disk. */
  readonly brief?: boolean;
}
export type Load = Awaited<ReturnType<typeof measureLoad>>;

/** Prepares files, starts a server and loads a register into it; all of it is gone afterwards, unless MUSUBI_BENCH_KEEP says otherwise. */
export async function withRegister<T>(
  { residents, only, brief = false }: Wanted,
  body: (register: LoadedRegister, load: Load) => Promise<T>,
): Promise<T> {
  const places = only?.places ?? municipalitiesOf(residents);
  const folder = `register-${residents}${only === undefined ? '' : `-${only.name}`}`;
  const prepared = fileURLToPath(new URL(`../../.musubi/bench/${folder}`, import.meta.url));
  await mkdir(path.dirname(prepared), { recursive: true });
  const isPrepared = existsSync(path.join(prepared, 'complete'));
  await requireDisk({ prepared: path.dirname(prepared), database: tmpdir() }, { residents, isPrepared });
  say('people are prepared');
  const files = await prepareFiles(prepared, places);
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-register-'));
  await chmod(home, 0o711); // the database server may run as another user
  const postgres = path.join(home, 'postgres');
  const server = await startEmbedded({ directory: postgres, unsafeFast: brief, settings: settingsFor(residents) });
  try {
    const keysDirectory = path.join(home, 'keys');
    const { adminUrl, pid: serverPid } = server;
    const load = await step('load', () => measureLoad(adminUrl, { files, residents, places, keysDirectory }));
    return await body({ adminUrl, serverPid, database, appPassword, residents, places, keysDirectory, home }, load);
  } finally {
    await server.stop();
    if (process.env.MUSUBI_BENCH_KEEP === undefined) await rm(home, { recursive: true, force: true });
    else say(`kept in ${home}`);
  }
}

/** What an operator of such a register sets: it fits in memory, and a load writes far more than a checkpoint's worth. */
const settingsFor = (residents: number): Readonly<Record<string, string>> =>
  residents < 1_000_000
    ? {}
    : { shared_buffers: '2GB', max_wal_size: '16GB', checkpoint_timeout: '30min', effective_cache_size: '12GB' };

const say = (what: string): void =>
  console.error(`register: ${what} (after ${Math.round(performance.now() / 1_000)} s)`);

/** Tells what each step gave when it ends: at fourteen million the whole takes its time. */
export async function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  say(what);
  const result = await run();
  say(`${what}: ${JSON.stringify(result)}`);
  return result;
}

export const rounded = (values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Math.round(value * 100) / 100]));
