import type { Tx } from '@musubi/kernel/db/sql.ts';

/** False where the id is there already; `noticeBy` then tells what it is. */
export async function insertPersonNotice(
  tx: Tx,
  n: {
    readonly noticeId: string;
    readonly system: string;
    readonly person: string;
    readonly digest: Buffer;
    readonly content: string;
    readonly openFrom: string;
    readonly openUntil: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.person_notice
      (notice_id, system, org_person_number, digest, content, open_from, open_until, lodged_at, event_id)
    values (${n.noticeId}, ${n.system}, ${n.person}, ${n.digest}, ${n.content}, ${n.openFrom}, ${n.openUntil}, ${n.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function noticeBy(tx: Tx, noticeId: string): Promise<{ readonly digest: Buffer } | undefined> {
  const [row] = await tx<{ digest: Buffer }>`
    select digest from intermediate_server.person_notice where notice_id = ${noticeId}`;
  return row;
}

export interface OpenNotice {
  readonly noticeId: string;
  readonly content: string;
  readonly lodgedAt: string;
  readonly openedAt: string | null;
}

/** Notices of a person whose publication includes the day, the newest first. */
export const noticesFor = (tx: Tx, person: string, on: Temporal.PlainDate): Promise<OpenNotice[]> => tx<OpenNotice>`
  select n.notice_id as "noticeId", n.content, n.lodged_at as "lodgedAt", o.opened_at as "openedAt"
    from intermediate_server.person_notice as n left join intermediate_server.notice_opened as o using (notice_id)
   where n.org_person_number = ${person} and n.open_from <= ${on}::date and ${on}::date <= n.open_until
     and not exists (select from intermediate_server.notice_erased as e where e.notice_id = n.notice_id)
   order by n.lodged_at desc, n.notice_id desc limit 100`;

/** Notes which were told; gives how many for the first time. */
export async function insertDelivered(
  tx: Tx,
  noticeIds: readonly string[],
  requestId: string,
  at: Temporal.Instant,
): Promise<number> {
  const rows = await tx`
    insert into intermediate_server.notice_delivered (notice_id, request_id, delivered_at, event_id)
    select n, ${requestId}::uuid, ${at}::timestamptz, ${tx.eventId}::uuid from unnest(${noticeIds}::uuid[]) as n
    on conflict do nothing returning 1`;
  return rows.length;
}

/** Notes what the person opened, of what was told to this person; gives how many for the first time. */
export async function insertOpened(
  tx: Tx,
  person: string,
  noticeIds: readonly string[],
  at: Temporal.Instant,
): Promise<number> {
  const rows = await tx`
    insert into intermediate_server.notice_opened (notice_id, opened_at, event_id)
    select d.notice_id, ${at}::timestamptz, ${tx.eventId}::uuid
      from intermediate_server.notice_delivered as d join intermediate_server.person_notice as n using (notice_id)
     where d.notice_id = any (${noticeIds}::uuid[]) and n.org_person_number = ${person}
    on conflict do nothing returning 1`;
  return rows.length;
}

export interface NoticeStanding {
  readonly noticeId: string;
  readonly openUntil: string;
  readonly deliveredAt: string | null;
  readonly openedAt: string | null;
}

/** What became of a business system's own notices. */
export const standingOfNotices = (tx: Tx, system: string, noticeIds: readonly string[]): Promise<NoticeStanding[]> =>
  tx<NoticeStanding>`
    select n.notice_id as "noticeId", n.open_until::text as "openUntil", d.delivered_at as "deliveredAt", o.opened_at as "openedAt"
      from intermediate_server.person_notice as n left join intermediate_server.notice_delivered as d using (notice_id)
      left join intermediate_server.notice_opened as o using (notice_id)
     where n.system = ${system} and n.notice_id = any (${noticeIds}::uuid[]) order by n.notice_id`;

/** Notices whose last day is over and whose content is still there. */
export const endedNotices = (
  tx: Tx,
  on: Temporal.PlainDate,
  limit: number,
): Promise<{ noticeId: string; content: string }[]> => tx<{ noticeId: string; content: string }>`
  select n.notice_id as "noticeId", n.content from intermediate_server.person_notice as n
   where n.open_until < ${on}::date
     and not exists (select from intermediate_server.notice_erased as e where e.notice_id = n.notice_id)
   order by n.open_until, n.notice_id limit ${limit}`;

export async function insertErased(tx: Tx, noticeIds: readonly string[], on: Temporal.PlainDate): Promise<void> {
  await tx`
    insert into intermediate_server.notice_erased (notice_id, erased_on, event_id)
    select n, ${on}::date, ${tx.eventId}::uuid from unnest(${noticeIds}::uuid[]) as n`;
}
