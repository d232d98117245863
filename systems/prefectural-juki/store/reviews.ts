import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { IdentificationRow } from './identification.ts';

/** Lists notices that were applied although an earlier day stood in them (遡及). */
export async function insertReviews(tx: Tx, rows: readonly IdentificationRow[], at: Temporal.Instant): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into prefectural_juki.notice_review (change_id, person_id, municipality_code, reason, changed_on, listed_at, event_id)
    select change_id, person_id, municipality_code, change_reason, change_date, ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}) as r(change_id uuid, person_id uuid, municipality_code text, change_reason text, change_date date)`;
}

export interface ReviewLine {
  readonly changeId: string;
  readonly personId: string;
  readonly municipalityCode: string;
  readonly reason: string;
  readonly changedOn: string;
  readonly listedAt: Temporal.Instant;
  readonly reviewedBy: string | null;
  readonly note: string | null;
}

/** Open ones, oldest first; with `all` the reviewed ones too. */
export async function listReviews(
  tx: Tx,
  { all, offset, limit }: { readonly all: boolean; readonly offset: number; readonly limit: number },
): Promise<{ rows: ReviewLine[]; total: number }> {
  const rows = await tx<Omit<ReviewLine, 'listedAt'> & { listedAt: string }>`
    select r.change_id as "changeId", r.person_id as "personId", r.municipality_code as "municipalityCode", r.reason,
           r.changed_on::text as "changedOn", to_json(r.listed_at)#>>'{}' as "listedAt", d.reviewed_by as "reviewedBy", d.note
      from prefectural_juki.notice_review r left join prefectural_juki.notice_reviewed d using (change_id)
     where ${all} or d.change_id is null
     order by r.listed_at, r.change_id offset ${offset} limit ${limit}`;
  const [count] = await tx<{ n: number }>`
    select count(*)::int as n from prefectural_juki.notice_review r left join prefectural_juki.notice_reviewed d using (change_id)
     where ${all} or d.change_id is null`;
  return { rows: rows.map((r) => ({ ...r, listedAt: Temporal.Instant.from(r.listedAt) })), total: count!.n };
}

export async function personOfReview(tx: Tx, changeId: string): Promise<string | undefined> {
  const [row] = await tx<{ personId: string }>`
    select person_id as "personId" from prefectural_juki.notice_review where change_id = ${changeId}`;
  return row?.personId;
}

/** False where someone else was first. */
export async function insertReviewed(
  tx: Tx,
  r: { readonly changeId: string; readonly note: string; readonly by: string },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.notice_reviewed (change_id, note, reviewed_by, reviewed_at, event_id)
    values (${r.changeId}, ${r.note}, ${r.by}, ${at}, ${tx.eventId}) on conflict (change_id) do nothing returning 1`;
  return rows.length === 1;
}
