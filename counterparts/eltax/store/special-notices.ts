import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

/** `payer`: 特別徴収義務者用. `employees`: 納税義務者用. */
export type NoticePart = 'payer' | 'employees';
export interface NoticeFetch {
  readonly part: NoticePart;
  readonly by: string;
  readonly at: string;
}
export interface StoredNotice {
  readonly noticeId: string;
  readonly fromCode: string;
  readonly payerNumber: string;
  readonly cover: string;
  readonly payerRef: SealedId;
  readonly employeesRef: SealedId | null;
  readonly acceptedOn: string;
  readonly fetchUntil: string;
  readonly acceptedAt: string;
}
export interface Recall {
  readonly fromCode: string;
  readonly fetched: boolean;
  readonly recalledAt: string;
}

/** Sending, fetching and withdrawing of one notice take turns: nothing is fetched while it is withdrawn. */
export async function lockNotice(tx: Tx, noticeId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`special notice ${noticeId}`}, 0))`;
}

export async function findNotice(tx: Tx, noticeId: string): Promise<StoredNotice | undefined> {
  const [row] = await tx<StoredNotice>`
    select notice_id as "noticeId", from_code as "fromCode", payer_number as "payerNumber", cover, payer_ref as "payerRef",
           employees_ref as "employeesRef", accepted_on::text as "acceptedOn", fetch_until::text as "fetchUntil",
           to_char(accepted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "acceptedAt"
      from eltax.special_notice where notice_id = ${noticeId}`;
  return row;
}

export async function insertNotice(tx: Tx, n: StoredNotice): Promise<void> {
  await tx`
    insert into eltax.special_notice (notice_id, from_code, payer_number, cover, payer_ref, employees_ref, accepted_on, fetch_until,
      accepted_at, event_id)
    values (${n.noticeId}, ${n.fromCode}, ${n.payerNumber}, ${n.cover}, ${n.payerRef}, ${n.employeesRef}, ${n.acceptedOn}::date,
      ${n.fetchUntil}::date, ${n.acceptedAt}::timestamptz, ${tx.eventId})`;
}

export async function findRecall(tx: Tx, noticeId: string): Promise<Recall | undefined> {
  const [row] = await tx<Recall>`
    select from_code as "fromCode", fetched, to_char(recalled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "recalledAt"
      from eltax.special_notice_recall where notice_id = ${noticeId}`;
  return row;
}

export async function insertRecall(tx: Tx, noticeId: string, r: Recall): Promise<void> {
  await tx`
    insert into eltax.special_notice_recall (notice_id, from_code, fetched, recalled_at, event_id)
    values (${noticeId}, ${r.fromCode}, ${r.fetched}, ${r.recalledAt}::timestamptz, ${tx.eventId})`;
}

export async function insertFetch(
  tx: Tx,
  f: { readonly fetchId: string; readonly noticeId: string; readonly part: NoticePart; readonly by: string },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into eltax.special_notice_fetch (fetch_id, notice_id, part, fetched_by, fetched_at, event_id)
    values (${f.fetchId}, ${f.noticeId}, ${f.part}, ${f.by}, ${at}, ${tx.eventId})`;
}

/** First to last. */
export async function fetchesOf(tx: Tx, noticeId: string): Promise<NoticeFetch[]> {
  return tx<NoticeFetch>`
    select part, fetched_by as by, to_char(fetched_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
      from eltax.special_notice_fetch where notice_id = ${noticeId} order by fetched_at, fetch_id`;
}

export interface NoticeOfPayer extends Pick<StoredNotice, 'noticeId' | 'cover' | 'fetchUntil'> {
  readonly fetched: NoticePart[];
}

/** A payer's notices that can be fetched on a day, the oldest first. */
export async function noticesOf(tx: Tx, payerNumber: string, today: string): Promise<NoticeOfPayer[]> {
  return tx<NoticeOfPayer>`
    select n.notice_id as "noticeId", n.cover, n.fetch_until::text as "fetchUntil",
           to_jsonb(array(select distinct f.part from eltax.special_notice_fetch f where f.notice_id = n.notice_id order by 1)) as fetched
      from eltax.special_notice n
     where n.payer_number = ${payerNumber} and n.fetch_until >= ${today}::date
       and not exists (select 1 from eltax.special_notice_recall r where r.notice_id = n.notice_id)
     order by n.accepted_at, n.notice_id`;
}

/** Who filed something here is a user of the portal and can be sent to. */
export async function isUser(tx: Tx, payerNumber: string): Promise<boolean> {
  const rows = await tx`select 1 from eltax.reception where payer_number = ${payerNumber} limit 1`;
  return rows.length > 0;
}
