import { requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import * as store from '../../store/submissions.ts';
import { assessmentUpdate, nameOf } from './functions.ts';

export const approvalKind = 'resident-tax.assessment-decision';

/** What the approval is about, whole: the digest over every assessment stands for all amounts. */
export const approvalPayload = (
  submissionId: string,
  fiscalYear: number,
  items: readonly store.SubmittedItem[],
): Readonly<Record<string, unknown>> => ({
  submissionId,
  fiscalYear,
  items: items.map(({ assessmentId, draftedBy, annualYen, inputDigest }) => ({
    assessmentId,
    draftedBy,
    annualYen,
    inputDigest,
  })),
});

export interface SubmitAssessments {
  readonly fiscalYear: number;
  /** null: every open draft of the year. */
  readonly assessmentIds: readonly string[] | null;
}

/** 決裁に回す: drafts go together to a second person. One draft stands in one open submission at most. */
export const submitAssessments = act('resident-tax.submit-assessments', {
  right: assessmentUpdate,
  async run(tx, deps: ActDeps, { fiscalYear, assessmentIds }: SubmitAssessments, actor) {
    await store.lockYear(tx, fiscalYear);
    const items = await store.openDrafts(tx, fiscalYear, assessmentIds);
    if (items.length === 0) return err('nothing-to-submit');
    if (assessmentIds !== null && items.length !== new Set(assessmentIds).size) return err('not-a-draft');
    const submissionId = deps.newId();
    const payload = approvalPayload(submissionId, fiscalYear, items);
    const approvalId = await requestApproval(tx, deps, {
      kind: approvalKind,
      subject: submissionId,
      payload,
      by: nameOf(actor),
    });
    await store.insertSubmission(tx, {
      submissionId,
      approvalId,
      fiscalYear,
      totalYen: items.reduce((sum, item) => sum + item.annualYen, 0),
      contentDigest: fingerprint(payload),
      submittedBy: nameOf(actor),
      submittedAt: deps.machineClock.now(),
      assessmentIds: items.map((item) => item.assessmentId),
    });
    tx.record({
      event: 'assessment.submitted',
      facts: ['resident_tax.submission', 'resident_tax.submission_item', 'approvals.request'],
      detail: { submission: submissionId, fiscalYear, count: items.length },
    });
    return ok({ submissionId, count: items.length });
  },
});

/** 取下げ: back to drafts without a decision, by a clerk; the way out where the approval's time ran out or a draft was replaced. */
export const withdrawSubmission = act('resident-tax.withdraw-submission', {
  right: assessmentUpdate,
  async run(tx, deps: ActDeps, command: { readonly submissionId: string; readonly reason: string }, actor) {
    if (command.reason.trim() === '') return err('no-reason');
    const [found] = await store.listSubmissions(tx, { submissionId: command.submissionId });
    if (!found) return err('no-such-submission');
    await store.lockYear(tx, found.fiscalYear);
    const [now] = await store.listSubmissions(tx, { submissionId: command.submissionId });
    if (now?.outcome != null) return err('already-ended');
    await store.insertEnd(tx, {
      submissionId: command.submissionId,
      outcome: 'withdrawn',
      reason: command.reason.trim(),
      endedBy: nameOf(actor),
      endedAt: deps.machineClock.now(),
    });
    tx.record({
      event: 'assessment.withdrawn',
      facts: ['resident_tax.submission_end'],
      detail: { submission: command.submissionId, count: found.itemCount },
    });
    return ok(undefined);
  },
});
