import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface OpenRun {
  readonly runId: string;
  readonly municipalityCode: string;
  readonly secret: string;
  readonly answer: string;
  readonly bits: number | null;
  readonly differing: readonly number[] | null;
}

/** Waits for its turn on the run. Undefined where it never began, is over, or belongs to another server. */
export async function lockRun(tx: Tx, runId: string, peer: string): Promise<OpenRun | undefined> {
  const [run] = await tx<OpenRun & object>`
    select r.run_id as "runId", r.municipality_code as "municipalityCode", o.secret, o.answer, o.bits, o.differing
      from fuhyo_link.reconciliation_open o join fuhyo_link.reconciliation_run r using (run_id)
     where run_id = ${runId} and r.peer = ${peer} for update of o`;
  return run;
}

/** Ends what an interrupted run of the municipality left behind, then begins. False where the id was used before. */
export async function insertRun(
  tx: Tx,
  run: Omit<OpenRun, 'bits' | 'differing'> & { readonly peer: string },
  at: Temporal.Instant,
): Promise<boolean> {
  await tx`delete from fuhyo_link.reconciliation_open where run_id in
    (select run_id from fuhyo_link.reconciliation_run where municipality_code = ${run.municipalityCode})`;
  const rows = await tx`
    insert into fuhyo_link.reconciliation_run (run_id, municipality_code, peer, started_at, event_id)
    values (${run.runId}, ${run.municipalityCode}, ${run.peer}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  if (rows.length === 0) return false;
  await tx`insert into fuhyo_link.reconciliation_open (run_id, secret, answer) values (${run.runId}, ${run.secret}, ${run.answer})`;
  return true;
}

export async function noteBuckets(tx: Tx, runId: string, bits: number, differing: readonly number[]): Promise<void> {
  await tx`update fuhyo_link.reconciliation_open set bits = ${bits}, differing = ${differing} where run_id = ${runId}`;
}

export interface PresentRow {
  readonly residentRecordCode: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly addressMunicipalityCode: string | null;
  readonly address: string;
  readonly lastAddress: string | null;
  readonly recordState: 'domestic' | 'abroad';
}

/** Present persons whose supplement the municipality keeps, in blocks. */
export const presentOf = (tx: Tx, municipalityCode: string): AsyncIterable<PresentRow[]> =>
  tx.cursor<PresentRow & object>(1_000)`
    select resident_record_code as "residentRecordCode", name_kanji as name, name_furigana as "nameKana", birth_date::text as "birthDate",
           sex, address_municipality_code as "addressMunicipalityCode", address_kanji as address, last_address_kanji as "lastAddress",
           record_state as "recordState"
      from fuhyo_link.supplement where managing_municipality_code = ${municipalityCode} and record_state <> 'removed'`;

export interface Found {
  readonly differenceId: string;
  readonly kind: 'missing' | 'surplus' | 'differing';
  readonly residentRecordCode: string;
  readonly items: readonly string[];
}

export async function insertResult(
  tx: Tx,
  runId: string,
  counts: { readonly compared: number; readonly underWay: number },
  found: readonly Found[],
  at: Temporal.Instant,
): Promise<void> {
  const count = (kind: Found['kind']): number => found.filter((f) => f.kind === kind).length;
  await tx`
    insert into fuhyo_link.reconciliation_result (run_id, compared, missing, surplus, differing, under_way, finished_at, event_id)
    values (${runId}, ${counts.compared}, ${count('missing')}, ${count('surplus')}, ${count('differing')}, ${counts.underWay}, ${at},
      ${tx.eventId})`;
  await tx`
    insert into fuhyo_link.reconciliation_difference (difference_id, run_id, kind, resident_record_code, items, event_id)
    select "differenceId", ${runId}::uuid, kind, "residentRecordCode", items, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(found)}) as d("differenceId" uuid, kind text, "residentRecordCode" text, items text[])`;
  await tx`delete from fuhyo_link.reconciliation_open where run_id = ${runId}`;
}

export interface RunLine {
  readonly runId: string;
  readonly municipalityCode: string;
  readonly startedAt: Temporal.Instant;
  /** Null: open, or interrupted and without findings. */
  readonly compared: number | null;
  readonly missing: number | null;
  readonly surplus: number | null;
  readonly differing: number | null;
  readonly underWay: number | null;
}

/** Newest first. */
export async function listRuns(
  tx: Tx,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ rows: RunLine[]; total: number }> {
  const rows = await tx<Omit<RunLine, 'startedAt'> & { startedAt: string; total: number }>`
    select r.run_id as "runId", municipality_code as "municipalityCode", to_json(started_at)#>>'{}' as "startedAt", compared, missing,
           surplus, differing, under_way as "underWay", count(*) over ()::int as total
      from fuhyo_link.reconciliation_run r left join fuhyo_link.reconciliation_result using (run_id)
     order by started_at desc, r.run_id offset ${offset} limit ${limit}`;
  return {
    rows: rows.map(({ total: _, ...r }) => ({ ...r, startedAt: Temporal.Instant.from(r.startedAt) })),
    total: rows[0]?.total ?? 0,
  };
}
