import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type BackupOperations, backUpOrganisation, restoreInstance } from '@musubi/kernel/backup/organisation.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { writePrivately } from '@musubi/kernel/pki/identity.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { readOrganisationConfig } from '@musubi/kernel/serve/config.ts';
import { defaultHome } from '@musubi/town/open-town.ts';
import { auditedInstances, verifyOne } from '@musubi/town/verify-town.ts';
import type { Command } from 'commander';
import { loadDefinitions } from './definitions.ts';

/** 32 raw bytes that nobody else may read, kept apart from the databases and from the folder of the backups. */
async function backupKey(from: string): Promise<Buffer> {
  if (((await stat(from)).mode & 0o077) !== 0) throw new Error(`${from} may be read by others`);
  const key = await readFile(from);
  if (key.length !== 32) throw new Error(`${from} is not a key of 32 bytes`);
  return key;
}

/** The server's administrator: `DATABASE_URL`, else the embedded server of the town while that runs. */
async function administrator(): Promise<string> {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  const directory = path.join(defaultHome(), 'postgres');
  await stat(path.join(directory, 'data', 'postmaster.pid')).catch(() => {
    throw new Error('DATABASE_URL is not set and no town runs here');
  });
  return (await startEmbedded({ directory })).adminUrl;
}

interface Where {
  readonly folder?: string;
  readonly key: string;
}

async function operationsOf(file: string, { folder, key }: Where): Promise<BackupOperations> {
  const config = await readOrganisationConfig(file);
  const kept = folder ?? config.backups;
  if (kept === undefined) throw new Error('--folder is needed: the configuration names no folder of backups');
  return {
    config,
    adminUrl: await administrator(),
    folder: kept,
    key: await backupKey(key),
    definitions: await loadDefinitions(config.instances.map((i) => i.system)),
    machineClock: systemMachineClock,
    newId: uuidV7Maker(systemMachineClock, systemRandom),
  };
}

/** Exit codes: 0 done, 1 a backup, drill or restored log did not hold, 2 it could not be done. */
export function registerBackup(program: Command): void {
  const backup = program.command('backup').description('backups of an organisation, and their restore');
  const keyed = (command: Command): Command =>
    command
      .argument('<config>', 'configuration of the organisation')
      .requiredOption('--key <file>', 'key of the backups: 32 bytes that nobody else may read')
      .option('--folder <directory>', 'where the backups are; else as the configuration says');
  keyed(backup.command('take'))
    .option('--keep-days <n>', 'days for which a backup is kept', '35')
    .option('--drill', 'restore each newest one into a database of its own, compare, drop')
    .description("the day's backups, read back after they were written; for a timer, once a day")
    .action(async (file: string, options: Where & { keepDays: string; drill?: boolean }) => {
      const keepDays = Number(options.keepDays);
      if (!Number.isInteger(keepDays) || keepDays < 1) throw new Error('--keep-days: a whole number, 1 or more');
      const operations = await operationsOf(file, options);
      for await (const report of backUpOrganisation(operations, { keepDays, drill: options.drill === true })) {
        const { instance, day, drill } = report;
        const taken = day.ok && day.value.taken;
        const made = taken ? `${taken.kind}, ${taken.rows} rows, ${taken.added} bytes added` : 'taken today already';
        console.log(day.ok ? `✓ ${instance}: ${made}, ${day.value.expired} ended` : `✗ ${instance}: ${day.error}`);
        const holds = drill === undefined || (drill.ok && drill.value.differing.length === 0);
        if (drill?.ok)
          console.log(
            `${holds ? '✓' : '✗'} ${instance}: restored ${drill.value.rows} rows, ${drill.value.differing.length} tables differ`,
          );
        if (drill && !drill.ok) console.log(`✗ ${instance}: ${drill.error}`);
        if (!day.ok || !holds) process.exitCode = 1;
      }
    });
  keyed(backup.command('restore'))
    .requiredOption('--system <name>', 'which of its systems')
    .requiredOption('--into <database>', 'name of the database that is made; the one in use stays as it is')
    .option('--backup <id>', 'which backup; else the newest that was read back equal')
    .description('put a backup into a new database, compare every table, and hold every row against the log')
    .action(async (file: string, options: Where & { system: string; into: string; backup?: string }) => {
      const operations = await operationsOf(file, options);
      const { system, into, backup: backupId } = options;
      const done = await restoreInstance(operations, { system, into, backupId });
      if (!done.ok) throw new Error(`${system}: ${done.error}`);
      const { instance, url, rows, tables, differing, takenOn } = done.value;
      console.log(`${differing.length === 0 ? '✓' : '✗'} ${instance} of ${takenOn}: ${rows} rows in ${tables} tables`);
      for (const table of differing) console.log(`    ${table} differs`);
      const audited = (await auditedInstances([operations.config])).find(({ id }) => id === instance)!;
      const report = await verifyOne(audited, url);
      const { events, facts } = report.checked;
      console.log(`${report.ok ? '✓' : '✗'} ${events} events and ${facts} facts of its log agree with the rows`);
      for (const defect of report.defects) console.log(`    ${JSON.stringify(defect)}`);
      if (differing.length > 0 || !report.ok) {
        process.exitCode = 1;
        return;
      }
      const address = path.join(operations.config.home, system, 'restored-database');
      await writePrivately(address, `${url}\n`);
      console.log(`  stop the process, put the address in ${address} in the place of database.url, and start it again`);
    });
}
