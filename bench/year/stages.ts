import { mkdir, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import path from 'node:path';
import { withClient } from '@musubi/kernel/db/provision.ts';
import { cpuMsUnder } from '../inquiry/cpu.ts';

/** What one stage took. */
export interface Taken {
  readonly seconds: number;
  /** Processor seconds of this process, and of the database with all its workers. */
  readonly nodeCpu: number;
  readonly databaseCpu: number;
}

const toldEveryMs = 10_000;

/**
 * Runs a long bench stage by stage and tells on the error channel every ten seconds how far it is. `profile` is a folder for each stage's
 * statements by their time in the server (which must preload `pg_stat_statements`) and its CPU profile.
 */
export class Stages {
  readonly #began = performance.now();
  readonly #owner: string;
  readonly #serverPid: number;
  readonly #profile: string | undefined;

  constructor(owner: string, serverPid: number, profile?: string) {
    this.#owner = owner;
    this.#serverPid = serverPid;
    this.#profile = profile;
  }

  /** @param far how far the work is by now; asked of the batch runs' own steps where it is not given */
  async run<T>(name: string, work: () => Promise<T>, far?: () => string): Promise<{ value: T; taken: Taken }> {
    const timer = setInterval(() => void this.#tell(name, far), toldEveryMs);
    const began = performance.now();
    const before = await this.#cpu();
    const profiled = await this.#beginProfile();
    try {
      const value = await work();
      const after = await this.#cpu();
      const taken = {
        seconds: (performance.now() - began) / 1_000,
        nodeCpu: after.node - before.node,
        databaseCpu: after.database - before.database,
      };
      await profiled?.(name);
      const all = performance.now() - this.#began;
      if (all > toldEveryMs)
        console.error(
          `  ${name}: ${taken.seconds.toFixed(1)} s (processor: ${taken.nodeCpu.toFixed(1)} s here, ${taken.databaseCpu.toFixed(1)} s in the database)`,
        );
      return { value, taken };
    } finally {
      clearInterval(timer);
    }
  }

  async #tell(name: string, far: (() => string) | undefined): Promise<void> {
    const at = Math.round((performance.now() - this.#began) / 1_000);
    const text = far?.() ?? (await this.#stepsOpen().catch(() => ''));
    console.error(`  ${at} s: ${name} ${text}`);
  }

  async #stepsOpen(): Promise<string> {
    return withClient(this.#owner, async (client) => {
      const { rows } = await client.query<{ text: string }>(
        `select format('%s: %s of %s', r.name, sum(s.in_count), sum(s.total)) as text
           from jobs.run r join jobs.step s using (run_id)
          where r.name in (select name from jobs.run where state = 'running') group by r.name`,
      );
      return rows.map(({ text }) => text).join(', ');
    });
  }

  async #cpu(): Promise<{ node: number; database: number }> {
    const { user, system } = process.cpuUsage();
    return { node: (user + system) / 1e6, database: ((await cpuMsUnder([this.#serverPid])) ?? 0) / 1_000 };
  }

  async #beginProfile(): Promise<((name: string) => Promise<void>) | undefined> {
    const folder = this.#profile;
    if (folder === undefined) return undefined;
    await mkdir(folder, { recursive: true });
    await withClient(this.#owner, (client) => client.query('select pg_stat_statements_reset()'));
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    return async (name) => {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      await writeFile(path.join(folder, `${name}.cpuprofile`), JSON.stringify(profile));
      await writeFile(path.join(folder, `${name}.statements.txt`), await this.#statements());
    };
  }

  async #statements(): Promise<string> {
    return withClient(this.#owner, async (client) => {
      const { rows } = await client.query<{ ms: number; calls: number; plan: number; top: boolean; query: string }>(
        `select round(total_exec_time::numeric)::float8 as ms, calls::int, round(total_plan_time::numeric)::float8 as plan, toplevel as top,
                left(regexp_replace(query, '\\s+', ' ', 'g'), 160) as query
           from pg_stat_statements where total_exec_time > 20 order by total_exec_time desc limit 60`,
      );
      return rows
        .map(
          (r) =>
            `${`${r.ms}`.padStart(9)} ms ${`${r.calls}`.padStart(8)} × ${`${r.plan}`.padStart(6)} planning ${r.top ? ' ' : '·'} ${r.query}\n`,
        )
        .join('');
    });
  }
}

/** What the server must be started with, so that statements are counted. */
export const countingStatements: Readonly<Record<string, string>> = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_planning': 'on',
};
