import { act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { type Addressee, addressees } from '../../store/assessment-sources.ts';
import { standingCharges } from '../../store/charges.ts';
import { noticeOfReduction } from '../../store/documents.ts';
import * as store from '../../store/reductions.ts';
import { supportIn } from './decide-reduction.ts';
import { type ReductionDeps, reductionRead } from './functions.ts';

/** 減免申請の一覧. Names persons. */
export const listReductions = act('resident-tax.list-reductions', {
  right: reductionRead,
  async run(tx, _deps: ReductionDeps, query: Parameters<typeof store.listApplications>[1]) {
    const rows = await store.listApplications(tx, query);
    tx.record({
      event: 'reduction.listed',
      subjects: rows.map((row) => row.personId),
      detail: { fiscalYear: query.fiscalYear, shown: rows.length },
    });
    return ok({ rows, total: rows[0]?.total ?? 0 });
  },
});

/** One application with its inquiries, drafts and the charges as they stand. */
export const readReduction = act('resident-tax.read-reduction', {
  right: reductionRead,
  async run(tx, _deps: ReductionDeps, { applicationId }: { readonly applicationId: string }) {
    const application = await store.findApplication(tx, applicationId);
    if (application === undefined) return err('no-such-application');
    const person = (await addressees(tx, [application.personId])).get(application.personId) as Addressee;
    const inquiries = await store.inquiriesOf(tx, applicationId);
    const drafts = await store.draftsOf(tx, { applicationId });
    const charges = (await standingCharges(tx, [application.personId]))
      .filter(({ fiscalYear }) => fiscalYear === application.fiscalYear)
      .toSorted((a, b) => Temporal.PlainDate.compare(a.dueOn, b.dueOn));
    const [draft] = drafts;
    const parts = draft === undefined ? [] : await store.partsOf(tx, draft.draftId);
    tx.record({
      event: 'reduction.read',
      subject: application.personId,
      items: ['地方税関係情報', ...inquiries.filter((i) => i.answerText !== null).map((i) => i.informationCode)],
      detail: { application: applicationId },
    });
    return ok({
      application,
      person,
      inquiries,
      support: supportIn(inquiries),
      drafts,
      charges,
      parts,
      documentId: draft === undefined ? undefined : await noticeOfReduction(tx, draft.draftId),
    });
  },
});

export type { ListedReduction, ReductionDraft, ReductionInquiry } from '../../store/reductions.ts';
