import { stat, statfs } from 'node:fs/promises';
import { at, provisionDatabase, withClient } from '@musubi/kernel/db/provision.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { runFirstLoad, settleTables } from '@musubi/prefectural-juki/jobs/first-load.ts';
import { definition } from '@musubi/prefectural-juki/main.ts';
import type { Municipality } from './people.ts';

export const instance = 'tokyo/prefectural-juki';
export const database = 'bench_prefectural_juki';
export const appPassword = 'bench';

/** Makes the instance's database and loads the prepared files: what `load_min` and `disk_gb` say. */
export async function measureLoad(
  adminUrl: string,
  {
    files,
    residents,
    places,
    keysDirectory,
  }: {
    readonly files: readonly string[];
    readonly residents: number;
    readonly places: readonly Municipality[];
    readonly keysDirectory: string;
  },
) {
  await provisionDatabase(adminUrl, { database, appPassword, schemas: [...kernelSchemas, ...definition.schemas] });
  const began = performance.now();
  let told = began;
  const outcome = await runFirstLoad({
    adminUrl,
    database,
    instance,
    keysDirectory,
    municipalities: places.map((m) => m.code),
    today: '2026-06-01',
    files,
    expected: residents,
    progress(loaded) {
      if (performance.now() - told < 10_000) return;
      told = performance.now();
      console.error(`  ${loaded.toLocaleString('en')} loaded after ${Math.round((told - began) / 1_000)} s`);
    },
  });
  if (!outcome.ok)
    throw new Error(`the load was refused: ${outcome.fault} ${JSON.stringify(outcome.refused.slice(0, 3))}`);
  console.error(`  loaded and indexed after ${Math.round((performance.now() - began) / 1_000)} s`);
  await settleTables({ adminUrl, database });
  const seconds = (performance.now() - began) / 1_000;
  return { seconds, bytes: await sizeOf(adminUrl), counts: outcome.counts };
}

export const sizeOf = (adminUrl: string): Promise<number> =>
  withClient(at(adminUrl, database), async (client) => {
    const { rows } = await client.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
    return Number(rows[0]!.bytes);
  });

/** Bytes a resident: of the prepared file, and of the database with the journal that it writes between two checkpoints. */
const bytesOf = { file: 200, database: 2_300 };

/** Throws before anything is begun where the disks would not hold it. */
export async function requireDisk(
  folders: { readonly prepared: string; readonly database: string },
  { residents, isPrepared }: { readonly residents: number; readonly isPrepared: boolean },
): Promise<void> {
  const wanted = [
    { folder: folders.prepared, bytes: isPrepared ? 0 : residents * bytesOf.file },
    { folder: folders.database, bytes: residents * bytesOf.database + 2e9 },
  ];
  const disks = await Promise.all(
    wanted.map(async (each) => ({ ...each, ...(await statfs(each.folder)), disk: (await stat(each.folder)).dev })),
  );
  for (const [, of] of Map.groupBy(disks, ({ disk }) => disk)) {
    const needed = of.reduce((sum, { bytes }) => sum + bytes, 0);
    const free = of[0]!.bavail * of[0]!.bsize;
    if (free < needed)
      throw new Error(
        `${gb(needed)} GB of free disk are needed for ${of.map((o) => o.folder).join(' and ')}, ${gb(free)} GB are there`,
      );
  }
}
const gb = (bytes: number): string => (bytes / 1e9).toFixed(1);
