import { type Act, type ActDeps, type Actor, act } from '../db/act.ts';
import { withTransaction } from '../db/database.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import { type BatchDefinition, type Params, paramsDigest } from './definition.ts';
import * as store from './store.ts';

/** A worker that gives no sign of life for so long counts as dead; it beats three times in that span. */
const leaseMs = 60_000;
/** A chunk that breaks (not: refuses) is tried so often before the run fails. */
const chunkTries = 3;

export interface BatchEnd {
  readonly runId: string;
  readonly state: 'done' | 'stopped' | 'failed' | 'blocked';
  /** Word of the step for `failed` and `blocked`. */
  readonly why?: string;
}

export interface RunOptions {
  /** Ends the run after the chunk in which it is, as a stop by a person does. */
  readonly signal?: AbortSignal;
  readonly onError?: (error: unknown) => void;
}

/**
 * Starts, or takes up again, the run of these parameters and works it to its end. A run that is done is not done again;
 * one that stopped, failed, was blocked or lost its worker goes on after its last checkpoint.
 */
export async function runBatch<D extends ActDeps, P extends Params>(
  deps: D,
  actor: Actor,
  definition: BatchDefinition<D, P>,
  params: P,
  options: RunOptions = {},
): Promise<Result<BatchEnd, 'already-running' | 'not-authorised'>> {
  const holder = deps.newId();
  const begun = await startAct(definition)(deps, actor, { params, holder });
  if (!begun.ok) return begun;
  const { runId, state } = begun.value;
  if (state === 'done') return ok({ runId, state: 'done' });
  const run: Run<D, P> = { deps, actor, definition, params, runId, holder, options };
  const beating = keepAlive(run);
  let end: Omit<BatchEnd, 'runId'>;
  try {
    end = await work(run);
  } finally {
    await beating.stop();
  }
  const ended = await endAct(definition)(deps, actor, { runId, holder, ...end });
  if (!ended.ok) {
    // The lease went to another worker meanwhile: the run is theirs.
    return err(ended.error === 'taken-over' ? 'already-running' : 'not-authorised');
  }
  return ok({ runId, ...end });
}

interface Run<D extends ActDeps, P extends Params> {
  readonly deps: D;
  readonly actor: Actor;
  readonly definition: BatchDefinition<D, P>;
  readonly params: P;
  readonly runId: string;
  readonly holder: string;
  readonly options: RunOptions;
}

function startAct<D extends ActDeps, P extends Params>(definition: BatchDefinition<D, P>) {
  return act(`${definition.name}.start`, {
    right: definition.right,
    async run(tx, deps: D, { params, holder }: { params: P; holder: string }, actor) {
      const at = deps.machineClock.now();
      const run = await store.lockOrMakeRun(tx, {
        runId: deps.newId(),
        name: definition.name,
        params,
        digest: paramsDigest(params),
        by: nameOf(actor),
        on: deps.civilClock.today(),
        at,
      });
      if (run.state !== 'done') {
        if (run.state === 'running' && run.holder !== null && isAfter(run.until, at)) return err('already-running');
        await store.setState(tx, run.runId, 'running', null, null);
        await store.takeLease(tx, run.runId, holder, at.add({ milliseconds: leaseMs }));
      }
      tx.record({ event: 'batch.started', detail: { batch: definition.name, run: run.runId, before: run.state } });
      return ok({ runId: run.runId, state: run.state });
    },
  });
}

function endAct<D extends ActDeps, P extends Params>(definition: BatchDefinition<D, P>) {
  return act(`${definition.name}.end`, {
    right: definition.right,
    async run(tx, deps: D, command: BatchEnd & { holder: string }) {
      const at = deps.machineClock.now();
      await store.lockRun(tx, command.runId);
      if (!(await store.beat(tx, command.runId, command.holder, at))) return err('taken-over');
      await store.setState(tx, command.runId, command.state, command.why ?? null, at);
      await store.dropLease(tx, command.runId, command.holder);
      tx.record({
        event: `batch.${command.state}`,
        detail: { batch: definition.name, run: command.runId, why: command.why ?? '' },
      });
      return ok(undefined);
    },
  });
}

type Stop = Omit<BatchEnd, 'runId'>;

async function work<D extends ActDeps, P extends Params>(run: Run<D, P>): Promise<Stop> {
  for (const [i] of run.definition.steps.entries()) {
    const stopped = await workStep(run, i + 1);
    if (stopped) return stopped;
  }
  return { state: 'done' };
}

async function workStep<D extends ActDeps, P extends Params>(
  run: Run<D, P>,
  stepNo: number,
): Promise<Stop | undefined> {
  const chunk = chunkAct(run, stepNo);
  for (let tries = 0; ; ) {
    if (run.options.signal?.aborted || (await stopRequested(run))) return { state: 'stopped' };
    let done: Awaited<ReturnType<typeof chunk>>;
    try {
      done = await chunk(run.deps, run.actor, undefined);
    } catch (error) {
      run.options.onError?.(error);
      tries += 1;
      if (tries >= chunkTries) return { state: 'failed', why: 'broken' };
      continue;
    }
    tries = 0;
    if (done.ok) {
      if (done.value === 'finished') return undefined;
      continue;
    }
    if (done.error.startsWith('blocked:')) return { state: 'blocked', why: done.error.slice('blocked:'.length) };
    return { state: 'failed', why: done.error };
  }
}

/** One chunk: checkpoint, rejects, facts and event in one transaction, behind the step's lock. */
function chunkAct<D extends ActDeps, P extends Params>(
  { definition, runId, holder, params }: Run<D, P>,
  stepNo: number,
): Act<D, undefined, 'more' | 'finished', string> {
  const step = definition.steps[stepNo - 1]!;
  return act<D, undefined, 'more' | 'finished', string>(`${definition.name}.${step.name}`, {
    right: definition.right,
    async run(tx, deps, _nothing, actor) {
      const at = deps.machineClock.now();
      // Read without a lock, so that a wish to stop never waits for a chunk; the step's lock is what keeps two apart.
      if ((await store.readRun(tx, runId))?.holder !== holder) return err('taken-over');
      let row = await store.lockStep(tx, runId, stepNo);
      if (!row) {
        const total = await step.total(tx, deps, params);
        if (!total.ok) return err(`blocked:${total.error}`);
        await store.insertStep(tx, runId, stepNo, step.name, total.value, at);
        row = await store.lockStep(tx, runId, stepNo);
      }
      if (row!.finished) {
        tx.record({ event: 'batch.step-already-finished', detail: { run: runId, step: stepNo } });
        return ok('finished');
      }
      const where = { runId, stepNo, chunkNo: row!.chunks + 1 };
      const done = await step.chunk(tx, deps, { runId, params, cursor: row!.cursor, chunkNo: where.chunkNo }, actor);
      if (!done.ok) return done;
      const { value } = done;
      if (enforced('jobs.counts-balance') && value.in !== value.out + value.rejects.length)
        return err('chunk-out-of-balance');
      const inAll = row!.in + value.in;
      if (inAll > row!.total || (value.next === null && inAll !== row!.total)) return err('step-out-of-balance');
      if (value.next !== null && value.next === row!.cursor) return err('no-progress');
      await store.insertChunk(tx, at, where, value);
      await store.insertRejects(tx, deps.newId, where, value.rejects);
      return ok(value.next === null ? 'finished' : 'more');
    },
  });
}

async function stopRequested<D extends ActDeps, P extends Params>({ deps, runId }: Run<D, P>): Promise<boolean> {
  const row = await withTransaction(deps.db, deps.newId(), (tx) => store.readRun(tx, runId), { readOnly: true });
  return row?.stopRequested ?? false;
}

/** Signs of life, also during long chunks. */
function keepAlive<D extends ActDeps, P extends Params>({ deps, runId, holder, options }: Run<D, P>) {
  let last: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    last = withTransaction(deps.db, deps.newId(), (tx) =>
      store.beat(tx, runId, holder, deps.machineClock.now().add({ milliseconds: leaseMs })),
    ).catch((error: unknown) => options.onError?.(error));
  }, leaseMs / 3);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await last;
    },
  };
}

const nameOf = (actor: Actor): string =>
  actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? `job:${actor.name}` : actor.kind;

const isAfter = (text: string | null, now: Temporal.Instant): boolean =>
  text !== null && Temporal.Instant.compare(Temporal.Instant.from(text.replace(' ', 'T')), now) > 0;
