import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { StoredCopy } from './copies.ts';

export interface CopyFileRow {
  readonly fileId: string;
  readonly system: string;
  readonly kind: 'full' | 'difference' | 'comparison';
  readonly informationCode: string;
  /** As the copies carry it: `taxYear:2026`. */
  readonly condition: string;
  readonly validFrom: string;
  readonly rows: number;
  readonly parts: number;
  readonly digest: string;
}

/** The latest day from which a full file that was released speaks for everyone; null where there is none. */
export async function releasedFrom(
  tx: Tx,
  f: Pick<CopyFileRow, 'informationCode' | 'condition'>,
): Promise<string | null> {
  const [row] = await tx<{ day: string | null }>`
    select max(g.valid_from)::text as day from intermediate_server.lodging as g
      join intermediate_server.copy_release as r on r.batch_id = g.batch_id and r.decision = 'release'
     where g.kind = 'full' and g.needs_release and g.information_code = ${f.informationCode} and g.condition = ${f.condition}`;
  return row!.day;
}

/** False where the file was announced before. */
export async function insertFile(tx: Tx, f: CopyFileRow, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.copy_file
      (file_id, system, kind, information_code, condition, valid_from, rows, parts, digest, announced_at, event_id)
    values (${f.fileId}, ${f.system}, ${f.kind}, ${f.informationCode}, ${f.condition}, ${f.validFrom}::date, ${f.rows}, ${f.parts},
      ${f.digest}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function findFile(tx: Tx, fileId: string): Promise<CopyFileRow | undefined> {
  const [row] = await tx<CopyFileRow>`
    select file_id as "fileId", system, kind, information_code as "informationCode", condition, valid_from::text as "validFrom", rows,
           parts, digest from intermediate_server.copy_file where file_id = ${fileId}`;
  return row;
}

export interface FilePart {
  readonly part: number;
  readonly content: string;
  readonly sha256: string;
}

export async function insertPart(tx: Tx, fileId: string, p: FilePart, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.copy_file_part (file_id, part, content, sha256, received_at, event_id)
    values (${fileId}, ${p.part}, ${p.content}, ${p.sha256}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function findPart(tx: Tx, fileId: string, part: number): Promise<FilePart | undefined> {
  const [row] = await tx<FilePart>`
    select part, content, sha256 from intermediate_server.copy_file_part where file_id = ${fileId} and part = ${part}`;
  return row;
}

/** In their order. */
export async function partsOf(tx: Tx, fileId: string): Promise<FilePart[]> {
  return tx<FilePart>`
    select part, content, sha256 from intermediate_server.copy_file_part where file_id = ${fileId} order by part`;
}

/** Parts of one file come one after the other to this point. */
export const lockFile = (tx: Tx, fileId: string): Promise<unknown> =>
  tx`select pg_advisory_xact_lock(hashtextextended(${fileId}::text, 6))`;

/** The lodging under which a file's copies stand until it is released. */
export async function insertFileLodging(tx: Tx, f: CopyFileRow, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.lodging
      (batch_id, system, kind, digest, accepted, rejected, lodged_at, needs_release, information_code, condition, valid_from, event_id)
    values (${f.fileId}, ${f.system}, ${f.kind}, decode(${f.digest}, 'hex'), 0, ${json([])}, ${at}, true, ${f.informationCode},
      ${f.condition}, ${f.validFrom}::date, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** Which of these persons stand in the file already, for a day. */
export async function repeatedIn(tx: Tx, fileId: string, persons: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx<{ person: string }>`
    select distinct org_person_number as person from intermediate_server.lodged_copy
     where batch_id = ${fileId} and org_person_number = any (${persons}::text[])`;
  return new Set(rows.map(({ person }) => person));
}

export interface FileCheck {
  readonly accepted: number;
  readonly rejected: number;
  readonly replaced: number;
  readonly added: number;
  readonly leftOut: number;
}

/** What releasing the file would do to the persons who have a copy, or have none. */
export async function compareWithStanding(tx: Tx, f: CopyFileRow): Promise<Omit<FileCheck, 'rejected'>> {
  const [row] = await tx<Omit<FileCheck, 'rejected'>>`
    with coming as materialized (
      select distinct org_person_number as person from intermediate_server.lodged_copy where batch_id = ${f.fileId}
    ), standing as materialized (
      select distinct c.org_person_number as person from intermediate_server.lodged_copy as c
        join intermediate_server.lodging as g on g.batch_id = c.batch_id
       where c.information_code = ${f.informationCode} and c.condition = ${f.condition} and c.batch_id <> ${f.fileId}
         and (not g.needs_release or exists (
           select from intermediate_server.copy_release as r where r.batch_id = c.batch_id and r.decision = 'release'))
    )
    select (select count(*) from coming) as accepted,
           (select count(*) from coming join standing using (person)) as replaced,
           (select count(*) from coming where not exists (select from standing s where s.person = coming.person)) as added,
           (select count(*) from standing where ${f.kind} = 'full'
               and not exists (select from coming c where c.person = standing.person)) as "leftOut"`;
  return row!;
}

export async function insertCheck(tx: Tx, fileId: string, c: FileCheck, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into intermediate_server.copy_file_check (file_id, accepted, rejected, replaced, added, left_out, checked_at, event_id)
    values (${fileId}, ${c.accepted}, ${c.rejected}, ${c.replaced}, ${c.added}, ${c.leftOut}, ${at}, ${tx.eventId})
    on conflict do nothing`;
}

export interface Decision {
  readonly decision: 'release' | 'refuse';
  readonly reason: string;
  readonly by: string;
}

/** False where it was decided before. */
export async function insertRelease(tx: Tx, fileId: string, d: Decision, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.copy_release (batch_id, decision, reason, decided_by, decided_at, event_id)
    values (${fileId}, ${d.decision}, ${d.reason}, ${d.by}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** The file is refused: rows of one of its parts are not their persons'. */
export async function insertRefusal(
  tx: Tx,
  r: { fileId: string; part: number; rows: number },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into intermediate_server.copy_file_refusal (file_id, part, rows, refused_at, event_id)
    values (${r.fileId}, ${r.part}, ${r.rows}, ${at}, ${tx.eventId})`;
}

export async function isRefused(tx: Tx, fileId: string): Promise<boolean> {
  return (await tx`select 1 from intermediate_server.copy_file_refusal where file_id = ${fileId}`).length > 0;
}

/** Files of the last days that were refused because of their rows: until then the business has nothing lodged in their place. */
export async function recentRefusals(tx: Tx, since: Temporal.Instant): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from intermediate_server.copy_file_refusal as r join intermediate_server.copy_file as f using (file_id)
     where r.refused_at >= ${since} and not exists (
       select from intermediate_server.copy_file as g join intermediate_server.copy_file_check as c using (file_id)
        where g.information_code = f.information_code and g.condition = f.condition and c.checked_at > r.refused_at)`;
  return row!.n;
}

export interface FileStanding extends CopyFileRow {
  readonly received: number;
  readonly announcedAt: string;
  readonly check: FileCheck | null;
  readonly decision: string | null;
  /** Rows that were not their persons': the file was refused as it came. */
  readonly outOfTie: number;
  /** Of the run that checks it: null before it began. */
  readonly run: {
    readonly runId: string;
    readonly state: string;
    readonly in: number;
    readonly out: number;
    readonly rejected: number;
  } | null;
}

/** Newest first; of one file where its id is given. */
export async function filesStanding(
  tx: Tx,
  q: {
    readonly fileId: string | null /** Names of the runs that work a file. */;
    readonly batches: readonly string[];
    readonly limit: number;
    readonly offset: number;
  },
): Promise<(FileStanding & { readonly total: number })[]> {
  return tx<FileStanding & { total: number }>`
    select f.file_id as "fileId", f.system, f.kind, f.information_code as "informationCode", f.condition,
           f.valid_from::text as "validFrom", f.rows, f.parts, f.digest, f.announced_at as "announcedAt",
           (select count(*) from intermediate_server.copy_file_part as p where p.file_id = f.file_id) as received,
           case when c.file_id is not null then jsonb_build_object('accepted', c.accepted, 'rejected', c.rejected,
             'replaced', c.replaced, 'added', c.added, 'leftOut', c.left_out) end as check,
           coalesce(d.decision, case when x.file_id is not null then 'refuse' end) as decision, coalesce(x.rows, 0) as "outOfTie",
           case when j.run_id is not null then jsonb_build_object('runId', j.run_id, 'state', j.state, 'in', coalesce(s.in_count, 0),
             'out', coalesce(s.out_count, 0), 'rejected', coalesce(s.rejected_count, 0)) end as run,
           count(*) over () as total
      from intermediate_server.copy_file as f
      left join intermediate_server.copy_file_check as c using (file_id)
      left join intermediate_server.copy_release as d on d.batch_id = f.file_id
      left join intermediate_server.copy_file_refusal as x on x.file_id = f.file_id
      left join jobs.run as j on j.name = any (${q.batches}::text[]) and j.params ->> 'fileId' = f.file_id::text
      left join jobs.step as s on s.run_id = j.run_id and s.step_no = 1
     where ${q.fileId}::uuid is null or f.file_id = ${q.fileId}::uuid
     order by f.announced_at desc limit ${q.limit} offset ${q.offset}`;
}

/** Files whose parts are all there and whose check has not ended. */
export async function filesToCheck(tx: Tx): Promise<string[]> {
  const rows = await tx<{ fileId: string }>`
    select f.file_id as "fileId" from intermediate_server.copy_file as f
      join intermediate_server.lodging as g on g.batch_id = f.file_id
     where not exists (select from intermediate_server.copy_file_check as c where c.file_id = f.file_id)
     order by g.lodging_no limit 20`;
  return rows.map(({ fileId }) => fileId);
}

/** The first copies of a file, for a look before it is released. */
export async function sampleOf(tx: Tx, fileId: string, limit: number): Promise<StoredCopy[]> {
  return tx<StoredCopy>`
    select copy_no as "copyNo", org_person_number as person, information_code as "informationCode", condition,
           valid_from::text as "validFrom", page_id as "pageId", sealed, commitment, auto_reply_blocked as "autoReplyBlocked",
           withheld_from_person as "withheldFromPerson"
      from intermediate_server.lodged_copy where batch_id = ${fileId} order by copy_no limit ${limit}`;
}
