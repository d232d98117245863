import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface NewNotice {
  readonly noticeId: string;
  readonly personId: string;
  readonly changeId: string;
  readonly isProtected: boolean;
  readonly receiver: string;
  readonly messageId: string;
}

export async function insertNotices(
  tx: Tx,
  rows: readonly NewNotice[],
  on: Temporal.PlainDate,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into common_platform.protection_notice
      (notice_id, person_id, change_id, is_protected, receiver, message_id, noticed_on, noticed_at, event_id)
    select n.id, n.person, n.change, n.protected, n.receiver, n.message, ${on}::date, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.noticeId)}::uuid[], ${rows.map((r) => r.personId)}::uuid[],
                  ${rows.map((r) => r.changeId)}::uuid[], ${rows.map((r) => r.isProtected)}::boolean[],
                  ${rows.map((r) => r.receiver)}::text[], ${rows.map((r) => r.messageId)}::uuid[])
             as n(id, person, change, protected, receiver, message)
    on conflict (change_id, receiver) do nothing`;
}

/** Which of these persons stand as protected in their open version. */
export async function protectedAmong(tx: Tx, personIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx<{ id: string }>`
    select person_id as id from common_platform.particulars
     where person_id = any (${personIds}::uuid[]) and address_protected`;
  return new Set(rows.map((r) => r.id));
}

export interface NoticeLine {
  readonly noticeId: string;
  readonly orgPersonNumber: string;
  readonly personId: string;
  readonly isProtected: boolean;
  readonly receiver: string;
  readonly noticedAt: string;
  /** Of the stream's message: waiting, numbered, applied, refused, parked. */
  readonly messageState: string | null;
  readonly acknowledgedAt: string | null;
}

/** The newest first; `open` alone: not acknowledged. */
export async function listNotices(
  tx: Tx,
  query: { open: boolean; offset: number; limit: number },
): Promise<NoticeLine[]> {
  return tx<NoticeLine>`
    select s.notice_id as "noticeId", p.org_person_number as "orgPersonNumber", s.person_id as "personId",
           s.is_protected as "isProtected", s.receiver, to_json(s.noticed_at)#>>'{}' as "noticedAt",
           s.message_state as "messageState", to_json(s.acknowledged_at)#>>'{}' as "acknowledgedAt"
      from common_platform.protection_state s join common_platform.person p using (person_id)
     where not ${query.open} or s.acknowledged_at is null
     order by s.noticed_at desc, s.notice_id offset ${query.offset} limit ${query.limit}`;
}

export interface ReceiverLine {
  readonly receiver: string;
  readonly notices: number;
  readonly open: number;
  readonly oldestOpenAt: string | null;
}

/** Per receiver: how many changes were told, and how many are not proved to have arrived. */
export async function noticesByReceiver(tx: Tx): Promise<ReceiverLine[]> {
  return tx<ReceiverLine>`
    select receiver, count(*) as notices, count(*) filter (where acknowledged_at is null) as open,
           to_json(min(noticed_at) filter (where acknowledged_at is null))#>>'{}' as "oldestOpenAt"
      from common_platform.protection_state group by receiver order by receiver`;
}

/** Open notices older than the bound, of which nobody was told yet. */
export async function overdueNotices(tx: Tx, before: Temporal.Instant): Promise<NoticeLine[]> {
  return tx<NoticeLine>`
    select s.notice_id as "noticeId", p.org_person_number as "orgPersonNumber", s.person_id as "personId",
           s.is_protected as "isProtected", s.receiver, to_json(s.noticed_at)#>>'{}' as "noticedAt",
           s.message_state as "messageState", null as "acknowledgedAt"
      from common_platform.protection_state s join common_platform.person p using (person_id)
     where s.acknowledged_at is null and not s.overdue_told and s.noticed_at < ${before}
     order by s.noticed_at, s.notice_id limit 500`;
}

/** False where it was told before. */
export async function insertOverdue(tx: Tx, noticeIds: readonly string[], at: Temporal.Instant): Promise<number> {
  const rows = await tx`
    insert into common_platform.protection_overdue (notice_id, found_at, event_id)
    select n, ${at}::timestamptz, ${tx.eventId}::uuid from unnest(${noticeIds}::uuid[]) as n
    on conflict do nothing returning 1`;
  return rows.length;
}

/** Persons under 支援措置 whom this business knows, as 宛名番号 of the organisation, sorted: what its own set must equal. */
export async function protectedOf(tx: Tx, system: string): Promise<string[]> {
  const rows = await tx<{ number: string }>`
    select p.org_person_number as number
      from common_platform.particulars d join common_platform.person p using (person_id)
     where d.address_protected
       and exists (select 1 from common_platform.standing_binding b where b.person_id = d.person_id and b.system = ${system})
     order by p.org_person_number`;
  return rows.map((r) => r.number);
}

export async function insertComparison(
  tx: Tx,
  row: {
    comparisonId: string;
    system: string;
    told: number;
    ours: number;
    equal: boolean;
    on: Temporal.PlainDate;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.protection_comparison (comparison_id, system, told, ours, equal, compared_on, compared_at, event_id)
    values (${row.comparisonId}, ${row.system}, ${row.told}, ${row.ours}, ${row.equal}, ${row.on}, ${row.at}, ${tx.eventId})`;
}

export interface ComparisonLine {
  readonly system: string;
  readonly told: number;
  readonly ours: number;
  readonly equal: boolean;
  readonly comparedAt: string;
}

/** The newest comparison of each system. */
export async function newestComparisons(tx: Tx): Promise<ComparisonLine[]> {
  return tx<ComparisonLine>`
    select distinct on (system) system, told, ours, equal, to_json(compared_at)#>>'{}' as "comparedAt"
      from common_platform.protection_comparison order by system, compared_at desc`;
}
