import type { Difference, Scope } from '@musubi/contracts/juki/reconciliation.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export async function insertRun(
  tx: Tx,
  run: { readonly runId: string; readonly scope: Scope; readonly by: string; readonly startedOn: Temporal.PlainDate },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into municipal_juki.reconciliation_run (run_id, scope, started_by, started_on, started_at, event_id)
    values (${run.runId}, ${run.scope}, ${run.by}, ${run.startedOn}, ${at}, ${tx.eventId})`;
}

export interface RunResult {
  readonly records: number;
  readonly compared: number;
  readonly underWay: number;
  readonly bytes: number;
}

/** False where the result stands already. */
export async function insertResult(
  tx: Tx,
  runId: string,
  result: RunResult,
  differences: readonly Difference[],
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into municipal_juki.reconciliation_result (run_id, records, compared, under_way, differences, bytes, finished_at, event_id)
    values (${runId}, ${result.records}, ${result.compared}, ${result.underWay}, ${differences.length}, ${result.bytes}, ${at},
      ${tx.eventId}) on conflict (run_id) do nothing returning 1`;
  if (rows.length === 0) return false;
  await tx`
    insert into municipal_juki.reconciliation_difference (difference_id, run_id, kind, resident_record_code, items, event_id)
    select "differenceId", ${runId}::uuid, kind, "residentRecordCode", items, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(differences)})
        as d("differenceId" uuid, kind text, "residentRecordCode" text, items text[])`;
  return true;
}

/** The day of the last finished run of a scope, ISO. */
export async function lastFinished(tx: Tx, scopes: readonly Scope[]): Promise<string | undefined> {
  const [row] = await tx<{ on: string | null }>`
    select max(r.started_on)::text as on from municipal_juki.reconciliation_run r
      join municipal_juki.reconciliation_result using (run_id) where r.scope = any(${scopes}::text[])`;
  return row?.on ?? undefined;
}

/** Codes about which this server has a notice that has not arrived; `all` while a first load is on its way. */
export async function underWay(
  tx: Tx,
  stream: { readonly receiver: string; readonly single: string; readonly bulk: string },
  codes: readonly string[],
): Promise<Set<string>> {
  const [load] = await tx`select 1 from streams.outgoing where receiver = ${stream.receiver} and family = ${stream.bulk}
    and state in ('waiting', 'numbered', 'parking') limit 1`;
  if (load) return new Set(codes);
  const rows = await tx<{ subject: string }>`
    select distinct subject from streams.outgoing where receiver = ${stream.receiver} and family = ${stream.single}
       and state in ('waiting', 'numbered', 'parking') and subject = any(${codes}::text[])`;
  return new Set(rows.map((r) => r.subject));
}

export interface DifferenceLine extends Difference {
  readonly correction: 'sent' | 'unknown-here' | null;
}

export async function listDifferences(
  tx: Tx,
  runId: string,
  offset: number,
  limit: number,
): Promise<{ rows: DifferenceLine[]; total: number }> {
  const rows = await tx<DifferenceLine & object>`
    select d.difference_id as "differenceId", d.kind, d.resident_record_code as "residentRecordCode", d.items, c.result as correction
      from municipal_juki.reconciliation_difference d left join municipal_juki.reconciliation_correction c using (difference_id)
     where d.run_id = ${runId} order by d.kind, d.resident_record_code offset ${offset} limit ${limit}`;
  const [count] = await tx<{ n: number }>`
    select count(*)::int as n from municipal_juki.reconciliation_difference where run_id = ${runId}`;
  return { rows, total: count!.n };
}

export interface RunLine extends RunResult {
  readonly runId: string;
  readonly scope: Scope;
  readonly startedAt: Temporal.Instant;
  readonly startedBy: string;
  readonly finishedAt: Temporal.Instant | null;
  readonly differences: number;
  readonly requestedBy: string | null;
  readonly approvedBy: string | null;
}

/** Newest first; or the one asked for. */
export async function listRuns(
  tx: Tx,
  { runId = null, offset, limit }: { readonly runId?: string | null; readonly offset: number; readonly limit: number },
): Promise<{ rows: RunLine[]; total: number }> {
  const rows = await tx<Omit<RunLine, 'startedAt' | 'finishedAt'> & { startedAt: string; finishedAt: string | null }>`
    select r.run_id as "runId", r.scope, r.started_by as "startedBy", to_json(r.started_at)#>>'{}' as "startedAt",
           to_json(f.finished_at)#>>'{}' as "finishedAt", coalesce(f.records, 0) as records, coalesce(f.compared, 0) as compared,
           coalesce(f.under_way, 0) as "underWay", coalesce(f.differences, 0) as differences, coalesce(f.bytes, 0) as bytes,
           q.requested_by as "requestedBy", a.approved_by as "approvedBy"
      from municipal_juki.reconciliation_run r left join municipal_juki.reconciliation_result f using (run_id)
      left join municipal_juki.reconciliation_request q using (run_id)
      left join municipal_juki.reconciliation_approval a using (run_id)
     where ${runId}::uuid is null or r.run_id = ${runId}::uuid
     order by r.started_at desc, r.run_id offset ${offset} limit ${limit}`;
  const [count] = await tx<{ n: number }>`select count(*)::int as n from municipal_juki.reconciliation_run`;
  return {
    rows: rows.map((r) => ({
      ...r,
      startedAt: Temporal.Instant.from(r.startedAt),
      finishedAt: r.finishedAt === null ? null : Temporal.Instant.from(r.finishedAt),
    })),
    total: count!.n,
  };
}

export async function insertRequest(tx: Tx, runId: string, by: string, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into municipal_juki.reconciliation_request (run_id, requested_by, requested_at, event_id)
    values (${runId}, ${by}, ${at}, ${tx.eventId}) on conflict (run_id) do nothing returning 1`;
  return rows.length === 1;
}

export async function insertApproval(
  tx: Tx,
  a: { readonly runId: string; readonly requestedBy: string; readonly by: string },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into municipal_juki.reconciliation_approval (run_id, requested_by, approved_by, approved_at, event_id)
    values (${a.runId}, ${a.requestedBy}, ${a.by}, ${at}, ${tx.eventId}) on conflict (run_id) do nothing returning 1`;
  return rows.length === 1;
}

/** Approved and not corrected yet. */
export async function dueCorrections(tx: Tx, limit: number): Promise<Difference[]> {
  return tx<Difference & object>`
    select d.difference_id as "differenceId", d.kind, d.resident_record_code as "residentRecordCode", d.items
      from municipal_juki.reconciliation_difference d join municipal_juki.reconciliation_approval using (run_id)
     where not exists (select 1 from municipal_juki.reconciliation_correction c where c.difference_id = d.difference_id)
     order by d.run_id, d.difference_id limit ${limit}`;
}

export async function insertCorrection(
  tx: Tx,
  c: { readonly differenceId: string; readonly result: 'sent' | 'unknown-here' },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into municipal_juki.reconciliation_correction (difference_id, result, corrected_at, event_id)
    values (${c.differenceId}, ${c.result}, ${at}, ${tx.eventId}) on conflict (difference_id) do nothing`;
}
