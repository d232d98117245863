import { decideApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError, ExecuteError } from '@musubi/kernel/access/approvals/domain.ts';
import { type ActDeps, type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type Addressee, addressees } from '../../store/assessment-sources.ts';
import { getAssessments, type StoredAssessment } from '../../store/assessments.ts';
import * as store from '../../store/submissions.ts';
import { approvalRead, approvalUpdate, nameOf } from './functions.ts';
import { approvalKind, approvalPayload } from './submit.ts';

export interface DecideSubmission {
  readonly submissionId: string;
  readonly decision: 'approve' | 'return';
  /** Needed where it is returned. */
  readonly reason: string;
}
export type DecideRefusal =
  | 'no-such-submission'
  | 'approver-is-drafter'
  | 'superseded-meanwhile'
  | 'no-reason'
  | 'no-such-request'
  | DecideError
  | ExecuteError;

/** Wakes the loop that lodges copies of what was decided. */
export const decidedChannel = 'resident_tax_decided';

/**
 * 賦課決定 or 差戻し of a submission by a second person: neither who drafted any of it nor who submitted it. Of two at once the
 * first wins; what is decided is exactly what was submitted.
 * @law 地方税法 第319条の2, 第321条の4
 */
export const decideSubmission = act('resident-tax.decide-submission', {
  right: approvalUpdate,
  run: (tx, deps: ActDeps, command: DecideSubmission, actor): Promise<Result<Decided, DecideRefusal>> =>
    decide(tx, deps, command, actor),
});

export interface Decided {
  readonly outcome: 'decided' | 'returned';
  readonly count: number;
}

async function decide(
  tx: Tx,
  deps: ActDeps,
  { submissionId, decision, reason }: DecideSubmission,
  actor: Actor,
): Promise<Result<Decided, DecideRefusal>> {
  const [known] = await store.listSubmissions(tx, { submissionId });
  if (!known) return err('no-such-submission');
  await store.lockYear(tx, known.fiscalYear);
  // Read again behind the lock: another may have ended it while this one waited.
  const found = (await store.listSubmissions(tx, { submissionId }))[0] ?? known;
  if (found.outcome !== null) return err('already-decided');
  const by = nameOf(actor);
  const items = await store.itemsOf(tx, submissionId);
  const approve = decision === 'approve';
  if (!approve && reason.trim() === '') return err('no-reason');
  // The approval below holds the submitter back; who drafted any of it is held back here, and by the schema.
  if (items.some((item) => item.draftedBy === by)) return err('approver-is-drafter');
  const { approvalId } = found;
  const decided = await decideApproval(tx, deps, { approvalId, decision: approve ? 'approved' : 'rejected', by });
  if (!decided.ok) return decided;
  if (approve) {
    if (items.some((item) => item.superseded)) return err('superseded-meanwhile');
    const payload = approvalPayload(submissionId, found.fiscalYear, items);
    const used = await useApproval(tx, deps, { approvalId, kind: approvalKind, payload, by });
    if (!used.ok) return used;
    await store.insertDecisions(tx, {
      submissionId,
      decidedBy: by,
      decidedOn: deps.civilClock.today(),
      decidedAt: deps.machineClock.now(),
      items,
    });
    await tx`select pg_notify(${decidedChannel}, '')`;
  }
  await store.insertEnd(tx, {
    submissionId,
    outcome: approve ? 'decided' : 'returned',
    reason: approve ? null : reason.trim(),
    endedBy: by,
    endedAt: deps.machineClock.now(),
  });
  tx.record({
    event: approve ? 'assessment.decided' : 'assessment.returned',
    ground: '地方税法 第319条の2, 第321条の4',
    subjects: items.map((item) => item.personId),
    facts: [
      'resident_tax.submission_end',
      'approvals.decision',
      ...(approve ? ['resident_tax.assessment_decision', 'approvals.execution'] : []),
    ],
    detail: { submission: submissionId, fiscalYear: found.fiscalYear, count: items.length },
  });
  return ok({ outcome: approve ? 'decided' : 'returned', count: items.length });
}

/** Open submissions and the last ones that ended; counts and sums only. */
export const lookAtSubmissions = look('resident-tax.look-at-submissions', {
  right: approvalRead,
  run: (tx, _deps: ActDeps, query: { readonly open: boolean }) => store.listSubmissions(tx, query),
});

export interface SubmissionSheet {
  readonly submission: store.Submission;
  readonly figures: readonly store.SubmissionFigures[];
  readonly drafters: readonly string[];
  /** The items that differ most from the decision before. */
  readonly sample: readonly (StoredAssessment & { readonly person: Addressee | undefined })[];
}

/** The sheet an approver decides on. Names persons, so it is an act. */
export const readSubmission = act('resident-tax.read-submission', {
  right: approvalRead,
  async run(tx, _deps: ActDeps, { submissionId }: { readonly submissionId: string }) {
    const [submission] = await store.listSubmissions(tx, { submissionId });
    if (!submission) return err('no-such-submission');
    const items = await store.itemsOf(tx, submissionId);
    const sampleIds = await store.sampleOf(tx, submissionId, 20);
    const sample = await getAssessments(tx, sampleIds);
    const persons = await addressees(
      tx,
      sample.map((item) => item.personId),
    );
    tx.record({
      event: 'submission.read',
      subjects: sample.map((item) => item.personId),
      items: ['地方税関係情報'],
      detail: { submission: submissionId },
    });
    const sheet: SubmissionSheet = {
      submission,
      figures: await store.figuresOf(tx, submissionId),
      drafters: [...new Set(items.map((item) => item.draftedBy))].sort(),
      sample: sample
        .map((item) => ({ ...item, person: persons.get(item.personId) }))
        .sort((a, b) => sampleIds.indexOf(a.assessmentId) - sampleIds.indexOf(b.assessmentId)),
    };
    return ok(sheet);
  },
});
