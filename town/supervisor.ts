import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TownPlan } from './plan/build-plan.ts';

const cli = fileURLToPath(new URL('../cli/musubi.ts', import.meta.url));

/** Processes of the town's organisations, kept running. */
export interface Supervisor {
  /** SIGKILL to one process, as an accident would; it is started again, and answers when this settles. */
  kill(process: string): Promise<void>;
  /** Stops one process in order, does something while it is away, and starts it again. */
  paused<T>(process: string, meanwhile: () => Promise<T>): Promise<T>;
  readonly processes: () => readonly { readonly name: string; readonly pid: number | undefined }[];
  stop(): Promise<void>;
}

interface Watched {
  readonly name: string;
  child: ChildProcess | undefined;
  restarts: number;
  /** Settles when the newest start answers. */
  ready: Promise<void>;
}

/**
 * Starts one process for each configuration, the PKI first, and waits until all answer. One that ends unasked is started
 * again with a growing pause; its output goes to `logs/<name>.log`.
 */
export async function startProcesses(
  plan: TownPlan,
  onReady: (name: string, done: number, of: number) => void = () => {},
): Promise<Supervisor> {
  let stopping = false;
  const away = new Set<string>();
  const watched: Watched[] = [...plan.configFiles.keys()].map((name) => ({
    name,
    child: undefined,
    restarts: 0,
    ready: Promise.resolve(),
  }));

  const start = (w: Watched): Promise<void> =>
    new Promise((resolve, reject) => {
      const file = plan.configFiles.get(w.name)!;
      const log = createWriteStream(path.join(plan.home, 'logs', `${w.name}.log`), { flags: 'a', mode: 0o600 });
      const child = spawn(process.execPath, [cli, 'serve', file], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        // A group of its own: Ctrl-C reaches the supervisor alone, which stops everything in order.
        detached: true,
      });
      w.child = child;
      child.stdout?.pipe(log);
      let errors = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        log.write(chunk);
        errors = (errors + chunk.toString()).slice(-4_000);
      });
      child.on('message', (message) => {
        if (message === 'ready') resolve();
      });
      child.once('exit', (code, signal) => {
        w.child = undefined;
        reject(new Error(`the process of ${w.name} ended (${signal ?? code}); see logs/${w.name}.log\n${errors}`));
        if (!stopping && !away.has(w.name) && w.restarts < 20) {
          w.restarts += 1;
          // Kept for who waits for it; a start that fails again comes back here.
          w.ready = delay(Math.min(250 * w.restarts, 5_000)).then(() => (stopping ? undefined : start(w)));
          w.ready.catch(() => {});
        }
      });
    });

  const end = async ({ child }: Watched): Promise<void> => {
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(forced);
  };
  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all(watched.map(end));
  };

  try {
    let done = 0;
    const [pki, ...others] = watched;
    for (const group of [[pki!], others]) {
      await Promise.all(
        group.map(async (w) => {
          await start(w);
          done += 1;
          onReady(w.name, done, watched.length);
        }),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async kill(name) {
      const w = watched.find((x) => x.name === name);
      const child = w?.child;
      if (!child) throw new Error(`no process ${name}`);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await w.ready;
    },
    async paused(name, meanwhile) {
      const w = watched.find((x) => x.name === name);
      if (!w) throw new Error(`no process ${name}`);
      away.add(name);
      try {
        await end(w);
        return await meanwhile();
      } finally {
        away.delete(name);
        await start(w);
      }
    },
    processes: () => watched.map(({ name, child }) => ({ name, pid: child?.pid })),
    stop,
  };
}
