import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface NetworkLevels {
  readonly done: number;
  /** Permitted, and no answer of the provider that could be passed on. */
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Inquiries that got a permit since a moment, from the permit to the provider's word. */
export async function networkLevels(tx: Tx, from: Temporal.Instant): Promise<NetworkLevels> {
  const [row] = await tx<NetworkLevels>`
    select count(*) filter (where o.kind = 'answered')::int as done, count(*) filter (where o.kind = 'refused')::int as failed,
           percentile_cont(0.5) within group (order by extract(epoch from o.outcome_at - i.permitted_at) * 1000)::int as "p50Ms",
           percentile_cont(0.99) within group (order by extract(epoch from o.outcome_at - i.permitted_at) * 1000)::int as "p99Ms"
      from information_providing_network.inquiry as i
      join lateral (select kind, outcome_at from information_providing_network.outcome as o
                     where o.inquiry_number = i.inquiry_number order by outcome_at limit 1) as o on true
     where i.permitted_at >= ${from}`;
  return row!;
}
