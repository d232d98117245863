import { type ChildProcess, fork } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { holdCeremony, issueIdentity } from '@musubi/kernel/pki/authority.ts';
import { writeIdentity } from '@musubi/kernel/pki/identity-files.ts';
import { issueCrl } from '@musubi/kernel/pki/issue.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { memberIds, memberOf } from './members.ts';
import type { Order, StartOrder, Told } from './orders.ts';

const program = fileURLToPath(new URL('server-process.ts', import.meta.url));

/** Its process was killed before it answered. */
export class Killed extends Error {}

type Fixed = Omit<StartOrder, 'seed' | 'troubled' | 'offsetMs'>;

/** One server: its database, and the process that is running it at the moment, if any. */
export class Server {
  readonly id: string;
  readonly t: TestDatabase;
  readonly #order: Fixed;
  readonly #onHit: (kind: string) => void;
  #process: ChildProcess | undefined;
  readonly #waiting = new Map<number, { resolve(busy: boolean): void; reject(error: Error): void }>();
  #no = 0;
  #looking: Promise<unknown> = Promise.resolve();

  constructor(t: TestDatabase, order: Fixed, onHit: (kind: string) => void) {
    this.id = order.id;
    this.t = t;
    this.#order = order;
    this.#onHit = onHit;
  }

  /** One look at a time: `t.owner` is a single connection. */
  look<Row extends object>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const rows = this.#looking.then(() => this.t.owner<Row & Record<string, unknown>>(statement, values));
    this.#looking = rows.catch(() => undefined);
    return rows;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  start(more: Pick<StartOrder, 'seed' | 'troubled' | 'offsetMs'>): Promise<boolean> {
    const child = fork(program, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process = child;
    child.on('message', (told: Told) => {
      if ('hit' in told) return this.#onHit(told.hit);
      const asked = this.#waiting.get(told.no);
      this.#waiting.delete(told.no);
      if (told.fault === undefined) asked?.resolve(told.busy);
      else asked?.reject(new Error(`${this.id}: ${told.fault}`));
    });
    child.once('exit', () => {
      this.#process = undefined;
      for (const { reject } of this.#waiting.values()) reject(new Killed());
      this.#waiting.clear();
    });
    return this.ask({ do: 'start', order: { ...this.#order, ...more } });
  }

  /** @throws Killed where its process ends before it answers, or is not running */
  ask(order: Order): Promise<boolean> {
    const child = this.#process;
    if (child === undefined) return Promise.reject(new Killed());
    const no = this.#no++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(no, { resolve, reject });
      child.send({ no, order }, (error) => error && reject(new Killed()));
    });
  }

  /** SIGKILL, wherever it stands. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    await this.t[Symbol.asyncDispose]();
  }
}

export interface Servers extends AsyncDisposable {
  readonly all: readonly Server[];
  of(id: string): Server;
}

/** The servers of two wards, the prefecture and the country: databases, identities and ports; no process runs yet. */
export async function prepareServers(onHit: (kind: string) => void): Promise<Servers> {
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-chaos-register-'));
  await chmod(home, 0o700);
  const now = systemMachineClock.now();
  // The clock of a run is moved by hours for each seed.
  const until = now.add({ hours: 24 * 30 });
  const { root, issuing } = await holdCeremony(now);
  const list = await issueCrl(issuing, { number: 1, thisUpdate: now, nextUpdate: until, revoked: [] });
  const trust = {
    root: root.certificate.toString('base64'),
    list: list.toString('base64'),
    issuer: issuing.certificate.toString('base64'),
  };
  const ports = await freePorts(memberIds.length);
  const places: Record<string, StartOrder['places'][string]> = {};
  const join = async (id: string, port: number): Promise<void> => {
    const [organisation = '', system = ''] = id.split('/');
    const identity = path.join(home, 'identities', organisation, system);
    const validity = { from: now.subtract({ hours: 1 }), until };
    await writeIdentity(identity, await issueIdentity(issuing, { organisation, system }, validity));
    places[id] = { port, identity };
  };
  await Promise.all(memberIds.map((id, i) => join(id, ports[i]!)));
  const all = await Promise.all(
    memberIds.map(async (id) => {
      const t = await testDatabase([...kernelSchemas, ...(await memberOf(id).definition()).schemas]);
      return new Server(t, { id, databaseUrl: t.url, home: path.join(home, id), places, trust }, onHit);
    }),
  );
  return {
    all,
    of: (id) => all.find((s) => s.id === id)!,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((server) => server.close()));
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function freePorts(count: number): Promise<number[]> {
  const open = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = open.map((server) => (server.address() as { port: number }).port);
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
