import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Returned {
  readonly returnId: string;
  readonly kind: 'refused' | 'claimed-elsewhere' | 'moved-in-elsewhere';
  readonly changeId: string | null;
  readonly refusedBy: string | null;
  readonly rule: string | null;
  readonly items: readonly string[];
  readonly presentAt: string | null;
  readonly otherMunicipality: string | null;
}

export async function insertReturned(tx: Tx, r: Returned, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into municipal_juki.returned
      (return_id, kind, change_id, refused_by, rule, items, present_at, other_municipality, returned_at, event_id)
    values (${r.returnId}, ${r.kind}, ${r.changeId}, ${r.refusedBy}, ${r.rule}, ${r.items}, ${r.presentAt},
      ${r.otherMunicipality}, ${at}, ${tx.eventId})`;
}

export interface ReturnedLine extends Returned {
  readonly returnedAt: Temporal.Instant;
  readonly resolvedBy: string | null;
}

/** Open ones, oldest first; with `all` the resolved ones too. */
export async function listReturned(
  tx: Tx,
  { all, offset, limit }: { readonly all: boolean; readonly offset: number; readonly limit: number },
): Promise<{ rows: ReturnedLine[]; total: number }> {
  const rows = await tx<Omit<ReturnedLine, 'returnedAt'> & { returnedAt: string }>`
    select r.return_id as "returnId", r.kind, r.change_id as "changeId", r.refused_by as "refusedBy", r.rule, r.items,
           r.present_at as "presentAt", r.other_municipality as "otherMunicipality",
           to_json(r.returned_at)#>>'{}' as "returnedAt", s.resolved_by as "resolvedBy"
      from municipal_juki.returned r left join municipal_juki.returned_resolution s using (return_id)
     where ${all} or s.return_id is null
     order by r.returned_at, r.return_id offset ${offset} limit ${limit}`;
  const [count] = await tx<{ n: number }>`
    select count(*)::int as n from municipal_juki.returned r left join municipal_juki.returned_resolution s using (return_id)
     where ${all} or s.return_id is null`;
  return { rows: rows.map((r) => ({ ...r, returnedAt: Temporal.Instant.from(r.returnedAt) })), total: count!.n };
}

export async function isReturned(tx: Tx, returnId: string): Promise<boolean> {
  return (await tx`select 1 from municipal_juki.returned where return_id = ${returnId}`).length === 1;
}

/** False where someone else was first. */
export async function insertResolution(
  tx: Tx,
  r: { readonly returnId: string; readonly note: string; readonly by: string },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into municipal_juki.returned_resolution (return_id, note, resolved_by, resolved_at, event_id)
    values (${r.returnId}, ${r.note}, ${r.by}, ${at}, ${tx.eventId}) on conflict (return_id) do nothing returning 1`;
  return rows.length === 1;
}
