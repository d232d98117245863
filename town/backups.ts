import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { constants, setPriority } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { backupKeyFile, type TownPlan } from './plan/build-plan.ts';

const cli = fileURLToPath(new URL('../cli/musubi.ts', import.meta.url));

/** What the timer of a machine is at a real body. */
export interface BackupTimer {
  /** Each organisation's backups now, one after the other; repeats of a day take nothing. Names those that did not hold. */
  take(options?: { readonly drill?: boolean; readonly only?: readonly string[] }): Promise<readonly string[]>;
  /** Takes them now and then each hour, until the town closes: a new day of the calendar has its backup within the hour. */
  start(): void;
  stop(): Promise<void>;
}

/** Runs `musubi backup take` for each organisation, with the least priority; output goes to `logs/backups.log`. */
export function backupTimer(plan: TownPlan, adminUrl: string): BackupTimer {
  const ending = new AbortController();
  let running: ChildProcess | undefined;
  let loop: Promise<void> = Promise.resolve();

  const takeOf = (name: string, file: string, more: readonly string[]): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const args = [cli, 'backup', 'take', file, '--key', backupKeyFile(plan.home, name), ...more];
      const child = spawn(process.execPath, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, DATABASE_URL: adminUrl },
      });
      running = child;
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
      const log = createWriteStream(path.join(plan.home, 'logs', 'backups.log'), { flags: 'a', mode: 0o600 });
      child.stdout.pipe(log, { end: false });
      child.stderr.pipe(log, { end: false });
      child.once('error', reject);
      child.once('close', (code) => {
        running = undefined;
        log.end();
        resolve(code === 0);
      });
    });

  const take: BackupTimer['take'] = async ({ drill = false, only } = {}) => {
    const failed: string[] = [];
    for (const [name, file] of plan.configFiles) {
      if (ending.signal.aborted) break;
      if (only !== undefined && !only.includes(name)) continue;
      if (!(await takeOf(name, file, drill ? ['--drill'] : []))) failed.push(name);
    }
    return failed;
  };

  return {
    take,
    start() {
      loop = (async () => {
        const { signal } = ending;
        while (!signal.aborted) {
          // What failed stands in the log, and each instance raises its own alert when its backup is late.
          await take();
          await delay(3_600_000, undefined, { signal, ref: false }).catch(() => {});
        }
      })();
    },
    async stop() {
      ending.abort();
      running?.kill('SIGTERM');
      await loop;
    },
  };
}
