import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { chargedLevy } from '../../store/charges.ts';
import * as documents from '../../store/documents.ts';
import * as store from '../../store/reductions.ts';
import { makeNotice, type NoticeFault } from '../notices/make-notice.ts';
import type { NoticeDeps } from '../notices/notice-deps.ts';
import { reductionUpdate } from './functions.ts';

/**
 * 減免決定通知書: what was remitted, what is left to pay when, and a new slip for each due date that changed.
 * @law 地方税法 第323条, 第321条の2
 */
export const notifyReduction = act('resident-tax.notify-reduction', {
  right: reductionUpdate,
  async run(
    tx,
    deps: NoticeDeps,
    { draftId }: { readonly draftId: string },
  ): Promise<Result<{ readonly documentId: string }, NoticeFault['word'] | 'not-remitted' | 'already-notified'>> {
    const [draft] = await store.draftsOf(tx, { draftId });
    const file = draft === undefined ? undefined : await store.findApplication(tx, draft.applicationId);
    if (file === undefined || draft?.decided !== 'remitted') return err('not-remitted');
    const serial = await documents.lockSerials(tx, file.fiscalYear);
    if ((await documents.noticeOfReduction(tx, draftId)) !== undefined) return err('already-notified');
    const assessmentId = await chargedLevy(tx, file.personId, file.fiscalYear);
    if (assessmentId === undefined) return err('no-such-assessment');
    const made = await makeNotice(tx, deps, {
      assessmentId,
      serial: serial + 1,
      orderId: null,
      position: null,
      otherShapes: 'refuse',
      remission: { draftId, charges: new Set((await store.partsOf(tx, draftId)).map(({ chargeId }) => chargeId)) },
    });
    if (!made.ok) return err(made.error.word);
    tx.record({
      event: 'reduction.notified',
      ground: '地方税法 第323条',
      subject: made.value.personId,
      facts: [...made.value.facts],
      detail: { document: made.value.documentId, draft: draftId },
    });
    return ok({ documentId: made.value.documentId });
  },
});
