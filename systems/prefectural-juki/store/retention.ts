import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { EndingRow } from '@musubi/kernel/retention/retention.ts';

const table = 'prefectural_juki.identification';

export async function countEnding(tx: Tx, until: Temporal.PlainDate): Promise<number> {
  const [row] = await tx<{
    n: number;
  }>`select count(*)::int as n from prefectural_juki.ending_rows(${until}::date)`;
  return row!.n;
}

export async function endingRows(
  tx: Tx,
  until: Temporal.PlainDate,
  after: string | null,
  subjects: number,
): Promise<EndingRow[]> {
  const rows = await tx<Omit<EndingRow, 'table' | 'key'> & { changeId: string }>`
    with due as (select * from prefectural_juki.ending_rows(${until}::date) where ${after}::uuid is null or person_id > ${after}::uuid),
    chosen as (select distinct person_id from due order by person_id limit ${subjects})
    select d.person_id as subject, d.change_id as "changeId", d.event_id as "eventId", d.kept_until::text as "keptUntil", d.record
      from due d join chosen using (person_id) order by d.person_id, d.kept_until, d.change_id`;
  return rows.map(({ changeId, ...row }) => ({ ...row, table, key: `${row.subject}/${changeId}` }));
}

/** References that stand in these rows and in no other row of their persons. */
export async function numbersOnlyIn(tx: Tx, rows: readonly EndingRow[]): Promise<string[]> {
  const found = await tx<{ ref: string }>`
    select distinct r.ref::text as ref
      from unnest(${rows.map((r) => (r.record as { number_ref: string }).number_ref)}::uuid[]) as r(ref)
     where not exists (select 1 from prefectural_juki.identification i
                        where i.person_id = any(${rows.map((r) => r.subject)}::uuid[]) and i.number_ref = r.ref
                          and not (i.person_id || '/' || i.change_id) = any(${rows.map((r) => r.key)}::text[]))
       and not exists (select 1 from prefectural_juki.identification_history h
                        where h.person_id = any(${rows.map((r) => r.subject)}::uuid[]) and h.number_ref = r.ref
                          and not (h.person_id || '/' || h.change_id) = any(${rows.map((r) => r.key)}::text[]))`;
  return found.map((r) => r.ref);
}

export async function removeSealed(tx: Tx, rows: readonly EndingRow[], numberRefs: readonly string[]): Promise<number> {
  const [done] = await tx<{ n: number }>`
    select prefectural_juki.remove_sealed(${rows.map((r) => r.subject)}::uuid[], ${rows.map((r) => r.key.split('/')[1]!)}::uuid[],
      ${numberRefs}::uuid[]) as n`;
  return done!.n;
}
