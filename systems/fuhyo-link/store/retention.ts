import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { EndingRow } from '@musubi/kernel/retention/retention.ts';

const table = 'fuhyo_link.supplement';

export async function countEnding(tx: Tx, until: Temporal.PlainDate): Promise<number> {
  const [row] = await tx<{ n: number }>`select count(*)::int as n from fuhyo_link.ending_rows(${until}::date)`;
  return row!.n;
}

export async function endingRows(
  tx: Tx,
  until: Temporal.PlainDate,
  after: string | null,
  subjects: number,
): Promise<EndingRow[]> {
  const rows = await tx<Omit<EndingRow, 'table' | 'key'> & { changeId: string }>`
    with due as (select * from fuhyo_link.ending_rows(${until}::date) where ${after}::uuid is null or supplement_id > ${after}::uuid),
    chosen as (select distinct supplement_id from due order by supplement_id limit ${subjects})
    select d.supplement_id as subject, d.change_id as "changeId", d.event_id as "eventId", d.kept_until::text as "keptUntil", d.record
      from due d join chosen using (supplement_id) order by d.supplement_id, d.kept_until, d.change_id`;
  return rows.map(({ changeId, ...row }) => ({ ...row, table, key: `${row.subject}/${changeId}` }));
}

export async function removeSealed(tx: Tx, rows: readonly EndingRow[]): Promise<number> {
  const [done] = await tx<{ n: number }>`
    select fuhyo_link.remove_sealed(${rows.map((r) => r.subject)}::uuid[], ${rows.map((r) => r.key.split('/')[1]!)}::uuid[]) as n`;
  return done!.n;
}
