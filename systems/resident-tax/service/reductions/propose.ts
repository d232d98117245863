import { requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { type ReductionGroundId, reductionGrounds, remit } from '../../domain/reduction.ts';
import { lockCharges, standingCharges } from '../../store/charges.ts';
import * as store from '../../store/reductions.ts';
import { nameOf } from '../assessment/functions.ts';
import { type ReductionDeps, reductionUpdate } from './functions.ts';

export const reductionApprovalKind = 'resident-tax.reduction';
/** What an approver decides on, as data: nothing of it can change between the draft and the decision. */
export const reductionPayload = (draft: {
  readonly draftId: string;
  readonly outcome: string;
  readonly tenths: number;
  readonly forestExempt: boolean;
  readonly parts: readonly store.StoredPart[];
}): object => ({
  draftId: draft.draftId,
  outcome: draft.outcome,
  tenths: draft.tenths,
  forestExempt: draft.forestExempt,
  parts: draft.parts
    .toSorted((a, b) => (a.chargeId < b.chargeId ? -1 : 1))
    .map((p) => [p.chargeId, p.fromRevision, p.ward, p.metropolis, p.forest]),
});

export interface ProposeReduction {
  readonly applicationId: string;
  readonly outcome: 'remit' | 'refuse';
  readonly tenths: number;
  readonly forestExempt: boolean;
  readonly reason: string;
}

/** 減免の起案: what of which charge is remitted, to the yen; a second person decides on exactly that. */
export const proposeReduction = act('resident-tax.propose-reduction', {
  right: reductionUpdate,
  async run(tx, deps: ReductionDeps, command: ProposeReduction, actor) {
    await store.lockReduction(tx, command.applicationId);
    const file = await store.findApplication(tx, command.applicationId);
    if (file === undefined) return err('no-such-application');
    if (command.reason.trim() === '') return err('no-reason');
    const [last] = await store.draftsOf(tx, { applicationId: file.applicationId });
    if (last !== undefined && last.decided !== 'returned')
      return err(last.decided === null ? 'awaits-approval' : 'already-decided');
    const ground = reductionGrounds[file.ground as ReductionGroundId];
    const allowed: readonly number[] = ground.tenths;
    const remission =
      command.outcome === 'remit'
        ? { tenths: command.tenths, forestExempt: command.forestExempt }
        : { tenths: 0, forestExempt: false };
    if (command.outcome === 'remit' && !allowed.includes(remission.tenths)) return err('no-such-rate');
    await lockCharges(tx);
    const charges = (await standingCharges(tx, [file.personId])).filter((c) => c.fiscalYear === file.fiscalYear);
    const appliedOn = Temporal.PlainDate.from(file.appliedOn);
    const parts = remit(charges, remission, appliedOn).map(({ charge, remitted }) => ({
      chargeId: charge.chargeId,
      fromRevision: charge.revision,
      ...remitted,
    }));
    if (command.outcome === 'remit' && parts.length === 0) return err('nothing-left-to-remit');
    const draftId = deps.newId();
    const draftedBy = nameOf(actor);
    const payload = reductionPayload({ draftId, outcome: command.outcome, ...remission, parts });
    const approvalId = await requestApproval(tx, deps, {
      kind: reductionApprovalKind,
      subject: draftId,
      payload,
      by: draftedBy,
      validHours: 24 * 30,
    });
    const forestExempt = remission.forestExempt && parts.some((part) => part.forest > 0);
    await store.insertDraft(
      tx,
      {
        draftId,
        applicationId: file.applicationId,
        approvalId,
        outcome: command.outcome,
        ...remission,
        forestMonth: remission.forestExempt ? appliedOn.with({ day: 1 }) : null,
        reason: command.reason.trim(),
        draftedBy,
        draftedAt: deps.machineClock.now(),
      },
      parts,
    );
    tx.record({
      event: 'reduction.proposed',
      subject: file.personId,
      ground: ground.law,
      facts: [
        'resident_tax.reduction_draft',
        'approvals.request',
        ...(parts.length > 0 ? ['resident_tax.reduction_part'] : []),
      ],
      detail: {
        application: file.applicationId,
        draft: draftId,
        outcome: command.outcome,
        charges: parts.length,
        forestExempt,
      },
    });
    return ok({ draftId });
  },
});
