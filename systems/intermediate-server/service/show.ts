import { act, look } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { NetworkState } from '../network-state.ts';
import { findRecords, type StoredRecord } from '../store/records.ts';

export interface RecordQuery {
  readonly inquiryNumber: string;
  readonly on: string;
  readonly limit: number;
  readonly offset: number;
}

/** 情報提供等記録の照会 by number or day. No person is shown; the looking is recorded all the same. */
export const showRecords = act('record.show', {
  right: ['intermediate-server', 'record', 'read'],
  async run(tx, _deps: Deps, query: RecordQuery): Promise<Result<{ rows: StoredRecord[]; total: number }, never>> {
    const rows = await findRecords(tx, query);
    tx.record({ event: 'record.shown', detail: { rows: rows.length, byNumber: query.inquiryNumber !== '' } });
    return ok({ rows, total: rows[0]?.total ?? 0 });
  },
});

export interface Counts {
  readonly copies: { readonly informationCode: string; readonly persons: number; readonly copies: number }[];
  readonly linkages: { readonly held: number; readonly requested: number; readonly conflicts: number };
  readonly lists: { readonly version: string; readonly publishedOn: string; readonly fetchedAt: string }[];
  /** 計画停止・障害, as the network last announced them. */
  readonly windows: NetworkState['windows'];
}

/** Counts only. */
export const showCounts = look('counts.show', {
  right: ['intermediate-server', 'statistics', 'read'],
  async run(tx, deps: Deps, _query: null): Promise<Counts> {
    const copies = await tx<Counts['copies'][number]>`
      select information_code as "informationCode", count(distinct org_person_number) as persons, count(*) as copies
        from intermediate_server.lodged_copy group by 1 order by 1`;
    const [linkages] = await tx<Counts['linkages']>`
      select (select count(*) from intermediate_server.linkage) as held,
             (select count(distinct r.org_person_number) from intermediate_server.linkage_request r
               where not exists (select 1 from intermediate_server.linkage l
                                  where l.org_person_number = r.org_person_number)) as requested,
             (select count(*) from intermediate_server.linkage_conflict) as conflicts`;
    const lists = await tx<Counts['lists'][number]>`
      select version, published_on::text as "publishedOn", fetched_at as "fetchedAt" from intermediate_server.permission_list order by published_on desc`;
    return { copies, linkages: linkages!, lists, windows: deps.heard.windows };
  },
});
