import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import { noticesOfPerson, takenOverLevies } from '../../store/person-file.ts';
import { assessmentRead, noticeRead } from '../assessment/functions.ts';

export type { NoticeOfPerson, TakenOverLevy } from '../../store/person-file.ts';

/** Levies of earlier years as an old ledger had them. */
export const listTakenOverLevies = act('resident-tax.list-taken-over-levies', {
  right: assessmentRead,
  async run(tx, _deps: ActDeps, { personId }: { readonly personId: string }) {
    const levies = await takenOverLevies(tx, personId);
    tx.record({
      event: 'assessment.listed',
      subject: personId,
      items: ['年税額'],
      detail: { takenOver: levies.length },
    });
    return ok(levies);
  },
});

/** Every notice that told of the person's tax, the newest first. */
export const listNoticesOfPerson = act('resident-tax.list-notices-of-person', {
  right: noticeRead,
  async run(tx, _deps: ActDeps, { personId }: { readonly personId: string }) {
    const notices = await noticesOfPerson(tx, personId);
    tx.record({ event: 'notice.listed', subject: personId, items: ['年税額'], detail: { shown: notices.length } });
    return ok(notices);
  },
});
