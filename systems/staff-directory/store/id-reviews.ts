import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface IdReview {
  readonly reviewId: string;
  readonly fiscalYear: number;
  /** ISO days. */
  readonly dueOn: string;
  readonly openedOn: string;
  readonly listed: number;
  readonly confirmed: number;
  readonly revoked: number;
  readonly closedOn: string | null;
}

const reviewsWhere = (tx: Tx, reviewId: string | null, limit: number) => tx<IdReview>`
  select r.review_id as "reviewId", r.fiscal_year as "fiscalYear", r.due_on::text as "dueOn",
         r.opened_on::text as "openedOn", count(i.staff_id)::int as listed,
         count(*) filter (where f.verdict = 'confirmed')::int as confirmed,
         count(*) filter (where f.verdict = 'revoke')::int as revoked, c.closed_on::text as "closedOn"
    from staff_directory.id_review r
    left join staff_directory.id_review_item i using (review_id)
    left join staff_directory.id_review_finding f using (review_id, staff_id)
    left join staff_directory.id_review_closed c using (review_id)
   where ${reviewId}::uuid is null or r.review_id = ${reviewId}::uuid
   group by r.review_id, c.closed_on order by r.fiscal_year desc limit ${limit}`;

export const listIdReviews = (tx: Tx, limit: number): Promise<IdReview[]> => reviewsWhere(tx, null, limit);
export const findIdReview = async (tx: Tx, reviewId: string): Promise<IdReview | undefined> =>
  (await reviewsWhere(tx, reviewId, 1))[0];

/** Serialises opening, findings and closing of reviews. */
export const lockIdReviews = (tx: Tx): Promise<unknown> =>
  tx`select pg_advisory_xact_lock(hashtextextended('staff_directory.id_review', 0))`;

/** Every account that is not closed goes on the list. Gives their number, or undefined where the year has its review already. */
export async function insertIdReview(
  tx: Tx,
  review: {
    readonly reviewId: string;
    readonly fiscalYear: number;
    readonly dueOn: string;
    readonly openedOn: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<number | undefined> {
  const made = await tx`
    insert into staff_directory.id_review (review_id, fiscal_year, due_on, opened_on, opened_by, opened_at, event_id)
    values (${review.reviewId}, ${review.fiscalYear}, ${review.dueOn}, ${review.openedOn}, ${review.by}, ${review.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  if (made.length === 0) return undefined;
  const items = await tx`
    insert into staff_directory.id_review_item (review_id, staff_id, event_id)
    select ${review.reviewId}, a.staff_id, ${tx.eventId} from staff_directory.account a
     where (select state from staff_directory.account_state s where s.staff_id = a.staff_id
             order by change_no desc limit 1) <> 'closed' returning 1`;
  return items.length;
}

export interface ReviewItem {
  readonly staffId: string;
  readonly displayName: string;
  readonly position: string;
  readonly kind: 'employee' | 'contractor';
  readonly state: 'active' | 'suspended' | 'closed';
  readonly validUntil: string;
  readonly passkeys: number;
  /** Standing rights, `system/role`. */
  readonly grants: readonly string[];
  readonly lastSignInAt: string | null;
  readonly verdict: 'confirmed' | 'revoke' | null;
  readonly foundBy: string | null;
  readonly note: string | null;
}

/** Each id with its rights and last use, as the reviewer must see them; what nobody has looked at first. */
export const reviewItems = (
  tx: Tx,
  query: { readonly reviewId: string; readonly offset: number; readonly limit: number },
): Promise<ReviewItem[]> => tx<ReviewItem>`
  select a.staff_id as "staffId", a.display_name as "displayName", a.position, a.kind, s.state,
         s.valid_until::text as "validUntil", f.verdict, f.found_by as "foundBy", f.note,
         (select count(*)::int from staff_directory.passkey k left join staff_directory.passkey_removed x using (credential_id)
           where k.staff_id = a.staff_id and x.credential_id is null) as passkeys,
         coalesce((select array_agg(g.system || '/' || g.role order by g.system, g.role)
            from staff_directory.grant_given g left join staff_directory.grant_revoked r using (grant_id)
           where g.staff_id = a.staff_id and r.grant_id is null), '{}') as grants,
         (select max(signed_in_at)::text from staff_directory.sign_in i where i.staff_id = a.staff_id) as "lastSignInAt"
    from staff_directory.id_review_item i
    join staff_directory.account a using (staff_id)
    join lateral (select state, valid_until from staff_directory.account_state
                   where staff_id = a.staff_id order by change_no desc limit 1) s on true
    left join staff_directory.id_review_finding f using (review_id, staff_id)
   where i.review_id = ${query.reviewId}::uuid
   order by f.verdict is not null, a.staff_id offset ${query.offset} limit ${query.limit}`;

export interface Listed {
  readonly verdict: 'confirmed' | 'revoke' | null;
  readonly dueOn: string;
  readonly fiscalYear: number;
}

export async function findListed(tx: Tx, reviewId: string, staffId: string): Promise<Listed | undefined> {
  const rows = await tx<Listed>`
    select f.verdict, r.due_on::text as "dueOn", r.fiscal_year as "fiscalYear"
      from staff_directory.id_review_item i join staff_directory.id_review r using (review_id)
      left join staff_directory.id_review_finding f using (review_id, staff_id)
     where i.review_id = ${reviewId}::uuid and i.staff_id = ${staffId}`;
  return rows[0];
}

/** The newest review that lists this id. */
export async function latestListing(tx: Tx, staffId: string): Promise<Listed | undefined> {
  const rows = await tx<Listed>`
    select f.verdict, r.due_on::text as "dueOn", r.fiscal_year as "fiscalYear"
      from staff_directory.id_review_item i join staff_directory.id_review r using (review_id)
      left join staff_directory.id_review_finding f using (review_id, staff_id)
     where i.staff_id = ${staffId} order by r.fiscal_year desc limit 1`;
  return rows[0];
}

export async function insertFinding(
  tx: Tx,
  finding: {
    readonly reviewId: string;
    readonly staffId: string;
    readonly verdict: 'confirmed' | 'revoke';
    readonly note: string;
    readonly by: string;
    readonly on: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into staff_directory.id_review_finding (review_id, staff_id, verdict, note, found_by, found_on, found_at, event_id)
    values (${finding.reviewId}, ${finding.staffId}, ${finding.verdict}, ${finding.note}, ${finding.by}, ${finding.on},
      ${finding.at}, ${tx.eventId})`;
}

/** Ids of the list that nobody confirmed and that still stand. */
export const unconfirmedOf = async (tx: Tx, reviewId: string): Promise<string[]> =>
  (
    await tx<{ staffId: string }>`
      select i.staff_id as "staffId" from staff_directory.id_review_item i
        join lateral (select state from staff_directory.account_state s
                       where s.staff_id = i.staff_id order by change_no desc limit 1) s on true
        left join staff_directory.id_review_finding f using (review_id, staff_id)
       where i.review_id = ${reviewId}::uuid and f.verdict is null and s.state = 'active' order by i.staff_id`
  ).map((r) => r.staffId);

export async function insertReviewClosed(
  tx: Tx,
  closing: {
    readonly reviewId: string;
    readonly suspended: number;
    readonly by: string;
    readonly on: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`insert into staff_directory.id_review_closed (review_id, suspended, closed_by, closed_on, closed_at, event_id)
    values (${closing.reviewId}, ${closing.suspended}, ${closing.by}, ${closing.on}, ${closing.at}, ${tx.eventId})`;
}

/** One line of the 照合情報等管理簿, made from the facts: it cannot be edited. */
export interface LedgerLine {
  readonly at: string;
  readonly staffId: string;
  readonly displayName: string;
  readonly position: string;
  readonly what: string;
  readonly because: string | null;
  readonly by: string | null;
}

export async function ledger(
  tx: Tx,
  query: { readonly staffId: string | null; readonly offset: number; readonly limit: number },
): Promise<{ rows: LedgerLine[]; total: number }> {
  const rows = await tx<LedgerLine & { total: number }>`
    select l.*, a.display_name as "displayName", a.position, count(*) over ()::int as total
      from (
        select opened_at::text as at, staff_id as "staffId", 'issued' as what, null::text as because, null::text as by
          from staff_directory.account
        union all
        select changed_at::text, staff_id, 'state-' || state, because || ' ' || valid_until, changed_by
          from staff_directory.account_state
        union all
        select registered_at::text, staff_id, 'factor-enrolled', label, null from staff_directory.passkey
        union all
        select x.removed_at::text, k.staff_id, 'factor-removed', x.because, x.removed_by
          from staff_directory.passkey_removed x join staff_directory.passkey k using (credential_id)
        union all
        select given_at::text, staff_id, 'right-given', system || '/' || role || ' ' || valid_until, given_by
          from staff_directory.grant_given
        union all
        select r.revoked_at::text, g.staff_id, 'right-revoked', g.system || '/' || g.role || ' ' || r.because, r.revoked_by
          from staff_directory.grant_revoked r join staff_directory.grant_given g using (grant_id)
        union all
        select f.found_at::text, f.staff_id, 'review-' || f.verdict, r.fiscal_year || ' ' || f.note, f.found_by
          from staff_directory.id_review_finding f join staff_directory.id_review r using (review_id)
      ) l join staff_directory.account a on a.staff_id = l."staffId"
     where ${query.staffId}::text is null or l."staffId" = ${query.staffId}
     order by l.at desc, l."staffId", l.what offset ${query.offset} limit ${query.limit}`;
  return { rows, total: rows[0]?.total ?? 0 };
}
