import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface ServiceLevel {
  readonly name: 'inquiry' | 'copies' | 'transfer';
  readonly done: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** What was relayed since `from`: how much was answered and how quickly. A refusal by right is an answer; a dead line is not. */
export async function serviceLevels(tx: Tx, from: Temporal.Instant): Promise<ServiceLevel[]> {
  return tx<ServiceLevel>`
    with relayed as (
      select 'inquiry' as name, extract(epoch from a.answered_at - i.asked_at) * 1000 as ms,
             a.refusal is not null and a.refusal in ('provider-unavailable', 'peer-unreachable', 'peer-timeout', 'circuit-open',
               'internal-error', 'unreadable-answer', 'answer-not-verified') as failed
        from common_platform.relayed_answer a join common_platform.relayed_inquiry i using (request_id)
       where a.answered_at >= ${from}::timestamptz
      union all
      select 'copies', extract(epoch from o.answered_at - b.received_at) * 1000, o.refusal is not null
        from common_platform.relayed_batch_outcome o join common_platform.relayed_batch b using (batch_id)
       where o.answered_at >= ${from}::timestamptz
      union all
      select 'transfer', null, o.routing ? 'word'
        from common_platform.transfer_outcome o where o.answered_at >= ${from}::timestamptz)
    select name, count(*) filter (where not failed) as done, count(*) filter (where failed) as failed,
           percentile_cont(0.5) within group (order by ms) filter (where not failed)::float8 as "p50Ms",
           percentile_cont(0.99) within group (order by ms) filter (where not failed)::float8 as "p99Ms"
      from relayed group by name order by name`;
}
