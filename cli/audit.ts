import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { exportBundle } from '@musubi/kernel/audit/export.ts';
import { openDatabase } from '@musubi/kernel/db/database.ts';
import { type OrganisationConfig, readOrganisationConfig } from '@musubi/kernel/serve/config.ts';
import { defaultHome } from '@musubi/town/open-town.ts';
import { townConfigFiles } from '@musubi/town/plan/build-plan.ts';
import { auditedInstances, verifyOne } from '@musubi/town/verify-town.ts';
import type { Command } from 'commander';

/** Exit codes: 0 all good, 1 defects found, 2 could not be done. */
export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('verify or export the audit logs');
  audit
    .command('verify')
    .argument('[configs...]', 'configurations of organisations; the town of this folder where none is given')
    .option('--json', 'one JSON object on the last line')
    .description('recompute every log from its bodies, and every fact from its rows; names each defect')
    .action(async (files: string[], { json }: { json?: boolean }) => {
      const reports = [];
      for (const instance of await auditedInstances(await readConfigs(files))) {
        const report = await verifyOne(instance);
        reports.push(report);
        if (json) continue;
        const { events, facts, cosignatures, waiting } = report.checked;
        console.log(
          `${report.ok ? '✓' : '✗'} ${report.instance.padEnd(40)} ${String(events).padStart(8)} events ${String(facts).padStart(8)} facts ${String(cosignatures).padStart(4)} cosignatures ${waiting ? `${waiting} waiting` : ''}`,
        );
        for (const defect of report.defects) console.log(`    ${JSON.stringify(defect)}`);
      }
      const ok = reports.every((r) => r.ok);
      if (json) console.log(JSON.stringify({ ok, reports }));
      process.exitCode = ok ? 0 : 1;
    });
  audit
    .command('export')
    .argument('<directory>', 'where the bundles go, one file an instance')
    .argument('[configs...]', 'configurations of organisations; the town of this folder where none is given')
    .description('write the bundles that the independent verifier reads')
    .action(async (directory: string, files: string[]) => {
      await mkdir(directory, { recursive: true });
      for (const instance of await auditedInstances(await readConfigs(files))) {
        await using db = openDatabase({ url: instance.databaseUrl, poolSize: 1, statementTimeoutMs: 600_000 });
        const file = path.join(directory, `${instance.id.replace('/', '--')}.jsonl`);
        const out = createWriteStream(file, { mode: 0o600 });
        const options = { instance: instance.id, logKey: instance.logKey, witnesses: instance.witnesses };
        const { lines } = await exportBundle(db, options, (line) =>
          out.write(line) ? undefined : new Promise<void>((resolve) => out.once('drain', resolve)),
        );
        out.end();
        await finished(out);
        const key = `${instance.logKey.name}=${Buffer.from(instance.logKey.publicKey).toString('base64')}`;
        console.log(`${file}: ${lines} lines, --key ${key}`);
      }
    });
}

async function readConfigs(files: readonly string[]): Promise<OrganisationConfig[]> {
  const all = files.length > 0 ? files : await townConfigFiles(defaultHome());
  return Promise.all(all.map(readOrganisationConfig));
}
