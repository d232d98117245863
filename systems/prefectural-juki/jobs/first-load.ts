import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { SettableCivilClock, systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Database } from '@musubi/kernel/db/database.ts';
import { at, openAsOwner, withClient } from '@musubi/kernel/db/provision.ts';
import { uuidV7Blocks, uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { KeyRing } from '@musubi/kernel/vault/key-ring.ts';
import { rights } from '../rights.ts';
import {
  beginFirstLoad,
  type FirstLoadDeps,
  finishFirstLoad,
  type LoadCounts,
  loadFile,
} from '../service/first-load.ts';

export interface FirstLoadOptions {
  /** A role that may act as the owner of the database: maintenance, never the running system. */
  readonly adminUrl: string;
  readonly database: string;
  /** `tokyo/prefectural-juki` */
  readonly instance: string;
  readonly keysDirectory: string;
  readonly municipalities: readonly string[];
  /** Civil date under which the records are received. */
  readonly today: string;
  readonly files: readonly string[];
  /** Records of all files together, as the municipalities stated them. */
  readonly expected: number;
  /** One a processor. */
  readonly workers?: number;
  readonly progress?: (loaded: number) => void;
}

export interface FileOutcome {
  readonly file: string;
  readonly records: number;
  readonly repeated: boolean;
  readonly fault?: string;
  readonly faults: readonly { readonly row: number; readonly fields: readonly string[] }[];
}

export type FirstLoadOutcome =
  | { readonly ok: true; readonly counts: LoadCounts }
  | { readonly ok: false; readonly fault: string; readonly refused: readonly FileOutcome[] };

const job: Actor = { kind: 'job', name: 'first-load' };

/**
 * 初期移行 of an empty register from prepared files, with a worker a processor. Each file is a transaction of its own: a load that
 * was killed goes on where it stood when it is started again. Files that are refused are named with rows and fields; the register
 * is not opened until all are in.
 */
export async function runFirstLoad(options: FirstLoadOptions): Promise<FirstLoadOutcome> {
  const owner = await ownerDeps(options);
  try {
    const begun = await beginFirstLoad(owner.deps, job, null);
    if (!begun.ok) return { ok: false, fault: begun.error, refused: [] };
    // The keys' first use writes their check values: once, before several ask at the same moment.
    const queue = [...options.files];
    const outcomes: FileOutcome[] = [];
    let loaded = 0;
    const first = queue.shift();
    const note = (outcome: FileOutcome): void => {
      outcomes.push(outcome);
      loaded += outcome.records;
      options.progress?.(loaded);
    };
    if (first !== undefined) note(await loadOne(owner.deps, first));
    const workers = Math.min(options.workers ?? 2, queue.length);
    await Promise.all(Array.from({ length: workers }, () => work(options, queue, note)));
    const refused = outcomes.filter((o) => o.fault !== undefined);
    if (refused.length > 0) return { ok: false, fault: 'files-refused', refused };
    const finished = await finishFirstLoad(owner.deps, job, { expected: options.expected });
    if (!finished.ok) return { ok: false, fault: finished.error, refused: [] };
    return { ok: true, counts: finished.value };
  } finally {
    await owner.db.close();
  }
}

/** Statistics and visibility, once the register stands; outside any transaction. */
export async function settleTables({
  adminUrl,
  database,
}: Pick<FirstLoadOptions, 'adminUrl' | 'database'>): Promise<void> {
  await withClient(at(adminUrl, database), async (client) => {
    await client.query('vacuum (analyze, parallel 2) prefectural_juki.identification, vault.number');
  });
}

async function loadOne(deps: FirstLoadDeps, file: string): Promise<FileOutcome> {
  const faults: { row: number; fields: readonly string[] }[] = [];
  const result = await loadFile(deps, job, { bytes: await readFile(file), faults });
  return result.ok
    ? { file, ...result.value, faults }
    : { file, records: 0, repeated: false, fault: result.error, faults };
}

function work(options: FirstLoadOptions, queue: string[], note: (outcome: FileOutcome) => void): Promise<void> {
  const { progress: _, files: __, ...plain } = options;
  return new Promise((resolve, reject) => {
    // A file's rows live until it is written: in a small nursery they would be copied again and again.
    const worker = new Worker(new URL(import.meta.url), {
      workerData: plain,
      resourceLimits: { maxYoungGenerationSizeMb: 256 },
    });
    const next = (): void => worker.postMessage(queue.shift() ?? null);
    worker.on('message', (outcome: FileOutcome) => {
      note(outcome);
      next();
    });
    worker.once('error', reject);
    worker.once('exit', () => resolve());
    next();
  });
}

async function ownerDeps(
  options: Omit<FirstLoadOptions, 'files' | 'progress'>,
): Promise<{ deps: FirstLoadDeps; db: Database }> {
  const db = openAsOwner(options.adminUrl, options.database);
  const newId = uuidV7Maker(systemMachineClock, systemRandom);
  const [organisation = ''] = options.instance.split('/');
  const deps: FirstLoadDeps = {
    db,
    machineClock: systemMachineClock,
    civilClock: new SettableCivilClock(options.today),
    newId,
    random: systemRandom,
    rights: createRights(rights, organisation, { rolesOf: async () => [] }),
    audit: auditSink({ instance: options.instance, random: systemRandom }),
    ring: new KeyRing(await fileKeyProvider(path.resolve(options.keysDirectory))),
    newIds: uuidV7Blocks(systemMachineClock, systemRandom),
    municipalities: new Set(options.municipalities),
  };
  return { deps, db };
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const { deps, db } = await ownerDeps(workerData as FirstLoadOptions);
  port.on('message', (file: string | null) => {
    if (file !== null)
      void loadOne(deps, file).then(
        (outcome) => port.postMessage(outcome),
        (error: unknown) => {
          queueMicrotask(() => {
            throw error;
          });
        },
      );
    else void db.close().then(() => port.close());
  });
}
