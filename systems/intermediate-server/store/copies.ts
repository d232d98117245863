import { copyTied } from '@musubi/kernel/audit/copy-tied.ts';
import { bytesInJson, momentInJson, type Tie } from '@musubi/kernel/audit/tied-rows.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

/** One version of a person's copy as it stands: what it says is sealed under its page's key. */
export interface NewCopy {
  readonly orgPersonNumber: string;
  readonly informationCode: string;
  readonly condition: string;
  readonly validFrom: string;
  /** Null ends what stood before. */
  readonly sealed: { readonly text: Buffer; readonly commitment: Buffer } | null;
  readonly autoReplyBlocked: boolean;
  readonly withheldFromPerson: boolean;
}

export async function insertPage(
  tx: Tx,
  page: { readonly pageId: string; readonly sealedKey: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into intermediate_server.copy_page (page_id, sealed_key, opened_at, event_id)
    values (${page.pageId}, ${page.sealedKey}, ${page.at}, ${tx.eventId})`;
}

/** Reference of a page's key in the sealed store. */
export async function keyOfPage(tx: Tx, pageId: string): Promise<string> {
  const [row] = await tx<{ key: string }>`
    select sealed_key as key from intermediate_server.copy_page where page_id = ${pageId}`;
  return row!.key;
}

interface Where {
  readonly batchId: string;
  readonly pageId: string | undefined;
  /** To the microsecond, as the database keeps it. */
  readonly at: Temporal.Instant;
}

export async function insertCopies(tx: Tx, copies: readonly NewCopy[], where: Where): Promise<void> {
  if (copies.length === 0) return;
  await tx`
    insert into intermediate_server.lodged_copy
      (org_person_number, information_code, condition, valid_from, ended, page_id, sealed, commitment, auto_reply_blocked,
       withheld_from_person, batch_id, lodged_at, event_id)
    select c.person, c.information, c.condition, c.valid_from, c.sealed is null,
           case when c.sealed is not null then ${where.pageId ?? null}::uuid end, c.sealed, c.commitment, c.blocked, c.withheld,
           ${where.batchId}::uuid, ${where.at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${copies.map((c) => c.orgPersonNumber)}::text[], ${copies.map((c) => c.informationCode)}::text[],
                  ${copies.map((c) => c.condition)}::text[], ${copies.map((c) => c.validFrom)}::date[],
                  ${copies.map((c) => c.sealed?.text ?? null)}::bytea[], ${copies.map((c) => c.sealed?.commitment ?? null)}::bytea[],
                  ${copies.map((c) => c.autoReplyBlocked)}::boolean[], ${copies.map((c) => c.withheldFromPerson)}::boolean[])
           as c(person, information, condition, valid_from, sealed, commitment, blocked, withheld)`;
}

/** The table of copies, as the log knows it. */
export const copyTable = 'intermediate_server.lodged_copy';

/**
 * As `insertCopies`, for thousands of one file: copies are sealed as they are taken, while the database writes those before. What this
 * gives stands among the event's `batches` under `copyTable`.
 */
export async function insertManyCopies(
  tx: Tx,
  copies: Iterable<NewCopy>,
  count: number,
  { batchId, pageId, at }: Where,
): Promise<Tie> {
  const numbers = await tx<{ no: number }>`
    select nextval('intermediate_server.lodged_copy_copy_no_seq') as no from generate_series(1, ${count}::integer)`;
  const lodgedAt = momentInJson(at);
  const rows = Iterator.from(copies).map((c, i) => ({
    copy_no: numbers[i]!.no,
    org_person_number: c.orgPersonNumber,
    information_code: c.informationCode,
    condition: c.condition,
    valid_from: c.validFrom,
    ended: c.sealed === null,
    page_id: c.sealed === null ? null : (pageId ?? null),
    sealed: c.sealed === null ? null : bytesInJson(c.sealed.text),
    commitment: c.sealed === null ? null : bytesInJson(c.sealed.commitment),
    auto_reply_blocked: c.autoReplyBlocked,
    withheld_from_person: c.withheldFromPerson,
    batch_id: batchId,
    lodged_at: lodgedAt,
  }));
  return copyTied(tx, copyTable, ['copy_no'], rows, { excluded: ['page_id', 'sealed'] });
}

/** A copy as it is read: still sealed. */
export interface StoredCopy {
  readonly copyNo: number;
  readonly person: string;
  readonly informationCode: string;
  readonly condition: string;
  readonly validFrom: string;
  readonly pageId: string | null;
  readonly sealed: Buffer | null;
  readonly commitment: Buffer | null;
  readonly autoReplyBlocked: boolean;
  readonly withheldFromPerson: boolean;
}

export interface PersonsCopy {
  readonly person: string;
  readonly copy: StoredCopy | undefined;
}

interface CopyKey {
  readonly informationCode: string;
  readonly condition: string;
  readonly on: string;
}

/** Who is behind a linkage code, and the version of the person's copy that counts on a day. Undefined where nobody is. */
export async function copyBehind(
  tx: Tx,
  { linkageCode, informationCode, condition, on }: CopyKey & { readonly linkageCode: string },
): Promise<PersonsCopy | undefined> {
  const [row] = await tx<StoredCopy & { there: boolean }>`
    select l.org_person_number as person, c.copy_no is not null as there, c.copy_no as "copyNo",
           c.information_code as "informationCode", c.condition, c.valid_from::text as "validFrom", c.page_id as "pageId", c.sealed,
           c.commitment, c.auto_reply_blocked as "autoReplyBlocked", c.withheld_from_person as "withheldFromPerson"
      from intermediate_server.linkage as l
      left join lateral intermediate_server.copy_that_counts(l.org_person_number, ${informationCode}, ${condition}, ${on}::date) as c on true
     where l.linkage_code = ${linkageCode}`;
  if (row === undefined) return undefined;
  const { there, ...copy } = row;
  return { person: row.person, copy: there ? copy : undefined };
}

/** The version that counts on a day. */
export async function copyOn(tx: Tx, key: CopyKey & { readonly person: string }): Promise<StoredCopy | undefined> {
  const [copy] = await tx<StoredCopy>`
    select copy_no as "copyNo", org_person_number as person, information_code as "informationCode", condition,
           valid_from::text as "validFrom", page_id as "pageId", sealed, commitment, auto_reply_blocked as "autoReplyBlocked",
           withheld_from_person as "withheldFromPerson"
      from intermediate_server.copy_that_counts(${key.person}, ${key.informationCode}, ${key.condition}, ${key.on}::date)`;
  return copy;
}

/** Every version of a person's copies that was released or needs no release, newest first. */
export async function copiesOf(tx: Tx, person: string, limit: number): Promise<StoredCopy[]> {
  return tx<StoredCopy>`
    select c.copy_no as "copyNo", c.org_person_number as person, c.information_code as "informationCode", c.condition,
           c.valid_from::text as "validFrom", c.page_id as "pageId", c.sealed, c.commitment,
           c.auto_reply_blocked as "autoReplyBlocked", c.withheld_from_person as "withheldFromPerson"
      from intermediate_server.lodged_copy as c join intermediate_server.lodging as g on g.batch_id = c.batch_id
     where c.org_person_number = ${person}
       and (not g.needs_release or exists (
         select from intermediate_server.copy_release as r where r.batch_id = c.batch_id and r.decision = 'release'))
     order by c.information_code, c.condition, c.valid_from desc, c.copy_no desc limit ${limit}`;
}

export interface Lodging {
  readonly digest: Buffer;
  readonly system: string;
  readonly accepted: number;
  readonly rejected: { row: number; code: string }[];
}

export async function findLodging(tx: Tx, batchId: string): Promise<Lodging | undefined> {
  const [row] = await tx<Lodging>`
    select digest, system, accepted, rejected from intermediate_server.lodging where batch_id = ${batchId}`;
  return row;
}

/** False where the batch is there already. Two at once: the second waits for the first. */
export async function insertLodging(
  tx: Tx,
  batchId: string,
  lodging: Lodging & { readonly kind: string; readonly at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.lodging (batch_id, system, kind, digest, accepted, rejected, lodged_at, event_id)
    values (${batchId}, ${lodging.system}, ${lodging.kind}, ${lodging.digest}, ${lodging.accepted},
      ${json(lodging.rejected)}, ${lodging.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** A copy that is to go, with the event that wrote it. */
export interface DeletableCopy {
  readonly copyNo: number;
  readonly pageId: string | null;
  readonly eventId: string;
}

/**
 * Copies whose term is over: of a tax year that began before the day, and versions as of a day that were replaced before it.
 */
export async function expiredCopies(tx: Tx, before: Temporal.PlainDate, limit: number): Promise<DeletableCopy[]> {
  return tx<DeletableCopy>`
    select copy_no as "copyNo", page_id as "pageId", event_id as "eventId" from intermediate_server.lodged_copy as c
     where (c.condition like 'taxYear:%' and make_date(split_part(c.condition, ':', 2)::integer, 4, 1) < ${before}::date)
        or (c.condition = 'asOf' and c.valid_from < ${before}::date and exists (
             select from intermediate_server.lodged_copy as n
              where n.org_person_number = c.org_person_number and n.information_code = c.information_code
                and n.condition = c.condition and n.valid_from > c.valid_from and n.valid_from < ${before}::date))
     order by c.page_id, c.copy_no limit ${limit}`;
}

export async function personsCopies(tx: Tx, person: string): Promise<DeletableCopy[]> {
  return tx<DeletableCopy>`
    select copy_no as "copyNo", page_id as "pageId", event_id as "eventId" from intermediate_server.lodged_copy
     where org_person_number = ${person} order by copy_no`;
}

/** Two deletions that meet on a page come one after the other, in the pages' order. */
export async function lockPages(tx: Tx, pages: readonly string[]): Promise<void> {
  for (const page of pages) await tx`select pg_advisory_xact_lock(hashtextextended(${page}::text, 7))`;
}

export async function deleteRows(tx: Tx, copies: readonly DeletableCopy[]): Promise<void> {
  const keys = copies.map(({ copyNo }) => String(copyNo));
  const events = [...new Set(copies.map(({ eventId }) => eventId))];
  await tx`
    select audit.facts_erased('intermediate_server.lodged_copy', ${keys}::text[], ${tx.eventId}::uuid, ${events}::uuid[])`;
  await tx`delete from intermediate_server.lodged_copy where copy_no = any (${keys}::bigint[])`;
}

/** What else stands on these pages. */
export async function survivorsOn(tx: Tx, pages: readonly string[]): Promise<StoredCopy[]> {
  return tx<StoredCopy>`
    select copy_no as "copyNo", org_person_number as person, information_code as "informationCode", condition,
           valid_from::text as "validFrom", page_id as "pageId", sealed, commitment, auto_reply_blocked as "autoReplyBlocked",
           withheld_from_person as "withheldFromPerson"
      from intermediate_server.lodged_copy where page_id = any (${pages}::uuid[]) order by copy_no`;
}

export async function moveCopy(tx: Tx, copyNo: number, pageId: string, sealed: Buffer): Promise<void> {
  await tx`
    update intermediate_server.lodged_copy set page_id = ${pageId}, sealed = ${sealed} where copy_no = ${copyNo}`;
}

export async function insertDeletion(
  tx: Tx,
  d: {
    readonly deletionId: string;
    readonly ground: 'term' | 'person-deleted';
    readonly copies: number;
    readonly pages: number;
    readonly on: Temporal.PlainDate;
  },
): Promise<void> {
  await tx`
    insert into intermediate_server.copy_deletion (deletion_id, ground, copies, pages, deleted_on, event_id)
    values (${d.deletionId}, ${d.ground}, ${d.copies}, ${d.pages}, ${d.on}::date, ${tx.eventId})`;
}
