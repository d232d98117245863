import { decideApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError, ExecuteError } from '@musubi/kernel/access/approvals/domain.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type ReductionGroundId, reductionGrounds, type Support, supportOf } from '../../domain/reduction.ts';
import * as charges from '../../store/charges.ts';
import * as store from '../../store/reductions.ts';
import { decidedChannel } from '../assessment/decide.ts';
import { nameOf } from '../assessment/functions.ts';
import { writeRevisions, yearOf } from '../charges/charge-decided.ts';
import { type ReductionDeps, reductionApproval } from './functions.ts';
import { reductionApprovalKind, reductionPayload } from './propose.ts';

export interface DecideReduction {
  readonly draftId: string;
  readonly decision: 'approve' | 'return';
  /** Needed where it is returned. */
  readonly reason: string;
  /** Needed where it is approved although no answer supports the ground. */
  readonly overrideReason: string;
}
export type DecideReductionRefusal =
  | 'no-such-draft'
  | 'already-decided'
  | 'approver-is-drafter'
  | 'no-reason'
  | 'ground-not-confirmed'
  | 'charges-changed'
  | 'no-such-request'
  | DecideError
  | ExecuteError;

/** What the newest answer says of the ground; `nothing-known` where nobody was asked. */
export function supportIn(inquiries: readonly store.ReductionInquiry[]): Support {
  const answered = inquiries.find((one) => one.answerText !== null && one.refusal === null);
  if (answered === undefined) return 'nothing-known';
  const { result, items } = JSON.parse(answered.answerText ?? '{}') as {
    result: string;
    items: Readonly<Record<string, unknown>>;
  };
  return supportOf({ result, items });
}

/**
 * 減免決定 by a second person. A remission whose ground another body confirms waits for an answer that supports it; the approver may
 * decide otherwise with a reason, which stays with the decision (002 AC-16). What is remitted comes off the charges at once.
 *
 * @law 地方税法 第323条
 */
export const decideReduction = act('resident-tax.decide-reduction', {
  right: reductionApproval,
  async run(
    tx,
    deps: ReductionDeps,
    command: DecideReduction,
    actor,
  ): Promise<Result<{ readonly outcome: 'remitted' | 'refused' | 'returned' }, DecideReductionRefusal>> {
    const [known] = await store.draftsOf(tx, { draftId: command.draftId });
    if (known === undefined) return err('no-such-draft');
    await store.lockReduction(tx, known.applicationId);
    const [draft = known] = await store.draftsOf(tx, { draftId: command.draftId });
    if (draft.decided !== null) return err('already-decided');
    const file = await store.findApplication(tx, draft.applicationId);
    if (file === undefined) throw new Error('a draft without its application');
    const by = nameOf(actor);
    if (draft.draftedBy === by) return err('approver-is-drafter');
    const approve = command.decision === 'approve';
    if (!approve && command.reason.trim() === '') return err('no-reason');

    const { confirmedBy, law } = reductionGrounds[file.ground as ReductionGroundId];
    const support = supportIn(await store.inquiriesOf(tx, file.applicationId));
    const unconfirmed = approve && draft.outcome === 'remit' && confirmedBy === 'inquiry' && support !== 'supported';
    const override = command.overrideReason.trim();
    if (enforced('input.ground-confirmed') && unconfirmed && override === '') return err('ground-not-confirmed');

    const { approvalId, draftId } = draft;
    const parts = await store.partsOf(tx, draftId);
    const decided = await decideApproval(tx, deps, { approvalId, decision: approve ? 'approved' : 'rejected', by });
    if (!decided.ok) return decided;
    const facts = ['resident_tax.reduction_decision', 'approvals.decision'];
    if (approve) {
      const payload = reductionPayload({ ...draft, parts });
      const used = await useApproval(tx, deps, { approvalId, kind: reductionApprovalKind, payload, by });
      if (!used.ok) return used;
      facts.push('approvals.execution');
    }
    const outcome = !approve ? 'returned' : draft.outcome === 'remit' ? 'remitted' : 'refused';
    await store.insertDecision(tx, {
      draftId,
      draftedBy: draft.draftedBy,
      outcome,
      overrideReason: unconfirmed && override !== '' ? override : null,
      reason: approve ? null : command.reason.trim(),
      decidedBy: by,
      decidedOn: deps.civilClock.today(),
      decidedAt: deps.machineClock.now(),
    });
    if (outcome === 'remitted') {
      const lowered = await lowerCharges(
        tx,
        deps,
        { draftId, personId: file.personId, fiscalYear: file.fiscalYear },
        parts,
      );
      if (!lowered.ok) return lowered;
      facts.push(...lowered.value, 'resident_tax.reduction_charging');
    }
    tx.record({
      event: unconfirmed ? 'reduction.decided-by-override' : `reduction.${outcome}`,
      subject: file.personId,
      ground: law,
      facts,
      detail: { application: file.applicationId, draft: draftId, outcome, support },
    });
    return ok({ outcome });
  },
});

/** The charges without what was remitted, each as its next revision; a charge that changed since the draft stops it. */
async function lowerCharges(
  tx: Tx,
  deps: ReductionDeps,
  of: { readonly draftId: string; readonly personId: string; readonly fiscalYear: number },
  parts: readonly store.StoredPart[],
): Promise<Result<readonly string[], 'charges-changed'>> {
  await charges.lockCharges(tx);
  const standing = (await charges.standingCharges(tx, [of.personId])).filter((c) => c.fiscalYear === of.fiscalYear);
  const levy = await charges.chargedLevy(tx, of.personId, of.fiscalYear);
  const numbers = await charges.noticeNumbersOf(tx, [of.personId]);
  const rows: Omit<charges.NewRevision, 'slip'>[] = [];
  for (const part of parts) {
    const charge = standing.find(({ chargeId }) => chargeId === part.chargeId);
    if (levy === undefined || charge?.revision !== part.fromRevision) return err('charges-changed');
    const { items, dueOn, legalDueOn, method, instalment, revision, designationNumber } = charge;
    const [wardYen, metropolisYen] = [items.ward - part.ward, items.metropolis - part.metropolis];
    const forestYen = items.forest - part.forest;
    rows.push({
      chargeId: charge.chargeId,
      revision: revision + 1,
      personId: of.personId,
      fiscalYear: of.fiscalYear,
      method,
      instalment,
      assessmentId: levy,
      reason: 'change',
      dueOn: dueOn.toString(),
      legalDueOn: legalDueOn.toString(),
      wardYen,
      metropolisYen,
      forestYen,
      amountYen: wardYen + metropolisYen + forestYen,
      designationNumber,
    });
  }
  if (levy === undefined) return err('charges-changed');
  const facts = await writeRevisions(tx, deps, rows, new Map(numbers.map((n) => [yearOf(n), n.noticeNumber])));
  await store.insertReductionCharging(tx, { draftId: of.draftId, assessmentId: levy, at: deps.machineClock.now() });
  await tx`select pg_notify(${decidedChannel}, '')`;
  return ok(facts);
}
