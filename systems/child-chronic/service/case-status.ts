import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findApplicantNumber, findCase, proposals, registrations } from '../store/cases.ts';
import { inquiries } from '../store/inquiries.ts';
import { caseOfReceipt, findIntakeCheck, type IntakeCheck } from '../store/office.ts';

export type { IntakeCheck };

/** A step of a case with its day or moment; what has not happened yet is absent. */
export interface CaseStep {
  readonly step: 'received' | 'registered' | 'asked' | 'answered' | 'proposed' | 'returned' | 'decided';
  readonly at: string;
}

/**
 * 処理状況の回答: found by the number of the receipt, so that a question of the applicant is answered without searching for a name.
 * @source 001 V.1-S1-05
 */
export const caseStatus = act('child-chronic.case-status', {
  right: ['child-chronic', 'case', 'read'],
  async run(
    tx,
    _deps: Deps,
    { receiptNumber }: { receiptNumber: string },
  ): Promise<Result<{ caseId: string; caseNumber: string; steps: readonly CaseStep[] }, 'no-such-receipt'>> {
    const caseId = await caseOfReceipt(tx, receiptNumber);
    const file = caseId === undefined ? undefined : await findCase(tx, { caseId });
    if (caseId === undefined || !file) return err('no-such-receipt');
    const asked = await inquiries(tx, { caseId });
    const proposed = await proposals(tx, { caseId });
    const all: (CaseStep | undefined)[] = [
      { step: 'received', at: file.receivedAt },
      ...(await registrations(tx, caseId)).map((r) =>
        r.orgPersonNumber ? ({ step: 'registered', at: r.answeredAt } as const) : undefined,
      ),
      ...asked.flatMap((i) => [
        { step: 'asked', at: i.askedAt } as const,
        i.receivedAt && !i.refusal ? ({ step: 'answered', at: i.receivedAt } as const) : undefined,
      ]),
      ...proposed.flatMap((p) => [
        { step: 'proposed', at: p.proposedAt } as const,
        p.decidedAt ? ({ step: 'decided', at: p.decidedAt } as const) : undefined,
      ]),
    ];
    const steps = enforced('disclosure.case-status') ? all.filter((s) => s !== undefined) : [];
    tx.record({ event: 'case-status.told', subject: caseId, detail: { receipt: receiptNumber } });
    return ok({
      caseId,
      caseNumber: file.caseNumber,
      steps: [...steps].sort((a, b) => (a.at < b.at ? -1 : 1)),
    });
  },
});

/** How identity was checked when the case came in. */
export const readIntakeCheck = act('child-chronic.read-intake-check', {
  right: ['child-chronic', 'case', 'read'],
  async run(tx, _deps: Deps, { caseId }: { caseId: string }): Promise<Result<IntakeCheck | undefined, never>> {
    const found = await findIntakeCheck(tx, caseId);
    tx.record({ event: 'intake-check.read', subject: caseId });
    return ok(found);
  },
});

/** 個人番号の表示: one recorded act for one person, with the reason; nobody without the right gets it. */
export const revealNumber = act('child-chronic.reveal-number', {
  right: ['child-chronic', 'individual-number', 'read'],
  async run(
    tx,
    deps: Deps,
    { caseId, reason }: { caseId: string; reason: string },
    actor,
  ): Promise<Result<{ digits: string; eventId: string }, 'no-such-case' | 'reason-missing' | 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (reason.trim() === '') return err('reason-missing');
    const ref = await findApplicantNumber(tx, caseId);
    if (!ref) return err('no-such-case');
    const number = await deps.vault.reveal(tx, ref, 'show-applicant-number');
    tx.record({
      event: 'number.shown',
      subject: caseId,
      items: ['個人番号'],
      ground: '番号利用法 第9条第1項',
      detail: { reason: reason.trim().slice(0, 100) },
    });
    return ok({ digits: number.digits(), eventId: tx.eventId });
  },
});
