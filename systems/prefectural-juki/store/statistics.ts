import type { Tx } from '@musubi/kernel/db/sql.ts';

/** Both days belong to it; by the days on which notices were received, and in Tokyo's day for provisions. */
export interface Period {
  readonly from: string;
  readonly until: string;
}
export interface Count {
  readonly row: string;
  readonly column: string;
  readonly n: number;
}

/** Versions of records by municipality and reason: each notice that was applied made one. Reads the whole file once. */
export async function countUpdates(tx: Tx, { from, until }: Period): Promise<Count[]> {
  return tx<Count & object>`
    select municipality_code as row, change_reason::text as "column", count(*) as n
      from (select municipality_code, change_reason from prefectural_juki.identification
             where notice_received_date between ${from}::date and ${until}::date
            union all
            select municipality_code, change_reason from prefectural_juki.identification_history
             where notice_received_date between ${from}::date and ${until}::date) as version
     group by 1, 2 order by 1, 2`;
}

/** Provisions by recipient and task; `result` given or refused. What went unasked to the national server is not among them. */
export async function countProvisions(
  tx: Tx,
  { from, until }: Period,
): Promise<(Count & { readonly result: string })[]> {
  return tx<Count & { result: string }>`
    select p.recipient as row, coalesce(t.code, '（登録なし）') as "column", p.result, count(*) as n
      from prefectural_juki.provision_record p left join prefectural_juki.task t using (task_id)
     where (p.inquiry_id is not null or p.order_id is not null)
       and p.provided_at >= ${from}::date::timestamp at time zone 'Asia/Tokyo'
       and p.provided_at < (${until}::date + 1)::timestamp at time zone 'Asia/Tokyo'
     group by 1, 2, 3 order by 1, 2, 3`;
}
