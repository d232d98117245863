import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { at } from '@musubi/kernel/db/provision.ts';
import { keyPem, pemOf } from '@musubi/kernel/pki/identity.ts';
import { partyDnsName } from '@musubi/kernel/pki/party.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { logSigner } from '@musubi/kernel/serve/audit-loops.ts';
import type { Deps } from '@musubi/prefectural-juki/deps.ts';
import { permitTask, readTasks, registerRecipient, registerTask } from '@musubi/prefectural-juki/service/tasks.ts';
import { cpuMsUnder } from '../inquiry/cpu.ts';
import type { AskOrder, AskResult } from './asker.ts';
import { openRegistry, type Registry, type Running } from './instances.ts';
import { type LoadedRegister, startPrefecture } from './notices.ts';
import { reliefTask } from './relief-task.ts';

const recipient = 'suido/register-inquirer';
const clients = 8;
const benchTask = 'BENCH-1';
const staff = (staffId: string): Actor => ({ kind: 'staff', organisation: 'tokyo', staffId, sessionId: 'bench' });

/** `cpuMs`: processor time of one look-up, database and asker included; it says on a busy machine what a rate cannot. */
export type Measured = AskResult & { readonly cpuMs: number };

export interface LookupFigures {
  readonly product: Measured;
  readonly floor: Measured;
}

/** Look-ups by code and number at the prefecture's door, and the same by code written straight. */
export async function measureLookup(
  ctx: LoadedRegister,
  times: { readonly warmMs: number; readonly forMs: number },
): Promise<LookupFigures> {
  const registry = await openRegistry();
  await using running = await startPrefecture(ctx, registry);
  const task = await registeredTask(running);
  const stop = numbering(running);
  const asker = fork(fileURLToPath(new URL('asker.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const floor = fork(fileURLToPath(new URL('../floors/register.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const inquirer = await tlsOf(registry, recipient);
    const order = { tls: inquirer, residents: ctx.residents, task, inFlight: clients, ...times };
    const product = await measured(ctx, asker, {
      ...order,
      keys: ['code', 'number'],
      port: Number(new URL(registry.addresses.get(running.id)!).port),
      servername: partyDnsName({ organisation: 'tokyo', system: 'prefectural-juki' }),
    });
    await stop();
    const own = await tlsOf(registry, running.id);
    const port = await told<number>(floor, { tls: own, url: at(ctx.adminUrl, ctx.database) });
    const straight = await measured(ctx, asker, {
      ...order,
      keys: ['code'],
      port,
      servername: partyDnsName({ organisation: 'tokyo', system: 'prefectural-juki' }),
    });
    return { product, floor: straight };
  } finally {
    await stop();
    asker.disconnect();
    floor.disconnect();
  }
}

/** As `serve` runs it beside the work: what comes is numbered and hashed at once. */
function numbering(running: Running): () => Promise<void> {
  const stop = new AbortController();
  const sequencer = new Sequencer({
    db: (running.deps as Deps).db,
    machineClock: systemMachineClock,
    signer: logSigner(running.host.identity),
  });
  const run = sequencer.run(running.host.notifications, stop.signal, (error) => console.error('sequencer:', error));
  return async () => {
    stop.abort();
    await run;
  };
}

/** The bench's own task, registered once in this register and permitted by a second person. */
export async function registeredTask({ deps }: Running): Promise<string> {
  const all = { ...(deps as Deps), rights: { allows: async () => true } };
  const known = unwrap(await readTasks(all, staff('S-201'), { offset: 0, limit: 100 }));
  if (known.rows.some((row) => row.task.code === benchTask)) return benchTask;
  const { recipientId } = unwrap(
    await registerRecipient(all, staff('S-201'), {
      kind: 'agency',
      name: '水道局',
      peer: recipient,
      validFrom: '2015-06-01',
    }),
  );
  const { taskId } = unwrap(
    await registerTask(all, staff('S-201'), {
      code: benchTask,
      ...reliefTask,
      notificationDocument: '7水総第1号',
      recipientId,
    }),
  );
  unwrap(await permitTask(all, staff('S-202'), { taskId, decision: 'approved' }));
  return benchTask;
}

async function tlsOf(registry: Registry, id: string) {
  const { tls } = await registry.identityOf(id);
  return { ca: pemOf(registry.trust.rootDer), key: keyPem(tls.key), cert: tls.chain.map((der) => pemOf(der)).join('') };
}

async function measured({ serverPid }: LoadedRegister, asker: ChildProcess, order: AskOrder): Promise<Measured> {
  const used = async (): Promise<number> => (await cpuMsUnder([process.pid, serverPid])) ?? Number.NaN;
  const before = await used();
  const result = await told<AskResult>(asker, order);
  return { ...result, cpuMs: ((await used()) - before) / result.asked };
}

const told = <T>(child: ChildProcess, order: object): Promise<T> =>
  new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code}`)));
    child.send(order);
  });
