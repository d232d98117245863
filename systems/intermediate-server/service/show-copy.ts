import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { copyOn } from '../store/copies.ts';
import { type CopyItems, readCopyOn } from './copy-pages.ts';

export interface ShowCopy {
  readonly person: string;
  readonly informationCode: string;
  /** As copies carry it: `taxYear:2026`, `asOf`. */
  readonly condition: string;
  readonly reason: string;
}

export interface CopyShown {
  readonly validFrom: string;
  readonly items: CopyItems;
  readonly autoReplyBlocked: boolean;
  readonly withheldFromPerson: boolean;
}

/**
 * 副本の照会 of one person, to be looked at beside the original: for a stated reason, on record with the person.
 * @source 001-III.6-R7-03; 002-III.6-R7-04
 */
export const showCopy = act('copies.show-person', {
  right: ['intermediate-server', 'copy', 'update'],
  subjectOf: ({ person }: ShowCopy) => person,
  async run(tx, deps: Deps, query: ShowCopy, actor): Promise<Result<CopyShown, 'not-staff' | 'no-copy'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const on = deps.civilClock.today().toString();
    const copy = await copyOn(tx, { ...query, on });
    const items = copy && (await readCopyOn(tx, deps, copy, on));
    if (!copy || !items) return err('no-copy');
    tx.record({
      event: 'copies.person-shown',
      subject: query.person,
      items: [query.informationCode],
      detail: { condition: query.condition, reason: query.reason },
    });
    const { validFrom, autoReplyBlocked, withheldFromPerson } = copy;
    return ok({ validFrom, items, autoReplyBlocked, withheldFromPerson });
  },
});
