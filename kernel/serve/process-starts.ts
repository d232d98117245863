import { type ActDeps, act, look } from '../db/act.ts';
import { readMigrations, type SchemaSet } from '../db/migrate.ts';
import { type Place, takePlace } from '../db/place.ts';
import type { Tx } from '../db/sql.ts';
import { ok } from '../result/result.ts';
import type { Composition } from './composition.ts';

export interface ProcessStart extends Composition {
  readonly startId: string;
  readonly outcome: 'serving' | 'refused';
  readonly why: 'already-running' | 'other-schema' | null;
  /** The start beside which this one was refused. */
  readonly beside: string | null;
  readonly startedAt: string;
}

/** A process that may not serve from this database. Its message is for the operator's terminal. */
export class StartRefused extends Error {
  readonly why: 'already-running' | 'other-schema';

  constructor(why: StartRefused['why'], message: string) {
    super(message);
    this.name = 'StartRefused';
    this.why = why;
  }
}

const right = ['serve', 'process-start', 'update'] as const;
const starter = { kind: 'job', name: 'start' } as const;

const noteStart = act('serve.start-process', {
  right,
  async run(tx, deps: ActDeps, { startId, of }: { readonly startId: string; readonly of: Composition }) {
    await insertStart(tx, deps, { startId, outcome: 'serving', why: null, beside: null, ...of });
    tx.record({ event: 'deployment.started', facts: ['serve.process_start'], detail: { startId, ...of } });
    return ok(null);
  },
});

const noteRefusal = act('serve.refuse-process', {
  right,
  async run(
    tx,
    deps: ActDeps,
    {
      why,
      of,
      beside,
    }: { readonly why: StartRefused['why']; readonly of: Composition; readonly beside: string | null },
  ) {
    const running = beside === null ? undefined : await startOf(tx, beside);
    const startId = deps.newId();
    await insertStart(tx, deps, { startId, outcome: 'refused', why, beside: running?.startId ?? null, ...of });
    tx.record({
      event: 'deployment.refused',
      facts: ['serve.process_start'],
      detail: { startId, why, ...of, ...(running === undefined ? {} : runningOf(running)) },
    });
    return ok(running);
  },
});

const runningOf = (s: ProcessStart): Record<string, string> => ({
  beside: s.startId,
  runningProgram: s.program,
  runningRates: s.rates,
  runningForms: s.forms,
  runningSchema: s.schema,
  runningConfiguration: s.configuration,
});

/** Newest first: what serves, what served before, and what was refused. Builds and moments, nothing of a person. */
export const readProcessStarts = look('serve.read-process-starts', {
  right: ['serve', 'process-start', 'read'],
  run: async (tx: Tx, _deps: ActDeps, { limit }: { readonly limit: number }) => startsOf(tx, limit),
});

export interface StartOptions {
  readonly deps: ActDeps;
  readonly url: string;
  readonly of: Composition;
  readonly schemas: readonly SchemaSet[];
  /** How long the process before may take to leave; one that was killed has left at once. */
  readonly patienceMs?: number;
  readonly onDisplaced: () => void;
}

/**
 * Every instance is made for one process: what it holds in memory (civil date, queues of calls, certificates' cache) stands nowhere
 * else. A second one over the same database is refused, whatever its build and configuration; so is one whose schemas are not the
 * database's. A change of build is therefore always: stop, bring the database to its form, start.
 *
 * @throws StartRefused
 */
export async function startProcess(options: StartOptions): Promise<Place> {
  const { deps, of, url, patienceMs = 3_000, onDisplaced } = options;
  const startId = deps.newId();
  const taken = await takePlace({ url, holder: startId, patienceMs, onDisplaced });
  if ('takenBy' in taken) {
    const refused = await noteRefusal(deps, starter, { why: 'already-running', of, beside: taken.takenBy }).catch(
      () => undefined,
    );
    const running = refused?.ok ? refused.value : undefined;
    throw new StartRefused('already-running', `この構成では複数起動できません（起動済み: ${namesOf(running)}）`);
  }
  const { place } = taken;
  try {
    const difference = await schemaDifference(deps, options.schemas);
    if (difference !== undefined) {
      await noteRefusal(deps, starter, { why: 'other-schema', of, beside: null }).catch(() => undefined);
      throw new StartRefused('other-schema', `データベースの版がこのプログラムと合いません（${difference}）`);
    }
    await noteStart(deps, starter, { startId, of });
    return place;
  } catch (error) {
    await place.release();
    throw error;
  }
}

const namesOf = (running: ProcessStart | undefined): string =>
  running === undefined
    ? '不明'
    : `${running.startedAt}、版 ${running.program}、税率等 ${running.rates}、様式 ${running.forms}、データベース ${running.schema}、設定 ${running.configuration}`;

/** The first migration in which program and database differ. */
async function schemaDifference(deps: ActDeps, schemas: readonly SchemaSet[]): Promise<string | undefined> {
  const wanted = new Map((await readMigrations(schemas)).map((m) => [`${m.set}/${m.file}`, m.checksum]));
  const found = await appliedMigrations(deps, starter, {});
  if (!found.ok) throw new Error(found.error);
  const applied = new Map(found.value.map((m) => [`${m.set}/${m.file}`, m.checksum]));
  const differs = [...wanted].find(([file, checksum]) => applied.get(file) !== checksum);
  return differs?.[0] ?? [...applied.keys()].find((file) => !wanted.has(file));
}

const appliedMigrations = look('serve.read-migrations', {
  right,
  run: async (tx: Tx, _deps: ActDeps, _query: object) =>
    tx<{ set: string; file: string; checksum: string }>`
      select set_name as set, file, checksum from musubi.migration order by set_name, number`,
});

async function insertStart(tx: Tx, { machineClock }: ActDeps, s: Omit<ProcessStart, 'startedAt'>): Promise<void> {
  await tx`
    insert into serve.process_start
      (start_id, outcome, why, program, rates, forms, schema_form, configuration, beside, started_at, event_id)
    values (${s.startId}, ${s.outcome}, ${s.why}, ${s.program}, ${s.rates}, ${s.forms}, ${s.schema}, ${s.configuration},
      ${s.beside}, ${machineClock.now()}, ${tx.eventId})`;
}

async function startOf(tx: Tx, holder: string): Promise<ProcessStart | undefined> {
  const [row] = await tx<ProcessStart>`
    select start_id as "startId", outcome, why, program, rates, forms, schema_form as schema, configuration, beside,
           to_json(started_at)#>>'{}' as "startedAt"
      from serve.process_start where start_id::text = ${holder}`;
  return row;
}

const startsOf = (tx: Tx, limit: number): Promise<ProcessStart[]> =>
  tx<ProcessStart>`
    select start_id as "startId", outcome, why, program, rates, forms, schema_form as schema, configuration, beside,
           to_json(started_at)#>>'{}' as "startedAt"
      from serve.process_start order by started_at desc, start_id desc limit ${limit}`;
