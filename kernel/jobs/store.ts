import { json, type SqlValue, type Tx } from '../db/sql.ts';
import type { ChunkDone, Params, Reject } from './definition.ts';

export type RunState = 'queued' | 'running' | 'stopped' | 'failed' | 'blocked' | 'done';

export interface RunRow {
  readonly runId: string;
  readonly state: RunState;
  readonly why: string | null;
  readonly holder: string | null;
  readonly until: string | null;
  readonly stopRequested: boolean;
}

/** The run's row is made when it is not there, then locked: two starters meet here. */
export async function lockOrMakeRun(
  tx: Tx,
  run: {
    runId: string;
    name: string;
    params: Params;
    digest: Buffer;
    by: string;
    on: Temporal.PlainDate;
    at: Temporal.Instant;
  },
): Promise<RunRow> {
  await tx`
    insert into jobs.run (run_id, name, params, params_digest, state, started_by, started_on, started_at, event_id)
    values (${run.runId}, ${run.name}, ${json(run.params)}, ${run.digest}, 'queued', ${run.by}, ${run.on}, ${run.at}, ${tx.eventId})
    on conflict (name, params_digest) do nothing`;
  const [found] = await tx<{ runId: string }>`
    select run_id as "runId" from jobs.run where name = ${run.name} and params_digest = ${run.digest}
       for no key update`;
  await tx`insert into jobs.lease (run_id) values (${found!.runId}) on conflict do nothing`;
  return (await readRun(tx, found!.runId))!;
}

export async function readRun(tx: Tx, runId: string): Promise<RunRow | undefined> {
  const rows = await tx<RunRow>`
    select r.run_id as "runId", r.state, r.why, l.holder, l.until, l.stop_requested_at is not null as "stopRequested"
      from jobs.run r join jobs.lease l using (run_id) where r.run_id = ${runId}`;
  return rows[0];
}

/** Run before lease, in every transaction that takes both: otherwise a start and an end can wait for each other. */
export async function lockRun(tx: Tx, runId: string): Promise<void> {
  await tx`select 1 from jobs.run where run_id = ${runId} for no key update`;
}

export async function setState(
  tx: Tx,
  runId: string,
  state: RunState,
  why: string | null,
  at: Temporal.Instant | null,
): Promise<void> {
  await tx`update jobs.run set state = ${state}, why = ${why}, ended_at = ${at} where run_id = ${runId}`;
}

export async function takeLease(tx: Tx, runId: string, holder: string, until: Temporal.Instant): Promise<void> {
  await tx`update jobs.lease set holder = ${holder}, until = ${until}, stop_requested_at = null where run_id = ${runId}`;
}

/** False where another worker has taken the run over. */
export async function beat(tx: Tx, runId: string, holder: string, until: Temporal.Instant): Promise<boolean> {
  const rows =
    await tx`update jobs.lease set until = ${until} where run_id = ${runId} and holder = ${holder} returning 1`;
  return rows.length === 1;
}

export async function dropLease(tx: Tx, runId: string, holder: string): Promise<void> {
  await tx`update jobs.lease set holder = null, until = null where run_id = ${runId} and holder = ${holder}`;
}

export interface StepRow {
  readonly stepNo: number;
  readonly name: string;
  readonly total: number;
  readonly chunks: number;
  readonly in: number;
  readonly out: number;
  readonly rejected: number;
  readonly cursor: string | null;
  readonly finished: boolean;
}

/** Waits for its turn on the step: a chunk of a worker that was taken for dead ends first, or never. */
export async function lockStep(tx: Tx, runId: string, stepNo: number): Promise<StepRow | undefined> {
  const rows = await tx<StepRow>`
    select step_no as "stepNo", name, total, chunks, in_count as "in", out_count as "out", rejected_count as rejected,
           cursor, finished
      from jobs.step where run_id = ${runId} and step_no = ${stepNo} for update`;
  return rows[0];
}

export async function insertStep(
  tx: Tx,
  runId: string,
  stepNo: number,
  name: string,
  total: number,
  at: Temporal.Instant,
): Promise<void> {
  await tx`insert into jobs.step (run_id, step_no, name, total, started_at)
    values (${runId}, ${stepNo}, ${name}, ${total}, ${at}) on conflict do nothing`;
}

export async function insertChunk(
  tx: Tx,
  at: Temporal.Instant,
  where: { runId: string; stepNo: number; chunkNo: number },
  done: ChunkDone,
) {
  const { runId, stepNo, chunkNo } = where;
  await tx`
    insert into jobs.chunk (run_id, step_no, chunk_no, in_count, out_count, rejected_count, done_at, event_id)
    values (${runId}, ${stepNo}, ${chunkNo}, ${done.in}, ${done.out}, ${done.rejects.length}, ${at}, ${tx.eventId})`;
  const finished: SqlValue = done.next === null;
  await tx`
    update jobs.step set chunks = ${chunkNo}, in_count = in_count + ${done.in}, out_count = out_count + ${done.out},
           rejected_count = rejected_count + ${done.rejects.length}, cursor = ${done.next}, finished = ${finished},
           finished_at = ${finished ? at : null}
     where run_id = ${runId} and step_no = ${stepNo}`;
}

export async function insertRejects(
  tx: Tx,
  newId: () => string,
  { runId, stepNo, chunkNo }: { runId: string; stepNo: number; chunkNo: number },
  rejects: readonly Reject[],
): Promise<void> {
  if (rejects.length === 0) return;
  await tx`
    insert into jobs.reject (reject_id, run_id, step_no, chunk_no, row_number, code, field, ref, event_id)
    select r.id, ${runId}::uuid, ${stepNo}::int, ${chunkNo}::int, r.row_number, r.code, r.field, r.ref, ${tx.eventId}::uuid
      from unnest(${rejects.map(() => newId())}::uuid[], ${rejects.map((r) => r.rowNumber)}::bigint[],
                  ${rejects.map((r) => r.code)}::text[], ${rejects.map((r) => r.field ?? null)}::text[],
                  ${rejects.map((r) => r.ref ?? null)}::text[]) as r (id, row_number, code, field, ref)`;
}
