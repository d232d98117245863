import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import * as store from '../../store/notice-closing.ts';
import { lockYear } from '../../store/submissions.ts';
import { nameOf, noticeRead, noticeUpdate } from '../assessment/functions.ts';

const gapsShown = 200;

/** 通知されていない賦課: decided levies in force of which nobody was told. Names persons. */
export const readNoticeGaps = act('resident-tax.read-notice-gaps', {
  right: noticeRead,
  async run(tx, deps: ActDeps, { fiscalYear }: { readonly fiscalYear: number }) {
    const rows = await store.levyWithoutNotice(tx, fiscalYear, deps.civilClock.today(), gapsShown);
    tx.record({
      event: 'notice.gaps-read',
      subjects: rows.map((row) => row.personId),
      detail: { fiscalYear, shown: rows.length },
    });
    return ok({ rows: rows as readonly store.NoticeGap[], total: rows[0]?.total ?? 0 });
  },
});

/**
 * 通知の締め of a year: said only while every decided levy in force has its notice. Who decides meanwhile waits.
 *
 * @law 地方税法 第319条の2, 第321条の4
 */
export const closeNotices = act('resident-tax.close-notices', {
  right: noticeUpdate,
  async run(tx, deps: ActDeps, { fiscalYear }: { readonly fiscalYear: number }, actor) {
    await lockYear(tx, fiscalYear);
    const gaps = await store.levyWithoutNotice(tx, fiscalYear, deps.civilClock.today(), 1);
    if (enforced('jobs.notice-for-each') && gaps.length > 0) return err('notices-missing');
    const levies = await store.countLevies(tx, fiscalYear);
    await store.insertClosing(tx, {
      closingId: deps.newId(),
      fiscalYear,
      levies,
      closedBy: nameOf(actor),
      closedOn: deps.civilClock.today(),
      closedAt: deps.machineClock.now(),
    });
    tx.record({
      event: 'notices.closed',
      ground: '地方税法 第319条の2, 第321条の4',
      facts: ['resident_tax.notice_closing'],
      detail: { fiscalYear, levies },
    });
    return ok({ levies });
  },
});

export type { NoticeGap } from '../../store/notice-closing.ts';
