import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

export interface CountRow {
  readonly asker: string;
  readonly provider: string;
  readonly procedure: string;
  readonly permitted: number;
  readonly answered: number;
  readonly notAnswered: number;
}

/** Counts by asker, provider and procedure, and refusals by word. */
export const showStatistics = look('network.statistics', {
  right: ['information-providing-network', 'statistics', 'read'],
  async run(tx: Tx, _deps: Deps, _query: null) {
    const counts = await tx<CountRow>`
      select i.asker, i.provider, i.procedure, count(*) as permitted,
             count(*) filter (where exists (select 1 from information_providing_network.outcome o
                                             where o.inquiry_number = i.inquiry_number and o.kind = 'answered')) as answered,
             count(*) filter (where not exists (select 1 from information_providing_network.outcome o
                                                 where o.inquiry_number = i.inquiry_number and o.kind = 'answered')) as "notAnswered"
        from information_providing_network.inquiry i group by 1, 2, 3 order by 1, 2, 3`;
    const refusals = await tx<{ refusal: string; count: number }>`
      select refusal, count(*) as count from information_providing_network.refusal group by 1 order by 2 desc, 1`;
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
const momentOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));

export interface Window {
  readonly provider: string | null;
  readonly fromAt: Temporal.Instant;
  readonly untilAt: Temporal.Instant;
  readonly reason: string;
}

export const showWindows = look('network.windows', {
  right: ['information-providing-network', 'maintenance', 'read'],
  async run(tx: Tx, { machineClock }: Deps, _query: null): Promise<Window[]> {
    const rows = await tx<{ provider: string | null; fromAt: string; untilAt: string; reason: string }>`
      select provider, from_at as "fromAt", until_at as "untilAt", reason
        from information_providing_network.maintenance_window where until_at > ${machineClock.now()} order by from_at`;
    return rows.map((row) => ({ ...row, fromAt: momentOf(row.fromAt), untilAt: momentOf(row.untilAt) }));
  },
});

/** 計画停止の登録. */
export const planWindow = act('network.plan-window', {
  right: ['information-providing-network', 'maintenance', 'update'],
  async run(tx, deps: Deps, window: Window): Promise<Result<null, 'provider-unknown' | 'not-a-period'>> {
    if (window.provider !== null && !deps.bodies.has(window.provider)) return err('provider-unknown');
    if (Temporal.Instant.compare(window.fromAt, window.untilAt) >= 0) return err('not-a-period');
    await tx`
      insert into information_providing_network.maintenance_window (window_id, provider, from_at, until_at, reason, event_id)
      values (${deps.newId()}, ${window.provider}, ${window.fromAt}, ${window.untilAt}, ${window.reason}, ${tx.eventId})`;
    tx.record({
      event: 'network.window-planned',
      facts: ['information_providing_network.maintenance_window'],
      detail: { provider: window.provider ?? 'all', from: window.fromAt.toString(), until: window.untilAt.toString() },
    });
    return ok(null);
  },
});
