import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { EndingRow } from '@musubi/kernel/retention/retention.ts';

const links = 'prefectural_juki.duplicate_link';
/** Whether what ends is a version of a record; else it is a link that stood beside one. */
export const isVersion = ({ table }: Pick<EndingRow, 'table'>): boolean => table !== links;

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
  const rows = await tx<Omit<EndingRow, 'key'> & { changeId: string }>`
    with due as (select * from prefectural_juki.ending_rows(${until}::date) where ${after}::uuid is null or person_id > ${after}::uuid),
    chosen as (select distinct person_id from due order by person_id limit ${subjects})
    select d.table_name as "table", d.person_id as subject, d.change_id as "changeId", d.event_id as "eventId", d.kept_until::text as "keptUntil", d.record
      from due d join chosen using (person_id) order by d.person_id, d.kept_until, d.change_id, d.table_name`;
  return rows.map(({ changeId, ...row }) => ({
    ...row,
    key: row.table === links ? changeId : `${row.subject}/${changeId}`,
  }));
}

/** References that stand in these rows and in no other row of their persons. */
export async function numbersOnlyIn(tx: Tx, all: readonly EndingRow[]): Promise<string[]> {
  const rows = all.filter(isVersion);
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

/** How many rows went. */
export async function removeSealed(tx: Tx, all: readonly EndingRow[], numberRefs: readonly string[]): Promise<number> {
  const [rows, ended] = [all.filter(isVersion), all.filter((r) => !isVersion(r))];
  const [linked] = await tx<{ n: number }>`
    select prefectural_juki.remove_sealed_links(${ended.map((r) => r.key)}::uuid[]) as n`;
  const [done] = await tx<{ n: number }>`
    select prefectural_juki.remove_sealed(${rows.map((r) => r.subject)}::uuid[], ${rows.map((r) => r.key.split('/')[1]!)}::uuid[],
      ${numberRefs}::uuid[]) as n`;
  return done!.n + linked!.n;
}
