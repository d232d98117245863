/**
 * The day's backups of an organisation's instances, read back after they were written; with `--drill` each newest one is restored
 * into a database of its own, compared and dropped. For a timer of the machine, once a day:
 * `DATABASE_URL=postgres://… npm run -s node -- cli/backup.ts CONFIG --folder DIR --key FILE [--keep-days 35] [--drill]`
 * Exit codes: 0 done, 1 a backup or drill did not hold, 2 it could not be done.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runBackupDay, runDrill } from '@musubi/kernel/backup/run-day.ts';
import { BackupStore } from '@musubi/kernel/backup/store.ts';
import { systemMachineClock, tokyoCivilClock } from '@musubi/kernel/clocks/clock.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { readOrganisationConfig } from '@musubi/kernel/serve/config.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { loadDefinitions } from './definitions.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string' },
    key: { type: 'string' },
    'keep-days': { type: 'string', default: '35' },
    drill: { type: 'boolean', default: false },
  },
});
const [file] = positionals;
const adminUrl = process.env.DATABASE_URL;
const keepDays = Number(values['keep-days']);
if (!file || !adminUrl || !values.folder || !values.key || !Number.isInteger(keepDays) || keepDays < 1) {
  console.log(
    'DATABASE_URL=postgres://… npm run -s node -- cli/backup.ts CONFIG --folder DIR --key FILE [--keep-days 35] [--drill]',
  );
  process.exit(2);
}

/** 32 raw bytes that nobody else may read, kept apart from the databases and from the folder of the backups. */
async function backupKey(from: string): Promise<Buffer> {
  if (((await stat(from)).mode & 0o077) !== 0) throw new Error(`${from} may be read by others`);
  const key = await readFile(from);
  if (key.length !== 32) throw new Error(`${from} is not a key of 32 bytes`);
  return key;
}

try {
  const config = await readOrganisationConfig(file);
  const key = await backupKey(values.key);
  const definitions = await loadDefinitions(config.instances.map((i) => i.system));
  const today = tokyoCivilClock.today();
  const machineClock = systemMachineClock;
  const newId = uuidV7Maker(machineClock, systemRandom);
  for (const { system, database } of config.instances) {
    const instance = `${config.organisation}/${system}`;
    const source = { adminUrl, database: decodeURIComponent(new URL(database.url).pathname.slice(1)) };
    const deps = { source, store: new BackupStore(path.join(values.folder, system), key), machineClock, newId };
    const done = await runBackupDay(deps, { instance, today, keepDays });
    const taken = done.ok && done.value.taken;
    const made = taken ? `${taken.kind}, ${taken.rows} rows, ${taken.added} bytes added` : 'taken today already';
    console.log(done.ok ? `✓ ${instance}: ${made}, ${done.value.expired} ended` : `✗ ${instance}: ${done.error}`);
    if (!done.ok) process.exitCode = 1;
    if (!values.drill) continue;
    const schemas = [...kernelSchemas, ...definitions.get(system)!.schemas];
    const drill = await runDrill(deps, { instance, today, schemas });
    const holds = drill.ok && drill.value.differing.length === 0;
    console.log(
      drill.ok
        ? `${holds ? '✓' : '✗'} ${instance}: restored ${drill.value.rows} rows, ${drill.value.differing.length} tables differ`
        : `✗ ${instance}: ${drill.error}`,
    );
    if (!holds) process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
