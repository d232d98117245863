import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface ServiceLevel {
  readonly name: 'inquiry' | 'provision';
  readonly done: number;
  readonly failed: number;
  /** Milliseconds from question to answer; null where nothing was asked, and for provisions, which are one act. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Inquiries of this body and answers to others since a moment. A question whose person is not found is answered, not failed. */
export const serviceLevels = (tx: Tx, from: Temporal.Instant): Promise<ServiceLevel[]> => tx<ServiceLevel>`
  select 'inquiry' as name, count(*) filter (where r.result is not null)::int as done,
         count(*) filter (where r.refusal in ('provider-unavailable', 'answer-not-verified', 'list-stale', 'bad-signature'))::int as failed,
         percentile_cont(0.5) within group (order by extract(epoch from r.recorded_at - i.asked_at) * 1000)::int as "p50Ms",
         percentile_cont(0.99) within group (order by extract(epoch from r.recorded_at - i.asked_at) * 1000)::int as "p99Ms"
    from intermediate_server.exchange_record as r join intermediate_server.inquiry as i using (inquiry_number)
   where r.role = 'asker' and r.recorded_at >= ${from} and r.result is distinct from '60'
     and not exists (select from intermediate_server.inquiry_held as h where h.inquiry_number = r.inquiry_number)
  union all
  select 'provision', count(*) filter (where result is not null)::int,
         count(*) filter (where refusal in ('bad-signature', 'not-canonical', 'permit-names-other-statement', 'list-stale', 'commitment-mismatch'))::int,
         null, null
    from intermediate_server.exchange_record where role = 'provider' and recorded_at >= ${from}`;
