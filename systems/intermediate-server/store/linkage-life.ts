import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface HeldLinkage {
  readonly person: string;
  readonly code: string;
  readonly processingNumber: string;
}

/** Codes of persons change one after the other. */
export const lockLinkages = (tx: Tx): Promise<unknown> => tx`select pg_advisory_xact_lock(6962, 31)`;

export async function holderOf(tx: Tx, codes: readonly string[]): Promise<HeldLinkage | undefined> {
  const [row] = await tx<HeldLinkage>`
    select org_person_number as person, linkage_code as code, processing_number as "processingNumber"
      from intermediate_server.linkage where linkage_code = any (${codes}::text[]) limit 1`;
  return row;
}

export async function linkageOfPerson(tx: Tx, person: string): Promise<HeldLinkage | undefined> {
  const [row] = await tx<HeldLinkage>`
    select org_person_number as person, linkage_code as code, processing_number as "processingNumber"
      from intermediate_server.linkage where org_person_number = ${person}`;
  return row;
}

export interface Ending {
  readonly endId: string;
  readonly person: string;
  readonly why: 'code-changed' | 'merged' | 'undone' | 'deleted' | 'wrong-person' | 'key-rotated';
  readonly noticeId: string | null;
  readonly on: Temporal.PlainDate;
}

/** The code goes; the log is told that it goes by this event and not by a hand. */
export async function endHeld(tx: Tx, e: Ending): Promise<void> {
  await tx`select audit.facts_erased('intermediate_server.linkage', array[${e.person}]::text[], ${tx.eventId}::uuid)`;
  await tx`delete from intermediate_server.linkage where org_person_number = ${e.person}`;
  await tx`
    insert into intermediate_server.linkage_ended (end_id, org_person_number, why, notice_id, ended_on, event_id)
    values (${e.endId}, ${e.person}, ${e.why}, ${e.noticeId}, ${e.on}::date, ${tx.eventId})`;
}

export interface NoticeRow {
  readonly noticeId: string;
  readonly kind: 'code-changed' | 'merged' | 'undone';
  readonly notice: string;
  readonly countsFrom: string;
  readonly at: Temporal.Instant;
}

export async function insertNotice(tx: Tx, n: NoticeRow): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.linkage_notice (notice_id, kind, notice, counts_from, taken_at, event_id)
    values (${n.noticeId}, ${n.kind}, ${n.notice}, ${n.countsFrom}::date, ${n.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export interface LinkageCase {
  readonly noticeId: string;
  readonly kind: NoticeRow['kind'];
  readonly person: string;
  readonly otherPerson: string | null;
  readonly openedAt: string;
  readonly decision: string | null;
  readonly notice: string;
}

export async function insertCase(
  tx: Tx,
  c: Pick<LinkageCase, 'noticeId' | 'kind' | 'person' | 'otherPerson'> & { readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into intermediate_server.linkage_case (notice_id, kind, org_person_number, other_person, opened_at, event_id)
    values (${c.noticeId}, ${c.kind}, ${c.person}, ${c.otherPerson}, ${c.at}, ${tx.eventId})`;
}

/** Undecided first, then the newest; of one notice where its id is given. */
export async function casesOf(
  tx: Tx,
  q: { readonly noticeId: string | null; readonly limit: number; readonly offset: number },
): Promise<(LinkageCase & { readonly total: number })[]> {
  return tx<LinkageCase & { total: number }>`
    select c.notice_id as "noticeId", c.kind, c.org_person_number as person, c.other_person as "otherPerson", c.opened_at as "openedAt",
           d.decision, n.notice, count(*) over () as total
      from intermediate_server.linkage_case as c join intermediate_server.linkage_notice as n using (notice_id)
      left join intermediate_server.linkage_case_decision as d using (notice_id)
     where ${q.noticeId}::uuid is null or c.notice_id = ${q.noticeId}::uuid
     order by d.decision is not null, c.opened_at desc limit ${q.limit} offset ${q.offset}`;
}

export async function insertCaseDecision(
  tx: Tx,
  d: {
    readonly noticeId: string;
    readonly decision: string;
    readonly reason: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.linkage_case_decision (notice_id, decision, reason, decided_by, decided_at, event_id)
    values (${d.noticeId}, ${d.decision}, ${d.reason}, ${d.by}, ${d.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** Codes in the order of the persons' numbers, from behind one. */
export async function codesAfter(tx: Tx, after: string, limit: number): Promise<HeldLinkage[]> {
  return tx<HeldLinkage>`
    select org_person_number as person, linkage_code as code, processing_number as "processingNumber"
      from intermediate_server.linkage where org_person_number > ${after} order by org_person_number limit ${limit}`;
}
