import type { ComparedRecord, Scope } from '@musubi/contracts/juki/reconciliation.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import { codeText } from './identification.ts';

export interface OpenRun {
  readonly runId: string;
  readonly peer: string;
  readonly municipalityCode: string;
  readonly scope: Scope;
  readonly key: Buffer;
  readonly secret: string;
  readonly answer: string;
  readonly bits: number | null;
  readonly here: number | null;
  readonly there: number | null;
}

export interface NewRun extends Omit<OpenRun, 'bits' | 'here' | 'there'> {
  readonly startedOn: Temporal.PlainDate;
}

/** Ends what an interrupted run of the municipality left behind, then begins. */
export async function insertRun(tx: Tx, run: NewRun, at: Temporal.Instant): Promise<void> {
  await tx`delete from prefectural_juki.reconciliation_open where run_id in
    (select run_id from prefectural_juki.reconciliation_run where municipality_code = ${run.municipalityCode})`;
  await tx`
    insert into prefectural_juki.reconciliation_run (run_id, municipality_code, peer, scope, started_on, started_at, event_id)
    values (${run.runId}, ${run.municipalityCode}, ${run.peer}, ${run.scope}, ${run.startedOn}, ${at}, ${tx.eventId})`;
  await tx`
    insert into prefectural_juki.reconciliation_open (run_id, key, secret, answer)
    values (${run.runId}, ${run.key}, ${run.secret}, ${run.answer})`;
}

export async function isKnownRun(tx: Tx, runId: string): Promise<boolean> {
  return (await tx`select 1 from prefectural_juki.reconciliation_run where run_id = ${runId}`).length === 1;
}

/** Waits for its turn on the run. Undefined where it never began, is over, or belongs to another server. */
export async function lockRun(tx: Tx, runId: string, peer: string): Promise<OpenRun | undefined> {
  const [run] = await tx<OpenRun>`
    select r.run_id as "runId", r.peer, r.municipality_code as "municipalityCode", r.scope, o.key, o.secret, o.answer, o.bits, o.here,
           o.there
      from prefectural_juki.reconciliation_open o join prefectural_juki.reconciliation_run r using (run_id)
     where run_id = ${runId} and r.peer = ${peer} for update of o`;
  return run;
}

export interface ComparedRow {
  readonly personId: string;
  readonly numberRef: string;
  readonly record: Omit<ComparedRecord, 'individualNumber'>;
}
interface RawRow {
  personId: string;
  numberRef: string;
  code: number;
  name: string;
  nameKana: string;
  birthDate: string;
  sex: ComparedRecord['sex'];
  address: string;
  formerSurname: string | null;
  formerSurnameKana: string | null;
  status: ComparedRecord['status'];
}
const comparedRow = ({ personId, numberRef, code, ...items }: RawRow): ComparedRow => ({
  personId,
  numberRef,
  record: { residentRecordCode: codeText(code), ...items },
});

/** Everyone who is present in the municipality, in blocks; with `buckets` those whose code falls into one of them. */
export async function* presentIn(
  tx: Tx,
  municipalityCode: string,
  among?: { readonly bits: number; readonly buckets: readonly number[] },
): AsyncGenerator<ComparedRow[]> {
  const modulus = among === undefined ? 1 : 2 ** among.bits;
  const blocks = tx.cursor<RawRow>(5_000)`
    select person_id as "personId", number_ref as "numberRef", resident_record_code as code, name_kanji as name,
           name_furigana as "nameKana", birth_date::text as "birthDate", sex, address, former_surname_kanji as "formerSurname",
           former_surname_furigana as "formerSurnameKana", status
      from prefectural_juki.identification
     where municipality_code = ${municipalityCode} and not deleted_flag
       and (${among === undefined} or (resident_record_code / 10) % ${modulus}::bigint = any(${among?.buckets ?? []}::bigint[]))`;
  for await (const rows of blocks) yield rows.map(comparedRow);
}

/** Those of these persons who are present there now. */
export async function presentAmong(
  tx: Tx,
  municipalityCode: string,
  personIds: readonly string[],
): Promise<Map<string, ComparedRow>> {
  const rows = await tx<RawRow>`
    select person_id as "personId", number_ref as "numberRef", resident_record_code as code, name_kanji as name,
           name_furigana as "nameKana", birth_date::text as "birthDate", sex, address, former_surname_kanji as "formerSurname",
           former_surname_furigana as "formerSurnameKana", status
      from prefectural_juki.identification
     where person_id = any(${personIds}::uuid[]) and municipality_code = ${municipalityCode} and not deleted_flag`;
  return new Map(rows.map((row) => [row.personId, comparedRow(row)]));
}

export async function personsOfCodes(
  tx: Tx,
  municipalityCode: string,
  codes: readonly string[],
): Promise<Map<string, string>> {
  const rows = await tx<{ personId: string; code: number }>`
    select person_id as "personId", resident_record_code as code from prefectural_juki.identification
     where resident_record_code = any(${codes}::bigint[]) and municipality_code = ${municipalityCode} and not deleted_flag`;
  return new Map(rows.map((r) => [codeText(r.code), r.personId]));
}

export async function noteBuckets(
  tx: Tx,
  runId: string,
  n: { readonly bits: number; readonly here: number; readonly there: number },
): Promise<void> {
  await tx`delete from prefectural_juki.reconciliation_work where run_id = ${runId}`;
  await tx`update prefectural_juki.reconciliation_open set bits = ${n.bits}, here = ${n.here}, there = ${n.there} where run_id = ${runId}`;
}

export interface Work {
  readonly tag: string;
  readonly personId: string | null;
  readonly code: string | null;
  readonly digest: string | null;
  readonly there: 'same' | 'other' | 'none';
}

/** Candidates alone: entries that agree leave nothing. */
export async function insertWork(tx: Tx, runId: string, work: readonly Work[]): Promise<void> {
  await tx`
    insert into prefectural_juki.reconciliation_work (run_id, tag, person_id, code, digest, there)
    select ${runId}, decode(tag, 'hex'), "personId", code, decode(digest, 'hex'), there
      from jsonb_to_recordset(${json(work)}) as w(tag text, "personId" uuid, code bigint, digest text, there text)
    on conflict (run_id, tag) do nothing`;
}

export interface OpenWork {
  readonly tag: Buffer;
  readonly personId: string | null;
  readonly code: number | null;
  readonly there: Work['there'];
  readonly settled: string | null;
}

export async function workOf(tx: Tx, runId: string, tags?: readonly Buffer[]): Promise<OpenWork[]> {
  return tx<OpenWork>`
    select tag, person_id as "personId", code, there, settled from prefectural_juki.reconciliation_work
     where run_id = ${runId} and (${tags === undefined} or tag = any(${tags ?? []}::bytea[])) order by tag`;
}

export interface Settled {
  readonly tag: string;
  readonly personId: string | null;
  readonly code: string | null;
  readonly settled: 'missing' | 'surplus' | 'differing' | 'under-way' | 'same';
  readonly items: readonly string[];
}

export async function settleWork(tx: Tx, runId: string, settled: readonly Settled[]): Promise<void> {
  await tx`
    update prefectural_juki.reconciliation_work w
       set settled = s.settled, items = s.items, person_id = coalesce(s."personId", w.person_id), code = coalesce(s.code, w.code)
      from jsonb_to_recordset(${json(settled)}) as s(tag text, "personId" uuid, code bigint, settled text, items text[])
     where w.run_id = ${runId} and w.tag = decode(s.tag, 'hex')`;
}

export interface Counts {
  readonly missing: number;
  readonly surplus: number;
  readonly differing: number;
  readonly underWay: number;
}

export async function insertResult(
  tx: Tx,
  run: OpenRun,
  counts: Counts & { readonly bytes: number },
  today: Temporal.PlainDate,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into prefectural_juki.reconciliation_result
      (run_id, here, there, under_way, missing, surplus, differing, bytes, finished_on, finished_at, event_id)
    values (${run.runId}, ${run.here ?? 0}, ${run.there ?? 0}, ${counts.underWay}, ${counts.missing}, ${counts.surplus},
      ${counts.differing}, ${counts.bytes}, ${today}, ${at}, ${tx.eventId})`;
}

export interface StoredDifference {
  readonly differenceId: string;
  readonly kind: 'missing' | 'surplus' | 'differing';
  readonly personId: string | null;
  readonly code: number;
  readonly items: readonly string[];
}

/** What was found becomes fact, and the run's own notes go. */
export async function insertDifferences(tx: Tx, runId: string, found: readonly StoredDifference[]): Promise<void> {
  await tx`
    insert into prefectural_juki.reconciliation_difference (difference_id, run_id, kind, person_id, resident_record_code, items, event_id)
    select "differenceId", ${runId}::uuid, kind, "personId", code, items, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(found)}) as d("differenceId" uuid, kind text, "personId" uuid, code bigint, items text[])`;
  await tx`delete from prefectural_juki.reconciliation_open where run_id = ${runId}`;
}

export async function settledOf(
  tx: Tx,
  runId: string,
): Promise<{ kind: Settled['settled']; personId: string | null; code: number; items: string[] }[]> {
  return tx`select settled as kind, person_id as "personId", code, items from prefectural_juki.reconciliation_work
    where run_id = ${runId} order by tag`;
}

/** A finished run's answer, for a repeat. */
export async function finishedRun(
  tx: Tx,
  runId: string,
  peer: string,
): Promise<{ here: number; underWay: number; differences: StoredDifference[] } | undefined> {
  const [result] = await tx<{ here: number; underWay: number }>`
    select f.here, f.under_way as "underWay" from prefectural_juki.reconciliation_result f
      join prefectural_juki.reconciliation_run r using (run_id) where run_id = ${runId} and r.peer = ${peer}`;
  if (!result) return undefined;
  return { ...result, differences: await differencesOf(tx, runId, 0, 10_000) };
}

export async function differencesOf(tx: Tx, runId: string, offset: number, limit: number): Promise<StoredDifference[]> {
  return tx<StoredDifference & object>`
    select difference_id as "differenceId", kind, person_id as "personId", resident_record_code as code, items
      from prefectural_juki.reconciliation_difference where run_id = ${runId}
     order by kind, resident_record_code offset ${offset} limit ${limit}`;
}

export async function countDifferences(tx: Tx, runId: string): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from prefectural_juki.reconciliation_difference where run_id = ${runId}`;
  return row!.n;
}

export interface RunLine extends Counts {
  readonly runId: string;
  readonly municipalityCode: string;
  readonly scope: Scope;
  readonly startedAt: Temporal.Instant;
  readonly finishedAt: Temporal.Instant | null;
  readonly here: number;
  readonly there: number;
  readonly bytes: number;
}

/** Newest first. */
export async function listRuns(tx: Tx, offset: number, limit: number): Promise<{ rows: RunLine[]; total: number }> {
  const rows = await tx<Omit<RunLine, 'startedAt' | 'finishedAt'> & { startedAt: string; finishedAt: string | null }>`
    select r.run_id as "runId", r.municipality_code as "municipalityCode", r.scope, to_json(r.started_at)#>>'{}' as "startedAt",
           to_json(f.finished_at)#>>'{}' as "finishedAt", coalesce(f.here, 0) as here, coalesce(f.there, 0) as there,
           coalesce(f.under_way, 0) as "underWay", coalesce(f.missing, 0) as missing, coalesce(f.surplus, 0) as surplus,
           coalesce(f.differing, 0) as differing, coalesce(f.bytes, 0) as bytes
      from prefectural_juki.reconciliation_run r left join prefectural_juki.reconciliation_result f using (run_id)
     order by r.started_at desc, r.run_id offset ${offset} limit ${limit}`;
  const [count] = await tx<{ n: number }>`select count(*)::int as n from prefectural_juki.reconciliation_run`;
  return {
    rows: rows.map((r) => ({
      ...r,
      startedAt: Temporal.Instant.from(r.startedAt),
      finishedAt: r.finishedAt === null ? null : Temporal.Instant.from(r.finishedAt),
    })),
    total: count!.n,
  };
}
