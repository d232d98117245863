import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { at, withClient } from '@musubi/kernel/db/provision.ts';
import { dumpOf, filesWithNumbers } from '../search/dump-search.ts';
import { searchNumbers } from '../search/number-search.ts';
import { auditedInstances, verifyOne } from '../verify-town.ts';
import { adminUrlOf, databaseOf } from './observe.ts';
import { peopleOf } from './settle.ts';
import { expect, type Step, type WalkContext } from './walk.ts';

/** A row changed behind the system's back in a copy of a database, and what the verification must say of it. */
interface Tampering {
  readonly what: string;
  readonly process: string;
  readonly instance: string;
  readonly sql: string;
  readonly found: readonly string[];
}

const tamperings: readonly Tampering[] = [
  {
    what: 'auditRow',
    process: 'meguro',
    instance: 'meguro/resident-tax',
    sql: `update audit.entry set body = replace(body, '"done"', '"Done"')
           where leaf_index = (select max(leaf_index) from audit.entry
                                where body like '%"done"%' and leaf_index <= (select max(leaf_index) / 2 from audit.entry))`,
    found: ['entry-altered', 'entry-malformed'],
  },
  {
    what: 'assessmentAmount',
    process: 'meguro',
    instance: 'meguro/resident-tax',
    sql: `update resident_tax.assessment set ward_per_income_yen = ward_per_income_yen + 100, annual_yen = annual_yen + 100,
             instalment_yen[1] = instalment_yen[1] + 100
           where assessment_id = (select assessment_id from resident_tax.assessment where status = 'taxed' order by assessment_id limit 1)`,
    found: ['fact-altered'],
  },
  {
    what: 'inquiryResult',
    process: 'tokyo',
    instance: 'tokyo/child-chronic',
    sql: `update child_chronic.inquiry_result set items = jsonb_set(items, '{合計所得金額}', '1')`,
    found: ['fact-altered'],
  },
];

export const verifyAll: Step = {
  id: '10',
  title: '全システムの記録を検証し、写しに加えた改ざんがそれぞれ名指しされる',
  async run(context) {
    const instances = await auditedInstances(context.town.plan.configs.values());
    let events = 0;
    let facts = 0;
    let cosignatures = 0;
    for (const [i, instance] of instances.entries()) {
      const report = await verifyOne(instance);
      expect(report.ok, `${instance.id}: ${JSON.stringify(report.defects.slice(0, 3))}`);
      events += report.checked.events;
      facts += report.checked.facts;
      cosignatures += report.checked.cosignatures;
      context.progress(i + 1, instances.length, instance.id);
    }
    const named: Record<string, string> = {};
    for (const tampering of tamperings) {
      const instance = instances.find((x) => x.id === tampering.instance)!;
      named[tampering.what] = await inCopy(context, tampering, async (url) => {
        const clean = await verifyOne(instance, url);
        expect(clean.ok, `the copy of ${tampering.instance} is not clean before it is altered`);
        const changed = await withClient(url, (client) =>
          client.query(`set session_replication_role = replica; ${tampering.sql}`),
        );
        const affected = Array.isArray(changed) ? changed.at(-1)?.rowCount : 0;
        expect(affected === 1, `${tampering.what}: ${affected} rows were altered instead of one`);
        const report = await verifyOne(instance, url);
        const defect = report.defects.find((d) => tampering.found.includes(d.kind));
        expect(defect, `${tampering.what} was not named: ${JSON.stringify(report.defects)}`);
        return [defect.kind, defect.table, defect.key ?? defect.sequence].filter((x) => x !== undefined).join(' ');
      });
    }
    return { instances: instances.length, events, facts, cosignatures, ...named };
  },
};

/** A copy needs a database that nobody uses: its process is away for as long as the copy takes. */
async function inCopy<T>(
  context: WalkContext,
  { process, instance }: Tampering,
  run: (url: string) => Promise<T>,
): Promise<T> {
  const source = databaseOf(context.town, instance);
  const copy = `${source}_copy`;
  const admin = context.town.adminUrl;
  await context.town.supervisor.paused(process, () =>
    withClient(admin, async (client) => {
      await client.query(`drop database if exists "${copy}" with (force)`);
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [source]);
      await client.query(`create database "${copy}" template "${source}" strategy file_copy`);
    }),
  );
  try {
    return await run(at(admin, copy));
  } finally {
    await withClient(admin, (client) => client.query(`drop database if exists "${copy}" with (force)`));
  }
}

export const searchEverywhere: Step = {
  id: '11',
  title: '町のすべての個人番号を、全データベース・ログ・画面・ファイルから探し、金庫の外に一つもない',
  async run(context) {
    const { town } = context;
    const numbers = new Set([...(await peopleOf(context)).persons()].map((p) => p.individualNumber.digits()));
    const databases = [...town.plan.databaseUrls.keys()].map((id) => adminUrlOf(town, id));
    const report = await searchNumbers(numbers, databases, [town.plan.home], {
      // The server's own files are searched as they lie there, below.
      skip: (file) => file === path.join(town.plan.home, 'postgres', 'data'),
    });
    expect(
      report.findings.length === 0,
      `numbers stand at ${report.findings
        .slice(0, 5)
        .map((f) => `${f.place} (${f.form}, ${f.count})`)
        .join('; ')}`,
    );
    // INC-66: what somebody finds who carries the disks away, the write-ahead log among it.
    const names = [...town.plan.databaseUrls.keys()].map((id) => databaseOf(town, id));
    const dump = await dumpOf(town.adminUrl, names, town.walSince);
    const carried = await filesWithNumbers(numbers, dump?.files ?? []);
    expect(carried.length === 0, `numbers stand in the server's files: ${carried.slice(0, 5).join('; ')}`);
    // The search looks where the numbers were: the vaults hold as many as the town has people, sealed.
    const held = await withClient(adminUrlOf(town, 'jlis/national-juki'), async (client) => {
      const { rows } = await client.query<{ n: number }>('select count(*)::int as n from vault.number');
      return rows[0]?.n ?? 0;
    });
    expect(held >= town.plan.state.residents, `the national vault holds ${held} numbers`);
    const pages = (await readdir(path.join(town.plan.home, 'pages-seen'))).length;
    const logs = await readFile(path.join(town.plan.home, 'logs', 'meguro.log'), 'utf8');
    return {
      numbers: report.numbers,
      databases: report.databases,
      tables: report.tables,
      files: report.files,
      megabytes: Math.round(report.bytes / 1e6),
      dumpMegabytes: Math.round((dump?.bytes ?? 0) / 1e6),
      pagesSeen: pages,
      logBytes: logs.length,
      sealedInNationalVault: held,
      foundOutside: 0,
    };
  },
};
