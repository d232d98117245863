import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { insertReviewed, listReviews, personOfReview, type ReviewLine } from '../store/reviews.ts';

/** 遡及した通知の確認: what was applied in its turn with an earlier day (requirement 003, scenario 7). */
export const readReviews = act('prefectural-juki.read-reviews', {
  right: ['prefectural-juki', 'journal', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly all: boolean; readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: ReviewLine[]; total: number }, never>> {
    const found = await listReviews(tx, query);
    tx.record({
      event: 'reviews.read',
      subjects: found.rows.map((r) => r.personId),
      detail: { count: found.rows.length },
    });
    return ok(found);
  },
});

export const closeReview = act('prefectural-juki.close-review', {
  right: ['prefectural-juki', 'review', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly changeId: string; readonly note: string },
    actor,
  ): Promise<Result<undefined, 'no-such-entry' | 'already-reviewed'>> {
    const subject = await personOfReview(tx, command.changeId);
    if (subject === undefined) return err('no-such-entry');
    const by = actor.kind === 'staff' ? actor.staffId : actor.kind;
    if (!(await insertReviewed(tx, { ...command, by }, deps.machineClock.now()))) return err('already-reviewed');
    tx.record({
      event: 'review.closed',
      subject,
      facts: ['prefectural_juki.notice_reviewed'],
      detail: { changeId: command.changeId },
    });
    return ok(undefined);
  },
});
