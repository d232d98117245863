import { type ActDeps, type Actor, act, look, type Right } from '../db/act.ts';
import { err, ok } from '../result/result.ts';
import type { Params } from './definition.ts';
import { type RunState, readRun } from './store.ts';

export interface Progress {
  readonly runId: string;
  readonly name: string;
  readonly params: Params;
  readonly state: RunState;
  readonly why: string | undefined;
  readonly startedBy: string;
  readonly steps: readonly StepProgress[];
}

export interface StepProgress {
  readonly name: string;
  readonly total: number;
  readonly in: number;
  readonly out: number;
  readonly rejected: number;
  readonly finished: boolean;
  /** Seconds until the step's end at the pace of its last twenty chunks; undefined while that cannot be told. */
  readonly secondsLeft: number | undefined;
}

export interface OpenReject {
  readonly rejectId: string;
  readonly step: string;
  readonly rowNumber: number;
  readonly code: string;
  readonly field: string | undefined;
  readonly ref: string | undefined;
}

/** What people do with runs and their reject lists; `right` is the batch's own. */
export function batchUseCases(right: Right) {
  const reading: Right = [right[0], right[1], 'read'];

  const progress = look('jobs.progress', {
    right: reading,
    async run(tx, _deps: ActDeps, { runId }: { readonly runId: string }): Promise<Progress | undefined> {
      const [run] = await tx<Omit<Progress, 'steps' | 'why'> & { why: string | null }>`
        select run_id as "runId", name, params, state, why, started_by as "startedBy" from jobs.run where run_id = ${runId}`;
      if (!run) return undefined;
      const steps = await tx<Omit<StepProgress, 'secondsLeft'> & { perSecond: number | null }>`
        select s.name, s.total, s.in_count as "in", s.out_count as "out", s.rejected_count as rejected, s.finished,
               pace.per_second as "perSecond"
          from jobs.step s
          left join lateral (
            select ((sum(c.in_count) - min(c.in_count) filter (where c.k = c.n))
                   / nullif(extract(epoch from max(c.done_at) - min(c.done_at)), 0))::float8 as per_second
              from (select in_count, done_at, row_number() over (order by chunk_no desc) as k, count(*) over () as n
                      from (select * from jobs.chunk c where c.run_id = s.run_id and c.step_no = s.step_no
                             order by chunk_no desc limit 20) last) c) pace on true
         where s.run_id = ${runId} order by s.step_no`;
      return {
        ...run,
        why: run.why ?? undefined,
        steps: steps.map(({ perSecond, ...step }) => ({
          ...step,
          secondsLeft: step.finished ? 0 : perSecond ? Math.ceil((step.total - step.in) / perSecond) : undefined,
        })),
      };
    },
  });

  /** The run ends after the chunk in which it is. */
  const stop = act('jobs.stop', {
    right,
    async run(tx, deps: ActDeps, { runId }: { readonly runId: string }) {
      const run = await readRun(tx, runId);
      if (!run) return err('no-such-run');
      if (run.state !== 'running') return err('not-running');
      await tx`update jobs.lease set stop_requested_at = ${deps.machineClock.now()} where run_id = ${runId}`;
      tx.record({ event: 'batch.stop-requested', detail: { run: runId } });
      return ok(undefined);
    },
  });

  /** Reject list, in the order of the input. Names rows and faults; `ref` may lead to a person, so reading is recorded. */
  const listRejects = act('jobs.list-rejects', {
    right: reading,
    async run(tx, _deps: ActDeps, query: { readonly runId: string; readonly limit: number; readonly after?: number }) {
      const rows = await tx<Omit<OpenReject, 'field' | 'ref'> & { field: string | null; ref: string | null }>`
        select r.reject_id as "rejectId", s.name as step, r.row_number as "rowNumber", r.code, r.field, r.ref
          from jobs.reject r join jobs.step s using (run_id, step_no)
         where r.run_id = ${query.runId} and r.row_number > ${query.after ?? 0}
           and not exists (select 1 from jobs.reject_resolution x where x.reject_id = r.reject_id)
         order by r.step_no, r.row_number limit ${query.limit}`;
      tx.record({ event: 'batch.rejects-read', detail: { run: query.runId, count: rows.length } });
      return ok(rows.map((r): OpenReject => ({ ...r, field: r.field ?? undefined, ref: r.ref ?? undefined })));
    },
  });

  const resolveReject = act('jobs.resolve-reject', {
    right,
    async run(
      tx,
      deps: ActDeps,
      command: { readonly rejectId: string; readonly resolution: 'corrected' | 'sent-back' | 'not-needed' },
      actor: Actor,
    ) {
      const found = await tx`select 1 from jobs.reject where reject_id = ${command.rejectId}`;
      if (found.length === 0) return err('no-such-reject');
      const by = actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? `job:${actor.name}` : actor.kind;
      const rows = await tx`
        insert into jobs.reject_resolution (reject_id, resolution, resolved_by, resolved_at, event_id)
        values (${command.rejectId}, ${command.resolution}, ${by}, ${deps.machineClock.now()}, ${tx.eventId})
        on conflict (reject_id) do nothing returning 1`;
      if (rows.length === 0) return err('already-resolved');
      tx.record({
        event: 'batch.reject-resolved',
        facts: ['jobs.reject_resolution'],
        detail: { reject: command.rejectId, resolution: command.resolution },
      });
      return ok(undefined);
    },
  });

  return { progress, stop, listRejects, resolveReject };
}
