import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Returned {
  readonly returnId: string;
  readonly kind: 'refused' | 'claimed-elsewhere' | 'moved-in-elsewhere';
  readonly personId: string | null;
  readonly changeId: string | null;
  readonly refusedBy: string | null;
  readonly rule: string | null;
  readonly items: readonly string[];
  readonly presentAt: string | null;
  readonly otherMunicipality: string | null;
}

export async function insertReturned(tx: Tx, r: Returned, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_register.returned_notice
      (return_id, kind, person_id, change_id, refused_by, rule, items, present_at, other_municipality, returned_at, event_id)
    values (${r.returnId}, ${r.kind}, ${r.personId}, ${r.changeId}, ${r.refusedBy}, ${r.rule}, ${r.items}, ${r.presentAt},
      ${r.otherMunicipality}, ${at}, ${tx.eventId})`;
}

export interface ReturnedLine extends Returned {
  readonly name: string | null;
  readonly returnedAt: Temporal.Instant;
  readonly resolvedBy: string | null;
}

/** Open ones, oldest first; with `all` the resolved ones too. */
export async function listReturned(
  tx: Tx,
  { all, offset, limit }: { readonly all: boolean; readonly offset: number; readonly limit: number },
): Promise<{ rows: ReturnedLine[]; total: number }> {
  const rows = await tx<Omit<ReturnedLine, 'returnedAt'> & { returnedAt: string }>`
    select n.return_id as "returnId", n.kind, n.person_id as "personId", n.change_id as "changeId", n.refused_by as "refusedBy",
           n.rule, n.items, n.present_at as "presentAt", n.other_municipality as "otherMunicipality", r.name,
           to_json(n.returned_at)#>>'{}' as "returnedAt", s.resolved_by as "resolvedBy"
      from resident_register.returned_notice n
      left join resident_register.returned_resolution s using (return_id)
      left join resident_register.resident r on r.person_id = n.person_id
     where ${all} or s.return_id is null
     order by n.returned_at, n.return_id offset ${offset} limit ${limit}`;
  const [count] = await tx<{ n: number }>`
    select count(*)::int as n from resident_register.returned_notice n
      left join resident_register.returned_resolution s using (return_id) where ${all} or s.return_id is null`;
  return { rows: rows.map((r) => ({ ...r, returnedAt: Temporal.Instant.from(r.returnedAt) })), total: count!.n };
}

export async function findReturned(tx: Tx, returnId: string): Promise<Returned | undefined> {
  const [row] = await tx<Returned & object>`
    select return_id as "returnId", kind, person_id as "personId", change_id as "changeId", refused_by as "refusedBy", rule, items,
           present_at as "presentAt", other_municipality as "otherMunicipality"
      from resident_register.returned_notice where return_id = ${returnId}`;
  return row;
}

export interface Resolution {
  readonly returnId: string;
  readonly resolution: 'corrected' | 'resent' | 'withdrawn' | 'no-action';
  readonly note: string;
  readonly by: string;
}

/** False where someone else was first. */
export async function insertResolution(tx: Tx, r: Resolution, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into resident_register.returned_resolution (return_id, resolution, note, resolved_by, resolved_at, event_id)
    values (${r.returnId}, ${r.resolution}, ${r.note}, ${r.by}, ${at}, ${tx.eventId})
    on conflict (return_id) do nothing returning 1`;
  return rows.length === 1;
}

export const isResolved = async (tx: Tx, returnId: string): Promise<boolean> =>
  (await tx`select 1 from resident_register.returned_resolution where return_id = ${returnId}`).length === 1;
