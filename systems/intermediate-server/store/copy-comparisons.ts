import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { CopyDifference } from '../domain/compare-copy.ts';
import type { StoredCopy } from './copies.ts';
import type { CopyFileRow } from './copy-files.ts';

/** Comparison files whose parts are all there and which were not compared, the oldest first. */
export async function filesToCompare(tx: Tx): Promise<string[]> {
  const rows = await tx<{ fileId: string }>`
    select f.file_id as "fileId" from intermediate_server.copy_file as f
     where f.kind = 'comparison' and not exists (select from intermediate_server.copy_comparison as c where c.file_id = f.file_id)
       and f.parts = (select count(*) from intermediate_server.copy_file_part as p where p.file_id = f.file_id)
     order by f.announced_at limit 20`;
  return rows.map(({ fileId }) => fileId);
}

/** The copies that count on a day, of persons behind `after` up to and with `until` (null: all that follow). */
export function copiesInRange(
  tx: Tx,
  f: Pick<CopyFileRow, 'informationCode' | 'condition'>,
  range: { readonly after: string; readonly until: string | null; readonly on: Temporal.PlainDate },
): Promise<StoredCopy[]> {
  return tx<StoredCopy>`
    select c.copy_no as "copyNo", c.org_person_number as person, c.information_code as "informationCode", c.condition,
           c.valid_from::text as "validFrom", c.page_id as "pageId", c.sealed, c.commitment,
           c.auto_reply_blocked as "autoReplyBlocked", c.withheld_from_person as "withheldFromPerson"
      from (select distinct org_person_number as person from intermediate_server.lodged_copy
             where information_code = ${f.informationCode} and condition = ${f.condition} and org_person_number > ${range.after}
               and (${range.until}::text is null or org_person_number <= ${range.until}::text)) as p,
           lateral intermediate_server.copy_that_counts(p.person, ${f.informationCode}, ${f.condition}, ${range.on}::date) as c
     where not c.ended`;
}

export async function insertDifferences(tx: Tx, fileId: string, found: readonly CopyDifference[]): Promise<void> {
  await tx`
    insert into intermediate_server.copy_difference (file_id, org_person_number, kind, items, event_id)
    select ${fileId}::uuid, d.person, d.kind, case when d.items = '' then '{}'::text[] else string_to_array(d.items, chr(10)) end,
           ${tx.eventId}::uuid
      from unnest(${found.map((d) => d.person)}::text[], ${found.map((d) => d.kind)}::text[],
                  ${found.map((d) => d.items.join('\n'))}::text[]) as d(person, kind, items)`;
}

export interface Comparison {
  readonly persons: number;
  readonly missing: number;
  readonly surplus: number;
  readonly differing: number;
}

export async function insertComparison(
  tx: Tx,
  fileId: string,
  persons: number,
  { at, on }: { readonly at: Temporal.Instant; readonly on: Temporal.PlainDate },
): Promise<Comparison> {
  const [row] = await tx<Comparison>`
    insert into intermediate_server.copy_comparison
      (file_id, persons, missing, surplus, differing, compared_on, compared_at, event_id)
    select ${fileId}::uuid, ${persons}::integer, count(*) filter (where kind = 'missing'), count(*) filter (where kind = 'surplus'),
           count(*) filter (where kind = 'differing'), ${on}::date, ${at}::timestamptz, ${tx.eventId}::uuid
      from intermediate_server.copy_difference where file_id = ${fileId}::uuid
    returning persons, missing, surplus, differing`;
  return row!;
}

/** Parts of earlier comparisons of the same information that nobody repaired from: they are no longer needed. */
export async function earlierParts(tx: Tx, f: CopyFileRow): Promise<string[]> {
  const rows = await tx<{ content: string }>`
    select p.content from intermediate_server.copy_file_part as p
      join intermediate_server.copy_file as o using (file_id)
      join intermediate_server.copy_comparison as c using (file_id)
     where o.information_code = ${f.informationCode} and o.condition = ${f.condition} and o.file_id <> ${f.fileId}
       and c.missing + c.surplus + c.differing > 0
       and not exists (select from intermediate_server.copy_repair as r where r.file_id = o.file_id)
       and not exists (
         select from intermediate_server.copy_comparison as l join intermediate_server.copy_file as n using (file_id)
          where n.information_code = o.information_code and n.condition = o.condition and n.file_id <> ${f.fileId}
            and l.compared_at > c.compared_at)`;
  return rows.map(({ content }) => content);
}

export interface ComparisonStanding extends Comparison {
  readonly fileId: string;
  readonly system: string;
  readonly informationCode: string;
  readonly condition: string;
  readonly comparedOn: string;
  readonly comparedAt: string;
  /** Whether a later comparison of the same information exists. */
  readonly isLatest: boolean;
  readonly proposal: {
    readonly approvalId: string;
    readonly by: string;
    readonly reason: string;
    readonly open: boolean;
  } | null;
  readonly repaired: { readonly lodged: number; readonly ended: number } | null;
  readonly total: number;
}

/** Newest first; of one file where its id is given. */
export function comparisons(
  tx: Tx,
  q: { readonly fileId: string | null; readonly limit: number; readonly offset: number },
): Promise<ComparisonStanding[]> {
  return tx<ComparisonStanding>`
    select c.file_id as "fileId", f.system, f.information_code as "informationCode", f.condition, c.persons, c.missing, c.surplus,
           c.differing, c.compared_on::text as "comparedOn", c.compared_at as "comparedAt",
           not exists (select from intermediate_server.copy_comparison as l join intermediate_server.copy_file as n using (file_id)
                        where n.information_code = f.information_code and n.condition = f.condition and l.compared_at > c.compared_at)
             as "isLatest",
           (select jsonb_build_object('approvalId', p.approval_id, 'by', a.requested_by, 'reason', p.reason,
                                      'open', d.approval_id is null)
              from intermediate_server.copy_repair_proposal as p
              join approvals.request as a using (approval_id) left join approvals.decision as d using (approval_id)
             where p.file_id = c.file_id order by a.requested_at desc limit 1) as proposal,
           (select jsonb_build_object('lodged', r.lodged, 'ended', r.ended) from intermediate_server.copy_repair as r
             where r.file_id = c.file_id) as repaired,
           count(*) over () as total
      from intermediate_server.copy_comparison as c join intermediate_server.copy_file as f using (file_id)
     where ${q.fileId}::uuid is null or c.file_id = ${q.fileId}::uuid
     order by c.compared_at desc limit ${q.limit} offset ${q.offset}`;
}

export function differencesOf(
  tx: Tx,
  fileId: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<CopyDifference[]> {
  return tx<CopyDifference>`
    select org_person_number as person, kind, items from intermediate_server.copy_difference
     where file_id = ${fileId} order by org_person_number limit ${limit} offset ${offset}`;
}

/** Whether anything was lodged for these persons since a moment: then the comparison says nothing of them any more. */
export async function lodgedSince(
  tx: Tx,
  f: Pick<CopyFileRow, 'informationCode' | 'condition'>,
  persons: readonly string[],
  since: string,
): Promise<boolean> {
  const rows = await tx`
    select 1 from intermediate_server.lodged_copy
     where information_code = ${f.informationCode} and condition = ${f.condition} and org_person_number = any (${persons}::text[])
       and lodged_at > ${since}::timestamptz limit 1`;
  return rows.length > 0;
}

export async function insertProposal(tx: Tx, p: { approvalId: string; fileId: string; reason: string }): Promise<void> {
  await tx`
    insert into intermediate_server.copy_repair_proposal (approval_id, file_id, reason, event_id)
    values (${p.approvalId}, ${p.fileId}, ${p.reason}, ${tx.eventId})`;
}

export async function insertRepair(
  tx: Tx,
  r: { fileId: string; approvalId: string; batchId: string; lodged: number; ended: number },
): Promise<void> {
  await tx`
    insert into intermediate_server.copy_repair (file_id, approval_id, batch_id, lodged, ended, event_id)
    values (${r.fileId}, ${r.approvalId}, ${r.batchId}, ${r.lodged}, ${r.ended}, ${tx.eventId})`;
}

/** Comparisons with differences that stand open: no repair, and no later comparison. */
export async function openDifferences(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from intermediate_server.copy_comparison as c join intermediate_server.copy_file as f using (file_id)
     where c.missing + c.surplus + c.differing > 0
       and not exists (select from intermediate_server.copy_repair as r where r.file_id = c.file_id)
       and not exists (select from intermediate_server.copy_comparison as l join intermediate_server.copy_file as n using (file_id)
                        where n.information_code = f.information_code and n.condition = f.condition and l.compared_at > c.compared_at)`;
  return row!.n;
}
