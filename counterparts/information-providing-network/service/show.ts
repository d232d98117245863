import { look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';

export interface CountRow {
  readonly asker: string;
  readonly provider: string;
  readonly procedure: string;
  readonly informationCode: string;
  readonly permitted: number;
  /** 00. */
  readonly given: number;
  /** 10 and 50. */
  readonly nothing: number;
  /** 20. */
  readonly withheld: number;
  /** 60. */
  readonly held: number;
  readonly notAnswered: number;
  /** Milliseconds from the permit to the first answer; null where there is none. */
  readonly medianMs: number | null;
}

/** Counts by asker, provider and procedure of a month (`2026-06`, Tokyo), and refusals by word. */
export const showStatistics = look('network.statistics', {
  right: ['information-providing-network', 'statistics', 'read'],
  async run(tx: Tx, _deps: Deps, { month }: { readonly month: Temporal.PlainYearMonth }) {
    const [from, until] = [month, month.add({ months: 1 })].map((m) =>
      m.toPlainDate({ day: 1 }).toZonedDateTime('Asia/Tokyo').toInstant(),
    ) as [Temporal.Instant, Temporal.Instant];
    const counts = await tx<CountRow>`
      select i.asker, i.provider, i.procedure, i.information_code as "informationCode", count(*) as permitted,
             count(*) filter (where o.result = '00') as given, count(*) filter (where o.result in ('10', '50')) as nothing,
             count(*) filter (where o.result = '20') as withheld, count(*) filter (where o.result = '60') as held,
             count(*) filter (where o.result is null) as "notAnswered",
             (percentile_cont(0.5) within group (order by extract(epoch from o.first_at - i.permitted_at)) * 1000)::int as "medianMs"
        from information_providing_network.inquiry i
        left join lateral (
          select (array_agg(o.result order by o.outcome_at desc) filter (where o.kind = 'answered'))[1] as result, min(o.outcome_at) as first_at
            from information_providing_network.outcome o where o.inquiry_number = i.inquiry_number) o on true
       where i.permitted_at >= ${from} and i.permitted_at < ${until}
       group by 1, 2, 3, 4 order by 1, 2, 3, 4`;
    const refusals = await tx<{ asker: string | null; procedure: string | null; refusal: string; count: number }>`
      select asker, procedure, refusal, count(*) as count from information_providing_network.refusal
       where refused_at >= ${from} and refused_at < ${until} group by 1, 2, 3 order by 4 desc, 1, 2, 3`;
    return { counts, refusals };
  },
});

export interface RecordRow {
  readonly inquiryNumber: string | null;
  readonly at: Temporal.Instant;
  readonly asker: string | null;
  readonly provider: string | null;
  readonly procedure: string | null;
  readonly informationCode: string | null;
  readonly said: string;
}

export interface RecordQuery {
  readonly asker?: string | undefined;
  readonly provider?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** 情報提供等記録 of the network: who, whom, what for, when, how it ended; no person. */
export const showRecords = look('network.records', {
  right: ['information-providing-network', 'record', 'read'],
  async run(tx: Tx, _deps: Deps, { asker = '', provider = '', limit, offset }: RecordQuery) {
    const rows = await tx<Omit<RecordRow, 'at'> & { at: string; total: number }>`
      with all_records as (
        select i.inquiry_number, i.permitted_at as at, i.asker, i.provider, i.procedure, i.information_code,
               coalesce((select coalesce(o.result, o.refusal) from information_providing_network.outcome o
                          where o.inquiry_number = i.inquiry_number order by o.outcome_at desc limit 1), 'permitted') as said
          from information_providing_network.inquiry i
        union all
        select inquiry_number, refused_at, asker, provider, procedure, information_code, refusal
          from information_providing_network.refusal)
      select inquiry_number as "inquiryNumber", at, asker, provider, procedure, information_code as "informationCode",
             said, count(*) over () as total
        from all_records
       where (${asker} = '' or asker = ${asker}) and (${provider} = '' or provider = ${provider})
       order by at desc limit ${limit} offset ${offset}`;
    return {
      total: rows[0]?.total ?? 0,
      rows: rows.map((row): RecordRow => ({ ...row, at: momentOf(row.at) })),
    };
  },
});

/** PostgreSQL writes `2026-06-01 00:00:00+00`. */
export const momentOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));
