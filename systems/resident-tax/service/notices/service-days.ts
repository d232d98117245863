import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import * as store from '../../store/service-days.ts';
import { nameOf, noticeRead, noticeUpdate } from '../assessment/functions.ts';

/** Which notices: one to a person, one to a payer for its people, or all of a run that went out together. */
export type NoticesServed =
  | { readonly documentId: string }
  | { readonly noticeId: string }
  | { readonly orderId: string };

export interface ServiceEntry {
  readonly of: NoticesServed;
  readonly servedOn: Temporal.PlainDate;
  /** 差出しの記録, 配達証明, 受領書: what the day rests on. */
  readonly evidence: string;
}

/**
 * 送達日の記録: the day on which a notice would arrive in the ordinary course of the mail, by the record of its dispatch, or on which it was
 * handed over. What came back is served by 再送達 or 公示送達, whose own day counts.
 * @law 地方税法 第20条第4項・第5項
 */
export const noteServiceDays = act('resident-tax.note-service-days', {
  right: noticeUpdate,
  async run(
    tx,
    deps: ActDeps,
    { of, servedOn, evidence }: ServiceEntry,
    actor,
  ): Promise<
    Result<
      { readonly noted: number },
      'no-such-notice' | 'evidence-missing' | 'served-before-issue' | 'served-in-future' | 'came-back'
    >
  > {
    const said = evidence.trim();
    if (said === '') return err('evidence-missing');
    const today = deps.civilClock.today();
    const day = servedOn.toString();
    if (day > today.toString()) return err('served-in-future');
    const notices = await store.noticesToServe(tx, of);
    if (notices.length === 0) return err('no-such-notice');
    if (notices.some(({ returned }) => returned)) return err('came-back');
    if (notices.some(({ issuedOn }) => day < issuedOn)) return err('served-before-issue');
    await store.insertServices(
      tx,
      notices.map(({ documentId, noticeId }) => ({ serviceId: deps.newId(), documentId, noticeId })),
      { servedOn: day, evidence: said, by: nameOf(actor), on: today, at: deps.machineClock.now() },
    );
    tx.record({
      event: 'notice.service-noted',
      ground: '地方税法 第20条第5項',
      subjects: [...new Set(notices.flatMap(({ persons }) => persons))],
      facts: ['resident_tax.notice_service'],
      detail: { notices: notices.length, served: day },
    });
    return ok({ noted: notices.length });
  },
});

/** One notice with the day of its service, for the page of the notice. */
export const readServiceDay = act('resident-tax.read-service-day', {
  right: noticeRead,
  async run(tx, _deps: ActDeps, of: { readonly documentId: string } | { readonly noticeId: string }) {
    const [notice] = await store.noticesToServe(tx, of);
    tx.record({ event: 'notice.service-read', subjects: notice?.persons ?? [] });
    return ok(notice);
  },
});
