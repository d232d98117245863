import { fiscalYear, lastDayOf } from '@musubi/kernel/calendar/fiscal-year.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findAccount, insertState, lockAccount } from '../store/accounts.ts';
import { grantsOf } from '../store/grants.ts';
import {
  findIdReview,
  findListed,
  type IdReview,
  insertFinding,
  insertIdReview,
  insertReviewClosed,
  latestListing,
  ledger,
  listIdReviews,
  lockIdReviews,
  type ReviewItem,
  reviewItems,
  unconfirmedOf,
} from '../store/id-reviews.ts';
import { nameOf } from './actors.ts';
import { continueRights, revoke, signOutEverywhere } from './grant.ts';

/**
 * Whether the yearly confirmation of this id is overdue: it stands on the newest 照合情報等管理簿 that lists it, the due
 * date has passed, and nobody confirmed it. Asked at every sign-in and whenever a system asks who somebody is.
 */
export async function isUnconfirmed(tx: Tx, staffId: string, today: Temporal.PlainDate): Promise<boolean> {
  const listed = await latestListing(tx, staffId);
  if (listed === undefined || listed.verdict === 'confirmed') return false;
  return enforced('access.id-register-review') && (listed.verdict === 'revoke' || listed.dueOn < today.toString());
}

/** Makes the ledger of a fiscal year: every id that is not closed is on it and must be confirmed by the due date. */
export const openIdReview = act('staff-directory.open-id-review', {
  right: ['staff-directory', 'id-review', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly fiscalYear: number; readonly dueOn: string },
    actor,
  ): Promise<Result<{ readonly reviewId: string }, 'review-open' | 'due-too-early'>> {
    const openedOn = deps.civilClock.today().toString();
    if (command.dueOn < openedOn) return err('due-too-early');
    await lockIdReviews(tx);
    const reviewId = deps.newId();
    const at = deps.machineClock.now();
    const listed = await insertIdReview(tx, { reviewId, ...command, openedOn, by: nameOf(actor), at });
    if (listed === undefined) return err('review-open');
    tx.record({
      event: 'id-review.opened',
      facts: ['staff_directory.id_review', 'staff_directory.id_review_item'],
      detail: { reviewId, fiscalYear: command.fiscalYear, dueOn: command.dueOn, listed },
    });
    return ok({ reviewId });
  },
});

export interface Finding {
  readonly reviewId: string;
  readonly staffId: string;
  readonly verdict: 'confirmed' | 'revoke';
  readonly note: string;
}
export type FindingError = 'no-such-review' | 'not-on-list' | 'already-found' | 'for-oneself' | 'no-such-account';

/**
 * What the head of the department found of one id: it is confirmed for the year with the rights that it has (also after the due
 * date, and then opens again), or its rights and sessions end in this very act.
 */
export const recordFinding = act('staff-directory.record-id-finding', {
  right: ['staff-directory', 'id-finding', 'update'],
  async run(tx, deps: Deps, command: Finding, actor): Promise<Result<null, FindingError>> {
    const { reviewId, staffId, verdict, note } = command;
    const by = nameOf(actor);
    if (by === staffId) return err('for-oneself');
    await lockIdReviews(tx);
    if ((await findIdReview(tx, reviewId)) === undefined) return err('no-such-review');
    const listed = await findListed(tx, reviewId, staffId);
    if (listed === undefined) return err('not-on-list');
    if (listed.verdict !== null) return err('already-found');
    if (!(await lockAccount(tx, staffId))) return err('no-such-account');
    const account = await findAccount(tx, staffId);
    if (account === undefined || account.state === 'closed') return err('no-such-account');
    const at = deps.machineClock.now();
    const on = deps.civilClock.today().toString();
    await insertFinding(tx, { reviewId, staffId, verdict, note, by, on, at });
    const facts = ['staff_directory.id_review_finding', 'staff_directory.account_state'];
    if (verdict === 'confirmed') {
      // 年度ごとの確認: id and rights go on to the end of the year for which they were confirmed; a contractor's end with the contract.
      const yearEnd = lastDayOf(fiscalYear(listed.fiscalYear)).toString();
      const validUntil = account.kind === 'employee' && yearEnd > account.validUntil ? yearEnd : account.validUntil;
      await insertState(tx, { staffId, state: 'active', validUntil, because: 'review', by, at });
      if (validUntil > account.validUntil)
        facts.push(...(await continueRights(tx, deps, account, { until: validUntil, by })));
    } else {
      for (const given of (await grantsOf(tx, staffId)).filter((g) => !g.revoked))
        facts.push(...(await revoke(tx, deps, given, 'review', by)));
      await insertState(tx, {
        staffId,
        state: 'suspended',
        validUntil: account.validUntil,
        because: 'review',
        by,
        at,
      });
      facts.push(...(await signOutEverywhere(tx, deps, staffId, 'review')));
    }
    tx.record({
      event: `id-review.${verdict}`,
      facts: [...new Set(facts)],
      detail: { reviewId, staffId, late: on > listed.dueOn },
    });
    return ok(null);
  },
});

/** Closes the ledger of a year once all are confirmed or the due date has passed; who was not confirmed is suspended here. */
export const closeIdReview = act('staff-directory.close-id-review', {
  right: ['staff-directory', 'id-review', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly reviewId: string },
    actor,
  ): Promise<Result<{ readonly suspended: number }, 'no-such-review' | 'not-yet-due' | 'already-closed'>> {
    const { reviewId } = command;
    const by = nameOf(actor);
    await lockIdReviews(tx);
    const review = await findIdReview(tx, reviewId);
    if (review === undefined) return err('no-such-review');
    if (review.closedOn !== null) return err('already-closed');
    const on = deps.civilClock.today().toString();
    const left = await unconfirmedOf(tx, reviewId);
    if (left.length > 0 && on <= review.dueOn) return err('not-yet-due');
    const at = deps.machineClock.now();
    const facts = ['staff_directory.id_review_closed', 'staff_directory.account_state'];
    for (const staffId of left) {
      await lockAccount(tx, staffId);
      const account = await findAccount(tx, staffId);
      if (account?.state !== 'active') continue;
      const { validUntil } = account;
      await insertState(tx, { staffId, state: 'suspended', validUntil, because: 'not-confirmed', by, at });
      facts.push(...(await signOutEverywhere(tx, deps, staffId, 'not-confirmed')));
    }
    await insertReviewClosed(tx, { reviewId, suspended: left.length, by, on, at });
    tx.record({
      event: 'id-review.closed',
      facts: [...new Set(facts)],
      detail: { reviewId, confirmed: review.confirmed, revoked: review.revoked, suspended: left.length },
    });
    return ok({ suspended: left.length });
  },
});

export const idReviews = look('staff-directory.id-reviews', {
  right: ['staff-directory', 'id-finding', 'read'],
  run: (tx, _deps: Deps, query: { readonly limit: number }) => listIdReviews(tx, query.limit),
});

export interface IdReviewPage {
  readonly review: IdReview;
  readonly items: readonly ReviewItem[];
}

export const idReview = look('staff-directory.id-review', {
  right: ['staff-directory', 'id-finding', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly reviewId: string; readonly offset: number; readonly limit: number },
  ): Promise<IdReviewPage | undefined> {
    const review = await findIdReview(tx, query.reviewId);
    return review && { review, items: await reviewItems(tx, query) };
  },
});

/** 照合情報等管理簿: issue, change, factor, right and confirmation of each id, newest first. */
export const readLedger = look('staff-directory.id-ledger', {
  right: ['staff-directory', 'id-finding', 'read'],
  run: (tx, _deps: Deps, query: { readonly staffId: string | null; readonly offset: number; readonly limit: number }) =>
    ledger(tx, query),
});
